//! What a record promises: every byte handed to the log comes back.

use super::LogBackend;
use super::sample::{append, stream, whole};
use crate::clock::Timestamp;
use crate::id::Id;
use crate::log::{EventLog, LogError};
use crate::record::{Append, Codec, EffectMark, EffectRole, EventType, OutcomeOf, Recorded, Visibility};

/// Texts that some store or other mangles. Control characters are not among them: no record takes those.
const TEXTS: [&str; 8] = [
    "",
    "Zoë „im Nebel“ 灯台 🗼",
    "'; DROP TABLE events; --",
    "right\u{2028}left\u{a0}\u{200f}",
    "\u{feff}mark",
    "e\u{301} is not é",
    " blank ",
    "\\x00 %s ${HOME} \"quoted\"",
];

const ROLES: [EffectRole; 6] = [
    EffectRole::Open,
    EffectRole::Attempt,
    EffectRole::Postpone,
    EffectRole::Park,
    EffectRole::Unpark,
    EffectRole::Close,
];

/// The record an append returns, the one `scan` reads and the one `read_stream` reads after a reopen are the same,
/// and hold what was handed in.
pub async fn every_field_reads_back_as_it_was_written<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    let written: Vec<Append> = (0..24).map(odd_append).collect();
    let mut answers = Vec::new();
    for append in &written {
        answers.push(log.append(append.clone()).await.unwrap());
    }
    assert_eq!(whole(&log).await, answers.concat());
    drop(log);
    let log = backend.open_at_noon().await;
    for (append, answer) in written.iter().zip(&answers) {
        let read = log.read_stream(&append.stream, 0, 10).await.unwrap();
        assert_eq!(&read, answer);
        assert_holds(append, &read);
    }
}

fn odd_append(number: usize) -> Append {
    let text = |shift: usize| TEXTS[(number + shift) % TEXTS.len()];
    let payload = format!("{{\"text\":{:?}}}", text(0));
    let mut odd =
        append(&stream(&format!("s{number}")), 0, &format!("command {number}"), &[&payload, "1", ""]);
    odd.owes = number % 2 == 1;
    odd.actor = ["director", "", "größer"][number % 3].into();
    odd.code = ["", "c0de", "\u{1f600}"][number / 3 % 3].into();
    odd.meta.correlation_id = Id::derive("correlation", &[&[number as u8]]);
    odd.meta.causation_id = Id::from([number as u8 * 10; 16]);
    odd.meta.principal = text(1).to_owned();
    odd.meta.owner = text(2).to_owned();
    odd.meta.trace = (!number.is_multiple_of(4)).then(|| text(3).to_owned());
    odd.meta.visibility = [Visibility::Private, Visibility::Household, Visibility::Public][number % 3];
    let attempt = [0, 1, u32::MAX][number % 3];
    odd.events[1].effect = Some(EffectMark { effect: text(4).to_owned(), role: ROLES[number % 6], attempt });
    odd
}

fn assert_holds(append: &Append, read: &[Recorded]) {
    assert_eq!(read.len(), append.events.len());
    let meta = &append.meta;
    for (index, (event, draft)) in read.iter().zip(&append.events).enumerate() {
        assert_eq!(event.stream, append.stream);
        assert_eq!(event.version, index as u64 + 1);
        assert_eq!((&event.kind, event.codec), (&draft.kind, Codec::Json));
        assert_eq!((event.id, event.command_id), (Id::of_event(meta.command_id, index), meta.command_id));
        assert_eq!((event.correlation_id, event.causation_id), (meta.correlation_id, meta.causation_id));
        assert_eq!((&*event.actor, &*event.code), (&*append.actor, &*append.code));
        assert_eq!((&*event.principal, &*event.owner), (meta.principal.as_str(), meta.owner.as_str()));
        assert_eq!((event.visibility, &event.trace), (meta.visibility, &meta.trace));
        assert_eq!((event.owes, &event.effect), (append.owes, &draft.effect));
        assert_eq!(event.payload, draft.payload);
        assert_eq!(event.command.is_some(), index == 0);
    }
}

