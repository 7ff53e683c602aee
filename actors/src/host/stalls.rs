//! Tells the Steward of streams that stand still, and of those that move again.

use std::time::Duration;

use hydra_events::log::PAGE_EVENTS_MAX;
use hydra_events::vocabulary::incident::IncidentCommand;
use hydra_events::{StreamName, Timestamp};
use tokio::sync::oneshot;

use super::cell::Message;
use super::envelope::Envelope;
use super::{Host, HostError, cluster_stream};
use crate::aggregate::Obligation;
use crate::scheduler::cluster::ClusterState;
use crate::steward::incident::IncidentState;
use crate::steward::stall::{Admissions, Notice, Stall, Watch, Watched, stalled, told};

/// Often enough for limits of minutes.
const PAUSE: Duration = Duration::from_secs(60);

/// What a stream owes, and since when nothing has happened to it.
pub(super) struct Standing {
    pub(super) moved: Timestamp,
    pub(super) obligations: Vec<Obligation>,
}

impl Host {
    /// Looks for stalls from now on.
    pub(super) fn spawn_stall_watch(&self) {
        let (host, stop) = (self.clone(), self.0.stop.clone());
        self.0.tasks.spawn(async move {
            stop.run_until_cancelled(host.watch_for_stalls()).await;
        });
    }

    async fn watch_for_stalls(&self) {
        let mut watch = None;
        loop {
            tokio::time::sleep(PAUSE).await;
            if let Err(error) = self.look_for_stalls(&mut watch).await {
                tracing::warn!(%error, "nobody knows whether streams stand still; it is looked at again");
            }
        }
    }

    async fn look_for_stalls(&self, watch: &mut Option<Watch>) -> Result<(), HostError> {
        let watch = match watch {
            Some(watch) => watch,
            None => watch.insert(self.known_stalls().await?),
        };
        let notices = watch.notices(self.stalls().await?);
        for Notice { subject, incident, command } in notices {
            let closes = matches!(command, IncidentCommand::ResolveIncident { .. });
            match self.send(&incident, &command, Envelope::from_inside(self.fresh_id())).await {
                Ok(_) | Err(HostError::Rejected(_)) if closes => watch.closed(&subject),
                Ok(_) | Err(HostError::Rejected(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn stalls(&self) -> Result<Vec<Stall>, HostError> {
        let parts = &self.0.parts;
        let view = self.look(&cluster_stream()?).await?;
        let Some(ClusterState { admission, nodes, .. }) = view.state_as() else { return Ok(Vec::new()) };
        let admissions = Admissions::of(admission, &nodes, view.time);
        let (policy, now) = (self.policy(), parts.ports.clock.now());
        let mut stalls = Vec::new();
        for stream in parts.log.streams_owing().await? {
            if self.0.alarms.is_resting(&stream) || self.0.unfit.contains(&stream) {
                continue;
            }
            let Standing { moved, obligations } = match self.standing(&stream).await {
                Ok(standing) => standing,
                Err(HostError::Stopping) => return Err(HostError::Stopping),
                // One stream nobody can read says nothing about the others.
                Err(_) => continue,
            };
            let watched = Watched { stream: &stream, moved, obligations: &obligations };
            stalls.extend(stalled(watched, &admissions, &policy.policy, now));
        }
        Ok(stalls)
    }

    async fn standing(&self, stream: &StreamName) -> Result<Standing, HostError> {
        let (reply, answer) = oneshot::channel();
        self.deliver(stream, Message::Stand { reply }).await?;
        answer.await.map_err(|_| HostError::Died(stream.clone()))?
    }

    /// The watch as the last process left it: every incident that is open because of a stall.
    async fn known_stalls(&self) -> Result<Watch, HostError> {
        let (mut known, mut after) = (Vec::new(), before_incidents()?);
        loop {
            let page = self.0.parts.log.streams(Some(&after), PAGE_EVENTS_MAX).await?;
            for (stream, _) in &page {
                if stream.category() != "incident" {
                    return Ok(Watch::over(known));
                }
                let incident: Option<IncidentState> = self.look(stream).await?.state_as();
                known.extend(incident.as_ref().and_then(told).cloned());
            }
            match page.into_iter().next_back() {
                Some((last, _)) => after = last,
                None => return Ok(Watch::over(known)),
            }
        }
    }
}

/// The first name an incident could have.
fn before_incidents() -> Result<StreamName, HostError> {
    super::named("incident", "-")
}
