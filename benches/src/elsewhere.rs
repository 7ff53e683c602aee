//! A second process of the same program, from which events come at a pace: appended over the bus to the log of the
//! first, or published for the ceiling.
//!
//! It is told what to do on its command line, says `ready` and then how many events it sent, a line each, and goes on
//! until its standard input ends. So it ends with the first process, whatever ends that.
//!
//! An age is measured from one process to the other. The clock that both share is that of the day, which may be set;
//! so each reads it once, in the same second, and counts on by the clock that only goes forward.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::pull::Stream as Messages;
use hydra_bus::nats::{NatsBus, NatsOptions};
use hydra_bus::{Bus, RemoteLog};
use hydra_events::clock::{Clock, SystemClock};
use hydra_events::log::LogError;
use hydra_events::{EventLog, Id, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::watch;
use tokio::time::{interval, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::jetstream::{Publisher, confirm, receive};
use crate::load::{Caller, Window};
use crate::log::{Appender, Shape, appenders};
use crate::sample::{Sample, Span};
use crate::{BenchError, failed};

/// How long the other process may take to start, to answer or to end.
const PATIENCE: Duration = Duration::from_secs(20);
/// Pause before a log that nobody answers for yet is asked again.
const LOOK: Duration = Duration::from_millis(20);
/// Readings of both clocks, of which the quickest counts.
const READINGS: usize = 32;
const READY: &str = "ready";

/// How this program is started once more.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program.
    pub path: PathBuf,
    /// What stands on its command line before the order.
    pub arguments: Vec<OsString>,
}

/// What the other process does.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    /// What the names of its bus begin with.
    pub(crate) prefix: String,
    /// The log appended to; without one, messages are published.
    pub(crate) log: Option<Id>,
    /// One event in so many microseconds.
    pub(crate) pace_us: u64,
    /// The moment that documents count from.
    pub(crate) base: Timestamp,
}

impl Order {
    /// One event every `pace`, under `prefix`, in documents that count from `base`.
    pub(crate) fn at(pace: Duration, prefix: &str, log: Option<Id>, base: Moment) -> Self {
        let pace_us = u64::try_from(pace.as_micros()).unwrap_or(u64::MAX);
        Self { prefix: prefix.to_owned(), log, pace_us, base: base.anywhere }
    }
}

/// One moment, by the clock that only goes forward and by the clock of the day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// As this process counts.
    pub(crate) here: Instant,
    /// As everybody counts.
    pub(crate) anywhere: Timestamp,
}

impl Moment {
    /// Now. The clock of the day tells microseconds, and so exact is what is compared.
    pub(crate) fn now() -> Self {
        let read = || {
            let here = Instant::now();
            let anywhere = SystemClock.now();
            (here.elapsed(), Self { here, anywhere })
        };
        // One that was interrupted between both clocks is no single moment.
        let (mut took, mut best) = read();
        for (next, moment) in (1..READINGS).map(|_| read()) {
            if next < took {
                (took, best) = (next, moment);
            }
        }
        best
    }

    /// An earlier moment of the day, as this process counts.
    fn earlier(self, anywhere: Timestamp) -> Option<Instant> {
        self.here.checked_sub(self.anywhere.since(anywhere))
    }
}

/// The other process, which sends.
pub(crate) struct Elsewhere {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    /// Starts the other process, and returns when it begins to send.
    pub(crate) async fn start(&self, order: &Order) -> Result<Elsewhere, BenchError> {
        let order = serde_json::to_string(order).map_err(failed("writing an order"))?;
        let mut command = Command::new(&self.path);
        command.args(&self.arguments).arg(order).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().map_err(failed("starting a second process"))?;
        let output = child.stdout.take().ok_or_else(|| BenchError::Wrong("it has no output".to_owned()))?;
        let mut other = Elsewhere { child, lines: BufReader::new(output).lines() };
        match other.line().await?.as_str() {
            READY => Ok(other),
            said => Err(BenchError::Wrong(format!("the second process said {said:?} instead of {READY:?}"))),
        }
    }
}

impl Elsewhere {
    /// Receives for the length of `span` what is sent, then has it ended; returns also how many there were.
    pub(crate) async fn follow(
        mut self,
        messages: Messages,
        base: Instant,
        span: Span,
        check: impl FnMut(u64, &Message) -> Result<(), BenchError> + Send,
    ) -> Result<(Sample, u64), BenchError> {
        let (ended, end) = watch::channel(None);
        let window = Window::after(span);
        let wait = async {
            sleep_until(window.until().into()).await;
            let sent = self.end().await?;
            ended.send_replace(Some(sent));
            Ok(sent)
        };
        let (sent, received): (u64, Sample) =
            tokio::try_join!(wait, receive(messages, window, base, end, check))?;
        Ok((received, sent))
    }

