//! What this process has cost the machine so far, from `/proc` (proc(5)).

use std::fs;

use anyhow::{Context, Result};

/// Processor time so far.
pub struct Cost {
    cpu_us: f64,
}

/// `utime` and `stime` are counted in ticks of `USER_HZ`, which is 100 on every Linux this runs on.
const TICK_US: f64 = 10_000.0;

impl Cost {
    /// What was used until now.
    pub fn now() -> Result<Self> {
        let stat = fs::read_to_string("/proc/self/stat").context("processor time is read from /proc")?;
        // The program's name stands in parentheses and may hold anything; the fields count from behind it.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
        let used = ticks(11).zip(ticks(12)).context("/proc/self/stat has another form here")?;
        Ok(Self { cpu_us: (used.0 + used.1) * TICK_US })
    }

    /// Microseconds of processor time since `earlier`.
    pub fn cpu_us_since(&self, earlier: &Self) -> f64 {
        self.cpu_us - earlier.cpu_us
    }
}

/// The most memory this process has had, in MB.
pub fn peak_rss_mb() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status").context("memory is read from /proc")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .context("/proc/self/status has no VmHWM")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1024.0)
}
