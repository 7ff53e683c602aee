//! A chapter. It listens to its scenes, one event each however many assets they have; it owes its plan, a moment's
//! work.
//!
//! What can go wrong: no plan can be made of the screenplay, and the plan parks until a mended one is sent; a scene
//! never closes, and the chapter waits. A scene that closed for an older revision means nothing to a newer plan: each
//! closing names the revision it was written for, and the plan remembers since which revision a scene is as it is.

use std::collections::BTreeMap;

use hydra_events::record::Recorded;
use hydra_events::vocabulary::chapter::{
    ChapterCommand, ChapterEvent, ChapterSource, PlannedScene, SceneState,
};
use hydra_events::vocabulary::scene::SceneEvent;
use hydra_events::wire::WireError;
use hydra_events::{ContentHash, StreamName};
use serde::{Deserialize, Serialize};

use crate::decider::{Decider, Given, Need, Owed, Reaction};
use crate::registry::typed;

/// The most pictures made of one subject.
pub const CANDIDATES_MAX: u32 = 20;

/// The entity.
pub struct Chapter;

/// What a chapter remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChapterState {
    /// Where it stands.
    pub status: Status,
    /// What was asked for last; absent with the chapter itself.
    pub request: Option<Request>,
    /// How often it was asked for.
    pub revision: u32,
    /// How often it was completed.
    pub completions: u32,
    /// The scenes of its newest plan.
    pub scenes: BTreeMap<StreamName, Tracked>,
}

/// What a chapter is made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Its title.
    pub title: String,
    /// What it is made from.
    pub source: ChapterSource,
}

/// A scene of the newest plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tracked {
    /// Its specification, in the content store.
    pub spec: ContentHash,
    /// The revision since which it is planned so, without a break.
    pub since: u32,
    /// Where it stands.
    pub standing: SceneState,
}

/// Where a chapter stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Nobody has asked for it.
    #[default]
    Absent,
    /// It is being planned.
    Planning,
    /// Its plan was given up for that of the next revision.
    Withdrawn,
    /// It waits for scenes.
    Making,
    /// Every scene has closed.
    Completed,
    /// It is made no further.
    Cancelled,
}

/// What a chapter owes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanChapter {
    /// Its title.
    pub title: String,
    /// What it is made from.
    pub source: ChapterSource,
}

/// Why a chapter says no.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ChapterRejection {
    /// Nobody has asked for it.
    #[error("there is no such chapter")]
    Unknown,
    /// It asks for no picture of a subject, or for too many.
    #[error("{0} pictures of each subject cannot be made: ask for 1 to {CANDIDATES_MAX}")]
    Candidates(u32),
    /// It is not being planned.
    #[error("the chapter is not being planned: {0}")]
    NotPlanning(&'static str),
    /// Its plan has no scene.
    #[error("a plan needs at least one scene: write a heading such as `INT. HOUSE - DAY`")]
    NoScenes,
    /// Its plan has a scene twice.
    #[error("the plan has {0} twice")]
    SceneTwice(StreamName),
    /// Its plan does not have the scene.
    #[error("{0} is no scene of this chapter's plan")]
    UnknownScene(StreamName),
    /// The news are about an older version of the scene.
    #[error("{scene} was written for revision {asked}; as it is planned now it dates from revision {actual}")]
    Outdated {
        /// The scene.
        scene: StreamName,
        /// The revision the news are about.
        asked: u32,
        /// The revision since which the scene is planned as it is.
        actual: u32,
    },
    /// It is made no further.
    #[error("the chapter was cancelled")]
    Cancelled,
}

