//! What the actors need from the world. Adapters live in `hydra-connectors`; each passes its port's contract.

#[cfg(feature = "contract")]
pub mod contract;
mod recall;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hydra_events::content::ContentError;
use hydra_events::record::Position;
use hydra_events::vocabulary::effect::FailureKind;
use hydra_events::vocabulary::terms::{Brief, Score, Speech};
use hydra_events::{Clock, ContentHash, ContentStore, StreamName, Vector};

pub use recall::{
    EarlierLine, Forgetful, KnownPassage, Look, Moment, Recall, Relation, StoryFacts, WorldFact, WrittenScene,
};

/// The world failed.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{message}")]
pub struct PortError {
    /// Whether trying again may help.
    pub kind: FailureKind,
    /// What went wrong, for people.
    pub message: String,
}

impl PortError {
    /// It may pass by itself.
    pub fn transient(message: impl ToString) -> Self {
        Self { kind: FailureKind::Transient, message: message.to_string() }
    }

    /// It will fail again until something is changed.
    pub fn permanent(message: impl ToString) -> Self {
        Self { kind: FailureKind::Permanent, message: message.to_string() }
    }
}

impl From<ContentError> for PortError {
    fn from(error: ContentError) -> Self {
        match error {
            ContentError::Io { ref source, .. } | ContentError::Away { ref source, .. } => {
                Self::transient(format!("{error}: {source}"))
            }
            ContentError::Missing(_) | ContentError::Damaged(_) => Self::transient(error),
            ContentError::TooLarge { .. } | ContentError::NotAHash(_) => Self::permanent(error),
        }
    }
}

/// A result of an engine, with the evidence to make it again.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// The file itself.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media_type: &'static str,
    /// The engine's name.
    pub engine: String,
    /// The engine's version, with its model's digest where it has one.
    pub engine_version: String,
    /// The exact request, as it was sent.
    pub request: Vec<u8>,
    /// The exact response; `None` when the file is all there was.
    pub response: Option<Vec<u8>>,
    /// How long the engine took.
    pub took: Duration,
}

/// A spoken line.
#[derive(Clone, Debug, PartialEq)]
pub struct Spoken {
    /// The recording, RIFF with 16-bit PCM.
    pub product: Product,
    /// The voice that was used.
    pub voice: String,
    /// How long the recording lasts.
    pub length: Duration,
}

/// Draws pictures.
#[async_trait]
pub trait Painter: Send + Sync {
    /// Draws `brief` with `seed`. `key` names the effect: an engine that knows it may return what it already made.
    async fn paint(&self, brief: &Brief, seed: u64, key: &str) -> Result<Product, PortError>;
}

/// Measures pictures.
#[async_trait]
pub trait Scorer: Send + Sync {
    /// Measures `picture`. A score that cannot be measured has no value.
    async fn score(&self, picture: &[u8], brief: &Brief) -> Result<Vec<Score>, PortError>;
}

/// Speaks lines.
#[async_trait]
pub trait Speaker: Send + Sync {
    /// Speaks `speech`. `key` names the effect.
    async fn speak(&self, speech: &Speech, key: &str) -> Result<Spoken, PortError>;
}

/// A scene that has no dialogue yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SilentScene {
    /// Its heading.
    pub heading: String,
    /// Who may speak: id and name.
    pub speakers: Vec<(String, String)>,
    /// What they said before, with whom they spoke, and what is known of what happens here.
    pub recalled: StoryFacts,
}

/// Writes what a script leaves open.
#[async_trait]
pub trait Author: Send + Sync {
    /// Lines for a scene without dialogue: speaker, by id or name, and words. `key` names the effect.
    async fn fill(&self, scene: &SilentScene, key: &str) -> Result<Vec<(String, String)>, PortError>;
}

/// The largest number of texts that are embedded at once.
pub const TEXTS_MAX: usize = 64;
/// The longest text that is embedded, in bytes: what is longer is cut before.
pub const TEXT_BYTES_MAX: usize = 8 * 1024;
/// The largest number of components a vector has: an event holds it twice, in its payload and in its command.
pub const DIMENSION_MAX: usize = 8_192;

/// What texts are embedded with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Its name, with its version or digest: vectors are compared only where it is the same.
    pub name: String,
    /// How many components each of its vectors has, from 1 to [`DIMENSION_MAX`].
    pub dimension: usize,
}

/// Places texts among others, so that those that are alike are near to each other.
#[async_trait]
pub trait Embedder: Send + Sync {
    /// The model, which is the same for as long as the process runs.
    fn model(&self) -> Model;

