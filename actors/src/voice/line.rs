//! A line of dialogue. It listens to the scene that has it; it owes a recording, a lease's work.
//!
//! Each time it is to be spoken is a take: the first one, one for every changed speech, one for every retry. A scene
//! that is written again with the same speech gets nothing new: it knows what it was supplied with. What can
//! go wrong: the engine fails for good. Then the scene is told that the line is missing, while the take stays owed for
//! whoever unparks it; a retry withdraws it and begins another.

use hydra_events::record::Recorded;
use hydra_events::vocabulary::line::{LineCommand, LineEvent};
use hydra_events::vocabulary::scene::SceneEvent;
use hydra_events::vocabulary::terms::{Made, WantedLine, WorkKind};
use hydra_events::wire::WireError;
use hydra_events::{ContentHash, StreamName};
use serde::{Deserialize, Serialize};

use crate::decider::{Decider, Given, Need, Owed, Reaction};
use crate::registry::typed;

/// The entity.
pub struct Line;

/// What a line remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LineState {
    /// Where it stands.
    pub status: Status,
    /// What was asked for last; absent with the line itself.
    pub request: Option<Request>,
    /// The last take.
    pub take: u32,
    /// The recording of the last take that was spoken, until the line is released.
    pub recording: Option<ContentHash>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The scene that has it.
    pub scene: StreamName,
    /// The chapter it belongs to.
    pub chapter: String,
    /// The speech, in the content store.
    pub speech: ContentHash,
    /// The character who speaks.
    pub character: String,
}

/// Where a line stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// No scene has asked for it.
    #[default]
    Absent,
    /// The take is being spoken.
    Speaking,
    /// The take failed for good, and is parked.
    Missing,
    /// The take is not wanted any more and another is about to follow.
    Withdrawn,
    /// The take was spoken.
    Spoken,
    /// Its scene no longer has it.
    Cancelled,
}

/// What a line owes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speak {
    /// The speech, in the content store.
    pub speech: ContentHash,
}

/// Why a line says no.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LineRejection {
    /// No scene has asked for it.
    #[error("there is no such line")]
    Unknown,
    /// It is being spoken.
    #[error("take {0} is already being spoken")]
    UnderWay(u32),
    /// Nothing is being spoken.
    #[error("no take is being spoken: the last one was {0}")]
    NotUnderWay(u32),
    /// Its scene no longer has it.
    #[error("{0} no longer has this line: only a scene that wants it has it spoken again")]
    Cancelled(StreamName),
    /// Another scene has it.
    #[error("{asked} does not have this line: {actual} does")]
    OtherScene {
        /// The scene the command is from.
        asked: StreamName,
        /// The scene that has it.
        actual: StreamName,
    },
}

impl Decider for Line {
    const CATEGORY: &'static str = "line";
    const ACTOR: &'static str = "voice";
    const REACTS_TO: &'static [&'static str] = &["scene.scene_written.v1", "scene.scene_cancelled.v1"];
    const OUTCOMES: &'static [&'static str] = &["accept_speech"];
    const WORK: Option<WorkKind> = Some(WorkKind::Speech);

    type Command = LineCommand;
    type Event = LineEvent;
    type Rejection = LineRejection;
    type Effect = Speak;
    type State = LineState;

    fn decide(
        state: &LineState,
        command: LineCommand,
        _: Given<'_>,
    ) -> Result<Vec<LineEvent>, LineRejection> {
        match command {
            LineCommand::RequestLine { scene, chapter, speech, character } => {
                Ok(state.request(Request { scene, chapter, speech, character }))
            }
            LineCommand::AcceptSpeech { made, voice, length_ms } => state.accept(made, voice, length_ms),
            LineCommand::RetryLine { note } => state.retry(note),
            LineCommand::ReleaseLine { scene } => state.release(scene),
        }
    }

    fn evolve(state: &mut LineState, event: &LineEvent) {
        match event {
            LineEvent::LineRequested { scene, chapter, speech, character, take } => {
                let (scene, chapter, character) = (scene.clone(), chapter.clone(), character.clone());
                state.request = Some(Request { scene, chapter, speech: *speech, character });
                state.take = *take;
                state.status = Status::Speaking;
            }
            LineEvent::TakeWithdrawn { .. } => state.status = Status::Withdrawn,
            LineEvent::LineReopened { take, .. } => {
                state.take = *take;
                state.status = Status::Speaking;
            }
            LineEvent::LineSpoken { made, .. } => {
                state.recording = Some(made.blob);
                state.status = Status::Spoken;
            }
            LineEvent::RecordingReplaced { .. } => {}
            LineEvent::LineMissing { .. } => state.status = Status::Missing,
            LineEvent::LineCancelled { .. } => {
                state.recording = None;
                state.status = Status::Cancelled;
            }
        }
    }

    fn owed(state: &LineState) -> Vec<Owed<Speak>> {
        let Some(Request { speech, .. }) = state.request.as_ref().filter(|_| state.status.owes()) else {
            return Vec::new();
        };
        let need = Need::Heavy { kind: WorkKind::Speech, priority: 0 };
        vec![Owed { key: format!("speak-{}", state.take), need, effect: Speak { speech: *speech } }]
    }

    fn react(event: &Recorded) -> Result<Vec<Reaction<LineCommand>>, WireError> {
        typed::<SceneEvent>(event).map(|fact| of_scene(&event.stream, fact))
    }

    fn parked(state: &LineState, _: &str, reason: &str) -> Vec<LineEvent> {
        let missing = |request: &Request| LineEvent::LineMissing {
            scene: request.scene.clone(),
            reason: reason.to_owned(),
        };
        state.request.iter().map(missing).collect()
    }

    fn unparked(state: &LineState, _: &str) -> Vec<LineEvent> {
        let request = state.request.iter();
        request.map(|request| request.reopened(state.take, "its take was unparked".into())).collect()
    }
}

