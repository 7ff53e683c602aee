//! The samples several tests share.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test uses what it needs")]

use hydra_events::vocabulary::terms::{Made, ShownKind, Shows};
use hydra_events::{ContentHash, StreamName};

pub fn name(text: &str) -> StreamName {
    text.parse().unwrap()
}

pub fn hash(text: &str) -> ContentHash {
    ContentHash::of(text.as_bytes())
}

pub fn made(text: &str) -> Made {
    Made {
        blob: hash(text),
        media_type: "image/png".into(),
        engine: "studio".into(),
        engine_version: "1".into(),
        request: hash("request"),
        response: hash(text),
        duration_ms: 5,
    }
}

pub fn shows() -> Shows {
    let (subject, outfit, expression) = ("keeper".into(), "coat".into(), "happy".into());
    Shows { subject, kind: ShownKind::Bust, outfit, expression, candidate: 1 }
}
