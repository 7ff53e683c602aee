//! Old payloads made new: pure functions from one schema version to the next, chained.
//!
//! A changed payload gets a new version, an upcaster here and a file of old payloads under `events/corpus/`.
//! The log itself keeps what was written; only what is read is lifted.

use std::borrow::Cow;

use serde_json::Value;

use crate::record::EventType;
use crate::wire::{self, Vocabulary, WireError};

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

/// The typed value of what was recorded as `kind`, at whatever schema version: the one way old payloads are read.
///
/// # Errors
/// [`WireError::Unknown`] where the name is not one of `V`, or its version is newer than this program.
pub fn read<V: Vocabulary>(kind: &EventType, payload: &[u8]) -> Result<V, WireError> {
    let (kind, payload) = newest(kind, payload)?;
    wire::decode(&kind, &payload)
}

/// `payload` at the newest schema version this program knows.
///
/// # Errors
/// When a step leads on and the payload is no JSON.
pub fn newest<'a>(kind: &EventType, payload: &'a [u8]) -> Result<(EventType, Cow<'a, [u8]>), WireError> {
    lift(STEPS, kind, payload)
}

/// Lifts `payload` along `steps` as far as they lead. Without a step for `kind` nothing is parsed or copied.
///
/// # Errors
/// When a step leads on and the payload is no JSON.
pub fn lift<'a>(
    steps: &[Upcaster],
    kind: &EventType,
    payload: &'a [u8],
) -> Result<(EventType, Cow<'a, [u8]>), WireError> {
    let step_for =
        |kind: &EventType| steps.iter().find(|step| step.is_for(kind) && step.from == kind.version());
    let Some(first) = step_for(kind) else { return Ok((kind.clone(), Cow::Borrowed(payload))) };
    let unreadable = |source| WireError::Payload { kind: kind.clone(), source };
    let mut value: Value = serde_json::from_slice(payload).map_err(unreadable)?;
    let (mut lifted, mut next) = (kind.clone(), Some(first));
    while let Some(upcaster) = next {
        value = (upcaster.step)(value);
        lifted = EventType::new(lifted.category(), lifted.name(), lifted.version() + 1);
        next = step_for(&lifted);
    }
    Ok((lifted, Cow::Owned(serde_json::to_vec(&value).map_err(unreadable)?)))
}

impl Upcaster {
    /// Whether it is a step of this event or command, from whatever version.
    pub fn is_for(&self, kind: &EventType) -> bool {
        self.name.split_once('.') == Some((kind.category(), kind.name()))
    }
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
        let payload = payload.to_string();
        let (kind, payload) = lift(CHAIN, &name.parse().unwrap(), payload.as_bytes()).unwrap();
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

    #[test]
    fn what_has_no_step_is_not_copied_and_what_has_one_must_be_json() {
        let untouched = lift(CHAIN, &"image.other.v1".parse().unwrap(), b"{").unwrap();
        assert!(matches!(untouched.1, Cow::Borrowed(b"{")));
        let error = lift(CHAIN, &"image.image_moved.v1".parse().unwrap(), b"{").unwrap_err();
        assert!(error.to_string().contains("image.image_moved.v1"), "{error}");
    }

    #[test]
    fn a_name_or_version_nobody_knows_is_said_to_be_unknown() {
        use crate::vocabulary::policy::PolicyCommand;
        for kind in ["policy.set_policy.v9", "policy.praise_policy.v1"] {
            let error = read::<PolicyCommand>(&kind.parse().unwrap(), b"{}").unwrap_err();
            assert!(matches!(error, WireError::Unknown(_)), "{kind}: {error}");
        }
    }

    #[test]
    fn a_wrong_word_in_a_payload_is_named_with_those_that_fit() {
        use crate::vocabulary::approval::ApprovalCommand;
        let (kind, by) = ("approval.answer_approval.v1".parse().unwrap(), json!({"person": {"name": "Ada"}}));
        let payload = json!({"verdict": "approved", "by": by, "note": ""}).to_string();
        let error = read::<ApprovalCommand>(&kind, payload.as_bytes()).unwrap_err();
        assert!(matches!(error, WireError::Word { .. }), "{error}");
        assert!(
            error.to_string().contains("unknown variant `approved`, expected `approve` or `reject`"),
            "{error}"
        );
    }
}
