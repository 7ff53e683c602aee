//! An event for machines, as one object, and for people, as one line.

use hydra_events::record::{Codec, Recorded};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// The longest text of a field in a line, and the longest list of fields, in characters.
const FIELD_CHARS_MAX: usize = 48;
const FIELDS_CHARS_MAX: usize = 140;

/// An event for machines.
#[derive(Serialize)]
pub struct Machine<'a> {
    position: u64,
    stream: &'a str,
    version: u64,
    #[serde(rename = "type")]
    kind: &'a str,
    id: String,
    command_id: String,
    correlation_id: String,
    causation_id: String,
    time: String,
    actor: &'a str,
    principal: &'a str,
    data: Data<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
}

/// A payload: as it was recorded, or what can be said of one that is not JSON.
#[derive(Serialize)]
#[serde(untagged)]
enum Data<'a> {
    Json(&'a RawValue),
    Other { codec: Codec, bytes: usize },
}

/// `event` for machines.
pub fn machine(event: &Recorded) -> Machine<'_> {
    let mark = event.effect.as_ref();
    Machine {
        position: event.position,
        stream: event.stream.as_str(),
        version: event.version,
        kind: event.kind.as_str(),
        id: event.id.to_string(),
        command_id: event.command_id.to_string(),
        correlation_id: event.correlation_id.to_string(),
        causation_id: event.causation_id.to_string(),
        time: event.time.to_string(),
        actor: &event.actor,
        principal: &event.principal,
        data: data(event),
        effect: mark.map(|mark| mark.effect.as_str()),
        role: mark.map(|mark| mark.role.as_str()),
        attempt: mark.map(|mark| mark.attempt),
    }
}

/// `event` for people: place, time, stream, what happened, and the fields that fit on a line.
pub fn line(event: &Recorded) -> String {
    let time = event.time.to_string();
    let until_milliseconds = time.get(..23).unwrap_or(&time);
    format!("{:>7}  {until_milliseconds}  {}", event.position, what(event))
}

/// What happened, where, with the fields that fit on a line.
pub fn what(event: &Recorded) -> String {
    let mark = event.effect.as_ref().map(|mark| {
        let attempt = if mark.attempt > 0 { format!(" #{}", mark.attempt) } else { String::new() };
        format!(" [{} {}{attempt}]", mark.role.as_str(), mark.effect)
    });
    let fields = fields(event);
    let gap = if fields.is_empty() { "" } else { "  " };
    format!("{}  {}{}{gap}{fields}", event.stream, event.kind.name(), mark.unwrap_or_default())
}

fn data(event: &Recorded) -> Data<'_> {
    let bytes = event.payload.len();
    match event.codec {
        Codec::Json => serde_json::from_slice(&event.payload)
            .map_or(Data::Other { codec: event.codec, bytes }, Data::Json),
        Codec::MessagePack => Data::Other { codec: event.codec, bytes },
    }
}

fn fields(event: &Recorded) -> String {
    let Ok(Value::Object(fields)) = serde_json::from_slice(&event.payload) else { return String::new() };
    // The mark says these already.
    let said = |name: &str| event.effect.is_some() && matches!(name, "effect" | "attempt");
    let shown = |(name, value): (&String, &Value)| field(value).map(|value| format!("{name}={value}"));
    let all: Vec<String> = fields.iter().filter(|(name, _)| !said(name)).filter_map(shown).collect();
    cut(&all.join(" "), FIELDS_CHARS_MAX)
}

/// A value where it is short: of a list its length, of a hash its beginning, nothing of what is nested.
fn field(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Object(_) => None,
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        Value::Array(values) => Some(format!("[{}]", values.len())),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) if is_hash(text) => text.get(..8).map(|beginning| format!("{beginning}…")),
        Value::String(text) if text.contains(char::is_whitespace) => {
            Some(format!("{:?}", cut(text, FIELD_CHARS_MAX)))
        }
        Value::String(text) => Some(cut(text, FIELD_CHARS_MAX)),
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
