//! A characters file to begin with: default profiles of a script's characters, with comments on what each key means.

use std::collections::BTreeSet;

use super::{Profile, Voice, default_profile, name_key};

const HEAD: &str = "\
# The characters of this script. Every key is optional; what is left out is chosen for you.
#
#   aliases    other names the script uses for the same person
#   looks      what pictures show: lasting traits, clothing, colours as \"#rrggbb\" (in quotes)
#   style      how pictures of the person are lit and felt
#   outfits    further clothing by name, for orders and scenes that name it
#   voice      voice_id is the engine's name of a voice, such as af_bella
#              speed is a factor (1.0 is normal, 0.25 to 4.0)
#              pitch_shift and pitch are in percent (10 is 10 % higher, -50 to 100)
#              emotion_mapping: values of an emotion replace the voice's own. The ten emotions:
#              neutral happy sad angry afraid surprised tender tired determined amused
#   references images to stay close to. Each needs source, licence and consent:
#                references:
#                  face_ref:
#                    file: faces/keeper.png      # relative to this file
#                    source: drawn by the author
#                    licence: CC0-1.0
#                    consent: fictional          # or: not a person
#              An image of a real person needs their recorded consent:
#                    consent: {subject: real_person, given_by: name, date: 2025-01-31, scope: portraits in this story}
#
# Characters are fictional; an image of a real person without a recorded consent is refused.
";

/// A commented characters file for (id, name) pairs, which [`super::parse`] reads back.
///
/// A name that comes twice is written once; names the reader would refuse are left as comments.
#[must_use]
pub fn write_yaml(names: &[(String, String)]) -> String {
    let mut yaml = format!("{HEAD}characters:");
    let mut seen = BTreeSet::new();
    let mut entries = String::new();
    for (id, name) in names {
        let profile = default_profile(id, name.trim());
        if profile.check().is_err() || seen.len() >= super::CHARACTERS_MAX {
            push(&mut entries, 2, &format!("# not written: {}", quoted(name)));
        } else if seen.insert(name_key(name)) {
            entry(&mut entries, &profile);
        }
    }
    yaml.push_str(if seen.is_empty() { " {}\n" } else { "\n" });
    yaml + &entries
}

fn entry(yaml: &mut String, profile: &Profile) {
    push(yaml, 2, &format!("{}:", quoted(&profile.name)));
    push(yaml, 4, "aliases: []");
    push(yaml, 4, "looks:");
    push(yaml, 6, "traits:");
    for text in &profile.looks.traits {
        push(yaml, 8, &format!("- {}", quoted(text)));
    }
    push(yaml, 6, &format!("clothing: {}", quoted(&profile.looks.clothing)));
    let palette: Vec<String> = profile.looks.palette.iter().map(|colour| quoted(colour)).collect();
    push(yaml, 6, &format!("palette: [{}]", palette.join(", ")));
    push(yaml, 4, "style:");
    push(yaml, 6, &format!("lighting: {}", quoted(&profile.style.lighting)));
    push(yaml, 6, &format!("mood: {}", quoted(&profile.style.mood)));
    push(yaml, 4, "outfits: {}");
    voice(yaml, &profile.voice);
}

fn voice(yaml: &mut String, voice: &Voice) {
    push(yaml, 4, "voice:");
    push(yaml, 6, "# voice_id: af_bella");
    push(yaml, 6, &format!("speed: {}", decimal(voice.speed)));
    push(yaml, 6, &format!("pitch_shift: {}", voice.pitch_shift));
    push(yaml, 6, "emotion_mapping:");
    for (emotion, change) in &voice.emotion_mapping {
        let speed = change.speed.map(|speed| format!("speed: {}", decimal(speed)));
        let pitch = change.pitch.map(|pitch| format!("pitch: {pitch}"));
        let parts: Vec<String> = speed.into_iter().chain(pitch).collect();
        push(yaml, 8, &format!("{emotion}: {{{}}}", parts.join(", ")));
    }
}

fn push(yaml: &mut String, indent: usize, line: &str) {
    yaml.extend(std::iter::repeat_n(' ', indent));
    yaml.push_str(line);
    yaml.push('\n');
}

/// A number that keeps its point, `1.0` rather than `1`.
fn decimal(value: f64) -> String {
    format!("{value:?}")
}

/// A double-quoted YAML scalar.
fn quoted(text: &str) -> String {
    let mut yaml = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => yaml.extend(['\\', c]),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                yaml.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => yaml.push(c),
        }
    }
    yaml.push('"');
    yaml
}
