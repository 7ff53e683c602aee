//! Where a picture stands, try by try.

use hydra_events::StreamName;
use hydra_events::vocabulary::terms::Made;
use serde::{Deserialize, Serialize};

/// Where a picture stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Status {
    /// Nobody has asked for it.
    #[default]
    Absent,
    /// It is being drawn.
    Rendering {
        /// The quality try.
        quality_try: u32,
    },
    /// Its render is parked: those who want it were told that it will not come.
    Parked {
        /// The quality try whose render is parked.
        quality_try: u32,
        /// Why.
        reason: String,
    },
    /// It waits for its review.
    InReview(Drawn),
    /// The review was against it.
    Rejected(Drawn),
    /// The review was for it.
    Approved(Drawn),
    /// The gate was against its brief.
    Refused {
        /// The quality try that was not drawn.
        quality_try: u32,
        /// What the gate found.
        reason: String,
    },
    /// Nobody wants it any more.
    Cancelled {
        /// The last quality try.
        quality_try: u32,
    },
}

/// A drawn picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drawn {
    /// The quality try.
    pub quality_try: u32,
    /// What was made.
    pub made: Made,
    /// The seed.
    pub seed: u64,
}

impl Status {
    /// The last quality try that was drawn or is being drawn.
    pub fn last_try(&self) -> u32 {
        match self {
            Self::Absent => 0,
            Self::Rendering { quality_try }
            | Self::Parked { quality_try, .. }
            | Self::Refused { quality_try, .. }
            | Self::Cancelled { quality_try } => *quality_try,
            Self::InReview(drawn) | Self::Rejected(drawn) | Self::Approved(drawn) => drawn.quality_try,
        }
    }

    pub(super) fn drawn(&self) -> Option<&Drawn> {
        match self {
            Self::InReview(drawn) | Self::Rejected(drawn) | Self::Approved(drawn) => Some(drawn),
            Self::Absent
            | Self::Rendering { .. }
            | Self::Parked { .. }
            | Self::Refused { .. }
            | Self::Cancelled { .. } => None,
        }
    }

    /// Whether a render that is reopened now begins a new round of tries, rather than going on with the present one
    /// after a rejection (of which `requesters` know nothing) or after it was parked.
    pub(super) fn starts_round(&self, requesters: &[StreamName]) -> bool {
        match self {
            Self::Parked { .. } => false,
            Self::Rejected(_) => !requesters.is_empty(),
            Self::Absent
            | Self::Rendering { .. }
            | Self::InReview(_)
            | Self::Approved(_)
            | Self::Refused { .. }
            | Self::Cancelled { .. } => true,
        }
    }

    /// For people.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Absent => "nobody has asked for it",
            Self::Rendering { .. } => "it is being drawn",
            Self::Parked { .. } => "its render is parked",
            Self::InReview(_) => "it is in review",
            Self::Rejected(_) => "it was rejected",
            Self::Approved(_) => "it is approved",
            Self::Refused { .. } => "its brief was refused",
            Self::Cancelled { .. } => "nobody wants it any more",
        }
    }
}
