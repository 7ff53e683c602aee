//! What a person means by an asset: a stream, a file in the output folder, a content hash or an event.
//!
//! Everything is found in the log itself, so that it works beside whoever writes and without any view. What can go
//! wrong: nothing is called so, or more than one thing is.

use std::fs;
use std::path::Path;

use anyhow::{Result, anyhow};
use hydra_events::content::BLOB_BYTES_MAX;
use hydra_events::log::LogError;
use hydra_events::record::{Position, Recorded};
use hydra_events::{ContentHash, EventLog, Id, StreamName, vocabulary};

use crate::commands::Setting;
use crate::exit::BadInput;
use crate::folder;

/// Records held at once.
const PAGE: usize = 500;
/// The shortest beginning of an id or hash that is looked for.
const PREFIX_MIN: usize = 8;
const SIMILAR_MAX: usize = 5;

/// Something that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The stream that made it.
    pub stream: StreamName,
    /// The one event that was meant.
    pub event: Option<(Id, Position)>,
    /// The file.
    pub hash: Option<ContentHash>,
}

/// What `text` means.
///
/// # Errors
/// [`BadInput`] for what could not be the name of anything; another error for what could and is not.
pub async fn resolve(setting: &Setting, log: &dyn EventLog, text: &str) -> Result<Asset> {
    let path = Path::new(text);
    if !text.contains(['/', '\\']) && !path.is_file() {
        if let Ok(stream) = text.parse::<StreamName>() {
            return of_stream(log, stream).await;
        }
        if let Ok(hash) = text.parse::<ContentHash>() {
            return of_hash(log, hash).await;
        }
        if text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return of_prefix(log, &text.to_ascii_lowercase()).await;
        }
        if text.contains('-') && !text.contains('.') {
            return Err(text
                .parse::<StreamName>()
                .map_or_else(|e| BadInput(e.to_string()), |_| unclear(text))
                .into());
        }
    }
    of_file(setting, log, path).await
}

fn unclear(text: &str) -> BadInput {
    BadInput(format!(
        "{text:?} is no stream (such as image-lighthouse_keeper), no file, no content hash and no event id"
    ))
}

async fn of_stream(log: &dyn EventLog, stream: StreamName) -> Result<Asset> {
    let known = vocabulary::categories();
    if !known.contains(&stream.category()) {
        let (category, known) = (stream.category(), known.join(", "));
        return Err(BadInput(format!("no stream category is called {category:?}: known are {known}")).into());
    }
    // A first record that cannot be read is a record all the same.
    match log.read_stream(&stream, 0, 1).await {
        Ok(events) if events.is_empty() => Err(missing(log, &stream).await?),
        Ok(_) | Err(LogError::Damaged { .. }) => Ok(Asset { stream, event: None, hash: None }),
        Err(error) => Err(error.into()),
    }
}

/// That there is no such stream, with what there is instead.
async fn missing(log: &dyn EventLog, stream: &StreamName) -> Result<anyhow::Error> {
    let before_all = StreamName::try_new(stream.category(), "-").ok();
    let streams = log.streams(before_all.as_ref(), PAGE).await?;
    let names = streams.iter().filter(|(other, _)| other.category() == stream.category());
    let mut names: Vec<&str> = names.map(|(other, _)| other.as_str()).collect();
    names.sort_by_key(|name| std::cmp::Reverse(shared(name, stream.as_str())));
    names.truncate(SIMILAR_MAX);
    Ok(match names.as_slice() {
        [] => anyhow!("there is no stream {stream}, nor any other {}", stream.category()),
        names => anyhow!("there is no stream {stream}: there are, among others, {}", names.join(", ")),
    })
}

