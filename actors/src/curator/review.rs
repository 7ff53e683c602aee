//! The review of one picture, a round for each of its quality tries. It listens to pictures that were drawn or are no
//! longer wanted and to people's answers; it owes a measurement, a lease's work.
//!
//! The policy decides what the scores make plain; what is too close goes to a person, whose verdict also stands above
//! the machine's later on. What the gate refuses no verdict brings back.
//!
//! What can go wrong: the scorer fails for good. That says nothing about the picture, so it is no reason to spend
//! another render at once: the picture goes to a person as undecided. Nobody has looked at its pixels, so without
//! an answer it is rejected, whatever the policy says about close calls: the next seed is drawn, as often as the policy
//! allows, and the chapter never hangs. Until then the measurement stays owed, and unparking it may still decide.

use std::cmp::Ordering;

use hydra_events::record::Recorded;
use hydra_events::vocabulary::approval::ApprovalEvent;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::review::{ReviewCommand, ReviewEvent, Verdict};
use hydra_events::vocabulary::terms::{DecidedBy, Score, WorkKind};
use hydra_events::wire::WireError;
use hydra_events::{ContentHash, StreamName};
use serde::{Deserialize, Serialize};

use super::judge::{Judgement, judge};
use super::round::{Answer, Picture, Round};
use crate::decider::{Decider, Given, Need, Owed, Reaction};
use crate::policy::{Policy, PolicyKey};
use crate::registry::typed;

/// The entity.
pub struct Review;

/// What a review remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReviewState {
    /// Where the present round stands.
    pub status: Status,
    /// The present round; absent with the review itself.
    pub round: Option<Round>,
}

/// Where a round stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// No picture was drawn.
    #[default]
    Absent,
    /// The picture is being measured.
    Scoring,
    /// The picture could not be measured; a person is asked.
    Unscored,
    /// A newer try is about to take its place.
    Superseded,
    /// The picture was measured and is about to be decided on.
    Measured,
    /// A person is asked.
    Undecided,
    /// It is good enough.
    Approved,
    /// It is not good enough.
    Rejected,
    /// The gate refused the picture itself.
    Refused,
    /// Nobody wants the picture any more.
    Withdrawn,
}

/// What a review owes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// The picture, in the content store.
    pub blob: ContentHash,
    /// The brief it was drawn from, in the content store.
    pub brief: ContentHash,
}

/// Why a review says no.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReviewRejection {
    /// No picture was drawn.
    #[error("there is nothing to review yet")]
    Unknown,
    /// The stream reviews another picture.
    #[error("this is the review of {0}, and of no other picture")]
    OtherPicture(StreamName),
    /// The same try came with another file or brief.
    #[error("quality try {quality_try} is known as file {blob}: another file is another try")]
    OtherFile {
        /// The try.
        quality_try: u32,
        /// The file that is known.
        blob: ContentHash,
    },
    /// The command is about another try.
    #[error("quality try {asked} is not the one under review: that is {actual}")]
    OtherTry {
        /// The try the command is about.
        asked: u32,
        /// The try under review.
        actual: u32,
    },
    /// Nothing is being measured.
    #[error("quality try {0} is not being measured")]
    NotScoring(u32),
    /// The policy decides by scores and in no other way.
    #[error("a verdict is a person's or the default answer: the policy decides by the scores alone")]
    NoVerdict,
    /// A default answer to a question nobody asked.
    #[error("quality try {0} is not undecided: the default answer does not apply")]
    NotUndecided(u32),
    /// The gate refused the picture.
    #[error("the gate refused this picture, and no verdict changes that: {0}")]
    Refused(String),
    /// The picture is no longer wanted.
    #[error("nobody wants this picture any more: it is reviewed again when it is drawn again")]
    Withdrawn,
}