impl Decider for Chapter {
    const CATEGORY: &'static str = "chapter";
    const ACTOR: &'static str = "director";
    const REACTS_TO: &'static [&'static str] = &["scene.scene_closed.v1", "scene.scene_reopened.v1"];
    const OUTCOMES: &'static [&'static str] = &["accept_plan"];

    type Command = ChapterCommand;
    type Event = ChapterEvent;
    type Rejection = ChapterRejection;
    type Effect = PlanChapter;
    type State = ChapterState;

    fn decide(
        state: &ChapterState,
        command: ChapterCommand,
        _: Given<'_>,
    ) -> Result<Vec<ChapterEvent>, ChapterRejection> {
        match command {
            ChapterCommand::RequestChapter { title, source } => state.ask(Request { title, source }),
            ChapterCommand::AcceptPlan { plan, scenes } => state.accept(plan, scenes),
            ChapterCommand::RecordScene { scene, revision, state: news } => {
                state.record(scene, revision, news)
            }
            ChapterCommand::CancelChapter { reason } => state.cancel(reason),
        }
    }

    fn evolve(state: &mut ChapterState, event: &ChapterEvent) {
        match event {
            ChapterEvent::ChapterRequested { title, source, revision } => {
                state.request = Some(Request { title: title.clone(), source: source.clone() });
                state.revision = *revision;
                state.status = Status::Planning;
            }
            ChapterEvent::PlanWithdrawn { .. } => state.status = Status::Withdrawn,
            ChapterEvent::ChapterPlanned { scenes, revision, .. } => {
                state.track(scenes, *revision);
                state.status = Status::Making;
            }
            ChapterEvent::ChapterSceneClosed { scene, missing } => {
                state.set(scene, SceneState::Closed { missing: *missing });
            }
            ChapterEvent::ChapterSceneReopened { scene } => state.set(scene, SceneState::Open {}),
            ChapterEvent::ChapterCompleted { completion, .. } => {
                state.status = Status::Completed;
                state.completions = *completion;
            }
            ChapterEvent::ChapterReopened { .. } => state.status = Status::Making,
            ChapterEvent::ChapterCancelled { .. } => {
                state.status = Status::Cancelled;
                state.scenes.clear();
            }
        }
    }

    fn owed(state: &ChapterState) -> Vec<Owed<PlanChapter>> {
        let (Status::Planning, Some(request)) = (state.status, state.request.clone()) else {
            return Vec::new();
        };
        let Request { title, source } = request;
        let key = format!("plan-{}", state.revision);
        vec![Owed { key, need: Need::Light, effect: PlanChapter { title, source } }]
    }

    fn react(event: &Recorded) -> Result<Vec<Reaction<ChapterCommand>>, WireError> {
        typed::<SceneEvent>(event).map(|fact| of_scene(&event.stream, fact))
    }
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Absent => "nobody has asked for it",
            Self::Planning => "it is being planned",
            Self::Withdrawn => "its plan was withdrawn",
            Self::Making => "it is planned and waits for its scenes",
            Self::Completed => "it is completed",
            Self::Cancelled => "it was cancelled",
        }
    }
}

impl ChapterState {
    fn ask(&self, wanted: Request) -> Result<Vec<ChapterEvent>, ChapterRejection> {
        let candidates = wanted.source.candidates;
        if !(1..=CANDIDATES_MAX).contains(&candidates) {
            return Err(ChapterRejection::Candidates(candidates));
        }
        let same = self.request.as_ref() == Some(&wanted);
        let withdrawn = match self.status {
            Status::Planning | Status::Withdrawn | Status::Making | Status::Completed if same => {
                return Ok(Vec::new());
            }
            Status::Planning => Some(ChapterEvent::PlanWithdrawn { revision: self.revision }),
            Status::Absent | Status::Withdrawn | Status::Making | Status::Completed | Status::Cancelled => {
                None
            }
        };
        let Request { title, source } = wanted;
        let requested = ChapterEvent::ChapterRequested { title, source, revision: self.revision + 1 };
        Ok(withdrawn.into_iter().chain([requested]).collect())
    }

    fn accept(
        &self,
        plan: ContentHash,
        scenes: Vec<PlannedScene>,
    ) -> Result<Vec<ChapterEvent>, ChapterRejection> {
        if self.status != Status::Planning {
            return Err(ChapterRejection::NotPlanning(self.status.name()));
        }
        if scenes.is_empty() {
            return Err(ChapterRejection::NoScenes);
        }
        let mut dropped = self.scenes.clone();
        let mut named = std::collections::BTreeSet::new();
        for planned in &scenes {
            dropped.remove(&planned.scene);
            if !named.insert(&planned.scene) {
                return Err(ChapterRejection::SceneTwice(planned.scene.clone()));
            }
        }
        let dropped = dropped.into_keys().collect();
        let planned = ChapterEvent::ChapterPlanned { plan, scenes, dropped, revision: self.revision };
        let mut after = self.clone();
        Chapter::evolve(&mut after, &planned);
        Ok(std::iter::once(planned).chain(after.completed()).collect())
    }

