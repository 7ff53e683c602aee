//! The morning report: what was made overnight, what was not, and what a person may want to look at.
//!
//! [`render`] is a pure function of what the views say. The lines that differ between two nights with the same result
//! (times, durations, attempts) are listed in `tests/volatile-fields.json`. What can go wrong: the views stop before
//! they have seen what the report is about; the attempt fails for now and is made again.

mod content;
mod markdown;
mod measured;
mod people;
mod spent;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use async_trait::async_trait;
use hydra_actors::director::plan::ChapterPlan;
use hydra_actors::ports::{PortError, Reporter};
use hydra_events::content::Patient;
use hydra_events::record::Position;
use hydra_events::{ContentStore, StreamName};
use hydra_projections::rows::{ChapterRow, ImageRow, LineRow, SceneRow};
use hydra_projections::{Reached, Views, procedural};

/// What a report is made from.
#[derive(Clone, Debug, Default)]
pub struct ReportInput {
    /// The chapter.
    pub chapter: ChapterRow,
    /// Its plan; none when it is not planned.
    pub plan: Option<ChapterPlan>,
    /// Its scenes that are part of the plan.
    pub scenes: Vec<SceneRow>,
    /// The pictures its scenes want.
    pub images: Vec<ImageRow>,
    /// The lines its scenes want.
    pub lines: Vec<LineRow>,
}

/// The report in Markdown.
pub fn render(input: &ReportInput) -> String {
    let parts = [
        content::head(input),
        content::outcome(input),
        content::missing(input),
        content::rejections(input),
        content::decisions(input),
        people::people(input),
        measured::scores(input),
        content::placeholders(input),
        spent::engines(input),
    ];
    let told: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    told.join("\n")
}

/// Reports from the views.
pub struct ViewReporter {
    views: Views,
    reached: Reached,
    content: Patient,
}

impl ViewReporter {
    /// A reporter on `views`, which have come as far as `reached` says.
    pub fn new(views: Views, reached: Reached, content: Patient) -> Self {
        Self { views, reached, content }
    }

    async fn input(&self, chapter: &StreamName) -> Result<ReportInput, PortError> {
        let mut input = rows(&self.views, chapter.id()).await?;
        if let Some(plan) = input.chapter.plan {
            let bytes = self.content.get(plan).await?;
            let plan = serde_json::from_slice(&bytes);
            input.plan = Some(
                plan.map_err(|e| PortError::permanent(format!("the plan of {chapter} does not fit: {e}")))?,
            );
        }
        Ok(input)
    }
}

#[async_trait]
impl Reporter for ViewReporter {
    async fn report(&self, chapter: &StreamName, position: Position) -> Result<String, PortError> {
        self.reached.until(&[&procedural::VIEW], position).await.map_err(|_| {
            PortError::transient(format!("the views ended before they saw position {position}"))
        })?;
        Ok(render(&self.input(chapter).await?))
    }
}

/// What the views say, as far as the scenes of the chapter still want it.
async fn rows(views: &Views, id: &str) -> Result<ReportInput, PortError> {
    let chapter = views.chapter(id).await.map_err(PortError::transient)?;
    let Some(chapter) = chapter else {
        return Err(PortError::transient(format!("the views know no chapter {id}")));
    };
    let mut scenes = views.scenes(id).await.map_err(PortError::transient)?;
    scenes.retain(|scene| chapter.scene_order.contains(&scene.id));
    let wanted: BTreeSet<StreamName> = wanted(&scenes).cloned().collect();
    let mut images = views.images(id).await.map_err(PortError::transient)?;
    images.retain(|image| wanted.contains(&image.id));
    let mut lines = views.lines(id).await.map_err(PortError::transient)?;
    lines.retain(|line| wanted.contains(&line.id));
    Ok(ReportInput { chapter, plan: None, scenes, images, lines })
}

fn wanted(scenes: &[SceneRow]) -> impl Iterator<Item = &StreamName> {
    scenes.iter().flat_map(|scene| {
        let images = scene.images.iter().map(|wanted| &wanted.image);
        images.chain(scene.lines.iter().map(|wanted| &wanted.line))
    })
}
