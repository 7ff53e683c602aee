//! Images.

use hydra_events::vocabulary::image::{ImageCommand, ImageEvent};
use hydra_events::vocabulary::terms::DecidedBy;

use super::samples::{blob, bust, made, person, place, scores, stream, text};
use super::{Words, words};

pub fn all() -> Vec<Words> {
    vec![words("commands", "image", &commands()), words("events", "image", &events())]
}

fn commands() -> Vec<ImageCommand> {
    let requester = || stream("scene-lighthouse_1");
    vec![
        ImageCommand::RequestImage {
            requester: requester(),
            chapter: text("lighthouse"),
            brief: blob("brief"),
            shows: place(),
            priority: 10,
            recalled: None,
        },
        ImageCommand::AcceptRender { made: made("image/png"), seed: u64::MAX },
        ImageCommand::RefuseBrief { reason: text("no width") },
        ImageCommand::ApproveImage { quality_try: 1, scores: scores(), by: DecidedBy::Policy {} },
        ImageCommand::RejectImage { quality_try: 1, reasons: vec![text("blurred")], by: person() },
        ImageCommand::RetryImage { note: text("try a smile") },
        ImageCommand::ReleaseImage { requester: requester() },
    ]
}

fn events() -> Vec<ImageEvent> {
    let requester = || stream("scene-lighthouse_1");
    vec![
        ImageEvent::ImageRequested {
            requester: requester(),
            chapter: text("lighthouse"),
            brief: blob("brief"),
            shows: bust(),
            priority: 10,
            recalled: None,
        },
        ImageEvent::RequesterAdded { requester: requester(), priority: Some(10) },
        ImageEvent::ImageRendered {
            quality_try: 1,
            made: made("image/png"),
            seed: u64::MAX,
            brief: blob("brief"),
            shows: bust(),
            chapter: text("lighthouse"),
        },
        ImageEvent::BriefRefused { reason: text("a real face without consent") },
        ImageEvent::ImageRejected { quality_try: 1, reasons: vec![text("blurred")], by: person() },
        ImageEvent::RenderReopened {
            quality_try: 2,
            note: text("try a smile"),
            requesters: vec![requester()],
        },
        ImageEvent::ImageApproved {
            quality_try: 2,
            made: made("image/png"),
            seed: 7,
            scores: scores(),
            by: DecidedBy::Policy {},
            policy: 3,
            shows: bust(),
            chapter: text("lighthouse"),
        },
        ImageEvent::ImageSupplied { requester: requester(), blob: blob("result") },
        ImageEvent::ImageMissing { requesters: vec![requester()], reason: text("parked") },
        ImageEvent::RequesterReleased { requester: requester() },
        ImageEvent::PictureGivenUp { blob: blob("result") },
        ImageEvent::ImageCancelled { blob: None },
    ]
}
