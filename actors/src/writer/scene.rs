//! A scene. It listens to its chapter's plan and to its pictures and lines; it owes its script, a moment's work.
//!
//! What can go wrong: the script cannot be written and parks, so that the scene never closes; an asset will not come,
//! and the scene closes with a gap, to be reopened when the asset is retried. A scene that is planned otherwise is
//! written again and keeps what it was supplied with, as far as it is still wanted.

use hydra_events::record::Recorded;
use hydra_events::vocabulary::chapter::ChapterEvent;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::line::LineEvent;
use hydra_events::vocabulary::scene::{SceneCommand, SceneEvent};
use hydra_events::vocabulary::terms::{Recalled, Supply, WantedImage, WantedLine};
use hydra_events::wire::WireError;
use hydra_events::{ContentHash, StreamName};
use serde::{Deserialize, Serialize};

use crate::decider::{Decider, Given, Need, Owed, Reaction};
use crate::registry::typed;
use crate::supply::{Standing, Supplies, Tally, told_by_image};

/// The entity.
pub struct Scene;

/// What a scene remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SceneState {
    /// Where it stands.
    pub status: Status,
    /// What it is written for; absent with the scene itself.
    pub assignment: Option<Assignment>,
    /// The last draft, written or not.
    pub draft: u32,
    /// How often it closed.
    pub closings: u32,
    /// The pictures and lines it wants.
    pub supplies: Supplies,
}

/// What a scene is written for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// The chapter.
    pub chapter: StreamName,
    /// The specification, in the content store.
    pub spec: ContentHash,
    /// The chapter's revision that planned it so.
    pub revision: u32,
}

/// Where a scene stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Nobody has planned it.
    #[default]
    Absent,
    /// It is being written.
    Writing,
    /// Its draft was given up for the next.
    Withdrawn,
    /// It waits for pictures and lines.
    Waiting,
    /// Everything has come or is known to be missing.
    Closed,
    /// Its chapter no longer wants it.
    Cancelled,
}

/// What a scene owes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Write {
    /// The specification, in the content store.
    pub spec: ContentHash,
}

/// What the Writer has written.
struct Draft {
    script: ContentHash,
    images: Vec<WantedImage>,
    lines: Vec<WantedLine>,
    placeholders: u32,
    recalled: Option<Recalled>,
}

/// Why a scene says no.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SceneRejection {
    /// Nobody has planned it.
    #[error("there is no such scene")]
    Unknown,
    /// It belongs to another chapter.
    #[error("this scene belongs to {0}: give the chapter or the scene another name")]
    OtherChapter(StreamName),
    /// It is not being written.
    #[error("the scene is not being written: {0}")]
    NotWriting(&'static str),
    /// It is no longer wanted.
    #[error("the scene was cancelled")]
    Cancelled,
    /// It does not want the asset.
    #[error("the scene does not wait for {0}")]
    UnknownAsset(StreamName),
}

