//! Recovery is a loop: every stream that owes something is loaded, at the start and again and again.

use std::time::Duration;

use super::cell::Message;
use super::{Host, HostError};

const PAUSE: Duration = Duration::from_secs(10);

impl Host {
    /// Has every owing stream see to what it owes, now and from now on.
    pub async fn recover(&self) -> Result<(), HostError> {
        self.sweep().await?;
        self.spawn_stall_watch();
        let (host, stop) = (self.clone(), self.0.stop.clone());
        self.0.tasks.spawn(async move {
            loop {
                if stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_none() {
                    return;
                }
                if let Err(error) = host.sweep().await {
                    tracing::warn!(%error, "the owing streams were not swept");
                }
            }
        });
        Ok(())
    }

    async fn sweep(&self) -> Result<(), HostError> {
        for stream in self.0.parts.log.streams_owing().await? {
            if self.0.alarms.is_resting(&stream) || self.0.unfit.contains(&stream) {
                continue;
            }
            match self.deliver(&stream, Message::Attend { again: true }).await {
                Ok(()) => {}
                Err(HostError::Stopping) => return Err(HostError::Stopping),
                // One stream that cannot be attended to says nothing about the others.
                Err(error @ HostError::UnknownCategory(_)) => {
                    tracing::error!(%error, %stream, "an owing stream is left alone");
                    self.0.unfit.unreadable(&stream, error.to_string());
                }
                Err(error) => tracing::warn!(%error, %stream, "an owing stream is attended to later"),
            }
        }
        Ok(())
    }
}
