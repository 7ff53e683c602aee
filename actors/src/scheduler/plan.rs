//! A plan: something to be done at certain times. It listens to nobody; it owes one wake-up, at its next time.
//!
//! The calendar is computed outside: by whoever adds the plan, then by its performer. What can go wrong: the time
//! zone is unknown, and then the wake-up is parked.

pub mod cron;

use hydra_events::Timestamp;
use hydra_events::vocabulary::plan::{PlanCommand, PlanEvent, PlannedAction};
use serde::{Deserialize, Serialize};

use crate::decider::{Decider, Given, Life, Need, Owed};
use cron::CronProblem;

/// The longest name of a time zone, in bytes.
const TIMEZONE_LENGTH_MAX: usize = 64;

/// The entity.
pub struct Plan;

/// What a plan remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanState {
    /// Where it stands.
    pub status: Status,
    /// What it does and when; absent with the plan itself.
    pub terms: Option<Terms>,
    /// How many times it has ever been scheduled.
    pub scheduled: u64,
}

/// What a plan does and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// Five fields: minute, hour, day of month, month, day of week.
    pub cron: String,
    /// IANA time zone.
    pub timezone: String,
    /// What to do.
    pub action: PlannedAction,
}

/// Where a plan stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Status {
    /// Nobody has made it.
    #[default]
    Absent,
    /// It fires at this time.
    Scheduled {
        /// When.
        due: Timestamp,
    },
    /// There is no time ahead.
    Resting,
    /// It fires no more.
    Removed,
}

/// What a plan owes: to fire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fire {
    /// Five fields: minute, hour, day of month, month, day of week.
    pub cron: String,
    /// IANA time zone.
    pub timezone: String,
    /// When.
    pub due: Timestamp,
}

/// Why a plan says no.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PlanRejection {
    /// The times cannot be read.
    #[error(transparent)]
    Cron(#[from] CronProblem),
    /// The time zone cannot be one.
    #[error("{0:?} is no time zone: an IANA name is, such as Europe/Berlin")]
    TimeZone(String),
    /// A plan is not changed in place.
    #[error("this plan is already there, for {cron:?} in {timezone}: remove it first")]
    Exists {
        /// Its times.
        cron: String,
        /// Its time zone.
        timezone: String,
    },
    /// There is no plan.
    #[error("there is no such plan")]
    Unknown,
    /// The time is not the one that is scheduled.
    #[error("{asked} is not when this plan fires: {actual}")]
    OtherTime {
        /// The time that was said to have come.
        asked: Timestamp,
        /// What is so instead.
        actual: String,
    },
    /// Time goes forward.
    #[error("the time after {due} cannot be {next}")]
    NotLater {
        /// The time that has come.
        due: Timestamp,
        /// The time said to come after it.
        next: Timestamp,
    },
}

impl Decider for Plan {
    const CATEGORY: &'static str = "plan";
    const ACTOR: &'static str = "scheduler";
    const OUTCOMES: &'static [&'static str] = &["fire_plan"];
    const LIFE: Life = Life::Endless;

    type Command = PlanCommand;
    type Event = PlanEvent;
    type Rejection = PlanRejection;
    type Effect = Fire;
    type State = PlanState;

    fn decide(
        state: &PlanState,
        command: PlanCommand,
        _: Given<'_>,
    ) -> Result<Vec<PlanEvent>, PlanRejection> {
        match command {
            PlanCommand::AddPlan { cron, timezone, action, next } => {
                state.add(Terms { cron, timezone, action }, next)
            }
            PlanCommand::FirePlan { due, next } => state.fire(due, next),
            PlanCommand::RemovePlan {} => state.remove(),
        }
    }

    fn evolve(state: &mut PlanState, event: &PlanEvent) {
        match event {
            PlanEvent::PlanAdded { cron, timezone, action } => {
                let (cron, timezone, action) = (cron.clone(), timezone.clone(), action.clone());
                state.terms = Some(Terms { cron, timezone, action });
                state.status = Status::Resting;
            }
            PlanEvent::PlanScheduled { due } => {
                state.scheduled += 1;
                state.status = Status::Scheduled { due: *due };
            }
            PlanEvent::PlanFired { .. } => state.status = Status::Resting,
            PlanEvent::PlanRemoved {} => state.status = Status::Removed,
        }
    }

    /// The ordinal in the key tells a plan that was removed and added again for the same time from its predecessor.
    fn owed(state: &PlanState) -> Vec<Owed<Fire>> {
        let (Status::Scheduled { due }, Some(terms)) = (&state.status, &state.terms) else {
            return Vec::new();
        };
        let Terms { cron, timezone, .. } = terms.clone();
        let key = format!("fire-{}-{}", state.scheduled, due.0);
        vec![Owed { key, need: Need::Timer(*due), effect: Fire { cron, timezone, due: *due } }]
    }
}

impl PlanState {
    fn add(&self, terms: Terms, next: Timestamp) -> Result<Vec<PlanEvent>, PlanRejection> {
        let scheduled = PlanEvent::PlanScheduled { due: next };
        match (&self.status, &self.terms) {
            (Status::Absent | Status::Removed, _) | (_, None) => {
                terms.check()?;
                let Terms { cron, timezone, action } = terms;
                Ok(vec![PlanEvent::PlanAdded { cron, timezone, action }, scheduled])
            }
            (Status::Scheduled { .. }, Some(known)) if *known == terms => Ok(Vec::new()),
            (Status::Resting, Some(known)) if *known == terms => Ok(vec![scheduled]),
            (Status::Scheduled { .. } | Status::Resting, Some(Terms { cron, timezone, .. })) => {
                Err(PlanRejection::Exists { cron: cron.clone(), timezone: timezone.clone() })
            }
        }
    }

    fn fire(&self, asked: Timestamp, next: Option<Timestamp>) -> Result<Vec<PlanEvent>, PlanRejection> {
        let other = |actual| Err(PlanRejection::OtherTime { asked, actual });
        let action = match (&self.status, &self.terms) {
            (Status::Absent, _) | (_, None) => return Err(PlanRejection::Unknown),
            (Status::Removed, _) => return other("it was removed".into()),
            (Status::Resting, _) => return other("it has no time ahead".into()),
            (Status::Scheduled { due }, _) if *due != asked => return other(format!("it does at {due}")),
            (Status::Scheduled { .. }, Some(terms)) => terms.action.clone(),
        };
        if let Some(next) = next.filter(|next| *next <= asked) {
            return Err(PlanRejection::NotLater { due: asked, next });
        }
        let fired = PlanEvent::PlanFired { due: asked, action };
        Ok([fired].into_iter().chain(next.map(|due| PlanEvent::PlanScheduled { due })).collect())
    }

    fn remove(&self) -> Result<Vec<PlanEvent>, PlanRejection> {
        match self.status {
            Status::Absent => Err(PlanRejection::Unknown),
            Status::Scheduled { .. } | Status::Resting => Ok(vec![PlanEvent::PlanRemoved {}]),
            Status::Removed => Ok(Vec::new()),
        }
    }
}

impl Terms {
    fn check(&self) -> Result<(), PlanRejection> {
        cron::check(&self.cron)?;
        let name = &self.timezone;
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_+-/".contains(&b);
        let likely = (1..=TIMEZONE_LENGTH_MAX).contains(&name.len()) && name.bytes().all(allowed);
        if likely { Ok(()) } else { Err(PlanRejection::TimeZone(name.clone())) }
    }
}
