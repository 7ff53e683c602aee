//! A chapter: planned from a screenplay, followed scene by scene, closed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::content::ContentHash;
use crate::stream::StreamName;
use crate::wire::Vocabulary;

/// A scene of a plan, in story order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedScene {
    /// The scene's stream.
    pub scene: StreamName,
    /// Its specification, in the content store.
    pub spec: ContentHash,
}

/// Whether lines the script leaves open are filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// The script stays as it is.
    #[default]
    No,
    /// Scenes without dialogue get placeholder lines.
    Placeholders,
}

/// What a chapter is made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChapterSource {
    /// The file's name without its ending.
    pub stem: String,
    /// The screenplay, in the content store.
    pub screenplay: ContentHash,
    /// The profiles of its characters as JSON, in the content store.
    pub cast: ContentHash,
    /// Whether lines the script leaves open are filled.
    pub fill: Fill,
    /// Pictures made of each subject, the best of which is used.
    pub candidates: u32,
}

/// What a scene's closing means to its chapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SceneState {
    /// It waits for assets.
    Open {},
    /// It is closed.
    Closed {
        /// How many of its assets are missing.
        missing: u32,
    },
}

/// What may be asked of a chapter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChapterCommand {
    /// Make it. The same source again changes nothing; another one revises it.
    RequestChapter {
        /// Its title.
        title: String,
        /// What it is made from.
        source: ChapterSource,
    },
    /// The plan is made.
    AcceptPlan {
        /// The plan, in the content store.
        plan: ContentHash,
        /// Its scenes, in story order.
        scenes: Vec<PlannedScene>,
    },
    /// A scene has closed or reopened.
    RecordScene {
        /// The scene's stream.
        scene: StreamName,
        /// The revision whose plan the scene was written for.
        revision: u32,
        /// What became of it.
        state: SceneState,
    },
    /// Make it no further.
    CancelChapter {
        /// Why.
        reason: String,
    },
}

impl Vocabulary for ChapterCommand {}

/// What can become of a chapter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChapterEvent {
    /// It is to be made.
    ChapterRequested {
        /// Its title.
        title: String,
        /// What it is made from.
        source: ChapterSource,
        /// How often it was asked for with a new source, from 1.
        revision: u32,
    },
    /// A plan that was not made yet is no longer wanted: another revision follows.
    PlanWithdrawn {
        /// The revision that is never planned.
        revision: u32,
    },
    /// Its plan is made.
    ChapterPlanned {
        /// The plan, in the content store.
        plan: ContentHash,
        /// Its scenes, in story order.
        scenes: Vec<PlannedScene>,
        /// Scenes of an earlier revision that it no longer has.
        dropped: Vec<StreamName>,
        /// Which revision this is.
        revision: u32,
    },
    /// A scene has closed.
    ChapterSceneClosed {
        /// The scene's stream.
        scene: StreamName,
        /// How many of its assets are missing.
        missing: u32,
    },
    /// A closed scene waits again.
    ChapterSceneReopened {
        /// The scene's stream.
        scene: StreamName,
    },
    /// Every scene has closed.
    ChapterCompleted {
        /// How many assets are missing in all.
        missing: u32,
        /// Which completion this is, from 1.
        completion: u32,
    },
    /// A completed chapter waits again.
    ChapterReopened {
        /// Why.
        reason: String,
    },
    /// It is made no further.
    ChapterCancelled {
        /// Why.
        reason: String,
        /// Its scenes.
        scenes: Vec<StreamName>,
    },
}

impl Vocabulary for ChapterEvent {}
