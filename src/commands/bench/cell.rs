//! The cells: what is measured, and what it should reach.

use std::fmt;
#[cfg(feature = "full")]
use std::time::Duration;

use anyhow::{Context, Result};
use hydra_bench::contest::{Contest, Target};
use hydra_bench::log::{Appends, Overload, Shape};
#[cfg(feature = "full")]
use hydra_bench::relay::{Pace, Relayed};
use hydra_bench::replay::{Filled, Fold, Replay};
use hydra_projections::VIEWS;

use super::chapter::{Chapter, Growth};
#[cfg(feature = "full")]
use super::elsewhere;
use super::fold::{self, Project};
use super::ground::Ground;
use super::idle::Idle;
use super::rebuild::Rebuilding;
use super::start::Start;
use super::steps::Steps;
use crate::cli::{Bench, BenchBackend, BenchWhat};

/// Events of an append of many.
const BATCH: usize = 100;
/// Ten times as many callers as the log is measured with.
const OVERLOAD: usize = 640;
/// One event in so long.
#[cfg(feature = "full")]
const PACE: Duration = Duration::from_millis(5);
/// Writers of the relay.
const RELAYED: usize = 64;

/// Something that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Appends.
    Log {
        /// Callers at once.
        writers: usize,
        /// Events of an append.
        batch: usize,
    },
    /// Many more callers than the log can answer at once.
    Overload,
    /// Reading.
    Replay,
    /// Reading and folding.
    Fold,
    /// From appends by many to a subscriber.
    Relay,
    /// The same with one append every 5 ms.
    RelayPaced,
    /// The same from a second process, over the bus.
    RelayPacedRemote,
    /// Pipelines of durable steps.
    Steps,
    /// A chapter.
    Produce,
    /// Chapters of different length.
    Growth,
    /// The views.
    Project,
    /// A view, built anew.
    Rebuild {
        /// Its name.
        view: &'static str,
        /// Where.
        kept: Kept,
    },
    /// A start over a long log.
    Start,
    /// Nothing.
    Idle,
}

/// Where a view that is built anew is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In a SQLite file.
    Here,
    /// On the server that the configuration names for it.
    Elsewhere,
}

impl Cell {
    /// Those that do not depend on what views there are.
    const FIXED: [Self; 17] = [
        Self::Log { writers: 1, batch: 1 },
        Self::Log { writers: 16, batch: 1 },
        Self::Log { writers: 64, batch: 1 },
        Self::Log { writers: 1, batch: BATCH },
        Self::Log { writers: 16, batch: BATCH },
        Self::Overload,
        Self::Replay,
        Self::Fold,
        Self::Relay,
        Self::RelayPaced,
        Self::RelayPacedRemote,
        Self::Steps,
        Self::Produce,
        Self::Growth,
        Self::Project,
        Self::Start,
        Self::Idle,
    ];

    /// The cells that are asked for, in the order of [`Cell::all`].
    pub fn asked(asked: &Bench) -> Vec<Self> {
        let wanted =
            |cell: &Self| asked.what.is_none_or(|what| what == cell.group()) && cell.is_of(&asked.view);
        match (asked.writers, asked.what) {
            (Some(writers), None | Some(BenchWhat::Log)) => {
                vec![Self::Log { writers: writers as usize, batch: 1 }]
            }
            (_, _) => Self::all().into_iter().filter(wanted).collect(),
        }
    }

    /// Every cell.
    pub fn all() -> Vec<Self> {
        let rebuilds = VIEWS.into_iter().flat_map(|view| {
            [Kept::Here, Kept::Elsewhere].map(|kept| Self::Rebuild { view: view.name, kept })
        });
        Self::FIXED.into_iter().chain(rebuilds).collect()
    }

    /// Whether it is about one of these views, where any are named.
    fn is_of(self, views: &[String]) -> bool {
        let Self::Rebuild { view, .. } = self else { return true };
        views.is_empty() || views.iter().any(|name| name == view)
    }

    /// The cell of this name.
    pub fn named(name: &str, asked: &Bench) -> Option<Self> {
        let custom = asked.writers.map(|writers| Self::Log { writers: writers as usize, batch: 1 });
        Self::all().into_iter().chain(custom).find(|cell| cell.to_string() == name)
    }

    /// The group it belongs to.
    pub fn group(self) -> BenchWhat {
        match self {
            Self::Log { .. } | Self::Overload => BenchWhat::Log,
            Self::Replay | Self::Fold => BenchWhat::Replay,
            Self::Relay | Self::RelayPaced | Self::RelayPacedRemote => BenchWhat::Relay,
            Self::Produce | Self::Growth => BenchWhat::Produce,
            Self::Steps => BenchWhat::Steps,
            Self::Project => BenchWhat::Project,
            Self::Rebuild { .. } => BenchWhat::Rebuild,
            Self::Start => BenchWhat::Start,
            Self::Idle => BenchWhat::Idle,
        }
    }

    /// Whether a bus over NATS takes part.
    pub fn needs_nats(self) -> bool {
        self.group() == BenchWhat::Relay
    }

