//! The command line: what can be asked, and the help that teaches it.

mod bench;
mod dead;
mod history;
mod knowledge;
mod views;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use hydra_actors::registry::ACTORS;

pub use dead::Dead;
pub use history::{Export, Import, Replay};
#[cfg(feature = "full")]
pub use history::{Publishing, Speed};
pub use knowledge::Knowledge;
pub use views::{Audit, Kin, Memory, Moment, Question, Rebuild};

pub use bench::{Bench, BenchBackend, BenchWhat};

/// The usual data folder.
pub const DATA: &str = ".hydra";
/// The usual output folder.
pub const OUT: &str = "out";

/// A screenplay in the evening, a visual-novel chapter in the morning.
///
/// Hydra turns a Fountain screenplay into a chapter folder: dialogue, images, voices, a playable Ren'Py project and a
/// report. Every step is an event in a durable log, so a run can be stopped anywhere, resumed, replayed and questioned.
#[derive(Debug, Parser)]
#[command(name = "hydra", version, about, long_about, after_help = EXIT_CODES)]
pub struct Cli {
    /// Where Hydra keeps its state: log, content, views.
    #[arg(long, global = true, value_name = "DIR", env = "HYDRA_DATA", default_value = DATA)]
    pub data: PathBuf,
    /// Which log, bus and content store to use, as `compose/hydra.toml` shows; all in the data folder without it.
    #[arg(long, global = true, value_name = "FILE", env = "HYDRA_CONFIG")]
    pub config: Option<PathBuf>,
    /// Where results go.
    #[arg(long, global = true, value_name = "DIR", env = "HYDRA_OUT", default_value = OUT)]
    pub out: PathBuf,
    /// Print JSON for machines on standard output.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to log to standard error, as a filter such as `info` or `hydra_actors=debug`.
    #[arg(long, global = true, value_name = "FILTER", env = "HYDRA_LOG", default_value = "warn")]
    pub log: String,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 the work failed or something was found, 2 wrong use or bad input, \
                          130 stopped by Ctrl-C (run the same command again to go on).";

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a chapter from a screenplay.
    ///
    /// Runs until the chapter folder is complete. Run the same command again after a crash, a Ctrl-C or an edit: what is
    /// done stays, what changed is made anew, a damaged folder is repaired.
    Produce(Produce),
    /// Show what a screenplay is understood as, before anything is made.
    Check(Check),
    /// Look at the event log.
    #[command(subcommand)]
    Events(Events),
    /// Show a stream's state at any moment of its history, or publish history again. Never has effects.
    // Its `--version` is the stream's.
    #[command(disable_version_flag = true)]
    Replay(Replay),
    /// Put the log, or a piece of it, on a tape: one file that another machine can import.
    ///
    /// Works beside a running Hydra. The file is there once it is whole, and never written over.
    Export(Export),
    /// Put a tape into the log: event by event as they were, with their positions, ids, times and hashes.
    ///
    /// Into an empty log, or one that the tape continues; events that are there already are compared. Nothing is put
    /// into the log before the whole tape was checked. Nothing is done about what the events owe: that is for
    /// `hydra up`.
    Import(Import),
    /// Check the hash chains, and decide every recorded decision again with today's code.
    Verify,
    /// What was given up or set aside, and what to do about it.
    #[command(subcommand)]
    Dead(Dead),
    /// Pictures a person has to judge.
    #[command(subcommand)]
    Approvals(Approvals),
    /// Orders for portraits, and the queue of heavy work.
    #[command(subcommand)]
    Queue(Queue),
    /// Stop making a chapter. What is finished stays in the log.
    Cancel {
        /// The chapter, as `hydra chapters` names it.
        chapter: String,
        /// Why, for the record.
        #[arg(long, default_value = "cancelled on the command line")]
        reason: String,
    },
    /// Thresholds, limits and time-outs.
    #[command(subcommand)]
    Policy(PolicyAction),
    /// Things to be done at certain times.
    #[command(subcommand)]
    Plan(PlanAction),
    /// Measure pictures: technical 0 to 100, aesthetic 0 to 10, on the pixels alone.
    Score {
        /// PNG files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// List the chapters.
    Chapters,
    /// Show what is going on.
    Status,
    /// Check this machine: folders, engines, the log.
    Doctor,
    /// Build a view anew from the log beside the one that is there, and put it in its place.
    Rebuild(Rebuild),
    /// Compare the views with the log, row by row.
    ///
    /// Each row is folded from the log once more and compared with the one in its store, also while Hydra is running. What
    /// differs is recorded as an event, with both values.
    Audit(Audit),
    /// Ask the memories: who spoke with whom, what came from what, what was known when.
    Memory(Memory),
    /// Documents about the world of the story: what places are, what happened before, who is who.
    #[command(subcommand)]
    Knowledge(Knowledge),
    /// Run until stopped: takes commands, resumes what is owed.
    Up(Up),
    /// Work for a Hydra elsewhere: do what it leases to this machine, over the bus, without a log of its own.
    ///
    /// Both need the same bus and the same content store in their configuration. What a worker was doing when it dies
    /// is done again.
    #[cfg(feature = "full")]
    Work(Work),
    /// The bus beside the log.
    #[cfg(feature = "full")]
    #[command(subcommand)]
    Bus(Bus),
    /// Measure this machine's Hydra beside what the machine gives without it.
    Bench(Bench),
}

/// `hydra up`.
#[derive(Debug, Args)]
pub struct Up {
    /// Do the heavy work of these actors only, such as `director,writer,curator`; that of the others is left to
    /// `hydra work` on other machines. Default: all of it.
    #[arg(long, value_name = "ACTOR,…", value_delimiter = ',', value_parser = PossibleValuesParser::new(ACTORS))]
    pub actors: Vec<String>,
}

/// `hydra work`.
#[cfg(feature = "full")]
#[derive(Debug, Args)]
pub struct Work {
    /// The name of this machine; default is the configuration's.
    #[arg(long, value_name = "NAME")]
    pub node: Option<String>,
    /// The kinds of work it takes.
    #[arg(long, value_name = "KIND,…", value_delimiter = ',', required = true)]
    pub kinds: Vec<String>,
    /// Tasks of each kind at once; default is one per processor.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub slots: Option<u32>,
}

/// `hydra produce`.
#[derive(Debug, Args)]
pub struct Produce {
    /// The screenplay, in Fountain.
    pub file: PathBuf,
    /// The characters; default is `<stem>.characters.yaml`, then `characters.yaml`, beside the screenplay.
    #[arg(long, value_name = "FILE")]
    pub characters: Option<PathBuf>,
    /// Give scenes without dialogue placeholder lines, marked as such.
    #[arg(long)]
    pub fill: bool,
    /// Pictures made of each subject; the best one is used.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10))]
    pub candidates: u32,
    /// Wait for a person where a picture is undecided, instead of applying the default answer.
    #[arg(long)]
    pub wait: bool,
    /// Have it made by the Hydra at the other end of this NATS server, such as nats://home:4222; without a URL, of the
    /// server in the configuration. Both need the same content store.
    #[cfg(feature = "full")]
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "")]
    pub server: Option<String>,
}

