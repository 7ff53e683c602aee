//! The queue of heavy work, the processes that do it, and the plans.

use hydra_events::record::Recorded;
use hydra_events::vocabulary::cluster::ClusterEvent;
use hydra_events::vocabulary::plan::PlanEvent;
use hydra_events::wire::WireError;
use serde_json::Value;

use crate::view::{ViewOp, json, typed};

pub(super) fn cluster(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let Some(fact) = typed::<ClusterEvent>(event)? else { return Ok(Vec::new()) };
    let waiting = |task: &hydra_events::Id| {
        ViewOp::put("queue", task).set("state", "waiting").set("node", Value::Null).set("epoch", Value::Null)
    };
    Ok(vec![match fact {
        ClusterEvent::NodeJoined { node, instance, slots } => ViewOp::put("nodes_joined", instance)
            .set("node", node)
            .set("state", "joined")
            .set("slots", json(&slots))
            .set("since", event.time.0),
        ClusterEvent::InstanceLost { instance, .. } => ViewOp::delete("nodes_joined", instance),
        ClusterEvent::TaskQueued { task, stream, effect, kind, priority } => waiting(&task)
            .set("stream", stream.as_str())
            .set("effect", effect)
            .set("kind", json(&kind))
            .set("priority", priority)
            .set("rank", 0)
            .set("queued_at", event.time.0)
            .set("position", event.position),
        ClusterEvent::LeaseGranted { task, node, epoch, because, .. } => ViewOp::put("queue", task)
            .set("state", "running")
            .set("node", node)
            .set("epoch", epoch)
            .set("because", because),
        ClusterEvent::LeaseFinished { task, .. } | ClusterEvent::LeaseReturned { task, again: false, .. } => {
            ViewOp::delete("queue", task)
        }
        ClusterEvent::LeaseReturned { task, again: true, .. } | ClusterEvent::LeaseLost { task, .. } => {
            waiting(&task)
        }
        ClusterEvent::QueuePaused { reason } => {
            ViewOp::put("queue_state", "main").set("paused", true).set("reason", reason)
        }
        ClusterEvent::QueueResumed {} => {
            ViewOp::put("queue_state", "main").set("paused", false).set("reason", Value::Null)
        }
        ClusterEvent::TaskMoved { task, rank } => ViewOp::put("queue", task).set("rank", rank),
    }])
}

pub(super) fn plan(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let Some(fact) = typed::<PlanEvent>(event)? else { return Ok(Vec::new()) };
    let op = ViewOp::put("plans", event.stream.id());
    Ok(vec![match fact {
        PlanEvent::PlanAdded { cron, timezone, action } => {
            op.set("cron", cron).set("timezone", timezone).set("action", json(&action)).set("state", "active")
        }
        PlanEvent::PlanScheduled { due } => op.set("next_due", due.0),
        PlanEvent::PlanFired { due, .. } => op.set("last_fired", due.0).set("next_due", Value::Null),
        PlanEvent::PlanRemoved {} => op.set("state", "removed").set("next_due", Value::Null),
    }])
}
