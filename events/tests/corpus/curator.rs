//! Reviews.

use hydra_events::vocabulary::review::{ReviewCommand, ReviewEvent, Verdict};
use hydra_events::vocabulary::terms::DecidedBy;

use super::samples::{blob, bust, image, person, scores, text};
use super::{Words, words};

pub fn all() -> Vec<Words> {
    vec![words("commands", "review", &commands()), words("events", "review", &events())]
}

fn commands() -> Vec<ReviewCommand> {
    vec![
        ReviewCommand::OpenReview {
            image: image(),
            quality_try: 1,
            blob: blob("result"),
            brief: blob("brief"),
            shows: bust(),
            chapter: text("lighthouse"),
        },
        ReviewCommand::AcceptScores { scores: scores(), duration_ms: 40 },
        ReviewCommand::RefusePicture { reason: text("not a picture") },
        ReviewCommand::WithdrawReview { reason: text("nobody wants it any more") },
        ReviewCommand::RecordVerdict {
            quality_try: 1,
            verdict: Verdict::Reject,
            by: person(),
            note: text("too „dark“"),
        },
    ]
}

fn events() -> Vec<ReviewEvent> {
    vec![
        ReviewEvent::ReviewOpened {
            image: image(),
            quality_try: 1,
            blob: blob("result"),
            brief: blob("brief"),
            shows: bust(),
            chapter: text("lighthouse"),
        },
        ReviewEvent::ReviewSuperseded { quality_try: 1 },
        ReviewEvent::ReviewWithdrawn {
            image: image(),
            quality_try: 1,
            reason: text("nobody wants it any more"),
        },
        ReviewEvent::PictureScored { quality_try: 1, scores: scores(), duration_ms: 40 },
        ReviewEvent::PictureRefused { quality_try: 1, reason: text("not a picture") },
        ReviewEvent::ReviewApproved {
            image: image(),
            quality_try: 1,
            scores: scores(),
            by: DecidedBy::Default {},
            policy: 3,
        },
        ReviewEvent::ReviewRejected {
            image: image(),
            quality_try: 1,
            scores: scores(),
            reasons: vec![text("technical under 40")],
            by: DecidedBy::Policy {},
            policy: 3,
        },
        ReviewEvent::ReviewUndecided {
            image: image(),
            quality_try: 1,
            blob: blob("result"),
            scores: scores(),
            reasons: vec![text("aesthetic is close")],
            default: Verdict::Approve,
            chapter: text("lighthouse"),
        },
    ]
}
