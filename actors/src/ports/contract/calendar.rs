//! What a calendar promises, above all where clocks change: as Vixie cron has it.
//!
//! In 2026 Berlin goes from 02:00 to 03:00 on 29 March and from 03:00 back to 02:00 on 25 October, both at 01:00 UTC;
//! New York goes from 02:00 to 03:00 on 8 March at 07:00 UTC and from 02:00 back to 01:00 on 1 November at 06:00 UTC.

use hydra_events::Timestamp;

use super::{Outcome, refused};
use crate::ports::{Calendar, PortError};

/// A moment of 2026 in UTC: month, day, hour, minute.
type Moment = (i64, i64, i64, i64);

const BEFORE_MONTH: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
/// 2026-01-01 in days since 1970-01-01.
const YEAR: i64 = 20_454;

fn at((month, day, hour, minute): Moment) -> Timestamp {
    let days = YEAR + BEFORE_MONTH[month as usize - 1] + day - 1;
    Timestamp((days * 86_400 + hour * 3600 + minute * 60) * 1_000_000)
}

/// The times after `after`, one by one.
fn fires<C: Calendar>(calendar: &C, plan: (&str, &str), after: Moment, expected: &[Moment]) -> Outcome {
    let ((cron, zone), mut last) = (plan, at(after));
    for wanted in expected {
        let next = calendar.next(cron, zone, last)?;
        assert_eq!(next, Some(at(*wanted)), "{cron} in {zone} after {last}, wanted {wanted:?}");
        last = at(*wanted);
    }
    Ok(())
}

/// Else a plan would fire for ever at one moment.
pub async fn the_time_itself_is_not_the_next_one<C: Calendar>(calendar: &C) -> Outcome {
    fires(calendar, ("0 22 * * *", "UTC"), (11, 23, 22, 0), &[(11, 24, 22, 0)])?;
    fires(calendar, ("0 22 * * *", "UTC"), (11, 23, 21, 59), &[(11, 23, 22, 0)])
}

/// Ten in the evening is ten in the evening, in summer and in winter.
pub async fn a_wall_clock_time_keeps_its_hour_across_the_year<C: Calendar>(calendar: &C) -> Outcome {
    let berlin = [(3, 28, 21, 0), (3, 29, 20, 0)];
    fires(calendar, ("0 22 * * *", "Europe/Berlin"), (3, 28, 12, 0), &berlin)?;
    let new_york = [(11, 1, 2, 0), (11, 2, 3, 0)];
    fires(calendar, ("0 22 * * *", "America/New_York"), (10, 31, 12, 0), &new_york)
}

/// What was planned for the night is not left out.
pub async fn a_time_the_clock_skips_fires_right_after_the_gap<C: Calendar>(calendar: &C) -> Outcome {
    let berlin = [(3, 29, 1, 0), (3, 30, 0, 30)];
    fires(calendar, ("30 2 * * *", "Europe/Berlin"), (3, 28, 12, 0), &berlin)?;
    let new_york = [(3, 8, 7, 0), (3, 9, 6, 30)];
    fires(calendar, ("30 2 * * *", "America/New_York"), (3, 7, 12, 0), &new_york)
}

/// The first time only.
pub async fn a_time_that_comes_twice_fires_once<C: Calendar>(calendar: &C) -> Outcome {
    let berlin = [(10, 25, 0, 30), (10, 26, 1, 30)];
    fires(calendar, ("30 2 * * *", "Europe/Berlin"), (10, 24, 12, 0), &berlin)?;
    let new_york = [(11, 1, 5, 30), (11, 2, 6, 30)];
    fires(calendar, ("30 1 * * *", "America/New_York"), (10, 31, 12, 0), &new_york)
}

/// Times from a step are read off the wall clock.
pub async fn repeated_times_run_through_both_hours_and_skip_the_gap<C: Calendar>(calendar: &C) -> Outcome {
    let plan = ("*/30 * * * *", "Europe/Berlin");
    fires(calendar, plan, (3, 29, 0, 0), &[(3, 29, 0, 30), (3, 29, 1, 0), (3, 29, 1, 30)])?;
    fires(calendar, plan, (10, 25, 0, 0), &[(10, 25, 0, 30), (10, 25, 1, 0), (10, 25, 1, 30)])
}

/// A plan for such a day just never fires.
pub async fn a_day_there_never_is_has_no_next_time<C: Calendar>(calendar: &C) -> Outcome {
    assert_eq!(calendar.next("0 0 31 2 *", "UTC", at((1, 1, 0, 0)))?, None);
    Ok(())
}

/// No waiting mends them.
pub async fn unknown_fields_and_zones_are_refused_by_name<C: Calendar>(calendar: &C) -> Outcome {
    let next = |cron: &str, zone: &str| -> Result<Option<Timestamp>, PortError> {
        calendar.next(cron, zone, at((1, 1, 0, 0)))
    };
    refused(next("0 22 * * *", "Europe/Bielefeld"), "Europe/Bielefeld");
    refused(next("0 22 * *", "UTC"), "4 fields");
    refused(next("0 0 22 * * *", "UTC"), "6 fields");
    refused(next("0 25 * * *", "UTC"), "25");
    Ok(())
}
