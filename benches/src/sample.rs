//! What one run of one side came to.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

/// How long a side is run: a warm-up that does not count, and what does.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Not counted.
    pub warm_up: Duration,
    /// Counted.
    pub measured: Duration,
}

/// What was measured.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sample {
    /// Events, or steps.
    pub ops: u64,
    /// Over so many seconds.
    pub secs: f64,
    /// Operations a second.
    pub rate: f64,
    /// Half of the calls took at most so long, in milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 calls took at most so long, in milliseconds.
    pub p99_ms: f64,
    /// What else was measured, by name with its unit.
    #[serde(skip)]
    pub extra: BTreeMap<&'static str, f64>,
}

impl Sample {
    /// `ops` within `secs`, by calls that took as long as `calls` say.
    pub fn new(ops: u64, secs: f64, calls: Calls) -> Self {
        let [p50_ms, p99_ms] = calls.percentiles([0.50, 0.99]);
        Self { ops, secs, rate: ops as f64 / secs, p50_ms, p99_ms, extra: BTreeMap::new() }
    }

    /// The same with something else that was measured.
    pub fn with(mut self, name: &'static str, value: f64) -> Self {
        self.extra.insert(name, value);
        self
    }
}

/// How long calls took.
#[derive(Debug, Default)]
pub struct Calls(Vec<u64>);

impl Calls {
    /// Notes one more.
    pub fn note(&mut self, took: Duration) {
        self.0.push(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Takes those of another caller over.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// The durations, in milliseconds, below which these parts of all calls lie; zero when there were none.
    fn percentiles<const N: usize>(mut self, parts: [f64; N]) -> [f64; N] {
        self.0.sort_unstable();
        parts.map(|part| {
            let at = (self.0.len() as f64 * part).ceil() as usize;
            self.0.get(at.saturating_sub(1)).map_or(0.0, |nanoseconds| *nanoseconds as f64 / 1e6)
        })
    }
}

/// The middle of `values`, the lower one of two; NaN when there are none.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_smallest_that_so_many_calls_stay_within() {
        let mut calls = Calls::default();
        for milliseconds in (1..=100).rev() {
            calls.note(Duration::from_millis(milliseconds));
        }
        let sample = Sample::new(50, 2.0, calls);
        assert_eq!((sample.rate, sample.p50_ms, sample.p99_ms), (25.0, 50.0, 99.0));
        assert_eq!(Sample::new(0, 1.0, Calls::default()).p99_ms, 0.0);
    }

    #[test]
    fn the_median_is_one_of_the_values() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0]), 1.0);
        assert!(median([]).is_nan());
    }
}
