//! What the keys of a generation are called, behind what they all begin with.
//!
//! `r:` rows that last, by key; `k:` their keys in order; `i:` the values of an indexed column, each with the key behind it,
//! in order; `x:` when each row that does not last is over, and, with its key behind it, the row; `q` what was set aside.

use serde_json::Value;

use super::super::Generation;
use crate::view::{Lasts, Table, View};

/// What stands between a value and a key. Neither has it: one is JSON, where it is escaped, and no key has it.
pub(super) const BETWEEN: char = '\u{0}';
/// What comes right after it.
pub(super) const BEHIND: char = '\u{1}';

/// The key of a view.
pub(super) fn view(prefix: &str, view: &View) -> String {
    // In a cluster, what stands in braces keeps all of a view together.
    format!("{prefix}:{{{}}}", view.name)
}

pub(super) fn generation(generation: Generation) -> &'static str {
    match generation {
        Generation::Live => "live",
        Generation::Next => "next",
        Generation::Old => "old",
    }
}

pub(super) fn rows(table: &Table) -> String {
    format!("r:{}", table.name)
}

pub(super) fn order(table: &Table) -> String {
    format!("k:{}", table.name)
}

pub(super) fn index(table: &Table, column: &str) -> String {
    format!("i:{}:{column}", table.name)
}

pub(super) fn fleeting(table: &Table) -> String {
    format!("x:{}", table.name)
}

/// What stands in an index for a row with this value in the column.
pub(super) fn member(value: &Value, id: &str) -> String {
    format!("{value}{BETWEEN}{id}")
}

/// What is counted to find out whether a generation is all there.
pub(super) fn counted(view: &View) -> Vec<String> {
    let mut names = Vec::new();
    for table in view.tables.iter().filter(|table| table.lasts == Lasts::Always) {
        names.extend([rows(table), order(table)]);
        names.extend(table.indexes.iter().map(|column| index(table, column)));
    }
    names
}
