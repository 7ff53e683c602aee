//! From an append to a subscriber of the bus, through the relay; beside JetStream and the log alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::Message;
use async_trait::async_trait;
use hydra_bus::nats::{Names, NatsBus};
use hydra_bus::{Bus, relay, remote, wire};
use hydra_events::EventLog;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::interval;
use tokio_util::sync::CancellationToken;

use crate::contest::{Contest, Target};
use crate::elsewhere::{Moment, Order, Program};
use crate::jetstream::{self, Nats};
use crate::load::{Caller, Window, closed_loop};
use crate::log::{Appender, Made, Shape, Store, appenders};
use crate::sample::{Sample, Span};
use crate::{BenchError, failed};

/// How appends come.
#[derive(Clone, Debug)]
pub enum Pace {
    /// By so many writers, as fast as it goes.
    FlatOut(usize),
    /// By one writer, each so long after the one before.
    Every(Duration),
    /// The same by a writer in a process of its own, which has the bus and no log.
    Elsewhere(Duration, Program),
}

/// The relay beside JetStream, and beside the log.
pub struct Relayed {
    /// The log.
    pub store: Store,
    /// The bus.
    pub nats: Nats,
    /// How appends come.
    pub pace: Pace,
}

#[async_trait]
impl Contest for Relayed {
    fn sides(&self) -> &'static [&'static str] {
        match self.pace {
            Pace::FlatOut(_) => &["hydra", "jetstream", "log"],
            Pace::Every(_) | Pace::Elsewhere(..) => &["hydra", "jetstream"],
        }
    }

    fn targets(&self) -> &'static [Target] {
        match self.pace {
            Pace::FlatOut(_) => {
                &[Target::Rate { of: 1, at_least: 0.35 }, Target::Rate { of: 1, at_least: 0.45 }]
            }
            Pace::Every(_) | Pace::Elsewhere(..) => &[Target::Later { of: 1, p50_ms: 0.6, p99_ms: 2.0 }],
        }
    }

    async fn run(&mut self, side: usize, span: Span) -> Result<Sample, BenchError> {
        match (side, &self.pace) {
            (0, _) => self.relayed(span).await,
            (1, Pace::FlatOut(_)) => jetstream::flat_out(&self.nats, span).await,
            (1, Pace::Every(pace)) => jetstream::paced(&self.nats, *pace, span).await,
            (1, Pace::Elsewhere(pace, program)) => {
                jetstream::paced_elsewhere(&self.nats, program, *pace, span).await
            }
            (_, _) => self.alone(span).await,
        }
    }

    fn note(&self) -> Option<String> {
        let order =
            "every event arrived, in order, none twice; p50 and p99 are from the append to the subscriber";
        let who = match self.pace {
            Pace::FlatOut(_) | Pace::Every(_) => "",
            Pace::Elsewhere(..) => {
                "; both sides are sent by a second process, whose clock was compared by that of the day to 1 µs"
            }
        };
        Some(format!("{order}{who}"))
    }
}

impl Relayed {
    fn shape(&self) -> Shape {
        let writers = match self.pace {
            Pace::FlatOut(writers) => writers,
            Pace::Every(_) | Pace::Elsewhere(..) => 1,
        };
        Shape { writers, batch: 1 }
    }

    async fn alone(&self, span: Span) -> Result<Sample, BenchError> {
        let Made { log, place, .. } = self.store.open().await?;
        let sample = closed_loop(appenders(&log, "w", self.shape(), Instant::now())?, span).await?;
        drop(log);
        self.store.remove(place).await?;
        Ok(sample)
    }

    async fn relayed(&self, span: Span) -> Result<Sample, BenchError> {
        let Made { log, checkpoints, place } = self.store.open().await?;
        let prefix = self.nats.fresh();
        let bus = NatsBus::connect(self.nats.options(&prefix, log.id())).await;
        let bus: Arc<dyn Bus> = Arc::new(bus.map_err(failed("opening the bus"))?);
        let stop = CancellationToken::new();
        let mut relays = JoinSet::new();
        relays.spawn(relay(Arc::clone(&log), Arc::clone(&bus), stop.clone()));
        let mut desks = JoinSet::new();
        let sample = match &self.pace {
            Pace::FlatOut(_) | Pace::Every(_) => self.follow(&log, &prefix, span).await,
            Pace::Elsewhere(pace, program) => {
                let (checkpoints, stop) = (Arc::clone(&checkpoints), stop.clone());
                desks.spawn(remote::serve(Arc::clone(&log), checkpoints, Arc::clone(&bus), stop));
                self.follow_elsewhere(&log, &prefix, *pace, program, span).await
            }
        };
        stop.cancel();
        while let Some(ended) = relays.join_next().await {
            ended.map_err(failed("the relay"))?.map_err(failed("the relay"))?;
        }
        desks.join_all().await;
        bus.close().await;
        drop((log, checkpoints));
        self.nats.remove(&prefix).await?;
        self.store.remove(place).await?;
        sample
    }

    async fn follow(&self, log: &Arc<dyn EventLog>, prefix: &str, span: Span) -> Result<Sample, BenchError> {
        let messages = self.nats.messages(&Names::under(prefix).events).await?;
        let base = Instant::now();
        let callers = appenders(log, "w", self.shape(), base)?;
        let (ended, end) = watch::channel(None);
        let window = Window::after(span);
        let write = async {
            match self.pace {
                Pace::FlatOut(_) => drop(closed_loop(callers, span).await?),
                Pace::Every(pace) | Pace::Elsewhere(pace, _) => keep_pace(callers, pace, &window).await?,
            }
            ended.send_replace(Some(log.head().await?));
            Ok(())
        };
        let (_, received): ((), Sample) =
            tokio::try_join!(write, jetstream::receive(messages, window, base, end, follows))?;
        Ok(received)
    }

    async fn follow_elsewhere(
        &self,
        log: &Arc<dyn EventLog>,
        prefix: &str,
        pace: Duration,
        program: &Program,
        span: Span,
    ) -> Result<Sample, BenchError> {
        let messages = self.nats.messages(&Names::under(prefix).events).await?;
        let base = Moment::now();
        let other = program.start(&Order::at(pace, prefix, Some(log.id()), base)).await?;
        let (received, sent) = other.follow(messages, base.here, span, follows).await?;
        match log.head().await? {
            head if head == sent => Ok(received),
            head => {
                Err(BenchError::Wrong(format!("{sent} events were appended, and the log ends at {head}")))
            }
        }
    }
}

async fn keep_pace(mut callers: Vec<Appender>, pace: Duration, window: &Window) -> Result<(), BenchError> {
    let mut ticks = interval(pace);
    while !window.is_over() {
        ticks.tick().await;
        for caller in &mut callers {
            caller.call().await?;
        }
    }
    Ok(())
}

/// The `ordinal`-th message is the event of that position, whole.
fn follows(ordinal: u64, message: &Message) -> Result<(), BenchError> {
    let find = |name: &str| message.headers.as_ref()?.get(name).map(|value| value.as_str());
    let event = wire::read(find, &message.payload).map_err(failed("reading an event from the bus"))?;
    match event.position == ordinal {
        true => Ok(()),
        false => Err(BenchError::Wrong(format!("position {} arrived as number {ordinal}", event.position))),
    }
}
