//! The whole program with its files in a bucket: the same chapter, also when the server is away for a while.
//!
//! `HYDRA_TEST_S3` names the bucket; where the log and the bus are servers too, `HYDRA_TEST_POSTGRES` and
//! `HYDRA_TEST_NATS` name them.

#![cfg(feature = "full")]
#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "support/bucket.rs"]
mod bucket;
#[path = "support/household.rs"]
mod household;
#[path = "support/volatile.rs"]
mod volatile;
#[path = "../events/tests/s3/wire.rs"]
mod wire;
#[path = "support/workshop.rs"]
mod workshop;

use std::fs;

use bucket::Bucket;
use household::Household;
use wire::{Way, Wire};
use workshop::{Ran, SMALL, TINY, Workshop, eventually, of};

const PRODUCE: [&str; 3] = ["produce", "play.fountain", "--json"];
/// The same with what `hydra.toml` says.
const CONFIGURED: [&str; 5] = ["produce", "play.fountain", "--json", "--config", "hydra.toml"];

#[track_caller]
fn same_files(workshop: &Workshop, embedded: &Workshop) {
    let made = [volatile::stable(&embedded.made()), volatile::stable(&workshop.made())];
    assert_eq!(made[0].keys().collect::<Vec<_>>(), made[1].keys().collect::<Vec<_>>());
    assert!(made[0] == made[1], "the files differ");
}

#[track_caller]
fn says_nothing_of(secret: &str, ran: &Ran) {
    assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{ran:#?}");
}

#[tokio::test]
async fn a_chapter_over_three_servers_is_the_same_as_one_in_a_folder() {
    let Some(bucket) = Bucket::configured() else { return };
    let Some(household) = Household::configured().await else { return };
    let embedded = Workshop::with(TINY);
    embedded.done(&PRODUCE);
    let full = Workshop::with(TINY);
    household.configure_with(&full, &bucket.section(&full, &bucket.server));
    let ran = full.done(&household.command(&PRODUCE));
    says_nothing_of(bucket.secret(), &ran);
    same_files(&full, &embedded);
    assert!(!full.path("data/content").exists(), "something was kept in the folder too");

    fs::remove_dir_all(full.path("out")).unwrap();
    full.done(&household.command(&PRODUCE));
    same_files(&full, &embedded);
    household.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_bucket_is_away_nothing_is_lost_and_nothing_is_tried_twice() {
    let Some(bucket) = Bucket::configured() else { return };
    let embedded = Workshop::with(TINY);
    embedded.done(&PRODUCE);
    let full = Workshop::with(TINY);
    let wire = Wire::to(&bucket.server, Way::Open).await;
    full.write("hydra.toml", bucket.section(&full, &wire.address()));
    let running = full.start(&CONFIGURED);
    eventually("the work is under way", || full.head() >= 60);
    wire.set(Way::Cut);
    eventually("somebody waits for the bucket", || running.said().contains("content store is away"));
    wire.set(Way::Open);
    let ran = running.end();
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    says_nothing_of(bucket.secret(), &ran);
    same_files(&full, &embedded);
    let events = full.events();
    for entity in ["chapter", "scene", "image", "review", "line", "report"] {
        assert!(of(&events, &format!("{entity}.attempt_failed.v1")).is_empty(), "{entity} failed an attempt");
    }
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_told_with_the_command_that_makes_it() {
    let Some(bucket) = Bucket::configured() else { return };
    let bucket = bucket.named("hydra-no-such-bucket");
    let workshop = Workshop::with(SMALL);
    workshop.write("hydra.toml", bucket.section(&workshop, &bucket.server));
    let produced = workshop.run(&CONFIGURED);
    assert_eq!(produced.code, Some(1), "{produced:#?}");
    assert!(produced.err.contains("NoSuchBucket") && produced.err.contains("hydra doctor"), "{produced:#?}");
    let looked = workshop.run(&["doctor", "--json", "--config", "hydra.toml"]);
    assert_eq!(looked.code, Some(1), "{looked:#?}");
    let checks = looked.json();
    let content = checks.as_array().unwrap().iter().find(|check| check["name"] == "content").unwrap();
    assert_eq!(content["health"], "fail");
    let remedy = content["remedy"].as_str().unwrap();
    assert!(remedy.contains("mc mb") && remedy.contains("hydra-no-such-bucket"), "{remedy}");
    says_nothing_of(bucket.secret(), &looked);
}
