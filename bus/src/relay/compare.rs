//! Whether what a bus keeps is this log's, and where to go on if it is.
//!
//! The bus is only a copy: whatever does not fit is thrown away and filled again. Two things are not for the
//! relay to decide: a bus of this very log that knows more than the log does, and one that the writer of another log
//! fills now.

use hydra_events::log::LogError;
use hydra_events::record::Position;
use hydra_events::{EventLog, Id};

use super::RelayError;
use crate::bus::{Bus, BusError, Kept};
use crate::remote::other_log;

/// The position after which to go on, once what the bus keeps was put right.
pub(super) async fn settle(log: &dyn EventLog, bus: &dyn Bus) -> Result<Position, RelayError> {
    let Some(kept) = bus.kept().await? else {
        let published = bus.published().await?;
        return not_ahead(published, log.head().await?);
    };
    let head = log.head().await?;
    let first = (head + 1).saturating_sub(kept.room).max(1);
    if let Some((published, _)) = kept.samples.last().filter(|_| kept.log == Some(log.id())) {
        // Events this log once had: throwing them away is for somebody who knows why.
        not_ahead(*published, head)?;
    }
    match fault(log, &kept, first).await? {
        Some(why) => {
            if let Some(owner) = kept.log.filter(|owner| *owner != log.id())
                && other_log(bus, log.id()).await == Some(owner)
            {
                let reason =
                    format!("the writer of log {owner} fills it: give one of the two another prefix");
                return Err(BusError::unavailable(reason).into());
            }
            tracing::warn!(%why, first, "what the bus keeps is thrown away and filled again from the log");
            bus.begin_at(first).await?;
            Ok(first - 1)
        }
        None => not_ahead(kept.published, head),
    }
}

fn not_ahead(published: Position, head: Position) -> Result<Position, RelayError> {
    match published > head {
        true => Err(RelayError::Ahead { published, head }),
        false => Ok(published),
    }
}

/// Why what is kept must begin anew, if it must. `first` is the first position it would then have.
async fn fault(log: &dyn EventLog, kept: &Kept, first: Position) -> Result<Option<String>, LogError> {
    match kept.log {
        Some(id) if id == log.id() => {}
        Some(id) => return Ok(Some(format!("it is of log {id}, not of {}", log.id()))),
        None => return Ok(Some("it is of no known log".to_owned())),
    }
    if kept.broken.is_some() {
        return Ok(kept.broken.clone());
    }
    if kept.published + 1 < first {
        return Ok(Some(format!("it ends at {}, and nothing before {first} would stay", kept.published)));
    }
    for (position, id) in &kept.samples {
        if recorded(log, *position).await?.is_some_and(|recorded| recorded != *id) {
            return Ok(Some(format!("its event at {position} is not the one the log has there")));
        }
    }
    Ok(None)
}

/// The id of the event at `position`; `None` when its record cannot be read, which is no fault of the bus.
async fn recorded(log: &dyn EventLog, position: Position) -> Result<Option<Id>, LogError> {
    match log.scan(position.saturating_sub(1), 1).await?.into_iter().next() {
        Some(Ok(event)) if event.position == position => Ok(Some(event.id)),
        Some(Ok(_) | Err(_)) | None => Ok(None),
    }
}
