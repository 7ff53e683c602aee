//! Views in Neo4j: every clause of the contract, and the same rows and connections as in the embedded store.
//!
//! Each test has a prefix of its own in the database that `HYDRA_TEST_NEO4J` names, and deletes what is under it.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, also in the functions they share")]

#[path = "views/connections.rs"]
mod connections;
#[path = "views/kept.rs"]
mod kept;
#[path = "in_neo4j/place.rs"]
mod place;
#[path = "views/server.rs"]
mod server;
#[path = "views/story.rs"]
mod story;

use std::sync::Arc;

use hydra_projections::associative::EdgeKind;
use hydra_projections::store::{Generation, Which};
use hydra_projections::view::Row;
use hydra_projections::{
    Neo4jOptions, Neo4jStore, Projector, Stores, associative, caught_up, rebuild, roll_back,
};
use tempfile::TempDir;

use kept::{COMPARED, KEPT, healed, seen, tables, told};
use place::Place;
use story::{blob, raw, story};

hydra_projections::store_contract!(option: Place::configured());

fn stores(place: &Place) -> Stores {
    Stores::all_in(Arc::new(Neo4jStore::try_new(&place.options()).unwrap()))
}

#[tokio::test]
async fn rows_and_connections_are_those_of_the_embedded_store() {
    let Some(place) = Place::configured() else { return };
    let folder = TempDir::new().unwrap();
    let (log, right) = told(&folder, story()).await;
    let stores = stores(&place);
    let views = caught_up(log, stores.clone()).await.unwrap();
    let found = tables(&stores).await.unwrap();
    for (table, rows) in &right {
        assert_eq!(&found[table], rows, "{table}");
    }
    connections::are_those_of_the_story(&views).await;
    // By the columns that connections do not have as cells.
    let edges = associative::VIEW.table("edges").unwrap();
    for (column, value) in [("source", "scene-light_1"), ("target", "scene-light_1"), ("kind", "wants")] {
        let which = Which::Is(column, value.into());
        let rows =
            stores.of(&associative::VIEW).rows(&associative::VIEW, Generation::Live, edges, which).await;
        let expected: Vec<&Row> = right["edges"].iter().filter(|row| row[column] == value).collect();
        assert_eq!(rows.unwrap().rows.iter().collect::<Vec<_>>(), expected, "{column}");
    }
}

#[tokio::test]
async fn a_person_finds_the_story_by_cypher() {
    let Some(place) = Place::configured() else { return };
    let folder = TempDir::new().unwrap();
    let (log, _) = told(&folder, story()).await;
    caught_up(log, stores(&place)).await.unwrap();
    let live = "MATCH (c:hydra_checkpoint {prefix: $prefix, view: 'associative'})";
    let wanted = format!(
        "{live} MATCH (s:hydra_associative_nodes {{_build: c.live_build, id: 'scene-light_1'}})-[:wants]->(asset) \
         RETURN count(asset) AS found"
    );
    assert_eq!(place.count(&wanted).await, 3);
    let seeds = format!(
        "{live} MATCH (i {{_build: c.live_build, id: 'image-light_keeper'}})-[:rendered_as]->()-[:seeded_with]->(s) \
         RETURN count(DISTINCT s.id) AS found"
    );
    assert_eq!(place.count(&seeds).await, 2);
}

#[tokio::test]
async fn whatever_is_searched_by_has_an_index() {
    let Some(place) = Place::configured() else { return };
    let folder = TempDir::new().unwrap();
    let (log, _) = told(&folder, story()).await;
    caught_up(log, stores(&place)).await.unwrap();
    let indexes = "SHOW INDEXES YIELD name, state WHERE name STARTS WITH 'hydra_associative_' AND state = 'ONLINE' \
                   RETURN count(*) AS found";
    // One for each kind of connection, one for the keys of the nodes and one for their kinds.
    assert_eq!(place.count(indexes).await, EdgeKind::ALL.len() as i64 + 2);
    let unique = "SHOW CONSTRAINTS YIELD name WHERE name IN ['hydra_checkpoint', 'hydra_associative_nodes'] \
                  RETURN count(*) AS found";
    assert_eq!(place.count(unique).await, 2);
}

