//! Streams this process cannot work on: they keep owing what they owe, and everybody else goes on without them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hydra_events::StreamName;

use super::Host;

/// Deaths in a row after which a stream's effects are left alone.
const DEATHS_MAX: u32 = 5;

/// What is known against streams.
#[derive(Default)]
pub(super) struct Unfit(Mutex<BTreeMap<StreamName, Fault>>);

enum Fault {
    /// Something in it is unknown to this code.
    Unreadable(String),
    /// Its cell died so often in a row.
    Deaths(u32),
}

impl Fault {
    fn reason(&self) -> Option<String> {
        match self {
            Self::Unreadable(reason) => Some(reason.clone()),
            Self::Deaths(deaths) if *deaths >= DEATHS_MAX => {
                Some(format!("its cell died {deaths} times in a row: see the log output"))
            }
            Self::Deaths(_) => None,
        }
    }
}

impl Unfit {
    pub(super) fn unreadable(&self, stream: &StreamName, reason: String) {
        self.lock().insert(stream.clone(), Fault::Unreadable(reason));
    }

    pub(super) fn died(&self, stream: &StreamName) {
        match self.lock().entry(stream.clone()).or_insert(Fault::Deaths(0)) {
            Fault::Deaths(deaths) => *deaths = deaths.saturating_add(1),
            Fault::Unreadable(_) => {}
        }
    }

    /// The stream has handled a message.
    pub(super) fn is_well(&self, stream: &StreamName) {
        let mut faults = self.lock();
        if !faults.is_empty() {
            faults.remove(stream);
        }
    }

    pub(super) fn contains(&self, stream: &StreamName) -> bool {
        self.lock().get(stream).is_some_and(|fault| fault.reason().is_some())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<StreamName, Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Host {
    /// The streams this process cannot work on, and why.
    pub fn unfit(&self) -> Vec<(StreamName, String)> {
        let faults = self.0.unfit.lock();
        faults.iter().filter_map(|(stream, fault)| Some((stream.clone(), fault.reason()?))).collect()
    }
}
