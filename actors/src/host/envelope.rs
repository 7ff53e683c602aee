//! The circumstances of a command on its way to a stream; time and policy are added when it is decided.

use std::sync::atomic::{AtomicU64, Ordering};

use hydra_events::record::{OutcomeOf, Recorded, Taker, Visibility};
use hydra_events::{Clock, Id};
use serde::{Deserialize, Serialize};

use crate::aggregate;

/// Where a command comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// A person or a program: an id that was used for another command is refused.
    Outside,
    /// Hydra itself: the first command with an id wins.
    Inside,
}

/// Identities and ownership of a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// Where it comes from.
    pub origin: Origin,
    /// The command's id.
    pub command_id: Id,
    /// The command everything began with.
    pub correlation_id: Id,
    /// What led to it.
    pub causation_id: Id,
    /// Who asks.
    pub principal: String,
    /// Whose data it is.
    pub owner: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// W3C `traceparent`.
    pub trace: Option<String>,
    /// The attempt it reports on.
    pub outcome: Option<OutcomeOf>,
    /// Who goes on with what is owed after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Taker>,
}

static ORDINAL: AtomicU64 = AtomicU64::new(0);

/// An id nobody has used: from the time, this process and a counter.
pub fn fresh_id(clock: &dyn Clock, instance: &str) -> Id {
    let ordinal = ORDINAL.fetch_add(1, Ordering::Relaxed);
    Id::derive("fresh", &[instance.as_bytes(), &clock.now().0.to_le_bytes(), &ordinal.to_le_bytes()])
}

impl Envelope {
    /// A command from outside with its own `id`.
    pub fn from_outside(id: Id, principal: &str) -> Self {
        Self {
            origin: Origin::Outside,
            command_id: id,
            correlation_id: id,
            causation_id: id,
            principal: principal.to_owned(),
            owner: principal.to_owned(),
            visibility: Visibility::default(),
            trace: None,
            outcome: None,
            next: None,
        }
    }

    /// A command Hydra gives itself, for no event in particular.
    pub fn from_inside(id: Id) -> Self {
        Self { origin: Origin::Inside, ..Self::from_outside(id, "hydra") }
    }

    /// A command that follows from `event`.
    pub fn reaction_to(event: &Recorded, id: Id) -> Self {
        Self {
            origin: Origin::Inside,
            command_id: id,
            correlation_id: event.correlation_id,
            causation_id: event.id,
            principal: event.principal.as_ref().to_owned(),
            owner: event.owner.as_ref().to_owned(),
            visibility: event.visibility,
            trace: event.trace.clone(),
            outcome: None,
            next: None,
        }
    }

    /// A command about an effect that `opened` opened or attempted.
    pub fn about_effect(opened: &aggregate::Origin, id: Id, outcome: Option<OutcomeOf>) -> Self {
        Self {
            origin: Origin::Inside,
            command_id: id,
            correlation_id: opened.correlation,
            causation_id: opened.event,
            principal: opened.principal.clone(),
            owner: opened.owner.clone(),
            visibility: opened.visibility,
            trace: opened.trace.clone(),
            outcome,
            next: None,
        }
    }
}
