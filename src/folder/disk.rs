//! Bringing a folder on the disk to what it should be.
//!
//! The list of our files is written before the first of them and again after the last, so that a build that was cut
//! off leaves nothing behind that the next one does not know.
//!
//! Nothing is written or removed outside the folder: a path must stay in it, and a link on the way that leads out of it
//! is an error. The folder itself may be a link: that is where its owner wants it.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Component, Path};

use anyhow::{Context, Result, bail};
use hydra_events::content::BLOB_BYTES_MAX;
use hydra_events::{ContentHash, ContentStore};
use tokio::fs;
use tokio::io::AsyncWriteExt;

use super::{Plan, Wanted, document};

/// The files that were put into a folder, relative to it.
pub(super) const LIST: &str = ".hydra-files.json";
/// A file on its way to its place.
const UNFINISHED: &str = ".hydra-unfinished";
const LIST_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What had to be done.
#[derive(Debug, Default)]
pub(super) struct Healed {
    /// Files written.
    pub written: usize,
    /// Files removed.
    pub removed: usize,
    /// Files whose content is gone, with what the store says.
    lost: Vec<String>,
}

impl Healed {
    /// An error where a file could not be made.
    pub fn complete(&self) -> Result<()> {
        if self.lost.is_empty() {
            return Ok(());
        }
        bail!(
            "the content of {} files is gone from the content store: {}",
            self.lost.len(),
            self.lost.join("; ")
        )
    }
}

/// Writes what differs from `plan` in `root` and removes what an earlier build put there and `plan` does not have.
pub(super) async fn heal(root: &Path, plan: &Plan, content: &dyn ContentStore) -> Result<Healed> {
    fs::create_dir_all(root).await.with_context(|| at(root))?;
    let wanted: BTreeSet<String> = plan.files.keys().cloned().collect();
    let former = former(root).await?;
    let all: BTreeSet<String> = wanted.union(&former).cloned().collect();
    keep_list(root, &all, &former).await?;
    let mut healed = Healed::default();
    for stale in former.difference(&wanted) {
        healed.removed += usize::from(remove(root, stale).await?);
    }
    for (path, (file, _)) in &plan.files {
        stays_inside(root, path).await?;
        if holds(&root.join(path), file.hash()).await? {
            continue;
        }
        match bytes(file, content).await {
            Ok(bytes) => {
                place(root, path, &bytes).await?;
                healed.written += 1;
            }
            Err(error) => healed.lost.push(format!("{path} ({error})")),
        }
    }
    keep_list(root, &wanted, &all).await?;
    Ok(healed)
}

async fn bytes(wanted: &Wanted, content: &dyn ContentStore) -> Result<Vec<u8>> {
    match wanted {
        Wanted::Bytes(bytes) => Ok(bytes.clone()),
        Wanted::Blob(hash) => Ok(content.get(*hash).await?),
    }
}

/// Whether the file is there and whole.
async fn holds(path: &Path, hash: ContentHash) -> Result<bool> {
    match fs::symlink_metadata(path).await {
        Ok(found) if found.is_dir() => {
            bail!("{} is a folder where a file belongs: move it away", path.display())
        }
        // A link is replaced by the file, whatever it leads to.
        Ok(found) if !found.is_file() => return Ok(false),
        Ok(found) if found.len() > BLOB_BYTES_MAX as u64 => return Ok(false),
        Ok(_) => {}
        Err(error) if is_absent(&error) => return Ok(false),
        Err(error) => return Err(error).with_context(|| at(path)),
    }
    let bytes = fs::read(path).await.with_context(|| at(path))?;
    Ok(ContentHash::of(&bytes) == hash)
}

/// Writes beside and renames, so that a file is never half there.
async fn place(root: &Path, path: &str, bytes: &[u8]) -> Result<()> {
    let target = root.join(path);
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).await.with_context(|| at(folder))?;
    }
    let unfinished = root.join(UNFINISHED);
    write_new(&unfinished, bytes).await.with_context(|| at(&unfinished))?;
    fs::rename(&unfinished, &target).await.with_context(|| at(&target))
}

/// Writes a file of its own: one that is there, or a link, is not written through.
async fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    match fs::remove_file(path).await {
        Err(error) if !is_absent(&error) => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path).await?;
    file.write_all(bytes).await?;
    file.flush().await
}

/// Refuses a path that leaves the folder, by its words or by a link on the way to it.
async fn stays_inside(root: &Path, path: &str) -> Result<()> {
    if !is_inside(path) {
        bail!("{path:?} would be outside of {}", root.display());
    }
    let whole = fs::canonicalize(root).await.with_context(|| at(root))?;
    let above = Path::new(path).ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    for folder in above.map(|folder| root.join(folder)) {
        match fs::canonicalize(&folder).await {
            Ok(led) if led.starts_with(&whole) => return Ok(()),
            Ok(led) => bail!(
                "{} leads out of the folder to {}: remove the link, nothing is written through it",
                folder.display(),
                led.display()
            ),
            // A link to nowhere is not made good by making what it names.
            Err(_) if fs::symlink_metadata(&folder).await.is_ok() => {
                bail!("{} is a link to nothing: remove it", folder.display())
            }
            Err(error) if is_absent(&error) => {}
            Err(error) => return Err(error).with_context(|| at(&folder)),
        }
    }
    Ok(())
}

/// What an earlier build listed. A list that cannot be understood is as good as none: nothing is removed then.
async fn former(root: &Path) -> Result<BTreeSet<String>> {
    let path = root.join(LIST);
    let small = match fs::metadata(&path).await {
        Ok(found) => found.is_file() && found.len() <= LIST_BYTES_MAX,
        Err(error) if is_absent(&error) => false,
        Err(error) => return Err(error).with_context(|| at(&path)),
    };
    if !small {
        return Ok(BTreeSet::new());
    }
    let bytes = fs::read(&path).await.with_context(|| at(&path))?;
    let listed: BTreeSet<String> = serde_json::from_slice(&bytes).unwrap_or_default();
    Ok(listed.into_iter().filter(|path| is_inside(path)).collect())
}

async fn keep_list(root: &Path, now: &BTreeSet<String>, kept: &BTreeSet<String>) -> Result<()> {
    if now == kept && fs::try_exists(root.join(LIST)).await.unwrap_or(false) {
        return Ok(());
    }
    place(root, LIST, &document(now)?).await
}

/// Removes a file of ours and the folders it leaves empty; `false` when it was gone already.
async fn remove(root: &Path, path: &str) -> Result<bool> {
    stays_inside(root, path).await?;
    let file = root.join(path);
    let removed = match fs::remove_file(&file).await {
        Ok(()) => true,
        Err(error) if is_absent(&error) => false,
        Err(error) => return Err(error).with_context(|| at(&file)),
    };
    for folder in Path::new(path).ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()) {
        if fs::remove_dir(root.join(folder)).await.is_err() {
            break;
        }
    }
    Ok(removed)
}

/// Whether a listed path stays in the folder: anybody could have edited the list.
fn is_inside(path: &str) -> bool {
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    !path.is_empty() && Path::new(path).components().all(plain)
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn at(path: &Path) -> String {
    path.display().to_string()
}
