//! Rows damaged behind Hydra's back: chosen by a seeded generator from every table of every memory, and changed, removed or
//! added by the means of the store they are in.

#![cfg_attr(
    not(feature = "full"),
    allow(dead_code, unused_variables, reason = "a build without servers damages one file in one way")
)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use hydra_projections::store::{Generation, Which};
use hydra_projections::view::{Kind, Lasts, Row, Table, View};
use hydra_projections::{SqliteStore, VIEWS, ViewStore};
use rusqlite::Connection;
use serde_json::{Value, json};

#[cfg(feature = "full")]
pub use in_servers::{Place, views_on};

#[cfg(feature = "full")]
#[path = "in_servers.rs"]
mod in_servers;

/// Rows that the next events change, whatever was done to them: Hydra records what an audit found.
const RESTLESS: [&str; 3] = ["doing", "nodes_joined", "queue_state"];
const RESTLESS_STREAMS: [&str; 3] = ["cluster-", "memory-", "policy-"];

/// Where the memories are.
pub enum Memories {
    /// In a SQLite file.
    File(PathBuf),
    /// On a server.
    #[cfg(feature = "full")]
    Server(Place),
}

/// What is done to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Change,
    Remove,
    Add,
}

/// A row, and what is done to it.
pub struct Damage {
    pub view: &'static View,
    pub table: &'static Table,
    pub row: Row,
    pub deed: Deed,
    /// The column that is changed, and what it says then.
    pub column: &'static str,
    pub value: Value,
}

/// What an audit has to say of a row, by table and key: the cells that are there, and those that should be.
pub type Expected = BTreeMap<(String, String), (Value, Value)>;

/// Numbers that only depend on where they began.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

impl Damage {
    pub fn key(&self) -> &str {
        self.row["id"].as_str().unwrap()
    }

    /// The row as it is afterwards, where it is changed.
    pub fn changed(&self) -> Row {
        let mut row = self.row.clone();
        row.insert(self.column.to_owned(), self.value.clone());
        row
    }

    fn expected(&self) -> (Value, Value) {
        match self.deed {
            Deed::Change => {
                let was = self.row.get(self.column).cloned().unwrap_or_default();
                (json!({ self.column: self.value }), json!({ self.column: was }))
            }
            Deed::Remove => (Value::Null, self.row.clone().into()),
            Deed::Add => (self.row.clone().into(), Value::Null),
        }
    }
}

impl Memories {
    /// Damages `count` rows, and says what is to be found.
    pub async fn damage(&self, count: usize, seed: u64) -> Expected {
        let mut expected = Expected::new();
        for damage in self.chosen(count, seed).await {
            self.apply(&damage).await;
            expected.insert((damage.table.name.to_owned(), damage.key().to_owned()), damage.expected());
        }
        assert_eq!(expected.len(), count);
        expected
    }

    fn views(&self) -> Vec<&'static View> {
        match self {
            Self::File(_) => VIEWS.to_vec(),
            #[cfg(feature = "full")]
            Self::Server(place) => views_on(place.kind()).collect(),
        }
    }

    /// As many rows of every table as of any other, while they last.
    async fn chosen(&self, count: usize, seed: u64) -> Vec<Damage> {
        let (store, mut seeded, mut tables) = (self.store(), Seeded(seed), Vec::new());
        for view in self.views() {
            for table in view.tables.iter().filter(|table| !RESTLESS.contains(&table.name)) {
                let found = store.rows(view, Generation::Live, table, Which::All).await.unwrap();
                let mut rows = found.rows;
                rows.retain(|row| !is_restless(row));
                tables.push((view, table, rows));
            }
        }
        let mut chosen = Vec::new();
        while chosen.len() < count {
            assert!(tables.iter().any(|(.., rows)| !rows.is_empty()), "there are not enough rows");
            for (view, table, rows) in tables.iter_mut().filter(|(.., rows)| !rows.is_empty()) {
                let row = rows.swap_remove(seeded.below(rows.len()));
                chosen.push(self.decided(view, table, row, &mut seeded));
            }
        }
        chosen.truncate(count);
        chosen
    }

    fn decided(
        &self,
        view: &'static View,
        table: &'static Table,
        mut row: Row,
        seeded: &mut Seeded,
    ) -> Damage {
        let columns: Vec<(&'static str, Value)> =
            table.columns.iter().filter_map(|(name, kind)| Some((*name, tampered(*kind)?))).collect();
        let (column, value) = columns[seeded.below(columns.len())].clone();
        let possible = self.possible(view, table);
        let deed = possible[seeded.below(possible.len())];
        if deed == Deed::Add {
            let ghost = format!("ghost-'\"-{}", row["id"].as_str().unwrap());
            row.retain(|name, _| matches!(table.kind(name), Some(Kind::TextOr(_))));
            row.insert("id".to_owned(), ghost.into());
            row.insert(column.to_owned(), value.clone());
        }
        Damage { view, table, row, deed, column, value }
    }

    /// What can be done to a row of this table so that it and no other is damaged.
    fn possible(&self, view: &View, table: &Table) -> Vec<Deed> {
        // One that does not say since when it is there is never shown.
        let lasts = table.lasts == Lasts::Always;
        match self {
            Self::File(_) if lasts => vec![Deed::Change, Deed::Remove, Deed::Add],
            Self::File(_) => vec![Deed::Change, Deed::Remove],
            #[cfg(feature = "full")]
            Self::Server(place) => in_servers::possible(place, view, table),
        }
    }

    fn store(&self) -> Arc<dyn ViewStore> {
        match self {
            Self::File(path) => Arc::new(SqliteStore::open_reader(path).unwrap()),
            #[cfg(feature = "full")]
            Self::Server(place) => in_servers::store(place),
        }
    }

    async fn apply(&self, damage: &Damage) {
        match self {
            Self::File(path) => {
                Connection::open(path).unwrap().execute_batch(&sql(damage, damage.table.name)).unwrap();
            }
            #[cfg(feature = "full")]
            Self::Server(place) => in_servers::apply(place, damage).await,
        }
    }
}

/// What a damaged cell of this kind says; none where stores would not agree on how.
fn tampered(kind: Kind) -> Option<Value> {
    match kind {
        Kind::Text | Kind::TextOr(_) => Some("tampered".into()),
        Kind::Integer => Some(7_777.into()),
        Kind::Real => Some(7_777.5.into()),
        Kind::Time | Kind::Json | Kind::Vector => None,
    }
}

fn is_restless(row: &Row) -> bool {
    let id = row["id"].as_str().unwrap();
    RESTLESS_STREAMS.iter().any(|begin| id.starts_with(begin))
}

/// The damage to a table that is called `table`.
pub fn sql(damage: &Damage, table: &str) -> String {
    let quoted = |value: &Value| match value.as_str() {
        Some(text) => format!("'{}'", text.replace('\'', "''")),
        None => value.to_string(),
    };
    let (key, column) = (quoted(&damage.row["id"]), damage.column);
    match damage.deed {
        Deed::Change => format!("UPDATE {table} SET {column} = {} WHERE id = {key}", quoted(&damage.value)),
        Deed::Remove => format!("DELETE FROM {table} WHERE id = {key}"),
        Deed::Add => {
            let (names, values): (Vec<&str>, Vec<String>) =
                damage.row.iter().map(|(name, value)| (name.as_str(), quoted(value))).unzip();
            format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "))
        }
    }
}
