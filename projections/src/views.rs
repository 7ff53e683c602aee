//! Asking the views.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use hydra_events::record::Position;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params_from_iter};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::VIEWS;
use crate::rows::{
    ActivityRow, ApprovalRow, ChapterRow, DeadRow, EdgeRow, ImageRow, IncidentRow, LineRow, OrderRow,
    PlanRow, PolicyRow, QueueRow, SceneAssetRow, SceneRow,
};
use crate::store::{self, StoreError};
use crate::view::{Kind, Table};

/// The views of a data folder, for asking. Cheap to clone.
#[derive(Clone)]
pub struct Views {
    connection: Arc<Mutex<Connection>>,
}

impl Views {
    /// The views at `path`, beside whoever keeps them.
    pub fn at(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { connection: Arc::new(Mutex::new(store::open_for_reading(path)?)) })
    }

    /// The position every view has seen.
    pub fn position(&self) -> Result<Position, StoreError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let query = "SELECT coalesce(min(position), 0) FROM checkpoints";
        Ok(connection.query_row(query, [], |row| row.get::<_, i64>(0))? as Position)
    }

    /// All chapters, by id.
    pub fn chapters(&self) -> Result<Vec<ChapterRow>, StoreError> {
        self.rows("chapters", "", &[])
    }

    /// One chapter, by the id of its stream.
    pub fn chapter(&self, id: &str) -> Result<Option<ChapterRow>, StoreError> {
        self.one("chapters", id)
    }

    /// The scenes of a chapter, by name; [`ChapterRow::scene_order`] has the story's order.
    pub fn scenes(&self, chapter: &str) -> Result<Vec<SceneRow>, StoreError> {
        self.rows("scenes", "WHERE chapter = ?1", &[chapter])
    }

    /// What a scene or an order has asked for.
    pub fn assets_of(&self, requester: &str) -> Result<Vec<SceneAssetRow>, StoreError> {
        self.rows("scene_assets", "WHERE scene = ?1", &[requester])
    }

    /// The pictures of a chapter, or of an order without one.
    pub fn images(&self, chapter: &str) -> Result<Vec<ImageRow>, StoreError> {
        self.rows("images", "WHERE chapter = ?1", &[chapter])
    }

    /// One picture, by its stream.
    pub fn image(&self, stream: &str) -> Result<Option<ImageRow>, StoreError> {
        self.one("images", stream)
    }

    /// The lines of a chapter.
    pub fn lines(&self, chapter: &str) -> Result<Vec<LineRow>, StoreError> {
        self.rows("lines", "WHERE chapter = ?1", &[chapter])
    }

    /// All orders.
    pub fn orders(&self) -> Result<Vec<OrderRow>, StoreError> {
        self.rows("orders", "", &[])
    }

    /// What was given up or parked, oldest first.
    pub fn dead(&self) -> Result<Vec<DeadRow>, StoreError> {
        self.rows("dead", "ORDER BY position", &[])
    }

    /// The open questions, oldest first.
    pub fn open_approvals(&self) -> Result<Vec<ApprovalRow>, StoreError> {
        self.rows("approvals", "WHERE state = 'open' ORDER BY asked_at, id", &[])
    }

    /// The approvals of a chapter, whatever became of them.
    pub fn approvals_of(&self, chapter: &str) -> Result<Vec<ApprovalRow>, StoreError> {
        self.rows("approvals", "WHERE chapter = ?1", &[chapter])
    }

    /// Running and waiting work, in the order it will be done.
    pub fn queue(&self) -> Result<Vec<QueueRow>, StoreError> {
        self.rows("queue", "ORDER BY state, priority DESC, rank, position", &[])
    }

    /// Why the queue is paused; `None` when it is not.
    pub fn queue_paused(&self) -> Result<Option<String>, StoreError> {
        let rows: Vec<Map<String, Value>> = self.rows("queue_state", "WHERE paused = 1", &[])?;
        Ok(rows.into_iter().next().map(|row| row["reason"].as_str().unwrap_or_default().to_owned()))
    }

    /// All plans that are in force.
    pub fn plans(&self) -> Result<Vec<PlanRow>, StoreError> {
        self.rows("plans", "WHERE state = 'active'", &[])
    }

    /// The open incidents.
    pub fn incidents(&self) -> Result<Vec<IncidentRow>, StoreError> {
        self.rows("incidents", "WHERE state = 'open' ORDER BY since", &[])
    }

    /// The streams that owe something, with the last thing that happened to them.
    pub fn owing(&self) -> Result<Vec<ActivityRow>, StoreError> {
        self.rows("activity", "WHERE owes = 1 ORDER BY position", &[])
    }

    /// The policy in force.
    pub fn policies(&self) -> Result<Vec<PolicyRow>, StoreError> {
        self.rows("policies", "", &[])
    }

    /// What is connected with a node, in both directions.
    pub fn edges(&self, node: &str) -> Result<Vec<EdgeRow>, StoreError> {
        self.rows("edges", "WHERE source = ?1 OR target = ?1", &[node])
    }

    fn one<T: DeserializeOwned>(&self, table: &str, id: &str) -> Result<Option<T>, StoreError> {
        Ok(self.rows(table, "WHERE id = ?1", &[id])?.into_iter().next())
    }

    /// The typed rows of a table. `condition` is ours, never a caller's.
    fn rows<T: DeserializeOwned>(
        &self,
        table: &str,
        condition: &str,
        values: &[&str],
    ) -> Result<Vec<T>, StoreError> {
        let Some(declared) =
            VIEWS.iter().flat_map(|view| view.tables).find(|declared| declared.name == table)
        else {
            return Err(StoreError::UnknownView(table.to_owned()));
        };
        let columns: String = declared.columns.iter().map(|(name, _)| format!(", {name}")).collect();
        let order = if condition.contains("ORDER BY") { "" } else { " ORDER BY id" };
        let query = format!("SELECT id{columns} FROM {table} {condition}{order}");
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statement = connection.prepare_cached(&query)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(serde_json::from_value(object(declared, row)?)?);
        }
        Ok(found)
    }
}

fn object(table: &Table, row: &Row<'_>) -> Result<Value, StoreError> {
    let mut object = Map::new();
    object.insert("id".into(), row.get::<_, String>(0)?.into());
    for (index, (name, kind)) in table.columns.iter().enumerate() {
        let value = match (row.get_ref(index + 1)?, kind) {
            (ValueRef::Null, _) => continue,
            (ValueRef::Integer(number), _) => number.into(),
            (ValueRef::Real(number), _) => number.into(),
            (ValueRef::Text(text), Kind::Json) => serde_json::from_slice(text)?,
            (ValueRef::Text(text) | ValueRef::Blob(text), _) => String::from_utf8_lossy(text).into(),
        };
        object.insert((*name).into(), value);
    }
    Ok(object.into())
}