    /// What is done, for a person.
    pub fn about(self) -> String {
        match self {
            Self::Log { writers, batch: 1 } => format!("durable appends of one event, {writers} at once"),
            Self::Log { writers, batch } => format!("durable appends of {batch} events, {writers} at once"),
            Self::Overload => format!("durable appends, {OVERLOAD} at once, and what that does to memory"),
            Self::Replay => "the whole log read in order, into records".to_owned(),
            Self::Fold => "the same, folded by the deciders".to_owned(),
            Self::Relay => format!("append to JetStream to subscriber, {RELAYED} writers flat out"),
            Self::RelayPaced => "append to JetStream to subscriber, 200 a second".to_owned(),
            Self::RelayPacedRemote => "the same, appended by a second process over the bus".to_owned(),
            Self::Produce => "a chapter with engines that answer at once".to_owned(),
            Self::Growth => "processor time an event, of chapters of different length".to_owned(),
            Self::Steps => "pipelines of durable steps through the host, 64 in flight".to_owned(),
            Self::Project => "all views filled from the whole log".to_owned(),
            Self::Rebuild { view, kept: Kept::Here } => {
                format!("{view} built anew from a long log, in SQLite")
            }
            Self::Rebuild { view, kept: Kept::Elsewhere } => {
                format!("the same, where {view} is configured to be")
            }
            Self::Start => "a start over a long log, until the first command is answered".to_owned(),
            Self::Idle => "a quiet system: processor time and memory".to_owned(),
        }
    }

    fn targets(self, backend: BenchBackend) -> &'static [Target] {
        const fn rate(at_least: f64) -> Target {
            Target::Rate { of: 1, at_least }
        }
        match (self, backend) {
            (Self::Log { writers: 1, batch: 1 }, BenchBackend::Postgres) => &[const { rate(0.85) }],
            (Self::Log { writers: 16, batch: 1 }, BenchBackend::Postgres) => &[const { rate(1.2) }],
            (Self::Log { writers: 64, batch: 1 }, BenchBackend::Postgres) => {
                &[const { rate(2.8) }, const { rate(3.5) }, Target::Tail { of: 1, at_most: 0.25 }]
            }
            (Self::Log { writers: 1, batch: BATCH }, BenchBackend::Postgres) => &[const { rate(0.90) }],
            (Self::Log { writers: 16, batch: BATCH }, BenchBackend::Postgres) => &[const { rate(0.70) }],
            (Self::Log { writers: 64, batch: 1 }, BenchBackend::Sqlite) => &[const { rate(5.0) }],
            (Self::Steps, BenchBackend::Postgres) => &[const { rate(1.5) }, const { rate(2.0) }],
            (Self::Log { .. }, BenchBackend::Sqlite) => &[const { rate(0.8) }],
            (_, _) => &[],
        }
    }

    /// What measures it.
    pub fn contest(self, ground: &Ground, asked: &Bench) -> Result<Box<dyn Contest>> {
        let store = ground.store();
        let filled = || Filled::new(ground.store(), asked.events());
        Ok(match self {
            Self::Log { writers, batch } => {
                let targets = self.targets(ground.backend());
                Box::new(Appends { store, shape: Shape { writers, batch }, targets })
            }
            Self::Overload => Box::new(Overload { store, writers: OVERLOAD }),
            Self::Replay => Box::new(Replay(filled())),
            Self::Fold => Box::new(Fold { log: filled(), fresh: fold::fresh }),
            Self::Project => Box::new(Project { log: filled(), scratch: ground.scratch().clone() }),
            Self::Rebuild { view, kept } => {
                let place = ground.place(view, kept).context("there is no server for this view")?;
                Box::new(Rebuilding::try_new(view, place, ground.seed())?)
            }
            Self::Steps => {
                let (scratch, targets) = (ground.scratch().clone(), self.targets(ground.backend()));
                Box::new(Steps { store, scratch, pipelines: asked.pipelines, targets })
            }
            Self::Start => Box::new(Start::new(ground.chapters(), asked.events())),
            Self::Idle => Box::new(Idle(ground.chapters())),
            Self::Produce => Box::new(Chapter::try_new(ground.chapters(), asked.file.clone())?),
            Self::Growth => Box::new(Growth::new(ground.chapters(), asked.scenes)),
            #[cfg(feature = "full")]
            Self::Relay => Box::new(Relayed { store, nats: ground.nats()?, pace: Pace::FlatOut(RELAYED) }),
            #[cfg(feature = "full")]
            Self::RelayPaced => Box::new(Relayed { store, nats: ground.nats()?, pace: Pace::Every(PACE) }),
            #[cfg(feature = "full")]
            Self::RelayPacedRemote => {
                let pace = Pace::Elsewhere(PACE, elsewhere::program()?);
                Box::new(Relayed { store, nats: ground.nats()?, pace })
            }
            #[cfg(not(feature = "full"))]
            Self::Relay | Self::RelayPaced | Self::RelayPacedRemote => {
                anyhow::bail!("there is no NATS in this build")
            }
        })
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log { writers, batch: 1 } => write!(out, "log-{writers}"),
            Self::Log { writers, batch } => write!(out, "log-{writers}x{batch}"),
            Self::Overload => out.write_str("log-overload"),
            Self::Replay => out.write_str("replay"),
            Self::Fold => out.write_str("fold"),
            Self::Relay => out.write_str("relay"),
            Self::RelayPaced => out.write_str("relay-paced"),
            Self::RelayPacedRemote => out.write_str("relay-paced-remote"),
            Self::Produce => out.write_str("produce"),
            Self::Growth => out.write_str("produce-growth"),
            Self::Steps => out.write_str("steps"),
            Self::Project => out.write_str("project"),
            Self::Rebuild { view, kept: Kept::Here } => write!(out, "rebuild-{view}"),
            Self::Rebuild { view, kept: Kept::Elsewhere } => write!(out, "rebuild-{view}-server"),
            Self::Start => out.write_str("start"),
            Self::Idle => out.write_str("idle"),
        }
    }
}
