//! Curves from a raw number to a goodness in 0..1, and the statistics they need.

/// 0 below `low`, 1 above `high`, straight between; `low` above `high` falls instead.
pub(super) fn ramp(x: f64, low: f64, high: f64) -> f64 {
    ((x - low) / (high - low)).clamp(0.0, 1.0)
}

/// Straight lines through the given corners (x rising), level outside.
pub(super) fn corners(x: f64, points: &[(f64, f64)]) -> f64 {
    let Some(first) = points.first() else { return 0.0 };
    let mut before = *first;
    for point in points {
        if x < point.0 {
            let span = point.0 - before.0;
            return if span > 0.0 {
                before.1 + (point.1 - before.1) * (x - before.0) / span
            } else {
                before.1
            };
        }
        before = *point;
    }
    before.1
}

/// Running mean and variance in one pass (Welford 1962).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moments {
    count: f64,
    /// Mean so far.
    pub mean: f64,
    squares: f64,
}

impl Moments {
    /// Takes one value in.
    pub fn add(&mut self, value: f64) {
        self.count += 1.0;
        let off = value - self.mean;
        self.mean += off / self.count;
        self.squares += off * (value - self.mean);
    }

    /// Variance over all values; 0 for none.
    pub fn variance(&self) -> f64 {
        if self.count > 0.0 { self.squares / self.count } else { 0.0 }
    }

    /// Standard deviation.
    pub fn deviation(&self) -> f64 {
        self.variance().sqrt()
    }
}

/// Shannon entropy of a histogram in bits.
pub(super) fn entropy(histogram: &[u64]) -> f64 {
    let total: u64 = histogram.iter().sum();
    let mut bits = 0.0;
    for &count in histogram.iter().filter(|count| **count > 0) {
        let share = count as f64 / total as f64;
        bits -= share * libm::log2(share);
    }
    bits
}

/// The value below which `share` of a histogram lies.
pub(super) fn percentile(histogram: &[u64], share: f64) -> f64 {
    let total: u64 = histogram.iter().sum();
    let wanted = total as f64 * share;
    let mut seen = 0.0;
    for (value, count) in histogram.iter().enumerate() {
        seen += *count as f64;
        if seen > wanted {
            return value as f64;
        }
    }
    histogram.len().saturating_sub(1) as f64
}