/// `hydra check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The screenplay, in Fountain.
    pub file: PathBuf,
    /// The characters; default is `<stem>.characters.yaml`, then `characters.yaml`, beside the screenplay.
    #[arg(long, value_name = "FILE")]
    pub characters: Option<PathBuf>,
    /// Count with placeholder lines in scenes without dialogue, as `produce --fill` makes them.
    #[arg(long)]
    pub fill: bool,
    /// Count with so many pictures of each subject, as `produce --candidates` makes them.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10))]
    pub candidates: u32,
    /// Write a characters file for the cast, to be filled in; never over an existing one, nor in place of one.
    #[arg(long)]
    pub write_characters: bool,
}

/// `hydra events`.
#[derive(Debug, Subcommand)]
pub enum Events {
    /// Show the newest events.
    Tail(Tail),
    /// Show the chain of causes from the request to a file, as a tree.
    Trace {
        /// A stream, a file in the output folder, a content hash or an event id.
        asset: String,
    },
}

/// `hydra events tail`.
#[derive(Debug, Args)]
pub struct Tail {
    /// Which events: `category.id.event` with `*` for any part and `>` for the rest, such as 'image.>'.
    #[arg(default_value = ">")]
    pub pattern: String,
    /// How many of the newest.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    pub lines: usize,
    /// Everything from this position on, instead of the newest.
    #[arg(long, value_name = "POSITION")]
    pub from: Option<u64>,
    /// Go on as events arrive.
    #[arg(short, long, overrides_with = "no_follow")]
    pub follow: bool,
    /// Stop at the end of the log (the default).
    #[arg(long)]
    pub no_follow: bool,
}

