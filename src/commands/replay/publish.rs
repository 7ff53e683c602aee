//! `hydra replay --publish`: events told again on the NATS bus, as fast as they happened or faster, under subjects that
//! nobody takes for the present. It reads the log beside whoever writes it, and writes nothing.

use std::time::Duration;

use anyhow::{Context, Result};
use hydra_actors::host::fresh_id;
use hydra_actors::worker;
use hydra_bus::nats::Replayer;
use hydra_bus::subject::Part;
use hydra_events::clock::SystemClock;
use hydra_events::log::Filter;
use hydra_events::record::{Position, Recorded};
use hydra_events::{EventLog, StreamName};
use serde_json::json;
use tokio::time::Instant;

use super::super::{Setting, events};
use super::pace::{Pace, Pause};
use crate::app::Interrupts;
use crate::backends;
use crate::cli::Publishing;
use crate::config::BusPlace;
use crate::exit::{BadInput, Exit};
use crate::print;

/// Records held at once; also how many are told before the server has to confirm them.
const PAGE: u64 = 500;
/// Shorter pauses are not worth a timer: they are made up for later.
const PAUSE_MIN: Duration = Duration::from_millis(2);
const SESSION_DIGITS: usize = 8;

/// Publishes what is wanted until it is told, or until Ctrl-C.
pub async fn run(setting: &Setting, wanted: Option<&str>, publishing: &Publishing) -> Result<Exit> {
    let mut interrupts = Interrupts::listen()?;
    let filter = filter(wanted.unwrap_or(">"))?;
    let BusPlace::Nats(place) = &setting.data.config().bus else {
        let reason = "there is no NATS bus to publish on: the bus is in the process itself, name another with --config";
        return Err(BadInput(reason.to_owned()).into());
    };
    let log = events::open(setting).await?;
    let (from, to) = range(publishing, log.head().await?)?;
    let session = session(publishing.session.as_deref())?;
    let part: Part = session.parse().map_err(|error| BadInput(format!("--session: {error}")))?;
    let replayer = Replayer::connect(backends::nats_options(place, Some(log.id())), part).await;
    let replayer = replayer.context("the bus that the configuration names was not reached")?;
    tell_begin(setting, &replayer, &session, from, to)?;
    let longest = Duration::from_secs_f64(publishing.longest_pause);
    let pace = Pace::new(publishing.speed, longest);
    let mut telling =
        Telling { log: log.as_ref(), replayer: &replayer, filter, pace, after: from - 1, told: 0 };
    let ended = tokio::select! {
        told = telling.until(to) => told.map(|()| Exit::Done),
        () = interrupts.next() => Ok(Exit::Stopped),
    };
    let (after, told) = (telling.after, telling.told);
    let ended = match ended {
        Ok(exit) => replayer.settle().await.map(|()| exit).map_err(Into::into),
        error => error,
    };
    replayer.close().await;
    let exit = ended.with_context(|| {
        format!("the replay broke off after position {after}; --from {} goes on", after + 1)
    })?;
    tell_end(setting, told, after, exit)
}

/// What to tell: a pattern, or everything of one stream.
fn filter(wanted: &str) -> Result<Filter, BadInput> {
    let pattern = match wanted.parse::<StreamName>() {
        Ok(stream) => format!("{}.{}.>", stream.category(), stream.id()),
        Err(_) => wanted.to_owned(),
    };
    Filter::parse(&pattern).map_err(|error| BadInput(error.to_string()))
}

fn range(publishing: &Publishing, head: Position) -> Result<(Position, Position), BadInput> {
    let (from, to) = (publishing.from.max(1), publishing.to.unwrap_or(head));
    if to > head {
        return Err(BadInput(format!("position {to} is not there yet: the log ends at {head}")));
    }
    if from > to {
        return Err(BadInput(format!("nothing lies between position {from} and position {to}")));
    }
    Ok((from, to))
}

