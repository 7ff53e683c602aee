//! A page of the log as one view sees it: the changes it comes to, folded before anything is written.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use hydra_events::record::{Position, Recorded};
use hydra_events::{Id, Timestamp};
use serde::Serialize;

use crate::fold::Folded;
use crate::store::Checkpoint;
use crate::view::{Row, Table, View, ViewOp, text_without_nul};

/// What the events after one position, up to another, change in a view.
#[derive(Debug)]
pub struct Batch {
    /// The log they are of.
    pub log: Id,
    /// The position the view must have seen, no less and no more.
    pub after: Position,
    /// The position it has seen afterwards.
    pub end: Position,
    /// How many events a second the view took last.
    pub rate: u32,
    /// When its last event was; `None` without one. What is over by then is never asked for by later events.
    pub time: Option<Timestamp>,
    /// The events that could not be read.
    pub quarantined: Vec<Quarantined>,
    pub(crate) changes: Folded,
}

/// An event that a view goes on without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quarantined {
    /// Its position.
    pub position: Position,
    /// Its stream.
    pub stream: String,
    /// Why it could not be read.
    pub reason: String,
}

/// A row a batch has touched, as it is afterwards.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its table.
    pub table: &'static Table,
    /// Its key.
    pub id: String,
    /// The whole row; `None` when it is gone.
    pub row: Option<Row>,
}

impl Batch {
    /// What those of `events` that come after `after`, up to `end`, mean for `view`. Damaged ones are not among them.
    pub fn fold(view: &'static View, log: Id, after: Position, events: &[Recorded], end: Position) -> Self {
        let (quarantined, changes) = (Vec::new(), Folded::default());
        let mut batch = Self { log, after, end, rate: 0, time: None, quarantined, changes };
        for event in events.iter().filter(|event| event.position > after && event.position <= end) {
            batch.time = Some(event.time);
            match meaning(view, event) {
                Ok(ops) => {
                    for op in ops {
                        debug_assert!(view.table(op.table).is_some(), "{} has no {}", view.name, op.table);
                        if let Some(table) = view.table(op.table) {
                            batch.changes.add(table, op);
                        }
                    }
                }
                Err(reason) => {
                    tracing::error!(
                        reason,
                        position = event.position,
                        view = view.name,
                        "an event is quarantined"
                    );
                    let stream = event.stream.to_string();
                    let reason = text_without_nul(reason);
                    batch.quarantined.push(Quarantined { position: event.position, stream, reason });
                }
            }
        }
        batch
    }

    /// One event of which nothing comes.
    pub(crate) fn without(log: Id, after: Position, event: Quarantined) -> Self {
        let (end, changes) = (event.position, Folded::default());
        Self { log, after, end, rate: 0, time: None, quarantined: vec![event], changes }
    }

    /// What makes one row of a view that is `at` its checkpoint what it should be, or removes it, and nothing else. Its
    /// last event was at `time`.
    pub(crate) fn mending(
        at: Checkpoint,
        time: Option<Timestamp>,
        table: &'static Table,
        key: &str,
        should: Option<Row>,
    ) -> Self {
        let Checkpoint { log, position, rate, .. } = at;
        let mut changes = Folded::default();
        changes.replace(table, key, should);
        Self { log, after: position, end: position, rate, time, quarantined: Vec::new(), changes }
    }

    /// Forgets what becomes of all rows but those, by table and key.
    pub(crate) fn retain(&mut self, is_wanted: impl Fn(&str, &str) -> bool) {
        self.changes.0.retain(|(table, key), _| is_wanted(table, key));
    }

    /// The keys of the rows it touches, by table.
    pub fn keys(&self) -> BTreeMap<&'static str, Vec<String>> {
        let mut keys: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        for (table, key) in self.changes.0.keys() {
            keys.entry(table).or_default().push(key.clone());
        }
        keys
    }

    /// The rows that are other afterwards than they were, where those that were there before are `old`, by table and key.
    #[cfg(any(feature = "neo4j", feature = "postgres"))]
    pub(crate) fn changed(
        &self,
        view: &'static View,
        old: &BTreeMap<(&'static str, String), Row>,
    ) -> impl Iterator<Item = Written> {
        let differs = move |written: &Written| {
            written.row.as_ref() != old.get(&(written.table.name, written.id.clone()))
        };
        self.onto(view, old).into_iter().filter(differs)
    }

    /// Every row it touches as it is afterwards, where those that were there before are `old`, by table and key.
    pub fn onto(&self, view: &'static View, old: &BTreeMap<(&'static str, String), Row>) -> Vec<Written> {
        let touched = self.changes.0.iter().filter_map(|(place, change)| {
            let table = view.table(place.0)?;
            let row = change.onto(table, &place.1, old.get(place));
            Some(Written { table, id: place.1.clone(), row })
        });
        touched.collect()
    }
}

/// What `event` changes, or why that cannot be known. A mistake in a view costs it one event, and not all that follow.
fn meaning(view: &View, event: &Recorded) -> Result<Vec<ViewOp>, String> {
    match catch_unwind(AssertUnwindSafe(|| (view.apply)(event))) {
        Ok(meant) => meant.map_err(|error| error.to_string()),
        Err(_) => Err(format!("the view {} has a mistake: it panicked over {}", view.name, event.kind)),
    }
}

#[cfg(test)]
mod tests {
    use hydra_events::contract::sample;

    use super::*;
    use crate::view::Lasts;

    static FRAGILE: View = View {
        name: "fragile",
        version: 1,
        tables: &[Table { name: "things", columns: &[], indexes: &[], lasts: Lasts::Always }],
        edges: None,
        apply: |event| {
            assert_ne!(event.position, 2, "a mistake");
            Ok(vec![ViewOp::put("things", event.position)])
        },
    };

    #[test]
    fn an_event_that_a_view_panics_over_is_set_aside_and_the_rest_goes_on() {
        let batch = Batch::fold(&FRAGILE, Id::of_outside("test", "log"), 0, &sample::history(3), 3);
        assert_eq!(batch.keys()["things"], ["1", "3"]);
        let [Quarantined { position: 2, reason, .. }] = &batch.quarantined[..] else {
            panic!("{:?}", batch.quarantined)
        };
        assert!(reason.contains("fragile"), "{reason}");
    }
}
