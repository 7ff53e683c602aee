//! Engines that answer at once, so that a run costs only what Hydra itself costs.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hydra_actors::ports::{
    Author, Embedder, Forgetful, Model, Painter, PortError, Ports, Product, Reporter, Scorer, SilentScene,
    Speaker, Spoken,
};
use hydra_connectors::calendar::CronCalendar;
use hydra_events::clock::SystemClock;
use hydra_events::content::{ContentError, FolderStore};
use hydra_events::record::Position;
use hydra_events::vocabulary::terms::{Brief, Score, ScoreName, Speech};
use hydra_events::{StreamName, Vector};

/// An engine of any kind.
pub struct Instant;

/// `ports` with the heavy engines replaced.
pub fn engines(ports: Ports) -> Ports {
    Ports { painter: Arc::new(Instant), scorer: Arc::new(Instant), speaker: Arc::new(Instant), ..ports }
}

/// A world that is nothing but instant, with its files in `folder`.
pub fn world(folder: &Path) -> Result<Ports, ContentError> {
    Ok(Ports {
        content: Arc::new(FolderStore::try_open(folder)?),
        clock: Arc::new(SystemClock),
        painter: Arc::new(Instant),
        scorer: Arc::new(Instant),
        speaker: Arc::new(Instant),
        author: Arc::new(Instant),
        embedder: Arc::new(Instant),
        recall: Arc::new(Forgetful),
        reporter: Arc::new(Instant),
        calendar: Arc::new(CronCalendar),
    })
}

fn product(request: String, media_type: &'static str) -> Product {
    Product {
        bytes: request.clone().into_bytes(),
        media_type,
        engine: "instant".into(),
        engine_version: "1".into(),
        request: request.into_bytes(),
        response: None,
        took: Duration::ZERO,
    }
}

#[async_trait]
impl Painter for Instant {
    async fn paint(&self, brief: &Brief, seed: u64, _: &str) -> Result<Product, PortError> {
        Ok(product(format!("{} {seed}", brief.prompt), "image/png"))
    }
}

#[async_trait]
impl Scorer for Instant {
    async fn score(&self, _: &[u8], _: &Brief) -> Result<Vec<Score>, PortError> {
        let score =
            |name, value| Score { name, value: Some(value), metric: "instant".into(), version: "1".into() };
        Ok(vec![score(ScoreName::Aesthetic, 9.0), score(ScoreName::Technical, 90.0)])
    }
}

#[async_trait]
impl Speaker for Instant {
    async fn speak(&self, speech: &Speech, _: &str) -> Result<Spoken, PortError> {
        let product = product(format!("{} {}", speech.character, speech.text), "audio/wav");
        Ok(Spoken { product, voice: "instant".into(), length: Duration::from_secs(1) })
    }
}

#[async_trait]
impl Author for Instant {
    async fn fill(&self, scene: &SilentScene, _: &str) -> Result<Vec<(String, String)>, PortError> {
        Ok(scene.speakers.iter().map(|(id, _)| (id.clone(), "It is late.".to_owned())).collect())
    }
}

#[async_trait]
impl Embedder for Instant {
    fn model(&self) -> Model {
        Model { name: "instant".into(), dimension: 1 }
    }

    async fn embed(&self, texts: &[String], _: &str) -> Result<Vec<Vector>, PortError> {
        Ok(vec![Vector(vec![1.0]); texts.len()])
    }
}

#[async_trait]
impl Reporter for Instant {
    async fn report(&self, chapter: &StreamName, position: Position) -> Result<String, PortError> {
        Ok(format!("{chapter} at {position}"))
    }
}
