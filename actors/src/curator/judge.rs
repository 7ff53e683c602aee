//! What the scores of a picture mean under a policy.
//!
//! A score below its threshold by more than the margin is against the picture, one nearer to it is undecided. A score
//! without a value says nothing: which metrics there are depends on what is installed.

use hydra_events::vocabulary::terms::{Score, ScoreName};

use crate::policy::{Policy, PolicyKey};

/// What the scores say, with a sentence for every score that matters.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Judgement {
    /// No score is against it.
    Good,
    /// No score is against it, and these are too close to call.
    Close(Vec<String>),
    /// These are against it.
    Poor(Vec<String>),
}

/// How a score is held against the policy.
struct Gauge {
    word: &'static str,
    threshold: f64,
    margin: f64,
}

/// What `scores` mean under `policy`.
pub(super) fn judge(scores: &[Score], policy: &Policy) -> Judgement {
    let (mut poor, mut close) = (Vec::new(), Vec::new());
    for score in scores {
        let Some(value) = score.value else { continue };
        let gauge = Gauge::of(score.name, policy);
        if value < gauge.threshold - gauge.margin {
            poor.push(gauge.below(value, score));
        } else if value < gauge.threshold + gauge.margin {
            close.push(gauge.near(value, score));
        }
    }
    match (poor.is_empty(), close.is_empty()) {
        (false, _) => Judgement::Poor(poor),
        (true, false) => Judgement::Close(close),
        (true, true) => Judgement::Good,
    }
}

impl Gauge {
    fn of(name: ScoreName, policy: &Policy) -> Self {
        let margin = policy.get(PolicyKey::UndecidedMargin);
        // A cosine spans 2, not 10 or 100: a tenth of the margin is as much to it.
        let (word, key, margin) = match name {
            ScoreName::Aesthetic => ("aesthetic", PolicyKey::AestheticMin, margin),
            ScoreName::Technical => ("technical", PolicyKey::TechnicalMin, margin),
            ScoreName::Likeness => ("likeness", PolicyKey::LikenessMin, margin / 10.0),
            ScoreName::Style => ("style", PolicyKey::StyleMin, margin / 10.0),
        };
        Self { word, threshold: policy.get(key), margin }
    }

    fn below(&self, value: f64, score: &Score) -> String {
        format!("{} {} is below {} ({})", self.word, shown(value), shown(self.threshold), metric(score))
    }

    fn near(&self, value: f64, score: &Score) -> String {
        let (margin, threshold) = (shown(self.margin), shown(self.threshold));
        format!("{} {} is within {margin} of {threshold} ({})", self.word, shown(value), metric(score))
    }
}

/// A number as people read it: three decimals at most.
fn shown(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn metric(score: &Score) -> String {
    format!("{} {}", score.metric, score.version).trim_end().to_owned()
}
