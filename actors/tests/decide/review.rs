//! The review of a picture: what the scores decide, what a person decides, and what happens when nothing can be scored.

use hydra_actors::curator::review::{Review, ReviewRejection};
use hydra_events::vocabulary::approval::ApprovalEvent;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::review::{ReviewCommand, ReviewEvent, Verdict};
use hydra_events::vocabulary::terms::{DecidedBy, Score, ScoreName};

use crate::table::stream::{POLICY, Stream, Table, hash, made, name, owed, reactions, shows};

const STREAM: &str = "review-keeper";

fn open(quality_try: u32, blob: &str) -> ReviewCommand {
    let (image, blob, brief) = (name("image-keeper"), hash(blob), hash("brief"));
    ReviewCommand::OpenReview { image, quality_try, blob, brief, shows: shows(), chapter: "night".into() }
}

fn opened(quality_try: u32) -> ReviewEvent {
    let (image, blob, brief) = (name("image-keeper"), hash("picture"), hash("brief"));
    ReviewEvent::ReviewOpened { image, quality_try, blob, brief, shows: shows(), chapter: "night".into() }
}

fn score(name: ScoreName, value: f64) -> Score {
    Score { name, value: Some(value), metric: "studio".into(), version: "1".into() }
}

fn good() -> Vec<Score> {
    vec![score(ScoreName::Aesthetic, 8.0), score(ScoreName::Technical, 90.0)]
}

fn close() -> Vec<Score> {
    vec![score(ScoreName::Aesthetic, 6.4)]
}

fn close_reasons() -> Vec<String> {
    vec!["aesthetic 6.4 is within 0.3 of 6.5 (studio 1)".into()]
}

fn accept(scores: Vec<Score>) -> ReviewCommand {
    ReviewCommand::AcceptScores { scores, duration_ms: 40 }
}

fn scored(scores: Vec<Score>) -> ReviewEvent {
    ReviewEvent::PictureScored { quality_try: 1, scores, duration_ms: 40 }
}

fn approved(scores: Vec<Score>, by: DecidedBy) -> ReviewEvent {
    ReviewEvent::ReviewApproved { image: name("image-keeper"), quality_try: 1, scores, by, policy: POLICY }
}

fn rejected(scores: Vec<Score>, reasons: &[&str], by: DecidedBy) -> ReviewEvent {
    let reasons = reasons.iter().map(|reason| (*reason).to_owned()).collect();
    ReviewEvent::ReviewRejected {
        image: name("image-keeper"),
        quality_try: 1,
        scores,
        reasons,
        by,
        policy: POLICY,
    }
}

fn undecided(scores: Vec<Score>, reasons: Vec<String>, default: Verdict) -> ReviewEvent {
    let (image, blob, chapter) = (name("image-keeper"), hash("picture"), "night".into());
    ReviewEvent::ReviewUndecided { image, quality_try: 1, blob, scores, reasons, default, chapter }
}

fn asked() -> Vec<ReviewEvent> {
    vec![opened(1), scored(close()), undecided(close(), close_reasons(), Verdict::Approve)]
}

fn unscored() -> ReviewEvent {
    undecided(Vec::new(), vec!["could not be scored: no such model".into()], Verdict::Reject)
}

fn person() -> DecidedBy {
    DecidedBy::Person { name: "Käthe".into() }
}

fn verdict(verdict: Verdict, by: DecidedBy, note: &str) -> ReviewCommand {
    ReviewCommand::RecordVerdict { quality_try: 1, verdict, by, note: note.into() }
}

fn check(given: &[ReviewEvent], when: ReviewCommand, then: Result<Vec<ReviewEvent>, ReviewRejection>) {
    Table::of(STREAM).check::<Review>(given, when, then);
}

#[test]
fn a_drawn_picture_is_measured_once() {
    check(&[], open(1, "picture"), Ok(vec![opened(1)]));
    assert_eq!(owed::<Review>(&[opened(1)]), ["score-1"]);
    check(&[opened(1)], open(1, "picture"), Ok(vec![]));
    let decided = [opened(1), scored(good()), approved(good(), DecidedBy::Policy {})];
    check(&decided, open(1, "picture"), Ok(vec![]));
}

#[test]
fn another_try_is_another_round_and_ends_an_open_one() {
    let decided = [opened(1), scored(good()), approved(good(), DecidedBy::Policy {})];
    check(&decided, open(2, "picture"), Ok(vec![opened(2)]));
    let superseded = ReviewEvent::ReviewSuperseded { quality_try: 1 };
    check(&[opened(1)], open(2, "picture"), Ok(vec![superseded.clone(), opened(2)]));
    check(&[opened(1), unscored()], open(2, "picture"), Ok(vec![superseded, opened(2)]));
    check(&asked(), open(2, "picture"), Ok(vec![opened(2)]));
}

