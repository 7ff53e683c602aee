//! One queue of invitations. One semaphore counts the room, held invitations included, so that one that comes
//! back always has its place; the other counts what waits, so that a puller that gives up takes nothing
//! along.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::bus::BusError;
use crate::work::{Held, Invitation, Invitations, Receipt};

pub(super) struct Queue {
    room: Arc<Semaphore>,
    ready: Semaphore,
    waiting: Mutex<VecDeque<Offer>>,
}

struct Offer {
    invitation: Invitation,
    /// The offer's place, free again once it is acked.
    _room: OwnedSemaphorePermit,
}

impl Queue {
    pub(super) fn new(invitations_max: usize) -> Self {
        let room = Arc::new(Semaphore::new(invitations_max));
        Self { room, ready: Semaphore::new(0), waiting: Mutex::default() }
    }

    /// Adds an invitation at the end, as soon as there is room.
    pub(super) async fn offer(&self, invitation: Invitation) -> Result<(), BusError> {
        let room = Arc::clone(&self.room).acquire_owned().await.map_err(|_| BusError::Closed)?;
        self.lock().push_back(Offer { invitation, _room: room });
        self.ready.add_permits(1);
        Ok(())
    }

    /// Ends all waiting.
    pub(super) fn close(&self) {
        self.room.close();
        self.ready.close();
    }

    async fn take(&self) -> Result<Offer, BusError> {
        loop {
            self.ready.acquire().await.map_err(|_| BusError::Closed)?.forget();
            if let Some(offer) = self.lock().pop_front() {
                return Ok(offer);
            }
        }
    }

    fn give_back(&self, offer: Offer) {
        self.lock().push_front(offer);
        self.ready.add_permits(1);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Offer>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Puller(Arc<Queue>);

impl Puller {
    pub(super) fn new(queue: Arc<Queue>) -> Self {
        Self(queue)
    }
}

#[async_trait]
impl Invitations for Puller {
    async fn next(&mut self) -> Result<Held, BusError> {
        let offer = self.0.take().await?;
        let invitation = offer.invitation.clone();
        let receipt = LocalReceipt { queue: Arc::clone(&self.0), offer: Some(offer) };
        Ok(Held::new(invitation, Box::new(receipt)))
    }
}

struct LocalReceipt {
    queue: Arc<Queue>,
    /// Gone once it is acked.
    offer: Option<Offer>,
}

#[async_trait]
impl Receipt for LocalReceipt {
    async fn ack(mut self: Box<Self>) -> Result<(), BusError> {
        self.offer = None;
        Ok(())
    }
}

impl Drop for LocalReceipt {
    fn drop(&mut self) {
        if let Some(offer) = self.offer.take() {
            self.queue.give_back(offer);
        }
    }
}
