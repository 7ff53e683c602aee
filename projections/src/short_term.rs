//! The short-term memory: what every stream is doing now, what waits, what was given up, what a person is asked.

mod attention;
mod queue;

use hydra_events::record::Recorded;
use hydra_events::wire::WireError;
use serde_json::Value;

use crate::view::Kind::{Integer, Json, Text};
use crate::view::{Table, View, ViewOp};

/// The view.
pub static VIEW: View = View { name: "short_term", version: 1, tables: TABLES, apply };

const TABLES: &[Table] = &[
    Table {
        name: "activity",
        columns: &[
            ("category", Text),
            ("actor", Text),
            ("event", Text),
            ("at", Integer),
            ("position", Integer),
            ("owes", Integer),
            ("effect", Text),
            ("role", Text),
            ("attempt", Integer),
        ],
        indexes: &["owes"],
    },
    Table {
        name: "dead",
        columns: &[
            ("stream", Text),
            ("kind", Text),
            ("effect", Text),
            ("attempts", Integer),
            ("reason", Text),
            ("since", Integer),
            ("position", Integer),
        ],
        indexes: &["stream"],
    },
    Table {
        name: "approvals",
        columns: &[
            ("image", Text),
            ("review", Text),
            ("quality_try", Integer),
            ("chapter", Text),
            ("blob", Text),
            ("scores", Json),
            ("reasons", Json),
            ("default_verdict", Text),
            ("state", Text),
            ("verdict", Text),
            ("decided_by", Json),
            ("note", Text),
            ("asked_at", Integer),
            ("answered_at", Integer),
        ],
        indexes: &["state"],
    },
    Table {
        name: "queue",
        columns: &[
            ("stream", Text),
            ("effect", Text),
            ("kind", Text),
            ("priority", Integer),
            ("rank", Integer),
            ("state", Text),
            ("epoch", Integer),
            ("node", Text),
            ("because", Text),
            ("queued_at", Integer),
            ("position", Integer),
        ],
        indexes: &[],
    },
    Table { name: "queue_state", columns: &[("paused", Integer), ("reason", Text)], indexes: &[] },
    Table {
        name: "nodes_joined",
        columns: &[("node", Text), ("state", Text), ("slots", Json), ("since", Integer)],
        indexes: &[],
    },
    Table {
        name: "plans",
        columns: &[
            ("cron", Text),
            ("timezone", Text),
            ("action", Json),
            ("next_due", Integer),
            ("last_fired", Integer),
            ("state", Text),
        ],
        indexes: &[],
    },
    Table {
        name: "incidents",
        columns: &[
            ("kind", Text),
            ("subject", Text),
            ("reason", Text),
            ("state", Text),
            ("occurrences", Integer),
            ("since", Integer),
            ("how", Text),
        ],
        indexes: &[],
    },
];

fn apply(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let mut ops = vec![activity(event)];
    ops.extend(attention::dead(event)?);
    ops.extend(match event.stream.category() {
        "approval" => attention::approval(event)?,
        "incident" => attention::incident(event)?,
        "cluster" => queue::cluster(event)?,
        "plan" => queue::plan(event)?,
        _ => Vec::new(),
    });
    Ok(ops)
}

fn activity(event: &Recorded) -> ViewOp {
    let mark = event.effect.as_ref();
    ViewOp::put("activity", &event.stream)
        .set("category", event.stream.category())
        .set("actor", event.actor.as_ref())
        .set("event", event.kind.name())
        .set("at", event.time.0)
        .set("position", event.position)
        .set("owes", event.owes)
        .set("effect", mark.map_or(Value::Null, |mark| mark.effect.clone().into()))
        .set("role", mark.map_or(Value::Null, |mark| mark.role.as_str().into()))
        .set("attempt", mark.map_or(Value::Null, |mark| mark.attempt.into()))
}
