//! Asking the views.

mod connections;
mod similar;

use std::collections::BTreeMap;

use hydra_events::Id;
use hydra_events::record::Position;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::VIEWS;
use crate::batch::Quarantined;
use crate::projector::{Stand, Stands};
use crate::rows::{
    ActivityRow, ApprovalRow, ChapterRow, CharacterRow, ContextRow, DeadRow, DocumentRow, DoingRow, EdgeRow,
    ImageRow, IncidentRow, LineRow, OrderRow, OutcomeRow, PlanRow, PolicyRow, PromptRow, QueueRow,
    SceneAssetRow, SceneRow, TaskRow,
};
use crate::store::{Checkpoint, Generation, StoreError, ViewStore, Which, no_generation, reasons};
use crate::stores::Stores;
use crate::view::{Row, View};

pub use similar::{Among, Only, Similar, SimilarFound};

/// The views, for asking. Cheap to clone.
#[derive(Clone)]
pub struct Views {
    stores: Stores,
    /// The log they are of; those of another one are not asked.
    log: Id,
    /// Those that cannot be asked, and why.
    absent: BTreeMap<&'static str, String>,
    /// The positions without which they are not asked.
    seen: BTreeMap<&'static str, Position>,
}

/// Work with its place among work of the same priority.
#[derive(Deserialize)]
struct Placed {
    #[serde(flatten)]
    row: QueueRow,
    rank: Option<i64>,
    position: Option<i64>,
}

/// An incident with when it began.
#[derive(Deserialize)]
struct Since {
    #[serde(flatten)]
    row: IncidentRow,
    since: Option<i64>,
}

/// What a stream did last, with the position of that.
#[derive(Deserialize)]
struct At {
    #[serde(flatten)]
    row: ActivityRow,
    position: Option<i64>,
}

impl Views {
    /// The views of `log` in `stores`.
    pub fn over(stores: Stores, log: Id) -> Self {
        Self { stores, log, absent: BTreeMap::new(), seen: BTreeMap::new() }
    }

