//! The whole program with its views on a server: the same chapter, asked and built anew like the embedded ones.
//!
//! `HYDRA_TEST_POSTGRES`, `HYDRA_TEST_REDIS`, `HYDRA_TEST_NEO4J` and `HYDRA_TEST_QDRANT` name the servers; each test has a
//! place of its own there.

#![cfg(feature = "full")]
#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "support/household.rs"]
mod household;
#[path = "memory/in_neo4j.rs"]
mod in_neo4j;
#[path = "memory/in_qdrant.rs"]
mod in_qdrant;
#[path = "memory/in_redis.rs"]
mod in_redis;
#[path = "memory/in_turn.rs"]
mod in_turn;
#[path = "support/memories.rs"]
mod memories;
#[path = "support/volatile.rs"]
mod volatile;
#[path = "support/workshop.rs"]
mod workshop;

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use workshop::{TINY, Workshop};

const PRODUCE: [&str; 5] = ["produce", "play.fountain", "--json", "--config", "hydra.toml"];
const VIEWS: [&str; 4] = ["procedural", "short_term", "associative", "long_term"];

/// Writes a configuration with every view at `url`.
fn configure(workshop: &Workshop, url: &str) {
    let sections = VIEWS.map(|view| format!("[memory.{view}]\nurl = \"{url}\"\n"));
    workshop.write("hydra.toml", sections.concat());
}

fn with<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["--json", "--config", "hydra.toml"]].concat()
}

async fn sql(server: &str, statements: String) {
    let mut connection = PgConnection::connect(server).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await.unwrap();
}

#[tokio::test]
async fn a_chapter_over_views_in_postgres_is_the_same_and_they_can_be_dropped_at_any_time() {
    let Some(server) = household::server("postgres") else { return };
    let schema = format!("test_memory_{}", std::process::id());
    let separator = if server.contains('?') { '&' } else { '?' };
    let embedded = Workshop::with(TINY);
    embedded.done(&PRODUCE[..3]);
    let full = Workshop::with(TINY);
    configure(&full, &format!("{server}{separator}schema={schema}"));
    full.done(&PRODUCE);
    assert!(volatile::stable(&embedded.made()) == volatile::stable(&full.made()), "the files differ");

    let chapters = full.done(&with(&["chapters"])).json();
    sql(&server, format!("DROP SCHEMA {schema}_procedural CASCADE; TRUNCATE {schema}_short_term.checkpoint"))
        .await;
    assert_eq!(full.done(&with(&["chapters"])).json(), chapters);
    let status = full.done(&with(&["status"])).json();
    for view in VIEWS {
        let stand = &status["views"][view];
        assert_eq!((&stand["position"], &stand["away"]), (&status["head"], &serde_json::Value::Null));
        assert!(stand["store"].as_str().unwrap().starts_with("postgres "), "{stand}");
        assert_eq!(full.done(&with(&["rebuild", view, "--compare"])).json()["differing"], 0);
    }

    sql(&server, format!("UPDATE {schema}_procedural.chapters SET title = 'Dark'")).await;
    let rebuilt = full.run(&with(&["rebuild", "procedural", "--compare", "--keep-old"]));
    assert_eq!((rebuilt.code, &rebuilt.json()["differing"]), (Some(1), &1.into()));
    assert_eq!(full.done(&with(&["chapters"])).json(), chapters);
    full.done(&with(&["rebuild", "procedural", "--roll-back"]));
    assert_ne!(full.done(&with(&["chapters"])).json(), chapters);
    let schemas = VIEWS.map(|view| format!("DROP SCHEMA {schema}_{view} CASCADE;"));
    sql(&server, schemas.concat()).await;
}

#[tokio::test]
async fn a_server_that_is_away_is_named_and_the_other_views_are_asked() {
    let workshop = Workshop::with(TINY);
    workshop.done(&PRODUCE[..3]);
    let away = "postgres://nobody:secret@127.0.0.1:1/none";
    workshop.write("hydra.toml", format!("[memory.procedural]\nurl = \"{away}\"\n"));
    let status = workshop.done(&with(&["status"])).json();
    let reason = status["views"]["procedural"]["away"].as_str().unwrap();
    assert!(!reason.contains("secret"), "{reason}");
    assert_eq!(status["views"]["short_term"]["position"], status["head"]);
    let queue = workshop.done(&with(&["queue", "list"]));
    let behind = format!("procedural has not seen the last {} events", status["head"]);
    assert!(queue.err.contains(&behind) && !queue.err.contains("short_term"), "{}", queue.err);
    let chapters = workshop.run(&with(&["chapters"]));
    assert_eq!(chapters.code, Some(1));
    assert!(chapters.err.contains("procedural") && !chapters.err.contains("secret"), "{}", chapters.err);
    let doctor = workshop.run(&with(&["doctor"]));
    let checks = doctor.json();
    let check = checks.as_array().unwrap().iter().find(|check| check["name"] == "procedural").unwrap();
    assert_eq!(check["health"], "fail");
}

