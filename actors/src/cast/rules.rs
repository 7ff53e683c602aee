//! What a value of a profile must keep to. The reader applies these rules one by one, so that each
//! problem has its place; [`profile`] applies them all.

use super::emotion::{EMOTIONS, is_emotion};
use super::matching::suggest;
use super::profile::{Consent, Profile, Reference, Voice};
use crate::gate::{self, Refusal};

pub(crate) const NAME_CHARS_MAX: usize = 100;
pub(crate) const TEXT_CHARS_MAX: usize = 500;
pub(crate) const ALIASES_MAX: usize = 10;
pub(crate) const TRAITS_MAX: usize = 20;
pub(crate) const PALETTE_MAX: usize = 8;
pub(crate) const ENTRIES_MAX: usize = 30;
const PATH_CHARS_MAX: usize = 255;

/// A rule that a profile breaks.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ProfileProblem {
    /// A text without content.
    #[error("{0} is empty")]
    Empty(String),
    /// A text with more characters than fit.
    #[error("{what} has {chars} characters, at most {max} are allowed")]
    TooLong {
        /// Which text.
        what: String,
        /// How long it is.
        chars: usize,
        /// How long it may be.
        max: usize,
    },
    /// A list with more entries than fit.
    #[error("{what} has {count} entries, at most {max} are allowed")]
    TooMany {
        /// Which list.
        what: String,
        /// How many entries it has.
        count: usize,
        /// How many it may have.
        max: usize,
    },
    /// A control character inside a text.
    #[error("{0} holds a control character")]
    ControlCharacter(String),
    /// The content gate refuses a text.
    #[error("{what}: {refusal}")]
    Denied {
        /// Which text.
        what: String,
        /// The gate's answer.
        refusal: Refusal,
    },
    /// No `#rrggbb`.
    #[error("`{0}` is no colour, write six hexadecimal digits like \"#1b2a49\", in quotes")]
    NotAColour(String),
    /// A speaking rate out of range.
    #[error("speed {0} is out of range, it is a factor between 0.25 and 4.0 (1.0 is normal)")]
    SpeedOutOfRange(f64),
    /// A pitch out of range.
    #[error("pitch {0} is out of range, it is in percent between -50 and 100 (0 is normal)")]
    PitchOutOfRange(i64),
    /// A voice name with characters no engine uses.
    #[error("`{0}` is no voice id, it is letters, digits and `_ - . + ( )`, such as af_bella")]
    NotAVoiceId(String),
    /// None of the ten emotions.
    #[error("unknown emotion `{emotion}`{hint}; known are {}", EMOTIONS.join(", "))]
    UnknownEmotion {
        /// What was written.
        emotion: String,
        /// A guess at what was meant, or nothing.
        hint: String,
    },
    /// A path that could leave the folder of the characters file.
    #[error("`{0}` leaves the folder of the characters file, write a relative path with `/` and no `..`")]
    LeavesFolder(String),
    /// A real person's image without the record of their consent.
    #[error(
        "a reference of a real person needs a recorded consent: given_by, date and scope ({0} is missing)"
    )]
    RealPersonWithoutConsent(&'static str),
    /// No calendar day.
    #[error("`{0}` is no date, write it as YYYY-MM-DD")]
    NotADate(String),
}

/// All rules over a whole profile; the first broken one is returned.
pub(super) fn profile(profile: &Profile) -> Result<(), ProfileProblem> {
    count("aliases", profile.aliases.len(), ALIASES_MAX)?;
    for known in profile.names() {
        name("name", known)?;
    }
    looks(profile)?;
    for reference in profile.references.all() {
        check_reference(reference)?;
    }
    voice(&profile.voice)
}

fn looks(profile: &Profile) -> Result<(), ProfileProblem> {
    count("traits", profile.looks.traits.len(), TRAITS_MAX)?;
    count("palette", profile.looks.palette.len(), PALETTE_MAX)?;
    count("outfits", profile.outfits.len(), ENTRIES_MAX)?;
    count("outfit_refs", profile.references.outfit_refs.len(), ENTRIES_MAX)?;
    count("pose_refs", profile.references.pose_refs.len(), ENTRIES_MAX)?;
    let traits = profile.looks.traits.iter().map(|text| ("trait", text));
    let outfits = profile.outfits.values().map(|text| ("outfit", text));
    for (what, described) in traits.chain(outfits) {
        text(what, described, TEXT_CHARS_MAX)?;
    }
    let optional = [
        ("clothing", &profile.looks.clothing),
        ("lighting", &profile.style.lighting),
        ("mood", &profile.style.mood),
    ];
    for (what, described) in optional {
        if !described.is_empty() {
            text(what, described, TEXT_CHARS_MAX)?;
        }
    }
    profile.outfits.keys().try_for_each(|key| name("outfit", key))?;
    profile.looks.palette.iter().try_for_each(|value| colour(value))
}

