//! `provenance.json`: for every file of a folder where it comes from, in enough detail to make it again.
//!
//! The fields that differ between two nights with the same result (event ids, positions, attempts) are listed in
//! `tests/volatile-fields.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use hydra_events::vocabulary::terms::{Brief, DecidedBy, Score, Speech};
use hydra_events::{ContentHash, ContentStore};
use hydra_projections::rows::{Evidence, ImageRow, LineRow, RejectionRow};
use serde::{Deserialize, Serialize};

use super::story::{Story, approved, spoken, stored};
use super::{Plan, document};

/// The file's name.
pub(super) const FILE: &str = "provenance.json";
const BYTES_MAX: u64 = 256 * 1024 * 1024;

/// The document.
#[derive(Serialize)]
pub(super) struct Provenance<'a> {
    /// The chapter, or the character for portraits of no chapter.
    #[serde(flatten)]
    pub of: Of<'a>,
    /// By stream.
    pub assets: Vec<Asset<'a>>,
    /// Files that are of something larger than an asset.
    pub documents: Vec<Document<'a>>,
    /// What is not there.
    pub missing: Vec<Gap<'a>>,
}

/// What a folder is of.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Of<'a> {
    /// A chapter's id.
    Chapter(&'a str),
    /// The name of a character's folder.
    Portraits(&'a str),
}

/// A picture or a recording.
#[derive(Serialize)]
pub(super) struct Asset<'a> {
    files: Vec<&'a str>,
    stream: &'a str,
    kind: &'a str,
    blob: ContentHash,
    prompt: String,
    seed: Option<u64>,
    voice: Option<&'a str>,
    engine: &'a str,
    engine_version: &'a str,
    request: Option<ContentHash>,
    response: Option<ContentHash>,
    scores: &'a [Score],
    decision: Option<Decision<'a>>,
    rejections: &'a [RejectionRow],
    attempts: u32,
    crash_attempts: u32,
    events: &'a [Evidence],
}

#[derive(Serialize)]
struct Decision<'a> {
    by: &'a DecidedBy,
    policy: Option<u64>,
}

/// A file that is no asset.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    file: &'a str,
    stream: &'a str,
}

/// A stream without a file.
#[derive(Serialize)]
pub(super) struct Gap<'a> {
    /// The stream.
    pub stream: &'a str,
    /// Why.
    pub reason: String,
}

/// The provenance of a chapter's folder.
pub(super) async fn of_story(plan: &Plan, story: &Story, content: &dyn ContentStore) -> Result<Vec<u8>> {
    let by_stream = plan.by_stream();
    let mut assets = Vec::new();
    for image in story.images.values() {
        if let Some(files) = by_stream.get(image.id.as_str()) {
            assets.extend(of_image(image, files.clone(), content).await?);
        }
    }
    for line in story.lines.values() {
        if let Some(files) = by_stream.get(line.id.as_str()) {
            assets.extend(of_line(line, files.clone(), content).await?);
        }
    }
    assets.sort_by_key(|asset| asset.stream);
    let missing = story.missing();
    let missing = missing.into_iter().map(|(stream, reason)| Gap { stream: stream.as_str(), reason });
    let documents = plan.files.iter().filter(|(_, (_, stream))| !is_asset(stream));
    let documents = documents.map(|(file, (_, stream))| Document { file, stream });
    document(&Provenance {
        of: Of::Chapter(&story.row.id),
        assets,
        documents: documents.collect(),
        missing: missing.collect(),
    })
}

/// Where an approved picture comes from.
pub(super) async fn of_image<'a>(
    image: &'a ImageRow,
    files: Vec<&'a str>,
    content: &dyn ContentStore,
) -> Result<Option<Asset<'a>>> {
    let Some(blob) = approved(image) else { return Ok(None) };
    let brief = match image.brief {
        Some(brief) => {
            stored::<Brief>(content, brief)
                .await
                .with_context(|| format!("the brief of {}", image.id))?
                .prompt
        }
        None => String::new(),
    };
    Ok(Some(Asset {
        files,
        stream: image.id.as_str(),
        kind: &image.kind,
        blob,
        prompt: brief,
        seed: image.seed,
        voice: None,
        engine: &image.engine,
        engine_version: &image.engine_version,
        request: image.request,
        response: image.response,
        scores: &image.scores,
        decision: image.decided_by.as_ref().map(|by| Decision { by, policy: image.policy }),
        rejections: &image.rejections,
        attempts: image.attempts,
        crash_attempts: image.crash_attempts,
        events: &image.events,
    }))
}

async fn of_line<'a>(
    line: &'a LineRow,
    files: Vec<&'a str>,
    content: &dyn ContentStore,
) -> Result<Option<Asset<'a>>> {
    let Some(blob) = spoken(line) else { return Ok(None) };
    let text = match line.speech {
        Some(speech) => {
            stored::<Speech>(content, speech).await.with_context(|| format!("the words of {}", line.id))?.text
        }
        None => String::new(),
    };
    Ok(Some(Asset {
        files,
        stream: line.id.as_str(),
        kind: "voice",
        blob,
        prompt: text,
        seed: None,
        voice: Some(&line.voice),
        engine: &line.engine,
        engine_version: &line.engine_version,
        request: line.request,
        response: line.response,
        scores: &[],
        decision: None,
        rejections: &[],
        attempts: line.attempts,
        crash_attempts: line.crash_attempts,
        events: &line.events,
    }))
}

fn is_asset(stream: &str) -> bool {
    stream.starts_with("image-") || stream.starts_with("line-")
}

/// As much of the document as it takes to find a file's stream.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Index {
    assets: Vec<Listed>,
    documents: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    file: String,
    stream: String,
}

/// The stream that the file at `path` is of, as the nearest `provenance.json` that lists it says; `path` may be relative
/// to the working folder or to `out`. The file itself need not be there any more.
pub fn asset_of(out: &Path, path: impl AsRef<Path>) -> Option<String> {
    let path = path.as_ref();
    let candidates = [std::path::absolute(path), std::path::absolute(out.join(path))];
    candidates.into_iter().flatten().find_map(|path| nearest(&path))
}

fn nearest(path: &Path) -> Option<String> {
    path.ancestors().skip(1).find_map(|folder| {
        let relative = path.strip_prefix(folder).ok()?;
        let parts: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
        let relative = parts?.join("/");
        listed(&folder.join(FILE)).and_then(|streams| streams.get(&relative).cloned())
    })
}

/// By file, its stream; none where there is no such document.
fn listed(document: &Path) -> Option<BTreeMap<String, String>> {
    let found = fs::metadata(document).ok()?;
    if !found.is_file() || found.len() > BYTES_MAX {
        return None;
    }
    let index: Index = serde_json::from_slice(&fs::read(document).ok()?).ok()?;
    let mut streams = BTreeMap::new();
    for entry in index.assets.into_iter().chain(index.documents) {
        for file in entry.files.into_iter().chain([entry.file]) {
            streams.insert(file, entry.stream.clone());
        }
    }
    Some(streams)
}
