//! What an incident decides.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use hydra_actors::decider::Decider;
use hydra_actors::steward::incident::{Incident, IncidentRejection};
use hydra_events::record::{EffectMark, EffectRole};
use hydra_events::vocabulary::chapter::ChapterEvent;
use hydra_events::vocabulary::effect::EffectEvent;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::incident::{IncidentCommand, IncidentEvent, IncidentKind};
use hydra_events::vocabulary::line::LineEvent;
use hydra_events::vocabulary::{CATEGORIES, terms::DecidedBy};

const IMAGE: &str = "image-keeper_happy_1";

fn stream() -> String {
    Incident::stream_of(&name(IMAGE)).unwrap().to_string()
}

fn open(kind: IncidentKind, reason: &str) -> IncidentCommand {
    IncidentCommand::OpenIncident { kind, subject: name(IMAGE), reason: reason.into() }
}

fn opened(kind: IncidentKind, reason: &str, occurrence: u32) -> IncidentEvent {
    IncidentEvent::IncidentOpened { kind, subject: name(IMAGE), reason: reason.into(), occurrence }
}

fn resolve(how: &str) -> IncidentCommand {
    IncidentCommand::ResolveIncident { how: how.into(), only: None }
}

fn resolved() -> IncidentEvent {
    IncidentEvent::IncidentResolved { how: "done".into() }
}

fn check(
    given: &[IncidentEvent],
    when: IncidentCommand,
    then: Result<Vec<IncidentEvent>, IncidentRejection>,
) {
    Table::of(&stream()).check::<Incident>(given, when, then);
}

use IncidentKind::{AssetMissing, EffectParked, Stalled};

use crate::table::stream::{Stream, Table, hash, made, name, reactions, recorded, shows};

#[test]
fn the_same_thing_is_reported_once_as_long_as_it_lasts() {
    check(&[], open(EffectParked, "no engine"), Ok(vec![opened(EffectParked, "no engine", 1)]));
    let given = [opened(EffectParked, "no engine", 1)];
    check(&given, open(EffectParked, "no engine"), Ok(vec![]));
    check(&given, open(EffectParked, "no memory"), Ok(vec![opened(EffectParked, "no memory", 2)]));
}

#[test]
fn what_happens_again_after_it_was_over_is_counted() {
    let given = [opened(EffectParked, "no engine", 1), resolved()];
    check(&given, open(EffectParked, "no engine"), Ok(vec![opened(EffectParked, "no engine", 2)]));
}

#[test]
fn an_asset_whose_effect_is_parked_is_one_incident() {
    check(&[opened(EffectParked, "render-1: no engine", 1)], open(AssetMissing, "no engine"), Ok(vec![]));
    check(&[opened(AssetMissing, "every seed was rejected", 1)], open(AssetMissing, "rejected"), Ok(vec![]));
    let given = [opened(Stalled, "for an hour", 1)];
    check(&given, open(AssetMissing, "rejected"), Ok(vec![opened(AssetMissing, "rejected", 2)]));
}

#[test]
fn only_an_open_incident_is_resolved() {
    check(&[opened(EffectParked, "no engine", 1)], resolve("done"), Ok(vec![resolved()]));
    check(&[], resolve("done"), Ok(vec![]));
    check(&[opened(EffectParked, "no engine", 1), resolved()], resolve("done"), Ok(vec![]));
}

#[test]
fn an_incident_is_about_the_subject_its_address_derives_from() {
    let other =
        IncidentCommand::OpenIncident { kind: Stalled, subject: name("line-other"), reason: "x".into() };
    let rejection = IncidentRejection::OtherSubject {
        stream: name(&stream()),
        subject: name("line-other"),
        expected: Incident::stream_of(&name("line-other")).unwrap().to_string(),
    };
    check(&[], other, Err(rejection));
    let own = IncidentCommand::OpenIncident { kind: Stalled, subject: name(&stream()), reason: "x".into() };
    check(&[], own, Err(IncidentRejection::OfIncident(name(&stream()))));
}

#[test]
fn parked_effects_of_every_category_but_its_own_are_listened_to() {
    for category in CATEGORIES.iter().map(|category| category.name) {
        for event in ["effect_parked", "effect_unparked", "effect_dropped"] {
            let listened = Incident::REACTS_TO.contains(&format!("{category}.{event}.v1").as_str());
            assert_eq!(listened, category != "incident", "{category}.{event}");
        }
    }
}

/// What `events` of the picture make of its incident.
fn story(events: &[IncidentCommand]) -> Vec<String> {
    let mut incident = Stream::<Incident>::of(&stream());
    let told = events.iter().flat_map(|command| incident.tell(command).unwrap()).collect();
    incident.crash();
    assert_eq!(incident.active(), Vec::<String>::new());
    told
}

fn of_effect(event: &EffectEvent) -> IncidentCommand {
    let mut reactions = reactions::<Incident, _>(IMAGE, event);
    assert_eq!(reactions[0].0, name(&stream()));
    reactions.remove(0).1
}

fn of_image(event: &ImageEvent) -> IncidentCommand {
    let mut reactions = reactions::<Incident, _>(IMAGE, event);
    assert_eq!(reactions[0].0, name(&stream()));
    reactions.remove(0).1
}

fn of_line(event: &LineEvent) -> Vec<IncidentCommand> {
    reactions::<Incident, _>("line-1", event).into_iter().map(|(_, command)| command).collect()
}

