//! What a writer is asked to record: what one command led to, or records that were made elsewhere.

use std::collections::BTreeMap;

use super::ledger::{Checked, Ledger, Results, fresh};
use super::records::Head;
use super::{LogError, PAGE_EVENTS_MAX};
use crate::record::{Append, Recorded, chain};
use crate::stream::StreamName;

/// Recorded as a whole or not at all.
pub(super) enum Entry {
    /// What one command led to.
    New(Box<Append>),
    /// Records as they stand in another log.
    Ready(Vec<Recorded>),
}

impl Entry {
    /// How many events it holds, and about how many bytes they have.
    pub(super) fn size(&self) -> (usize, usize) {
        match self {
            Self::New(append) => {
                let payloads: usize = append.events.iter().map(|event| event.payload.len()).sum();
                (append.events.len(), payloads + append.command.1.len())
            }
            Self::Ready(records) => (records.len(), records.iter().map(Recorded::size).sum()),
        }
    }
}

/// Whether `records` may be taken at all.
pub(super) fn check_ready(records: &[Recorded]) -> Result<(), LogError> {
    let Some(first) = records.first() else { return Ok(()) };
    if records.len() > PAGE_EVENTS_MAX {
        let reason = format!("{} records at once, where {PAGE_EVENTS_MAX} are taken", records.len());
        return Err(refused(first, reason));
    }
    for (record, position) in records.iter().zip(first.position..) {
        if record.position != position {
            return Err(refused(record, format!("it stands where position {position} should")));
        }
        record.check().map_err(|unfit| refused(record, unfit.to_string()))?;
    }
    Ok(())
}

/// What becomes of records whose place is taken. `found` is what the store has there, `earlier` what became of the
/// entries before them in the same batch.
pub(super) fn settle_ready(
    records: &[Recorded],
    mut found: Vec<Result<Recorded, LogError>>,
    earlier: &Results,
) -> Result<Checked, LogError> {
    let stored = found.last().and_then(|last| last.as_ref().ok()).map_or(0, |last| last.position);
    let last = records.last().map_or(0, |last| last.position);
    let beside = fresh(earlier).flatten().filter(|event| event.position > stored && event.position <= last);
    found.extend(beside.cloned().map(Ok));
    let mut found = found.into_iter();
    for record in records {
        match found.next().transpose()? {
            Some(there) if there == *record => {}
            Some(there) => return Err(refused(record, format!("{} stands there", shown(&there)))),
            None => return Err(refused(record, "the log ends before it".to_owned())),
        }
    }
    Ok(Checked::Known(records.to_vec()))
}

impl Ledger {
    /// Whether the log reaches the first of `records`, so that the store has to say what stands there.
    pub(super) fn reaches(&self, records: &[Recorded]) -> bool {
        records.first().is_none_or(|first| first.position <= self.end().position)
    }

    /// Takes `records` as the next of the log, with the ledger moved on. The heads of their streams are known, and a
    /// stream without one has no event.
    pub(super) fn take_ready(&mut self, records: &[Recorded]) -> Result<Checked, LogError> {
        let mut end = self.end();
        let mut heads: BTreeMap<&StreamName, Head> = BTreeMap::new();
        for record in records {
            if record.position != end.position + 1 {
                return Err(refused(record, format!("the log ends at position {}", end.position)));
            }
            if record.time < end.time {
                return Err(refused(record, format!("its time is before {}", end.time)));
            }
            let known = heads.get(&record.stream).copied().or_else(|| self.head(&record.stream, 0));
            let head = known.unwrap_or(Head::NONE);
            if record.version != head.version + 1 {
                return Err(refused(record, format!("the stream is at version {}", head.version)));
            }
            if record.hash != chain::hash(&head.hash, record) {
                return Err(refused(record, "its hash does not continue the stream".to_owned()));
            }
            heads.insert(&record.stream, Head { version: record.version, hash: record.hash });
            (end.position, end.time) = (record.position, record.time);
        }
        for (stream, head) in heads {
            self.learn(stream.clone(), head);
        }
        self.move_to(end);
        Ok(Checked::Fresh(records.to_vec()))
    }
}

fn shown(record: &Recorded) -> String {
    let Recorded { stream, version, kind, id, .. } = record;
    format!("version {version} of {stream}, {kind} {id},")
}

fn refused(record: &Recorded, why: String) -> LogError {
    let Recorded { position, version, .. } = record;
    let reason = format!("the record for position {position} and version {version} cannot be taken: {why}");
    LogError::Refused { stream: record.stream.clone(), reason }
}
