//! What a memory decides.

use hydra_actors::archivist::memory::{Memory, MemoryRejection};
use hydra_events::vocabulary::memory::{MemoryCommand, MemoryEvent};
use serde_json::{Value, json};

use crate::table::stream::Table;

fn report(is: Value, mended: bool) -> MemoryCommand {
    let should = json!({ "owes": 0 });
    MemoryCommand::ReportDrift { table: "tasks".into(), key: "a".into(), position: 7, is, should, mended }
}

fn found(is: Value) -> MemoryEvent {
    let should = json!({ "owes": 0 });
    MemoryEvent::DriftFound { table: "tasks".into(), key: "a".into(), position: 7, is, should }
}

fn mended() -> MemoryEvent {
    MemoryEvent::DriftMended { table: "tasks".into(), key: "a".into() }
}

fn check(given: &[MemoryEvent], when: MemoryCommand, then: &[MemoryEvent]) {
    let then: Result<Vec<MemoryEvent>, MemoryRejection> = Ok(then.to_vec());
    Table::of("memory-procedural").check::<Memory>(given, when, then);
}

#[test]
fn the_same_drift_is_told_once_until_it_was_mended() {
    check(&[], report(json!(null), false), &[found(json!(null))]);
    check(&[found(json!(null))], report(json!(null), false), &[]);
    check(&[found(json!(null)), mended()], report(json!(null), false), &[found(json!(null))]);
}

#[test]
fn a_row_that_drifts_on_is_told_again() {
    let now = json!({ "owes": 2 });
    check(&[found(json!(null))], report(now.clone(), false), &[found(now)]);
}

#[test]
fn what_is_mended_was_found_before() {
    check(&[], report(json!(null), true), &[found(json!(null)), mended()]);
    check(&[found(json!(null))], report(json!(null), true), &[mended()]);
}
