//! The thresholds, limits and time-outs that deciders read, as one stream keeps them.
//!
//! A key that is new in the code gets its default recorded before anything else is decided.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Every key there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKey {
    /// Aesthetic score from which a picture is good enough.
    AestheticMin,
    /// Technical score from which a picture is good enough.
    TechnicalMin,
    /// Likeness from which a picture shows the character.
    LikenessMin,
    /// Style score from which a picture fits the style sheet.
    StyleMin,
    /// How near to its threshold a score is undecided.
    UndecidedMargin,
    /// Whether an undecided picture is approved when nobody answers.
    ApproveByDefault,
    /// Seeds tried before a picture is given up.
    ImageTries,
    /// Attempts that may fail before an effect is parked.
    Attempts,
    /// Pause before the second attempt; it doubles with each one.
    RetryDelayMs,
    /// Longest pause between two attempts.
    RetryDelayMsMax,
    /// Longest time one attempt may take.
    AttemptSecondsMax,
    /// Time after which a file nothing refers to is dropped.
    DropAfterHours,
    /// Time without an event after which a stream that owes something stands still.
    StallMinutes,
}

/// What is known of a key besides its value.
#[derive(Clone, Copy, Debug)]
pub struct KeyFacts {
    /// Its name in events and on the command line.
    pub name: &'static str,
    /// Its value until somebody sets another.
    pub default: f64,
    /// The least value that makes sense.
    pub min: f64,
    /// The largest value that makes sense.
    pub max: f64,
    /// What it means, with its unit.
    pub meaning: &'static str,
}

impl PolicyKey {
    /// Every key, in the order they are shown.
    pub const ALL: [Self; 13] = [
        Self::AestheticMin,
        Self::TechnicalMin,
        Self::LikenessMin,
        Self::StyleMin,
        Self::UndecidedMargin,
        Self::ApproveByDefault,
        Self::ImageTries,
        Self::Attempts,
        Self::RetryDelayMs,
        Self::RetryDelayMsMax,
        Self::AttemptSecondsMax,
        Self::DropAfterHours,
        Self::StallMinutes,
    ];

    /// The key called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.facts().name == name)
    }

    /// Name, default, range and meaning.
    pub fn facts(self) -> KeyFacts {
        let facts = |name, default, min, max, meaning| KeyFacts { name, default, min, max, meaning };
        match self {
            Self::AestheticMin => {
                facts("aesthetic_min", 6.5, 0.0, 10.0, "aesthetic score a picture needs, 0 to 10")
            }
            Self::TechnicalMin => {
                facts("technical_min", 70.0, 0.0, 100.0, "technical score a picture needs, 0 to 100")
            }
            Self::LikenessMin => {
                facts("likeness_min", 0.7, -1.0, 1.0, "likeness a picture needs, as a cosine")
            }
            Self::StyleMin => facts("style_min", 0.7, -1.0, 1.0, "style score a picture needs, as a cosine"),
            Self::UndecidedMargin => facts(
                "undecided_margin",
                0.3,
                0.0,
                100.0,
                "a score this near to its threshold goes to a person, in the score's own unit (cosines: a tenth)",
            ),
            Self::ApproveByDefault => facts(
                "approve_by_default",
                1.0,
                0.0,
                1.0,
                "1 approves an undecided picture nobody answers for, 0 rejects it",
            ),
            Self::ImageTries => {
                facts("image_tries", 3.0, 1.0, 100.0, "seeds tried before a picture is given up")
            }
            Self::Attempts => {
                facts("attempts", 5.0, 1.0, 100.0, "attempts that may fail before an effect is parked")
            }
            Self::RetryDelayMs => facts(
                "retry_delay_ms",
                500.0,
                0.0,
                3_600_000.0,
                "pause before the second attempt, doubling, in ms",
            ),
            Self::RetryDelayMsMax => facts(
                "retry_delay_ms_max",
                60_000.0,
                0.0,
                86_400_000.0,
                "longest pause between attempts, in ms",
            ),
            Self::AttemptSecondsMax => {
                facts("attempt_seconds_max", 600.0, 1.0, 86_400.0, "longest time one attempt may take, in s")
            }
            Self::DropAfterHours => facts(
                "drop_after_hours",
                168.0,
                0.0,
                87_600.0,
                "hours after which a file nothing refers to is dropped",
            ),
            Self::StallMinutes => facts(
                "stall_minutes",
                30.0,
                1.0,
                525_600.0,
                "minutes without an event after which a stream that owes something is an incident",
            ),
        }
    }
}

/// The values in force.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Value by name. A key of a newer hydra is kept, and not understood.
    pub values: BTreeMap<String, f64>,
}

impl Policy {
    /// The value of `key`; its default as long as none is recorded.
    pub fn get(&self, key: PolicyKey) -> f64 {
        let facts = key.facts();
        self.values.get(facts.name).copied().unwrap_or(facts.default)
    }

    /// The value of `key` as a whole number.
    pub fn count(&self, key: PolicyKey) -> u32 {
        self.get(key).clamp(0.0, f64::from(u32::MAX)) as u32
    }

    /// How long to wait before the attempt after the `failed`-th: doubling, with a jitter of up to a quarter that
    /// derives from `salt`, so that what failed together is not tried again together.
    pub fn retry_delay(&self, failed: u32, salt: u8) -> Duration {
        let base = self.get(PolicyKey::RetryDelayMs) * f64::from(1_u32 << failed.saturating_sub(1).min(20));
        let capped = base.min(self.get(PolicyKey::RetryDelayMsMax));
        Duration::from_micros((capped * (1.0 + f64::from(salt) / 1024.0) * 1000.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_by_its_name_and_has_its_default_in_range() {
        for key in PolicyKey::ALL {
            let facts = key.facts();
            assert_eq!(PolicyKey::named(facts.name), Some(key));
            assert!((facts.min..=facts.max).contains(&facts.default), "{}", facts.name);
        }
    }

    #[test]
    fn pauses_double_up_to_their_limit() {
        let policy = Policy::default();
        let ms = |failed| policy.retry_delay(failed, 0).as_millis();
        assert_eq!((ms(1), ms(2), ms(3), ms(30)), (500, 1000, 2000, 60_000));
        assert!(policy.retry_delay(1, 255) > policy.retry_delay(1, 0));
    }
}
