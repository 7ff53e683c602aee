//! What an approval decides.

use hydra_actors::decider::Reaction;
use hydra_actors::steward::approval::{Approval, ApprovalRejection};
use hydra_events::vocabulary::approval::{ApprovalCommand, ApprovalEvent};
use hydra_events::vocabulary::review::{ReviewEvent, Verdict};
use hydra_events::vocabulary::terms::DecidedBy;

use crate::table::stream::{Stream, Table, hash, name, reactions, shows};

const STREAM: &str = "approval-keeper_happy_1_2";

fn request(blob: &str) -> ApprovalCommand {
    ApprovalCommand::RequestApproval {
        review: name("review-keeper_happy_1"),
        image: name("image-keeper_happy_1"),
        quality_try: 2,
        blob: hash(blob),
        scores: vec![],
        reasons: vec!["technical 69.9 is near 70".into()],
        default: Verdict::Approve,
        chapter: "lighthouse".into(),
    }
}

fn requested() -> ApprovalEvent {
    ApprovalEvent::ApprovalRequested {
        review: name("review-keeper_happy_1"),
        image: name("image-keeper_happy_1"),
        quality_try: 2,
        blob: hash("picture"),
        scores: vec![],
        reasons: vec!["technical 69.9 is near 70".into()],
        default: Verdict::Approve,
        chapter: "lighthouse".into(),
    }
}

fn ada() -> DecidedBy {
    DecidedBy::Person { name: "Ada".into() }
}

fn answer(verdict: Verdict, by: DecidedBy) -> ApprovalCommand {
    ApprovalCommand::AnswerApproval { verdict, by, note: "the coat".into() }
}

fn answered(verdict: Verdict, by: DecidedBy) -> ApprovalEvent {
    let review = name("review-keeper_happy_1");
    ApprovalEvent::ApprovalAnswered { review, quality_try: 2, verdict, by, note: "the coat".into() }
}

fn withdraw() -> ApprovalCommand {
    ApprovalCommand::WithdrawApproval { reason: "Bob rejected it".into() }
}

fn withdrawn() -> ApprovalEvent {
    ApprovalEvent::ApprovalWithdrawn { reason: "Bob rejected it".into() }
}

fn check(
    given: &[ApprovalEvent],
    when: ApprovalCommand,
    then: Result<Vec<ApprovalEvent>, ApprovalRejection>,
) {
    Table::of(STREAM).check::<Approval>(given, when, then);
}

#[test]
fn a_question_is_asked_once() {
    check(&[], request("picture"), Ok(vec![requested()]));
    for past in [vec![], vec![answered(Verdict::Approve, ada())], vec![withdrawn()]] {
        let given = [vec![requested()], past].concat();
        check(&given, request("picture"), Ok(vec![]));
        check(&given, request("another"), Err(ApprovalRejection::OtherQuestion));
    }
}

#[test]
fn the_first_answer_stands() {
    check(&[requested()], answer(Verdict::Reject, ada()), Ok(vec![answered(Verdict::Reject, ada())]));
    let given = [requested(), answered(Verdict::Reject, ada())];
    check(&given, answer(Verdict::Reject, DecidedBy::Default {}), Ok(vec![]));
    let (by, verdict) = ("Ada".into(), "rejected it");
    check(&given, answer(Verdict::Approve, ada()), Err(ApprovalRejection::Answered { by, verdict }));
}

#[test]
fn an_answer_nobody_gave_says_so() {
    let by_default = answered(Verdict::Approve, DecidedBy::Default {});
    check(&[requested()], answer(Verdict::Approve, DecidedBy::Default {}), Ok(vec![by_default.clone()]));
    let rejected = Table::of(STREAM)
        .decide::<Approval>(&[requested(), by_default], answer(Verdict::Reject, ada()))
        .unwrap_err();
    assert_eq!(
        rejected.to_string(),
        "this was answered already: the default, for want of an answer, approved it"
    );
}

#[test]
fn what_was_never_asked_cannot_be_answered() {
    check(&[], answer(Verdict::Approve, ada()), Err(ApprovalRejection::Unknown));
}

#[test]
fn an_open_question_is_withdrawn_once_and_then_answered_no_more() {
    check(&[requested()], withdraw(), Ok(vec![withdrawn()]));
    for given in
        [vec![], vec![requested(), withdrawn()], vec![requested(), answered(Verdict::Approve, ada())]]
    {
        check(&given, withdraw(), Ok(vec![]));
    }
    let moot = ApprovalRejection::Withdrawn("Bob rejected it".into());
    check(&[requested(), withdrawn()], answer(Verdict::Approve, ada()), Err(moot));
}

fn of_review(event: &ReviewEvent) -> Vec<Reaction<ApprovalCommand>> {
    reactions::<Approval, _>("review-keeper_happy_1", event)
}

fn rejected(by: DecidedBy) -> ReviewEvent {
    let (image, quality_try) = (name("image-keeper_happy_1"), 2);
    ReviewEvent::ReviewRejected { image, quality_try, scores: vec![], reasons: vec![], by, policy: 1 }
}

#[test]
fn an_undecided_review_asks() {
    let undecided = ReviewEvent::ReviewUndecided {
        image: name("image-keeper_happy_1"),
        quality_try: 2,
        blob: hash("picture"),
        scores: vec![],
        reasons: vec!["technical 69.9 is near 70".into()],
        default: Verdict::Approve,
        chapter: "lighthouse".into(),
    };
    assert_eq!(of_review(&undecided), [(name(STREAM), request("picture"))]);
}

#[test]
fn a_verdict_given_elsewhere_makes_the_question_moot() {
    let bob = DecidedBy::Person { name: "Bob".into() };
    assert_eq!(of_review(&rejected(bob)), [(name(STREAM), withdraw())]);
    let policy = of_review(&rejected(DecidedBy::Policy {}));
    assert_eq!(policy.len(), 1, "a person may have been asked because the measure had failed");
    let (image, by) = (name("image-keeper_happy_1"), DecidedBy::Default {});
    let approved = ReviewEvent::ReviewApproved { image, quality_try: 2, scores: vec![], by, policy: 1 };
    assert_eq!(of_review(&approved).len(), 1);
}

#[test]
fn a_new_try_makes_the_question_about_the_one_before_moot() {
    let opened = |quality_try| ReviewEvent::ReviewOpened {
        image: name("image-keeper_happy_1"),
        quality_try,
        blob: hash("picture"),
        brief: hash("brief"),
        shows: shows(),
        chapter: "lighthouse".into(),
    };
    let reason = "the picture was drawn again, as try 3".into();
    assert_eq!(of_review(&opened(3)), [(name(STREAM), ApprovalCommand::WithdrawApproval { reason })]);
    assert_eq!(of_review(&opened(1)), []);
}

#[test]
fn an_open_question_survives_a_crash_and_owes_nothing() {
    let mut approval = Stream::<Approval>::of(STREAM);
    approval.tell(&request("picture")).unwrap();
    approval.crash();
    assert_eq!(approval.active(), Vec::<String>::new());
    assert_eq!(approval.tell(&answer(Verdict::Approve, ada())).unwrap(), ["approval_answered"]);
}

#[test]
fn a_review_that_is_withdrawn_asks_no_longer() {
    let (image, reason) = (name("image-keeper_happy_1"), "nobody wants the picture any more".to_owned());
    let withdrawn = ReviewEvent::ReviewWithdrawn { image, quality_try: 2, reason: reason.clone() };
    assert_eq!(of_review(&withdrawn), [(name(STREAM), ApprovalCommand::WithdrawApproval { reason })]);
}
