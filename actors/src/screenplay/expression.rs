//! How someone looks while speaking, read from parentheticals by a listed vocabulary.
//!
//! A parenthetical is read in parts, cut at commas and semicolons. A part that has a word of
//! [`VOCABULARY`] is an expression, `(a long beat)` is a pause, everything else stays a direction.
//! A part that denies something (`not angry`) or is longer than [`PART_WORDS_MAX`] words is no
//! expression, nor is one that begins like a place or an address (`to her sad brother`).

use serde::{Deserialize, Serialize};

/// The expressions a portrait can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expression {
    /// Calm, and what nobody said otherwise.
    #[default]
    Neutral,
    /// Glad, hopeful, proud.
    Happy,
    /// Sad, hurt, disappointed.
    Sad,
    /// Angry, annoyed, shouting.
    Angry,
    /// Afraid, worried, nervous.
    Afraid,
    /// Surprised, confused.
    Surprised,
    /// Gentle, loving, shy.
    Tender,
    /// Tired, resigned, out of breath.
    Tired,
    /// Serious, firm, urgent.
    Determined,
    /// Amused, ironic, teasing.
    Amused,
}

/// What each expression is called in parentheticals. `*` stands for any ending; several words
/// must follow each other. Of all that match, the one with most words wins, then the first.
#[rustfmt::skip]
pub const VOCABULARY: [(Expression, &[&str]); 10] = [
    (Expression::Neutral, &[
        "neutral*", "calm*", "evenly", "flat", "flatly", "deadpan", "blank", "blankly", "casual*", "composed",
        "expressionless*", "matter of fact*", "indifferent*", "straight faced",
    ]),
    (Expression::Happy, &[
        "happy", "happi*", "joy*", "cheer*", "glad*", "delight*", "smil*", "beam*", "excit*", "elat*", "thrill*",
        "pleased", "pleasantly", "bright", "brightly", "overjoyed", "ecstatic*", "proud*", "reliev*", "hopeful*",
        "enthusias*", "radiant*", "grin*", "content", "contentedly", "welcoming*",
    ]),
    (Expression::Sad, &[
        "sad", "sadly", "sadder", "sadness", "unhapp*", "sorrow*", "tears", "tearful*", "teary", "cry", "cries",
        "crying", "weep*", "sob*", "mourn*", "griev*", "melanchol*", "gloom*", "heartbroken", "miserabl*",
        "wistful*", "deject*", "regret*", "disappoint*", "hurt", "lonely", "crestfallen", "choked up",
        "on the verge of tears", "close to tears", "apologetic*",
    ]),
    (Expression::Angry, &[
        "angr*", "anger", "furious*", "fury", "raging", "enraged", "mad", "shout*", "yell*", "irritat*", "annoy*",
        "snaps", "snapping", "outrag*", "hostil*", "bitter*", "seeth*", "glar*", "fuming", "growl*", "indignant*",
        "exasperat*", "sharp", "sharply", "scowl*", "snarl*", "frustrat*", "coldly", "through gritted teeth",
        "gritting his teeth", "gritting her teeth", "hiss*", "accusing*",
    ]),
    (Expression::Afraid, &[
        "afraid", "fearful*", "scared", "frighten*", "terrif*", "panic*", "nervous*", "anxious*", "worri*",
        "trembl*", "horrif*", "alarm*", "uneas*", "timid*", "shaking", "shaky", "shakily", "hesita*", "stammer*",
        "desperat*", "apprehens*", "concerned", "in fear", "in panic", "scream*", "whimper*",
    ]),
    (Expression::Surprised, &[
        "surpris*", "shock*", "astonish*", "amaz*", "startl*", "stunn*", "disbeliev*", "in disbelief",
        "incredulous*", "gasp*", "taken aback", "wide eyed", "bewilder*", "confus*", "puzzl*", "baffl*", "in awe",
    ]),
    (Expression::Tender, &[
        "tender*", "gentle", "gently", "soft", "softly", "warm", "warmly", "loving*", "affection*", "fond", "fondly",
        "kind", "kindly", "caring*", "sympathetic*", "soothing*", "comforting*", "shy", "shyly", "blush*",
        "earnest*", "grateful*", "reassuring*",
    ]),
    (Expression::Tired, &[
        "tired*", "weary", "wearily", "exhaust*", "sleepy", "sleepily", "yawn*", "fatigue*", "drows*", "sigh*",
        "groggy", "groggily", "worn out", "out of breath", "breathless*", "panting", "resigned*", "bored",
        "weak", "weakly", "half asleep",
    ]),
    (Expression::Determined, &[
        "determin*", "resolute*", "resolved", "firm", "firmly", "stern*", "serious*", "steely", "grim", "grimly",
        "confident*", "defian*", "urgent*", "insist*", "commanding*", "decisive*", "bold", "boldly", "brave*",
        "intense", "intensely", "focused", "steeling himself", "steeling herself",
    ]),
    (Expression::Amused, &[
        "amus*", "laugh*", "chuckl*", "giggl*", "smirk*", "teas*", "playful*", "jok*", "sarcas*", "wry", "wryly",
        "ironic*", "mocking*", "mischiev*", "sly", "slyly", "dry", "dryly", "sardonic*", "snicker*", "wink*",
        "tongue in cheek",
    ]),
];

