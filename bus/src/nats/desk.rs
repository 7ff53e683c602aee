//! Questions and answers as core NATS messages. Both sides sign in as Hydra, whose inboxes nobody else hears.

use std::sync::Arc;

use async_nats::{Request, RequestErrorKind, Subject as Address, Subscriber};
use async_trait::async_trait;
use futures::StreamExt;

use super::link::{Link, unavailable};
use crate::bus::{ANSWER_MAX, BusError};
use crate::desk::{Desk, Question, Questions, WayBack, unanswered};
use crate::subject::Subject;

/// Asks, and waits for the first answer.
pub(super) async fn ask(link: &Link, desk: Desk, question: Vec<u8>) -> Result<Vec<u8>, BusError> {
    let subject = link.subjects.spell(&Subject::Desk(desk));
    let request = Request::new().payload(question.into()).timeout(Some(ANSWER_MAX));
    match link.client.send_request(subject, request).await {
        Ok(answer) => Ok(answer.payload.to_vec()),
        Err(error) if error.kind() == RequestErrorKind::NoResponders => Err(unanswered(desk)),
        Err(error) => Err(unavailable(error)),
    }
}

/// What arrives at a desk.
pub(super) struct Asked {
    link: Arc<Link>,
    arriving: Subscriber,
}

impl Asked {
    /// Takes its place: what is asked from now on is heard.
    pub(super) async fn open(link: &Arc<Link>, desk: Desk) -> Result<Self, BusError> {
        let subject = link.subjects.spell(&Subject::Desk(desk));
        let arriving = link.client.subscribe(subject).await.map_err(unavailable)?;
        link.round_trip().await?;
        Ok(Self { link: Arc::clone(link), arriving })
    }
}

#[async_trait]
impl Questions for Asked {
    async fn next(&mut self) -> Result<Question, BusError> {
        let closed = self.link.closed.clone();
        loop {
            let message = tokio::select! {
                biased;
                () = closed.cancelled() => return Err(BusError::Closed),
                message = self.arriving.next() => message.ok_or(BusError::Closed)?,
            };
            let own = format!("_INBOX_{}.", self.link.subjects.prefix());
            match message.reply.filter(|reply| reply.starts_with(&own)) {
                Some(reply) => {
                    let way = AnswerTo { link: Arc::clone(&self.link), reply };
                    return Ok(Question::new(message.payload.to_vec(), Box::new(way)));
                }
                None => tracing::warn!("a question of somebody else is not answered"),
            }
        }
    }
}

struct AnswerTo {
    link: Arc<Link>,
    reply: Address,
}

#[async_trait]
impl WayBack for AnswerTo {
    async fn send(self: Box<Self>, answer: Vec<u8>) -> Result<(), BusError> {
        let Self { link, reply } = *self;
        link.during(async { link.client.publish(reply, answer.into()).await.map_err(unavailable) }).await
    }
}