/// `hydra approvals`.
#[derive(Debug, Subcommand)]
pub enum Approvals {
    /// List the open questions.
    List,
    /// The picture is good enough.
    Approve(Judge),
    /// The picture is not good enough: it is drawn again.
    Reject(Judge),
}

/// A person's verdict.
#[derive(Debug, Args)]
pub struct Judge {
    /// The approval, the picture's stream, or its file in the output folder.
    pub asset: String,
    /// What to remember with the verdict.
    #[arg(long, default_value = "")]
    pub note: String,
    /// Who judges.
    #[arg(long, env = "USER", default_value = "somebody")]
    pub by: String,
}

/// `hydra queue`.
#[derive(Debug, Subcommand)]
pub enum Queue {
    /// Order portraits from a JSON or YAML file: one `{"character","scene","emotion","outfit"}` or a list of them.
    ///
    /// Each may have a `priority`, a `count` and `prompts`. Runs until they are made, unless a running Hydra takes them.
    Add {
        /// The file with the orders.
        file: PathBuf,
        /// The characters; default as for `produce`.
        #[arg(long, value_name = "FILE")]
        characters: Option<PathBuf>,
    },
    /// List the waiting and running work.
    List,
    /// Grant no more leases until the queue is resumed.
    Pause {
        /// Why, for the record.
        #[arg(long, default_value = "paused on the command line")]
        reason: String,
    },
    /// Grant leases again.
    Resume,
    /// Move a waiting task to the front or the back of its priority.
    Move {
        /// The task, or the stream it belongs to.
        task: String,
        /// Where to.
        to: Place,
    },
}

/// A place in the queue.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Place {
    /// Before all others.
    Front,
    /// Behind all others.
    Back,
}

/// `hydra policy`.
#[derive(Debug, Subcommand)]
pub enum PolicyAction {
    /// Show every key with its value, range and meaning.
    Show,
    /// Set a key. What was decided before stays decided.
    Set {
        /// The key.
        key: String,
        /// The value.
        #[arg(allow_negative_numbers = true)]
        value: f64,
    },
}

/// `hydra plan`.
#[derive(Debug, Subcommand)]
pub enum PlanAction {
    /// Do something at certain times.
    Add {
        /// A name for the plan.
        id: String,
        /// Five fields: minute, hour, day of month, month, day of week. Example: '30 22 * * mon-fri'.
        cron: String,
        /// What to do.
        action: PlanVerb,
        /// The IANA time zone the times are in.
        #[arg(long, default_value = "UTC")]
        tz: String,
    },
    /// List the plans.
    List,
    /// Do it no more.
    Remove {
        /// The plan.
        id: String,
    },
}

/// What a plan does.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PlanVerb {
    /// Grant no more leases.
    Pause,
    /// Grant leases again.
    Resume,
}

/// `hydra bus`.
#[cfg(feature = "full")]
#[derive(Debug, Subcommand)]
pub enum Bus {
    /// Throw the events on the bus away; the running Hydra, or the next one, fills it again from the log.
    ///
    /// For a bus that is ahead of its log, as after the log was restored from a backup. Nothing in the log changes.
    Rebuild,
}
