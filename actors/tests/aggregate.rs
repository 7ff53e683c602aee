//! What every loaded stream keeps to, shown on an entity of a few lines.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use hydra_actors::aggregate::{Aggregate, Loaded, WireCommand, wire_command};
use hydra_actors::decider::{Decider, Given, Need, Owed};
use hydra_actors::policy::Policy;
use hydra_events::record::{Codec, Draft, EffectRole, Meta, OutcomeOf, Recorded, Taker, Visibility};
use hydra_events::vocabulary::effect::{EffectCommand, FailureKind};
use hydra_events::wire::Vocabulary;
use hydra_events::{Id, StreamName, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Owes a light effect from its opening until a ratio is known.
struct Ratio;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct State {
    open: bool,
    value: f64,
    /// Owes another effect as long as it is not opened again.
    halved: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Command {
    Open {},
    Divide { by: f64 },
    Halve {},
    OpenAndDivide { by: f64 },
    Ignore {},
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Event {
    Opened {},
    Divided { value: f64 },
    Halved {},
}

impl Vocabulary for Command {}
impl Vocabulary for Event {}

#[derive(Debug, thiserror::Error)]
enum Never {}

impl Decider for Ratio {
    const CATEGORY: &'static str = "ratio";
    const ACTOR: &'static str = "steward";
    const OUTCOMES: &'static [&'static str] = &["divide", "halve", "ignore"];
    type Command = Command;
    type Event = Event;
    type Rejection = Never;
    type Effect = u8;
    type State = State;

    fn decide(_: &State, command: Command, _: Given<'_>) -> Result<Vec<Event>, Never> {
        Ok(match command {
            Command::Open {} => vec![Event::Opened {}],
            Command::Divide { by } => vec![Event::Divided { value: 0.0 / by }],
            Command::Halve {} => vec![Event::Divided { value: 0.5 }, Event::Halved {}],
            Command::OpenAndDivide { by } => vec![Event::Opened {}, Event::Divided { value: 0.0 / by }],
            Command::Ignore {} => Vec::new(),
        })
    }

    fn evolve(state: &mut State, event: &Event) {
        match event {
            Event::Opened {} => state.open = true,
            Event::Divided { value } => *state = State { open: false, value: *value, halved: false },
            Event::Halved {} => state.halved = true,
        }
    }

    fn owed(state: &State) -> Vec<Owed<u8>> {
        let owed = |key: &str| Owed { key: key.to_owned(), need: Need::Light, effect: 0 };
        let (first, second) = (state.open.then(|| owed("divide-1")), state.halved.then(|| owed("divide-2")));
        first.into_iter().chain(second).collect()
    }
}

fn stream() -> StreamName {
    "ratio-x".parse().unwrap()
}

fn meta(id: &str, outcome: Option<OutcomeOf>) -> Meta {
    let id = Id::of_outside("aggregate", id);
    Meta {
        command_id: id,
        correlation_id: id,
        causation_id: id,
        time: Timestamp(0),
        principal: "test".to_owned(),
        owner: "test".to_owned(),
        visibility: Visibility::Household,
        trace: None,
        policy: 1,
        outcome,
        next: None,
    }
}

fn decide(
    loaded: &mut Loaded<Ratio>,
    command: &WireCommand,
    outcome: Option<OutcomeOf>,
) -> Result<Vec<Draft>, String> {
    decide_and(loaded, command, outcome, None)
}

fn decide_and(
    loaded: &mut Loaded<Ratio>,
    command: &WireCommand,
    outcome: Option<OutcomeOf>,
    next: Option<Taker>,
) -> Result<Vec<Draft>, String> {
    let (stream, policy) = (stream(), Policy::default());
    let meta = Meta { next, ..meta("command", outcome) };
    let given = Given { stream: &stream, meta: &meta, policy: &policy };
    loaded.decide(command, given).map_err(|error| error.to_string())
}

fn wire<C: Vocabulary>(command: &C) -> WireCommand {
    wire_command(&stream(), command).unwrap()
}

fn begun() -> Loaded<Ratio> {
    let mut loaded = Loaded::default();
    decide(&mut loaded, &wire(&Command::Open {}), None).unwrap();
    let (effect, worker, instance) = ("divide-1".to_owned(), "w".to_owned(), "a".to_owned());
    let start = EffectCommand::StartAttempt { effect, worker, instance, epoch: 0, alone: false };
    decide(&mut loaded, &wire(&start), None).unwrap();
    loaded
}

fn recorded(drafts: Vec<Draft>) -> Vec<Recorded> {
    let record = |(index, draft): (usize, Draft)| Recorded {
        position: index as u64 + 1,
        stream: stream(),
        version: index as u64 + 1,
        kind: draft.kind,
        id: Id::of_outside("event", &index.to_string()),
        command_id: meta("command", None).command_id,
        correlation_id: meta("command", None).command_id,
        causation_id: meta("command", None).command_id,
        time: Timestamp(0),
        actor: "steward".into(),
        code: "0".into(),
        principal: "test".into(),
        owner: "test".into(),
        visibility: Visibility::Household,
        trace: None,
        owes: false,
        effect: draft.effect,
        codec: Codec::Json,
        payload: draft.payload,
        command: None,
        hash: [0; 32],
    };
    drafts.into_iter().enumerate().map(record).collect()
}

fn kinds_and_roles(drafts: &[Draft]) -> Vec<(&str, Option<(EffectRole, u32)>)> {
    let mark = |draft: &Draft| draft.effect.as_ref().map(|mark| (mark.role, mark.attempt));
    drafts.iter().map(|draft| (draft.kind.name(), mark(draft))).collect()
}

fn of_attempt(attempt: u32) -> Option<OutcomeOf> {
    Some(OutcomeOf { effect: "divide-1".to_owned(), attempt, epoch: 0 })
}

#[test]
fn an_event_that_could_not_be_read_back_is_not_decided_and_leaves_the_state_alone() {
    let mut loaded = Loaded::default();
    let error = decide(&mut loaded, &wire(&Command::OpenAndDivide { by: 0.0 }), None).unwrap_err();
    assert!(error.contains("ratio.divided.v1"), "{error}");
    assert_eq!(loaded.entity(), &State::default());
    assert!(!loaded.owes());
}

#[test]
fn a_command_of_another_category_is_unknown() {
    let other: StreamName = "image-x".parse().unwrap();
    let command = wire_command(&other, &Command::Open {}).unwrap();
    assert!(decide(&mut Loaded::default(), &command, None).unwrap_err().contains("image.open.v1 is unknown"));
}

#[test]
fn an_effect_opened_and_closed_in_one_append_leaves_no_trace_in_memory() {
    let mut decided = Loaded::<Ratio>::default();
    let drafts = decide(&mut decided, &wire(&Command::OpenAndDivide { by: 2.0 }), None).unwrap();
    let (open, close) = (Some((EffectRole::Open, 0)), Some((EffectRole::Close, 0)));
    assert_eq!(kinds_and_roles(&drafts), [("opened", open), ("divided", close)]);
    let events = recorded(drafts);
    decided.note(&events);
    let mut folded = Loaded::<Ratio>::default();
    events.iter().for_each(|event| folded.evolve(event).unwrap());
    assert_eq!(decided.snapshot(), folded.snapshot());
}

#[test]
fn an_outcome_that_leaves_its_effect_open_parks_it() {
    let drafts = decide(&mut begun(), &wire(&Command::Ignore {}), of_attempt(1)).unwrap();
    assert_eq!(kinds_and_roles(&drafts), [("effect_parked", Some((EffectRole::Park, 1)))]);
}

#[test]
fn a_late_outcome_is_recorded_as_refused_and_changes_nothing() {
    let mut loaded = begun();
    let drafts = decide(&mut loaded, &wire(&Command::Divide { by: 2.0 }), of_attempt(7)).unwrap();
    assert_eq!(kinds_and_roles(&drafts), [("outcome_refused", None)]);
    assert!(loaded.owes());
}

#[test]
fn marks_tell_the_attempts_made_so_far_also_when_unparked_and_dropped() {
    let mut loaded = begun();
    let (effect, kind, message) = ("divide-1".to_owned(), FailureKind::Permanent, "no".to_owned());
    decide(&mut loaded, &wire(&EffectCommand::FailAttempt { effect, kind, message }), of_attempt(1)).unwrap();
    let unparked = decide(&mut loaded, &wire(&EffectCommand::RetryEffect { effect: None }), None).unwrap();
    assert_eq!(kinds_and_roles(&unparked), [("effect_unparked", Some((EffectRole::Unpark, 1)))]);
    let (effect, reason) = ("divide-1".to_owned(), "no".to_owned());
    decide(&mut loaded, &wire(&EffectCommand::ParkEffect { effect, reason }), None).unwrap();
    let dropped = decide(&mut loaded, &wire(&EffectCommand::DropEffect { effect: None }), None).unwrap();
    assert_eq!(kinds_and_roles(&dropped), [("effect_dropped", Some((EffectRole::Close, 1)))]);
    assert!(!loaded.owes());
}

#[test]
fn a_report_without_an_attempt_is_refused_and_leaves_the_state_alone() {
    let mut loaded = begun();
    let before = loaded.snapshot();
    let error = decide(&mut loaded, &wire(&Command::Divide { by: 2.0 }), None).unwrap_err();
    assert!(error.contains("ratio.divide.v1 reports how an attempt went"), "{error}");
    assert_eq!(loaded.snapshot(), before);
    assert_eq!(decide(&mut loaded, &wire(&Command::Open {}), None).unwrap().len(), 1);
}

#[test]
fn a_lost_attempt_that_reports_before_another_is_claimed_closes_its_effect() {
    let mut loaded = begun();
    let (effect, evidence) = ("divide-1".to_owned(), "it does not answer".to_owned());
    let lost = EffectCommand::LoseAttempt { effect, attempt: 1, evidence };
    decide(&mut loaded, &wire(&lost), None).unwrap();
    let drafts = decide(&mut loaded, &wire(&Command::Divide { by: 2.0 }), of_attempt(1)).unwrap();
    assert_eq!(kinds_and_roles(&drafts), [("divided", Some((EffectRole::Close, 1)))]);
    assert!(!loaded.owes());
}

#[test]
fn whoever_reports_and_goes_on_begins_the_next_attempt_in_the_same_append() {
    let taker = || Some(Taker { worker: "w".to_owned(), instance: "a".to_owned() });
    let mut loaded = begun();
    let drafts = decide_and(&mut loaded, &wire(&Command::Halve {}), of_attempt(1), taker()).unwrap();
    let marks = [
        ("divided", Some((EffectRole::Close, 1))),
        ("halved", Some((EffectRole::Open, 0))),
        ("attempt_started", Some((EffectRole::Attempt, 1))),
    ];
    assert_eq!(kinds_and_roles(&drafts), marks);
    let mut folded = begun();
    recorded(drafts).iter().for_each(|event| folded.evolve(event).unwrap());
    assert_eq!(folded.state(), loaded.state());
    // What somebody is at already is left to them.
    let repeated = decide_and(&mut loaded, &wire(&Command::Open {}), None, taker()).unwrap();
    assert_eq!(kinds_and_roles(&repeated).len(), 2, "divide-1 is begun, and divide-2 is not begun again");
    let nothing =
        decide_and(&mut begun(), &wire(&Command::Divide { by: 2.0 }), of_attempt(1), taker()).unwrap();
    assert_eq!(kinds_and_roles(&nothing), [("divided", Some((EffectRole::Close, 1)))]);
}

#[test]
fn whoever_does_not_go_on_leaves_the_next_effect_to_the_host() {
    let drafts = decide(&mut begun(), &wire(&Command::Halve {}), of_attempt(1)).unwrap();
    assert_eq!(kinds_and_roles(&drafts).len(), 2);
}