/// The longest part of a parenthetical that is looked up.
pub const PART_WORDS_MAX: usize = 5;

/// First words of directions that say where or to whom, not how.
const PLACES: &str = "to into on in off at re from over with under as about";
/// Manners and doings that no portrait shows; they are directions without a remark.
const MANNERS: &str = "whisper* quiet quietly loud loudly louder aside continu* contd cont'd subtitled sotto mutter* \
     mumbl* murmur* reading reads singing sings calling calls slowly quickly nod*";
const DENIALS: &str = "not no never without hardly isn't";
const PAUSES: &str = "beat pause pauses pausing silence then";
const PAUSE_ADJECTIVES: &str = "a an long longer short brief another slight awkward";

/// What one part of a parenthetical means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Expression(Expression),
    Pause,
    /// A direction of a usual kind.
    Direction,
    /// A direction of which nothing is known.
    Unknown,
}

/// The parts of a parenthetical (without its parentheses and emphasis) and what they mean.
pub(super) fn read(parenthetical: &str) -> Vec<(String, Meaning)> {
    let parts = parenthetical.split([',', ';']).map(super::words).filter(|part| !part.is_empty());
    parts.map(|part| (part.clone(), meaning(&part))).collect()
}

/// Every expression and pause, for messages.
pub(super) fn known() -> String {
    format!("{} and their like, beat, pause", crate::cast::EMOTIONS.join(", "))
}

fn meaning(part: &str) -> Meaning {
    let lower = part.to_lowercase().replace('’', "'");
    let words: Vec<&str> = lower
        .split(|letter: char| !letter.is_alphanumeric() && letter != '\'')
        .filter(|word| !word.is_empty())
        .collect();
    if is_pause(&words) {
        return Meaning::Pause;
    }
    let expression = if is_plain_statement(&words) { find(&words) } else { None };
    let is_place = words.first().is_some_and(|first| is_listed(PLACES, first));
    let is_manner = || words.iter().any(|word| is_listed(MANNERS, word));
    match expression {
        Some((expression, length)) if length > 1 || !is_place => Meaning::Expression(expression),
        Some(_) | None if is_place || is_manner() => Meaning::Direction,
        Some(_) | None => Meaning::Unknown,
    }
}

fn is_pause(words: &[&str]) -> bool {
    let all_fit = words.iter().all(|word| is_listed(PAUSES, word) || is_listed(PAUSE_ADJECTIVES, word));
    all_fit && words.iter().any(|word| is_listed(PAUSES, word))
}

fn is_plain_statement(words: &[&str]) -> bool {
    words.len() <= PART_WORDS_MAX && !words.iter().any(|word| is_listed(DENIALS, word))
}

/// The best match and its number of words.
fn find(words: &[&str]) -> Option<(Expression, usize)> {
    let mut best: Option<(Expression, usize)> = None;
    for start in 0..words.len() {
        for (expression, pattern) in patterns() {
            let length = matched(pattern, &words[start..]);
            if length > best.map_or(0, |(_, length)| length) {
                best = Some((expression, length));
            }
        }
    }
    best
}

fn patterns() -> impl Iterator<Item = (Expression, &'static str)> {
    VOCABULARY
        .iter()
        .flat_map(|(expression, patterns)| patterns.iter().map(|pattern| (*expression, *pattern)))
}

/// How many words a pattern matches at the beginning; 0 when it does not.
fn matched(pattern: &str, words: &[&str]) -> usize {
    let mut length = 0;
    for wanted in pattern.split(' ') {
        match words.get(length) {
            Some(word) if matches_word(wanted, word) => length += 1,
            Some(_) | None => return 0,
        }
    }
    length
}

fn is_listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|pattern| matches_word(pattern, word))
}

fn matches_word(pattern: &str, word: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(stem) => word.starts_with(stem),
        None => word == pattern,
    }
}
