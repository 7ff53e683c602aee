//! `hydra bench`: this machine's Hydra beside the raw ceilings of the same machine, in the same run.

use anyhow::Result;

use super::Setting;
use crate::cli::Bench;
use crate::exit::Exit;

/// Runs one of the benches.
pub async fn run(_: &Setting, action: Bench) -> Result<Exit> {
    match action {
        Bench::Produce { file: _ } => Ok(Exit::Done),
    }
}
