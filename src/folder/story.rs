//! Everything a chapter's folder is made from, read once: rows of the views and documents of the content store.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use hydra_actors::director::plan::ChapterPlan;
use hydra_actors::writer::script::SceneScript;
use hydra_events::vocabulary::terms::ScoreName;
use hydra_events::{ContentHash, ContentStore, StreamName};
use hydra_projections::Views;
use hydra_projections::rows::{ChapterRow, ImageRow, LineRow, SceneRow};
use serde::de::DeserializeOwned;

use super::Built;

/// A chapter as it stands.
#[derive(Clone, Debug)]
pub(super) struct Story {
    /// Its row.
    pub row: ChapterRow,
    /// Its plan.
    pub plan: ChapterPlan,
    /// Its scenes that are written, in story order.
    pub scenes: Vec<StoryScene>,
    /// Its pictures, by stream.
    pub images: BTreeMap<StreamName, ImageRow>,
    /// Its lines, by stream.
    pub lines: BTreeMap<StreamName, LineRow>,
    /// Why something is missing, as its scene was told.
    pub told: BTreeMap<StreamName, String>,
}

/// A written scene.
#[derive(Clone, Debug)]
pub(super) struct StoryScene {
    /// Its place in the story, from 1.
    pub number: usize,
    /// Its row.
    pub row: SceneRow,
    /// What it says.
    pub script: SceneScript,
}

impl Story {
    /// Reads a chapter.
    pub async fn read(views: &Views, content: &dyn ContentStore, chapter: &str) -> Result<Self> {
        let Some(row) = views.chapter(chapter).await? else { bail!("there is no chapter {chapter:?}") };
        let Some(plan) = row.plan else {
            bail!("chapter {chapter:?} is not planned yet, so it has no folder")
        };
        let plan: ChapterPlan = stored(content, plan).await.context("the chapter's plan")?;
        let images =
            views.images(chapter).await?.into_iter().map(|image| (image.id.clone(), image)).collect();
        let lines = views.lines(chapter).await?.into_iter().map(|line| (line.id.clone(), line)).collect();
        let (mut scenes, mut told) = (Vec::new(), BTreeMap::new());
        let mut rows: BTreeMap<StreamName, SceneRow> =
            views.scenes(chapter).await?.into_iter().map(|scene| (scene.id.clone(), scene)).collect();
        for planned in &plan.scenes {
            let Some(row) = rows.remove(&planned.scene) else { continue };
            let Some(script) = row.script else { continue };
            let script =
                stored(content, script).await.with_context(|| format!("the script of {}", row.id))?;
            for asset in views.assets_of(row.id.as_str()).await? {
                told.extend(asset.reason.map(|reason| (asset.asset, reason)));
            }
            scenes.push(StoryScene { number: planned.number, row, script });
        }
        Ok(Self { row, plan, scenes, images, lines, told })
    }

    /// The file of a picture, if it is approved.
    pub fn picture(&self, stream: &StreamName) -> Option<ContentHash> {
        self.images.get(stream).and_then(approved)
    }

    /// The file of a recording, if it is spoken.
    pub fn recording(&self, stream: &StreamName) -> Option<ContentHash> {
        self.lines.get(stream).and_then(spoken)
    }

    /// The approved candidate with the best aesthetic score; of equals the first.
    pub fn best<'a>(&'a self, candidates: &[StreamName]) -> Option<&'a ImageRow> {
        let there = candidates.iter().filter_map(|stream| self.images.get(stream));
        there.filter(|image| approved(image).is_some()).min_by(|a, b| {
            let order = aesthetic(b).total_cmp(&aesthetic(a));
            order.then(a.candidate.cmp(&b.candidate)).then(a.id.cmp(&b.id))
        })
    }

    /// Why an asset is not there.
    pub fn reason(&self, stream: &StreamName) -> String {
        let image = self.images.get(stream);
        let line = self.lines.get(stream);
        let given_up =
            image.and_then(|i| i.missing_reason.as_ref()).or(line.and_then(|l| l.missing_reason.as_ref()));
        let reason = given_up.or_else(|| self.told.get(stream)).cloned();
        let state = image.map(|image| &image.state).or(line.map(|line| &line.state));
        let standing =
            || state.map_or("not asked for yet".to_owned(), |state| format!("not made yet: {state}"));
        reason.unwrap_or_else(standing)
    }

    /// The pictures its scenes want, each once.
    pub fn wanted_images(&self) -> BTreeSet<&StreamName> {
        self.scenes.iter().flat_map(|scene| &scene.row.images).map(|wanted| &wanted.image).collect()
    }

    /// The recordings its scenes want, each once.
    pub fn wanted_lines(&self) -> BTreeSet<&StreamName> {
        self.scenes.iter().flat_map(|scene| &scene.row.lines).map(|wanted| &wanted.line).collect()
    }

    /// What is missing, with the reason, by stream; a scene that is not written counts as one thing.
    pub fn missing(&self) -> BTreeMap<&StreamName, String> {
        let images = self.wanted_images().into_iter().filter(|stream| self.picture(stream).is_none());
        let lines = self.wanted_lines().into_iter().filter(|stream| self.recording(stream).is_none());
        let assets = images.chain(lines).map(|stream| (stream, self.reason(stream)));
        let written: BTreeSet<&StreamName> = self.scenes.iter().map(|scene| &scene.row.id).collect();
        let planned = self.plan.scenes.iter().map(|planned| &planned.scene);
        let unwritten = planned.filter(|scene| !written.contains(scene));
        assets.chain(unwritten.map(|scene| (scene, "not written yet".to_owned()))).collect()
    }

    /// The chapter in numbers.
    pub fn tally(&self) -> Built {
        let images = self.wanted_images();
        let lines = self.wanted_lines().into_iter().filter(|line| self.recording(line).is_some()).count();
        let missing =
            self.missing().into_iter().map(|(stream, reason)| format!("{stream}: {reason}")).collect();
        let mut tally = Built {
            scenes: self.plan.scenes.len(),
            images: images.len(),
            lines,
            missing,
            ..Built::default()
        };
        tally.count(images.into_iter().filter_map(|stream| self.images.get(stream)));
        tally
    }
}

/// The file of a picture, if it is approved.
pub(super) fn approved(image: &ImageRow) -> Option<ContentHash> {
    image.blob.filter(|_| image.state == "approved")
}

/// The file of a line, if it is spoken.
pub(super) fn spoken(line: &LineRow) -> Option<ContentHash> {
    line.blob.filter(|_| line.state == "spoken")
}

/// The JSON document under `hash`.
pub(super) async fn stored<T: DeserializeOwned>(content: &dyn ContentStore, hash: ContentHash) -> Result<T> {
    let bytes = content.get(hash).await?;
    serde_json::from_slice(&bytes).with_context(|| format!("content {hash} does not fit"))
}

/// What was never measured is worse than anything that was.
fn aesthetic(image: &ImageRow) -> f64 {
    let score = image.scores.iter().find(|score| score.name == ScoreName::Aesthetic);
    score.and_then(|score| score.value).unwrap_or(f64::NEG_INFINITY)
}
