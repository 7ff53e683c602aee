//! The report of a chapter: only the newest completion is worth one.

use hydra_actors::archivist::report::{Report, ReportRejection};
use hydra_events::vocabulary::chapter::ChapterEvent;
use hydra_events::vocabulary::report::{ReportCommand, ReportEvent};

use crate::table::stream::{Stream, Table, hash, name, owed, reactions};

const STREAM: &str = "report-night";

fn request(completion: u32) -> ReportCommand {
    ReportCommand::RequestReport { chapter: name("chapter-night"), completion, position: 7 }
}

fn requested(completion: u32) -> ReportEvent {
    ReportEvent::ReportRequested { chapter: name("chapter-night"), completion, position: 7 }
}

fn accept() -> ReportCommand {
    ReportCommand::AcceptReport { report: hash("report") }
}

fn compiled(completion: u32) -> ReportEvent {
    ReportEvent::ReportCompiled { completion, report: hash("report") }
}

fn check(given: &[ReportEvent], when: ReportCommand, then: Result<Vec<ReportEvent>, ReportRejection>) {
    Table::of(STREAM).check::<Report>(given, when, then);
}

#[test]
fn a_completed_chapter_gets_a_report() {
    check(&[], request(1), Ok(vec![requested(1)]));
    assert_eq!(owed::<Report>(&[requested(1)]), ["compile-1"]);
    check(&[requested(1)], accept(), Ok(vec![compiled(1)]));
    assert!(owed::<Report>(&[requested(1), compiled(1)]).is_empty());
}

#[test]
fn a_completion_that_is_known_or_older_changes_nothing() {
    check(&[requested(2)], request(2), Ok(vec![]));
    check(&[requested(2), compiled(2)], request(2), Ok(vec![]));
    check(&[requested(2)], request(1), Ok(vec![]));
}

#[test]
fn a_newer_completion_takes_the_place_of_an_open_one() {
    let superseded = ReportEvent::ReportSuperseded { completion: 1 };
    check(&[requested(1)], request(2), Ok(vec![superseded, requested(2)]));
    check(&[requested(1), compiled(1)], request(2), Ok(vec![requested(2)]));
}

#[test]
fn what_is_not_asked_for_is_refused() {
    check(&[], accept(), Err(ReportRejection::Unknown));
    check(&[requested(1), compiled(1)], accept(), Err(ReportRejection::NotUnderWay(1)));
    let when = ReportCommand::RequestReport { chapter: name("chapter-day"), completion: 2, position: 7 };
    check(&[requested(1)], when, Err(ReportRejection::OtherChapter(name("chapter-night"))));
}

#[test]
fn a_parked_report_waits_for_whoever_unparks_it() {
    let mut stream = Stream::<Report>::of(STREAM);
    assert_eq!(stream.tell(&request(1)).unwrap(), ["report_requested +compile-1"]);
    stream.start("compile-1").unwrap();
    assert_eq!(stream.fail("compile-1", "no views").unwrap(), ["effect_parked"]);
    assert!(stream.active().is_empty());
    stream.crash();
    stream.unpark().unwrap();
    stream.start("compile-1").unwrap();
    stream.crash();
    assert_eq!(stream.finish("compile-1", &accept()).unwrap(), ["report_compiled -compile-1"]);
}

#[test]
fn a_report_on_an_earlier_completion_comes_too_late() {
    let mut stream = Stream::<Report>::of(STREAM);
    stream.tell(&request(1)).unwrap();
    stream.start("compile-1").unwrap();
    let names = stream.tell(&request(2)).unwrap();
    assert_eq!(names, ["report_superseded -compile-1", "report_requested +compile-2"]);
    assert_eq!(stream.finish("compile-1", &accept()).unwrap(), ["outcome_refused"]);
    assert_eq!(stream.active(), ["compile-2"]);
}

#[test]
fn a_completion_is_heard_with_its_position() {
    let completed = ChapterEvent::ChapterCompleted { missing: 0, completion: 1 };
    assert_eq!(reactions::<Report, _>("chapter-night", &completed), [(name(STREAM), request(1))]);
}
