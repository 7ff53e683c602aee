//! Where the socket of a data folder is: in the folder, or, where that path is longer than the system allows, in a
//! folder for temporary files, under a name made of the data folder's. A file in the data folder then says where.
//!
//! What can go wrong: the place for the short path belongs to somebody else, who could listen there or answer; it is
//! refused then, and the holder takes no commands.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use hydra_events::ContentHash;

/// The longest path a socket can have on every system we know, in bytes (`sun_path` has 104 on BSD and macOS, 108 on
/// Linux, each with a zero at its end).
const PATH_BYTES_MAX: usize = 103;
const NAME: &str = "hydra.sock";
/// The file that says where the socket is, when it is elsewhere.
const RECORD: &str = "socket";

/// Where the socket of the data folder `root` is.
pub(super) fn known(root: &Path) -> PathBuf {
    let recorded = fs::read_to_string(root.join(RECORD)).unwrap_or_default();
    let elsewhere = PathBuf::from(recorded.trim_end_matches('\n'));
    if elsewhere.is_absolute() { elsewhere } else { whole(root).join(NAME) }
}

/// Finds a place for the socket and has the data folder say where it is.
pub(super) fn place(root: &Path) -> Result<PathBuf> {
    let temporary = std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute() && path.is_dir());
    place_within(root, &temporary.unwrap_or_else(std::env::temp_dir))
}

fn place_within(root: &Path, temporary: &Path) -> Result<PathBuf> {
    let (inside, record) = (whole(root).join(NAME), root.join(RECORD));
    if fits(&inside) {
        return match fs::remove_file(&record) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", record.display()))
            }
            Ok(()) | Err(_) => Ok(inside),
        };
    }
    let name = ContentHash::of(whole(root).as_os_str().as_encoded_bytes()).to_string();
    let folder = temporary.join(format!("hydra-{}", &name[..16]));
    let elsewhere = folder.join(NAME);
    if !fits(&elsewhere) {
        bail!("{} is too long for a socket, and so is {}", inside.display(), elsewhere.display());
    }
    own(&folder, root)?;
    let text = format!("{}\n", elsewhere.display());
    fs::write(&record, text).with_context(|| format!("cannot write {}", record.display()))?;
    Ok(elsewhere)
}

/// The folder by its absolute path, so that everybody means the same one.
fn whole(root: &Path) -> PathBuf {
    fs::canonicalize(root).unwrap_or_else(|_| root.to_owned())
}

fn fits(path: &Path) -> bool {
    path.as_os_str().len() <= PATH_BYTES_MAX
}

/// Makes `folder` for us alone. One that is there already must be of whoever owns the data folder, and closed to others.
fn own(folder: &Path, root: &Path) -> Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error).with_context(|| format!("cannot make {}", folder.display())),
    }
    let (found, data) = (fs::symlink_metadata(folder)?, fs::metadata(root)?);
    if !found.is_dir() || found.uid() != data.uid() || found.mode() & 0o077 != 0 {
        bail!("{} is not a folder of ours alone: remove it", folder.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::{UnixListener, UnixStream};

    use tempfile::TempDir;

    use super::*;

    /// A folder whose path is too long for a socket.
    fn deep(temporary: &TempDir) -> PathBuf {
        let root = temporary.path().join("d".repeat(60)).join("e".repeat(60));
        fs::create_dir_all(&root).unwrap();
        root
    }

    #[test]
    fn a_short_path_is_used_as_it_is_and_nothing_is_recorded() {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join(RECORD), "/elsewhere/hydra.sock\n").unwrap();
        let placed = place_within(folder.path(), Path::new("/nowhere")).unwrap();
        assert_eq!(placed, folder.path().canonicalize().unwrap().join(NAME));
        assert_eq!(known(folder.path()), placed);
        assert!(!folder.path().join(RECORD).exists());
    }

    #[test]
    fn a_path_that_is_too_long_is_replaced_by_one_that_clients_find() {
        let temporary = TempDir::new().unwrap();
        let root = deep(&temporary);
        let placed = place_within(&root, temporary.path()).unwrap();
        let listener = UnixListener::bind(&placed).unwrap();
        let link = temporary.path().join("link");
        std::os::unix::fs::symlink(&root, &link).unwrap();
        for way in [&root, &link] {
            UnixStream::connect(known(way)).unwrap();
        }
        drop(listener);
        assert_eq!(place_within(&root, temporary.path()).unwrap(), placed, "it is the same every time");
    }

    #[test]
    fn a_place_that_others_can_reach_is_refused() {
        let temporary = TempDir::new().unwrap();
        let root = deep(&temporary);
        let placed = place_within(&root, temporary.path()).unwrap();
        let folder = placed.parent().unwrap();
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        let error = place_within(&root, temporary.path()).unwrap_err();
        assert!(error.to_string().contains(&folder.display().to_string()), "{error}");
    }
}