#[tokio::test]
async fn what_is_longer_than_an_index_takes_is_set_aside_and_the_rest_goes_on() {
    let Some(place) = Place::configured() else { return };
    let folder = TempDir::new().unwrap();
    let (log, right) = told(&folder, story()).await;
    let head = log.head().await.unwrap();
    let (speech, character) = (blob("speech"), "x".repeat(20_000));
    let long = format!(
        r#"{{"scene":"scene-light_1","chapter":"light","speech":"{speech}","character":"{character}","take":1}}"#
    );
    log.append(raw("line-long", 0, "line.line_requested.v1", &long)).await.unwrap();
    let after = r#"{"key":"after","from":0.0,"to":1.0}"#;
    log.append(raw("policy-main", 2, "policy.policy_set.v1", after)).await.unwrap();
    let stores = stores(&place);
    let views = caught_up(log, stores.clone()).await.unwrap();
    let quarantined = views.quarantined().await;
    assert!(quarantined.iter().any(|(view, _)| *view == "associative"), "{quarantined:?}");
    for (_, event) in &quarantined {
        assert_eq!((event.position, event.stream.as_str()), (head + 1, "line-long"));
        assert!(event.reason.contains("too large to index"), "{}", event.reason);
    }
    let found = tables(&stores).await.unwrap();
    assert_eq!((&found["nodes"], &found["edges"]), (&right["nodes"], &right["edges"]));
    assert_eq!(found["policies"].len(), right["policies"].len() + 1);
    assert_eq!(seen(&stores, &associative::VIEW).await, Some(head + 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_deleted_while_it_is_kept_is_filled_again() {
    let Some(place) = Place::configured() else { return };
    let folder = TempDir::new().unwrap();
    let (log, right) = told(&folder, story()).await;
    let (stores, head) = (stores(&place), log.head().await.unwrap());
    let projector = Projector::start(Arc::clone(&log), stores.clone()).await;
    projector.until(head).await.unwrap();
    for damage in [
        "MATCH (n) WHERE n.prefix = $prefix OR n._build STARTS WITH $prefix + ':' DETACH DELETE n",
        "MATCH (n:hydra_checkpoint {prefix: $prefix}) DELETE n",
        "MATCH (n:hydra_checkpoint {prefix: $prefix}) SET n.live_log = 'none'",
        "MATCH (n:hydra_checkpoint {prefix: $prefix}) SET n.live_position = n.live_position + 1000",
    ] {
        place.run(damage).await;
        healed(&stores, &associative::VIEW, head, &right, damage).await;
    }
    projector.stop().await.unwrap();
    // What was left without a node was removed when the views were made anew.
    let builds = "MATCH (n:hydra_associative_nodes) WHERE n._build STARTS WITH $prefix + ':' \
                  RETURN count(DISTINCT n._build) AS found";
    assert_eq!(place.count(builds).await, 1);
}

#[tokio::test]
async fn a_rebuild_finds_what_was_tampered_with_and_can_be_undone() {
    let Some(place) = Place::configured() else { return };
    let folder = TempDir::new().unwrap();
    let (log, right) = told(&folder, story()).await;
    let stores = stores(&place);
    caught_up(Arc::clone(&log), stores.clone()).await.unwrap();
    let ours = "WHERE n._build STARTS WITH $prefix + ':'";
    place
        .run(&format!(
            "MATCH (n:hydra_associative_nodes {{id: 'scene-light_1'}}) {ours} SET n.label = 'Dark'"
        ))
        .await;
    place.run(&format!("MATCH (n {{id: 'scene-light_1'}})-[r:written_as]->() {ours} DELETE r")).await;
    let rebuilt = rebuild(Arc::clone(&log), &stores, "associative", KEPT, &|_| ()).await.unwrap();
    let found = rebuilt.difference.unwrap();
    assert_eq!((found.differing, found.differences[0].as_str()), (2, "nodes/scene-light_1"));
    assert!(found.differences[1].starts_with("edges/written_as scene-light_1 blob-"), "{found:?}");
    assert_eq!(tables(&stores).await.unwrap(), right);
    roll_back(&stores, "associative").await.unwrap();
    assert_ne!(tables(&stores).await.unwrap(), right);
    let rebuilt = rebuild(log, &stores, "associative", COMPARED, &|_| ()).await.unwrap();
    assert_eq!(rebuilt.difference.unwrap().differing, 2);
    assert_eq!(tables(&stores).await.unwrap(), right);
    assert!(roll_back(&stores, "associative").await.is_err());
}

#[tokio::test]
async fn a_store_that_is_away_says_so_without_its_password() {
    // Nobody listens on this port.
    let (url, user, password) = ("bolt://127.0.0.1:1".into(), "neo4j".into(), "secret".into());
    let away = Neo4jStore::try_new(&Neo4jOptions { url, user, password }).unwrap();
    let stores = Stores::all_in(Arc::new(away));
    let error = tables(&stores).await.unwrap_err();
    assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}