#[test]
fn what_is_not_the_picture_under_review_is_refused() {
    check(&[opened(2)], open(1, "picture"), Err(ReviewRejection::OtherTry { asked: 1, actual: 2 }));
    let other = ReviewRejection::OtherFile { quality_try: 1, blob: hash("picture") };
    check(&[opened(1)], open(1, "another"), Err(other));
    let ReviewCommand::OpenReview { blob, brief, shows, chapter, .. } = open(1, "picture") else {
        unreachable!()
    };
    let image = name("image-sailor");
    let when = ReviewCommand::OpenReview { image, quality_try: 1, blob, brief, shows, chapter };
    check(&[opened(1)], when, Err(ReviewRejection::OtherPicture(name("image-keeper"))));
}

#[test]
fn scores_without_a_fault_approve() {
    let by = DecidedBy::Policy {};
    check(&[opened(1)], accept(good()), Ok(vec![scored(good()), approved(good(), by)]));
    assert!(owed::<Review>(&[opened(1), scored(good())]).is_empty());
}

#[test]
fn scores_without_a_value_gate_nothing() {
    let absent = vec![Score { value: None, ..score(ScoreName::Likeness, 0.0) }];
    let then = vec![scored(absent.clone()), approved(absent.clone(), DecidedBy::Policy {})];
    check(&[opened(1)], accept(absent), Ok(then));
    let none = vec![scored(vec![]), approved(vec![], DecidedBy::Policy {})];
    check(&[opened(1)], accept(vec![]), Ok(none));
}

#[test]
fn a_score_below_its_threshold_rejects_whatever_else_is_close() {
    let scores = vec![
        score(ScoreName::Aesthetic, 5.8),
        score(ScoreName::Technical, 70.1),
        score(ScoreName::Likeness, 0.612_345),
        score(ScoreName::Style, 0.9),
    ];
    let reasons = ["aesthetic 5.8 is below 6.5 (studio 1)", "likeness 0.612 is below 0.7 (studio 1)"];
    let then = vec![scored(scores.clone()), rejected(scores.clone(), &reasons, DecidedBy::Policy {})];
    check(&[opened(1)], accept(scores), Ok(then));
}

#[test]
fn a_score_near_its_threshold_is_undecided_from_both_sides() {
    for (name, value, is_close) in [
        (ScoreName::Aesthetic, 6.1, false),
        (ScoreName::Aesthetic, 6.3, true),
        (ScoreName::Aesthetic, 6.7, true),
        (ScoreName::Aesthetic, 6.9, false),
        (ScoreName::Technical, 69.6, false),
        (ScoreName::Technical, 69.8, true),
        (ScoreName::Technical, 70.2, true),
        (ScoreName::Likeness, 0.66, false),
        (ScoreName::Likeness, 0.68, true),
        (ScoreName::Style, 0.72, true),
        (ScoreName::Style, 0.74, false),
    ] {
        let events =
            Table::of(STREAM).decide::<Review>(&[opened(1)], accept(vec![score(name, value)])).unwrap();
        let undecided = matches!(events[1], ReviewEvent::ReviewUndecided { .. });
        assert_eq!(undecided, is_close, "{name:?} {value}");
    }
}

#[test]
fn without_a_margin_nothing_is_undecided() {
    for (value, passes) in [(6.499, false), (6.5, true)] {
        let table = Table::of(STREAM).with("undecided_margin", 0.0);
        let scores = vec![score(ScoreName::Aesthetic, value)];
        let events = table.decide::<Review>(&[opened(1)], accept(scores)).unwrap();
        assert_eq!(matches!(events[1], ReviewEvent::ReviewApproved { .. }), passes, "{value}");
    }
}

#[test]
fn the_default_answer_is_the_policys() {
    for (value, default) in [(1.0, Verdict::Approve), (0.0, Verdict::Reject)] {
        let table = Table::of(STREAM).with("approve_by_default", value);
        let then = vec![scored(close()), undecided(close(), close_reasons(), default)];
        table.check::<Review>(&[opened(1)], accept(close()), Ok(then));
    }
}

#[test]
fn scores_nobody_waits_for_are_refused() {
    check(&[], accept(good()), Err(ReviewRejection::Unknown));
    check(&asked(), accept(good()), Err(ReviewRejection::NotScoring(1)));
}