impl Decider for Review {
    const CATEGORY: &'static str = "review";
    const ACTOR: &'static str = "curator";
    const REACTS_TO: &'static [&'static str] =
        &["image.image_rendered.v1", "image.image_cancelled.v1", "approval.approval_answered.v1"];
    const OUTCOMES: &'static [&'static str] = &["accept_scores", "refuse_picture"];
    const WORK: Option<WorkKind> = Some(WorkKind::Scoring);

    type Command = ReviewCommand;
    type Event = ReviewEvent;
    type Rejection = ReviewRejection;
    type Effect = Measure;
    type State = ReviewState;

    fn decide(
        state: &ReviewState,
        command: ReviewCommand,
        given: Given<'_>,
    ) -> Result<Vec<ReviewEvent>, ReviewRejection> {
        match command {
            ReviewCommand::OpenReview { image, quality_try, blob, brief, shows, chapter } => {
                state.open(Picture { image, quality_try, blob, brief, shows, chapter })
            }
            ReviewCommand::AcceptScores { scores, duration_ms } => state.accept(scores, duration_ms, given),
            ReviewCommand::RefusePicture { reason } => state.refuse(reason, given),
            ReviewCommand::WithdrawReview { reason } => state.withdraw(reason),
            ReviewCommand::RecordVerdict { quality_try, verdict, by, note } => {
                state.record(quality_try, Answer { verdict, by, note }, given)
            }
        }
    }

    fn evolve(state: &mut ReviewState, event: &ReviewEvent) {
        match event {
            ReviewEvent::ReviewOpened { image, quality_try, blob, brief, shows, chapter } => {
                let (image, shows, chapter) = (image.clone(), shows.clone(), chapter.clone());
                let picture =
                    Picture { image, quality_try: *quality_try, blob: *blob, brief: *brief, shows, chapter };
                state.round = Some(Round { picture, scores: Vec::new(), reasons: Vec::new() });
                state.status = Status::Scoring;
            }
            ReviewEvent::ReviewSuperseded { .. } => state.status = Status::Superseded,
            ReviewEvent::ReviewWithdrawn { .. } => state.status = Status::Withdrawn,
            ReviewEvent::PictureScored { scores, .. } => {
                state.note(|round| round.scores.clone_from(scores));
                state.status = state.status.measured();
            }
            ReviewEvent::PictureRefused { reason, .. } => {
                state.note(|round| round.reasons = vec![reason.clone()]);
                state.status = Status::Refused;
            }
            ReviewEvent::ReviewApproved { .. } => state.status = Status::Approved,
            ReviewEvent::ReviewRejected { .. } => state.status = state.status.rejected(),
            ReviewEvent::ReviewUndecided { reasons, .. } => {
                state.note(|round| round.reasons.clone_from(reasons));
                state.status = state.status.undecided();
            }
        }
    }

    fn owed(state: &ReviewState) -> Vec<Owed<Measure>> {
        let Some(Round { picture, .. }) = state.round.as_ref().filter(|_| state.status.owes()) else {
            return Vec::new();
        };
        let need = Need::Heavy { kind: WorkKind::Scoring, priority: 0 };
        let effect = Measure { blob: picture.blob, brief: picture.brief };
        vec![Owed { key: format!("score-{}", picture.quality_try), need, effect }]
    }

    fn react(event: &Recorded) -> Result<Vec<Reaction<ReviewCommand>>, WireError> {
        match event.stream.category() {
            "image" => typed::<ImageEvent>(event).map(|fact| of_image(&event.stream, fact)),
            _ => typed::<ApprovalEvent>(event).map(of_approval),
        }
    }

    fn parked(state: &ReviewState, _: &str, reason: &str) -> Vec<ReviewEvent> {
        state.unscored(reason)
    }
}

impl Status {
    fn owes(self) -> bool {
        match self {
            Self::Scoring | Self::Unscored => true,
            Self::Absent
            | Self::Superseded
            | Self::Measured
            | Self::Undecided
            | Self::Approved
            | Self::Rejected
            | Self::Refused
            | Self::Withdrawn => false,
        }
    }