impl Decider for Scene {
    const CATEGORY: &'static str = "scene";
    const ACTOR: &'static str = "writer";
    const REACTS_TO: &'static [&'static str] = &[
        "chapter.chapter_planned.v1",
        "chapter.chapter_cancelled.v1",
        "image.image_supplied.v1",
        "image.image_missing.v1",
        "image.render_reopened.v1",
        "line.line_requested.v1",
        "line.line_reopened.v1",
        "line.line_spoken.v1",
        "line.line_missing.v1",
    ];
    const OUTCOMES: &'static [&'static str] = &["accept_script"];

    type Command = SceneCommand;
    type Event = SceneEvent;
    type Rejection = SceneRejection;
    type Effect = Write;
    type State = SceneState;

    fn decide(
        state: &SceneState,
        command: SceneCommand,
        _: Given<'_>,
    ) -> Result<Vec<SceneEvent>, SceneRejection> {
        match command {
            SceneCommand::WriteScene { chapter, spec, revision } => {
                state.write(Assignment { chapter, spec, revision })
            }
            SceneCommand::AcceptScript { script, images, lines, placeholders, recalled } => {
                state.accept(Draft { script, images, lines, placeholders, recalled })
            }
            SceneCommand::RecordSupply { asset, supply } => state.record(asset, supply),
            SceneCommand::CancelScene { reason } => state.cancel(reason),
        }
    }

    fn evolve(state: &mut SceneState, event: &SceneEvent) {
        match event {
            SceneEvent::SceneOpened { chapter, spec, revision, draft } => {
                let chapter = chapter.clone();
                state.assignment = Some(Assignment { chapter, spec: *spec, revision: *revision });
                state.draft = *draft;
                state.status = Status::Writing;
            }
            SceneEvent::DraftWithdrawn { .. } => state.status = Status::Withdrawn,
            SceneEvent::SceneWritten { images, lines, .. } => {
                state.supplies.want(wanted(images, lines));
                state.status = Status::Waiting;
            }
            SceneEvent::SceneAssetSupplied { asset, blob } => {
                state.supplies.set(asset, Standing::Supplied(*blob))
            }
            SceneEvent::SceneAssetMissing { asset, .. } => state.supplies.set(asset, Standing::Missing),
            SceneEvent::SceneAssetReopened { asset } => state.supplies.set(asset, Standing::Awaited),
            SceneEvent::SceneClosed { closing, .. } => {
                state.status = Status::Closed;
                state.closings = *closing;
            }
            SceneEvent::SceneReopened { .. } => state.status = Status::Waiting,
            SceneEvent::SceneCancelled { .. } => {
                state.status = Status::Cancelled;
                state.supplies = Supplies::default();
            }
        }
    }

    fn owed(state: &SceneState) -> Vec<Owed<Write>> {
        let (Status::Writing, Some(assignment)) = (state.status, &state.assignment) else {
            return Vec::new();
        };
        let effect = Write { spec: assignment.spec };
        vec![Owed { key: format!("write-{}", state.draft), need: Need::Light, effect }]
    }

    fn react(event: &Recorded) -> Result<Vec<Reaction<SceneCommand>>, WireError> {
        match event.stream.category() {
            "chapter" => typed::<ChapterEvent>(event).map(|fact| of_chapter(&event.stream, fact)),
            "image" => typed::<ImageEvent>(event).map(|fact| of_image(&event.stream, fact)),
            _ => typed::<LineEvent>(event).map(|fact| of_line(&event.stream, fact)),
        }
    }
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Absent => "nobody has planned it",
            Self::Writing => "it is being written",
            Self::Withdrawn => "its draft was withdrawn",
            Self::Waiting => "it is written and waits for its assets",
            Self::Closed => "it is closed",
            Self::Cancelled => "it was cancelled",
        }
    }
}

impl SceneState {
    fn write(&self, next: Assignment) -> Result<Vec<SceneEvent>, SceneRejection> {
        let now = self.assignment.as_ref();
        if let Some(now) = now.filter(|now| now.chapter != next.chapter) {
            return Err(SceneRejection::OtherChapter(now.chapter.clone()));
        }
        let same = now.is_some_and(|now| now.spec == next.spec);
        let withdrawn = match self.status {
            Status::Writing | Status::Withdrawn | Status::Waiting | Status::Closed if same => {
                return Ok(Vec::new());
            }
            Status::Writing => Some(SceneEvent::DraftWithdrawn { draft: self.draft }),
            Status::Absent | Status::Withdrawn | Status::Waiting | Status::Closed | Status::Cancelled => None,
        };
        let Assignment { chapter, spec, revision } = next;
        let opened = SceneEvent::SceneOpened { chapter, spec, revision, draft: self.draft + 1 };
        Ok(withdrawn.into_iter().chain([opened]).collect())
    }

    fn accept(&self, written: Draft) -> Result<Vec<SceneEvent>, SceneRejection> {
        let (Status::Writing, Some(assignment)) = (self.status, &self.assignment) else {
            return Err(SceneRejection::NotWriting(self.status.name()));
        };
        let chapter = assignment.chapter.clone();
        let Draft { script, images, lines, placeholders, recalled } = written;
        let streams: Vec<StreamName> = wanted(&images, &lines).map(|(asset, _)| asset).collect();
        let released = self.supplies.released(streams.iter());
        let draft = self.draft;
        let written = SceneEvent::SceneWritten {
            chapter,
            script,
            images,
            lines,
            placeholders,
            draft,
            released,
            recalled,
        };
        let mut after = self.clone();
        Scene::evolve(&mut after, &written);
        Ok(std::iter::once(written).chain(after.closed()).collect())
    }

    fn record(&self, asset: StreamName, supply: Supply) -> Result<Vec<SceneEvent>, SceneRejection> {
        match self.status {
            Status::Absent => return Err(SceneRejection::Unknown),
            Status::Cancelled => return Err(SceneRejection::Cancelled),
            Status::Writing | Status::Withdrawn | Status::Waiting | Status::Closed => {}
        }
        match self.supplies.is_news(&asset, &supply) {
            None => return Err(SceneRejection::UnknownAsset(asset)),
            Some(false) => return Ok(Vec::new()),
            Some(true) => {}
        }
        let news = match supply {
            Supply::Supplied { blob } => SceneEvent::SceneAssetSupplied { asset, blob },
            Supply::Missing { reason } => SceneEvent::SceneAssetMissing { asset, reason },
            Supply::Reopened {} => SceneEvent::SceneAssetReopened { asset },
        };
        let mut after = self.clone();
        Scene::evolve(&mut after, &news);
        Ok(std::iter::once(news).chain(after.consequence()).collect())
    }

