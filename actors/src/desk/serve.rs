//! Answering the questions of workers in other processes.

use std::sync::Arc;

use futures::FutureExt;
use hydra_bus::desk::attend;
use hydra_bus::{Bus, Desk as Address};
use tokio_util::sync::CancellationToken;

use super::Desk;
use super::wire::{Question, Reply, away, pack, unpack};
use crate::aggregate::Rejection;
use crate::host::{Host, HostError};
use crate::registry::CODE;

/// Answers until `stop`, and then still what is under way.
pub(crate) async fn serve(host: Host, bus: Arc<dyn Bus>, stop: CancellationToken) {
    attend(bus, Address::Host, stop, |question| answer(host.clone(), question).map(Some)).await;
}

async fn answer(host: Host, question: Vec<u8>) -> Vec<u8> {
    let reply = match unpack(&question) {
        Ok(question) => reply(&host, question).await.unwrap_or_else(Reply::from),
        Err(error) => Reply::from(error),
    };
    // What is packed has no form that could fail; an empty answer is no reply, and who asked asks again.
    pack(&reply).unwrap_or_default()
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
        Question::Sees { blob } => {
            let seen = host.parts().ports.content.contains(blob).await;
            seen.map(Reply::Sees).map_err(|error| away(error.to_string()))
        }
        Question::Leave { place } => host.leave(&place).await.map(|()| Reply::Done),
    }
}

fn other_code() -> Rejection {
    let reason = "the worker is another hydra than the process that decides: install the same on both";
    Rejection { rule: "OtherCode".to_owned(), reason: reason.to_owned() }
}
