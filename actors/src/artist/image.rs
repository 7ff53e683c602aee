//! A picture. It listens to scenes and orders that want it and to its reviews; it owes a render, a lease's work.
//!
//! A picture belongs to its chapter, not to a scene: several may ask for it, and each is told on its own. What can go
//! wrong: the gate refuses the brief, every seed is rejected, the engine fails for good. Each ends in
//! `ImageMissing`, from which only a retry leads on.

mod reactions;
mod standing;
mod verdict;

use std::collections::BTreeSet;

use hydra_events::record::Recorded;
use hydra_events::vocabulary::image::{ImageCommand, ImageEvent};
use hydra_events::vocabulary::order::OrderEvent;
use hydra_events::vocabulary::review::ReviewEvent;
use hydra_events::vocabulary::scene::SceneEvent;
use hydra_events::vocabulary::terms::{Made, Recalled, Shows, WorkKind};
use hydra_events::wire::WireError;
use hydra_events::{ContentHash, Id, StreamName};
use serde::{Deserialize, Serialize};

use reactions::{of_order, of_review, of_scene};
pub use standing::{Drawn, Status};

use crate::decider::{Decider, Given, Need, Owed, Reaction};
use crate::registry::typed;

/// The entity.
pub struct Image;

/// What a picture remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImageState {
    /// Where it stands.
    pub status: Status,
    /// What was asked for; absent with the picture itself.
    pub request: Option<Request>,
    /// Who wants it.
    pub requesters: BTreeSet<StreamName>,
    /// The last quality try before the present round of tries.
    pub tries_before: u32,
    /// The approved file that is in use, or was until a new try began: the Archivist keeps it for this picture.
    pub kept: Option<ContentHash>,
}

/// What was asked for, for ever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The chapter it belongs to.
    pub chapter: String,
    /// The brief, in the content store.
    pub brief: ContentHash,
    /// What it shows.
    pub shows: Shows,
    /// Higher goes first.
    pub priority: i32,
    /// What was recalled for its prompt, if anything was.
    #[serde(default)]
    pub recalled: Option<Recalled>,
}

/// What a picture owes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Render {
    /// The brief, in the content store.
    pub brief: ContentHash,
    /// The seed.
    pub seed: u64,
    /// How the subject looked in earlier chapters, a `LooksRecall` in the content store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looks: Option<ContentHash>,
}

/// Why a picture says no.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ImageRejection {
    /// Its identity has another brief.
    #[error("this picture has another brief: a changed brief is another picture")]
    OtherBrief,
    /// Nobody has asked for it.
    #[error("there is no such picture")]
    Unknown,
    /// The command is about a try that is over.
    #[error("quality try {asked} is not the one under way: {actual}")]
    OtherTry {
        /// The try the command is about.
        asked: u32,
        /// Where the picture stands.
        actual: String,
    },
    /// It is being made.
    #[error("it is already being made")]
    UnderWay,
    /// Its render is parked.
    #[error(
        "its render failed for good ({0}): have the effect retried, or release the picture and ask again"
    )]
    Parked(String),
    /// There is nobody to draw it for.
    #[error("nobody wants this picture any more: it is drawn again when a scene or an order asks for it")]
    Unwanted,
    /// The requester never asked, or was released before.
    #[error("{0} does not ask for this picture")]
    NotARequester(StreamName),
}

