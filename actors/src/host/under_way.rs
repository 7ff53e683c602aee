//! The attempts this process is at. One that the log shows in flight here and that is not among them has ended without
//! its outcome being recorded: the store was away too long, or a task died.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hydra_events::StreamName;

type Effect = (StreamName, String);

/// What is under way, by stream and effect.
#[derive(Clone, Default)]
pub(super) struct UnderWay(Arc<Mutex<BTreeSet<Effect>>>);

/// An attempt, under way until this is dropped.
pub(super) struct Held {
    all: UnderWay,
    effect: Effect,
}

impl UnderWay {
    /// `None` while the same effect is under way already.
    pub(super) fn hold(&self, stream: &StreamName, effect: &str) -> Option<Held> {
        let effect = (stream.clone(), effect.to_owned());
        let is_new = self.lock().insert(effect.clone());
        is_new.then(|| Held { all: self.clone(), effect })
    }

    pub(super) fn contains(&self, stream: &StreamName, effect: &str) -> bool {
        self.lock().contains(&(stream.clone(), effect.to_owned()))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<Effect>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.all.lock().remove(&self.effect);
    }
}
