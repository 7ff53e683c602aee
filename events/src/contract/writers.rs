//! 64 writers at once, in one process or in two.

use std::sync::Arc;

use super::sample::{append, append_anyhow, small, stream};
use crate::log::EventLog;

/// How many there are.
pub const WRITERS: usize = 64;

const APPENDS_EACH: usize = 16;

/// How many events all of them together append.
pub const EVENTS: usize = WRITERS * APPENDS_EACH * 3 / 2;

/// Appends as one of the writers, to a stream of its own and to one it shares with others.
pub async fn write<L: EventLog + ?Sized>(log: Arc<L>, writer: usize) {
    let (own, shared) = (stream(&format!("own{writer}")), stream(&format!("shared{}", writer % 8)));
    for (number, version) in (0..APPENDS_EACH).zip(0..) {
        let command = format!("{writer} {number}");
        match number % 2 {
            0 => log.append(append(&own, version, &command, &["1", "2"])).await.unwrap(),
            _ => append_anyhow(log.as_ref(), small(&shared, version, &command)).await,
        };
    }
}
