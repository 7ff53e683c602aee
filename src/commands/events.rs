//! `hydra events`: the log, as it is and as it grows, beside whoever writes it.

pub(super) mod asset;
pub(super) mod show;
mod tail;
mod trace;

use std::sync::Arc;

use anyhow::Result;
use hydra_events::log::{LogError, PAGE_EVENTS_MAX};
use hydra_events::record::{Recorded, Version};
use hydra_events::{EventLog, StreamName};

use super::Setting;
use crate::app;
use crate::backends::log_for_reading;
use crate::cli::Events;
use crate::exit::Exit;

/// Runs the command.
pub async fn run(setting: &Setting, action: Events) -> Result<Exit> {
    match action {
        Events::Tail(arguments) => tail::run(setting, arguments).await,
        Events::Trace { asset } => trace::run(setting, &asset).await,
    }
}

/// The log of the data folder, for reading.
pub(super) async fn open(setting: &Setting) -> Result<Arc<dyn EventLog>> {
    app::require_log(&setting.data)?;
    log_for_reading(&setting.data).await.map(|(log, _)| log)
}

/// The next events of a stream, none at its end. Those before a damaged record are still read.
pub(super) async fn next_of(
    log: &dyn EventLog,
    stream: &StreamName,
    after: Version,
) -> Result<Vec<Recorded>, LogError> {
    match log.read_stream(stream, after, PAGE_EVENTS_MAX).await {
        Err(LogError::Damaged { .. }) => log.read_stream(stream, after, 1).await,
        page => page,
    }
}
