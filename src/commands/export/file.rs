//! A file that has its name only once it is whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::exit::BadInput;

/// A file on its way to its place; removed when it is dropped before.
pub struct Unfinished {
    out: Option<BufWriter<File>>,
    beside: PathBuf,
    place: PathBuf,
}

impl Unfinished {
    /// Begins the file that is to be at `place`, where nothing may be yet.
    pub fn create(place: &Path) -> Result<Self> {
        refuse_taken(place)?;
        let Some(name) = place.file_name() else {
            return Err(BadInput(format!("{} is no name of a file", place.display())).into());
        };
        let beside = folder_of(place).join(format!(".{}.unfinished", name.to_string_lossy()));
        let failed = || BadInput(format!("cannot write {}", place.display()));
        let mut options = OpenOptions::new();
        // What a killed process has left is written over, but not what another is writing.
        let file = options.write(true).create(true).truncate(false).open(&beside).with_context(failed)?;
        match file.try_lock() {
            Ok(()) => file.set_len(0).with_context(failed)?,
            Err(TryLockError::WouldBlock) => bail!("another process is writing {}", place.display()),
            Err(TryLockError::Error(error)) => return Err(error).with_context(failed),
        }
        Ok(Self { out: Some(BufWriter::new(file)), beside, place: place.to_owned() })
    }

    /// Gives the file its name once it would survive a power loss; returns its size in bytes.
    pub fn finish(mut self) -> Result<u64> {
        let failed = || format!("cannot write {}", self.place.display());
        let Some(out) = self.out.take() else { bail!("{} was finished before", self.place.display()) };
        let file = out.into_inner().map_err(|error| error.into_error()).with_context(failed)?;
        file.sync_all().with_context(failed)?;
        let size = file.metadata().with_context(failed)?.len();
        refuse_taken(&self.place)?;
        fs::rename(&self.beside, &self.place).with_context(failed)?;
        File::open(folder_of(&self.place)).and_then(|folder| folder.sync_all()).with_context(failed)?;
        Ok(size)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Renamed, it is no longer there.
        match fs::remove_file(&self.beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, file = %self.beside.display(), "an unfinished file was left");
            }
            Ok(()) | Err(_) => {}
        }
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.as_mut().map_or(Err(io::ErrorKind::BrokenPipe.into()), |out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}

fn refuse_taken(place: &Path) -> Result<(), BadInput> {
    match fs::symlink_metadata(place) {
        Ok(_) => Err(BadInput(format!("{} is there already: name another file", place.display()))),
        Err(_) => Ok(()),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_name_only_once_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("night.tape");
        let names =
            || fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect::<Vec<_>>();
        fs::write(folder.path().join(".night.tape.unfinished"), "of a killed process, and longer").unwrap();
        let mut file = Unfinished::create(&place).unwrap();
        file.write_all(b"half").unwrap();
        assert!(Unfinished::create(&place).is_err(), "two at once");
        drop(file);
        assert!(names().is_empty(), "{:?}", names());
        let mut file = Unfinished::create(&place).unwrap();
        file.write_all(b"whole").unwrap();
        assert!(!place.exists());
        assert_eq!(file.finish().unwrap(), 5);
        assert_eq!(fs::read(&place).unwrap(), b"whole");
        assert!(Unfinished::create(&place).is_err(), "written over");
        assert_eq!(names(), ["night.tape"]);
    }

    #[test]
    fn a_file_that_has_come_meanwhile_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("night.tape");
        let file = Unfinished::create(&place).unwrap();
        fs::write(&place, "another's").unwrap();
        assert!(file.finish().is_err());
        assert_eq!(fs::read(&place).unwrap(), b"another's");
    }
}
