//! Copies of deliveries that were set aside, for people to see. The truth about them is in the log's
//! database.

use hydra_events::StreamName;
use hydra_events::log::Parked;
use hydra_events::record::Position;
use serde::{Deserialize, Serialize};

use crate::bus::BusError;
use crate::work::check_name;

/// How many letters a bus keeps: the newest.
pub const LETTERS_MAX: usize = 1_000;

/// Longest reason in a letter, in bytes; what is longer is cut.
pub const REASON_BYTES_MAX: usize = 2_000;

/// An actor could not hand an event on to a stream, and set it aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// The actor.
    pub actor: String,
    /// The stream the event belongs to.
    pub source: StreamName,
    /// The stream that should have been told.
    pub target: StreamName,
    /// The event.
    pub position: Position,
    /// Why it was set aside.
    pub reason: String,
}

impl DeadLetter {
    /// The letter about what `actor` parked.
    pub fn new(actor: &str, parked: &Parked) -> Self {
        let (source, target) = (parked.source.clone(), parked.target.clone());
        let reason = parked.reason[..parked.reason.floor_char_boundary(REASON_BYTES_MAX)].to_owned();
        Self { actor: actor.to_owned(), source, target, position: parked.position, reason }
    }

    /// Refuses an actor that would break a subject, and a reason without end.
    pub fn check(&self) -> Result<(), BusError> {
        check_name("actor", &self.actor)?;
        match self.reason.len() {
            0..=REASON_BYTES_MAX => Ok(()),
            size => Err(BusError::Refused(format!(
                "reason of {size} bytes: at most {REASON_BYTES_MAX} are taken"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let stream: StreamName = "image-x".parse().unwrap();
        let reason = "é".repeat(REASON_BYTES_MAX) + "x";
        let parked = Parked { source: stream.clone(), target: stream, position: 1, reason };
        let letter = DeadLetter::new("artist", &parked);
        assert_eq!(letter.reason, "é".repeat(REASON_BYTES_MAX / 2));
        assert!(letter.check().is_ok());
    }
}
