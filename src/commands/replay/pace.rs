//! How long to wait between two events that are told again.

use std::time::Duration;

use hydra_events::Timestamp;

use crate::cli::Speed;

/// The pauses of a replay.
#[derive(Debug)]
pub struct Pace {
    speed: Speed,
    longest: Duration,
    last: Option<Timestamp>,
}

/// What to do before the next event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pause {
    /// Wait so long, which may be no time at all.
    Wait(Duration),
    /// Nothing happened for `idle`, which is more than anybody wants to wait for: wait for `wait`.
    Cut {
        /// How long nothing happened.
        idle: Duration,
        /// How long to wait all the same.
        wait: Duration,
    },
}

impl Pace {
    /// The pace of `speed`, at which no pause is longer than `longest`.
    pub fn new(speed: Speed, longest: Duration) -> Self {
        Self { speed, longest, last: None }
    }

    /// The pause before an event that was recorded at `time`, after the one that was asked for last.
    pub fn pause_before(&mut self, time: Timestamp) -> Pause {
        let idle = self.last.map_or(Duration::ZERO, |last| time.since(last));
        self.last = Some(time);
        let wait = match self.speed {
            Speed::Max => return Pause::Wait(Duration::ZERO),
            // What no Duration can hold is longer than any pause.
            Speed::Times(times) => {
                Duration::try_from_secs_f64(idle.as_secs_f64() / times).unwrap_or(Duration::MAX)
            }
        };
        if wait > self.longest { Pause::Cut { idle, wait: self.longest } } else { Pause::Wait(wait) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(speed: Speed, seconds: &[f64]) -> Vec<Pause> {
        let mut pace = Pace::new(speed, Duration::from_secs(10));
        let time = |seconds: &f64| Timestamp((seconds * 1e6) as i64);
        seconds.iter().map(|seconds| pace.pause_before(time(seconds))).collect()
    }

    #[test]
    fn pauses_are_those_of_history_divided_by_the_speed() {
        let wait = |seconds: f64| Pause::Wait(Duration::from_secs_f64(seconds));
        let times = [100.0, 100.0, 100.5, 104.5];
        assert_eq!(pauses(Speed::Times(1.0), &times), [0.0, 0.0, 0.5, 4.0].map(wait));
        assert_eq!(pauses(Speed::Times(4.0), &times), [0.0, 0.0, 0.125, 1.0].map(wait));
        assert_eq!(pauses(Speed::Times(0.5), &times), [0.0, 0.0, 1.0, 8.0].map(wait));
        assert_eq!(pauses(Speed::Max, &[0.0, 1e6, 2e6]), [0.0; 3].map(wait));
    }

    #[test]
    fn a_pause_that_is_too_long_is_cut_and_said_so() {
        let hours = Duration::from_secs(7_200);
        let cut = Pause::Cut { idle: hours, wait: Duration::from_secs(10) };
        assert_eq!(pauses(Speed::Times(10.0), &[0.0, 7_200.0])[1], cut);
        assert_eq!(pauses(Speed::Times(1e-300), &[0.0, 7_200.0])[1], cut);
        assert_eq!(pauses(Speed::Times(720.0), &[0.0, 7_200.0])[1], Pause::Wait(Duration::from_secs(10)));
    }

    #[test]
    fn a_time_that_goes_back_is_no_pause() {
        assert_eq!(pauses(Speed::Times(1.0), &[5.0, 3.0])[1], Pause::Wait(Duration::ZERO));
    }
}
