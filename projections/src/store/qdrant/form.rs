//! One form of a view: the point of its collection that says how far it has come, and what of the others counts.
//!
//! Whoever writes takes a turn, which has a number, and marks with it every point that it writes, beside what the row
//! was before. The turn counts from the moment on in which this point says so: until then, and for ever if it never
//! does, the rows before it are what is there. A writer that was cut off holds up the next one for a while, who then
//! says of that turn that it never counts.

use std::collections::{BTreeSet, HashMap};

use hydra_events::record::Position;
use qdrant_client::qdrant::value::Kind;
use qdrant_client::qdrant::{
    Condition, Filter, ListValue, NamedVectors, PointId, PointStruct, Range, UpdateMode, Value, Vectors,
    vectors,
};

use super::point::{self, TABLE, TURN};
use super::server::{Failure, Server};
use crate::store::Checkpoint;
use crate::view::Table;

/// Turns that never count are remembered so long. Whoever had an earlier one has ended, and its points are put right.
const LOST_MAX: usize = 64;
/// What this point has where others have their table; no table is called so.
const KIND: &str = ":checkpoint";

/// A form of a view as its checkpoint tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// The collection it is in, by its own name.
    pub(super) collection: String,
    pub(super) checkpoint: Checkpoint,
    /// The last turn that somebody took.
    pub(super) turn: i64,
    /// The last one that counts.
    pub(super) done: i64,
    /// Earlier ones that do not.
    pub(super) lost: BTreeSet<i64>,
    /// Whose turn it is, where it is somebody's.
    pub(super) writer: Option<String>,
    /// Who has last changed this.
    pub(super) changed_by: String,
    /// The vectors that points of the collection may have, by their names.
    pub(super) vectors: BTreeSet<String>,
    /// How many points there are at least, besides this one.
    pub(super) points: u64,
}

impl Form {
    /// Of a view without rows, in a collection that was just made.
    pub(super) fn fresh(collection: String, checkpoint: Checkpoint) -> Self {
        Self {
            collection,
            checkpoint,
            turn: 0,
            done: 0,
            lost: BTreeSet::new(),
            writer: None,
            changed_by: String::new(),
            vectors: BTreeSet::new(),
            points: 0,
        }
    }

