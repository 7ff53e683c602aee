//! `hydra import`: a tape put into the log, record by record as they were. No actor runs, and no effect is done.
//!
//! The tape is read three times: whole, to check it by itself, before the data folder is touched; as far as it overlaps
//! the log, to compare, before anything is written; and once more to put what is new into content store and log. What
//! is interrupted there has put whole appends into the log, with the files they name, and the same command goes on.
//!
//! The log keeps the id it has, or gets one of its own when it is new: the copy is another log than the original, and
//! the two go different ways as soon as either records anything.

mod store;

use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use hydra_events::ContentStore;
use hydra_events::log::Restore;
use hydra_events::record::Position;
use hydra_events::tape::{Carries, Header, Reader, TapeError, Whole};
use serde_json::json;

use super::Setting;
use crate::app::Interrupts;
use crate::backends;
use crate::cli::Import;
use crate::exit::{BadInput, Exit};
use crate::print;
use store::{Stored, Storing, compare, refuse_gap};

/// How long a log may take to open before it is said what for.
const PATIENCE: Duration = Duration::from_secs(2);

/// A tape in a file.
type Tape = Reader<BufReader<File>>;

/// Runs the command.
pub async fn run(setting: &Setting, arguments: &Import) -> Result<Exit> {
    let mut interrupts = Interrupts::listen()?;
    let mut tape = Source::open(&arguments.file)?;
    let (header, whole) = tape.check()?;
    if arguments.check {
        return tell_tape(setting, &arguments.file, &header, whole);
    }
    let _held = setting.data.hold("hydra import")?;
    let log = tokio::select! {
        log = open(setting) => log?,
        () = interrupts.next() => return Ok(Exit::Stopped),
    };
    let reached = log.head().await?;
    tokio::select! {
        stored = store(setting, log.as_ref(), &mut tape, &header) => {
            tell(setting, log.as_ref(), &arguments.file, (&header, whole), &stored?).await
        }
        () = interrupts.next() => {
            let head = log.head().await?;
            print::progress(format!("stopped: the log ends at {head}, before it was {reached}; the same command goes on"));
            Ok(Exit::Stopped)
        }
    }
}

/// The log for writing, with a word to whoever waits for another process to end.
async fn open(setting: &Setting) -> Result<Arc<dyn Restore>> {
    let opening = backends::log_for_restoring(&setting.data);
    tokio::pin!(opening);
    tokio::select! {
        log = &mut opening => return log,
        () = tokio::time::sleep(PATIENCE) => {}
    }
    print::progress(
        "waiting   the log is not open yet: while another Hydra writes it, it cannot be imported into",
    );
    opening.await
}

async fn store(setting: &Setting, log: &dyn Restore, tape: &mut Source, header: &Header) -> Result<Stored> {
    let head = log.head().await?;
    let not_imported = format!("{} was not imported", tape.file.display());
    refuse_gap(log, header, head).await.context(not_imported.clone())?;
    if header.from <= head {
        compare(log, &mut tape.rewound()?, head).await.context(not_imported)?;
    }
    let content: Option<Arc<dyn ContentStore>> = match header.carries {
        Carries::Events => None,
        Carries::Content => Some(Arc::new(backends::content(&setting.data).await?)),
    };
    Storing::of(log, content, head).all_of(&mut tape.rewound()?).await
}

/// The file of a tape.
struct Source {
    file: PathBuf,
    open: File,
}

impl Source {
    fn open(file: &Path) -> Result<Self> {
        let open = File::open(file).with_context(|| BadInput(format!("cannot read {}", file.display())))?;
        Ok(Self { file: file.to_owned(), open })
    }

    /// The tape from its beginning.
    fn rewound(&mut self) -> Result<Tape> {
        let mut open = self.open.try_clone()?;
        open.seek(SeekFrom::Start(0))?;
        self.read(|| Reader::try_new(BufReader::new(open)))
    }

    /// Reads all of it; every error is told with the file.
    fn check(&mut self) -> Result<(Header, Whole)> {
        let mut tape = self.rewound()?;
        let whole = self.read(|| tape.check())?;
        Ok((tape.header().clone(), whole))
    }

    fn read<T>(&self, reading: impl FnOnce() -> Result<T, TapeError>) -> Result<T> {
        reading().map_err(|error| {
            let place = format!("{} cannot be imported", self.file.display());
            // Where the file cannot be read, the tape may be a good one.
            let is_io = matches!(error, TapeError::Io(_));
            let error = anyhow::Error::new(error);
            if is_io { error.context(place) } else { error.context(BadInput(place)) }
        })
    }
}

fn tell_tape(setting: &Setting, file: &Path, header: &Header, whole: Whole) -> Result<Exit> {
    let Header { log, from, to, made, code, .. } = header;
    let Whole { events, blobs, checksum } = whole;
    let (log, made, checksum) = (log.to_string(), made.to_string(), checksum.to_string());
    if setting.json {
        let told = json!({
            "file": file.display().to_string(), "log": log, "from": from, "to": to, "made": made, "code": code,
            "events": events, "files": blobs, "checksum": checksum,
        });
        print::json(&told)?;
        return Ok(Exit::Done);
    }
    let file = file.display();
    print::line(format!("{file}: {events} events, positions {from} to {to} of log {log}; {blobs} files"))?;
    print::line(format!("made {made} by code {code}\nchecksum {checksum}"))?;
    Ok(Exit::Done)
}

async fn tell(
    setting: &Setting,
    log: &dyn Restore,
    file: &Path,
    (header, whole): (&Header, Whole),
    stored: &Stored,
) -> Result<Exit> {
    let Stored { events, known, files, head } = stored;
    let owing = log.streams_owing().await?.len();
    if setting.json {
        let told = json!({
            "file": file.display().to_string(), "log": log.id(), "events": events, "known": known, "files": files,
            "head": head, "owing": owing, "checksum": whole.checksum,
        });
        print::json(&told)?;
        return Ok(Exit::Done);
    }
    let from = end_before(*head, *events) + 1;
    match events {
        0 => print::line(format!("nothing new: all {known} events were there; the log ends at {head}"))?,
        _ => print::line(format!(
            "{events} events imported, positions {from} to {head}; {known} were there before"
        ))?,
    }
    print::line(format!("{files} files; log {}; checksum {}", log.id(), whole.checksum))?;
    if header.carries == Carries::Events {
        let reason = "the tape carries no files: what its events name has to be in the content store already";
        print::progress(reason);
    }
    if owing > 0 {
        print::progress(format!(
            "{owing} streams owe work: `{} up` here would do it, as it would where they come from; looking does nothing",
            setting.invocation()
        ));
    }
    Ok(Exit::Done)
}

fn end_before(head: Position, events: u64) -> Position {
    head.saturating_sub(events)
}