#[tokio::test]
async fn a_view_is_built_anew_beside_a_hydra_that_keeps_it() {
    let Some(server) = household::server("postgres") else { return };
    let schema = format!("test_beside_{}", std::process::id());
    let separator = if server.contains('?') { '&' } else { '?' };
    let workshop = Workshop::with(TINY);
    configure(&workshop, &format!("{server}{separator}schema={schema}"));
    let producing = workshop.start(&PRODUCE);
    workshop::eventually("a part of the chapter is made", || workshop.head() > 20);
    sql(&server, format!("DROP SCHEMA IF EXISTS {schema}_procedural CASCADE")).await;
    workshop.done(&with(&["rebuild", "short_term"]));
    let produced = producing.end();
    assert_eq!(produced.code, Some(0), "{produced:#?}");
    for view in VIEWS {
        assert_eq!(workshop.done(&with(&["rebuild", view, "--compare"])).json()["differing"], 0);
    }
    let mut up = workshop.start(&["up", "--config", "hydra.toml"]);
    workshop::eventually("it runs", || up.is_running() && up.said().contains("running"));
    let chapters = workshop.done(&with(&["chapters"])).json();
    sql(&server, format!("UPDATE {schema}_procedural.chapters SET title = 'Dark'")).await;
    let rebuilt = workshop.run(&with(&["rebuild", "procedural", "--compare", "--keep-old"]));
    assert_eq!((rebuilt.code, &rebuilt.json()["differing"]), (Some(1), &1.into()), "{rebuilt:#?}");
    assert_eq!(workshop.done(&with(&["chapters"])).json(), chapters);
    for view in VIEWS {
        assert_eq!(
            workshop.done(&with(&["rebuild", view, "--compare", "--keep-old"])).json()["differing"],
            0
        );
        workshop.done(&with(&["rebuild", view, "--roll-back"]));
    }
    assert_eq!(workshop.done(&with(&["chapters"])).json(), chapters);
    workshop::eventually("the views are at the head", || {
        let status = workshop.done(&with(&["status"])).json();
        VIEWS.iter().all(|view| status["views"][view]["position"] == status["head"])
    });
    up.interrupt();
    assert_eq!(up.end().code, Some(0));
    let schemas = VIEWS.map(|view| format!("DROP SCHEMA {schema}_{view} CASCADE;"));
    sql(&server, schemas.concat()).await;
}

#[tokio::test]
async fn the_views_of_another_hydra_are_left_alone_without_the_word_for_it() {
    let Some(server) = household::server("postgres") else { return };
    let schema = format!("test_others_{}", std::process::id());
    let separator = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{separator}schema={schema}");
    let (first, second) = (Workshop::with(TINY), Workshop::with(TINY));
    for workshop in [&first, &second] {
        workshop.done(&PRODUCE[..3]);
        configure(workshop, &url);
    }
    let chapters = first.done(&with(&["chapters"])).json();
    let refused = second.run(&with(&["chapters"]));
    assert!(refused.code == Some(1) && refused.err.contains("another log"), "{refused:#?}");
    let status = second.done(&with(&["status"])).json();
    assert!(status["views"]["procedural"]["away"].as_str().unwrap().contains("--take-over"), "{status}");
    let doctor = second.run(&with(&["doctor"]));
    let looked = doctor.json();
    let check = looked.as_array().unwrap().iter().find(|check| check["name"] == "procedural").unwrap();
    assert_eq!((doctor.code, &check["health"]), (Some(1), &"fail".into()));
    assert!(check["remedy"].as_str().unwrap().contains("--take-over"), "{check}");
    assert_eq!(second.run(&with(&["rebuild", "procedural"])).code, Some(2));
    assert_eq!(first.done(&with(&["chapters"])).json(), chapters);
    for view in VIEWS {
        second.done(&with(&["rebuild", view, "--take-over"]));
    }
    assert_eq!(second.done(&with(&["chapters"])).json().as_array().unwrap().len(), 1);
    assert!(first.run(&with(&["chapters"])).err.contains("another log"));
    let schemas = VIEWS.map(|view| format!("DROP SCHEMA {schema}_{view} CASCADE;"));
    sql(&server, schemas.concat()).await;
}
