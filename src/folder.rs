//! A chapter's folder: a view of the log and the content store, made again and compared by hash every time.
//!
//! Nothing is only in the folder, so a file that was deleted, damaged or half written heals, and one that is no longer
//! part of the chapter goes away if an earlier build had put it there. What a person adds stays. What can go wrong: a
//! file's content is gone from the store; the rest of the folder is still made.

mod disk;
mod names;
mod novel;
mod portraits;
mod provenance;
mod scenes;
mod story;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use hydra_events::vocabulary::terms::DecidedBy;
use hydra_events::{ContentHash, ContentStore};
use hydra_projections::Views;
use hydra_projections::rows::ImageRow;

pub use portraits::portraits;
pub use provenance::asset_of;

use story::Story;

/// What belongs into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What the content store has.
    Blob(ContentHash),
}

/// The files a folder should hold: by relative path with `/`, what belongs there and the stream it is of.
#[derive(Debug, Default)]
struct Plan {
    files: BTreeMap<String, (Wanted, String)>,
}

/// What became of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Built {
    /// The folder.
    pub folder: PathBuf,
    /// Files it should hold, all of which are there.
    pub files: usize,
    /// Files that had to be written.
    pub written: usize,
    /// Files that were no longer part of it.
    pub removed: usize,
    /// Scenes of the chapter.
    pub scenes: usize,
    /// Different pictures it wants.
    pub images: usize,
    /// Recordings it has.
    pub lines: usize,
    /// Pictures that are approved.
    pub approved: usize,
    /// Rejected tries of its pictures.
    pub rejected: usize,
    /// What it lacks: the stream and why, one readable line each.
    pub missing: Vec<String>,
    /// The pictures that the default answer approved, by stream.
    pub defaulted: Vec<String>,
}

/// Makes or heals the folder of `chapter` under `out`, with the portraits that were ordered for it.
///
/// # Errors
/// The chapter is unknown or not planned; a file cannot be read or written; content is gone from the store.
pub async fn build(views: &Views, content: &dyn ContentStore, chapter: &str, out: &Path) -> Result<Built> {
    let story = Story::read(views, content, chapter).await?;
    let mut built = build_story(&story, content, &out.join(chapter)).await?;
    let ordered = portraits::portraits_for(views, content, chapter, out).await?;
    built.add(&ordered);
    Ok(built)
}

async fn build_story(story: &Story, content: &dyn ContentStore, folder: &Path) -> Result<Built> {
    let plan = plan(story, content).await?;
    let healed = disk::heal(folder, &plan, content).await?;
    let folder = folder.to_owned();
    let named = format!("the folder of chapter {}", story.row.id);
    let built = Built {
        folder,
        files: plan.files.len(),
        written: healed.written,
        removed: healed.removed,
        ..story.tally()
    };
    healed.complete().with_context(|| named)?;
    Ok(built)
}

/// Everything the folder of `story` should hold.
async fn plan(story: &Story, content: &dyn ContentStore) -> Result<Plan> {
    let mut plan = Plan::default();
    let chapter = format!("chapter-{}", story.row.id);
    scenes::add(&mut plan, story)?;
    novel::add(&mut plan, story, &chapter)?;
    if let Some(report) = story.row.report {
        plan.add("report.md", Wanted::Blob(report), &format!("report-{}", story.row.id));
    }
    let provenance = provenance::of_story(&plan, story, content).await?;
    plan.add("provenance.json", Wanted::Bytes(provenance), &chapter);
    Ok(plan)
}

impl Plan {
    fn add(&mut self, path: &str, wanted: Wanted, stream: &str) {
        self.files.insert(path.to_owned(), (wanted, stream.to_owned()));
    }

    /// Every stream with its files, by stream.
    fn by_stream(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut streams: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (path, (_, stream)) in &self.files {
            streams.entry(stream).or_default().push(path);
        }
        streams
    }
}

impl Wanted {
    fn hash(&self) -> ContentHash {
        match self {
            Self::Bytes(bytes) => ContentHash::of(bytes),
            Self::Blob(hash) => *hash,
        }
    }
}

impl Built {
    /// Counts what became of a folder inside this one.
    fn add(&mut self, inner: &Self) {
        self.files += inner.files;
        self.written += inner.written;
        self.removed += inner.removed;
        self.images += inner.images;
        self.approved += inner.approved;
        self.rejected += inner.rejected;
        self.missing.extend(inner.missing.iter().cloned());
        self.defaulted.extend(inner.defaulted.iter().cloned());
    }

    /// Counts pictures, each of which is there once.
    fn count<'a>(&mut self, images: impl Iterator<Item = &'a ImageRow>) {
        for image in images {
            self.rejected += image.rejections.len();
            if story::approved(image).is_some() {
                self.approved += 1;
                if image.decided_by == Some(DecidedBy::Default {}) {
                    self.defaulted.push(image.id.to_string());
                }
            }
        }
    }
}

/// Pretty JSON with a line break at its end, as all files here have it.
fn document(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}
