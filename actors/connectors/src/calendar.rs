//! The calendar behind plans: five cron fields in an IANA time zone, from a time-zone database that is built in.
//!
//! Where clocks change, a plan follows Vixie cron. A single time of day (`30 2 * * *`) that the clock skips in spring
//! fires at the first moment after the gap; one that comes twice in autumn fires the first time only. Times from a
//! `*`, a list, a range or a step in minute or hour are read off the wall clock: those in the gap are skipped, those
//! in the repeated hour fire both times.
//!
//! What can go wrong: fields or time zone are unknown, which no waiting mends.

use croner::Cron;
use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};
use hydra_actors::ports::{Calendar, PortError};
use hydra_actors::scheduler::plan::cron;
use hydra_events::Timestamp;
use jiff::tz::TimeZone;

/// The calendar of this world.
#[derive(Clone, Copy, Debug, Default)]
pub struct CronCalendar;

impl Calendar for CronCalendar {
    fn next(&self, cron: &str, timezone: &str, after: Timestamp) -> Result<Option<Timestamp>, PortError> {
        let times = times(cron)?;
        let zone = zone(timezone)?;
        let start = jiff::Timestamp::from_microsecond(after.0).map_err(PortError::permanent)?.to_zoned(zone);
        match times.find_next_occurrence(&start, false) {
            Ok(next) => Ok(Some(Timestamp(next.timestamp().as_microsecond()))),
            // Such as 31 February, or the end of the calendar.
            Err(CronError::TimeSearchLimitExceeded) => Ok(None),
            Err(error) => Err(PortError::permanent(format!("{cron:?} in {timezone} after {after}: {error}"))),
        }
    }
}

/// The moment that an RFC 3339 text names, such as `2026-11-22T02:13:00+01:00`.
///
/// # Errors
/// What is wrong with the text.
pub fn moment(text: &str) -> Result<Timestamp, String> {
    let known = text.parse::<jiff::Timestamp>().map(|moment| Timestamp(moment.as_microsecond()));
    known.map_err(|error| format!("{text:?} is no moment such as 2026-11-22T02:13:00+01:00: {error}"))
}

/// The library reads more than a plan may hold, so a plan's own rule comes first.
fn times(text: &str) -> Result<Cron, PortError> {
    cron::check(text).map_err(PortError::permanent)?;
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(text).map_err(|error| PortError::permanent(format!("{text:?} does not say when: {error}")))
}

fn zone(name: &str) -> Result<TimeZone, PortError> {
    let known = jiff::tz::db().get(name);
    known.map_err(|_| {
        PortError::permanent(format!("{name:?} is no time zone: an IANA name is, such as Europe/Berlin"))
    })
}

#[cfg(test)]
mod tests {
    //! What every calendar does, above all where clocks change, is in the port's contract (`tests/ports.rs`).

    use hydra_events::vocabulary::effect::FailureKind;

    use super::*;

    fn micros(rfc3339: &str) -> Timestamp {
        Timestamp(rfc3339.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    /// The times after `after`, one by one.
    fn check(cron: &str, timezone: &str, after: &str, expected: &[&str]) {
        let mut at = micros(after);
        for wanted in expected {
            let next = CronCalendar.next(cron, timezone, at).unwrap().unwrap();
            assert_eq!(next.to_string(), micros(wanted).to_string(), "{cron} in {timezone} after {at}");
            at = next;
        }
    }

    #[test]
    fn lists_ranges_steps_and_names_are_understood() {
        let monday = "2026-11-23T00:00:00Z";
        check("*/30 * * * *", "UTC", monday, &["2026-11-23T00:30:00Z", "2026-11-23T01:00:00Z"]);
        check("0 8-18/5 * * *", "UTC", monday, &["2026-11-23T08:00:00Z", "2026-11-23T13:00:00Z"]);
        check("5,10 0 * * *", "UTC", monday, &["2026-11-23T00:05:00Z", "2026-11-23T00:10:00Z"]);
        check("0 6 * * tue,SAT", "UTC", monday, &["2026-11-24T06:00:00Z", "2026-11-28T06:00:00Z"]);
        check("0 0 1 JAN-FEB *", "UTC", monday, &["2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"]);
        check("0 0 * * 7", "UTC", monday, &["2026-11-29T00:00:00Z"]);
    }

    #[test]
    fn a_limited_day_of_month_and_a_limited_day_of_week_are_either_enough() {
        let days = ["2026-11-25T00:00:00Z", "2026-11-27T00:00:00Z", "2026-12-04T00:00:00Z"];
        check("0 0 25 * FRI", "UTC", "2026-11-23T00:00:00Z", &days);
    }

    #[test]
    fn a_leap_day_is_waited_for_and_a_day_there_never_is_has_no_next_time() {
        check("0 0 29 2 *", "Europe/Berlin", "2026-11-23T00:00:00Z", &["2028-02-28T23:00:00Z"]);
        assert_eq!(CronCalendar.next("0 0 31 2 *", "UTC", micros("2026-11-23T00:00:00Z")), Ok(None));
    }

    #[test]
    fn unknown_fields_and_zones_fail_for_good() {
        for (cron, zone, named) in [
            ("0 22 * *", "UTC", "4 fields"),
            ("@daily", "UTC", "1 fields"),
            ("0 0 22 * * *", "UTC", "6 fields"),
            ("0 0 L * *", "UTC", "\"L\" is no day of month"),
            ("0 22 * * *", "Europe/Bielefeld", "Europe/Bielefeld"),
        ] {
            let error = CronCalendar.next(cron, zone, Timestamp(0)).unwrap_err();
            assert_eq!(error.kind, FailureKind::Permanent);
            assert!(error.message.contains(named), "{error}");
        }
    }
}