    /// The same, where `views` have seen `position`: one that has not, because it was wiped meanwhile, is not asked.
    pub fn that_have_seen(self, views: &[&'static View], position: Position) -> Self {
        Self { seen: views.iter().map(|view| (view.name, position)).collect(), ..self }
    }

    pub(crate) fn without(self, absent: BTreeMap<&'static str, String>) -> Self {
        Self { absent, ..self }
    }

    /// How every view stands, whether or not it can be asked.
    pub async fn stands(&self) -> Stands {
        let mut stands = Stands::new();
        for view in VIEWS {
            let mut stand = Stand { store: self.stores.of(view).shown(), ..Stand::default() };
            stand.away = match self.absent.get(view.name) {
                Some(reason) => Some(reason.clone()),
                None => self.look(view, &mut stand).await.err().map(|error| reasons(&error)),
            };
            stands.insert(view.name, stand);
        }
        stands
    }

    async fn look(&self, view: &'static View, stand: &mut Stand) -> Result<(), StoreError> {
        let store = self.stores.of(view);
        if let Some(found) = store.checkpoint(view, Generation::Live).await? {
            self.refuse_foreign(view, &found)?;
            // What another version has seen is not what this one will show.
            stand.position = if found.version == view.version { found.position } else { 0 };
            stand.rate = found.rate;
        }
        let building = store.checkpoint(view, Generation::Next).await?;
        stand.building = building.filter(|found| found.log == self.log).map(|found| found.position);
        Ok(())
    }

    /// The events that the views go on without, by view and position. A view that cannot be asked has none.
    pub async fn quarantined(&self) -> Vec<(&'static str, Quarantined)> {
        let mut all = Vec::new();
        for view in VIEWS {
            if self.absent.contains_key(view.name) {
                continue;
            }
            let found = self.stores.of(view).quarantined(view, Generation::Live).await;
            all.extend(found.into_iter().flatten().map(|event| (view.name, event)));
        }
        all
    }

    fn refuse_foreign(&self, view: &'static View, found: &Checkpoint) -> Result<(), StoreError> {
        let store = self.stores.of(view);
        if found.log == self.log || found.position == 0 || store.is_own() {
            return Ok(());
        }
        Err(StoreError::Foreign { store: store.shown(), view: view.name, log: found.log })
    }

    /// All chapters, by id.
    pub async fn chapters(&self) -> Result<Vec<ChapterRow>, StoreError> {
        self.rows("chapters", Which::All).await
    }

    /// One chapter, by the id of its stream.
    pub async fn chapter(&self, id: &str) -> Result<Option<ChapterRow>, StoreError> {
        self.one("chapters", id).await
    }

    /// The scenes of a chapter, by name; [`ChapterRow::scene_order`] has the story's order.
    pub async fn scenes(&self, chapter: &str) -> Result<Vec<SceneRow>, StoreError> {
        self.rows("scenes", is("chapter", chapter)).await
    }

    /// What a scene or an order has asked for.
    pub async fn assets_of(&self, requester: &str) -> Result<Vec<SceneAssetRow>, StoreError> {
        self.rows("scene_assets", is("scene", requester)).await
    }

    /// The pictures of a chapter, or of an order without one.
    pub async fn images(&self, chapter: &str) -> Result<Vec<ImageRow>, StoreError> {
        self.rows("images", is("chapter", chapter)).await
    }

    /// One picture, by its stream.
    pub async fn image(&self, stream: &str) -> Result<Option<ImageRow>, StoreError> {
        self.one("images", stream).await
    }

    /// The lines of a chapter.
    pub async fn lines(&self, chapter: &str) -> Result<Vec<LineRow>, StoreError> {
        self.rows("lines", is("chapter", chapter)).await
    }

    /// All orders.
    pub async fn orders(&self) -> Result<Vec<OrderRow>, StoreError> {
        self.rows("orders", Which::All).await
    }

    /// Every document that was not forgotten.
    pub async fn documents(&self) -> Result<Vec<DocumentRow>, StoreError> {
        let mut rows: Vec<DocumentRow> = self.rows("documents", Which::All).await?;
        rows.retain(|row| row.state != "forgotten");
        Ok(rows)
    }

    /// What was given up or parked, oldest first.
    pub async fn dead(&self) -> Result<Vec<DeadRow>, StoreError> {
        let mut rows: Vec<DeadRow> = self.rows("dead", Which::All).await?;
        rows.sort_by_key(|row| row.position);
        Ok(rows)
    }

    /// The open questions, oldest first.
    pub async fn open_approvals(&self) -> Result<Vec<ApprovalRow>, StoreError> {
        let mut rows: Vec<ApprovalRow> = self.rows("approvals", is("state", "open")).await?;
        rows.sort_by_key(|row| row.asked_at);
        Ok(rows)
    }

    /// The approvals of a chapter, whatever became of them.
    pub async fn approvals_of(&self, chapter: &str) -> Result<Vec<ApprovalRow>, StoreError> {
        self.rows("approvals", is("chapter", chapter)).await
    }

    /// Running and waiting work, in the order it will be done.
    pub async fn queue(&self) -> Result<Vec<QueueRow>, StoreError> {
        let mut rows: Vec<Placed> = self.rows("queue", Which::All).await?;
        let order = |Placed { row, rank, position }: &Placed| {
            (row.state.clone(), std::cmp::Reverse(row.priority), *rank, *position)
        };
        rows.sort_by_cached_key(order);
        Ok(rows.into_iter().map(|placed| placed.row).collect())
    }

    /// Why the queue is paused; `None` when it is not.
    pub async fn queue_paused(&self) -> Result<Option<String>, StoreError> {
        let rows: Vec<Row> = self.rows("queue_state", Which::All).await?;
        let paused = |row: &Row| row.get("paused").and_then(Value::as_i64) == Some(1);
        let reason = |row: Row| row.get("reason").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(rows.into_iter().find(paused).map(reason))
    }

    /// All plans that are in force.
    pub async fn plans(&self) -> Result<Vec<PlanRow>, StoreError> {
        self.rows("plans", is("state", "active")).await
    }

    /// The open incidents.
    pub async fn incidents(&self) -> Result<Vec<IncidentRow>, StoreError> {
        let mut rows: Vec<Since> = self.rows("incidents", is("state", "open")).await?;
        rows.sort_by_key(|incident| incident.since);
        Ok(rows.into_iter().map(|incident| incident.row).collect())
    }

    /// The streams that owe something, with the last thing that happened to them.
    pub async fn owing(&self) -> Result<Vec<ActivityRow>, StoreError> {
        let mut rows: Vec<At> = self.rows("activity", is("owes", 1)).await?;
        rows.sort_by_key(|activity| activity.position);
        Ok(rows.into_iter().map(|activity| activity.row).collect())
    }

    /// The characters that were defined, by key.
    pub async fn characters(&self) -> Result<Vec<CharacterRow>, StoreError> {
        self.rows("characters", Which::All).await
    }

    /// What was to be made of a character, in the order it was asked for.
    pub async fn tasks_of(&self, character: &str) -> Result<Vec<TaskRow>, StoreError> {
        let mut rows: Vec<TaskRow> = self.rows("generation_tasks", is("character", character)).await?;
        rows.sort_by_key(|row| row.created_at);
        Ok(rows)
    }

    /// What became of the tries of a task, oldest first.
    pub async fn outcomes_of(&self, task: &str) -> Result<Vec<OutcomeRow>, StoreError> {
        let mut rows: Vec<OutcomeRow> = self.rows("task_outcomes", is("task_id", task)).await?;
        rows.sort_by_key(|row| row.created_at);
        Ok(rows)
    }

    /// What the actors did within the last hour, by their names.
    pub async fn doing(&self) -> Result<Vec<DoingRow>, StoreError> {
        self.rows("doing", Which::All).await
    }

    /// Where the making of a chapter or an order stands; `None` when nothing happened to it within the last hour.
    pub async fn generation_context(&self, chapter: &str) -> Result<Option<ContextRow>, StoreError> {
        self.one("generation_contexts", chapter).await
    }

    /// What engines were given for a chapter or an order within the last hour, newest first.
    pub async fn generation_prompts(&self, chapter: &str) -> Result<Vec<PromptRow>, StoreError> {
        let mut rows: Vec<PromptRow> = self.rows("generation_prompts", is("chapter", chapter)).await?;
        rows.sort_by_key(|row| std::cmp::Reverse(row.position));
        Ok(rows)
    }

    /// The policy in force.
    pub async fn policies(&self) -> Result<Vec<PolicyRow>, StoreError> {
        self.rows("policies", Which::All).await
    }

    /// What is connected with a node, in both directions.
    pub async fn edges(&self, node: &str) -> Result<Vec<EdgeRow>, StoreError> {
        let mut rows: Vec<Row> = self.rows("edges", is("source", node)).await?;
        let others: Vec<Row> = self.rows("edges", is("target", node)).await?;
        // One that leads to where it comes from is found twice.
        rows.extend(others.into_iter().filter(|row| row.get("source").and_then(Value::as_str) != Some(node)));
        rows.sort_by(|one, other| id(one).cmp(id(other)));
        rows.into_iter().map(|row| Ok(serde_json::from_value(row.into())?)).collect()
    }

    async fn one<T: DeserializeOwned>(&self, table: &str, id: &str) -> Result<Option<T>, StoreError> {
        Ok(self.rows(table, Which::Key(id.to_owned())).await?.into_iter().next())
    }

    /// Where `view` is kept, if it can be asked.
    fn store(&self, view: &View) -> Result<&dyn ViewStore, StoreError> {
        match self.absent.get(view.name) {
            Some(reason) => {
                let reason = format!("the view {} cannot be asked now: {reason}", view.name);
                Err(StoreError::Refused(reason))
            }
            None => Ok(self.stores.of(view).as_ref()),
        }
    }

    /// The typed rows of a table, by their keys.
    async fn rows<T: DeserializeOwned>(&self, table: &str, which: Which) -> Result<Vec<T>, StoreError> {
        let declared = VIEWS.into_iter().find_map(|view| Some((view, view.table(table)?)));
        let Some((view, declared)) = declared else { return Err(StoreError::UnknownView(table.to_owned())) };
        let found = self.store(view)?.rows(view, Generation::Live, declared, which).await?;
        self.refuse_foreign(view, &found.at)?;
        if self.seen.get(view.name).is_some_and(|position| found.at.position < *position) {
            return Err(no_generation(view, Generation::Live));
        }
        found.rows.into_iter().map(|row| Ok(serde_json::from_value(row.into())?)).collect()
    }
}

fn is(column: &'static str, value: impl Into<Value>) -> Which {
    Which::Is(column, value.into())
}

fn id(row: &Row) -> &str {
    row.get("id").and_then(Value::as_str).unwrap_or_default()
}