    async fn end(&mut self) -> Result<u64, BenchError> {
        drop(self.child.stdin.take());
        let sent = self.line().await?;
        let ended = timeout(PATIENCE, self.child.wait()).await.map_err(failed("ending a second process"))?;
        match ended.map_err(failed("ending a second process"))?.success() {
            true => sent.parse().map_err(failed("reading how many events were sent")),
            false => Err(BenchError::Wrong("the second process failed".to_owned())),
        }
    }

    async fn line(&mut self) -> Result<String, BenchError> {
        let line = timeout(PATIENCE, self.lines.next_line()).await;
        let line = line.map_err(failed("waiting for a second process"))?;
        let line = line.map_err(failed("listening to a second process"))?;
        line.ok_or_else(|| BenchError::Wrong("the second process ended too early".to_owned()))
    }
}

/// What the other process is: it sends as `order` says until its standard input ends, and `tell`s the first.
///
/// # Errors
/// When the order is none, or the servers or the first process fail.
pub async fn serve(
    options: NatsOptions,
    order: &str,
    mut tell: impl FnMut(&str) -> io::Result<()> + Send,
) -> Result<(), BenchError> {
    let order: Order = serde_json::from_str(order).map_err(failed("reading an order"))?;
    let unknown = || BenchError::Wrong("the order is older than this machine's clock".to_owned());
    let base = Moment::now().earlier(order.base).ok_or_else(unknown)?;
    let mut sender = Sender::open(options, &order, base).await?;
    let stop = input_ended()?;
    tell(READY).map_err(failed("telling the first process"))?;
    let (mut ticks, mut sent) = (interval(Duration::from_micros(order.pace_us.max(1))), 0);
    while !stop.is_cancelled() {
        ticks.tick().await;
        sent += sender.send(base).await?;
    }
    tell(&sent.to_string()).map_err(failed("telling the first process"))
}

/// Cancelled once nothing more can be read: its owner has closed it, or has ended.
fn input_ended() -> Result<CancellationToken, BenchError> {
    let stop = CancellationToken::new();
    let ended = stop.clone();
    // It may read for ever, which a task of the runtime must not.
    let read = move || {
        // What cannot be read has ended as well.
        drop(io::copy(&mut io::stdin().lock(), &mut io::sink()));
        ended.cancel();
    };
    thread::Builder::new().spawn(read).map_err(failed("starting a thread"))?;
    Ok(stop)
}

/// Who sends.
enum Sender {
    /// To the log, over the bus.
    Log(Box<Appender>),
    /// To JetStream alone.
    Raw(Box<Publisher>),
}

impl Sender {
    async fn open(options: NatsOptions, order: &Order, base: Instant) -> Result<Self, BenchError> {
        let options = NatsOptions { prefix: order.prefix.clone(), log: order.log, ..options };
        if order.log.is_none() {
            return Ok(Self::Raw(Box::new(Publisher::connect(&options).await?)));
        }
        let bus = NatsBus::connect(options).await.map_err(failed("opening the bus"))?;
        let log: Arc<dyn EventLog> = Arc::new(remote_log(Arc::new(bus)).await?);
        let mut one = appenders(&log, "w", Shape { writers: 1, batch: 1 }, base)?;
        let one = one.pop().ok_or_else(|| BenchError::Wrong("there is no writer".to_owned()))?;
        Ok(Self::Log(Box::new(one)))
    }

    /// Sends once, and waits until that is acknowledged.
    async fn send(&mut self, base: Instant) -> Result<u64, BenchError> {
        match self {
            Self::Log(appender) => appender.call().await,
            Self::Raw(publisher) => {
                confirm(Some(publisher.send(base).await?)).await?;
                Ok(1)
            }
        }
    }
}

/// The log at the other end of `bus`, once somebody answers there.
async fn remote_log(bus: Arc<dyn Bus>) -> Result<RemoteLog, BenchError> {
    let opened = timeout(PATIENCE, async {
        loop {
            match RemoteLog::open(Arc::clone(&bus)).await {
                Err(LogError::Store(_)) => sleep(LOOK).await,
                opened => return opened,
            }
        }
    });
    Ok(opened.await.map_err(failed("waiting for the log's writer"))??)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_the_same_by_the_clock_of_another_process() {
        let first = Moment::now();
        let second = Moment::now();
        let found = second.earlier(first.anywhere).unwrap();
        let apart = found.saturating_duration_since(first.here) + first.here.saturating_duration_since(found);
        assert!(apart < Duration::from_secs(1), "{apart:?}");
    }
}
