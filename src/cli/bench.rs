//! What `hydra bench` can be asked.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use hydra_projections::VIEWS;

/// `hydra bench`.
#[derive(Debug, Args)]
pub struct Bench {
    /// What to measure; everything the servers at hand allow when absent.
    pub what: Option<BenchWhat>,
    /// The screenplay that `produce` makes.
    #[arg(default_value = "examples/archipelago.fountain")]
    pub file: PathBuf,
    /// Measure this cell once and print `{"ops","secs","rate","p50_ms","p99_ms"}` as the last line.
    #[arg(long, value_name = "NAME", conflicts_with = "what")]
    pub cell: Option<String>,
    /// List the cells.
    #[arg(long)]
    pub list: bool,
    /// What keeps the log; Postgres where one is named.
    #[arg(long, value_name = "BACKEND")]
    pub backend: Option<BenchBackend>,
    /// Append with so many writers instead of 1, 16 and 64.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub writers: Option<u32>,
    /// Seconds that count of every run.
    #[arg(long, value_name = "S", default_value_t = 5.0, value_parser = seconds)]
    pub secs: f64,
    /// Rounds, each with every side.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=99))]
    pub rounds: u32,
    /// Pipelines to run at least.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub pipelines: u64,
    /// Events of the log that is read, started over, filled or that views are built from; 1,000,000 unless said, 200,000
    /// of them to build views from.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub events: Option<u64>,
    /// Build these views only.
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(VIEWS.map(|view| view.name)))]
    pub view: Vec<String>,
    /// Scenes of the longest chapter.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=3_000))]
    pub scenes: u32,
    /// The Postgres server, unless the configuration names one.
    #[cfg(feature = "full")]
    #[arg(long, value_name = "URL")]
    pub postgres: Option<String>,
    /// The NATS server, unless the configuration names one.
    #[cfg(feature = "full")]
    #[arg(long, value_name = "URL")]
    pub nats: Option<String>,
    /// What a second process does for the first.
    #[cfg(feature = "full")]
    #[arg(long, hide = true, value_name = "ORDER")]
    pub elsewhere: Option<String>,
}

impl Bench {
    /// Events of a log that is read or filled.
    pub fn events(&self) -> u64 {
        self.events.unwrap_or(1_000_000)
    }

    /// Events of a log that views are built from: made by whole chapters, it takes longer to be there.
    pub fn rebuilt_events(&self) -> u64 {
        self.events.unwrap_or(200_000)
    }
}

/// A group of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BenchWhat {
    /// Durable appends, beside plain INSERTs.
    Log,
    /// Reading the whole log and folding it, beside plain reading.
    Replay,
    /// From an append to a subscriber of the bus, beside JetStream alone.
    Relay,
    /// Pipelines of durable steps through the host, beside plain INSERTs.
    Steps,
    /// Whole chapters with engines that answer at once.
    Produce,
    /// Filling the views from the whole log.
    Project,
    /// Building each view anew from a long log, beside loading the same rows into its store.
    Rebuild,
    /// Starting over a long log.
    Start,
    /// Waiting for something to do.
    Idle,
    /// Measures nothing: fills the log of the data folder, or the configured one, with chapters. It must be empty.
    Seed,
}

/// What keeps the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BenchBackend {
    /// A SQLite file.
    Sqlite,
    /// A schema of a Postgres database.
    Postgres,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("{text:?} is no number of seconds"))?;
    match (0.01..=3_600.0).contains(&seconds) {
        true => Ok(seconds),
        false => Err("use 0.01 to 3600 seconds".to_owned()),
    }
}
