//! One module a command. Each gets what it needs and says how it ended.

mod approvals;
mod audit;
mod bench;
#[cfg(feature = "full")]
mod bus;
mod cancel;
mod chapters;
mod check;
mod dead;
mod doctor;
mod events;
mod export;
mod import;
mod knowledge;
mod memory;
mod plan;
mod policy;
pub mod produce;
mod progress;
mod queue;
mod rebuild;
mod replay;
mod score;
mod status;
pub mod through;
mod up;
mod verify;
#[cfg(feature = "full")]
mod work;

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::cli::{Cli, Command, DATA, OUT};
use crate::config::Config;
use crate::data_folder::DataFolder;
use crate::exit::Exit;

/// Where things are and who reads the output.
pub struct Setting {
    /// The data folder.
    pub data: DataFolder,
    /// The output folder.
    pub out: PathBuf,
    /// Whether machines read standard output.
    pub json: bool,
}

impl Setting {
    /// How a command with the same folders begins, for a person to copy.
    pub fn invocation(&self) -> String {
        let mut words = vec!["hydra".to_owned()];
        let places = [("--data", self.data.root(), DATA), ("--out", self.out.as_path(), OUT)];
        for (flag, path, usual) in places {
            if path != Path::new(usual) {
                words.push(format!("{flag} {}", quoted(&path.display().to_string())));
            }
        }
        words.join(" ")
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+@%".contains(c);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// Runs the command.
pub async fn run(cli: Cli) -> Result<Exit> {
    let Cli { data, config, out, json, command, log: _ } = cli;
    let config = Config::read(config.as_deref())?;
    let setting = Setting { data: DataFolder::with(&data, config), out, json };
    match command {
        Command::Produce(arguments) => produce::run(&setting, arguments).await,
        Command::Check(arguments) => check::run(&setting, &arguments).await,
        Command::Events(action) => events::run(&setting, action).await,
        Command::Replay(arguments) => replay::run(&setting, arguments).await,
        Command::Export(arguments) => export::run(&setting, &arguments).await,
        Command::Import(arguments) => import::run(&setting, &arguments).await,
        Command::Verify => verify::run(&setting).await,
        Command::Dead(action) => dead::run(&setting, action).await,
        Command::Approvals(action) => approvals::run(&setting, action).await,
        Command::Queue(action) => queue::run(&setting, action).await,
        Command::Cancel { chapter, reason } => cancel::run(&setting, &chapter, reason).await,
        Command::Policy(action) => policy::run(&setting, action).await,
        Command::Plan(action) => plan::run(&setting, action).await,
        Command::Score { files } => score::run(&setting, &files),
        Command::Chapters => chapters::run(&setting).await,
        Command::Status => status::run(&setting).await,
        Command::Doctor => doctor::run(&setting).await,
        Command::Rebuild(arguments) => rebuild::run(&setting, &arguments).await,
        Command::Audit(arguments) => audit::run(&setting, &arguments).await,
        Command::Knowledge(action) => knowledge::run(&setting, action).await,
        Command::Memory(arguments) => memory::run(&setting, &arguments).await,
        Command::Up(arguments) => up::run(&setting, &arguments).await,
        #[cfg(feature = "full")]
        Command::Work(arguments) => work::run(&setting, arguments).await,
        #[cfg(feature = "full")]
        Command::Bus(action) => bus::run(&setting, &action).await,
        Command::Bench(action) => bench::run(&setting, action).await,
    }
}
