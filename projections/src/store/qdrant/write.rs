//! Writing a batch: a turn is taken, whole rows are written in it, and then it counts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use qdrant_client::qdrant::{
    Condition, CreateVectorNameRequest, DenseVectorCreationConfig, Distance, Filter, PointStruct, Range,
    UpdateMode,
};

use super::form::Form;
use super::point::{self, Place, Stored, TURN};
use super::server::{Failure, Read, Server};
use super::{QUARANTINE, QdrantStore};
use crate::batch::{Batch, Quarantined, Written};
use crate::store::{Applied, Generation};
use crate::view::{Row, Table, View};

/// How long the turn of somebody else is waited for; after that, they are taken for gone.
const TURN_MAX: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(40);
/// How often a turn is tried to be taken that others are quicker to take.
const TRIES_MAX: u32 = 200;
/// Points read at once, and written at once: so many, or so many bytes.
const CHUNK: usize = 250;
const CHUNK_BYTES: usize = 8 * 1024 * 1024;

/// Points by table and key.
type Points = BTreeMap<(&'static str, String), Stored>;

pub(super) async fn apply(
    store: &QdrantStore,
    view: &'static View,
    generation: Generation,
    batch: &Batch,
) -> Result<Applied, Failure> {
    let alias = store.alias(view, generation);
    // Within this program one writes at a time: a turn of its own that is open is one that was given up.
    let _alone = store.writing.lock().await;
    let mut patience = Patience::default();
    for _ in 0..TRIES_MAX {
        let Some(form) = Form::read(&store.server, &alias).await? else { return Ok(Applied::Moved) };
        if !form.checkpoint.precedes(view, batch) {
            return Ok(Applied::Moved);
        }
        if patience.waits(store, &form).await {
            continue;
        }
        let by = store.name_of_a_turn();
        if form.writer.is_none() && batch.keys().is_empty() && batch.quarantined.is_empty() {
            let after = form.taken(&by).ended(batch.end, batch.rate);
            match form.change(&store.server, after, &by).await? {
                Some(_) => return Ok(Applied::Done),
                None => continue,
            }
        }
        if let Some(taken) = form.change(&store.server, form.taken(&by), &by).await? {
            let after = if form.writer.is_some() { After::CutOff } else { After::Ended };
            return Turn { store, view, form: taken, after }.write(batch).await;
        }
    }
    Ok(Applied::Moved)
}

/// Takes a turn at a form without writing anything, so that nobody else writes until it has [ended](Form::end); `None`
/// where the form is gone.
pub(super) async fn hold(store: &QdrantStore, alias: &str) -> Result<Option<Form>, Failure> {
    let mut patience = Patience::default();
    while let Some(form) = Form::read(&store.server, alias).await? {
        if patience.waits(store, &form).await {
            continue;
        }
        let by = store.name_of_a_turn();
        if let Some(taken) = form.change(&store.server, form.taken(&by), &by).await? {
            return Ok(Some(taken));
        }
    }
    Ok(None)
}

/// How long whoever has the turn was waited for.
#[derive(Default)]
struct Patience {
    since: Option<(String, Instant)>,
}

impl Patience {
    /// Waits a moment where another program has the turn, and has not had it for too long.
    async fn waits(&mut self, store: &QdrantStore, form: &Form) -> bool {
        let Some(writer) = form.writer.as_ref().filter(|writer| !store.is_own(writer)) else { return false };
        match &self.since {
            Some((other, since)) if other == writer => {
                if since.elapsed() > TURN_MAX {
                    return false;
                }
            }
            Some(_) | None => self.since = Some((writer.clone(), Instant::now())),
        }
        tokio::time::sleep(POLL).await;
        true
    }
}

/// A turn that was taken.
struct Turn<'a> {
    store: &'a QdrantStore,
    view: &'static View,
    form: Form,
    after: After,
}

/// What became of the turn before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    /// It has ended.
    Ended,
    /// It never will.
    CutOff,
}