fn shared(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

async fn of_file(setting: &Setting, log: &dyn EventLog, path: &Path) -> Result<Asset> {
    let hash = match hash_of(path)? {
        Some(hash) => Some(hash),
        None => hash_of(&setting.out.join(path))?,
    };
    let listed = folder::asset_of(&setting.out, path).and_then(|stream| stream.parse().ok());
    match (listed, hash) {
        (Some(stream), _) => Ok(Asset { hash, ..of_stream(log, stream).await? }),
        (None, Some(hash)) => of_hash(log, hash).await,
        (None, None) if path.components().count() == 1 => Err(unclear(&path.display().to_string()).into()),
        (None, None) => {
            Err(BadInput(format!("there is no file {}, and no provenance.json names it", path.display()))
                .into())
        }
    }
}

fn hash_of(path: &Path) -> Result<Option<ContentHash>, BadInput> {
    let failed = |error: std::io::Error| BadInput(format!("cannot read {}: {error}", path.display()));
    let Ok(about) = fs::metadata(path) else { return Ok(None) };
    if !about.is_file() {
        return Err(BadInput(format!("{} is no file: name a file in it", path.display())));
    }
    if about.len() > BLOB_BYTES_MAX as u64 {
        return Err(BadInput(format!(
            "{} has {} bytes: hydra makes none so large",
            path.display(),
            about.len()
        )));
    }
    fs::read(path).map(|bytes| Some(ContentHash::of(&bytes))).map_err(failed)
}

/// The stream whose event named the hash first: the one that made the file.
async fn of_hash(log: &dyn EventLog, hash: ContentHash) -> Result<Asset> {
    let text = hash.to_string();
    let mut found = None;
    each(log, |event| {
        if holds(&event, &text) {
            found = Some(event.stream);
        }
        found.is_some()
    })
    .await?;
    let stream =
        found.ok_or_else(|| anyhow!("no event names the content {hash}: was the file changed by hand?"))?;
    Ok(Asset { stream, event: None, hash: Some(hash) })
}

/// The event whose id begins so, else the content whose hash does.
async fn of_prefix(log: &dyn EventLog, prefix: &str) -> Result<Asset> {
    if prefix.len() < PREFIX_MIN {
        let what = format!(
            "{prefix:?} is too short: give at least {PREFIX_MIN} digits of an event id or content hash"
        );
        return Err(BadInput(what).into());
    }
    let quoted = format!("\"{prefix}");
    let (mut events, mut content) = (Vec::new(), None);
    each(log, |event| {
        if content.is_none() && holds(&event, &quoted) {
            content = Some(event.stream.clone());
        }
        if event.id.to_string().starts_with(prefix) {
            events.push((event.stream, event.id, event.position));
        }
        events.len() > 1
    })
    .await?;
    match (events.as_slice(), content) {
        ([(stream, id, position)], _) => {
            Ok(Asset { stream: stream.clone(), event: Some((*id, *position)), hash: None })
        }
        ([], Some(stream)) => Ok(Asset { stream, event: None, hash: None }),
        ([], None) => Err(anyhow!("no event id and no content hash begins with {prefix}")),
        ([(_, one, _), (_, other, _), ..], _) => {
            Err(BadInput(format!("{prefix} is the beginning of {one} and of {other}: give more digits"))
                .into())
        }
    }
}

/// Whether an event's payload holds `text`.
pub fn holds(event: &Recorded, text: &str) -> bool {
    std::str::from_utf8(&event.payload).is_ok_and(|payload| payload.contains(text))
}

/// Shows every readable event to `look`, in order, until it has seen enough.
async fn each(log: &dyn EventLog, mut look: impl FnMut(Recorded) -> bool) -> Result<()> {
    let head = log.head().await?;
    let mut after = 0;
    while after < head {
        let page = log.scan(after, PAGE).await?;
        after = page.last().map_or(head, place);
        if page.into_iter().flatten().any(&mut look) {
            return Ok(());
        }
    }
    Ok(())
}

/// Where a record stands, readable or not.
pub fn place(record: &Result<Recorded, LogError>) -> Position {
    match record {
        Ok(event) => event.position,
        Err(LogError::Damaged { position, .. }) => *position,
        Err(
            LogError::Conflict { .. } | LogError::Refused { .. } | LogError::Open(_) | LogError::Store(_),
        ) => Position::MAX,
    }
}