/// The first event of an append carries the command and all that was known when it was decided, so that it can be
/// decided again.
pub async fn the_command_and_its_circumstances_read_back_on_the_first_event_alone<B: LogBackend>(
    backend: &B,
) {
    let log = backend.open_at_noon().await;
    let outcomes = [
        None,
        Some(OutcomeOf { effect: "render-1".into(), attempt: 3, epoch: 0 }),
        Some(OutcomeOf { effect: TEXTS[1].into(), attempt: u32::MAX, epoch: u64::MAX }),
    ];
    for (number, outcome) in outcomes.into_iter().enumerate() {
        let mut written = odd_append(number);
        let payload = format!("{{\"brief\":{:?},\"f\":1.0,\"n\":18446744073709551615}}", TEXTS[1]);
        written.command = (EventType::new("image", "request_image", 2), payload.clone().into_bytes());
        written.meta.outcome = outcome;
        written.meta.time = Timestamp(number as i64);
        written.meta.policy = number as u64;
        log.append(written.clone()).await.unwrap();
        let read = log.read_stream(&written.stream, 0, 10).await.unwrap();
        let (command, meta) = read[0].command().unwrap().unwrap();
        assert_eq!((&command.kind, command.codec), (&written.command.0, Codec::Json));
        assert_eq!(command.payload.get(), payload);
        assert_eq!(meta, written.meta);
        assert!(read[1..].iter().all(|event| event.command().unwrap().is_none()));
    }
}

/// Principal, owner, trace, actor and effect become headers of messages and lines of a terminal: what could break one
/// is refused, by the name of its field.
pub async fn a_control_character_beside_the_payload_is_refused<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    for broken in ["\0", "a\nb", "a\rb", "\t", "\u{1b}[2J", "\u{7f}", "\u{85}"] {
        for field in ["principal", "owner", "trace", "actor", "effect"] {
            let mut odd = append(&stream("odd"), 0, field, &["{}"]);
            let text = broken.to_owned();
            match field {
                "principal" => odd.meta.principal = text,
                "owner" => odd.meta.owner = text,
                "trace" => odd.meta.trace = Some(text),
                "actor" => odd.actor = text.into(),
                _ => {
                    odd.events[0].effect =
                        Some(EffectMark { effect: text, role: EffectRole::Open, attempt: 0 })
                }
            }
            let refused = log.append(odd).await;
            let why = match &refused {
                Err(LogError::Refused { reason, .. }) => reason,
                other => panic!("{broken:?} as {field}: {other:?}"),
            };
            assert!(why.contains(&format!("the {field} of")), "{why}");
        }
    }
    assert!(whole(&log).await.is_empty());
    log.append(append(&stream("even"), 0, "payload", &["a\0b"])).await.unwrap();
    assert_eq!(whole(&log).await[0].payload, b"a\0b", "a payload may hold any byte");
}

/// A longer text anywhere in a record makes it larger by as much.
pub async fn every_stored_byte_counts_against_the_limit<B: LogBackend>(backend: &B) {
    let log = backend.open_at_noon().await;
    let with =
        |effect: &str| Some(EffectMark { effect: effect.to_owned(), role: EffectRole::Open, attempt: 1 });
    let mut small = append(&stream("s"), 0, "command 1", &["{}"]);
    small.events[0].effect = with("");
    let mut large = append(&stream("l"), 0, "command 2", &["{    }"]);
    large.events[0].effect = with("twelve bytes");
    (large.actor, large.code) = ("artist and more".into(), "0000 and more".into());
    large.meta.principal.push_str("123");
    large.meta.owner.push_str("12345");
    large.meta.trace = Some("seven b".to_owned());
    let small = log.append(small).await.unwrap().remove(0);
    let large = log.append(large).await.unwrap().remove(0);
    assert_eq!(large.size(), small.size() + 4 + 12 + 9 + 9 + 3 + 5 + 7);
}
