//! What a verdict on a try makes of a picture: supplied, drawn again or missing.

use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::terms::{DecidedBy, Score};

use super::{Drawn, ImageRejection, ImageState, Request, Status};
use crate::decider::Given;
use crate::policy::PolicyKey;

impl ImageState {
    pub(super) fn approve(
        &self,
        quality_try: u32,
        scores: Vec<Score>,
        by: DecidedBy,
        given: Given<'_>,
    ) -> Result<Vec<ImageEvent>, ImageRejection> {
        let drawn = match &self.status {
            Status::Approved(drawn) if drawn.quality_try == quality_try => return Ok(Vec::new()),
            Status::InReview(drawn) | Status::Rejected(drawn) if drawn.quality_try == quality_try => {
                drawn.clone()
            }
            Status::Absent
            | Status::Rendering { .. }
            | Status::Parked { .. }
            | Status::InReview(_)
            | Status::Rejected(_)
            | Status::Approved(_)
            | Status::Refused { .. }
            | Status::Cancelled { .. } => return Err(self.other_try(quality_try)),
        };
        let Some(Request { shows, chapter, .. }) = self.request.clone() else {
            return Err(ImageRejection::Unknown);
        };
        let Drawn { made, seed, .. } = drawn;
        let (blob, policy) = (made.blob, given.meta.policy);
        let approved =
            ImageEvent::ImageApproved { quality_try, made, seed, scores, by, policy, shows, chapter };
        let supplied = self
            .requesters
            .iter()
            .map(|requester| ImageEvent::ImageSupplied { requester: requester.clone(), blob });
        let told = std::iter::once(approved).chain(supplied);
        Ok(told.chain(self.given_up(Some(blob))).collect())
    }

    /// A person's no to an approved picture ends its use at once; a no to a try leaves the approved one before it in
    /// use until the round is over.
    pub(super) fn reject(
        &self,
        quality_try: u32,
        reasons: Vec<String>,
        by: DecidedBy,
        given: Given<'_>,
    ) -> Result<Vec<ImageEvent>, ImageRejection> {
        let reason = reasons.join("; ");
        let rejected = ImageEvent::ImageRejected { quality_try, reasons, by };
        let drawn = self.status.drawn().filter(|drawn| drawn.quality_try == quality_try);
        let Some(_) = drawn else { return Err(self.other_try(quality_try)) };
        let last = quality_try.saturating_sub(self.tries_before) >= given.policy.count(PolicyKey::ImageTries);
        let (again, given_up) = match &self.status {
            Status::Rejected(_) => return Ok(Vec::new()),
            Status::Approved(_) => (self.reopened(quality_try + 1, reason), self.given_up(None)),
            Status::InReview(_) if !last => {
                let (quality_try, requesters) = (quality_try + 1, Vec::new());
                (ImageEvent::RenderReopened { quality_try, note: reason, requesters }, None)
            }
            Status::InReview(_)
            | Status::Absent
            | Status::Rendering { .. }
            | Status::Parked { .. }
            | Status::Refused { .. }
            | Status::Cancelled { .. } => {
                let why = format!("every seed was rejected, the last one: {reason}");
                (self.missing(why), self.given_up(None))
            }
        };
        Ok([rejected, again].into_iter().chain(given_up).collect())
    }
}
