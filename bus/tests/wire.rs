//! An event's headers, and the event read back from them.

#![allow(clippy::unwrap_used, reason = "what tests share stands outside of test functions")]

use std::collections::BTreeMap;
use std::sync::Arc;

use hydra_bus::wire::{self, WireError};
use hydra_events::record::{Codec, EVENT_BYTES_MAX, EffectMark, EffectRole, Visibility};
use hydra_events::{Id, Recorded, Timestamp};

fn full() -> Recorded {
    let mut event = Arc::unwrap_or_clone(hydra_bus::contract::event(42));
    event.version = 3;
    event.time = Timestamp(1_795_307_034_123_456);
    event.actor = "artist".into();
    event.principal = "Jörg \"the cook\" 100%".into();
    event.owner = "Ann\r\nNats-Rollup: all".into();
    event.visibility = Visibility::Private;
    event.trace = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into());
    event.owes = true;
    event.effect = Some(EffectMark { effect: "render 1".into(), role: EffectRole::Postpone, attempt: 4 });
    event.command = Some(br#"{"type":"image.request_image.v1","payload":{"a":"\u00e9"}}"#.to_vec());
    event.hash = std::array::from_fn(|i| i as u8 * 7);
    event
}

fn headers(event: &Recorded) -> BTreeMap<&'static str, String> {
    wire::headers(event).into_iter().collect()
}

fn read(headers: &BTreeMap<&'static str, String>, body: &[u8]) -> Result<Recorded, WireError> {
    wire::read(|name| headers.get(name).map(String::as_str), body)
}

#[test]
fn an_event_reads_back_exactly() {
    let plain = Arc::unwrap_or_clone(hydra_bus::contract::event(1));
    let packed = Recorded { codec: Codec::MessagePack, payload: vec![0x80], ..full() };
    for event in [plain, full(), packed] {
        assert_eq!(read(&headers(&event), wire::body(&event)), Ok(event));
    }
}

#[test]
fn the_headers_are_those_of_a_cloudevent() {
    let event = full();
    let headers = headers(&event);
    let correlation = event.correlation_id.to_string();
    for (name, value) in [
        ("ce-specversion", "1.0"),
        ("ce-id", event.id.to_string().as_str()),
        ("ce-type", "image.image_rendered.v1"),
        ("ce-source", "/hydra/artist"),
        ("ce-subject", "image-contract"),
        ("ce-time", "2026-11-22T00:23:54.123456Z"),
        ("ce-datacontenttype", "application/json"),
        ("ce-sequence", "00000000000000000003"),
        ("ce-correlationid", &correlation),
        ("correlationid", &correlation),
        ("causationid", event.causation_id.to_string().as_str()),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("Hydra-Position", "42"),
        ("Hydra-Principal", "J%C3%B6rg%20%22the%20cook%22%20100%25"),
    ] {
        assert_eq!(headers.get(name).map(String::as_str), Some(value), "{name}");
    }
}

#[test]
fn no_value_can_add_a_header() {
    for (name, value) in wire::headers(&full()) {
        assert!(value.bytes().all(|b| (0x21..=0x7e).contains(&b)), "{name}: {value}");
    }
}

#[test]
fn the_body_is_the_payload_as_readable_json() {
    let event = full();
    let body: serde_json::Value = serde_json::from_slice(wire::body(&event)).unwrap();
    assert_eq!(body, serde_json::json!({"position": 42}));
}

#[test]
fn a_message_without_a_needed_header_is_named_as_no_event() {
    let event = hydra_bus::contract::event(1);
    let all = headers(&event);
    let spare = ["ce-source", "ce-time", "correlationid", "causationid"];
    for name in all.keys().filter(|name| !spare.contains(name)) {
        let mut fewer = all.clone();
        fewer.remove(name);
        assert_eq!(read(&fewer, b"{}"), Err(WireError::Missing(name)));
    }
}

#[test]
fn a_header_with_a_wrong_value_is_named() {
    for (name, wrong) in [
        ("ce-specversion", "0.3"),
        ("ce-id", "x"),
        ("ce-type", "rendered"),
        ("ce-subject", "image"),
        ("ce-datacontenttype", "text/plain"),
        ("Hydra-Position", "-1"),
        ("Hydra-Visibility", "secret"),
        ("Hydra-Owes", "maybe"),
        ("Hydra-Hash", "00"),
        ("Hydra-Effect-Role", "fix"),
        ("Hydra-Principal", "%F"),
        ("Hydra-Owner", "%FF"),
    ] {
        let mut headers = headers(&full());
        headers.insert(name, wrong.to_owned());
        let error = read(&headers, b"{}").unwrap_err();
        assert!(matches!(error, WireError::Value { header, .. } if header == name), "{name}: {error}");
    }
}

#[test]
fn an_event_larger_than_the_log_takes_is_refused() {
    let event = full();
    let error = read(&headers(&event), &vec![b' '; EVENT_BYTES_MAX]).unwrap_err();
    assert!(matches!(error, WireError::TooLarge(size) if size > EVENT_BYTES_MAX));
}

#[test]
fn the_largest_event_fits_into_a_message_of_one_mebibyte() {
    let mut event = Recorded { command: None, effect: None, ..full() };
    event.correlation_id = Id::derive("test", &[]);
    event.command = Some(vec![b'"'; EVENT_BYTES_MAX - event.size()]);
    let size: usize = wire::headers(&event).iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    assert_eq!(event.size(), EVENT_BYTES_MAX);
    assert!(size + wire::body(&event).len() < 1024 * 1024);
}
