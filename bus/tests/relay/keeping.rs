//! A bus that says it keeps what a test wants it to.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hydra_bus::{Bus, BusError, DeadLetter, Delivery, Feed, Invitation, Invitations, Kept};
use hydra_events::Recorded;
use hydra_events::record::Position;
use hydra_events::vocabulary::terms::WorkKind;
use tokio::sync::mpsc;

pub struct KeepingBus {
    kept: Mutex<Kept>,
    /// Where it was told to begin.
    pub begun: Mutex<Option<Position>>,
    published: mpsc::Sender<Arc<Recorded>>,
    follower: Mutex<Option<mpsc::Receiver<Arc<Recorded>>>>,
}

struct OneFeed(mpsc::Receiver<Arc<Recorded>>);

impl KeepingBus {
    pub fn with(kept: Kept) -> Arc<Self> {
        let (published, follower) = mpsc::channel(1_000);
        let follower = Mutex::new(Some(follower));
        Arc::new(Self { kept: Mutex::new(kept), begun: Mutex::default(), published, follower })
    }
}

#[async_trait]
impl Feed for OneFeed {
    async fn next(&mut self) -> Result<Delivery, BusError> {
        self.0.recv().await.map(Delivery::Event).ok_or(BusError::Closed)
    }
}

#[async_trait]
impl Bus for KeepingBus {
    async fn publish(&self, events: &[Arc<Recorded>]) -> Result<(), BusError> {
        for event in events {
            let after = std::mem::replace(&mut self.kept.lock().unwrap().published, event.position);
            assert_eq!(event.position, after + 1);
            self.published.send(event.clone()).await.unwrap();
        }
        Ok(())
    }

    async fn published(&self) -> Result<Position, BusError> {
        Ok(self.kept.lock().unwrap().published)
    }

    async fn kept(&self) -> Result<Option<Kept>, BusError> {
        Ok(Some(self.kept.lock().unwrap().clone()))
    }

    async fn begin_at(&self, first: Position) -> Result<(), BusError> {
        self.kept.lock().unwrap().published = first - 1;
        *self.begun.lock().unwrap() = Some(first);
        Ok(())
    }

    async fn follow(&self) -> Result<Box<dyn Feed>, BusError> {
        let follower = self.follower.lock().unwrap().take();
        Ok(Box::new(OneFeed(follower.ok_or(BusError::Closed)?)))
    }

    async fn invite(&self, _: Invitation) -> Result<(), BusError> {
        Err(BusError::Closed)
    }

    async fn invitations(&self, _: &str, _: WorkKind) -> Result<Box<dyn Invitations>, BusError> {
        Err(BusError::Closed)
    }

    async fn bury(&self, _: DeadLetter) -> Result<(), BusError> {
        Err(BusError::Closed)
    }

    async fn dead_letters(&self) -> Result<Vec<DeadLetter>, BusError> {
        Err(BusError::Closed)
    }

    async fn close(&self) {}
}
