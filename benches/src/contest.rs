//! Hydra beside its ceilings, round after round, so that a drift of the machine meets all of them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::Serialize;

use crate::BenchError;
use crate::sample::{Sample, Span, median};

/// One cell: Hydra's side first, then its ceilings.
#[async_trait]
pub trait Contest: Send {
    /// The names of its sides.
    fn sides(&self) -> &'static [&'static str];

    /// What Hydra's side should reach.
    fn targets(&self) -> &'static [Target] {
        &[]
    }

    /// Measures one side once, in a place of its own.
    async fn run(&mut self, side: usize, span: Span) -> Result<Sample, BenchError>;

    /// What to know about the figures.
    fn note(&self) -> Option<String> {
        None
    }
}

/// What Hydra's side should reach, against the side `of`.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// So much of the other's rate at least.
    Rate {
        /// The other side.
        of: usize,
        /// The ratio.
        at_least: f64,
    },
    /// So much of the other's p99 at most.
    Tail {
        /// The other side.
        of: usize,
        /// The ratio.
        at_most: f64,
    },
    /// So many milliseconds later than the other at most.
    Later {
        /// The other side.
        of: usize,
        /// At the median.
        p50_ms: f64,
        /// At the 99th percentile.
        p99_ms: f64,
    },
    /// So much of what else Hydra's side measured at most, whatever the others did.
    Bound {
        /// What.
        name: &'static str,
        /// In its own unit.
        at_most: f64,
    },
    /// So much of what else the other measured at most.
    Extra {
        /// What.
        name: &'static str,
        /// The other side.
        of: usize,
        /// The ratio.
        at_most: f64,
    },
}

/// The middle of the rounds, and between what they lay.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Spread {
    /// The middle one.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Spread {
    fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.into_iter().collect();
        let min = values.iter().copied().fold(f64::INFINITY, f64::min);
        let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { median: median(values), min, max }
    }
}

/// What a side came to.
#[derive(Debug, Serialize)]
pub struct Standing {
    /// Its name.
    pub side: &'static str,
    /// Operations a second.
    pub rate: Spread,
    /// Milliseconds half of the calls stayed within.
    pub p50_ms: Spread,
    /// Milliseconds 99 of 100 calls stayed within.
    pub p99_ms: Spread,
    /// What else was measured.
    pub extra: BTreeMap<&'static str, Spread>,
    /// Hydra's rate to this one's, of the same round; absent for Hydra itself.
    pub ratio: Option<Spread>,
}

/// How a target was met.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// What is compared.
    pub what: String,
    /// What was measured.
    pub measured: Spread,
    /// What was to be reached.
    pub wanted: f64,
    /// Whether the median reaches it.
    pub reached: bool,
}

/// What a cell came to.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// Its name.
    pub cell: String,
    /// Hydra first, then its ceilings.
    pub sides: Vec<Standing>,
    /// How the targets were met.
    pub verdicts: Vec<Verdict>,
    /// What to know about the figures.
    pub note: Option<String>,
}