    /// What a change of one asset means to the scene: nothing while it is being written.
    fn consequence(&self) -> Option<SceneEvent> {
        match self.status {
            Status::Waiting => self.closed(),
            Status::Closed => self.closed().or_else(|| self.reopened()),
            Status::Absent | Status::Writing | Status::Withdrawn | Status::Cancelled => None,
        }
    }

    /// That nothing is awaited any more, if so. A gap that is filled closes a closed scene once more.
    fn closed(&self) -> Option<SceneEvent> {
        let Tally { supplied, missing } = self.supplies.settled()?;
        let Assignment { chapter, revision, .. } = self.assignment.clone()?;
        Some(SceneEvent::SceneClosed { chapter, revision, supplied, missing, closing: self.closings + 1 })
    }

    fn reopened(&self) -> Option<SceneEvent> {
        let Assignment { chapter, revision, .. } = self.assignment.clone()?;
        Some(SceneEvent::SceneReopened { chapter, revision })
    }

    fn cancel(&self, reason: String) -> Result<Vec<SceneEvent>, SceneRejection> {
        match self.status {
            Status::Absent => Err(SceneRejection::Unknown),
            Status::Cancelled => Ok(Vec::new()),
            Status::Writing | Status::Withdrawn | Status::Waiting | Status::Closed => {
                Ok(vec![SceneEvent::SceneCancelled { reason, released: self.supplies.names() }])
            }
        }
    }
}

fn wanted(images: &[WantedImage], lines: &[WantedLine]) -> impl Iterator<Item = (StreamName, ContentHash)> {
    let images = images.iter().map(|wanted| (wanted.image.clone(), wanted.brief));
    images.chain(lines.iter().map(|wanted| (wanted.line.clone(), wanted.speech)))
}

fn of_chapter(chapter: &StreamName, fact: ChapterEvent) -> Vec<Reaction<SceneCommand>> {
    match fact {
        ChapterEvent::ChapterPlanned { scenes, dropped, revision, .. } => {
            let write = scenes.into_iter().map(|planned| {
                let (chapter, spec) = (chapter.clone(), planned.spec);
                (planned.scene, SceneCommand::WriteScene { chapter, spec, revision })
            });
            write.chain(cancels(dropped, "the chapter no longer has it")).collect()
        }
        ChapterEvent::ChapterCancelled { reason, scenes } => cancels(scenes, &reason).collect(),
        ChapterEvent::ChapterRequested { .. }
        | ChapterEvent::PlanWithdrawn { .. }
        | ChapterEvent::ChapterSceneClosed { .. }
        | ChapterEvent::ChapterSceneReopened { .. }
        | ChapterEvent::ChapterCompleted { .. }
        | ChapterEvent::ChapterReopened { .. } => Vec::new(),
    }
}

fn cancels(scenes: Vec<StreamName>, reason: &str) -> impl Iterator<Item = Reaction<SceneCommand>> {
    scenes.into_iter().map(move |scene| (scene, SceneCommand::CancelScene { reason: reason.to_owned() }))
}

fn of_image(image: &StreamName, fact: ImageEvent) -> Vec<Reaction<SceneCommand>> {
    let told = told_by_image(fact, Scene::CATEGORY).into_iter();
    told.map(|(scene, supply)| (scene, SceneCommand::RecordSupply { asset: image.clone(), supply })).collect()
}

fn of_line(line: &StreamName, fact: LineEvent) -> Vec<Reaction<SceneCommand>> {
    let (scene, supply) = match fact {
        LineEvent::LineSpoken { scene, made, .. } => (scene, Supply::Supplied { blob: made.blob }),
        LineEvent::LineMissing { scene, reason } => (scene, Supply::Missing { reason }),
        LineEvent::LineReopened { scene, .. } => (scene, Supply::Reopened {}),
        // Other words for the same line: what came of the first ones counts no more.
        LineEvent::LineRequested { scene, take, .. } if take > 1 => (scene, Supply::Reopened {}),
        LineEvent::LineRequested { .. }
        | LineEvent::TakeWithdrawn { .. }
        | LineEvent::RecordingReplaced { .. }
        | LineEvent::LineCancelled { .. } => return Vec::new(),
    };
    vec![(scene, SceneCommand::RecordSupply { asset: line.clone(), supply })]
}