fn check_reference(reference: &Reference) -> Result<(), ProfileProblem> {
    path(&reference.file)?;
    text("source", &reference.source, TEXT_CHARS_MAX)?;
    text("licence", &reference.licence, TEXT_CHARS_MAX)?;
    consent(&reference.consent)
}

fn voice(voice: &Voice) -> Result<(), ProfileProblem> {
    voice.voice_id.iter().try_for_each(|id| voice_id(id))?;
    speed(voice.speed)?;
    pitch(i64::from(voice.pitch_shift))?;
    for (name, change) in &voice.emotion_mapping {
        emotion(name)?;
        change.speed.iter().try_for_each(|value| speed(*value))?;
        change.pitch.iter().try_for_each(|value| pitch(i64::from(*value)))?;
    }
    Ok(())
}

/// A text of 1 to `max` characters without control characters, which the gate lets pass.
pub(crate) fn text(what: &str, value: &str, max: usize) -> Result<(), ProfileProblem> {
    let chars = value.chars().count();
    if value.trim().is_empty() {
        return Err(ProfileProblem::Empty(what.to_owned()));
    }
    if chars > max {
        return Err(ProfileProblem::TooLong { what: what.to_owned(), chars, max });
    }
    if value.chars().any(|c| c.is_control() && c != '\n') {
        return Err(ProfileProblem::ControlCharacter(what.to_owned()));
    }
    gate::check(value).map_err(|refusal| ProfileProblem::Denied { what: what.to_owned(), refusal })
}

/// A name: a short text on one line.
pub(crate) fn name(what: &str, value: &str) -> Result<(), ProfileProblem> {
    if value.contains('\n') {
        return Err(ProfileProblem::ControlCharacter(what.to_owned()));
    }
    if !value.chars().any(char::is_alphanumeric) {
        return Err(ProfileProblem::Empty(what.to_owned()));
    }
    text(what, value, NAME_CHARS_MAX)
}

pub(crate) fn count(what: &str, count: usize, max: usize) -> Result<(), ProfileProblem> {
    if count > max {
        return Err(ProfileProblem::TooMany { what: what.to_owned(), count, max });
    }
    Ok(())
}

pub(super) fn colour(value: &str) -> Result<(), ProfileProblem> {
    let digits = value.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(ProfileProblem::NotAColour(value.to_owned()))
}

pub(super) fn speed(value: f64) -> Result<(), ProfileProblem> {
    if (0.25..=4.0).contains(&value) { Ok(()) } else { Err(ProfileProblem::SpeedOutOfRange(value)) }
}

pub(super) fn pitch(value: i64) -> Result<(), ProfileProblem> {
    if (-50..=100).contains(&value) { Ok(()) } else { Err(ProfileProblem::PitchOutOfRange(value)) }
}

pub(super) fn voice_id(value: &str) -> Result<(), ProfileProblem> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-.+()".contains(c);
    if (1..=NAME_CHARS_MAX).contains(&value.len()) && value.chars().all(fits) {
        return Ok(());
    }
    Err(ProfileProblem::NotAVoiceId(value.to_owned()))
}

pub(crate) fn emotion(value: &str) -> Result<(), ProfileProblem> {
    if is_emotion(value) {
        return Ok(());
    }
    let hint = suggest(value, EMOTIONS).map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
    Err(ProfileProblem::UnknownEmotion { emotion: value.to_owned(), hint })
}

/// A path inside the folder: relative, forward slashes, no `.` or `..` steps, no drive.
pub(super) fn path(value: &str) -> Result<(), ProfileProblem> {
    let steps_inside = value.split('/').all(|step| !matches!(step, "" | "." | ".."));
    let plain = value.chars().all(|c| !c.is_control() && !matches!(c, '\\' | ':'));
    if steps_inside && plain && value.chars().count() <= PATH_CHARS_MAX {
        return Ok(());
    }
    Err(ProfileProblem::LeavesFolder(value.to_owned()))
}

pub(super) fn consent(value: &Consent) -> Result<(), ProfileProblem> {
    let Consent::RealPerson { given_by, date, scope } = value else {
        return Ok(());
    };
    for (what, record) in [("given_by", given_by), ("date", date), ("scope", scope)] {
        if record.trim().is_empty() {
            return Err(ProfileProblem::RealPersonWithoutConsent(what));
        }
    }
    if is_date(date) { Ok(()) } else { Err(ProfileProblem::NotADate(date.clone())) }
}

fn is_date(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    let [year, month, day] = parts[..] else {
        return false;
    };
    let all_digits = parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    if !all_digits || (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return false;
    }
    let (Ok(year), Ok(month), Ok(day)) = (year.parse::<u32>(), month.parse::<u32>(), day.parse::<u32>())
    else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=last).contains(&day)
}