/// Measures all sides of `contest` in each round, every other round the other way about.
///
/// # Errors
/// Whatever ends one of the sides.
pub async fn compete(
    cell: &str,
    contest: &mut dyn Contest,
    rounds: usize,
    span: Span,
    mut told: impl FnMut(usize, &'static str, &Sample) + Send,
) -> Result<Outcome, BenchError> {
    let names = contest.sides();
    let mut samples: Vec<Vec<Sample>> = vec![Vec::new(); names.len()];
    for round in 0..rounds.max(1) {
        let order: Vec<usize> = match round % 2 {
            0 => (0..names.len()).rev().collect(),
            _ => (0..names.len()).collect(),
        };
        for side in order {
            let sample = contest.run(side, span).await?;
            told(round, names[side], &sample);
            samples[side].push(sample);
        }
    }
    let verdicts = contest.targets().iter().flat_map(|target| verdicts(*target, names, &samples)).collect();
    let sides = names.iter().enumerate().map(|(at, side)| standing(side, at, &samples)).collect();
    Ok(Outcome { cell: cell.to_owned(), sides, verdicts, note: contest.note() })
}

fn standing(side: &'static str, at: usize, samples: &[Vec<Sample>]) -> Standing {
    let own = &samples[at];
    let names: Vec<&'static str> = own.iter().flat_map(|sample| sample.extra.keys().copied()).collect();
    let extra =
        |name: &'static str| (name, Spread::of(own.iter().filter_map(|s| s.extra.get(name).copied())));
    Standing {
        side,
        rate: Spread::of(own.iter().map(|sample| sample.rate)),
        p50_ms: Spread::of(own.iter().map(|sample| sample.p50_ms)),
        p99_ms: Spread::of(own.iter().map(|sample| sample.p99_ms)),
        extra: names.into_iter().map(extra).collect(),
        ratio: (at > 0).then(|| paired(samples, at, |hydra, other| hydra.rate / other.rate)),
    }
}

/// What becomes of Hydra's side and another of the same round.
fn paired(samples: &[Vec<Sample>], of: usize, compare: impl Fn(&Sample, &Sample) -> f64) -> Spread {
    Spread::of(samples[0].iter().zip(&samples[of]).map(|(hydra, other)| compare(hydra, other)))
}

fn verdicts(target: Target, names: &[&str], samples: &[Vec<Sample>]) -> Vec<Verdict> {
    let at_most = |what: String, measured: Spread, wanted: f64| Verdict {
        what,
        measured,
        wanted,
        reached: measured.median <= wanted,
    };
    match target {
        Target::Rate { of, at_least } => {
            let measured = paired(samples, of, |hydra, other| hydra.rate / other.rate);
            let what = format!("rate to that of {}, at least", names[of]);
            vec![Verdict { what, measured, wanted: at_least, reached: measured.median >= at_least }]
        }
        Target::Tail { of, at_most: wanted } => {
            let measured = paired(samples, of, |hydra, other| hydra.p99_ms / other.p99_ms);
            vec![at_most(format!("p99 to that of {}, at most", names[of]), measured, wanted)]
        }
        Target::Later { of, p50_ms, p99_ms } => {
            let p50 = paired(samples, of, |hydra, other| hydra.p50_ms - other.p50_ms);
            let p99 = paired(samples, of, |hydra, other| hydra.p99_ms - other.p99_ms);
            let what = |which: &str| format!("{which} above that of {}, ms at most", names[of]);
            vec![at_most(what("p50"), p50, p50_ms), at_most(what("p99"), p99, p99_ms)]
        }
        Target::Extra { name, of, at_most: wanted } => {
            let value = |sample: &Sample| sample.extra.get(name).copied().unwrap_or(f64::NAN);
            let measured = paired(samples, of, |hydra, other| value(hydra) / value(other));
            vec![at_most(format!("{name} to that of {}, at most", names[of]), measured, wanted)]
        }
        Target::Bound { name, at_most: wanted } => {
            let values = samples[0].iter().map(|sample| sample.extra.get(name).copied().unwrap_or(f64::NAN));
            vec![at_most(format!("{name}, at most"), Spread::of(values), wanted)]
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sample::Calls;

    struct Fixed(Vec<usize>);

    #[async_trait]
    impl Contest for Fixed {
        fn sides(&self) -> &'static [&'static str] {
            &["hydra", "raw"]
        }

        fn targets(&self) -> &'static [Target] {
            &[Target::Rate { of: 1, at_least: 0.5 }, Target::Tail { of: 1, at_most: 0.25 }]
        }

        async fn run(&mut self, side: usize, _: Span) -> Result<Sample, BenchError> {
            self.0.push(side);
            let mut calls = Calls::default();
            calls.note(Duration::from_millis(3 + side as u64 * 3));
            Ok(Sample::new(if side == 0 { 60 } else { 100 }, 1.0, calls))
        }
    }

    #[tokio::test]
    async fn sides_are_measured_in_turn_and_compared_round_by_round() {
        let span = Span { warm_up: Duration::ZERO, measured: Duration::ZERO };
        let mut fixed = Fixed(Vec::new());
        let outcome = compete("fixed", &mut fixed, 3, span, |_, _, _| {}).await.unwrap();
        assert_eq!(fixed.0, [1, 0, 0, 1, 1, 0]);
        let ratio = outcome.sides[1].ratio.unwrap();
        assert_eq!((ratio.median, ratio.min, ratio.max), (0.6, 0.6, 0.6));
        assert!(outcome.sides[0].ratio.is_none());
        let reached: Vec<bool> = outcome.verdicts.iter().map(|verdict| verdict.reached).collect();
        assert_eq!(reached, [true, false], "half the tail is more than a quarter");
    }
}
