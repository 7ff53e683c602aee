//! The attempts this process is at. One that the log shows in flight here and that is not among them has ended without
//! its outcome being recorded: the store was away too long, or a task died.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hydra_events::{Id, StreamName};

use crate::host::task_id;

type Effect = (StreamName, String);

/// What is under way, by stream and effect.
#[derive(Clone, Default)]
pub(crate) struct UnderWay(Arc<Mutex<BTreeSet<Effect>>>);

/// An attempt, under way until this is dropped.
pub(crate) struct Held {
    all: UnderWay,
    effect: Effect,
}

impl UnderWay {
    /// `None` while the same effect is under way already.
    pub(crate) fn hold(&self, stream: &StreamName, effect: &str) -> Option<Held> {
        let effect = (stream.clone(), effect.to_owned());
        let is_new = self.lock().insert(effect.clone());
        is_new.then(|| Held { all: self.clone(), effect })
    }

    pub(crate) fn contains(&self, stream: &StreamName, effect: &str) -> bool {
        self.lock().contains(&(stream.clone(), effect.to_owned()))
    }

    /// Their tasks.
    pub(crate) fn tasks(&self) -> Vec<Id> {
        self.lock().iter().map(|(stream, effect)| task_id(stream, effect)).collect()
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
