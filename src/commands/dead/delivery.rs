//! Messages between streams that could not be delivered: delivered again in order, or forgotten.
//!
//! An inbox that runs goes on to set aside what follows for such a pair, so they are taken one after the other until
//! none is left. Only who holds the folder can do that.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use hydra_actors::host::{Envelope, HostError};
use hydra_actors::registry::{ACTORS, ENTITIES};
use hydra_events::log::{Checkpoints, Parked};
use hydra_events::{EventLog, Id, StreamName};

use super::super::Setting;
use super::super::through::{self, Changed};
use crate::app::App;
use crate::backends::Backends;
use crate::print;

/// Rounds before what still follows is left to the next time.
const ROUNDS_MAX: usize = 50;
const HOLDER: &str =
    "a delivery that was set aside needs the running Hydra stopped: stop it and give this command again";

/// Delivers again what was set aside of `asset`, or of any stream.
pub async fn again(setting: &Setting, asset: Option<&StreamName>) -> Result<()> {
    let app = App::open(&setting.data, "hydra dead retry").await.context(HOLDER)?;
    let done = deliver_all(setting, &app, asset).await;
    let closed = app.close().await;
    done.and(closed)
}

/// Forgets what was set aside of `asset`.
pub async fn forget(setting: &Setting, asset: &StreamName) -> Result<()> {
    let _held = setting.data.hold("hydra dead drop").context(HOLDER)?;
    let log = Backends::open(&setting.data).await?.log;
    for (actor, parked) in set_aside(log.as_ref(), Some(asset)).await? {
        log.unpark(actor, &parked).await?;
    }
    Ok(())
}

async fn deliver_all(setting: &Setting, app: &App, asset: Option<&StreamName>) -> Result<()> {
    let head = app.head().await?;
    let log = &app.backends().log;
    for _ in 0..ROUNDS_MAX {
        let parked = set_aside(log.as_ref(), asset).await?;
        if parked.is_empty() {
            break;
        }
        for (actor, parked) in parked {
            deliver(app, actor, &parked).await?;
            log.unpark(actor, &parked).await?;
        }
        if through::settle(app).await? == through::End::Stopped {
            break;
        }
    }
    let changed: Changed = through::changed(app, head).await?;
    through::build(setting, app, &changed).await.map(|_| ())
}

/// What the actors have set aside of `asset`, or of any stream, in log order.
async fn set_aside(log: &dyn Checkpoints, asset: Option<&StreamName>) -> Result<Vec<(&'static str, Parked)>> {
    let mut found = Vec::new();
    for actor in ACTORS {
        let parked = log.parked(actor).await?.into_iter();
        let wanted = parked.filter(|p| asset.is_none_or(|asset| p.source == *asset || p.target == *asset));
        found.extend(wanted.map(|parked| (actor, parked)));
    }
    found.sort_by_key(|(_, parked)| parked.position);
    Ok(found)
}

/// Tells the target what the event means to it, under the id the inbox would have used: telling twice is telling once.
async fn deliver(app: &App, actor: &'static str, parked: &Parked) -> Result<()> {
    let events = app.backends().log.read(parked.position.saturating_sub(1), 1).await?;
    let Some(event) = events.into_iter().next() else { return Ok(()) };
    let reacts = ENTITIES.iter().filter(|e| e.actor == actor && e.reacts_to.contains(&event.kind.as_str()));
    for entity in reacts {
        let mut ordinals: BTreeMap<(StreamName, String), usize> = BTreeMap::new();
        for (target, command) in (entity.react)(&event)? {
            let ordinal = ordinals.entry((target.clone(), command.kind.as_str().to_owned())).or_default();
            let id = Id::of_reaction(event.id, actor, target.as_str(), command.kind.as_str(), *ordinal);
            *ordinal += 1;
            if target != parked.target {
                continue;
            }
            match app.system().host().send_wire(&target, command, Envelope::reaction_to(&event, id)).await {
                Ok(_) => {}
                // An answer like any other: the stream has heard it and has no use for it.
                Err(HostError::Rejected(no)) => print::progress(format!("declined  {target}: {no}")),
                Err(error) => {
                    return Err(error)
                        .with_context(|| format!("{target} cannot be told of {}", event.stream));
                }
            }
        }
    }
    Ok(())
}
