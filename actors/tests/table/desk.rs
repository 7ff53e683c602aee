//! Ports for the tests of those who plan and write: a real content store, an author who says what it is told to say,
//! and engines that are never asked.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "every table uses its part of it")]

use std::sync::Arc;

use async_trait::async_trait;
use hydra_actors::ports::{
    Author, Calendar, Embedder, Forgetful, Model, Painter, PortError, Ports, Product, Reporter, Scorer,
    SilentScene, Speaker, Spoken,
};
use hydra_events::clock::ManualClock;
use hydra_events::content::FolderStore;
use hydra_events::record::Position;
use hydra_events::vocabulary::terms::{Brief, Score, Speech};
use hydra_events::{StreamName, Timestamp, Vector};
use tempfile::TempDir;

/// An author who says these lines, whatever the scene.
#[derive(Clone, Debug, Default)]
pub struct Dictated(pub Vec<(String, String)>);

#[async_trait]
impl Author for Dictated {
    async fn fill(&self, scene: &SilentScene, _: &str) -> Result<Vec<(String, String)>, PortError> {
        // A speaker called `?` is whoever is offered first.
        let first = scene.speakers.first().map(|(id, _)| id.clone()).unwrap_or_default();
        let named = |(speaker, words): &(String, String)| match speaker.as_str() {
            "?" => (first.clone(), words.clone()),
            _ => (speaker.clone(), words.clone()),
        };
        Ok(self.0.iter().map(named).collect())
    }
}

/// An engine no plan and no script has any business with.
struct Unasked;

fn unasked<T>() -> Result<T, PortError> {
    Err(PortError::permanent("this engine is not to be asked here"))
}

#[async_trait]
impl Painter for Unasked {
    async fn paint(&self, _: &Brief, _: u64, _: &str) -> Result<Product, PortError> {
        unasked()
    }
}

#[async_trait]
impl Scorer for Unasked {
    async fn score(&self, _: &[u8], _: &Brief) -> Result<Vec<Score>, PortError> {
        unasked()
    }
}

#[async_trait]
impl Speaker for Unasked {
    async fn speak(&self, _: &Speech, _: &str) -> Result<Spoken, PortError> {
        unasked()
    }
}

#[async_trait]
impl Embedder for Unasked {
    fn model(&self) -> Model {
        Model { name: "unasked".into(), dimension: 1 }
    }

    async fn embed(&self, _: &[String], _: &str) -> Result<Vec<Vector>, PortError> {
        unasked()
    }
}

#[async_trait]
impl Reporter for Unasked {
    async fn report(&self, _: &StreamName, _: Position) -> Result<String, PortError> {
        unasked()
    }
}

impl Calendar for Unasked {
    fn next(&self, _: &str, _: &str, _: Timestamp) -> Result<Option<Timestamp>, PortError> {
        unasked()
    }
}

/// Ports over a content store in a folder of their own, which lives as long as the second value.
pub fn desk(author: Dictated) -> (Ports, TempDir) {
    let folder = TempDir::new().unwrap();
    let ports = Ports {
        content: Arc::new(FolderStore::try_open(folder.path()).unwrap()),
        clock: Arc::new(ManualClock::default()),
        painter: Arc::new(Unasked),
        scorer: Arc::new(Unasked),
        speaker: Arc::new(Unasked),
        author: Arc::new(author),
        embedder: Arc::new(Unasked),
        recall: Arc::new(Forgetful),
        reporter: Arc::new(Unasked),
        calendar: Arc::new(Unasked),
    };
    (ports, folder)
}
