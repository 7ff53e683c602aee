//! Rows damaged by the means of a server.

use std::sync::Arc;

use hydra_projections::view::{Lasts, Table, View};
use hydra_projections::{
    Neo4jOptions, Neo4jStore, PostgresStore, QdrantOptions, QdrantStore, RedisStore, VIEWS, ViewStore,
};
use qdrant_client::Payload;
use qdrant_client::qdrant::{Condition, Filter, SetPayloadPointsBuilder};

use crate::memories::Kind;
pub use crate::memories::Place;

use super::{Damage, Deed, sql};

/// The views that can be configured to be on such a server.
pub fn views_on(kind: Kind) -> impl Iterator<Item = &'static View> {
    VIEWS.into_iter().filter(move |view| match kind {
        Kind::Postgres | Kind::Neo4j => true,
        Kind::Redis => view.name == "short_term",
        Kind::Qdrant => view.name == "long_term",
    })
}

pub fn store(place: &Place) -> Arc<dyn ViewStore> {
    match place.kind() {
        Kind::Postgres => Arc::new(PostgresStore::try_new(&place.url()).unwrap()),
        Kind::Redis => Arc::new(RedisStore::try_new(&place.url()).unwrap()),
        Kind::Neo4j => {
            let (url, user, password) = (place.url(), String::new(), String::new());
            Arc::new(Neo4jStore::try_new(&Neo4jOptions { url, user, password }).unwrap())
        }
        Kind::Qdrant => {
            Arc::new(QdrantStore::try_new(&QdrantOptions { url: place.url(), api_key: None }).unwrap())
        }
    }
}

pub fn possible(place: &Place, view: &View, table: &Table) -> Vec<Deed> {
    let lasts = table.lasts == Lasts::Always;
    let graph = view.edges.filter(|edges| [edges.nodes, edges.table].contains(&table.name));
    match (place.kind(), graph) {
        // Rows are counted there: where they are too few or too many, the view is filled again.
        (Kind::Redis | Kind::Qdrant, _) if lasts => vec![Deed::Change],
        // What a connection ends at goes with the connection, and a connection has hardly a cell of its own.
        (Kind::Neo4j, Some(edges)) if edges.nodes == table.name => vec![Deed::Change, Deed::Add],
        (Kind::Neo4j, Some(_)) => vec![Deed::Remove],
        _ if lasts => vec![Deed::Change, Deed::Remove, Deed::Add],
        _ => vec![Deed::Change, Deed::Remove],
    }
}

pub async fn apply(place: &Place, damage: &Damage) {
    match place.kind() {
        Kind::Postgres => {
            let table = format!("{}_{}.{}", place.name(), damage.view.name, damage.table.name);
            place.sql(&sql(damage, &table)).await;
        }
        Kind::Redis => in_redis(place, damage).await,
        Kind::Neo4j => in_neo4j(place, damage).await,
        Kind::Qdrant => in_qdrant(place, damage).await,
    }
}

async fn in_redis(place: &Place, damage: &Damage) {
    let (mut connection, view) = (place.redis().await, format!("{}:{{{}}}", place.name(), damage.view.name));
    let mut live = redis::cmd("HGET");
    let number: String = live.arg(&view).arg("live").query_async(&mut connection).await.unwrap();
    let (table, key) = (damage.table.name, damage.key());
    let row = serde_json::to_string(&damage.changed()).unwrap();
    let (lasting, fleeting) =
        (format!("{view}:{number}:r:{table}"), format!("{view}:{number}:x:{table}:{key}"));
    let words: Vec<&str> = match (damage.deed, damage.table.lasts) {
        (Deed::Change, Lasts::Always) => vec!["HSET", &lasting, key, &row],
        (Deed::Change, Lasts::For { .. }) => vec!["SET", &fleeting, &row, "KEEPTTL"],
        (Deed::Remove | Deed::Add, _) => vec!["DEL", &fleeting],
    };
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]).exec_async(&mut connection).await.unwrap();
}

async fn in_neo4j(place: &Place, damage: &Damage) {
    let Damage { view, table, column, value, .. } = damage;
    let label = format!("hydra_{}_{}", view.name, table.name);
    let live = format!("MATCH (c:hydra_checkpoint {{prefix: $prefix, view: '{}'}})", view.name);
    let done = match damage.deed {
        Deed::Remove if view.edges.is_some_and(|edges| edges.table == table.name) => {
            "MATCH ()-[r]->() WHERE r._build = c.live_build AND r.id = $key DELETE r".to_owned()
        }
        Deed::Remove => format!("MATCH (n:{label} {{_build: c.live_build, id: $key}}) DELETE n"),
        Deed::Change => {
            format!("MATCH (n:{label} {{_build: c.live_build, id: $key}}) SET n.{column} = {value}")
        }
        Deed::Add => {
            let cells = damage.row.iter().map(|(name, value)| format!(", {name}: {value}"));
            format!("CREATE (n:{label} {{_build: c.live_build, _row: true{}}})", cells.collect::<String>())
        }
    };
    let question = format!("{live} {done} RETURN count(*) AS found");
    let found = place.cypher(&question, &[("key", damage.key().into())]).await;
    assert_eq!(found, 1, "{} of {}", damage.key(), table.name);
}

async fn in_qdrant(place: &Place, damage: &Damage) {
    let collection = format!("{}_{}", place.name(), damage.view.name);
    let (table, key) = (damage.table.name.to_owned(), damage.key().to_owned());
    let point = Filter::must([Condition::matches("_table", table), Condition::matches("id", key)]);
    let mut payload = Payload::new();
    payload.insert("_row", serde_json::to_string(&damage.changed()).unwrap());
    let changed = SetPayloadPointsBuilder::new(collection, payload).points_selector(point).wait(true);
    place.qdrant().set_payload(changed).await.unwrap();
}