impl Decider for Image {
    const CATEGORY: &'static str = "image";
    const ACTOR: &'static str = "artist";
    const REACTS_TO: &'static [&'static str] = &[
        "scene.scene_written.v1",
        "scene.scene_cancelled.v1",
        "order.order_placed.v1",
        "order.order_cancelled.v1",
        "review.review_approved.v1",
        "review.review_rejected.v1",
    ];
    const OUTCOMES: &'static [&'static str] = &["accept_render", "refuse_brief"];
    const WORK: Option<WorkKind> = Some(WorkKind::Image);

    type Command = ImageCommand;
    type Event = ImageEvent;
    type Rejection = ImageRejection;
    type Effect = Render;
    type State = ImageState;

    fn decide(
        state: &ImageState,
        command: ImageCommand,
        given: Given<'_>,
    ) -> Result<Vec<ImageEvent>, ImageRejection> {
        match command {
            ImageCommand::RequestImage { requester, chapter, brief, shows, priority, recalled } => {
                state.request(requester, Request { chapter, brief, shows, priority, recalled })
            }
            ImageCommand::AcceptRender { made, seed } => state.accept(made, seed),
            ImageCommand::RefuseBrief { reason } => state.refuse(reason),
            ImageCommand::ApproveImage { quality_try, scores, by } => {
                state.approve(quality_try, scores, by, given)
            }
            ImageCommand::RejectImage { quality_try, reasons, by } => {
                state.reject(quality_try, reasons, by, given)
            }
            ImageCommand::RetryImage { note } => state.retry(note),
            ImageCommand::ReleaseImage { requester } => state.release(requester),
        }
    }

    fn evolve(state: &mut ImageState, event: &ImageEvent) {
        match event {
            ImageEvent::ImageRequested { requester, chapter, brief, shows, priority, recalled } => {
                let (chapter, shows, recalled) = (chapter.clone(), shows.clone(), recalled.clone());
                let (brief, priority) = (*brief, *priority);
                state.request = Some(Request { chapter, brief, shows, priority, recalled });
                state.requesters.insert(requester.clone());
                state.status = Status::Rendering { quality_try: 1 };
            }
            ImageEvent::RequesterAdded { requester, priority } => {
                state.requesters.insert(requester.clone());
                state.hurry(*priority);
            }
            ImageEvent::ImageRendered { quality_try, made, seed, .. } => {
                let drawn = Drawn { quality_try: *quality_try, made: made.clone(), seed: *seed };
                state.status = Status::InReview(drawn);
            }
            ImageEvent::BriefRefused { reason } => {
                state.status =
                    Status::Refused { quality_try: state.status.last_try(), reason: reason.clone() };
            }
            ImageEvent::ImageRejected { .. } => {
                if let Some(drawn) = state.status.drawn() {
                    state.status = Status::Rejected(drawn.clone());
                }
            }
            ImageEvent::RenderReopened { quality_try, requesters, .. } => {
                if state.status.starts_round(requesters) {
                    state.tries_before = quality_try.saturating_sub(1);
                }
                state.status = Status::Rendering { quality_try: *quality_try };
            }
            ImageEvent::ImageApproved { quality_try, made, seed, .. } => {
                let drawn = Drawn { quality_try: *quality_try, made: made.clone(), seed: *seed };
                state.kept = Some(made.blob);
                state.status = Status::Approved(drawn);
            }
            ImageEvent::PictureGivenUp { blob } => state.kept = state.kept.filter(|kept| kept != blob),
            ImageEvent::ImageSupplied { .. } => {}
            ImageEvent::ImageMissing { reason, .. } => {
                if let Status::Rendering { quality_try } = state.status {
                    state.status = Status::Parked { quality_try, reason: reason.clone() };
                }
            }
            ImageEvent::RequesterReleased { requester } => {
                state.requesters.remove(requester);
            }
            ImageEvent::ImageCancelled { .. } => {
                state.kept = None;
                state.status = Status::Cancelled { quality_try: state.status.last_try() };
            }
        }
    }

    fn owed(state: &ImageState) -> Vec<Owed<Render>> {
        let (Status::Rendering { quality_try } | Status::Parked { quality_try, .. }, Some(request)) =
            (&state.status, &state.request)
        else {
            return Vec::new();
        };
        let need = Need::Heavy { kind: WorkKind::Image, priority: request.priority };
        let looks = request.recalled.as_ref().map(|recalled| recalled.facts);
        let effect = Render { brief: request.brief, seed: request.seed(*quality_try), looks };
        vec![Owed { key: format!("render-{quality_try}"), need, effect }]
    }

    fn react(event: &Recorded) -> Result<Vec<Reaction<ImageCommand>>, WireError> {
        match event.stream.category() {
            "scene" => typed::<SceneEvent>(event).map(|fact| of_scene(&event.stream, fact)),
            "order" => typed::<OrderEvent>(event).map(|fact| of_order(&event.stream, fact)),
            _ => typed::<ReviewEvent>(event).map(of_review),
        }
    }

    fn parked(state: &ImageState, _: &str, reason: &str) -> Vec<ImageEvent> {
        vec![state.missing(reason.to_owned())]
    }

    fn unparked(state: &ImageState, _: &str) -> Vec<ImageEvent> {
        vec![ImageEvent::RenderReopened {
            quality_try: state.status.last_try(),
            note: "its render was unparked".into(),
            requesters: state.requesters.iter().cloned().collect(),
        }]
    }
}

impl Request {
    /// The seed of a quality try: the same chapter, picture and try always draw the same.
    fn seed(&self, quality_try: u32) -> u64 {
        let Shows { subject, outfit, expression, candidate, .. } = &self.shows;
        let parts: [&[u8]; 6] = [
            self.chapter.as_bytes(),
            subject.as_bytes(),
            outfit.as_bytes(),
            expression.as_bytes(),
            &candidate.to_le_bytes(),
            &quality_try.to_le_bytes(),
        ];
        let id = Id::derive("seed", &parts);
        let (low, _) = id.as_bytes().split_at(8);
        // Engines store seeds as signed or floating numbers: 53 bits survive them all.
        low.iter().fold(0_u64, |seed, byte| seed << 8 | u64::from(*byte)) >> 11
    }
}

