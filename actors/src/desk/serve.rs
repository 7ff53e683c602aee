//! Answering the questions of workers in other processes.

use std::sync::Arc;
use std::time::Duration;

use hydra_bus::{Bus, BusError, Desk as Address, Question as Asked, Questions};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::wire::{Question, Reply, pack, unpack};
use super::Desk;
use crate::aggregate::Rejection;
use crate::host::{Host, HostError};
use crate::registry::CODE;

/// Questions being answered at once; further ones wait on the bus.
const AT_ONCE: usize = 256;
const PAUSE: Duration = Duration::from_secs(1);

/// Answers until `stop`, and then still what is under way.
pub(crate) async fn serve(host: Host, bus: Arc<dyn Bus>, stop: CancellationToken) {
    let (places, answers) = (Arc::new(Semaphore::new(AT_ONCE)), TaskTracker::new());
    let take = async {
        loop {
            match bus.questions(Address::Host).await {
                Ok(mut questions) => take(&host, questions.as_mut(), &places, &answers).await,
                Err(error) => tracing::warn!(%error, "workers elsewhere are not answered yet"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    stop.run_until_cancelled(take).await;
    answers.close();
    answers.wait().await;
}

async fn take(host: &Host, questions: &mut dyn Questions, places: &Arc<Semaphore>, answers: &TaskTracker) {
    loop {
        // Never closed.
        let Ok(place) = Arc::clone(places).acquire_owned().await else { return };
        let Ok(asked) = questions.next().await else { return };
        let host = host.clone();
        answers.spawn(async move {
            answer(&host, asked).await;
            drop(place);
        });
    }
}

async fn answer(host: &Host, asked: Asked) {
    let reply = match unpack(&asked.payload) {
        Ok(question) => reply(host, question).await.unwrap_or_else(Reply::from),
        Err(error) => Reply::from(error),
    };
    let sent = match pack(&reply) {
        Ok(reply) => asked.answer(reply).await,
        Err(error) => Err(BusError::Refused(error.to_string())),
    };
    if let Err(error) = sent {
        tracing::debug!(%error, "a worker was not answered; it asks again");
    }
}

async fn reply(host: &Host, question: Question) -> Result<Reply, HostError> {
    match question {
        Question::Claim { stream, claim } => {
            host.claim(&stream, claim).await.map(|claimed| Reply::Claimed(Box::new(claimed)))
        }
        Question::Tell { stream, command, envelope } => {
            host.tell(&stream, command, *envelope).await.map(|()| Reply::Done)
        }
        Question::Attend { stream } => host.attend(&stream).await.map(|()| Reply::Done),
        Question::Join { code, .. } if code != CODE => Err(HostError::Rejected(other_code())),
        Question::Join { place, slots, .. } => host.join(&place, slots).await.map(|()| Reply::Done),
        Question::Beat { place, at } => host.beat(&place, at).await.map(Reply::Presence),
        Question::Leave { place } => host.leave(&place).await.map(|()| Reply::Done),
    }
}

fn other_code() -> Rejection {
    let reason = "the worker is another hydra than the process that decides: install the same on both";
    Rejection { rule: "OtherCode".to_owned(), reason: reason.to_owned() }
}
