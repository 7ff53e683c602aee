//! The rows a view ended with, as whoever loads them without Hydra has them at hand.

use std::sync::Arc;

use anyhow::{Context, Result};
use hydra_bench::rows::{self, Cell, Ends, Place};
use hydra_events::vector;
use hydra_projections::Stores;
use hydra_projections::store::{Generation, Which};
use hydra_projections::view::{Kind, Row, Table, View};
use serde_json::Value;

/// Rows read at once.
const PAGE: usize = 10_000;
/// The key, and where a store keeps documents, the document.
const KEY: &str = "id";
const DOCUMENT: &str = "document";

/// The rows of `view`, in the form that `place` takes.
pub async fn of(stores: &Stores, view: &'static View, place: &Place) -> Result<Arc<[rows::Table]>> {
    let mut tables = Vec::new();
    for table in view.tables {
        let mut shaped = shape(view, table, place);
        let mut key = String::new();
        loop {
            let which = Which::After { key, limit: PAGE };
            let found = stores.of(view).rows(view, Generation::Live, table, which).await?;
            let last = found.rows.last().and_then(|row| row.get(KEY)?.as_str()).map(str::to_owned);
            for row in &found.rows {
                shaped.rows.push(cells(&shaped.columns, table, row)?);
            }
            let Some(last) = last else { break };
            key = last;
        }
        tables.push(shaped);
    }
    Ok(tables.into())
}

/// A table without rows.
fn shape(view: &View, table: &Table, place: &Place) -> rows::Table {
    let mut columns = vec![(KEY.to_owned(), rows::Kind::Text)];
    let mut indexes: Vec<String> = table.searched().into_iter().map(str::to_owned).collect();
    if keeps_documents(place) {
        columns.push((DOCUMENT.to_owned(), rows::Kind::Json));
        indexes.clear();
    } else {
        columns
            .extend(table.columns.iter().map(|(column, kind)| ((*column).to_owned(), kind_of(*kind, place))));
    }
    let at = |name: &str| columns.iter().position(|(column, _)| column == name);
    let ends = view.edges.filter(|edges| edges.table == table.name).and_then(|edges| {
        Some(Ends { source: at(edges.source)?, target: at(edges.target)?, kind: at(edges.kind)? })
    });
    rows::Table { name: table.name.to_owned(), columns, indexes, ends, rows: Vec::new() }
}

/// Whether a row is one value there.
fn keeps_documents(place: &Place) -> bool {
    match place {
        Place::Sqlite(_) => false,
        #[cfg(feature = "full")]
        Place::Postgres(_) | Place::Neo4j(_) | Place::Qdrant(_) => false,
        #[cfg(feature = "full")]
        Place::Redis(_) => true,
    }
}

fn kind_of(kind: Kind, place: &Place) -> rows::Kind {
    match kind {
        Kind::Text | Kind::TextOr(_) => rows::Kind::Text,
        Kind::Integer => rows::Kind::Integer,
        Kind::Real => rows::Kind::Real,
        Kind::Time => rows::Kind::Time,
        Kind::Json => rows::Kind::Json,
        Kind::Vector => match place {
            Place::Sqlite(_) => rows::Kind::Bytes,
            #[cfg(feature = "full")]
            Place::Postgres(_) | Place::Qdrant(_) => rows::Kind::Bytes,
            // As it is written in a row.
            #[cfg(feature = "full")]
            Place::Redis(_) | Place::Neo4j(_) => rows::Kind::Text,
        },
    }
}

fn cells(columns: &[(String, rows::Kind)], table: &Table, row: &Row) -> Result<Vec<Cell>> {
    let cell = |(column, kind): &(String, rows::Kind)| match (column.as_str(), *kind) {
        (DOCUMENT, rows::Kind::Json) => Ok(Cell::Text(serde_json::to_string(row)?)),
        (name, kind) => {
            let value = row.get(name).filter(|value| !value.is_null());
            let told = || format!("a row of {} has {value:?} as {name}", table.name);
            value.map_or(Some(Cell::Null), |value| typed(kind, value)).with_context(told)
        }
    };
    columns.iter().map(cell).collect()
}

fn typed(kind: rows::Kind, value: &Value) -> Option<Cell> {
    Some(match kind {
        rows::Kind::Text => Cell::Text(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
        rows::Kind::Json => Cell::Text(value.to_string()),
        rows::Kind::Integer | rows::Kind::Time => Cell::Integer(value.as_i64()?),
        rows::Kind::Real => Cell::Real(value.as_f64()?),
        rows::Kind::Bytes => Cell::Bytes(vector::bytes_of(value.as_str()?)?),
    })
}
