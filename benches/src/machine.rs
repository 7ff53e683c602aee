//! What the machine is and was doing, from `/proc` (proc(5)).

use std::fs;

use serde::Serialize;

use crate::{BenchError, failed};

/// The machine.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// Processors this process may use.
    pub processors: usize,
    /// Their model.
    pub model: String,
    /// The kernel.
    pub kernel: String,
    /// Runnable tasks on average of the last minute, before the bench.
    pub load_before: f64,
    /// The same afterwards.
    pub load_after: Option<f64>,
    /// What else took part, with its version and settings.
    pub with: Vec<String>,
}

impl Machine {
    /// The machine as it is now.
    ///
    /// # Errors
    /// When `/proc` has another form here.
    pub fn now() -> Result<Self, BenchError> {
        let cpu = read("/proc/cpuinfo")?;
        let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        Ok(Self {
            processors: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            model: model.map_or("unknown", |(_, model)| model).to_owned(),
            kernel: read("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            load_before: load()?,
            load_after: None,
            with: Vec::new(),
        })
    }
}

/// Runnable tasks on average of the last minute.
///
/// # Errors
/// When `/proc` has another form here.
pub fn load() -> Result<f64, BenchError> {
    let text = read("/proc/loadavg")?;
    let first = text.split_whitespace().next().unwrap_or_default();
    first.parse().map_err(failed("reading /proc/loadavg"))
}

/// The memory of this process, in MB.
///
/// # Errors
/// When `/proc` has another form here.
pub fn rss_mb() -> Result<f64, BenchError> {
    status_mb("VmRSS:")
}

/// The most memory this process has had, in MB.
///
/// # Errors
/// When `/proc` has another form here.
pub fn peak_rss_mb() -> Result<f64, BenchError> {
    status_mb("VmHWM:")
}

fn status_mb(name: &str) -> Result<f64, BenchError> {
    let status = read("/proc/self/status")?;
    let value = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let kilobytes: f64 =
        value.trim().trim_end_matches(" kB").parse().map_err(failed("reading /proc/self/status"))?;
    Ok(kilobytes / 1024.0)
}

/// Processor time of this process so far, in microseconds.
///
/// # Errors
/// When `/proc` has another form here.
pub fn cpu_us() -> Result<f64, BenchError> {
    // `utime` and `stime` are counted in ticks of `USER_HZ`, which is 100 on every Linux this runs on.
    const TICK_US: f64 = 10_000.0;
    let stat = read("/proc/self/stat")?;
    // The program's name stands in parentheses and may hold anything; the fields count from behind it.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
    let used = ticks(11).zip(ticks(12));
    let (user, system) =
        used.ok_or_else(|| BenchError::Wrong("/proc/self/stat has another form here".into()))?;
    Ok((user + system) * TICK_US)
}

fn read(path: &str) -> Result<String, BenchError> {
    fs::read_to_string(path).map_err(failed("reading /proc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_read() {
        let machine = Machine::now().unwrap();
        assert!(machine.processors > 0 && !machine.kernel.is_empty());
        assert!(rss_mb().unwrap() > 1.0 && peak_rss_mb().unwrap() >= rss_mb().unwrap() / 2.0);
        assert!(cpu_us().unwrap() >= 0.0);
    }
}
