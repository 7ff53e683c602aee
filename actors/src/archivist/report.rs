//! The report of a chapter. It listens to the chapter's completions; it owes the report on the newest one.
//!
//! A chapter may complete several times, each time after something was retried: only the last state is worth a report,
//! so a newer completion takes the place of one that is still owed. What can go wrong: the views never reach the
//! position of the completion. Then the report is parked, and nobody waits for it.

use hydra_events::record::{Position, Recorded};
use hydra_events::vocabulary::chapter::ChapterEvent;
use hydra_events::vocabulary::report::{ReportCommand, ReportEvent};
use hydra_events::wire::WireError;
use hydra_events::{ContentHash, StreamName};
use serde::{Deserialize, Serialize};

use crate::decider::{Decider, Given, Need, Owed, Reaction};
use crate::registry::typed;

/// The entity.
pub struct Report;

/// What a report remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportState {
    /// Where it stands.
    pub status: Status,
    /// What was asked for last; absent with the report itself.
    pub request: Option<Request>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The chapter.
    pub chapter: StreamName,
    /// Which completion it is about.
    pub completion: u32,
    /// The position the report has to have seen.
    pub position: Position,
}

/// Where a report stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// The chapter was never completed.
    #[default]
    Absent,
    /// It is being written.
    Compiling,
    /// A newer completion is about to take its place.
    Superseded,
    /// It is written.
    Compiled,
}

/// What a report owes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compile {
    /// The chapter.
    pub chapter: StreamName,
    /// The position the report has to have seen.
    pub position: Position,
}

/// Why a report says no.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReportRejection {
    /// The chapter was never completed.
    #[error("the chapter was never completed: there is nothing to report on")]
    Unknown,
    /// The stream reports on another chapter.
    #[error("this is the report of {0}, and of no other chapter")]
    OtherChapter(StreamName),
    /// Nothing is being written.
    #[error("no report is being written: the last one was about completion {0}")]
    NotUnderWay(u32),
}

impl Decider for Report {
    const CATEGORY: &'static str = "report";
    const ACTOR: &'static str = "archivist";
    const REACTS_TO: &'static [&'static str] = &["chapter.chapter_completed.v1"];
    const OUTCOMES: &'static [&'static str] = &["accept_report"];

    type Command = ReportCommand;
    type Event = ReportEvent;
    type Rejection = ReportRejection;
    type Effect = Compile;
    type State = ReportState;

    fn decide(
        state: &ReportState,
        command: ReportCommand,
        _: Given<'_>,
    ) -> Result<Vec<ReportEvent>, ReportRejection> {
        match command {
            ReportCommand::RequestReport { chapter, completion, position } => {
                state.request(Request { chapter, completion, position })
            }
            ReportCommand::AcceptReport { report } => state.accept(report),
        }
    }

    fn evolve(state: &mut ReportState, event: &ReportEvent) {
        match event {
            ReportEvent::ReportRequested { chapter, completion, position } => {
                let (chapter, completion, position) = (chapter.clone(), *completion, *position);
                state.request = Some(Request { chapter, completion, position });
                state.status = Status::Compiling;
            }
            ReportEvent::ReportSuperseded { .. } => state.status = Status::Superseded,
            ReportEvent::ReportCompiled { .. } => state.status = Status::Compiled,
        }
    }

    fn owed(state: &ReportState) -> Vec<Owed<Compile>> {
        let (Status::Compiling, Some(request)) = (state.status, &state.request) else { return Vec::new() };
        let Request { chapter, completion, position } = request.clone();
        let effect = Compile { chapter, position };
        vec![Owed { key: format!("compile-{completion}"), need: Need::Light, effect }]
    }

    fn react(event: &Recorded) -> Result<Vec<Reaction<ReportCommand>>, WireError> {
        typed::<ChapterEvent>(event).map(|fact| of_chapter(event, fact))
    }
}

impl ReportState {
    fn request(&self, wanted: Request) -> Result<Vec<ReportEvent>, ReportRejection> {
        let Some(known) = &self.request else { return Ok(vec![wanted.requested()]) };
        if wanted.chapter != known.chapter {
            return Err(ReportRejection::OtherChapter(known.chapter.clone()));
        }
        if wanted.completion <= known.completion {
            return Ok(Vec::new());
        }
        match self.status {
            // The end of the open effect and the beginning of the next are two facts.
            Status::Compiling => {
                let superseded = ReportEvent::ReportSuperseded { completion: known.completion };
                Ok(vec![superseded, wanted.requested()])
            }
            Status::Absent | Status::Superseded | Status::Compiled => Ok(vec![wanted.requested()]),
        }
    }

    fn accept(&self, report: ContentHash) -> Result<Vec<ReportEvent>, ReportRejection> {
        let Some(Request { completion, .. }) = &self.request else { return Err(ReportRejection::Unknown) };
        match self.status {
            Status::Compiling => Ok(vec![ReportEvent::ReportCompiled { completion: *completion, report }]),
            Status::Absent | Status::Superseded | Status::Compiled => {
                Err(ReportRejection::NotUnderWay(*completion))
            }
        }
    }
}

impl Request {
    fn requested(self) -> ReportEvent {
        let Self { chapter, completion, position } = self;
        ReportEvent::ReportRequested { chapter, completion, position }
    }
}

fn of_chapter(event: &Recorded, fact: ChapterEvent) -> Vec<Reaction<ReportCommand>> {
    match fact {
        ChapterEvent::ChapterCompleted { completion, .. } => {
            let chapter = event.stream.clone();
            let Ok(report) = StreamName::try_new(Report::CATEGORY, chapter.id()) else { return Vec::new() };
            vec![(report, ReportCommand::RequestReport { chapter, completion, position: event.position })]
        }
        ChapterEvent::ChapterRequested { .. }
        | ChapterEvent::PlanWithdrawn { .. }
        | ChapterEvent::ChapterPlanned { .. }
        | ChapterEvent::ChapterSceneClosed { .. }
        | ChapterEvent::ChapterSceneReopened { .. }
        | ChapterEvent::ChapterReopened { .. }
        | ChapterEvent::ChapterCancelled { .. } => Vec::new(),
    }
}
