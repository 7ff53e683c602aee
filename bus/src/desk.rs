//! Questions between Hydra's own processes: who works far from the log asks the process that decides.
//!
//! A question may be lost, and so may its answer: whoever asks asks again, under ids that make a repeat harmless.

use async_trait::async_trait;

use crate::bus::BusError;

/// Largest question and largest answer, in bytes.
pub const QUESTION_BYTES_MAX: usize = 1_000_000;

/// Where questions are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Desk {
    /// The process that writes the log and decides.
    Host,
}

impl Desk {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::Host];

    /// The word in the subject.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
        }
    }
}

/// The questions that are asked at a desk.
#[async_trait]
pub trait Questions: Send {
    /// Waits for the next question. Dropping the future loses nothing.
    async fn next(&mut self) -> Result<Question, BusError>;
}

/// A question, and the way back for its answer. Dropped without an answer, who asked is told so, or waits in vain.
pub struct Question {
    /// What is asked.
    pub payload: Vec<u8>,
    way: Box<dyn WayBack>,
}

/// How an answer finds who asked.
#[async_trait]
pub trait WayBack: Send {
    /// Sends the answer.
    async fn send(self: Box<Self>, answer: Vec<u8>) -> Result<(), BusError>;
}

impl Question {
    /// A question; implementations of a bus make these.
    pub fn new(payload: Vec<u8>, way: Box<dyn WayBack>) -> Self {
        Self { payload, way }
    }

    /// Answers it.
    pub async fn answer(self, answer: Vec<u8>) -> Result<(), BusError> {
        check_size("an answer", &answer)?;
        self.way.send(answer).await
    }
}

/// Refuses what no server need carry.
pub(crate) fn check_size(what: &str, payload: &[u8]) -> Result<(), BusError> {
    match payload.len() <= QUESTION_BYTES_MAX {
        true => Ok(()),
        false => Err(BusError::Refused(format!(
            "{what} of {} bytes: up to {QUESTION_BYTES_MAX} are carried",
            payload.len()
        ))),
    }
}

/// Nobody answers now; somebody may later.
pub(crate) fn unanswered(desk: Desk) -> BusError {
    let error: Box<dyn std::error::Error + Send + Sync> =
        format!("nobody answers at the desk {:?}", desk.as_str()).into();
    BusError::Unavailable(error.into())
}