    /// A scene that is planned as before keeps its standing, every other one is open.
    fn track(&mut self, scenes: &[PlannedScene], revision: u32) {
        let mut before = std::mem::take(&mut self.scenes);
        for PlannedScene { scene, spec } in scenes {
            let same = before.remove(scene).filter(|tracked| tracked.spec == *spec);
            let fresh = Tracked { spec: *spec, since: revision, standing: SceneState::Open {} };
            self.scenes.insert(scene.clone(), same.unwrap_or(fresh));
        }
    }

    fn record(
        &self,
        scene: StreamName,
        revision: u32,
        news: SceneState,
    ) -> Result<Vec<ChapterEvent>, ChapterRejection> {
        match self.status {
            Status::Absent => return Err(ChapterRejection::Unknown),
            Status::Cancelled => return Err(ChapterRejection::Cancelled),
            Status::Planning | Status::Withdrawn | Status::Making | Status::Completed => {}
        }
        let Some(tracked) = self.scenes.get(&scene) else {
            return Err(ChapterRejection::UnknownScene(scene));
        };
        if revision < tracked.since {
            return Err(ChapterRejection::Outdated { scene, asked: revision, actual: tracked.since });
        }
        if tracked.standing == news {
            return Ok(Vec::new());
        }
        let fact = match news {
            SceneState::Open {} => ChapterEvent::ChapterSceneReopened { scene },
            SceneState::Closed { missing } => ChapterEvent::ChapterSceneClosed { scene, missing },
        };
        let mut after = self.clone();
        Chapter::evolve(&mut after, &fact);
        Ok(std::iter::once(fact).chain(after.consequence()).collect())
    }

    /// What a scene's news mean to the chapter: nothing while it is being planned.
    fn consequence(&self) -> Option<ChapterEvent> {
        match self.status {
            Status::Making => self.completed(),
            Status::Completed => {
                let reopened =
                    || ChapterEvent::ChapterReopened { reason: "one of its scenes waits again".into() };
                Some(self.completed().unwrap_or_else(reopened))
            }
            Status::Absent | Status::Planning | Status::Withdrawn | Status::Cancelled => None,
        }
    }

    /// That every scene is closed, if so. A gap that is filled completes a completed chapter once more.
    fn completed(&self) -> Option<ChapterEvent> {
        let mut missing = 0_u32;
        for tracked in self.scenes.values() {
            match tracked.standing {
                SceneState::Open {} => return None,
                SceneState::Closed { missing: gaps } => missing = missing.saturating_add(gaps),
            }
        }
        Some(ChapterEvent::ChapterCompleted { missing, completion: self.completions + 1 })
    }

    fn set(&mut self, scene: &StreamName, standing: SceneState) {
        if let Some(tracked) = self.scenes.get_mut(scene) {
            tracked.standing = standing;
        }
    }

    fn cancel(&self, reason: String) -> Result<Vec<ChapterEvent>, ChapterRejection> {
        match self.status {
            Status::Absent => Err(ChapterRejection::Unknown),
            Status::Cancelled => Ok(Vec::new()),
            Status::Planning | Status::Withdrawn | Status::Making | Status::Completed => {
                let scenes = self.scenes.keys().cloned().collect();
                Ok(vec![ChapterEvent::ChapterCancelled { reason, scenes }])
            }
        }
    }
}

fn of_scene(scene: &StreamName, fact: SceneEvent) -> Vec<Reaction<ChapterCommand>> {
    let (chapter, revision, state) = match fact {
        SceneEvent::SceneClosed { chapter, revision, missing, .. } => {
            (chapter, revision, SceneState::Closed { missing })
        }
        SceneEvent::SceneReopened { chapter, revision } => (chapter, revision, SceneState::Open {}),
        SceneEvent::SceneOpened { .. }
        | SceneEvent::DraftWithdrawn { .. }
        | SceneEvent::SceneWritten { .. }
        | SceneEvent::SceneAssetSupplied { .. }
        | SceneEvent::SceneAssetMissing { .. }
        | SceneEvent::SceneAssetReopened { .. }
        | SceneEvent::SceneCancelled { .. } => return Vec::new(),
    };
    vec![(chapter, ChapterCommand::RecordScene { scene: scene.clone(), revision, state })]
}
