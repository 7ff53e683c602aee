//! The short-term memory: what every stream is doing now, what waits, what was given up, what a person is asked; and, for
//! an hour, what every actor is doing and what each chapter is being made with.

mod attention;
mod context;
mod queue;

use hydra_events::record::Recorded;
use hydra_events::wire::WireError;
use serde_json::Value;

use crate::view::Kind::{Integer, Json, Text, Time};
use crate::view::Lasts::{self, Always};
use crate::view::{Table, View, ViewOp};

/// The view.
pub static VIEW: View = View { name: "short_term", version: 4, tables: TABLES, edges: None, apply };

/// An hour after the last event about it.
const AN_HOUR: Lasts = Lasts::For { micros: 3_600_000_000, since: "at" };

const TABLES: &[Table] = &[
    Table {
        name: "activity",
        columns: &[
            ("category", Text),
            ("actor", Text),
            ("event", Text),
            ("at", Time),
            ("position", Integer),
            ("owes", Integer),
            ("effect", Text),
            ("role", Text),
            ("attempt", Integer),
        ],
        indexes: &["owes"],
        lasts: Always,
    },
    Table {
        name: "dead",
        columns: &[
            ("stream", Text),
            ("kind", Text),
            ("effect", Text),
            ("attempts", Integer),
            ("reason", Text),
            ("since", Time),
            ("position", Integer),
        ],
        indexes: &["stream"],
        lasts: Always,
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
            ("asked_at", Time),
            ("answered_at", Time),
        ],
        indexes: &["state", "chapter"],
        lasts: Always,
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
            ("queued_at", Time),
            ("position", Integer),
        ],
        indexes: &[],
        lasts: Always,
    },
    Table {
        name: "queue_state",
        columns: &[("paused", Integer), ("reason", Text)],
        indexes: &[],
        lasts: Always,
    },
    Table {
        name: "nodes_joined",
        columns: &[("node", Text), ("state", Text), ("slots", Json), ("since", Time)],
        indexes: &[],
        lasts: Always,
    },
    Table {
        name: "plans",
        columns: &[
            ("cron", Text),
            ("timezone", Text),
            ("action", Json),
            ("next_due", Time),
            ("last_fired", Time),
            ("state", Text),
        ],
        indexes: &["state"],
        lasts: Always,
    },
    Table {
        name: "incidents",
        columns: &[
            ("kind", Text),
            ("subject", Text),
            ("reason", Text),
            ("state", Text),
            ("occurrences", Integer),
            ("since", Time),
            ("how", Text),
        ],
        indexes: &["state"],
        lasts: Always,
    },
    Table {
        name: "doing",
        columns: &[
            ("stream", Text),
            ("event", Text),
            ("effect", Text),
            ("role", Text),
            ("attempt", Integer),
            ("at", Time),
            ("position", Integer),
        ],
        indexes: &[],
        lasts: AN_HOUR,
    },
    Table {
        name: "generation_contexts",
        columns: &[
            ("title", Text),
            ("revision", Integer),
            ("state", Text),
            ("scene", Text),
            ("draft", Integer),
            ("asset", Text),
            ("prompt", Text),
            ("event", Text),
            ("at", Time),
            ("position", Integer),
        ],
        indexes: &[],
        lasts: AN_HOUR,
    },
    Table {
        name: "generation_prompts",
        columns: &[
            ("chapter", Text),
            ("requester", Text),
            ("kind", Text),
            ("subject", Text),
            ("prompt", Text),
            ("take", Integer),
            ("state", Text),
            ("note", Text),
            ("at", Time),
            ("position", Integer),
        ],
        indexes: &["chapter"],
        lasts: AN_HOUR,
    },
];

fn apply(event: &Recorded) -> Result<Vec<ViewOp>, WireError> {
    let mut ops = vec![activity(event), context::doing(event)];
    ops.extend(attention::dead(event)?);
    ops.extend(match event.stream.category() {
        "approval" => attention::approval(event)?,
        "chapter" => context::chapter(event)?,
        "image" => context::image(event)?,
        "incident" => attention::incident(event)?,
        "line" => context::line(event)?,
        "cluster" => queue::cluster(event)?,
        "plan" => queue::plan(event)?,
        "scene" => context::scene(event)?,
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
