//! Every subject of the table in the design, spelled and read back; and what must not pass.

#![allow(clippy::unwrap_used, reason = "what tests share stands outside of test functions")]

use hydra_bus::Desk;
use hydra_bus::subject::{Family, Part, Pattern, Subject, SubjectError, Subjects};
use hydra_events::StreamName;
use hydra_events::vocabulary::terms::WorkKind;

fn part(text: &str) -> Part {
    text.parse().unwrap()
}

fn stream() -> StreamName {
    "image-keeper-coat_1".parse().unwrap()
}

fn table() -> Vec<(Subject, &'static str)> {
    let rendered = || part("image_rendered");
    vec![
        (
            Subject::Event { stream: stream(), event: rendered() },
            "hydra.evt.image.keeper-coat_1.image_rendered",
        ),
        (
            Subject::Command { actor: part("artist"), command: part("request_image") },
            "hydra.cmd.artist.request_image",
        ),
        (
            Subject::Incoming { actor: part("artist"), command: part("request_image") },
            "hydra.in.artist.request_image",
        ),
        (Subject::Work { node: part("gpu-1"), kind: WorkKind::Cloning }, "hydra.work.gpu-1.cloning"),
        (Subject::Dead { actor: part("artist"), stream: stream() }, "hydra.dead.artist.image-keeper-coat_1"),
        (
            Subject::Replay { session: part("s1"), stream: stream(), event: rendered() },
            "hydra.replay.s1.image.keeper-coat_1.image_rendered",
        ),
        (
            Subject::Live { node: part("gpu-1"), topic: vec![part("progress"), part("t9")] },
            "hydra.live.gpu-1.progress.t9",
        ),
        (Subject::Desk(Desk::Host), "hydra.desk.host"),
    ]
}

#[test]
fn every_subject_is_spelled_as_designed_and_reads_back() {
    let subjects = Subjects::default();
    for (subject, text) in table() {
        assert_eq!(subjects.spell(&subject), text);
        assert_eq!(subjects.parse(text), Ok(subject));
    }
}

#[test]
fn an_event_is_published_under_its_stream_and_name() {
    let event = hydra_bus::contract::event(7);
    let subjects = Subjects::try_new("home.hydra").unwrap();
    assert_eq!(subjects.of_event(&event), "home.hydra.evt.image.contract.image_rendered");
    let read = Subject::Event { stream: event.stream.clone(), event: part(event.kind.name()) };
    assert_eq!(subjects.parse(&subjects.of_event(&event)), Ok(read));
}

#[test]
fn a_subject_of_another_prefix_is_not_ours() {
    let subjects = Subjects::try_new("home.hydra").unwrap();
    for text in ["hydra.cmd.artist.x", "home.hydracmd.artist.x", "home.hydra", ""] {
        let shape = SubjectError::Shape { subject: text.into(), prefix: "home.hydra".into() };
        assert_eq!(subjects.parse(text), Err(shape));
    }
}

#[test]
fn subjects_with_too_few_too_many_or_foreign_parts_are_refused() {
    let subjects = Subjects::default();
    let long = format!("hydra.live.n.{}", "x".repeat(600));
    for text in [
        "hydra.",
        "hydra.evt.image.x",
        "hydra.evt.image.x.made.twice",
        "hydra.evt.Image.x.made",
        "hydra.evt.image..made",
        "hydra.cmd.artist",
        "hydra.cmd.art ist.x",
        "hydra.in.*.x",
        "hydra.work.n.painting",
        "hydra.dead.artist.image",
        "hydra.live.n",
        "hydra.live.n.a.b.c.d.e",
        "hydra.live.n.>",
        "hydra.other.n",
        long.as_str(),
    ] {
        assert!(subjects.parse(text).is_err(), "{text:?} was taken");
    }
}

#[test]
fn a_prefix_that_would_break_a_subject_is_refused() {
    let long = "x".repeat(61);
    for prefix in ["", ".", "a..b", "a.", "a b", "*", "a.>", "$SYS", "_INBOX", "é", long.as_str()] {
        assert_eq!(Subjects::try_new(prefix), Err(SubjectError::Prefix(prefix.into())));
    }
}

#[test]
fn wildcards_match_as_in_nats() {
    for (pattern, subject, wanted) in [
        ("hydra.evt.image.x.made", "hydra.evt.image.x.made", true),
        ("hydra.evt.*.x.made", "hydra.evt.image.x.made", true),
        ("hydra.evt.*.made", "hydra.evt.image.x.made", false),
        ("hydra.evt.>", "hydra.evt.image.x.made", true),
        ("hydra.evt.>", "hydra.evt", false),
        (">", "hydra", true),
        ("*", "hydra.evt", false),
        ("hydra.*", "hydra.evt", true),
        ("hydra.evt.*.*.made", "hydra.evt.image.x.lost", false),
        ("hydra.evt.image", "hydra.evt.image.x", false),
    ] {
        let matches = pattern.parse::<Pattern>().unwrap().matches(subject);
        assert_eq!(matches, wanted, "{pattern} over {subject}");
    }
}

#[test]
fn patterns_that_could_never_match_are_refused() {
    for text in ["", ".", "a..b", "a.>.b", "a.b*", "a.>>", "a b", "a."] {
        assert_eq!(text.parse::<Pattern>(), Err(SubjectError::Pattern(text.into())));
    }
}

#[test]
fn the_pattern_of_a_family_matches_its_subjects_and_no_others() {
    let subjects = Subjects::default();
    for family in Family::ALL {
        let pattern = subjects.pattern(family, ">").unwrap();
        let matched = table().into_iter().filter(|(_, text)| pattern.matches(text)).count();
        assert_eq!(matched, 1, "{pattern}");
    }
    let images = subjects.pattern(Family::Events, "image.*.image_rendered").unwrap();
    assert_eq!(images.as_str(), "hydra.evt.image.*.image_rendered");
}
