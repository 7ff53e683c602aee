//! What is different between two forms of a view, row by row.
//!
//! Somebody may fill the live one meanwhile. A row that differs while the two have not seen the same events is looked at
//! once more, when they have.

use std::cmp::Ordering;
use std::collections::VecDeque;

use hydra_events::clock::SystemClock;
use hydra_events::record::Position;
use hydra_events::{Clock, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::Builder;
use crate::projector::bring_to;
use crate::store::{Found, Generation, StoreError, ViewStore, Which};
use crate::view::{Row, Table, View};

const PAGE: usize = 1_000;
/// Differences named one by one; more are only counted.
const NAMED_MAX: usize = 20;
/// How often a row is looked at before the two forms have seen the same events.
const LOOKS_MAX: u32 = 20;

/// What was found when a view was compared with what it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The rows it should have.
    pub rows: u64,
    /// How many rows are different, missing or too many.
    pub differing: u64,
    /// Some of them, as `table/id`.
    pub differences: Vec<String>,
}

/// The live form of a view beside the next one.
pub(super) struct Comparison<'a> {
    builder: &'a Builder<'a>,
    found: Difference,
}

impl<'a> Comparison<'a> {
    /// Compares the live form with what `builder` has built.
    pub(super) async fn of(builder: &'a Builder<'a>) -> Result<Difference, StoreError> {
        let built = builder.build(0).await?;
        bring_to(builder.log, builder.store, builder.view, built).await?;
        let mut comparison = Self { builder, found: Difference::default() };
        for table in builder.view.tables {
            comparison.table(table).await?;
        }
        Ok(comparison.found)
    }

    async fn table(&mut self, table: &'static Table) -> Result<(), StoreError> {
        let Builder { store, view, .. } = self.builder;
        let mut is = Rows::of(store.as_ref(), view, Generation::Live, table);
        let mut should = Rows::of(store.as_ref(), view, Generation::Next, table);
        loop {
            let order = match (is.first().await?, should.first().await?) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(one), Some(other)) => key(one).cmp(key(other)),
            };
            let one = if order.is_le() { is.take() } else { None };
            let other = if order.is_ge() { should.take() } else { None };
            if one == other || is.seen == should.seen {
                self.found.note(table, one, other, SystemClock.now());
            } else if let Some(row) = one.or(other) {
                let (one, other) = self.again(table, key(&row)).await?;
                self.found.note(table, one, other, SystemClock.now());
            }
        }
    }

    /// The two forms of a row after the same events.
    async fn again(&self, table: &'static Table, id: &str) -> Result<(Option<Row>, Option<Row>), StoreError> {
        let Builder { log, store, view, .. } = self.builder;
        for _ in 0..LOOKS_MAX {
            let is = self.row(Generation::Live, table, id).await?;
            let built = self.builder.build(is.at.position).await?;
            let should = self.row(Generation::Next, table, id).await?;
            if is.at.position == should.at.position {
                return Ok((is.rows.into_iter().next(), should.rows.into_iter().next()));
            }
            bring_to(log, store, view, built).await?;
        }
        let reason = format!("the view {} changes too fast to be compared", view.name);
        Err(StoreError::Refused(reason))
    }

    async fn row(
        &self,
        generation: Generation,
        table: &'static Table,
        id: &str,
    ) -> Result<Found, StoreError> {
        self.builder.store.rows(self.builder.view, generation, table, Which::Key(id.to_owned())).await
    }
}

impl Difference {
    /// Notes a row as it is, beside what it should be. One that was over before both were read is no difference.
    fn note(&mut self, table: &Table, is: Option<Row>, should: Option<Row>, now: Timestamp) {
        // With these events it may be gone in both.
        self.rows += u64::from(should.is_some());
        let over = |row: &Option<Row>| row.as_ref().is_none_or(|row| table.is_over(row, now));
        if is == should || (over(&is) && over(&should)) {
            return;
        }
        self.differing += 1;
        if self.differences.len() < NAMED_MAX
            && let Some(row) = is.or(should)
        {
            self.differences.push(format!("{}/{}", table.name, key(&row)));
        }
    }
}