#[test]
fn what_the_gate_refuses_no_verdict_brings_back() {
    let refused = ReviewEvent::PictureRefused { quality_try: 1, reason: "nudity".into() };
    let by = DecidedBy::Policy {};
    let events = vec![refused, rejected(vec![], &["nudity"], by)];
    let refuse = ReviewCommand::RefusePicture { reason: "nudity".into() };
    check(&[opened(1)], refuse.clone(), Ok(events.clone()));
    check(&[], refuse.clone(), Err(ReviewRejection::Unknown));
    let given = [vec![opened(1)], events].concat();
    check(&given, refuse, Err(ReviewRejection::NotScoring(1)));
    let no = ReviewRejection::Refused("nudity".into());
    check(&given, verdict(Verdict::Approve, person(), ""), Err(no));
    check(&given, verdict(Verdict::Reject, person(), ""), Ok(vec![]));
}

#[test]
fn an_undecided_picture_is_decided_by_whoever_answers() {
    check(&asked(), verdict(Verdict::Approve, person(), ""), Ok(vec![approved(close(), person())]));
    let default = DecidedBy::Default {};
    check(
        &asked(),
        verdict(Verdict::Approve, default.clone(), ""),
        Ok(vec![approved(close(), default.clone())]),
    );
    let by_note = rejected(close(), &["six fingers"], person());
    check(&asked(), verdict(Verdict::Reject, person(), "six fingers"), Ok(vec![by_note]));
    let why = &close_reasons()[0];
    let by_default = rejected(close(), &[why], default.clone());
    check(&asked(), verdict(Verdict::Reject, default, " "), Ok(vec![by_default]));
}

#[test]
fn a_person_stands_above_the_machine_also_later() {
    let machine = [opened(1), scored(good()), approved(good(), DecidedBy::Policy {})];
    let against = rejected(good(), &["rejected by Käthe"], person());
    check(&machine, verdict(Verdict::Reject, person(), ""), Ok(vec![against.clone()]));
    check(&machine, verdict(Verdict::Approve, person(), ""), Ok(vec![]));
    let overruled = [machine.to_vec(), vec![against]].concat();
    check(&overruled, verdict(Verdict::Approve, person(), ""), Ok(vec![approved(good(), person())]));
    check(&overruled, verdict(Verdict::Reject, person(), ""), Ok(vec![]));
}

#[test]
fn a_person_need_not_wait_for_the_measure() {
    check(&[opened(1)], verdict(Verdict::Approve, person(), ""), Ok(vec![approved(vec![], person())]));
    assert!(owed::<Review>(&[opened(1), approved(vec![], person())]).is_empty());
}

#[test]
fn the_default_answer_decides_only_what_is_undecided() {
    let machine = [opened(1), scored(good()), approved(good(), DecidedBy::Policy {})];
    let default = DecidedBy::Default {};
    let no = || Err(ReviewRejection::NotUndecided(1));
    check(&machine, verdict(Verdict::Reject, default.clone(), ""), no());
    check(&[opened(1)], verdict(Verdict::Approve, default.clone(), ""), no());
    check(&machine, verdict(Verdict::Approve, default, ""), Ok(vec![]));
}

#[test]
fn verdicts_on_nothing_on_another_try_and_by_nobody_are_refused() {
    check(&[], verdict(Verdict::Approve, person(), ""), Err(ReviewRejection::Unknown));
    let other = Err(ReviewRejection::OtherTry { asked: 1, actual: 2 });
    check(&[opened(1), opened(2)], verdict(Verdict::Approve, person(), ""), other);
    check(&asked(), verdict(Verdict::Approve, DecidedBy::Policy {}, ""), Err(ReviewRejection::NoVerdict));
}

#[test]
fn a_picture_that_cannot_be_scored_goes_to_a_person_and_is_rejected_without_an_answer() {
    let mut stream = Stream::<Review>::of(STREAM);
    assert_eq!(stream.tell(&open(1, "picture")).unwrap(), ["review_opened +score-1"]);
    stream.start("score-1").unwrap();
    stream.crash();
    assert_eq!(stream.fail("score-1", "no such model").unwrap(), ["effect_parked", "review_undecided"]);
    assert!(stream.active().is_empty());
    let answer = verdict(Verdict::Reject, DecidedBy::Default {}, "");
    assert_eq!(stream.tell(&answer).unwrap(), ["review_rejected -score-1"]);
    assert!(stream.unpark().is_err());
    let reasons = ["could not be scored: no such model"];
    let then = rejected(vec![], &reasons, DecidedBy::Default {});
    check(&[opened(1), unscored()], answer, Ok(vec![then]));
}

