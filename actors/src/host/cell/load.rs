//! How a cell comes by its stream: from the snapshot where one fits, and from the log in any case.

use hydra_events::Timestamp;
use hydra_events::log::{LogError, PAGE_EVENTS_MAX, Snapshot};
use hydra_events::record::chain::GENESIS;
use hydra_events::record::{Recorded, Version};

use super::{CellState, LoadedStream};
use crate::aggregate::Aggregate;
use crate::host::{HostError, PolicyInForce};
use crate::policy::Policy;
use crate::registry::CODE;

/// Most streams are shorter, and for those no snapshot is asked for.
const SHORT_EVENTS: usize = 64;
/// A stream is snapshotted when it has grown by so many events …
const SNAPSHOT_EVENTS: Version = 1_000;
/// … or so many bytes.
const SNAPSHOT_BYTES: usize = 512 * 1024;

impl LoadedStream {
    pub(super) fn moved_to(&mut self, recorded: &[Recorded]) {
        let Some(last) = recorded.last() else { return };
        (self.version, self.last_time, self.last_hash) = (last.version, last.time, last.hash);
        self.unsaved_bytes += recorded.iter().map(Recorded::size).sum::<usize>();
    }
}

impl CellState {
    /// The stream, loaded.
    pub(in crate::host) async fn load(&mut self) -> Result<&mut LoadedStream, HostError> {
        if self.loaded.is_none() {
            let loaded = self.read().await?;
            self.loaded = Some(loaded);
            if self.stream.category() == "policy" {
                self.publish_policy();
            }
        }
        self.loaded.as_mut().ok_or(HostError::Stopping)
    }

    async fn read(&self) -> Result<LoadedStream, HostError> {
        let log = &self.host.0.parts.log;
        let empty = LoadedStream {
            aggregate: (self.entity.fresh)(),
            version: 0,
            last_time: Timestamp::default(),
            last_hash: GENESIS,
            snapshot: 0,
            unsaved_bytes: 0,
        };
        let beginning = match log.read_stream(&self.stream, 0, SHORT_EVENTS).await {
            Ok(events) if events.len() < SHORT_EVENTS => return self.followed(empty, &events),
            Ok(events) => self.followed(empty, &events)?,
            // A snapshot may be of what came after it.
            Err(LogError::Damaged { .. }) => empty,
            Err(error) => return Err(error.into()),
        };
        let mut loaded = self.restored().await?.unwrap_or(beginning);
        loop {
            let page = log.read_stream(&self.stream, loaded.version, PAGE_EVENTS_MAX).await;
            let events = page.inspect_err(|error| self.note_damage(error))?;
            loaded = self.followed(loaded, &events)?;
            if events.len() < PAGE_EVENTS_MAX {
                return Ok(loaded);
            }
        }
    }

    fn followed(&self, mut loaded: LoadedStream, events: &[Recorded]) -> Result<LoadedStream, HostError> {
        for event in events {
            loaded.aggregate.evolve(event).map_err(|error| self.refuse_unknown(error))?;
        }
        loaded.moved_to(events);
        Ok(loaded)
    }

    /// The snapshot, unless another code folded it or it is of another history.
    async fn restored(&self) -> Result<Option<LoadedStream>, HostError> {
        let parts = &self.host.0.parts;
        let Some(Snapshot { version, code, hash, data }) = parts.checkpoints.snapshot(&self.stream).await?
        else {
            return Ok(None);
        };
        let event = parts.log.read_stream(&self.stream, version.saturating_sub(1), 1).await?.pop();
        let (Some(event), true) = (event, code == CODE) else { return Ok(None) };
        if event.hash != hash {
            return Ok(None);
        }
        let loaded = |aggregate: Box<dyn Aggregate>| LoadedStream {
            aggregate,
            version,
            last_time: event.time,
            last_hash: hash,
            snapshot: version,
            unsaved_bytes: 0,
        };
        Ok((self.entity.restore)(&data).map(loaded))
    }

    fn note_damage(&self, error: &LogError) {
        if matches!(error, LogError::Damaged { .. }) {
            tracing::error!(stream = %self.stream, %error, "a damaged stream is left alone");
            self.host.0.unfit.unreadable(&self.stream, error.to_string());
        }
    }

    pub(super) async fn save_snapshot_when_due(&mut self) {
        let Some(loaded) = &mut self.loaded else { return };
        let is_due =
            loaded.version - loaded.snapshot >= SNAPSHOT_EVENTS || loaded.unsaved_bytes >= SNAPSHOT_BYTES;
        if !is_due || loaded.version < SHORT_EVENTS as Version {
            return;
        }
        let (version, hash) = (loaded.version, loaded.last_hash);
        (loaded.snapshot, loaded.unsaved_bytes) = (version, 0);
        let Some(data) = loaded.aggregate.snapshot() else { return };
        let snapshot = Snapshot { version, code: CODE.to_owned(), hash, data };
        // Outside the way of commands: a snapshot that is not saved costs only time at the next load.
        let (host, stream) = (self.host.clone(), self.stream.clone());
        self.host.0.tasks.spawn(async move {
            if let Err(error) = host.0.parts.checkpoints.save_snapshot(&stream, snapshot).await {
                tracing::warn!(%error, %stream, "the snapshot was not saved");
            }
        });
    }

    /// Everybody decides by this policy from now on.
    pub(super) fn publish_policy(&self) {
        let Some(loaded) = &self.loaded else { return };
        let state = loaded.aggregate.state();
        let policy = serde_json::from_value::<Policy>(state["state"]["policy"].clone()).unwrap_or_default();
        self.host.set_policy(PolicyInForce { version: loaded.version, policy });
    }
}
