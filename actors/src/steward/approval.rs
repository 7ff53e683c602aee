//! A question to a person: is this picture good enough? It listens to reviews that are undecided, and to verdicts
//! given elsewhere, new tries and reviews that are withdrawn, which make the question moot. It owes nothing: whoever answers sends a command.
//!
//! What can go wrong: nobody answers, and then the default that is recorded with the question applies; or two people
//! answer, and then the first one stands.

use hydra_events::record::Recorded;
use hydra_events::stream::join_id;
use hydra_events::vocabulary::approval::{ApprovalCommand, ApprovalEvent};
use hydra_events::vocabulary::review::{ReviewEvent, Verdict};
use hydra_events::vocabulary::terms::{DecidedBy, Score};
use hydra_events::wire::WireError;
use hydra_events::{ContentHash, StreamName};
use serde::{Deserialize, Serialize};

use crate::decider::{Decider, Given, NoEffect, Reaction};
use crate::registry::typed;

/// The entity.
pub struct Approval;

/// What an approval remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ApprovalState {
    /// Where it stands.
    pub status: Status,
    /// What was asked; absent with the approval itself.
    pub question: Option<Question>,
}

/// What a person is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The review.
    pub review: StreamName,
    /// The picture.
    pub image: StreamName,
    /// Its quality try.
    pub quality_try: u32,
    /// The file, in the content store.
    pub blob: ContentHash,
    /// What was measured.
    pub scores: Vec<Score>,
    /// Which scores are too close to call.
    pub reasons: Vec<String>,
    /// What applies when nobody answers.
    pub default: Verdict,
    /// The chapter it belongs to.
    pub chapter: String,
}

/// Where an approval stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Status {
    /// Nobody is asked.
    #[default]
    Absent,
    /// It waits for an answer.
    Open,
    /// It was answered.
    Answered {
        /// The answer.
        verdict: Verdict,
        /// Who gave it.
        by: DecidedBy,
    },
    /// The question is moot.
    Withdrawn {
        /// Why.
        reason: String,
    },
}

/// Why an approval says no.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ApprovalRejection {
    /// Nobody was asked.
    #[error("there is no such question")]
    Unknown,
    /// Picture and try make a question's identity.
    #[error("this question was asked about another file, review or measure")]
    OtherQuestion,
    /// The first answer stands.
    #[error("this was answered already: {by} {verdict}")]
    Answered {
        /// Who gave the answer that stands.
        by: String,
        /// The answer that stands.
        verdict: &'static str,
    },
    /// There is nothing left to answer.
    #[error("this question was withdrawn: {0}")]
    Withdrawn(String),
}

impl Approval {
    /// The stream that asks about one try of a picture.
    pub fn stream_of(image: &StreamName, quality_try: u32) -> Option<StreamName> {
        StreamName::try_new(Self::CATEGORY, &join_id(&[image.id(), &quality_try.to_string()])).ok()
    }
}

impl Decider for Approval {
    const CATEGORY: &'static str = "approval";
    const ACTOR: &'static str = "steward";
    const REACTS_TO: &'static [&'static str] = &[
        "review.review_undecided.v1",
        "review.review_withdrawn.v1",
        "review.review_approved.v1",
        "review.review_rejected.v1",
        "review.review_opened.v1",
    ];

    type Command = ApprovalCommand;
    type Event = ApprovalEvent;
    type Rejection = ApprovalRejection;
    type Effect = NoEffect;
    type State = ApprovalState;

    fn decide(
        state: &ApprovalState,
        command: ApprovalCommand,
        _: Given<'_>,
    ) -> Result<Vec<ApprovalEvent>, ApprovalRejection> {
        match command {
            ApprovalCommand::RequestApproval {
                review,
                image,
                quality_try,
                blob,
                scores,
                reasons,
                default,
                chapter,
            } => state.ask(Question { review, image, quality_try, blob, scores, reasons, default, chapter }),
            ApprovalCommand::AnswerApproval { verdict, by, note } => state.answer(verdict, by, note),
            ApprovalCommand::WithdrawApproval { reason } => Ok(state.withdraw(reason)),
        }
    }

    fn evolve(state: &mut ApprovalState, event: &ApprovalEvent) {
        match event.clone() {
            ApprovalEvent::ApprovalRequested {
                review,
                image,
                quality_try,
                blob,
                scores,
                reasons,
                default,
                chapter,
            } => {
                state.question =
                    Some(Question { review, image, quality_try, blob, scores, reasons, default, chapter });
                state.status = Status::Open;
            }
            ApprovalEvent::ApprovalAnswered { verdict, by, .. } => {
                state.status = Status::Answered { verdict, by }
            }
            ApprovalEvent::ApprovalWithdrawn { reason } => state.status = Status::Withdrawn { reason },
        }
    }

    fn react(event: &Recorded) -> Result<Vec<Reaction<ApprovalCommand>>, WireError> {
        typed::<ReviewEvent>(event).map(|fact| of_review(&event.stream, fact).into_iter().collect())
    }
}

