//! Questions between Hydra's own processes: who works far from the log asks the process that decides.
//!
//! A question may be lost, and so may its answer: whoever asks asks again, under ids that make a repeat harmless.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::bus::{Bus, BusError};

/// Largest question and largest answer, in bytes.
pub const QUESTION_BYTES_MAX: usize = 1_000_000;

/// Questions being answered at once; further ones wait on the bus.
const AT_ONCE: usize = 256;
const PAUSE: Duration = Duration::from_secs(1);

/// Where questions are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Desk {
    /// The process that decides.
    Host,
    /// The process that writes the log.
    Log,
}

impl Desk {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Host, Self::Log];

    /// The word in the subject.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Log => "log",
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

/// Answers what is asked at `desk` until `stop`, and then still what is under way; what is for somebody else is left
/// unanswered. A bus that is away is waited for.
pub async fn attend<F>(
    bus: Arc<dyn Bus>,
    desk: Desk,
    stop: CancellationToken,
    answer: impl Fn(Vec<u8>) -> F + Send + Sync,
) where
    F: Future<Output = Option<Vec<u8>>> + Send + 'static,
{
    let (places, answers) = (Arc::new(Semaphore::new(AT_ONCE)), TaskTracker::new());
    let take = async {
        loop {
            match bus.questions(desk).await {
                Ok(mut questions) => take(questions.as_mut(), &places, &answers, &answer).await,
                Err(error) => tracing::warn!(%error, desk = desk.as_str(), "nobody is answered yet"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    stop.run_until_cancelled(take).await;
    answers.close();
    answers.wait().await;
}

async fn take<F>(
    questions: &mut dyn Questions,
    places: &Arc<Semaphore>,
    answers: &TaskTracker,
    answer: &(impl Fn(Vec<u8>) -> F + Send + Sync),
) where
    F: Future<Output = Option<Vec<u8>>> + Send + 'static,
{
    loop {
        // Never closed.
        let Ok(place) = Arc::clone(places).acquire_owned().await else { return };
        let Ok(mut question) = questions.next().await else { return };
        let answer = answer(std::mem::take(&mut question.payload));
        answers.spawn(async move {
            if let Some(answer) = answer.await
                && let Err(error) = question.answer(answer).await
            {
                tracing::warn!(%error, "a question stays without its answer");
            }
            drop(place);
        });
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
    BusError::unavailable(format!("nobody answers at the desk {:?}", desk.as_str()))
}
