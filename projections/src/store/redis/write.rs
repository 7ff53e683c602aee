//! Writing a batch: one script gives the rows there were, another writes what they are now, and neither does anything where
//! the batch does not follow.

use std::collections::BTreeMap;

use hydra_events::Timestamp;

use super::super::{Applied, Generation, StoreError};
use super::keys;
use super::link::Link;
use super::scripts;
use crate::batch::{Batch, Written};
use crate::view::{Lasts, Row, Table, View};

/// Arguments of one command within a script; Lua can hand over some thousands. Even, so that pairs stay together.
const ARGUMENTS_MAX: usize = 1_000;

type Rows = BTreeMap<(&'static str, String), Row>;

/// What the first script found.
enum Found {
    /// The batch does not follow.
    Nothing,
    /// It follows on the generation with this number, which has these rows.
    Here { number: String, old: Rows },
    /// It follows on the generation with this number, but a row it needs was put out before its time.
    Torn { number: String },
}

pub(super) async fn apply(
    link: &Link,
    view: &'static View,
    generation: Generation,
    batch: &Batch,
) -> Result<Applied, StoreError> {
    let (number, old) = match touched(link, view, generation, batch).await? {
        Found::Nothing => return Ok(Applied::Moved),
        Found::Here { number, old } => (number, old),
        Found::Torn { number } => {
            let arguments = [keys::generation(generation).to_owned(), number];
            link.run::<i64>(&scripts::TEAR, view, &arguments).await?;
            return Ok(Applied::Moved);
        }
    };
    let counted = keys::counted(view);
    let mut arguments = vec![keys::generation(generation).to_owned(), number];
    arguments.extend(followed(view, batch));
    arguments.extend([batch.end.to_string(), batch.rate.to_string()]);
    arguments.extend([batch.time.map_or(0, millis).to_string(), counted.len().to_string()]);
    arguments.extend(counted);
    let mut orders = Orders(arguments);
    orders.batch(view, batch, &old)?;
    let done: i64 = link.run(&scripts::WRITE, view, &orders.0).await?;
    Ok(if done == 1 { Applied::Done } else { Applied::Moved })
}

/// The checkpoint that `batch` follows on, as the scripts compare it.
fn followed(view: &View, batch: &Batch) -> [String; 3] {
    [batch.log.to_string(), view.version.to_string(), batch.after.to_string()]
}

/// The rows that `batch` touches, as they are.
async fn touched(
    link: &Link,
    view: &'static View,
    generation: Generation,
    batch: &Batch,
) -> Result<Found, StoreError> {
    let counted = keys::counted(view);
    let mut arguments = vec![keys::generation(generation).to_owned()];
    arguments.extend(followed(view, batch));
    arguments.push(counted.len().to_string());
    arguments.extend(counted);
    let mut places = Vec::new();
    for (name, ids) in batch.keys() {
        let Some(table) = view.table(name) else { continue };
        let rows = match table.lasts {
            Lasts::Always => keys::rows(table),
            Lasts::For { .. } => keys::fleeting(table),
        };
        arguments.extend([rows, ids.len().to_string()]);
        arguments.extend_from_slice(&ids);
        places.extend(ids.into_iter().map(|id| (name, id)));
    }
    let found: Option<Vec<Option<String>>> = link.run(&scripts::TOUCHED, view, &arguments).await?;
    let mut found = found.into_iter().flatten();
    let Some(Some(number)) = found.next() else { return Ok(Found::Nothing) };
    let mut old = Rows::new();
    for (place, row) in places.into_iter().zip(found) {
        let Some(row) = row else { continue };
        match row.strip_prefix('!') {
            Some(over) if needs(batch, &place, over) => return Ok(Found::Torn { number }),
            Some(_) => {}
            None => _ = old.insert(place, serde_json::from_str(&row)?),
        }
    }
    Ok(Found::Here { number, old })
}

/// Whether `batch` changes this row, which is not there, although it was not `over` by then.
fn needs(batch: &Batch, place: &(&'static str, String), over: &str) -> bool {
    let begun = batch.changes.0.get(place).filter(|change| !change.delete).and_then(|change| change.begun);
    let over_by = |begun| over.parse::<f64>().is_ok_and(|over| millis(begun) as f64 >= over);
    begun.is_some_and(|begun| !over_by(begun))
}

/// The millisecond a moment is in.
fn millis(time: Timestamp) -> i64 {
    time.0.div_euclid(1_000)
}

/// The first millisecond that is not before a moment.
fn ended_millis(time: Timestamp) -> i64 {
    millis(Timestamp(time.0.saturating_add(999)))
}

/// What the script is to do: each time what, where, how many arguments, and these.
struct Orders(Vec<String>);

impl Orders {
    /// All that `batch` comes to, where the rows it touches are `old`.
    fn batch(&mut self, view: &'static View, batch: &Batch, old: &Rows) -> Result<(), StoreError> {
        for table in view.tables.iter().filter(|table| table.lasts != Lasts::Always && batch.time.is_some()) {
            self.one("SWEEP", &keys::fleeting(table), []);
        }
        let mut lasting: BTreeMap<&'static str, Vec<Written>> = BTreeMap::new();
        for written in batch.onto(view, old) {
            match written.table.lasts {
                Lasts::Always => lasting.entry(written.table.name).or_default().push(written),
                Lasts::For { .. } => self.fleeting(written, batch.time)?,
            }
        }
        for (name, rows) in lasting {
            if let Some(table) = view.table(name) {
                self.lasting(table, &rows, old)?;
            }
        }
        let mut aside = Vec::new();
        for event in &batch.quarantined {
            let value = (event.position, &event.stream, &event.reason);
            aside.extend([event.position.to_string(), serde_json::to_string(&value)?]);
        }
        self.many("HSET", "q", &aside);
        Ok(())
    }

    /// Writes rows of one table, with its order and its indexes.
    fn lasting(&mut self, table: &'static Table, rows: &[Written], old: &Rows) -> Result<(), StoreError> {
        let (mut put, mut placed, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for Written { id, row, .. } in rows {
            match row {
                Some(row) => {
                    put.extend([id.clone(), serde_json::to_string(row)?]);
                    placed.extend(["0".to_owned(), id.clone()]);
                }
                None => gone.push(id.clone()),
            }
        }
        let (name, order) = (keys::rows(table), keys::order(table));
        self.many("HDEL", &name, &gone);
        self.many("ZREM", &order, &gone);
        self.many("HSET", &name, &put);
        self.many("ZADD", &order, &placed);
        for column in table.indexes {
            self.index(table, column, rows, old);
        }
        Ok(())
    }

    fn index(&mut self, table: &'static Table, column: &str, rows: &[Written], old: &Rows) {
        let (mut out, mut placed) = (Vec::new(), Vec::new());
        for Written { id, row, .. } in rows {
            let was = old.get(&(table.name, id.clone())).and_then(|row| row.get(column));
            let is = row.as_ref().and_then(|row| row.get(column));
            if was == is {
                continue;
            }
            out.extend(was.map(|value| keys::member(value, id)));
            placed.extend(is.into_iter().flat_map(|value| ["0".to_owned(), keys::member(value, id)]));
        }
        let name = keys::index(table, column);
        self.many("ZREM", &name, &out);
        self.many("ZADD", &name, &placed);
    }

    /// Writes a row that does not last. What is over by the end of the batch is not written at all.
    fn fleeting(&mut self, written: Written, time: Option<Timestamp>) -> Result<(), StoreError> {
        let Written { table, id, row } = written;
        let name = keys::fleeting(table);
        let row = row.filter(|row| !time.is_some_and(|time| table.is_over(row, time)));
        let Some((over, row)) = row.and_then(|row| Some((table.over_at(&row)?, row))) else {
            self.one("LEAVE", &name, [id]);
            return Ok(());
        };
        self.one("KEEP", &name, [id, ended_millis(over).to_string(), serde_json::to_string(&row)?]);
        Ok(())
    }

    fn one<const N: usize>(&mut self, what: &str, name: &str, arguments: [String; N]) {
        self.0.extend([what.to_owned(), name.to_owned(), N.to_string()]);
        self.0.extend(arguments);
    }

    /// As many commands as these arguments need.
    fn many(&mut self, what: &str, name: &str, arguments: &[String]) {
        for some in arguments.chunks(ARGUMENTS_MAX) {
            self.0.extend([what.to_owned(), name.to_owned(), some.len().to_string()]);
            self.0.extend_from_slice(some);
        }
    }
}
