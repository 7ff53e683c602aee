//! Folders, the disk below them, the log, and the clock it is written by.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use hydra_events::clock::SystemClock;
use hydra_events::log::LogError;
use hydra_events::{Clock, Timestamp};

use super::Check;
use crate::backends::log_for_reading;
use crate::config::LogPlace;
use crate::data_folder::DataFolder;

/// Below this a chapter may not fit.
const FREE_MIB_MIN: u64 = 500;
/// Below this a season may not fit.
const FREE_MIB_GOOD: u64 = 5_000;
/// A sync that is faster than any disk has probably not reached one.
const SYNC_MIN: Duration = Duration::from_micros(20);
/// A sync that is slower makes the log the slowest part of Hydra.
const SYNC_GOOD: Duration = Duration::from_millis(50);
/// 2025-01-01: no clock that is right is before it.
const EPOCH: Timestamp = Timestamp(1_735_689_600_000_000);

/// Whether files can be made in `folder`, or where it will be made.
pub fn folder(name: &'static str, folder: &Path) -> Check {
    let there = existing(folder);
    let shown = folder.display();
    match written(&there) {
        Ok(_) if there == folder => Check::ok(name, format!("{shown} can be written")),
        Ok(_) => Check::ok(name, format!("{shown} will be made")),
        Err(error) => Check::fail(
            name,
            format!("{} cannot be written: {error}", there.display()),
            "make it writable, or name another folder with --data or --out",
        ),
    }
}

/// How long a write takes to reach the disk.
pub fn syncing(root: &Path) -> Check {
    let name = "syncing";
    match written(&existing(root)) {
        Ok(took) if took < SYNC_MIN => Check::warn(
            name,
            format!("a write is said to be on the disk after {took:.0?}, which no disk can do"),
            "what a power loss takes away is not Hydra's to know: use a folder on a real disk",
        ),
        Ok(took) if took > SYNC_GOOD => Check::warn(
            name,
            format!("a write reaches the disk after {took:.1?}"),
            "a faster disk makes Hydra faster",
        ),
        Ok(took) => Check::ok(name, format!("a write reaches the disk after {took:.1?}")),
        Err(error) => {
            Check::fail(name, format!("a file cannot be synced: {error}"), "use a folder on another disk")
        }
    }
}

/// How much room there is.
pub fn disk(root: &Path) -> Check {
    let name = "free disk";
    let remedy = "make room, or put --data on a larger disk";
    match free_mib(&existing(root)) {
        Some(free) if free < FREE_MIB_MIN => Check::fail(name, format!("{free} MiB"), remedy),
        Some(free) if free < FREE_MIB_GOOD => Check::warn(name, format!("{free} MiB"), remedy),
        Some(free) => Check::ok(name, format!("{} GiB", free / 1024)),
        None => Check::warn(name, "unknown", "`df -Pk` gives no answer on this machine: look yourself"),
    }
}

/// Whether the log opens, and whether the clock is right beside it.
pub async fn log(data: &DataFolder) -> Vec<Check> {
    let clock = |last| clock(last, SystemClock.now());
    if !data.has_log() {
        return vec![Check::ok("log", "there is none yet"), clock(None)];
    }
    match opened(data).await {
        Ok((head, last)) => {
            let found =
                format!("{head} events, each synced before it counts; `hydra verify` checks them all");
            vec![Check::ok("log", found), clock(last)]
        }
        Err(error) if is_absent(&error) => {
            vec![Check::ok("log", "the server answers; the first start makes the log there"), clock(None)]
        }
        Err(error) => {
            vec![Check::fail("log", format!("{error:#}"), remedy(&data.config().log)), clock(None)]
        }
    }
}

fn is_absent(error: &anyhow::Error) -> bool {
    error.downcast_ref().is_some_and(LogError::is_absent)
}

fn remedy(place: &LogPlace) -> &'static str {
    match place {
        LogPlace::Folder => "keep a copy of the data folder before anything else, then run `hydra verify`",
        #[cfg(feature = "full")]
        LogPlace::Postgres(_) => super::servers::MAKE_LOG,
    }
}

async fn opened(data: &DataFolder) -> anyhow::Result<(u64, Option<Timestamp>)> {
    let (log, _) = log_for_reading(data).await?;
    let head = log.head().await?;
    let last = log.read(head.saturating_sub(1), 1).await?;
    Ok((head, last.first().map(|event| event.time)))
}

fn clock(last: Option<Timestamp>, now: Timestamp) -> Check {
    let remedy = "set the clock, best by NTP: plans fire and retries wait by it";
    match last {
        Some(last) if last > now => {
            Check::fail("clock", format!("{now} is before the last event, {last}"), remedy)
        }
        Some(_) | None if now < EPOCH => Check::fail("clock", format!("{now} is long ago"), remedy),
        Some(_) | None => Check::ok("clock", now.to_string()),
    }
}

/// `folder`, or the nearest folder above it that exists.
fn existing(folder: &Path) -> PathBuf {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    if folder.is_dir() {
        return folder.to_owned();
    }
    absolute.ancestors().find(|above| above.is_dir()).map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// Writes, syncs and removes a file in `folder`; how long the sync took.
fn written(folder: &Path) -> io::Result<Duration> {
    let path = folder.join(format!(".hydra-doctor-{}", std::process::id()));
    let timed = || {
        let mut file = File::create(&path)?;
        file.write_all(&[0; 4096])?;
        let started = Instant::now();
        file.sync_all()?;
        Ok(started.elapsed())
    };
    let took = timed();
    match fs::remove_file(&path) {
        Err(error) if took.is_ok() => Err(error),
        Ok(()) | Err(_) => took,
    }
}

/// Free space below `folder` as the POSIX `df` tells it.
fn free_mib(folder: &Path) -> Option<u64> {
    let output = Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let kib: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kib / 1024)
}