#[test]
fn an_unparked_measure_still_decides_and_asks_only_once() {
    let mut stream = Stream::<Review>::of(STREAM);
    stream.tell(&open(1, "picture")).unwrap();
    stream.start("score-1").unwrap();
    stream.fail("score-1", "no such model").unwrap();
    assert_eq!(stream.unpark().unwrap(), ["effect_unparked"]);
    stream.start("score-1").unwrap();
    assert_eq!(stream.fail("score-1", "still none").unwrap(), ["effect_parked"]);
    stream.unpark().unwrap();
    stream.start("score-1").unwrap();
    stream.crash();
    let names = stream.finish("score-1", &accept(good())).unwrap();
    assert_eq!(names, ["picture_scored -score-1", "review_approved"]);
    check(&[opened(1), unscored()], accept(close()), Ok(vec![scored(close())]));
    let answered = [opened(1), unscored(), scored(close())];
    let default = verdict(Verdict::Approve, DecidedBy::Default {}, "");
    check(&answered, default, Ok(vec![approved(close(), DecidedBy::Default {})]));
}

#[test]
fn scores_of_an_earlier_try_come_too_late() {
    let mut stream = Stream::<Review>::of(STREAM);
    stream.tell(&open(1, "picture")).unwrap();
    stream.start("score-1").unwrap();
    let names = stream.tell(&open(2, "picture")).unwrap();
    assert_eq!(names, ["review_superseded -score-1", "review_opened +score-2"]);
    assert_eq!(stream.finish("score-1", &accept(good())).unwrap(), ["outcome_refused"]);
    assert_eq!(stream.active(), ["score-2"]);
}

#[test]
fn a_drawn_picture_and_an_answer_are_heard() {
    let rendered = ImageEvent::ImageRendered {
        quality_try: 1,
        made: made("picture"),
        seed: 5,
        brief: hash("brief"),
        shows: shows(),
        chapter: "night".into(),
    };
    let heard = reactions::<Review, _>("image-keeper", &rendered);
    assert_eq!(heard, [(name(STREAM), open(1, "picture"))]);
    let answered = ApprovalEvent::ApprovalAnswered {
        review: name(STREAM),
        quality_try: 1,
        verdict: Verdict::Reject,
        by: person(),
        note: "no".into(),
    };
    let heard = reactions::<Review, _>("approval-keeper_1", &answered);
    assert_eq!(heard, [(name(STREAM), verdict(Verdict::Reject, person(), "no"))]);
}

fn withdraw() -> ReviewCommand {
    ReviewCommand::WithdrawReview { reason: "nobody wants the picture any more".into() }
}

fn withdrawn() -> ReviewEvent {
    let reason = "nobody wants the picture any more".into();
    ReviewEvent::ReviewWithdrawn { image: name("image-keeper"), quality_try: 1, reason }
}

#[test]
fn what_is_not_decided_when_the_picture_is_cancelled_is_withdrawn() {
    for open in [vec![opened(1)], asked(), vec![opened(1), unscored()]] {
        check(&open, withdraw(), Ok(vec![withdrawn()]));
        let after = [open, vec![withdrawn()]].concat();
        assert!(owed::<Review>(&after).is_empty());
        check(&after, withdraw(), Ok(vec![]));
        for word in [Verdict::Approve, Verdict::Reject] {
            check(&after, verdict(word, person(), ""), Err(ReviewRejection::Withdrawn));
        }
        check(&after, self::open(2, "picture"), Ok(vec![opened(2)]));
    }
    check(&[], withdraw(), Err(ReviewRejection::Unknown));
    for by in [DecidedBy::Policy {}, person()] {
        check(&[opened(1), scored(good()), approved(good(), by)], withdraw(), Ok(vec![]));
    }
}

#[test]
fn a_cancelled_picture_is_heard_and_its_measure_comes_too_late() {
    let cancelled = ImageEvent::ImageCancelled { blob: None };
    assert_eq!(reactions::<Review, _>("image-keeper", &cancelled), [(name(STREAM), withdraw())]);
    let mut stream = Stream::<Review>::of(STREAM);
    stream.tell(&open(1, "picture")).unwrap();
    stream.start("score-1").unwrap();
    assert_eq!(stream.tell(&withdraw()).unwrap(), ["review_withdrawn -score-1"]);
    stream.crash();
    assert_eq!(stream.finish("score-1", &accept(good())).unwrap(), ["outcome_refused"]);
}