    /// The form in the collection with this name or alias; `None` where there is none, or it makes no sense.
    pub(super) async fn read(server: &Server, name: &str) -> Result<Option<Self>, Failure> {
        match server.points(name, vec![id()]).await {
            Ok(found) => Ok(found.first().and_then(|point| Self::decode(&point.payload))),
            Err(Failure::Gone) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Puts the first checkpoint into a collection.
    pub(super) async fn put(&self, server: &Server) -> Result<(), Failure> {
        let point = vec![self.encode()];
        server.upsert(&self.collection, point, Filter::default(), UpdateMode::Upsert).await
    }

    /// Puts `after` in the place of this, where nobody was quicker. `by` names this one try.
    async fn replace(&self, server: &Server, after: &mut Self, by: &str) -> Result<Option<Self>, Failure> {
        by.clone_into(&mut after.changed_by);
        let is_this = Filter::must([
            Condition::matches(TURN, self.turn),
            Condition::matches("changed_by", self.changed_by.clone()),
        ]);
        server.upsert(&self.collection, vec![after.encode()], is_this, UpdateMode::UpdateOnly).await?;
        Self::read(server, &self.collection).await
    }

    /// Takes a turn, or at once a whole one in which no point is written; `None` where somebody was quicker.
    pub(super) async fn change(
        &self,
        server: &Server,
        mut after: Self,
        by: &str,
    ) -> Result<Option<Self>, Failure> {
        let found = self.replace(server, &mut after, by).await?;
        Ok(found.filter(|found| found.changed_by == by))
    }

    /// Ends the turn that was taken; says whether it counts.
    pub(super) async fn end(&self, server: &Server, mut after: Self, by: &str) -> Result<bool, Failure> {
        let found = self.replace(server, &mut after, by).await?;
        Ok(found.is_some_and(|found| found.changed_by == by || found.follows(&after)))
    }

    /// Whether somebody has gone on from `earlier`, with which a turn of its own has ended.
    fn follows(&self, earlier: &Self) -> bool {
        self.done >= earlier.done && !self.lost.contains(&earlier.done)
    }

    /// The same with a turn of `writer`, in which the turn that nobody ends any more is lost.
    pub(super) fn taken(&self, writer: &str) -> Self {
        let mut after = self.clone();
        after.turn += 1;
        after.writer = Some(writer.to_owned());
        if self.writer.is_some() {
            after.lost.insert(self.turn);
        }
        while after.lost.len() > LOST_MAX {
            after.lost.pop_first();
        }
        after
    }

    /// The same with the turn under way as one that counts.
    pub(super) fn ended(&self, position: Position, rate: u32) -> Self {
        let checkpoint = Checkpoint { position, rate, ..self.checkpoint };
        Self { checkpoint, done: self.turn, writer: None, ..self.clone() }
    }

    /// Whether a point that was written in this turn is what it says; otherwise it is what it was before.
    pub(super) fn counts(&self, turn: i64) -> bool {
        turn <= self.done && !self.lost.contains(&turn)
    }

    /// Whether rows that were read by the one are rows by the other.
    pub(super) fn is_of_the_moment_of(&self, other: &Self) -> bool {
        (&self.collection, self.done, self.checkpoint) == (&other.collection, other.done, other.checkpoint)
    }

    /// The points of `table` that are what they say, and of which these conditions hold.
    pub(super) fn settled(&self, table: &Table, conditions: Vec<Condition>) -> Filter {
        let done = Range { lte: Some(self.done as f64), ..Default::default() };
        let mut filter = Filter::must([of_table(table), Condition::range(TURN, done)]);
        filter.must.extend(conditions);
        filter.must_not.extend(self.lost_turns());
        filter
    }

    /// The points of `table` that are what they were before.
    pub(super) fn unsettled(&self, table: &Table) -> Filter {
        let done = Range { gt: Some(self.done as f64), ..Default::default() };
        let mut filter = Filter::must([of_table(table)]);
        filter.should.push(Condition::range(TURN, done));
        filter.should.extend(self.lost_turns());
        filter
    }

    fn lost_turns(&self) -> Option<Condition> {
        let lost: Vec<i64> = self.lost.iter().copied().collect();
        (!lost.is_empty()).then(|| Condition::matches(TURN, lost))
    }

    fn encode(&self) -> PointStruct {
        let Checkpoint { log, version, position, rate } = self.checkpoint;
        let list = |values: Vec<Value>| Value { kind: Some(Kind::ListValue(ListValue { values })) };
        let payload: [(&str, Value); 13] = [
            (TABLE, KIND.into()),
            (TURN, self.turn.into()),
            ("collection", self.collection.as_str().into()),
            ("log", log.to_string().into()),
            ("version", i64::from(version).into()),
            ("position", (position as i64).into()),
            ("rate", i64::from(rate).into()),
            ("done", self.done.into()),
            ("lost", list(self.lost.iter().map(|turn| (*turn).into()).collect())),
            ("writer", self.writer.clone().unwrap_or_default().into()),
            ("changed_by", self.changed_by.as_str().into()),
            ("vectors", list(self.vectors.iter().map(|name| name.as_str().into()).collect())),
            ("points", (self.points as i64).into()),
        ];
        let payload = payload.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        PointStruct { id: Some(id()), payload, vectors: Some(no_vectors()) }
    }

    /// What somebody has tampered with is no form.
    fn decode(payload: &HashMap<String, Value>) -> Option<Self> {
        let text = |name: &str| payload.get(name)?.as_str().cloned();
        let whole = |name: &str| payload.get(name)?.as_integer();
        let list = |name: &str| Some(payload.get(name)?.try_list_iter()?.collect::<Vec<_>>());
        let checkpoint = Checkpoint {
            log: text("log")?.parse().ok()?,
            version: u32::try_from(whole("version")?).ok()?,
            position: Position::try_from(whole("position")?).ok()?,
            rate: u32::try_from(whole("rate")?).ok()?,
        };
        Some(Self {
            collection: text("collection")?,
            checkpoint,
            turn: whole(TURN)?,
            done: whole("done")?,
            lost: list("lost")?.into_iter().filter_map(Value::as_integer).collect(),
            writer: text("writer").filter(|writer| !writer.is_empty()),
            changed_by: text("changed_by")?,
            vectors: list("vectors")?.into_iter().filter_map(|name| name.as_str().cloned()).collect(),
            points: u64::try_from(whole("points")?).ok()?,
        })
    }
}

/// The points of a table.
pub(super) fn of_table(table: &Table) -> Condition {
    Condition::matches(TABLE, table.name.to_owned())
}

/// Vectors of a point that has none.
pub(super) fn no_vectors() -> Vectors {
    Vectors { vectors_options: Some(vectors::VectorsOptions::Vectors(NamedVectors::default())) }
}

fn id() -> PointId {
    point::id(KIND, "")
}

#[cfg(test)]
mod tests {
    use hydra_events::Id;

    use super::*;

    fn form() -> Form {
        let log = Id::of_outside("test", "log");
        let checkpoint = Checkpoint { log, version: 3, position: 70, rate: u32::MAX };
        let mut form = Form::fresh("hydra_probe_v3_0".to_owned(), checkpoint);
        form.vectors.insert("model-2".to_owned());
        form.points = 12;
        form
    }

    #[test]
    fn a_form_is_what_its_point_tells() {
        let mut form = form().taken("me").taken("you");
        form.changed_by = "you".to_owned();
        assert_eq!((form.turn, form.lost.len()), (2, 1));
        assert_eq!(Form::decode(&form.encode().payload), Some(form.clone()));
        for field in ["log", "position", "writer", "lost"] {
            let mut payload = form.encode().payload;
            payload.insert(field.to_owned(), true.into());
            let found = Form::decode(&payload);
            assert!(field == "writer" || found.is_none(), "{field}: {found:?}");
        }
    }

    #[test]
    fn a_turn_counts_when_it_has_ended_and_never_when_another_began_before() {
        let cut_off = form().taken("me");
        assert!(!cut_off.counts(1));
        let ended = cut_off.taken("you").ended(80, 1);
        assert!(ended.counts(2) && !ended.counts(1) && !ended.counts(3));
        assert_eq!((ended.checkpoint.position, ended.writer.as_deref()), (80, None));
        assert!(!ended.is_of_the_moment_of(&cut_off));
        assert!(ended.taken("she").is_of_the_moment_of(&ended));
    }

    #[test]
    fn a_change_that_others_have_gone_on_from_was_made() {
        let ended = form().taken("me").ended(80, 1);
        let further = ended.taken("you").ended(90, 1);
        assert!(further.follows(&ended));
        assert!(!form().taken("me").taken("you").ended(80, 1).follows(&ended));
    }
}
