//! The second process of a bench, and how the first one starts it: the same command line with an order behind it.

use anyhow::{Context, Result};
use hydra_bench::elsewhere::{self, Program};

use super::Setting;
use super::ground::nats_place;
use crate::cli::Bench;
use crate::exit::Exit;
use crate::print;

/// The option that makes a bench the second process.
const OPTION: &str = "--elsewhere";

/// How this program is started once more, with the same servers.
pub fn program() -> Result<Program> {
    let path = std::env::current_exe().context("this program's own file is not known")?;
    let arguments = std::env::args_os().skip(1).chain([OPTION.into()]).collect();
    Ok(Program { path, arguments })
}

/// Sends as `order` says for as long as the first process listens.
pub async fn run(setting: &Setting, asked: &Bench, order: &str) -> Result<Exit> {
    let place = nats_place(setting, asked).context("there is no NATS server")?;
    let options = crate::backends::nats_options(&place, None);
    elsewhere::serve(options, order, |line| print::line(line)).await?;
    Ok(Exit::Done)
}