/// The name that was given, or one that no other replay has.
fn session(given: Option<&str>) -> Result<String> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let id = fresh_id(&SystemClock, &worker::instance(&SystemClock));
    Ok(id.to_string().chars().take(SESSION_DIGITS).collect())
}

fn tell_begin(
    setting: &Setting,
    replayer: &Replayer,
    session: &str,
    from: Position,
    to: Position,
) -> Result<()> {
    let subject = replayer.pattern().as_str();
    if setting.json {
        return Ok(print::json(&json!({ "session": session, "subject": subject, "from": from, "to": to }))?);
    }
    Ok(print::line(format!("positions {from} to {to} on {subject}: listen with `nats sub '{subject}'`"))?)
}

fn tell_end(setting: &Setting, told: u64, after: Position, exit: Exit) -> Result<Exit> {
    if setting.json {
        print::json(&json!({ "published": told, "position": after }))?;
    } else {
        print::line(format!("{told} events published, up to position {after}"))?;
    }
    if exit == Exit::Stopped {
        print::progress(format!("stopped: --from {} goes on", after + 1));
    }
    Ok(exit)
}

struct Telling<'a> {
    log: &'a dyn EventLog,
    replayer: &'a Replayer,
    filter: Filter,
    pace: Pace,
    /// The last position that was dealt with.
    after: Position,
    told: u64,
}

impl Telling<'_> {
    async fn until(&mut self, to: Position) -> Result<()> {
        let mut due = Instant::now();
        while self.after < to {
            let page = self.log.read(self.after, usize::try_from(PAGE.min(to - self.after))?).await?;
            for event in page.iter().filter(|event| event.position <= to) {
                if self.filter.matches(event) {
                    due = self.wait_for(event, due).await?;
                    self.replayer.tell(event).await?;
                    self.told += 1;
                }
                self.after = event.position;
            }
            // However fast it goes, no more than a page is on its way.
            self.replayer.settle().await?;
            if page.is_empty() {
                self.after = to;
            }
        }
        Ok(())
    }

    /// Waits until `event` is due; returns when that was, so that what waiting takes too long is made up for.
    async fn wait_for(&mut self, event: &Recorded, due: Instant) -> Result<Instant> {
        let wait = match self.pace.pause_before(event.time) {
            Pause::Wait(wait) => wait,
            Pause::Cut { idle, wait } => {
                let (position, idle, shown) = (event.position, shown(idle), shown(wait));
                print::progress(format!(
                    "pause     nothing for {idle} before position {position}: going on in {shown}"
                ));
                wait
            }
        };
        let due = due + wait;
        if due.saturating_duration_since(Instant::now()) >= PAUSE_MIN {
            // What was told so far is heard now, not after the pause.
            self.replayer.settle().await?;
            tokio::time::sleep_until(due).await;
        }
        Ok(due)
    }
}

/// A length of time for people: `7 h 12 min`, `3 min 5 s`, `12.5 s`.
fn shown(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3_600, seconds / 60 % 60) {
        (0, 0) => format!("{:.1} s", time.as_secs_f64()),
        (0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_or_a_pattern_says_what_is_told() {
        for wanted in [">", "image.>", "*.*.image_rendered", "chapter-play", "image-a-b_c"] {
            assert!(filter(wanted).is_ok(), "{wanted}");
        }
        assert_eq!(filter("chapter-play").unwrap(), filter("chapter.play.>").unwrap());
        for wanted in ["", "picture.>", "image..x", "picture-x"] {
            assert!(filter(wanted).is_err(), "{wanted}");
        }
    }

    #[test]
    fn a_length_of_time_is_shown_in_two_units() {
        for (seconds, words) in
            [(0.05, "0.1 s"), (12.5, "12.5 s"), (185.0, "3 min 5 s"), (25_920.0, "7 h 12 min")]
        {
            assert_eq!(shown(Duration::from_secs_f64(seconds)), words);
        }
    }
}
