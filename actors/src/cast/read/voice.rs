//! Voices: which one, how fast, how high, and what an emotion changes.

use std::collections::BTreeMap;

use super::super::document::Node;
use super::super::reader::Reader;
use super::super::rules;
use super::super::{EMOTIONS, EmotionVoice, Voice};

pub(super) fn voice(reader: &mut Reader, node: &Node) -> Voice {
    let fields = reader.fields(node, "voice", &["voice_id", "speed", "pitch_shift", "emotion_mapping"]);
    let mut voice = Voice::default();
    if let Some(node) = fields.get("voice_id") {
        voice.voice_id = voice_id(reader, node);
    }
    if let Some(node) = fields.get("speed") {
        voice.speed = speed(reader, node).unwrap_or(voice.speed);
    }
    if let Some(node) = fields.get("pitch_shift") {
        voice.pitch_shift = pitch(reader, node, "pitch_shift").unwrap_or_default();
    }
    if let Some(node) = fields.get("emotion_mapping") {
        voice.emotion_mapping = emotions(reader, node);
    }
    voice
}

fn voice_id(reader: &mut Reader, node: &Node) -> Option<String> {
    let id = reader.text(node, "voice_id")?;
    reader.holds(node.place, rules::voice_id(&id)).then_some(id)
}

fn speed(reader: &mut Reader, node: &Node) -> Option<f64> {
    let value = reader.number(node, "speed", "a number such as 1.1")?;
    reader.holds(node.place, rules::speed(value)).then_some(value)
}

fn pitch(reader: &mut Reader, node: &Node, what: &str) -> Option<i32> {
    let value: i64 = reader.number(node, what, "a whole number of percent such as +10")?;
    reader.holds(node.place, rules::pitch(value)).then_some(value).and_then(|value| i32::try_from(value).ok())
}

fn emotions(reader: &mut Reader, node: &Node) -> BTreeMap<String, EmotionVoice> {
    let mut emotions = BTreeMap::new();
    for entry in reader.entries(node, "emotion_mapping", EMOTIONS.len()) {
        if !reader.holds(entry.place, rules::emotion(&entry.key)) {
            continue;
        }
        let fields = reader.fields(&entry.node, &format!("the emotion {}", entry.key), &["speed", "pitch"]);
        let change = EmotionVoice {
            speed: fields.get("speed").and_then(|node| speed(reader, node)),
            pitch: fields.get("pitch").and_then(|node| pitch(reader, node, "pitch")),
        };
        emotions.insert(entry.key.clone(), change);
    }
    emotions
}
