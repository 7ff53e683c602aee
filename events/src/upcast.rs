//! Old payloads made new: pure functions from one schema version to the next, chained.
//!
//! A changed payload gets a new version, an upcaster here and a file of old payloads under `events/corpus/`.
//! The log itself keeps what was written; only what is read is lifted.

use serde_json::Value;

use crate::record::EventType;

/// One step from a schema version to the next.
#[derive(Clone, Copy, Debug)]
pub struct Upcaster {
    /// Category and name, such as `image.image_rendered`.
    pub name: &'static str,
    /// The version it reads; it writes the one after.
    pub from: u16,
    /// The step. It gets whatever was recorded and may not fail.
    pub step: fn(Value) -> Value,
}

/// Every step this program knows.
pub const STEPS: &[Upcaster] = &[];

/// Lifts `payload` along `steps` as far as they lead. Without a step for `kind` nothing is parsed or copied.
pub fn lift(
    steps: &[Upcaster],
    kind: EventType,
    payload: Vec<u8>,
) -> Result<(EventType, Vec<u8>), serde_json::Error> {
    let step_for = |kind: &EventType| {
        let fits = |s: &&Upcaster| {
            s.from == kind.version() && s.name.split_once('.') == Some((kind.category(), kind.name()))
        };
        steps.iter().find(fits)
    };
    let Some(first) = step_for(&kind) else { return Ok((kind, payload)) };
    let mut value: Value = serde_json::from_slice(&payload)?;
    let (mut kind, mut next) = (kind, Some(first));
    while let Some(upcaster) = next {
        value = (upcaster.step)(value);
        kind = EventType::new(kind.category(), kind.name(), kind.version() + 1);
        next = step_for(&kind);
    }
    Ok((kind, serde_json::to_vec(&value)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const CHAIN: &[Upcaster] = &[
        Upcaster { name: "image.image_moved", from: 2, step: |v| json!({"place": v["at"], "by": "unknown"}) },
        Upcaster { name: "image.image_moved", from: 1, step: |v| json!({"at": v["x"]}) },
    ];

    fn lifted(name: &str, payload: Value) -> (String, Value) {
        let (kind, payload) = lift(CHAIN, name.parse().unwrap(), payload.to_string().into_bytes()).unwrap();
        (kind.as_str().to_owned(), serde_json::from_slice(&payload).unwrap())
    }

    #[test]
    fn steps_are_chained_from_the_version_that_was_recorded() {
        let newest = json!({"place": 7, "by": "unknown"});
        assert_eq!(
            lifted("image.image_moved.v1", json!({"x": 7})),
            ("image.image_moved.v3".into(), newest.clone())
        );
        assert_eq!(lifted("image.image_moved.v2", json!({"at": 7})), ("image.image_moved.v3".into(), newest));
    }

    #[test]
    fn what_has_no_step_stays_as_it_is() {
        for name in ["image.image_moved.v3", "image.other.v1", "line.image_moved.v1"] {
            assert_eq!(lifted(name, json!({"x": 1})), (name.to_owned(), json!({"x": 1})));
        }
    }
}
