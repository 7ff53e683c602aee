//! Questions and replies between processes, as MessagePack with named fields.

use hydra_bus::BusError;
use hydra_events::log::LogError;
use hydra_events::{ContentHash, Id, StreamName};
use serde::{Deserialize, Serialize};

use super::{Claim, Claimed, Place, Presence, Slots};
use crate::aggregate::{Rejection, WireCommand};
use crate::host::{Envelope, HostError};

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Question {
    Claim {
        stream: StreamName,
        claim: Claim,
    },
    Tell {
        stream: StreamName,
        command: WireCommand,
        envelope: Box<Envelope>,
    },
    Attend {
        stream: StreamName,
    },
    /// `code` says what the worker was built from: work orders are understood by the same code only.
    Join {
        place: Place,
        slots: Slots,
        code: String,
    },
    Beat {
        place: Place,
        at: Vec<Id>,
    },
    Leave {
        place: Place,
    },
    /// Whether the content store there has it.
    Sees {
        blob: ContentHash,
    },
}

/// What is replied.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    Done,
    Claimed(Box<Claimed>),
    Presence(Presence),
    Sees(bool),
    /// The domain says no.
    Rejected(Rejection),
    /// It failed, and may succeed later.
    Away(String),
    /// It failed, and will again.
    Failed(String),
}

impl From<HostError> for Reply {
    fn from(error: HostError) -> Self {
        if let HostError::Rejected(rejection) = error {
            return Self::Rejected(rejection);
        }
        let reason = error.to_string();
        if error.may_pass() || was_taken_over(&error) { Self::Away(reason) } else { Self::Failed(reason) }
    }
}

impl Reply {
    /// What it says, to whoever waits for `wanted`.
    pub(super) fn read<T>(self, wanted: impl FnOnce(Self) -> Option<T>) -> Result<T, HostError> {
        match self {
            Self::Rejected(rejection) => Err(HostError::Rejected(rejection)),
            Self::Away(reason) => Err(away(reason)),
            Self::Failed(reason) => Err(HostError::Elsewhere(reason)),
            Self::Done | Self::Claimed(_) | Self::Presence(_) | Self::Sees(_) => wanted(self)
                .ok_or_else(|| HostError::Elsewhere("the answer belongs to another question".to_owned())),
        }
    }
}

/// Whether another process writes the log now: that one is there to be asked.
fn was_taken_over(error: &HostError) -> bool {
    matches!(error, HostError::Log(LogError::Open(_)))
}

/// Whoever decides cannot do it now.
pub(super) fn away(reason: String) -> HostError {
    HostError::Away(BusError::unavailable(reason))
}

pub(super) fn pack<T: Serialize>(value: &T) -> Result<Vec<u8>, HostError> {
    rmp_serde::to_vec_named(value).map_err(|error| HostError::Elsewhere(error.to_string()))
}

pub(super) fn unpack<'a, T: Deserialize<'a>>(packed: &'a [u8]) -> Result<T, HostError> {
    rmp_serde::from_slice(packed).map_err(|error| {
        HostError::Elsewhere(format!("the other process speaks otherwise, is it another hydra? ({error})"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_lost_the_log_is_away_and_refuses_nothing() {
        let lost = HostError::Log(LogError::Open("another has taken over the log".to_owned()));
        assert!(matches!(Reply::from(lost), Reply::Away(_)));
    }
}
