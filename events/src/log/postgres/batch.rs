//! One batch: what becomes of each append, and the one statement that stores what is fresh.

use std::collections::BTreeSet;

use super::super::LogError;
use super::super::entry::{Entry, check_ready, settle_ready};
use super::super::ledger::{Checked, Ledger, Results, fresh, settle};
use super::super::records::Head;
use super::rows::Rows;
use super::session::Session;
use super::store;
use crate::record::{Append, Recorded, Version};
use crate::stream::StreamName;

/// The outcomes of the entries of a batch that as a whole was stored.
pub(super) type Outcomes = Vec<Result<Vec<Recorded>, LogError>>;

/// Checks a batch and stores what is fresh of it with one statement.
pub(super) async fn store_batch(
    session: &mut Session,
    ledger: &mut Ledger,
    entries: &[&Entry],
) -> Result<Outcomes, sqlx::Error> {
    let streams: Vec<_> = entries.iter().flat_map(|entry| streams(entry)).collect();
    learn_heads(session, ledger, streams.into_iter()).await?;
    let mut results = Results::with_capacity(entries.len());
    for entry in entries {
        let checked = match entry {
            Entry::New(append) => check(session, ledger, append, &results).await,
            Entry::Ready(records) => check_records(session, ledger, records, &results).await,
        };
        results.push(checked);
    }
    let events: Vec<&Recorded> = fresh(&results).flatten().collect();
    session.store(&events, &Rows::of(&events)).await?;
    ledger.note_owing(&results);
    Ok(results.into_iter().map(|result| result.map(Checked::into_records)).collect())
}

/// Asks once for the ends of all `streams` that are not known, or known to be behind what their callers have read.
pub(super) async fn learn_heads(
    session: &mut Session,
    ledger: &mut Ledger,
    streams: impl ExactSizeIterator<Item = (&StreamName, Version)>,
) -> Result<(), sqlx::Error> {
    ledger.make_room(streams.len());
    let unknown = streams.filter(|(stream, expected)| ledger.head(stream, *expected).is_none());
    let unknown: BTreeSet<&StreamName> = unknown.map(|(stream, _)| stream).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let unknown: Vec<&StreamName> = unknown.into_iter().collect();
    let found = store::heads(session.connection(), &unknown).await?;
    for stream in unknown {
        ledger.learn(stream.clone(), Head::NONE);
    }
    for (stream, head) in found {
        ledger.learn(stream, head);
    }
    Ok(())
}

/// The streams an entry goes to, each once, with the version it expects there.
fn streams(entry: &Entry) -> Vec<(&StreamName, Version)> {
    let mut seen = BTreeSet::new();
    match entry {
        Entry::New(append) => vec![(&append.stream, append.expected)],
        Entry::Ready(records) => records
            .iter()
            .filter(|record| seen.insert(&record.stream))
            .map(|record| (&record.stream, record.version.saturating_sub(1)))
            .collect(),
    }
}

/// What becomes of `append` after the `earlier` ones of the same batch.
async fn check(
    session: &mut Session,
    ledger: &mut Ledger,
    append: &Append,
    earlier: &Results,
) -> Result<Checked, LogError> {
    let head = ledger.head(&append.stream, 0).unwrap_or(Head::NONE);
    match ledger.check(append, head)? {
        Some(events) => Ok(Checked::Fresh(events)),
        None => {
            let Append { stream, expected, events, .. } = append;
            let found = store::read_stream(session.connection(), stream, *expected, events.len()).await?;
            settle(append, head.version, found, earlier).map(Checked::Known)
        }
    }
}

/// What becomes of `records` after the `earlier` entries of the same batch.
async fn check_records(
    session: &mut Session,
    ledger: &mut Ledger,
    records: &[Recorded],
    earlier: &Results,
) -> Result<Checked, LogError> {
    check_ready(records)?;
    if ledger.reaches(records) {
        let after = records.first().map_or(0, |first| first.position.saturating_sub(1));
        let found = store::scan(session.connection(), after, records.len()).await?;
        return settle_ready(records, found, earlier);
    }
    ledger.take_ready(records)
}
