//! Positions, versions, times, ids and hash chains: whether the records are the ones that were recorded.

use std::collections::BTreeMap;

use hydra_events::log::{EventLog, LogError, PAGE_EVENTS_MAX};
use hydra_events::record::chain::{self, GENESIS};
use hydra_events::record::{Position, Recorded, Version};
use hydra_events::{Id, StreamName, Timestamp};

use super::findings::Findings;

/// Missing versions that are looked for one by one.
const GAP_VERSIONS_MAX: Version = 100;

/// How far a record can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// It is what was recorded, as is everything before it in its stream.
    Sound,
    /// It is what was recorded, but something before it is not.
    Orphaned,
    /// It is not what was recorded.
    Broken,
}

impl Trust {
    /// Whether the record itself is what was recorded.
    pub(super) fn is_whole(self) -> bool {
        match self {
            Self::Sound | Self::Orphaned => true,
            Self::Broken => false,
        }
    }
}

/// What has been seen of the log so far.
#[derive(Default)]
pub(super) struct Integrity {
    last: Position,
    time: Timestamp,
    streams: BTreeMap<StreamName, Link>,
    gaps: Vec<Gap>,
}

/// Where a stream stands.
struct Link {
    version: Version,
    /// What the next record may be chained to: the hash that stands in the last record and the one it should have.
    /// Where they differ only one of the two was altered, and what follows is not to be blamed for it.
    hashes: [[u8; 32]; 2],
    command: Id,
    index: usize,
    sound: bool,
}

/// Versions of a stream that did not come.
struct Gap {
    stream: StreamName,
    missing: std::ops::Range<Version>,
    /// The record that came instead.
    position: Position,
}

impl Integrity {
    /// How many streams there are.
    pub(super) fn streams(&self) -> usize {
        self.streams.len()
    }

    /// The next record stands at `position`; false when others should stand before it.
    pub(super) fn place(&mut self, position: Position, findings: &mut Findings) -> bool {
        let first = self.last + 1;
        let last = position.saturating_sub(1);
        if first == last {
            findings.broken(first, None, "the record is missing");
        } else if first < last {
            findings.broken(first, None, format!("the records from here to {last} are missing"));
        }
        self.last = position;
        first > last
    }

    /// The record at `position` cannot be read.
    pub(super) fn damaged(&mut self, position: Position, error: &LogError, findings: &mut Findings) {
        let what = match error {
            LogError::Damaged { what, .. } => what.clone(),
            LogError::Conflict { .. } | LogError::Refused { .. } | LogError::Open(_) | LogError::Store(_) => {
                error.to_string()
            }
        };
        findings.broken(position, None, what);
    }

    /// Checks a record against everything before it.
    pub(super) fn check(&mut self, record: &Recorded, findings: &mut Findings) -> Trust {
        let fresh =
            Link { version: 0, hashes: [GENESIS; 2], command: record.command_id, index: 0, sound: true };
        let link = self.streams.entry(record.stream.clone()).or_insert(fresh);
        let mut wrong = Vec::new();
        let next = link.version + 1;
        let follows = record.version == next;
        if record.version > next {
            let (stream, missing) = (record.stream.clone(), next..record.version);
            self.gaps.push(Gap { stream, missing, position: record.position });
        } else if !follows {
            wrong.push(format!("version {} stands behind version {}", record.version, link.version));
        }
        let hashes = link.hashes.map(|previous| chain::hash(&previous, record));
        if follows && !hashes.contains(&record.hash) {
            wrong.push("the record does not fit its hash and the record before it".to_owned());
        }
        if record.time < self.time {
            wrong.push(format!(
                "its time {} is before {}, the time of an earlier record",
                record.time, self.time
            ));
        }
        link.count(record, follows);
        if follows && record.id != Id::of_event(record.command_id, link.index) {
            wrong.push(format!("its id is not that of event {} of its command", link.index));
        }
        let trust = match (wrong.is_empty(), link.sound && follows) {
            (false, _) => Trust::Broken,
            (true, true) => Trust::Sound,
            (true, false) => Trust::Orphaned,
        };
        link.sound = trust == Trust::Sound;
        link.version = link.version.max(record.version);
        link.hashes = [record.hash, hashes[0]];
        if trust.is_whole() {
            self.time = self.time.max(record.time);
        } else {
            findings.broken(record.position, Some(&record.stream), wrong.join("; "));
        }
        trust
    }

    /// Looks for what should have stood in the gaps that were found.
    pub(super) async fn explain_gaps(
        &mut self,
        log: &dyn EventLog,
        findings: &mut Findings,
    ) -> Result<(), LogError> {
        for Gap { stream, missing, position } in std::mem::take(&mut self.gaps) {
            let searched = missing.start..missing.end.min(missing.start.saturating_add(GAP_VERSIONS_MAX));
            let mut explained = missing == searched;
            for version in searched {
                explained &= explain(&stream, version, log, findings).await?;
            }
            if !explained {
                let (first, last) = (missing.start, missing.end - 1);
                let versions = if first == last { first.to_string() } else { format!("{first} to {last}") };
                let what = format!(
                    "version {versions} of the stream does not stand before its version {}",
                    last + 1
                );
                findings.broken(position, Some(&stream), what);
            }
        }
        Ok(())
    }

    /// Looks for records of the streams that no position up to `head` has shown.
    pub(super) async fn check_ends(
        &mut self,
        log: &dyn EventLog,
        head: Position,
        findings: &mut Findings,
    ) -> Result<(), LogError> {
        let mut after: Option<StreamName> = None;
        loop {
            let streams = log.streams(after.as_ref(), PAGE_EVENTS_MAX).await?;
            for (stream, version) in &streams {
                let seen = self.streams.get(stream).map_or(0, |link| link.version);
                if *version > seen {
                    check_end(stream, seen, log, head, findings).await?;
                }
            }
            after = streams.last().map(|(stream, _)| stream.clone());
            if streams.len() < PAGE_EVENTS_MAX {
                return Ok(());
            }
        }
    }
}

impl Link {
    /// Which event of its command the record is.
    fn count(&mut self, record: &Recorded, follows: bool) {
        let same = follows && record.command_id == self.command && record.command.is_none();
        self.index = if same { self.index + 1 } else { 0 };
        self.command = record.command_id;
    }
}

/// Whether the broken record that stands for `version` of `stream` is already named; names its stream.
async fn explain(
    stream: &StreamName,
    version: Version,
    log: &dyn EventLog,
    findings: &mut Findings,
) -> Result<bool, LogError> {
    match log.read_stream(stream, version - 1, 1).await {
        Err(LogError::Damaged { position, .. }) => Ok(findings.name_broken(position, stream)),
        Err(error) => Err(error),
        Ok(_) => Ok(false),
    }
}

/// Judges the record behind the last one that was seen: newer than the check, or out of its place.
async fn check_end(
    stream: &StreamName,
    seen: Version,
    log: &dyn EventLog,
    head: Position,
    findings: &mut Findings,
) -> Result<(), LogError> {
    let position = match log.read_stream(stream, seen, 1).await {
        Ok(next) => next.first().map(|record| record.position),
        Err(LogError::Damaged { position, .. }) => Some(position),
        Err(error) => return Err(error),
    };
    let newer = match position {
        None => true,
        Some(position) => position > head && position <= log.head().await?,
    };
    if let Some(position) = position.filter(|position| !newer && !findings.name_broken(*position, stream)) {
        let what = format!("version {} stands outside the order of the log", seen + 1);
        findings.broken(position, Some(stream), what);
    }
    Ok(())
}