    /// One vector a text, in their order; each has the model's dimension, and a direction.
    ///
    /// # Errors
    /// Permanent: more than [`TEXTS_MAX`] texts, one longer than [`TEXT_BYTES_MAX`], or one without a letter or digit.
    async fn embed(&self, texts: &[String], key: &str) -> Result<Vec<Vector>, PortError>;
}

/// Why `texts` are not embedded, whatever the model.
///
/// # Errors
/// As [`Embedder::embed`] has them.
pub fn check_texts(texts: &[String]) -> Result<(), PortError> {
    if texts.len() > TEXTS_MAX {
        let count = texts.len();
        return Err(PortError::permanent(format!("{count} texts at once, at most {TEXTS_MAX} are embedded")));
    }
    for text in texts {
        let bytes = text.len();
        if bytes > TEXT_BYTES_MAX {
            return Err(PortError::permanent(format!(
                "a text of {bytes} bytes, at most {TEXT_BYTES_MAX} are embedded"
            )));
        }
        if !text.chars().any(char::is_alphanumeric) {
            return Err(PortError::permanent(format!("nothing is said in {text:?}: no letter and no digit")));
        }
    }
    Ok(())
}

/// Writes reports from the views.
#[async_trait]
pub trait Reporter: Send + Sync {
    /// The report on `chapter` in Markdown, from views that have seen `position`.
    async fn report(&self, chapter: &StreamName, position: Position) -> Result<String, PortError>;
}

/// Tells when a plan fires.
pub trait Calendar: Send + Sync {
    /// The first time after `after` that `cron` names in `timezone`; `None` when there is none.
    fn next(
        &self,
        cron: &str,
        timezone: &str,
        after: hydra_events::Timestamp,
    ) -> Result<Option<hydra_events::Timestamp>, PortError>;
}

/// Everything a performer may use.
#[derive(Clone)]
pub struct Ports {
    /// Files by their hash.
    pub content: Arc<dyn ContentStore>,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Draws pictures.
    pub painter: Arc<dyn Painter>,
    /// Measures pictures.
    pub scorer: Arc<dyn Scorer>,
    /// Speaks lines.
    pub speaker: Arc<dyn Speaker>,
    /// Writes what a script leaves open.
    pub author: Arc<dyn Author>,
    /// Places texts among others.
    pub embedder: Arc<dyn Embedder>,
    /// Remembers the story so far.
    pub recall: Arc<dyn Recall>,
    /// Writes reports.
    pub reporter: Arc<dyn Reporter>,
    /// Tells when a plan fires.
    pub calendar: Arc<dyn Calendar>,
}

impl Ports {
    /// The JSON document under `hash`.
    pub async fn document<T: serde::de::DeserializeOwned>(&self, hash: ContentHash) -> Result<T, PortError> {
        let bytes = self.content.get(hash).await?;
        serde_json::from_slice(&bytes)
            .map_err(|e| PortError::permanent(format!("content {hash} does not fit: {e}")))
    }

    /// Keeps `value` as JSON.
    pub async fn keep<T: serde::Serialize + Sync>(&self, value: &T) -> Result<ContentHash, PortError> {
        let bytes = serde_json::to_vec(value).map_err(PortError::permanent)?;
        Ok(self.content.put(bytes).await?)
    }

    /// Where the model places a text. `key` names the effect.
    ///
    /// # Errors
    /// As [`Embedder::embed`] has them; permanent where the model gives what is no vector of its own.
    pub async fn place(&self, text: String, key: &str) -> Result<(Model, Vector), PortError> {
        let model = self.embedder.model();
        let mut vectors = self.embedder.embed(&[text], key).await?;
        let (Some(vector), true) = (vectors.pop(), vectors.is_empty()) else {
            let name = &model.name;
            return Err(PortError::permanent(format!("{name} did not give one vector for one text")));
        };
        if vector.dimension() != model.dimension || !vector.has_direction() {
            let (Model { name, dimension }, found) = (&model, vector.dimension());
            return Err(PortError::permanent(format!(
                "{name} gave {found} numbers for a text, where {dimension} belong that are not all zero"
            )));
        }
        Ok((model, vector))
    }

    /// Keeps a product and its evidence.
    pub async fn keep_product(
        &self,
        product: Product,
    ) -> Result<hydra_events::vocabulary::terms::Made, PortError> {
        let Product { bytes, media_type, engine, engine_version, request, response, took } = product;
        let blob = self.content.put(bytes).await?;
        let request = self.content.put(request).await?;
        let response = match response {
            Some(response) => self.content.put(response).await?,
            None => blob,
        };
        let duration_ms = took.as_millis() as u64;
        let media_type = media_type.to_owned();
        Ok(hydra_events::vocabulary::terms::Made {
            blob,
            media_type,
            engine,
            engine_version,
            request,
            response,
            duration_ms,
        })
    }
}
