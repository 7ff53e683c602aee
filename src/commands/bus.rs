//! `hydra bus`: what people may have to do to the bus.

use anyhow::Result;
use hydra_bus::Bus as _;

use super::Setting;
use crate::backends::{self, log_for_reading};
use crate::cli::Bus;
use crate::config::BusPlace;
use crate::exit::{BadInput, Exit};
use crate::print;

/// Runs the command.
pub async fn run(setting: &Setting, action: &Bus) -> Result<Exit> {
    let BusPlace::Nats(place) = &setting.data.config().bus else {
        let reason = "the bus is in the process itself and keeps nothing: name another with --config";
        return Err(BadInput(reason.to_owned()).into());
    };
    let (log, _) = log_for_reading(&setting.data).await?;
    let bus = backends::nats(place, Some(log.id())).await?;
    match action {
        Bus::Rebuild => {
            let head = log.head().await?;
            bus.rebuild(1).await?;
            bus.close().await;
            print::line(format!("the bus begins anew; the relay fills it up to position {head}"))?;
        }
    }
    Ok(Exit::Done)
}