impl ImageState {
    fn request(&self, requester: StreamName, wanted: Request) -> Result<Vec<ImageEvent>, ImageRejection> {
        let Some(request) = &self.request else {
            let Request { chapter, brief, shows, priority, recalled } = wanted;
            let asked = ImageEvent::ImageRequested { requester, chapter, brief, shows, priority, recalled };
            return Ok(vec![asked]);
        };
        if request.brief != wanted.brief || request.shows != wanted.shows {
            return Err(ImageRejection::OtherBrief);
        }
        if self.requesters.contains(&requester) {
            return Ok(Vec::new());
        }
        let priority = Some(wanted.priority).filter(|wanted| *wanted > request.priority);
        let added = ImageEvent::RequesterAdded { requester: requester.clone(), priority };
        let told = match &self.status {
            Status::Approved(drawn) => vec![ImageEvent::ImageSupplied { requester, blob: drawn.made.blob }],
            Status::Rejected(_) => vec![missing_for(requester, "every seed was rejected")],
            Status::Refused { reason, .. } | Status::Parked { reason, .. } => {
                vec![missing_for(requester, reason)]
            }
            Status::Cancelled { quality_try } => {
                vec![self.reopened(quality_try + 1, "it is wanted again".into())]
            }
            Status::Absent | Status::Rendering { .. } | Status::InReview(_) => Vec::new(),
        };
        Ok([vec![added], told].concat())
    }

    fn accept(&self, made: Made, seed: u64) -> Result<Vec<ImageEvent>, ImageRejection> {
        let (Status::Rendering { quality_try }, Some(request)) = (&self.status, &self.request) else {
            return Err(self.nothing_under_way());
        };
        let Request { chapter, brief, shows, .. } = request.clone();
        Ok(vec![ImageEvent::ImageRendered { quality_try: *quality_try, made, seed, brief, shows, chapter }])
    }

    fn refuse(&self, reason: String) -> Result<Vec<ImageEvent>, ImageRejection> {
        let Status::Rendering { .. } = &self.status else { return Err(self.nothing_under_way()) };
        let refused = ImageEvent::BriefRefused { reason: reason.clone() };
        Ok([refused, self.missing(reason)].into_iter().chain(self.given_up(None)).collect())
    }

    fn retry(&self, note: String) -> Result<Vec<ImageEvent>, ImageRejection> {
        match &self.status {
            Status::Absent => Err(ImageRejection::Unknown),
            Status::Rendering { .. } | Status::InReview(_) => Err(ImageRejection::UnderWay),
            Status::Parked { reason, .. } => Err(ImageRejection::Parked(reason.clone())),
            Status::Cancelled { .. } => Err(ImageRejection::Unwanted),
            Status::Rejected(_) | Status::Approved(_) | Status::Refused { .. } => {
                Ok(vec![self.reopened(self.status.last_try() + 1, note)])
            }
        }
    }

    fn release(&self, requester: StreamName) -> Result<Vec<ImageEvent>, ImageRejection> {
        if !self.requesters.contains(&requester) {
            return Err(ImageRejection::NotARequester(requester));
        }
        let mut events = vec![ImageEvent::RequesterReleased { requester }];
        if self.requesters.len() == 1 {
            let blob = self.status.drawn().map(|drawn| drawn.made.blob);
            events.extend(self.given_up(blob));
            events.push(ImageEvent::ImageCancelled { blob });
        }
        Ok(events)
    }

    /// The end of the approved file's use, unless `still` is that file.
    fn given_up(&self, still: Option<ContentHash>) -> Option<ImageEvent> {
        let kept = self.kept.filter(|kept| Some(*kept) != still);
        kept.map(|blob| ImageEvent::PictureGivenUp { blob })
    }

    fn hurry(&mut self, priority: Option<i32>) {
        if let (Some(request), Some(priority)) = (&mut self.request, priority) {
            request.priority = priority;
        }
    }

    fn reopened(&self, quality_try: u32, note: String) -> ImageEvent {
        let requesters = self.requesters.iter().cloned().collect();
        ImageEvent::RenderReopened { quality_try, note, requesters }
    }

    fn missing(&self, reason: String) -> ImageEvent {
        ImageEvent::ImageMissing { requesters: self.requesters.iter().cloned().collect(), reason }
    }

    fn nothing_under_way(&self) -> ImageRejection {
        self.other_try(self.status.last_try())
    }

    fn other_try(&self, asked: u32) -> ImageRejection {
        ImageRejection::OtherTry { asked, actual: self.status.name().into() }
    }
}

fn missing_for(requester: StreamName, reason: &str) -> ImageEvent {
    ImageEvent::ImageMissing { requesters: vec![requester], reason: reason.to_owned() }
}
