//! One round of a review: the picture, what is known of it, and the events that end the round.

use hydra_events::vocabulary::review::{ReviewEvent, Verdict};
use hydra_events::vocabulary::terms::{DecidedBy, Score, Shows};
use hydra_events::{ContentHash, StreamName};
use serde::{Deserialize, Serialize};

use crate::decider::Given;

/// The review of one quality try.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// What is reviewed.
    pub picture: Picture,
    /// What was measured.
    pub scores: Vec<Score>,
    /// Why it is undecided or refused.
    pub reasons: Vec<String>,
}

/// A picture that was drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Its stream.
    pub image: StreamName,
    /// Its quality try.
    pub quality_try: u32,
    /// The file, in the content store.
    pub blob: ContentHash,
    /// The brief it was drawn from.
    pub brief: ContentHash,
    /// What it shows.
    pub shows: Shows,
    /// The chapter it belongs to.
    pub chapter: String,
}

/// What somebody says of a picture.
pub(super) struct Answer {
    pub(super) verdict: Verdict,
    pub(super) by: DecidedBy,
    pub(super) note: String,
}

impl Round {
    /// The round's end by somebody's answer.
    pub(super) fn answered(&self, answer: Answer, given: Given<'_>) -> ReviewEvent {
        let Answer { verdict, by, note } = answer;
        let scores = self.scores.clone();
        match verdict {
            Verdict::Approve => self.picture.approved(scores, by, given),
            Verdict::Reject => {
                let reasons = self.reasons_against(&by, note);
                self.picture.rejected(scores, reasons, by, given)
            }
        }
    }

    /// What the person said, else why they were asked, else that it was they.
    fn reasons_against(&self, by: &DecidedBy, note: String) -> Vec<String> {
        if !note.trim().is_empty() {
            return vec![note];
        }
        if !self.reasons.is_empty() {
            return self.reasons.clone();
        }
        match by {
            DecidedBy::Person { name } => vec![format!("rejected by {name}")],
            DecidedBy::Policy {} | DecidedBy::Default {} => vec!["rejected without a reason".into()],
        }
    }
}

impl Picture {
    /// It is to be measured.
    pub(super) fn opened(self) -> ReviewEvent {
        let Self { image, quality_try, blob, brief, shows, chapter } = self;
        ReviewEvent::ReviewOpened { image, quality_try, blob, brief, shows, chapter }
    }

    /// It is good enough.
    pub(super) fn approved(&self, scores: Vec<Score>, by: DecidedBy, given: Given<'_>) -> ReviewEvent {
        let (image, quality_try) = (self.image.clone(), self.quality_try);
        ReviewEvent::ReviewApproved { image, quality_try, scores, by, policy: given.meta.policy }
    }

    /// It is not good enough.
    pub(super) fn rejected(
        &self,
        scores: Vec<Score>,
        reasons: Vec<String>,
        by: DecidedBy,
        given: Given<'_>,
    ) -> ReviewEvent {
        let (image, quality_try) = (self.image.clone(), self.quality_try);
        ReviewEvent::ReviewRejected { image, quality_try, scores, reasons, by, policy: given.meta.policy }
    }

    /// A person is to be asked.
    pub(super) fn undecided(
        &self,
        scores: Vec<Score>,
        reasons: Vec<String>,
        default: Verdict,
    ) -> ReviewEvent {
        let Self { image, quality_try, blob, chapter, .. } = self.clone();
        ReviewEvent::ReviewUndecided { image, quality_try, blob, scores, reasons, default, chapter }
    }
}
