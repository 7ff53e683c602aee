//! Filters take the patterns NATS takes, match what NATS would match, and refuse what could never match.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, also in the functions they share")]

use hydra_events::contract::sample;
use hydra_events::log::{Filter, FilterError};
use hydra_events::record::{Recorded, chain};
use hydra_events::{EventType, Id, StreamName, Timestamp};

fn event(stream: &str, name: &str) -> Recorded {
    let stream: StreamName = stream.parse().unwrap();
    let meta = sample::meta("filter");
    Recorded {
        position: 1,
        version: 1,
        kind: EventType::new(stream.category(), name, 1),
        stream,
        id: Id::of_event(meta.command_id, 0),
        command_id: meta.command_id,
        correlation_id: meta.correlation_id,
        causation_id: meta.causation_id,
        time: Timestamp(0),
        actor: "artist".into(),
        code: "".into(),
        principal: "".into(),
        owner: "".into(),
        visibility: meta.visibility,
        trace: None,
        owes: false,
        effect: None,
        codec: hydra_events::record::Codec::Json,
        payload: b"{}".to_vec(),
        command: None,
        hash: chain::GENESIS,
    }
}

#[test]
fn a_pattern_matches_what_nats_would_match() {
    let happy = event("image-keeper-happy_1", "image_rendered");
    let sad = event("image-keeper-sad_1", "image_requested");
    let line = event("line-keeper-happy_1", "line_spoken");
    for (pattern, matches) in [
        (">", [true, true, true]),
        ("*.*.*", [true, true, true]),
        ("*.>", [true, true, true]),
        ("*.*.>", [true, true, true]),
        ("image.>", [true, true, false]),
        ("image.*.*", [true, true, false]),
        ("image.*.>", [true, true, false]),
        ("image.*.image_rendered", [true, false, false]),
        ("*.*.image_rendered", [true, false, false]),
        ("image.keeper-happy_1.*", [true, false, false]),
        ("*.keeper-happy_1.>", [true, false, true]),
        ("image.keeper-sad_1.image_rendered", [false, false, false]),
        ("image.keeper.>", [false, false, false]),
        ("image.*.attempt_started", [false, false, false]),
        ("scene.>", [false, false, false]),
    ] {
        let filter = Filter::parse(pattern).unwrap();
        assert_eq!([&happy, &sad, &line].map(|event| filter.matches(event)), matches, "{pattern}");
    }
}

#[test]
fn no_filter_wants_everything() {
    assert!(Filter::default().matches(&event("image-a", "image_rendered")));
    assert!(Filter::default().matches(&event("dream-a", "dreamt")));
}

#[test]
fn a_pattern_of_another_shape_is_refused() {
    for pattern in [
        "",
        ".",
        "image",
        "image.*",
        "image.keeper",
        "*",
        "*.*",
        "image.",
        "image..image_rendered",
        ">.image_rendered",
        "image.>.image_rendered",
        "image.a.image_rendered.v1",
        "image.a.image_rendered.>",
        "*.*.*.*",
        "image .>",
        "image.a b.>",
        "image.a*.>",
        "image.ké.>",
        "image.**.>",
    ] {
        assert_eq!(Filter::parse(pattern), Err(FilterError::Shape(pattern.to_owned())), "{pattern}");
    }
}

#[test]
fn a_category_or_event_nobody_knows_is_refused_with_those_that_are_known() {
    for pattern in ["picture.>", "Image.>", "hydra.evt.>", "im*.>", "dream.a.>"] {
        let error = Filter::parse(pattern).unwrap_err();
        assert!(matches!(error, FilterError::Category(_)), "{pattern}: {error}");
        assert!(error.to_string().contains("image, review"), "{error}");
    }
    for (pattern, known) in [
        ("image.*.image_dreamt", "image_rendered"),
        ("image.*.line_spoken", "attempt_started"),
        ("image.*.image_rendered_v1", "image_rendered"),
        ("image.*.image_*", "image_rendered"),
        ("*.*.image_dreamt", "line_spoken"),
    ] {
        let error = Filter::parse(pattern).unwrap_err();
        assert!(matches!(error, FilterError::Event { .. }), "{pattern}: {error}");
        assert!(error.to_string().contains(known), "{error}");
    }
}
