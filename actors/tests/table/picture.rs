//! Commands and events of one picture, for its tables and its stories.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "tables and stories use what they need")]

use hydra_events::vocabulary::image::{ImageCommand, ImageEvent};
use hydra_events::vocabulary::terms::{DecidedBy, Made};

pub use super::stream::{hash, name as stream, shows};

pub const SCENE: &str = "scene-harbour_1";
pub const ORDER: &str = "order-portraits";

pub fn made(quality_try: u32) -> Made {
    Made {
        blob: hash(&format!("picture {quality_try}")),
        media_type: "image/png".into(),
        engine: "painter".into(),
        engine_version: "1".into(),
        request: hash("request"),
        response: hash("response"),
        duration_ms: 1_500,
    }
}

pub fn policy() -> DecidedBy {
    DecidedBy::Policy {}
}

pub fn person() -> DecidedBy {
    DecidedBy::Person { name: "ada".into() }
}

pub fn request(requester: &str) -> ImageCommand {
    let (requester, chapter) = (stream(requester), "harbour".into());
    ImageCommand::RequestImage {
        requester,
        chapter,
        brief: hash("brief"),
        shows: shows(),
        priority: 0,
        recalled: None,
    }
}

pub fn accept(quality_try: u32) -> ImageCommand {
    ImageCommand::AcceptRender { made: made(quality_try), seed: u64::from(quality_try) }
}

pub fn refuse() -> ImageCommand {
    ImageCommand::RefuseBrief { reason: "not made here".into() }
}

pub fn approve(quality_try: u32, by: DecidedBy) -> ImageCommand {
    ImageCommand::ApproveImage { quality_try, scores: Vec::new(), by }
}

pub fn reject(quality_try: u32, by: DecidedBy) -> ImageCommand {
    ImageCommand::RejectImage { quality_try, reasons: vec!["blurred".into()], by }
}

pub fn retry() -> ImageCommand {
    ImageCommand::RetryImage { note: "once more".into() }
}

pub fn release(requester: &str) -> ImageCommand {
    ImageCommand::ReleaseImage { requester: stream(requester) }
}

pub fn requested() -> ImageEvent {
    let (requester, chapter) = (stream(SCENE), "harbour".into());
    ImageEvent::ImageRequested {
        requester,
        chapter,
        brief: hash("brief"),
        shows: shows(),
        priority: 0,
        recalled: None,
    }
}

pub fn added(requester: &str) -> ImageEvent {
    ImageEvent::RequesterAdded { requester: stream(requester), priority: None }
}

pub fn given_up(quality_try: u32) -> ImageEvent {
    ImageEvent::PictureGivenUp { blob: made(quality_try).blob }
}

pub fn rendered(quality_try: u32) -> ImageEvent {
    let (made, seed, chapter) = (made(quality_try), u64::from(quality_try), "harbour".into());
    ImageEvent::ImageRendered { quality_try, made, seed, brief: hash("brief"), shows: shows(), chapter }
}

pub fn rejected(quality_try: u32, by: DecidedBy) -> ImageEvent {
    ImageEvent::ImageRejected { quality_try, reasons: vec!["blurred".into()], by }
}

pub fn approved(quality_try: u32, by: DecidedBy) -> ImageEvent {
    let (made, seed, chapter) = (made(quality_try), u64::from(quality_try), "harbour".into());
    let (scores, shows) = (Vec::new(), shows());
    ImageEvent::ImageApproved { quality_try, made, seed, scores, by, policy: 1, shows, chapter }
}

pub fn supplied(requester: &str, quality_try: u32) -> ImageEvent {
    ImageEvent::ImageSupplied { requester: stream(requester), blob: made(quality_try).blob }
}

pub fn missing(requesters: &[&str], reason: &str) -> ImageEvent {
    let requesters = requesters.iter().map(|requester| stream(requester)).collect();
    ImageEvent::ImageMissing { requesters, reason: reason.into() }
}

pub fn reopened(quality_try: u32, note: &str, requesters: &[&str]) -> ImageEvent {
    let requesters = requesters.iter().map(|requester| stream(requester)).collect();
    ImageEvent::RenderReopened { quality_try, note: note.into(), requesters }
}

pub fn refused() -> ImageEvent {
    ImageEvent::BriefRefused { reason: "not made here".into() }
}

pub fn released(requester: &str) -> ImageEvent {
    ImageEvent::RequesterReleased { requester: stream(requester) }
}

pub fn cancelled(quality_try: Option<u32>) -> ImageEvent {
    ImageEvent::ImageCancelled { blob: quality_try.map(|quality_try| made(quality_try).blob) }
}
