//! `hydra export`: the log, or a piece of it, on a tape. It reads the log beside whoever writes it.
//!
//! The tape is written beside its place, synced and renamed, so that a file of its name is a whole tape. What was cut
//! off lies there as `.NAME.unfinished` until the next export of that name, or is removed where this process can still
//! do it. The ends are moved outwards to those of whole appends.

mod content;
mod file;

use std::io::Write;
use std::sync::Arc;

use anyhow::{Context, Result};
use hydra_actors::registry::CODE;
use hydra_events::clock::SystemClock;
use hydra_events::log::APPEND_EVENTS_MAX;
use hydra_events::record::Position;
use hydra_events::tape::{self, Carries, Header, Mark, Whole};
use hydra_events::{Clock, EventLog};
use serde::Serialize;

use super::{Setting, events};
use crate::app::Interrupts;
use crate::backends;
use crate::cli::Export;
use crate::exit::{BadInput, Exit};
use crate::print;
use content::Named;
use file::Unfinished;

/// Records held at once.
const PAGE: u64 = 500;

/// A tape that was made, for machines.
#[derive(Serialize)]
struct Made {
    file: String,
    log: String,
    from: Position,
    to: Position,
    events: u64,
    files: u64,
    bytes: u64,
    checksum: String,
}

/// Runs the command.
pub async fn run(setting: &Setting, arguments: &Export) -> Result<Exit> {
    let mut interrupts = Interrupts::listen()?;
    let log = events::open(setting).await?;
    let header = header(log.as_ref(), arguments).await?;
    let mut unfinished = Unfinished::create(&arguments.file)?;
    let named = match header.carries {
        Carries::Events => None,
        Carries::Content => Some(Named::of(Arc::new(backends::content(&setting.data).await?))),
    };
    let whole = tokio::select! {
        whole = record(log.as_ref(), &header, named, &mut unfinished) => whole?,
        () = interrupts.next() => {
            print::progress("stopped: there is no tape");
            return Ok(Exit::Stopped);
        }
    };
    let bytes = unfinished.finish()?;
    tell(setting, arguments, &header, whole, bytes)
}

/// What the tape will hold. Its ends are those of whole appends.
async fn header(log: &dyn EventLog, arguments: &Export) -> Result<Header> {
    let head = log.head().await?;
    let (first, last) = (arguments.from.unwrap_or(1), arguments.to.unwrap_or(head));
    if head == 0 {
        return Err(BadInput("the log is empty: there is nothing to export".to_owned()).into());
    }
    if last > head || first > head {
        let beyond = first.max(last);
        return Err(BadInput(format!("position {beyond} is not there yet: the log ends at {head}")).into());
    }
    if first > last {
        return Err(BadInput(format!("nothing lies between position {first} and position {last}")).into());
    }
    let (from, to) = (begin_of_append(log, first).await?, end_of_append(log, last).await?);
    if (from, to) != (first, last) {
        print::progress(format!("whole appends: the tape goes from position {from} to {to}"));
    }
    let before = match from {
        1 => None,
        _ => log.read(from - 2, 1).await?.first().map(Mark::of),
    };
    let carries = if arguments.with_content { Carries::Content } else { Carries::Events };
    Ok(Header { log: log.id(), from, to, before, made: SystemClock.now(), code: CODE.to_owned(), carries })
}

/// Where the append begins that the event at `position` belongs to: its first event carries the command.
async fn begin_of_append(log: &dyn EventLog, position: Position) -> Result<Position> {
    let after = position.saturating_sub(APPEND_EVENTS_MAX as u64);
    let records = log.read(after, usize::try_from(position - after)?).await?;
    let first = records.iter().rev().find(|event| event.command.is_some());
    first
        .map(|event| event.position)
        .with_context(|| format!("the append of position {position} has no beginning"))
}

async fn end_of_append(log: &dyn EventLog, position: Position) -> Result<Position> {
    let next = log.read(position, APPEND_EVENTS_MAX).await?;
    Ok(position + next.iter().take_while(|event| event.command.is_none()).count() as u64)
}

async fn record(
    log: &dyn EventLog,
    header: &Header,
    mut named: Option<Named>,
    out: &mut (impl Write + Send),
) -> Result<Whole> {
    let mut tape = tape::Writer::try_new(out, header)?;
    let mut after = header.from - 1;
    while after < header.to {
        let page = log.read(after, usize::try_from(PAGE.min(header.to - after))?).await?;
        let Some(last) = page.last() else { break };
        after = last.position;
        for event in &page {
            if let Some(named) = &mut named {
                named.put_files_of(event, &mut tape).await?;
            }
            tape.event(event)?;
        }
    }
    Ok(tape.finish()?.1)
}

fn tell(setting: &Setting, arguments: &Export, header: &Header, whole: Whole, bytes: u64) -> Result<Exit> {
    let Whole { events, blobs, checksum } = whole;
    let made = Made {
        file: arguments.file.display().to_string(),
        log: header.log.to_string(),
        from: header.from,
        to: header.to,
        events,
        files: blobs,
        bytes,
        checksum: checksum.to_string(),
    };
    if setting.json {
        print::json(&made)?;
        return Ok(Exit::Done);
    }
    let Made { file, log, from, to, checksum, .. } = &made;
    print::line(format!(
        "{file}: {events} events, positions {from} to {to} of log {log}; {blobs} files; {bytes} bytes"
    ))?;
    print::line(format!("checksum {checksum}"))?;
    if header.carries == Carries::Events {
        print::progress("the files that the events name are not on it: --with-content puts them there");
    }
    Ok(Exit::Done)
}