impl Status {
    /// A missing take is parked, not over: whoever unparks it has it spoken after all.
    fn owes(self) -> bool {
        match self {
            Self::Speaking | Self::Missing => true,
            Self::Absent | Self::Withdrawn | Self::Spoken | Self::Cancelled => false,
        }
    }
}

impl LineState {
    fn request(&self, wanted: Request) -> Vec<LineEvent> {
        if self.status != Status::Cancelled && self.request.as_ref() == Some(&wanted) {
            return Vec::new();
        }
        let Request { scene, chapter, speech, character } = wanted;
        let requested = LineEvent::LineRequested { scene, chapter, speech, character, take: self.take + 1 };
        self.withdrawn().into_iter().chain([requested]).collect()
    }

    fn accept(&self, made: Made, voice: String, length_ms: u64) -> Result<Vec<LineEvent>, LineRejection> {
        let Some(request) = &self.request else { return Err(LineRejection::Unknown) };
        if !self.status.owes() {
            return Err(LineRejection::NotUnderWay(self.take));
        }
        let Request { scene, chapter, character, .. } = request.clone();
        let earlier = self.recording.filter(|recording| *recording != made.blob);
        let replaced = earlier.map(|blob| LineEvent::RecordingReplaced { blob });
        let take = self.take;
        let spoken = LineEvent::LineSpoken { scene, chapter, character, made, voice, length_ms, take };
        Ok(std::iter::once(spoken).chain(replaced).collect())
    }

    fn retry(&self, note: String) -> Result<Vec<LineEvent>, LineRejection> {
        let Some(request) = &self.request else { return Err(LineRejection::Unknown) };
        match self.status {
            Status::Absent => Err(LineRejection::Unknown),
            Status::Speaking => Err(LineRejection::UnderWay(self.take)),
            Status::Cancelled => Err(LineRejection::Cancelled(request.scene.clone())),
            Status::Missing | Status::Withdrawn | Status::Spoken => {
                Ok(self.withdrawn().into_iter().chain([request.reopened(self.take + 1, note)]).collect())
            }
        }
    }

    fn release(&self, scene: StreamName) -> Result<Vec<LineEvent>, LineRejection> {
        let Some(request) = &self.request else { return Err(LineRejection::Unknown) };
        if request.scene != scene {
            return Err(LineRejection::OtherScene { asked: scene, actual: request.scene.clone() });
        }
        if self.status == Status::Cancelled {
            return Ok(Vec::new());
        }
        Ok(vec![LineEvent::LineCancelled { blob: self.recording }])
    }

    /// The end of the take that is still owed: the next one is an effect of its own, and so an event of its own.
    fn withdrawn(&self) -> Option<LineEvent> {
        self.status.owes().then_some(LineEvent::TakeWithdrawn { take: self.take })
    }
}

impl Request {
    fn reopened(&self, take: u32, note: String) -> LineEvent {
        LineEvent::LineReopened { scene: self.scene.clone(), take, note }
    }
}

fn of_scene(scene: &StreamName, fact: SceneEvent) -> Vec<Reaction<LineCommand>> {
    match fact {
        SceneEvent::SceneWritten { chapter, lines, released, .. } => {
            requests(scene, chapter.id(), lines).chain(releases(scene, released)).collect()
        }
        SceneEvent::SceneCancelled { released, .. } => releases(scene, released).collect(),
        SceneEvent::SceneOpened { .. }
        | SceneEvent::DraftWithdrawn { .. }
        | SceneEvent::SceneAssetSupplied { .. }
        | SceneEvent::SceneAssetMissing { .. }
        | SceneEvent::SceneAssetReopened { .. }
        | SceneEvent::SceneClosed { .. }
        | SceneEvent::SceneReopened { .. } => Vec::new(),
    }
}

fn requests<'a>(
    scene: &'a StreamName,
    chapter: &'a str,
    lines: Vec<WantedLine>,
) -> impl Iterator<Item = Reaction<LineCommand>> + 'a {
    lines.into_iter().map(move |WantedLine { line, speech, character }| {
        let (scene, chapter) = (scene.clone(), chapter.to_owned());
        (line, LineCommand::RequestLine { scene, chapter, speech, character })
    })
}

fn releases(scene: &StreamName, released: Vec<StreamName>) -> impl Iterator<Item = Reaction<LineCommand>> {
    let lines = released.into_iter().filter(|asset| asset.category() == Line::CATEGORY);
    lines.map(|line| (line, LineCommand::ReleaseLine { scene: scene.clone() }))
}