impl Turn<'_> {
    async fn write(self, batch: &Batch) -> Result<Applied, Failure> {
        let server = &self.store.server;
        let mut points = self.left_over().await?;
        self.read(batch, &mut points).await?;
        let old =
            points.iter().filter_map(|(place, stored)| Some((place.clone(), self.seen(stored)?.clone())));
        let written = batch.onto(self.view, &old.collect());
        let aside = batch.quarantined.iter().map(set_aside);
        let mut chunk = Chunk { server, form: &self.form, points: Vec::new(), bytes: 0 };
        let (mut added, mut rooms) = (0, BTreeSet::new());
        for Written { table, id, row } in written.into_iter().chain(aside) {
            let place = (table.name, id);
            let stored = points.remove(&place);
            added += u64::from(stored.is_none() && row.is_some());
            let before = stored.as_ref().and_then(|stored| self.seen(stored));
            if before == row.as_ref() && stored.as_ref().is_none_or(|stored| self.form.counts(stored.turn)) {
                continue;
            }
            if let Some(place) = row.as_ref().and_then(|row| Place::needed(table, row))
                && !self.form.vectors.contains(&place.name)
                && rooms.insert(place.name.clone())
            {
                server.make_room(room(&self.form.collection, &place)).await?;
            }
            chunk.add(point::point(table, &place.1, self.form.turn, before, row.as_ref())?).await?;
        }
        for ((name, key), stored) in &points {
            let Some(table) = self.table(name).filter(|_| self.form.lost.contains(&stored.turn)) else {
                continue;
            };
            let row = self.seen(stored);
            chunk.add(point::point(table, key, self.form.turn, row, row)?).await?;
        }
        chunk.send().await?;
        let mut after = self.form.ended(batch.end, batch.rate);
        after.vectors.append(&mut rooms);
        after.points += added;
        let by = self.store.name_of_a_turn();
        match self.form.end(server, after, &by).await? {
            true => Ok(Applied::Done),
            false => Ok(Applied::Moved),
        }
    }

    /// The row of a point.
    fn seen<'b>(&self, stored: &'b Stored) -> Option<&'b Row> {
        if self.form.counts(stored.turn) { stored.row.as_ref() } else { stored.before.as_ref() }
    }

    fn table(&self, name: &str) -> Option<&'static Table> {
        if name == QUARANTINE.name { Some(&QUARANTINE) } else { self.view.table(name) }
    }

    /// The points that were written in turns which never count, when one of them has just been found. They are put
    /// right, because such turns are not remembered for ever.
    async fn left_over(&self) -> Result<Points, Failure> {
        let mut points = Points::new();
        if self.after == After::Ended {
            return Ok(points);
        }
        let lost: Vec<i64> = self.form.lost.iter().copied().collect();
        for table in self.view.tables.iter().chain([&QUARANTINE]) {
            let filter = Filter::must([super::form::of_table(table), Condition::matches(TURN, lost.clone())]);
            for found in self.store.server.all(&self.form.collection, &filter, Read::Rows).await? {
                if let Some(stored) = Stored::read(&found.payload)? {
                    points.insert((table.name, stored.key.clone()), stored);
                }
            }
        }
        Ok(points)
    }

    /// The points that `batch` touches, as they are.
    async fn read(&self, batch: &Batch, points: &mut Points) -> Result<(), Failure> {
        let mut keys = batch.keys();
        let aside = batch.quarantined.iter().map(|event| place_of(event.position));
        keys.insert(QUARANTINE.name, aside.collect());
        for (name, keys) in keys {
            let Some(table) = self.table(name) else { continue };
            for keys in keys.chunks(CHUNK) {
                let ids = keys.iter().map(|key| point::id(name, key)).collect();
                for found in self.store.server.points(&self.form.collection, ids).await? {
                    if let Some(stored) = Stored::read(&found.payload)? {
                        points.insert((table.name, stored.key.clone()), stored);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Points on their way.
struct Chunk<'a> {
    server: &'a Server,
    form: &'a Form,
    points: Vec<PointStruct>,
    bytes: usize,
}

impl Chunk<'_> {
    async fn add(&mut self, point: PointStruct) -> Result<(), Failure> {
        let text = |value: &qdrant_client::qdrant::Value| value.as_str().map_or(8, String::len);
        // A vector is longer as text, in the row, than as numbers.
        let bytes = 2 * point.payload.values().map(text).sum::<usize>();
        if self.points.len() >= CHUNK || self.bytes + bytes > CHUNK_BYTES {
            self.send().await?;
        }
        self.points.push(point);
        self.bytes += bytes;
        Ok(())
    }

    /// Writes what is not of a later turn already.
    async fn send(&mut self) -> Result<(), Failure> {
        self.bytes = 0;
        let points = std::mem::take(&mut self.points);
        if points.is_empty() {
            return Ok(());
        }
        let earlier = Range { lt: Some(self.form.turn as f64), ..Default::default() };
        let earlier = Filter::must([Condition::range(TURN, earlier)]);
        self.server.upsert(&self.form.collection, points, earlier, UpdateMode::Upsert).await
    }
}

fn room(collection: &str, place: &Place) -> CreateVectorNameRequest {
    let config = DenseVectorCreationConfig {
        size: place.dimension as u64,
        distance: Distance::Dot.into(),
        ..Default::default()
    };
    CreateVectorNameRequest {
        collection_name: collection.to_owned(),
        wait: Some(true),
        vector_name: place.name.clone(),
        vector_config: Some(config.into()),
        ..Default::default()
    }
}

/// A key whose order is that of the positions.
fn place_of(position: u64) -> String {
    format!("{position:020}")
}

fn set_aside(event: &Quarantined) -> Written {
    let id = place_of(event.position);
    let mut row = Row::new();
    row.insert("id".into(), id.as_str().into());
    row.insert("position".into(), event.position.into());
    row.insert("stream".into(), event.stream.as_str().into());
    row.insert("reason".into(), event.reason.as_str().into());
    Written { table: &QUARANTINE, id, row: Some(row) }
}