    /// Where a person had been asked already, the question stands until something decides it.
    fn measured(self) -> Self {
        if self == Self::Unscored { Self::Undecided } else { Self::Measured }
    }

    /// A refusal by the gate is more than a rejection, and stays.
    fn rejected(self) -> Self {
        if self == Self::Refused { Self::Refused } else { Self::Rejected }
    }

    /// What was not measured before a person was asked is still to be measured.
    fn undecided(self) -> Self {
        if self.owes() { Self::Unscored } else { Self::Undecided }
    }
}

impl ReviewState {
    fn note(&mut self, change: impl FnOnce(&mut Round)) {
        if let Some(round) = &mut self.round {
            change(round);
        }
    }

    fn open(&self, picture: Picture) -> Result<Vec<ReviewEvent>, ReviewRejection> {
        let Some(Round { picture: known, .. }) = &self.round else { return Ok(vec![picture.opened()]) };
        let (asked, actual) = (picture.quality_try, known.quality_try);
        if picture.image != known.image {
            return Err(ReviewRejection::OtherPicture(known.image.clone()));
        }
        match asked.cmp(&actual) {
            Ordering::Less => Err(ReviewRejection::OtherTry { asked, actual }),
            Ordering::Equal if picture == *known => Ok(Vec::new()),
            Ordering::Equal => Err(ReviewRejection::OtherFile { quality_try: actual, blob: known.blob }),
            Ordering::Greater if self.status.owes() => {
                Ok(vec![ReviewEvent::ReviewSuperseded { quality_try: actual }, picture.opened()])
            }
            Ordering::Greater => Ok(vec![picture.opened()]),
        }
    }

    fn accept(
        &self,
        scores: Vec<Score>,
        duration_ms: u64,
        given: Given<'_>,
    ) -> Result<Vec<ReviewEvent>, ReviewRejection> {
        let picture = self.measuring()?;
        let quality_try = picture.quality_try;
        let scored = ReviewEvent::PictureScored { quality_try, scores: scores.clone(), duration_ms };
        let decided = match judge(&scores, given.policy) {
            Judgement::Good => picture.approved(scores, DecidedBy::Policy {}, given),
            Judgement::Poor(reasons) => picture.rejected(scores, reasons, DecidedBy::Policy {}, given),
            // The question that was asked when it could not be measured still stands.
            Judgement::Close(_) if self.status == Status::Unscored => return Ok(vec![scored]),
            Judgement::Close(reasons) => picture.undecided(scores, reasons, default_answer(given.policy)),
        };
        Ok(vec![scored, decided])
    }

    fn refuse(&self, reason: String, given: Given<'_>) -> Result<Vec<ReviewEvent>, ReviewRejection> {
        let picture = self.measuring()?;
        let rejected = picture.rejected(Vec::new(), vec![reason.clone()], DecidedBy::Policy {}, given);
        Ok(vec![ReviewEvent::PictureRefused { quality_try: picture.quality_try, reason }, rejected])
    }

    fn measuring(&self) -> Result<&Picture, ReviewRejection> {
        let Some(Round { picture, .. }) = &self.round else { return Err(ReviewRejection::Unknown) };
        if self.status.owes() { Ok(picture) } else { Err(ReviewRejection::NotScoring(picture.quality_try)) }
    }

