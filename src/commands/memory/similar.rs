//! `hydra memory similar`: what is most like a text, or like something that was made.

use anyhow::{Context, Result};
use hydra_actors::ports::Embedder;
use hydra_connectors::adapters::StudioEmbedder;
use hydra_events::Vector;
use hydra_projections::{Among, Only, Similar, SimilarFound};
use serde::Serialize;

use super::Asked;
use crate::cli::Kin;
use crate::commands::events::asset;
use crate::exit::{BadInput, Exit};
use crate::print;

/// What was found, nearest first.
#[derive(Serialize)]
struct Findings {
    /// The model that says what is like what.
    model: String,
    found: Vec<SimilarFound>,
}

impl Asked<'_> {
    pub(super) async fn similar(&self, like: &str, among: &[Kin], only: Only, limit: usize) -> Result<Exit> {
        let (model, vector) = self.vector(like).await?;
        let mut found = Vec::new();
        for kin in among {
            let (model, vector, only) = (model.clone(), vector.clone(), only.clone());
            let asked = Similar { among: table(*kin), vector, model, only, limit };
            found.extend(self.views.similar(asked).await?.1);
        }
        found.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.row.id.cmp(&other.row.id)));
        if self.setting.json {
            print::json(&Findings { model, found })?;
            return Ok(Exit::Done);
        }
        let rows: Vec<_> = found.iter().map(cells).collect();
        print::table(&["likeness", "what", "character", "emotion", "chapter"], &rows)?;
        Ok(Exit::Done)
    }

    /// Where something stands among others: what is remembered of it, or the text itself as the model places it.
    async fn vector(&self, like: &str) -> Result<(String, Vector)> {
        if let Ok(asset) = asset::resolve(self.setting, self.reading.log.as_ref(), like).await
            && let Some(row) = self.views.remembered(&asset.stream).await?
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
}

fn table(kin: Kin) -> Among {
    match kin {
        Kin::Characters => Among::Characters,
        Kin::Images => Among::Images,
        Kin::Dialogue => Among::Dialogue,
    }
}

fn cells(found: &SimilarFound) -> Vec<String> {
    let SimilarFound { score, row } = found;
    vec![
        format!("{score:.3}"),
        row.id.to_string(),
        row.character.clone(),
        row.emotion.clone(),
        row.chapter.clone(),
    ]
}
