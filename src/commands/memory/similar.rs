//! `hydra memory similar`: what is most like a text, or like something that was made.

use anyhow::{Context, Result};
use hydra_actors::ports::Embedder;
use hydra_connectors::adapters::StudioEmbedder;
use hydra_events::content::ContentError;
use hydra_events::{ContentHash, ContentStore, StreamName, Vector};
use hydra_projections::{Among, Only, Similar, SimilarFound};
use serde::Serialize;

use super::Asked;
use crate::backends;
use crate::cli::Kin;
use crate::commands::events::asset;
use crate::exit::{BadInput, Exit};
use crate::print;

/// Characters of what something says that are shown in a table.
const WORDS_TOLD: usize = 60;

/// What was found, nearest first.
#[derive(Serialize)]
struct Findings {
    /// The model that says what is like what.
    model: String,
    found: Vec<Like>,
}

/// Something that is alike.
#[derive(Serialize)]
struct Like {
    #[serde(flatten)]
    found: SimilarFound,
    /// What it says; absent where that is no longer kept.
    words: Option<String>,
}

impl Asked<'_> {
    pub(super) async fn similar(&self, like: &str, among: &[Kin], only: Only, limit: usize) -> Result<Exit> {
        let (model, vector) = self.vector(like).await?;
        let mut near = Vec::new();
        for kin in among {
            let (model, vector, only) = (model.clone(), vector.clone(), only.clone());
            let asked = Similar { among: table(*kin), vector, model, only, limit };
            near.extend(self.views.similar(asked).await?.1);
        }
        near.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.row.id.cmp(&other.row.id)));
        let (content, mut found) =
            (backends::content(&self.setting.data).await?, Vec::with_capacity(near.len()));
        for near in near {
            found.push(Like { words: words(&content, near.row.text).await?, found: near });
        }
        if self.setting.json {
            print::json(&Findings { model, found })?;
            return Ok(Exit::Done);
        }
        let rows: Vec<_> = found.iter().map(cells).collect();
        print::table(&["likeness", "what", "chapter", "words"], &rows)?;
        Ok(Exit::Done)
    }

    /// Where something stands among others: what is remembered of it, or the text itself as the model places it.
    async fn vector(&self, like: &str) -> Result<(String, Vector)> {
        if let Some(source) = self.source(like).await
            && let Some(row) = self.views.remembered(&source).await?
            && let Some(vector) = row.vector
        {
            return Ok((row.model, vector));
        }
        let embedder = StudioEmbedder;
        let vectors = embedder.embed(&[like.to_owned()], "memory similar").await;
        let vectors = vectors.map_err(|error| BadInput(error.message))?;
        let vector = vectors.into_iter().next().filter(Vector::has_direction);
        let vector =
            vector.with_context(|| BadInput(format!("{like:?} says nothing that can be compared")))?;
        Ok((embedder.model().name, vector))
    }

    /// What is remembered under a name: a passage, which is no stream, or something that was made.
    async fn source(&self, name: &str) -> Option<StreamName> {
        let passage = name.parse().ok().filter(|name| Among::of(name) == Some(Among::Knowledge));
        match passage {
            Some(passage) => Some(passage),
            None => Some(asset::resolve(self.setting, self.reading.log.as_ref(), name).await.ok()?.stream),
        }
    }
}

fn table(kin: Kin) -> Among {
    match kin {
        Kin::Characters => Among::Characters,
        Kin::Images => Among::Images,
        Kin::Dialogue => Among::Dialogue,
        Kin::Knowledge => Among::Knowledge,
    }
}

/// The text that was embedded, where it is still kept.
async fn words(content: &dyn ContentStore, text: Option<ContentHash>) -> Result<Option<String>> {
    let Some(text) = text else { return Ok(None) };
    match content.get(text).await {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(ContentError::Missing(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn cells(like: &Like) -> Vec<String> {
    let SimilarFound { score, row } = &like.found;
    let words = like.words.as_deref().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.chars().take(WORDS_TOLD).collect();
    vec![format!("{score:.3}"), row.id.to_string(), row.chapter.clone(), words]
}