impl ApprovalState {
    fn ask(&self, asked: Question) -> Result<Vec<ApprovalEvent>, ApprovalRejection> {
        match &self.question {
            Some(known) if *known == asked => return Ok(Vec::new()),
            Some(_) => return Err(ApprovalRejection::OtherQuestion),
            None => {}
        }
        let Question { review, image, quality_try, blob, scores, reasons, default, chapter } = asked;
        Ok(vec![ApprovalEvent::ApprovalRequested {
            review,
            image,
            quality_try,
            blob,
            scores,
            reasons,
            default,
            chapter,
        }])
    }

    fn answer(
        &self,
        verdict: Verdict,
        by: DecidedBy,
        note: String,
    ) -> Result<Vec<ApprovalEvent>, ApprovalRejection> {
        let Some(Question { review, quality_try, .. }) = self.question.clone() else {
            return Err(ApprovalRejection::Unknown);
        };
        match &self.status {
            Status::Absent => Err(ApprovalRejection::Unknown),
            Status::Open => {
                Ok(vec![ApprovalEvent::ApprovalAnswered { review, quality_try, verdict, by, note }])
            }
            Status::Answered { verdict: first, .. } if *first == verdict => Ok(Vec::new()),
            Status::Answered { verdict: first, by } => {
                Err(ApprovalRejection::Answered { by: who(by), verdict: said(*first) })
            }
            Status::Withdrawn { reason } => Err(ApprovalRejection::Withdrawn(reason.clone())),
        }
    }

    fn withdraw(&self, reason: String) -> Vec<ApprovalEvent> {
        match self.status {
            Status::Open => vec![ApprovalEvent::ApprovalWithdrawn { reason }],
            Status::Absent | Status::Answered { .. } | Status::Withdrawn { .. } => Vec::new(),
        }
    }
}

fn who(by: &DecidedBy) -> String {
    match by {
        DecidedBy::Policy {} => "the policy".into(),
        DecidedBy::Person { name } => name.clone(),
        DecidedBy::Default {} => "the default, for want of an answer,".into(),
    }
}

fn said(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "approved it",
        Verdict::Reject => "rejected it",
    }
}

fn of_review(review: &StreamName, fact: ReviewEvent) -> Option<Reaction<ApprovalCommand>> {
    match fact {
        ReviewEvent::ReviewUndecided { image, quality_try, blob, scores, reasons, default, chapter } => {
            let stream = Approval::stream_of(&image, quality_try)?;
            let review = review.clone();
            let asked = ApprovalCommand::RequestApproval {
                review,
                image,
                quality_try,
                blob,
                scores,
                reasons,
                default,
                chapter,
            };
            Some((stream, asked))
        }
        ReviewEvent::ReviewApproved { image, quality_try, by, .. } => {
            decided(&image, quality_try, &by, Verdict::Approve)
        }
        ReviewEvent::ReviewRejected { image, quality_try, by, .. } => {
            decided(&image, quality_try, &by, Verdict::Reject)
        }
        ReviewEvent::ReviewOpened { image, quality_try, .. } => drawn_again(&image, quality_try),
        ReviewEvent::ReviewWithdrawn { image, quality_try, reason } => moot(&image, quality_try, reason),
        ReviewEvent::ReviewSuperseded { .. }
        | ReviewEvent::PictureScored { .. }
        | ReviewEvent::PictureRefused { .. } => None,
    }
}

/// A picture is drawn again without a verdict on what it was before.
fn drawn_again(image: &StreamName, quality_try: u32) -> Option<Reaction<ApprovalCommand>> {
    let before = quality_try.checked_sub(1).filter(|before| *before > 0)?;
    moot(image, before, format!("the picture was drawn again, as try {quality_try}"))
}

/// A verdict makes an open question moot, whoever spoke: the measure may come after a person was asked because it
/// had failed.
fn decided(
    image: &StreamName,
    quality_try: u32,
    by: &DecidedBy,
    verdict: Verdict,
) -> Option<Reaction<ApprovalCommand>> {
    moot(image, quality_try, format!("{} {}", who(by), said(verdict)))
}

fn moot(image: &StreamName, quality_try: u32, reason: String) -> Option<Reaction<ApprovalCommand>> {
    Some((Approval::stream_of(image, quality_try)?, ApprovalCommand::WithdrawApproval { reason }))
}
