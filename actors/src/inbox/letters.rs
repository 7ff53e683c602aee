//! Tells people what was set aside: a copy on the bus, and an incident in the log.
//!
//! What can go wrong loses nothing: the truth about what is set aside is kept with the inbox position, and it is told
//! again at the next start.

use hydra_bus::{Bus, DeadLetter};
use hydra_events::StreamName;
use hydra_events::log::Parked;
use hydra_events::vocabulary::incident::{IncidentCommand, IncidentKind};

use crate::host::{Envelope, Host, HostError};
use crate::steward::incident::Incident;

/// Sends the copies.
pub(super) async fn bury(bus: &dyn Bus, actor: &str, parked: &[Parked]) {
    for parked in parked {
        if let Err(error) = bus.bury(DeadLetter::new(actor, parked)).await {
            tracing::warn!(%error, target = %parked.target, "no copy of what was set aside is on the bus");
        }
    }
}

/// Has the Steward record an incident for every stream that could not be told something.
pub(super) async fn report(host: &Host, parked: &[Parked]) {
    for parked in parked {
        let Some(incident) = Incident::stream_of(&parked.target) else { continue };
        match host.send(&incident, &opened(parked), Envelope::from_inside(host.fresh_id())).await {
            Ok(_) | Err(HostError::Rejected(_)) => {}
            Err(error) => tracing::warn!(%error, %incident, "what was set aside is no incident yet"),
        }
    }
}

/// The command that closes the incident of `target` once nothing is set aside for it any more.
pub fn settled(target: &StreamName) -> Option<(StreamName, IncidentCommand)> {
    let only = Some(IncidentKind::DeliveryParked);
    let command = IncidentCommand::ResolveIncident { how: "nothing is set aside any more".to_owned(), only };
    Some((Incident::stream_of(target)?, command))
}

fn opened(parked: &Parked) -> IncidentCommand {
    let Parked { source, target, position, reason } = parked;
    let reason = format!("it was not told of event {position} of {source}: {reason}");
    IncidentCommand::OpenIncident { kind: IncidentKind::DeliveryParked, subject: target.clone(), reason }
}
