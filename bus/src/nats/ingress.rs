//! Commands from outside: asked, with an answer, or told, to be done whenever possible.
//!
//! What a command means is the application's; here it is only taken from the server, bounded in size, number
//! and time, and answered.

mod asked;
mod told;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_nats::HeaderMap;
use async_trait::async_trait;
use hydra_events::Timestamp;
use hydra_events::record::EVENT_BYTES_MAX;

pub use asked::{Asked, Endpoint};
pub use told::Told;

/// Largest payload of a command, in bytes: what is larger belongs in the content store.
pub const COMMAND_BYTES_MAX: usize = EVENT_BYTES_MAX;

/// Longest text of an error in an answer, in bytes.
const TEXT_BYTES_MAX: usize = 1_000;

/// A command as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The actor it is for, from the subject.
    pub actor: String,
    /// The command's name, from the subject.
    pub command: String,
    /// The first value of every header, by its name as the sender wrote it.
    pub headers: BTreeMap<String, String>,
    /// The command itself.
    pub payload: Vec<u8>,
    /// How it came.
    pub way: Way,
}

/// How a command came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Somebody waits for the answer.
    Asked,
    /// It was left in a queue, and comes again until it is answered.
    Told {
        /// When the server took it.
        created: Timestamp,
        /// Its number in the queue, which no other command there ever has.
        sequence: u64,
        /// How often it was handed out, this time included.
        delivery: u64,
    },
}

impl Request {
    /// A header by its name, whatever the case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Where it comes from and the id its sender gave it: `ce-source` and `ce-id` of a CloudEvent, or
    /// `Nats-Msg-Id`, whose source is empty.
    pub fn own_id(&self) -> Option<(&str, &str)> {
        match self.header("ce-id") {
            Some(id) => Some((self.header("ce-source").unwrap_or_default(), id)),
            None => self.header("Nats-Msg-Id").map(|id| ("", id)),
        }
    }
}

/// Why a command was not done, in the words of HTTP.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {text}")]
pub struct ServiceError {
    /// 400 to 599; below 500 the same command will be refused again, but for 408 and 429.
    pub code: u16,
    /// For people, in one line.
    pub text: String,
}

impl ServiceError {
    /// An error of this code; the text becomes one line of bounded length.
    pub fn new(code: u16, text: impl Into<String>) -> Self {
        let line: String = text.into().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self { code, text: line[..line.floor_char_boundary(TEXT_BYTES_MAX)].to_owned() }
    }

    /// Whether the same command may succeed later.
    pub fn may_pass(&self) -> bool {
        self.code >= 500 || matches!(self.code, 408 | 429)
    }
}

/// What becomes of commands; the application provides it.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Does what is asked and returns the answer, once it is durable.
    ///
    /// May be called again with the same command, after a time-out for instance, and must then return the
    /// same answer: the ids that come with it say that it is the same.
    async fn handle(&self, request: Request) -> Result<Vec<u8>, ServiceError>;
}

/// How much is taken at once.
#[derive(Clone, Debug)]
pub struct IngressLimits {
    /// Commands that are asked for at once; further ones are answered 503.
    pub asked: usize,
    /// Commands from the queue that are done at once. With 1 they are done in order, but for those that are
    /// tried again.
    pub told: usize,
    /// How long one command may take.
    pub time: Duration,
    /// Pause before a command from the queue is tried again; twice as long every time.
    pub delay_first: Duration,
    /// Longest such pause.
    pub delay_max: Duration,
    /// How often a command from the queue is tried, in case it ends the process every time.
    pub tries: u64,
}

impl Default for IngressLimits {
    fn default() -> Self {
        Self {
            asked: 64,
            told: 1,
            time: Duration::from_secs(30),
            delay_first: Duration::from_secs(1),
            delay_max: Duration::from_secs(5 * 60),
            tries: 200,
        }
    }
}

/// Lets the handler answer, within its bounds.
async fn answer(
    handler: &Arc<dyn Handler>,
    request: Request,
    time: Duration,
) -> Result<Vec<u8>, ServiceError> {
    if request.payload.len() > COMMAND_BYTES_MAX {
        let size = request.payload.len();
        return Err(ServiceError::new(
            413,
            format!("command of {size} bytes: at most {COMMAND_BYTES_MAX} are taken"),
        ));
    }
    match tokio::time::timeout(time, handler.handle(request)).await {
        Ok(answer) => answer,
        Err(_) => Err(ServiceError::new(
            504,
            format!("no answer within {time:?}: ask again with the same id to learn what became of it"),
        )),
    }
}

/// The first value of each header.
pub(super) fn first_values(headers: Option<&HeaderMap>) -> BTreeMap<String, String> {
    let all = headers.into_iter().flat_map(|headers| headers.iter());
    all.filter_map(|(name, values)| Some((name.to_string(), values.first()?.as_str().to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let (actor, command) = ("artist".to_owned(), "request_image".to_owned());
        Request { actor, command, headers: headers.collect(), payload: Vec::new(), way: Way::Asked }
    }

    #[test]
    fn a_command_is_known_by_the_id_its_sender_gave_it() {
        let event = [("CE-Id", "7"), ("ce-source", "/n8n"), ("Nats-Msg-Id", "x")];
        assert_eq!(request(&event).own_id(), Some(("/n8n", "7")));
        assert_eq!(request(&event[2..]).own_id(), Some(("", "x")));
        assert_eq!(request(&[]).own_id(), None);
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for (code, again) in [(400, false), (404, false), (422, false), (429, true), (500, true), (503, true)]
        {
            assert_eq!(ServiceError::new(code, "no").may_pass(), again, "{code}");
        }
    }

    #[test]
    fn the_text_of_an_error_is_one_line() {
        assert_eq!(ServiceError::new(400, "a\r\nb").text, "a  b");
        assert_eq!(ServiceError::new(400, "é".repeat(TEXT_BYTES_MAX)).text.len(), TEXT_BYTES_MAX);
    }
}
