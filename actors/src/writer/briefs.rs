//! The briefs of a scene's pictures, in words: everything that shapes a picture comes from who or what it shows.
//!
//! A picture belongs to its chapter and not to one scene, so nothing of the scene's action is in a brief: the same
//! person with the same face, or the same place at the same time, is one picture wherever it is seen.

use hydra_events::vocabulary::terms::{Brief, ShownKind, Shows};

use super::spec::SceneSpec;
use crate::director::plan::CastMember;
use crate::screenplay::{Expression, Interior, TimeOfDay, slug};

/// Width and height of a background, in pixels.
pub const BACKGROUND_SIZE: (u32, u32) = (1280, 720);
/// Width and height of a bust, in pixels.
pub const BUST_SIZE: (u32, u32) = (560, 720);
/// The outfit of a character for whom none is named: what the profile calls its clothing.
pub const EVERYDAY: &str = "everyday";

/// The picture of a scene's place at its time of day; none when nobody says where it plays.
pub fn background(spec: &SceneSpec) -> Option<Brief> {
    if spec.place.trim().is_empty() {
        return None;
    }
    let (time, lighting, mood) = of_time(spec.time_of_day);
    let (side, seen) = of_interior(spec.interior);
    let place = spec.place.to_lowercase();
    let prompt = [
        "visual novel background",
        &format!("{seen}{place}"),
        time,
        lighting,
        &format!("{mood} mood"),
        "wide view",
        "nobody in it",
    ];
    let (width, height) = BACKGROUND_SIZE;
    let shows = Shows {
        subject: slug(&spec.place),
        kind: ShownKind::Background,
        outfit: time_word(spec.time_of_day).to_owned(),
        expression: String::new(),
        candidate: 1,
    };
    Some(Brief {
        shows,
        prompt: sentence(&prompt),
        traits: Vec::new(),
        clothing: String::new(),
        palette: Vec::new(),
        lighting: lighting.to_owned(),
        mood: mood.to_owned(),
        interior: side.to_owned(),
        references: Vec::new(),
        width,
        height,
    })
}

/// The bust of a character with an expression, in everyday clothes.
pub fn bust(member: &CastMember, expression: Expression) -> Brief {
    let profile = &member.profile;
    let clothing = profile.clothing_in(EVERYDAY).to_owned();
    let (lighting, mood) = (profile.style.lighting.clone(), profile.style.mood.clone());
    let worn = if clothing.is_empty() { String::new() } else { format!("wearing {clothing}") };
    let felt = if mood.is_empty() { String::new() } else { format!("{mood} mood") };
    let who = format!("visual novel sprite of {}", profile.name);
    let face = face(expression);
    let traits = profile.looks.traits.join(", ");
    let prompt = [
        &who,
        "head and shoulders, facing the viewer",
        &traits,
        &worn,
        face,
        &lighting,
        &felt,
        "plain background",
    ];
    let (width, height) = BUST_SIZE;
    let shows = Shows {
        subject: member.id.clone(),
        kind: ShownKind::Bust,
        outfit: EVERYDAY.to_owned(),
        expression: word(expression).to_owned(),
        candidate: 1,
    };
    Brief {
        shows,
        prompt: sentence(&prompt),
        traits: profile.looks.traits.clone(),
        clothing,
        palette: profile.looks.palette.clone(),
        lighting,
        mood,
        interior: String::new(),
        references: member.portrait_references(EVERYDAY),
        width,
        height,
    }
}

/// The one word for an expression, as files, voices and portraits have it.
pub fn word(expression: Expression) -> &'static str {
    match expression {
        Expression::Neutral => "neutral",
        Expression::Happy => "happy",
        Expression::Sad => "sad",
        Expression::Angry => "angry",
        Expression::Afraid => "afraid",
        Expression::Surprised => "surprised",
        Expression::Tender => "tender",
        Expression::Tired => "tired",
        Expression::Determined => "determined",
        Expression::Amused => "amused",
    }
}

fn face(expression: Expression) -> &'static str {
    match expression {
        Expression::Neutral => "calm neutral expression",
        Expression::Happy => "happy expression, a warm smile",
        Expression::Sad => "sad expression, lowered eyes",
        Expression::Angry => "angry expression, drawn brows",
        Expression::Afraid => "frightened expression, wide eyes",
        Expression::Surprised => "surprised expression, raised brows, open mouth",
        Expression::Tender => "tender expression, soft eyes",
        Expression::Tired => "tired expression, heavy eyelids",
        Expression::Determined => "determined expression, firm jaw",
        Expression::Amused => "amused expression, half a smile",
    }
}

fn time_word(time: TimeOfDay) -> &'static str {
    match time {
        TimeOfDay::Day => "day",
        TimeOfDay::Night => "night",
        TimeOfDay::Dawn => "dawn",
        TimeOfDay::Dusk => "dusk",
        TimeOfDay::Unspecified => "",
    }
}

/// When, how lit, and in which mood.
fn of_time(time: TimeOfDay) -> (&'static str, &'static str, &'static str) {
    match time {
        TimeOfDay::Day => ("by day", "clear daylight", "open"),
        TimeOfDay::Night => ("at night", "dim light and deep shadows", "quiet"),
        TimeOfDay::Dawn => ("at dawn", "first pale light", "hushed"),
        TimeOfDay::Dusk => ("at dusk", "low golden light", "wistful"),
        TimeOfDay::Unspecified => ("", "even light", "calm"),
    }
}

/// The word for the brief, and how the prompt says it.
fn of_interior(interior: Interior) -> (&'static str, &'static str) {
    match interior {
        Interior::Interior => ("interior", "interior of "),
        Interior::Exterior => ("exterior", "exterior of "),
        Interior::Both => ("both", "inside and outside of "),
        Interior::Unspecified => ("", ""),
    }
}

fn sentence(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(", ")
}
