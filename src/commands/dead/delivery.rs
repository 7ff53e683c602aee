//! Messages between streams that could not be delivered: delivered again in order, or forgotten.
//!
//! An inbox that runs goes on to set aside what follows for such a pair, so they are taken one after the other until
//! none is left. Only who holds the folder can do that.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use hydra_actors::host::{Envelope, HostError};
use hydra_actors::inbox;
use hydra_actors::registry::{ACTORS, ENTITIES};
use hydra_events::StreamName;
use hydra_events::log::{Checkpoints, Parked};

use super::super::Setting;
use super::super::through::{self, Changed};
use crate::app::App;
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
    let app = App::open(&setting.data, "hydra dead drop").await.context(HOLDER)?;
    let done = forget_all(&app, asset).await;
    let closed = app.close().await;
    done.and(closed)
}

async fn forget_all(app: &App, asset: &StreamName) -> Result<()> {
    let checkpoints = app.backends().checkpoints.as_ref();
    let parked = set_aside(checkpoints, Some(asset)).await?;
    for (actor, parked) in &parked {
        checkpoints.unpark(actor, parked).await?;
    }
    settle_incidents(app, &parked).await
}

/// Closes the incidents of those for whom nothing is set aside any more.
async fn settle_incidents(app: &App, done: &[(&'static str, Parked)]) -> Result<()> {
    let targets: BTreeSet<&StreamName> = done.iter().map(|(_, parked)| &parked.target).collect();
    let left = set_aside(app.backends().checkpoints.as_ref(), None).await?;
    for target in targets {
        if left.iter().any(|(_, parked)| parked.target == *target) {
            continue;
        }
        let Some((incident, command)) = inbox::settled(target) else { continue };
        match app.send(&incident, &command).await {
            Ok(_) | Err(HostError::Rejected(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

async fn deliver_all(setting: &Setting, app: &App, asset: Option<&StreamName>) -> Result<()> {
    let head = app.head().await?;
    let checkpoints = app.backends().checkpoints.as_ref();
    for _ in 0..ROUNDS_MAX {
        let parked = set_aside(checkpoints, asset).await?;
        if parked.is_empty() {
            break;
        }
        for (actor, parked) in &parked {
            deliver(app, actor, parked).await?;
            checkpoints.unpark(actor, parked).await?;
        }
        settle_incidents(app, &parked).await?;
        if through::settle(app).await? == through::End::Stopped {
            break;
        }
    }
    let changed: Changed = through::changed(app, head).await?;
    through::build(setting, app, &changed).await.map(|_| ())
}

/// What the actors have set aside of `asset`, or of any stream, in log order.
async fn set_aside(
    checkpoints: &dyn Checkpoints,
    asset: Option<&StreamName>,
) -> Result<Vec<(&'static str, Parked)>> {
    let mut found = Vec::new();
    for actor in ACTORS {
        let parked = checkpoints.parked(actor).await?.into_iter();
        let wanted = parked.filter(|p| asset.is_none_or(|asset| p.source == *asset || p.target == *asset));
        found.extend(wanted.map(|parked| (actor, parked)));
    }
    found.sort_by_key(|(_, parked)| parked.position);
    Ok(found)
}

/// Tells the target what the event means to it, under the id the inbox would have used: telling twice is telling once.
async fn deliver(app: &App, actor: &'static str, parked: &Parked) -> Result<()> {
    let events = app.backends().log.read(parked.position.saturating_sub(1), 1).await?;
    let Some(event) = events.into_iter().next() else {
        bail!("event {} that was set aside is not in the log", parked.position);
    };
    // Where the reaction itself failed, its targets were not known: the event stands for all of them.
    let is_whole = parked.target == event.stream;
    let reacts = ENTITIES.iter().filter(|e| e.actor == actor && e.reacts_to.contains(&event.kind.as_str()));
    for entity in reacts {
        for (target, command, id) in inbox::identified(&event, actor, (entity.react)(&event)?) {
            if target != parked.target && !is_whole {
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