#[test]
fn a_parked_render_opens_one_incident_and_its_retry_resolves_it() {
    let effect = || "render-1".to_owned();
    let parked =
        of_effect(&EffectEvent::EffectParked { effect: effect(), attempts: 5, reason: "no engine".into() });
    assert_eq!(parked, open(EffectParked, "render-1 was parked after attempt 5: no engine"));
    let missing = of_image(&ImageEvent::ImageMissing { requesters: vec![], reason: "no engine".into() });
    let unparked = of_effect(&EffectEvent::EffectUnparked { effect: effect() });
    let requesters = vec![name("scene-1")];
    let reopened = of_image(&ImageEvent::RenderReopened { quality_try: 1, note: String::new(), requesters });
    assert_eq!(
        story(&[parked.clone(), missing.clone(), unparked, reopened]),
        ["incident_opened", "incident_resolved"]
    );
    let dropped = of_effect(&EffectEvent::EffectDropped { effect: effect() });
    assert_eq!(story(&[parked, missing, dropped]), ["incident_opened", "incident_resolved"]);
}

#[test]
fn a_missing_picture_opens_an_incident_and_its_approval_or_end_resolves_it() {
    let missing =
        of_image(&ImageEvent::ImageMissing { requesters: vec![], reason: "every seed was rejected".into() });
    assert_eq!(missing, open(AssetMissing, "every seed was rejected"));
    let approved = of_image(&ImageEvent::ImageApproved {
        quality_try: 3,
        made: made("picture"),
        seed: 1,
        scores: vec![],
        by: DecidedBy::Default {},
        policy: 1,
        shows: shows(),
        chapter: "lighthouse".into(),
    });
    assert_eq!(story(&[missing.clone(), approved.clone()]), ["incident_opened", "incident_resolved"]);
    assert_eq!(story(&[approved]), Vec::<String>::new());
    let cancelled = of_image(&ImageEvent::ImageCancelled { blob: None });
    assert_eq!(story(&[missing, cancelled]), ["incident_opened", "incident_resolved"]);
}

#[test]
fn another_seed_for_a_picture_that_was_never_missing_is_no_matter() {
    let next = ImageEvent::RenderReopened { quality_try: 2, note: String::new(), requesters: vec![] };
    assert_eq!(reactions::<Incident, _>(IMAGE, &next), []);
}

#[test]
fn a_missing_line_opens_an_incident_and_its_next_take_resolves_it() {
    let scene = || name("scene-1");
    let missing = of_line(&LineEvent::LineMissing { scene: scene(), reason: "no voice".into() });
    let subject = name("line-1");
    let wanted = IncidentCommand::OpenIncident { kind: AssetMissing, subject, reason: "no voice".into() };
    assert_eq!(missing, [wanted]);
    let requested = |take| LineEvent::LineRequested {
        scene: scene(),
        chapter: "lighthouse".into(),
        speech: hash("speech"),
        character: "keeper".into(),
        take,
    };
    assert_eq!(of_line(&requested(1)), []);
    assert_eq!(of_line(&requested(2)), [resolve("it is spoken again")]);
    let reopened = LineEvent::LineReopened { scene: scene(), take: 2, note: String::new() };
    assert_eq!(of_line(&reopened), [resolve("it is spoken again")]);
    assert_eq!(of_line(&LineEvent::LineCancelled { blob: None }), [resolve("the scene no longer has it")]);
    let spoken = LineEvent::LineSpoken {
        scene: scene(),
        chapter: "lighthouse".into(),
        character: "keeper".into(),
        made: made("recording"),
        voice: "low".into(),
        length_ms: 900,
        take: 1,
    };
    assert_eq!(of_line(&spoken), [resolve("it was spoken")]);
}

#[test]
fn what_is_known_to_be_wrong_explains_a_stall() {
    for kind in [EffectParked, AssetMissing, IncidentKind::DeliveryParked] {
        check(&[opened(kind, "no engine", 1)], open(Stalled, "for an hour"), Ok(vec![]));
    }
    let stalled = [opened(Stalled, "for an hour", 1)];
    check(&stalled, open(Stalled, "for an hour"), Ok(vec![]));
    check(&stalled, open(Stalled, "since noon"), Ok(vec![opened(Stalled, "since noon", 2)]));
    check(&stalled, open(EffectParked, "no engine"), Ok(vec![opened(EffectParked, "no engine", 2)]));
}

#[test]
fn that_a_stream_moves_on_ends_a_stall_and_nothing_else() {
    let moved_on = IncidentCommand::ResolveIncident { how: "done".into(), only: Some(Stalled) };
    check(&[opened(Stalled, "for an hour", 1)], moved_on.clone(), Ok(vec![resolved()]));
    check(&[opened(EffectParked, "no engine", 1)], moved_on.clone(), Ok(vec![]));
    check(&[], moved_on, Ok(vec![]));
}

#[test]
fn a_parked_effect_that_is_no_longer_owed_is_no_incident_any_more() {
    let subject = name("chapter-lighthouse");
    let incident = Incident::stream_of(&subject).unwrap();
    let mut event = recorded(&subject, &ChapterEvent::PlanWithdrawn { revision: 1 });
    assert_eq!(Incident::react(&event).unwrap(), [], "the plan was dropped, which resolved it already");
    event.effect = Some(EffectMark { effect: "plan-1".into(), role: EffectRole::Close, attempt: 5 });
    assert_eq!(Incident::react(&event).unwrap(), [(incident, resolve("plan-1 is no longer owed"))]);
}
