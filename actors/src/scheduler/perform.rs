//! How a plan fires: the performer finds the time after this one, which no decider can compute.

use futures::future::BoxFuture;
use hydra_events::vocabulary::plan::PlanCommand;

use super::plan::{Fire, Plan};
use crate::perform::{Job, Perform};
use crate::ports::{PortError, Ports};

impl Perform for Plan {
    fn perform(ports: Ports, effect: Fire, _: Job) -> BoxFuture<'static, Result<PlanCommand, PortError>> {
        Box::pin(async move { fire(&ports, effect) })
    }
}

/// Times that passed unnoticed are made up for by this one firing.
fn fire(ports: &Ports, effect: Fire) -> Result<PlanCommand, PortError> {
    let Fire { cron, timezone, due } = effect;
    let next = ports.calendar.next(&cron, &timezone, due.max(ports.clock.now()))?;
    Ok(PlanCommand::FirePlan { due, next })
}
