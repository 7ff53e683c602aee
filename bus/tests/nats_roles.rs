//! What `compose/nats.conf` lets publishers from outside do, and what it keeps from them.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "nats/server.rs"]
mod server;

use std::fs;
use std::path::Path;

use async_nats::{Client, ConnectOptions};
use futures::StreamExt;
use server::{OwnServer, PATIENCE, next};

/// The committed configuration with the paths and ports of a test, and secrets of its own.
fn configuration(folder: &Path) -> String {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../compose/nats.conf");
    let secrets = folder.join("secrets.conf");
    fs::write(&secrets, "hydra_password: \"h\"\npublisher_password: \"p\"\n").unwrap();
    let text = fs::read_to_string(committed).unwrap();
    let replaced = [
        ("0.0.0.0:8222", "127.0.0.1:-1"),
        ("0.0.0.0:8080", "127.0.0.1:-1"),
        ("../../run/secrets/nats.conf", "secrets.conf"),
        // The test says where on the command line.
        ("store_dir: \"/data\"", ""),
    ];
    let text = replaced.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from} is no longer in compose/nats.conf");
        text.replace(from, to)
    });
    let file = folder.join("nats.conf");
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

async fn connected(server: &OwnServer, user: &str, password: &str) -> Client {
    let options = ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned());
    let connecting = options.retry_on_initial_connect().connect(server.url());
    tokio::time::timeout(PATIENCE, connecting).await.unwrap().unwrap()
}

async fn say(client: &Client, subjects: &[&str]) {
    for subject in subjects {
        client.publish((*subject).to_owned(), "x".into()).await.unwrap();
    }
}

#[tokio::test]
async fn a_publisher_sends_commands_and_reads_facts_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = OwnServer::start(&["-c", &configuration(folder.path())]) else { return };
    let hydra = connected(&server, "hydra", "h").await;
    let publisher = connected(&server, "publisher", "p").await;
    // The server takes in what one client sends in its order: it subscribes before it hears itself.
    let mut all = hydra.subscribe(">").await.unwrap();
    say(&hydra, &["ready"]).await;
    next(&mut all).await;
    let forged = ["hydra.evt.chapter.x.chapter_completed", "hydra.work.home.image", "hydra.dead.artist.x"];
    let administration = ["$JS.API.STREAM.PURGE.HYDRA_EVENTS", "$JS.API.STREAM.DELETE.HYDRA_EVENTS"];
    let allowed = ["hydra.cmd.director.request_chapter", "hydra.in.director.request_chapter"];
    say(&publisher, &[&forged[..], &administration, &allowed].concat()).await;
    for subject in allowed {
        assert_eq!(next(&mut all).await.subject.as_str(), subject);
    }

    let mut facts = publisher.subscribe("hydra.evt.>").await.unwrap();
    let mut secret = publisher.subscribe("_INBOX_hydra.>").await.unwrap();
    let mut work = publisher.subscribe("hydra.work.>").await.unwrap();
    say(&publisher, &["hydra.in.director.request_chapter"]).await;
    next(&mut all).await;
    let fact = "hydra.evt.chapter.x.chapter_completed";
    say(&hydra, &["_INBOX_hydra.1", "hydra.work.home.image", fact]).await;
    assert_eq!(next(&mut facts).await.subject.as_str(), fact);
    for nothing in [&mut secret, &mut work] {
        assert!(futures::FutureExt::now_or_never(nothing.next()).flatten().is_none());
    }
}

#[tokio::test]
async fn who_has_no_password_is_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = OwnServer::start(&["-c", &configuration(folder.path())]) else { return };
    connected(&server, "hydra", "h").await;
    for wrong in [ConnectOptions::new(), ConnectOptions::with_user_and_password("hydra".into(), "p".into())] {
        assert!(wrong.connect(server.url()).await.is_err());
    }
}
