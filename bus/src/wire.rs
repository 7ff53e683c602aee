//! How an event travels: CloudEvents 1.0 in binary mode over NATS, the payload as the body.
//!
//! The headers carry every field of the record, so that an event from the bus equals the same event from the
//! log. Values are percent-encoded as CloudEvents asks for. Unknown headers are left alone; a missing or
//! wrong one is an error.

mod text;

use std::str::FromStr;

use hydra_events::record::{Codec, EVENT_BYTES_MAX, EffectMark, Visibility};
use hydra_events::{Recorded, Timestamp};

const SPEC_VERSION: (&str, &str) = ("ce-specversion", "1.0");
const ID: &str = "ce-id";
const SOURCE: &str = "ce-source";
const TYPE: &str = "ce-type";
const SUBJECT: &str = "ce-subject";
const TIME: &str = "ce-time";
const CONTENT_TYPE: &str = "ce-datacontenttype";
const SEQUENCE: &str = "ce-sequence";
const CORRELATION: [&str; 2] = ["ce-correlationid", "correlationid"];
const CAUSATION: [&str; 2] = ["ce-causationid", "causationid"];
const TRACE: [&str; 2] = ["ce-traceparent", "traceparent"];
/// Place in the log.
pub const POSITION: &str = "Hydra-Position";
/// The replay that tells an event again, on messages of a replay alone.
pub const REPLAY: &str = "Hydra-Replay";
const MICROSECONDS: &str = "Hydra-Time";
const COMMAND_ID: &str = "Hydra-Command-Id";
const ACTOR: &str = "Hydra-Actor";
const CODE: &str = "Hydra-Code";
const PRINCIPAL: &str = "Hydra-Principal";
const OWNER: &str = "Hydra-Owner";
const VISIBILITY: &str = "Hydra-Visibility";
const OWES: &str = "Hydra-Owes";
const HASH: &str = "Hydra-Hash";
const EFFECT: &str = "Hydra-Effect";
const EFFECT_ROLE: &str = "Hydra-Effect-Role";
const ATTEMPT: &str = "Hydra-Attempt";
const COMMAND: &str = "Hydra-Command";

/// Why a message is no event.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WireError {
    /// A header is missing.
    #[error("header {0} is missing")]
    Missing(&'static str),
    /// A header holds something else than it should.
    #[error("header {header} is {value:?}, which is no {wanted}")]
    Value {
        /// The header.
        header: &'static str,
        /// Its value, cut if it is long.
        value: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// The event is larger than any the log takes.
    #[error("event of {0} bytes is over the limit of {EVENT_BYTES_MAX}")]
    TooLarge(usize),
}

/// A text as it may stand in a header: percent-encoded as CloudEvents asks for.
pub fn encode(value: &str) -> String {
    text::encode(value.as_bytes())
}

/// The text that was encoded; `None` when it is none.
pub fn decode(value: &str) -> Option<String> {
    String::from_utf8(text::decode(value)?).ok()
}

/// The headers of an event, in a fixed order. Correlation and causation stand under the names CloudEvents
/// prescribes and under the short ones as well.
pub fn headers(event: &Recorded) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        (SPEC_VERSION.0, SPEC_VERSION.1.to_owned()),
        (ID, event.id.to_string()),
        (SOURCE, format!("/hydra/{}", text::encode(event.actor.as_bytes()))),
        (TYPE, event.kind.to_string()),
        (SUBJECT, event.stream.to_string()),
        (TIME, event.time.to_string()),
        (CONTENT_TYPE, content_type(event.codec).to_owned()),
        (SEQUENCE, format!("{:020}", event.version)),
        (POSITION, event.position.to_string()),
        (MICROSECONDS, event.time.0.to_string()),
        (COMMAND_ID, event.command_id.to_string()),
        (ACTOR, text::encode(event.actor.as_bytes())),
        (CODE, text::encode(event.code.as_bytes())),
        (PRINCIPAL, text::encode(event.principal.as_bytes())),
        (OWNER, text::encode(event.owner.as_bytes())),
        (VISIBILITY, visibility_word(event.visibility).to_owned()),
        (OWES, event.owes.to_string()),
        (HASH, text::to_hex(&event.hash)),
    ];
    headers.extend(CORRELATION.map(|name| (name, event.correlation_id.to_string())));
    headers.extend(CAUSATION.map(|name| (name, event.causation_id.to_string())));
    if let Some(trace) = &event.trace {
        headers.extend(TRACE.map(|name| (name, text::encode(trace.as_bytes()))));
    }
    if let Some(mark) = &event.effect {
        headers.push((EFFECT, text::encode(mark.effect.as_bytes())));
        headers.push((EFFECT_ROLE, mark.role.as_str().to_owned()));
        headers.push((ATTEMPT, mark.attempt.to_string()));
    }
    if let Some(command) = &event.command {
        headers.push((COMMAND, text::encode(command)));
    }
    headers
}