/// The rows of a table by their keys, read in pages.
struct Rows<'a> {
    store: &'a dyn ViewStore,
    view: &'static View,
    generation: Generation,
    table: &'static Table,
    page: VecDeque<Row>,
    /// The position the view had seen when the page was read.
    seen: Option<Position>,
    /// Where the next page begins; `None` after the last one.
    after: Option<String>,
}

impl<'a> Rows<'a> {
    fn of(
        store: &'a dyn ViewStore,
        view: &'static View,
        generation: Generation,
        table: &'static Table,
    ) -> Self {
        Self { store, view, generation, table, page: VecDeque::new(), seen: None, after: Some(String::new()) }
    }

    /// The first of the rows that are left.
    async fn first(&mut self) -> Result<Option<&Row>, StoreError> {
        if self.page.is_empty()
            && let Some(after) = self.after.take()
        {
            let which = Which::After { key: after, limit: PAGE };
            let found = self.store.rows(self.view, self.generation, self.table, which).await?;
            self.seen = Some(found.at.position);
            self.page = found.rows.into();
            self.after = self.page.back().map(|row| key(row).to_owned());
        }
        Ok(self.page.front())
    }

    fn take(&mut self) -> Option<Row> {
        self.page.pop_front()
    }
}

fn key(row: &Row) -> &str {
    row.get("id").and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hydra_events::EventLog;
    use hydra_events::Timestamp;
    use hydra_events::clock::ManualClock;
    use hydra_events::contract::sample;
    use hydra_events::log::SqliteLog;
    use tempfile::TempDir;

    use super::*;
    use crate::contract::probe::{VIEW, events};
    use crate::store::sqlite::SqliteStore;

    /// A log of things, of which each event changes one of three.
    async fn log(folder: &TempDir) -> Arc<dyn EventLog> {
        let url = format!("sqlite:{}", folder.path().join("log.db").display());
        let log = SqliteLog::open(&url, Arc::new(ManualClock::at(Timestamp(0)))).unwrap();
        for version in 0..40 {
            let payload = format!(
                r#"[{{"table":"things","id":"{}","add":{{"number":{version}}}}}]"#,
                ["a", "b", "c"][version as usize % 3]
            );
            let append = sample::append(&sample::stream("x"), version, &version.to_string(), &[&payload]);
            log.append(append).await.unwrap();
        }
        Arc::new(log)
    }

    #[tokio::test]
    async fn a_live_form_that_is_further_is_compared_after_the_same_events() {
        let folder = TempDir::new().unwrap();
        let log = log(&folder).await;
        let store: Arc<dyn ViewStore> = Arc::new(SqliteStore::open(&folder.path().join("views.db")).unwrap());
        let builder = Builder { log: &log, store: &store, view: &VIEW, tell: &|_| () };
        bring_to(&log, &store, &VIEW, 40).await.unwrap();
        assert_eq!(builder.build(10).await.unwrap(), 10);
        let found = Comparison::of(&builder).await.unwrap();
        assert_eq!(found, Difference { rows: 3, ..Difference::default() });
        assert_eq!(builder.build(0).await.unwrap(), 40);

        store.reset(&VIEW, Generation::Next, log.id()).await.unwrap();
        builder.build(10).await.unwrap();
        let wrong = events(&[serde_json::json!([{"table": "things", "id": "b", "set": {"number": 7}}])]);
        let mut batch = crate::batch::Batch::fold(&VIEW, log.id(), 0, &wrong, 1);
        (batch.after, batch.end) = (40, 40);
        store.apply(&VIEW, Generation::Live, batch).await.unwrap();
        let found = Comparison::of(&builder).await.unwrap();
        let expected = Difference { rows: 3, differing: 1, differences: vec!["things/b".into()] };
        assert_eq!(found, expected);
    }
}
