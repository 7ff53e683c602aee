//! The bus of one process: a broadcast for the events and a bounded queue for each node and kind of work.
//!
//! It keeps nothing over a restart and need not: inboxes catch up from the log, and what is owed is invited
//! again.

mod queue;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use hydra_events::Recorded;
use hydra_events::record::Position;
use hydra_events::vocabulary::terms::WorkKind;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::bus::{ANSWER_MAX, Bus, BusError, Delivery, Feed};
use crate::dead::{DeadLetter, LETTERS_MAX};
use crate::desk::{Desk, Question, Questions, WayBack, check_size, unanswered};
use crate::work::{Invitation, Invitations, check_name};
use queue::{Puller, Queue};

/// How many events a follower may be behind before it is told of a gap.
pub const FEED_EVENTS_MAX: usize = 1_024;

/// How many invitations one node may have on offer in one kind of work.
pub const INVITATIONS_MAX: usize = 256;

/// How many questions may wait at one desk.
const QUESTIONS_MAX: usize = 256;

/// How many pairs of node and kind there may be.
const QUEUES_MAX: usize = 1_024;

/// The bus of one process.
pub struct LocalBus {
    open: Mutex<Option<Open>>,
}

struct Open {
    published: Position,
    feed: broadcast::Sender<Arc<Recorded>>,
    queues: BTreeMap<(String, WorkKind), Arc<Queue>>,
    dead: VecDeque<DeadLetter>,
    /// Who answers, by desk; each question reaches the last one that came.
    desks: BTreeMap<Desk, mpsc::Sender<Question>>,
}

struct LocalFeed(broadcast::Receiver<Arc<Recorded>>);

impl LocalBus {
    /// A bus on which everything up to `published` counts as published: the log's head, when its process
    /// starts.
    pub fn starting_at(published: Position) -> Self {
        let feed = broadcast::Sender::new(FEED_EVENTS_MAX);
        let open =
            Open { published, feed, queues: BTreeMap::new(), dead: VecDeque::new(), desks: BTreeMap::new() };
        Self { open: Mutex::new(Some(open)) }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Open) -> Result<T, BusError>) -> Result<T, BusError> {
        work(self.lock().as_mut().ok_or(BusError::Closed)?)
    }
}

#[async_trait]
impl Bus for LocalBus {
    async fn publish(&self, events: &[Arc<Recorded>]) -> Result<(), BusError> {
        self.with(|open| open.publish(events))
    }

    async fn published(&self) -> Result<Position, BusError> {
        self.with(|open| Ok(open.published))
    }

    async fn follow(&self) -> Result<Box<dyn Feed>, BusError> {
        self.with(|open| Ok(Box::new(LocalFeed(open.feed.subscribe())) as Box<dyn Feed>))
    }

    async fn invite(&self, invitation: Invitation) -> Result<(), BusError> {
        invitation.check()?;
        let queue = self.with(|open| open.queue(&invitation.node, invitation.kind))?;
        queue.offer(invitation).await
    }

    async fn invitations(&self, node: &str, kind: WorkKind) -> Result<Box<dyn Invitations>, BusError> {
        check_name("node", node)?;
        let queue = self.with(|open| open.queue(node, kind))?;
        Ok(Box::new(Puller::new(queue)))
    }

    async fn bury(&self, letter: DeadLetter) -> Result<(), BusError> {
        letter.check()?;
        self.with(|open| {
            open.dead.push_back(letter);
            if open.dead.len() > LETTERS_MAX {
                open.dead.pop_front();
            }
            Ok(())
        })
    }

    async fn dead_letters(&self) -> Result<Vec<DeadLetter>, BusError> {
        self.with(|open| Ok(open.dead.iter().cloned().collect()))
    }

    async fn ask(&self, desk: Desk, question: Vec<u8>) -> Result<Vec<u8>, BusError> {
        check_size("a question", &question)?;
        let asked = self.with(|open| open.desks.get(&desk).cloned().ok_or_else(|| unanswered(desk)))?;
        let (way, answer) = oneshot::channel();
        let question = Question::new(question, Box::new(AnswerTo(way)));
        let answered = async {
            asked.send(question).await.map_err(|_| unanswered(desk))?;
            answer.await.map_err(|_| unanswered(desk))
        };
        tokio::time::timeout(ANSWER_MAX, answered).await.unwrap_or_else(|_| Err(unanswered(desk)))
    }

    async fn questions(&self, desk: Desk) -> Result<Box<dyn Questions>, BusError> {
        let (sender, asked) = mpsc::channel(QUESTIONS_MAX);
        self.with(|open| Ok(open.desks.insert(desk, sender)))?;
        Ok(Box::new(Asked(asked)))
    }

    async fn close(&self) {
        *self.lock() = None;
    }
}

impl Open {
    fn publish(&mut self, events: &[Arc<Recorded>]) -> Result<(), BusError> {
        for (published, event) in (self.published..).zip(events) {
            if event.position != published + 1 {
                return Err(BusError::OutOfOrder { published, offered: event.position });
            }
        }
        for event in events {
            // An error would only say that nobody follows.
            self.feed.send(Arc::clone(event)).ok();
            self.published = event.position;
        }
        Ok(())
    }

    fn queue(&mut self, node: &str, kind: WorkKind) -> Result<Arc<Queue>, BusError> {
        let key = (node.to_owned(), kind);
        if !self.queues.contains_key(&key) && self.queues.len() >= QUEUES_MAX {
            let reason =
                format!("{node} would be one node too many: {QUEUES_MAX} pairs of node and kind are known");
            return Err(BusError::Refused(reason));
        }
        Ok(Arc::clone(self.queues.entry(key).or_insert_with(|| Arc::new(Queue::new(INVITATIONS_MAX)))))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.queues.values().for_each(|queue| queue.close());
    }
}

#[async_trait]
impl Feed for LocalFeed {
    async fn next(&mut self) -> Result<Delivery, BusError> {
        match self.0.recv().await {
            Ok(event) => Ok(Delivery::Event(event)),
            Err(RecvError::Lagged(_)) => Ok(Delivery::Gap),
            Err(RecvError::Closed) => Err(BusError::Closed),
        }
    }
}

/// Questions of this process to itself.
struct Asked(mpsc::Receiver<Question>);

#[async_trait]
impl Questions for Asked {
    async fn next(&mut self) -> Result<Question, BusError> {
        self.0.recv().await.ok_or(BusError::Closed)
    }
}

struct AnswerTo(oneshot::Sender<Vec<u8>>);

#[async_trait]
impl WayBack for AnswerTo {
    async fn send(self: Box<Self>, answer: Vec<u8>) -> Result<(), BusError> {
        // Who asked may have gone away meanwhile.
        self.0.send(answer).ok();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nodes_without_end_are_refused() {
        let bus = LocalBus::starting_at(0);
        for node in 0..QUEUES_MAX {
            bus.invitations(&format!("node{node}"), WorkKind::Image).await.unwrap();
        }
        let refused = bus.invitations("one_more", WorkKind::Image).await;
        assert!(matches!(refused, Err(BusError::Refused(_))));
        assert!(bus.invitations("node0", WorkKind::Image).await.is_ok());
    }

    #[tokio::test]
    async fn a_page_with_a_wrong_event_is_refused_as_a_whole() {
        let bus = LocalBus::starting_at(4);
        let events = [5, 6, 8].map(crate::contract::event);
        let refused = bus.publish(&events).await;
        assert!(matches!(refused, Err(BusError::OutOfOrder { published: 6, offered: 8 })));
        assert_eq!(bus.published().await.unwrap(), 4);
    }
}
