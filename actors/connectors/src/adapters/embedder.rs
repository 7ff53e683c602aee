//! Texts placed by their wording, without a model.

use async_trait::async_trait;
use hydra_actors::ports::{Embedder, Model, PortError, check_texts};
use hydra_events::Vector;

use super::blocking;
use crate::studio::likeness::{DIMENSION, MODEL, vector};

/// The studio's measure of wording: see [`crate::studio::likeness`] for what it can and cannot tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct StudioEmbedder;

#[async_trait]
impl Embedder for StudioEmbedder {
    fn model(&self) -> Model {
        Model { name: MODEL.to_owned(), dimension: DIMENSION }
    }

    async fn embed(&self, texts: &[String], _: &str) -> Result<Vec<Vector>, PortError> {
        check_texts(texts)?;
        let texts = texts.to_vec();
        let placed = move || texts.iter().map(|text| Vector(vector(text))).collect();
        Ok(blocking(placed).await?.0)
    }
}