    fn record(
        &self,
        quality_try: u32,
        answer: Answer,
        given: Given<'_>,
    ) -> Result<Vec<ReviewEvent>, ReviewRejection> {
        let Some(round) = &self.round else { return Err(ReviewRejection::Unknown) };
        let actual = round.picture.quality_try;
        if quality_try != actual {
            return Err(ReviewRejection::OtherTry { asked: quality_try, actual });
        }
        if answer.by == (DecidedBy::Policy {}) {
            return Err(ReviewRejection::NoVerdict);
        }
        match (self.status, answer.verdict) {
            (Status::Refused, Verdict::Approve) => Err(ReviewRejection::Refused(round.reasons.join("; "))),
            (Status::Withdrawn, _) => Err(ReviewRejection::Withdrawn),
            (Status::Approved, Verdict::Approve) | (Status::Rejected | Status::Refused, Verdict::Reject) => {
                Ok(Vec::new())
            }
            (Status::Undecided | Status::Unscored, _) => Ok(vec![round.answered(answer, given)]),
            (Status::Absent | Status::Scoring | Status::Superseded | Status::Measured, _)
            | (Status::Approved, Verdict::Reject)
            | (Status::Rejected, Verdict::Approve) => match answer.by {
                DecidedBy::Person { .. } => Ok(vec![round.answered(answer, given)]),
                DecidedBy::Policy {} | DecidedBy::Default {} => Err(ReviewRejection::NotUndecided(actual)),
            },
        }
    }

    /// What is decided stays decided.
    fn withdraw(&self, reason: String) -> Result<Vec<ReviewEvent>, ReviewRejection> {
        let Some(Round { picture, .. }) = &self.round else { return Err(ReviewRejection::Unknown) };
        match self.status {
            Status::Absent | Status::Approved | Status::Rejected | Status::Refused | Status::Withdrawn => {
                Ok(Vec::new())
            }
            Status::Scoring
            | Status::Unscored
            | Status::Superseded
            | Status::Measured
            | Status::Undecided => {
                let Picture { image, quality_try, .. } = picture.clone();
                Ok(vec![ReviewEvent::ReviewWithdrawn { image, quality_try, reason }])
            }
        }
    }

    fn unscored(&self, reason: &str) -> Vec<ReviewEvent> {
        let Some(Round { picture, .. }) = &self.round else { return Vec::new() };
        if self.status != Status::Scoring {
            // The question asked the first time still stands.
            return Vec::new();
        }
        let reasons = vec![format!("could not be scored: {reason}")];
        vec![picture.undecided(Vec::new(), reasons, Verdict::Reject)]
    }
}

fn default_answer(policy: &Policy) -> Verdict {
    if policy.count(PolicyKey::ApproveByDefault) > 0 { Verdict::Approve } else { Verdict::Reject }
}

fn of_image(image: &StreamName, fact: ImageEvent) -> Vec<Reaction<ReviewCommand>> {
    let command = match fact {
        ImageEvent::ImageRendered { quality_try, made, brief, shows, chapter, .. } => {
            let (image, blob) = (image.clone(), made.blob);
            ReviewCommand::OpenReview { image, quality_try, blob, brief, shows, chapter }
        }
        ImageEvent::ImageCancelled { .. } => {
            ReviewCommand::WithdrawReview { reason: "nobody wants the picture any more".into() }
        }
        ImageEvent::ImageRequested { .. }
        | ImageEvent::RequesterAdded { .. }
        | ImageEvent::BriefRefused { .. }
        | ImageEvent::ImageRejected { .. }
        | ImageEvent::RenderReopened { .. }
        | ImageEvent::ImageApproved { .. }
        | ImageEvent::ImageSupplied { .. }
        | ImageEvent::ImageMissing { .. }
        | ImageEvent::PictureGivenUp { .. }
        | ImageEvent::RequesterReleased { .. } => return Vec::new(),
    };
    let review = StreamName::try_new(Review::CATEGORY, image.id());
    review.map(|review| (review, command)).into_iter().collect()
}

fn of_approval(fact: ApprovalEvent) -> Vec<Reaction<ReviewCommand>> {
    match fact {
        ApprovalEvent::ApprovalAnswered { review, quality_try, verdict, by, note } => {
            vec![(review, ReviewCommand::RecordVerdict { quality_try, verdict, by, note })]
        }
        ApprovalEvent::ApprovalRequested { .. } | ApprovalEvent::ApprovalWithdrawn { .. } => Vec::new(),
    }
}