/// The body of an event: readable JSON, unless the log keeps it otherwise and `ce-datacontenttype` says so.
pub fn body(event: &Recorded) -> &[u8] {
    &event.payload
}

/// The event that came with these headers and this body. `find` looks a header up by its exact name.
pub fn read<'a>(find: impl Fn(&str) -> Option<&'a str>, body: &[u8]) -> Result<Recorded, WireError> {
    let message = Message(find);
    if message.text(SPEC_VERSION.0)? != SPEC_VERSION.1 {
        return Err(message.wrong(SPEC_VERSION.0, "version of CloudEvents known here: 1.0 is"));
    }
    let event = Recorded {
        position: message.parse(POSITION, "position")?,
        stream: message.parse(SUBJECT, "stream name")?,
        version: message.parse(SEQUENCE, "version")?,
        kind: message.parse(TYPE, "wire name")?,
        id: message.parse(ID, "id")?,
        command_id: message.parse(COMMAND_ID, "id")?,
        correlation_id: message.parse(CORRELATION[0], "id")?,
        causation_id: message.parse(CAUSATION[0], "id")?,
        time: Timestamp(message.parse(MICROSECONDS, "number of microseconds")?),
        actor: message.text(ACTOR)?.into(),
        code: message.text(CODE)?.into(),
        principal: message.text(PRINCIPAL)?.into(),
        owner: message.text(OWNER)?.into(),
        visibility: message.one_of(VISIBILITY, "visibility", VISIBILITIES, visibility_word)?,
        trace: message.optional(TRACE[0], Message::text)?,
        owes: message.parse(OWES, "true or false")?,
        effect: message.optional(EFFECT, Message::effect)?,
        codec: message.one_of(CONTENT_TYPE, "content type of an event", CODECS, content_type)?,
        payload: body.to_vec(),
        command: message.optional(COMMAND, Message::bytes)?,
        hash: message.hash()?,
    };
    match event.size() {
        size if size > EVENT_BYTES_MAX => Err(WireError::TooLarge(size)),
        _ => Ok(event),
    }
}

const CODECS: &[Codec] = &[Codec::Json, Codec::MessagePack];
const VISIBILITIES: &[Visibility] = &[Visibility::Private, Visibility::Household, Visibility::Public];

fn content_type(codec: Codec) -> &'static str {
    match codec {
        Codec::Json => "application/json",
        Codec::MessagePack => "application/msgpack",
    }
}

fn visibility_word(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Private => "private",
        Visibility::Household => "household",
        Visibility::Public => "public",
    }
}

/// The headers of a message, by name.
struct Message<F>(F);

impl<'a, F: Fn(&str) -> Option<&'a str>> Message<F> {
    fn optional<T>(
        &self,
        header: &'static str,
        read: impl Fn(&Self, &'static str) -> Result<T, WireError>,
    ) -> Result<Option<T>, WireError> {
        (self.0)(header).map(|_| read(self, header)).transpose()
    }

    fn bytes(&self, header: &'static str) -> Result<Vec<u8>, WireError> {
        let value = (self.0)(header).ok_or(WireError::Missing(header))?;
        text::decode(value).ok_or_else(|| self.wrong(header, "percent-encoded text"))
    }

    fn text(&self, header: &'static str) -> Result<String, WireError> {
        String::from_utf8(self.bytes(header)?).map_err(|_| self.wrong(header, "UTF-8"))
    }

    fn parse<T: FromStr>(&self, header: &'static str, wanted: &'static str) -> Result<T, WireError> {
        self.text(header)?.parse().map_err(|_| self.wrong(header, wanted))
    }

    fn one_of<T: Copy>(
        &self,
        header: &'static str,
        wanted: &'static str,
        known: &[T],
        word: fn(T) -> &'static str,
    ) -> Result<T, WireError> {
        let value = self.text(header)?;
        known.iter().copied().find(|one| word(*one) == value).ok_or_else(|| self.wrong(header, wanted))
    }

    fn effect(&self, header: &'static str) -> Result<EffectMark, WireError> {
        let effect = self.text(header)?;
        let role = self.parse(EFFECT_ROLE, "role of an event for an effect")?;
        Ok(EffectMark { effect, role, attempt: self.parse(ATTEMPT, "ordinal of an attempt")? })
    }

    fn hash(&self) -> Result<[u8; 32], WireError> {
        text::from_hex(&self.text(HASH)?).ok_or_else(|| self.wrong(HASH, "hash: 64 hexadecimal digits are"))
    }

    fn wrong(&self, header: &'static str, wanted: &'static str) -> WireError {
        let value = (self.0)(header).unwrap_or_default().chars().take(100).collect();
        WireError::Value { header, value, wanted }
    }
}
