//! `hydra work`: does heavy work for a Hydra elsewhere, with the bus and the content store and nothing else.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;
use hydra_actors::desk::{RemoteDesk, Slots};
use hydra_actors::host::HostError;
use hydra_actors::ports::{Forgetful, PortError, Reporter};
use hydra_actors::worker::{self, WorkerParts};
use hydra_bus::Bus;
use hydra_events::clock::SystemClock;
use hydra_events::record::Position;
use hydra_events::stream::is_id;
use hydra_events::vocabulary::terms::WorkKind;
use hydra_events::{Clock, StreamName};
use tokio_util::sync::CancellationToken;

use super::Setting;
use crate::app::{self, Interrupts};
use crate::backends::{self, studio};
use crate::cli::Work;
use crate::config::BusPlace;
use crate::exit::{BadInput, Exit};
use crate::print;

/// How long work under way may take to finish when the worker stops.
const GRACE: Duration = Duration::from_secs(5);

/// Works until Ctrl-C or SIGTERM; a second Ctrl-C ends at once, and what is cut off is done again.
pub async fn run(setting: &Setting, arguments: Work) -> Result<Exit> {
    let mut interrupts = Interrupts::listen()?;
    let slots = slots(&arguments)?;
    let node = arguments.node.unwrap_or_else(|| setting.data.config().node.clone());
    if !is_id(&node) {
        return Err(BadInput(format!("--node {node:?}: use 1 to 100 of A-Z a-z 0-9 _ -")).into());
    }
    let BusPlace::Nats(place) = &setting.data.config().bus else {
        let reason = "a worker hears of its work over a NATS server: name one under [bus] in a --config file";
        return Err(BadInput(reason.to_owned()).into());
    };
    let bus = backends::nats(place, None).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let content = backends::content(&setting.data).await?;
    let ports = studio(&content, &clock, Arc::new(NoReports), Arc::new(Forgetful)).await;
    let kinds: Vec<_> = slots.keys().map(|kind| kind.as_str()).collect();
    print::progress(format!("working   as {node}: {}; Ctrl-C stops", kinds.join(", ")));
    let desk = Arc::new(RemoteDesk::new(bus.clone()));
    let (parts, stop) = (WorkerParts { desk, bus: bus.clone(), ports, node }, CancellationToken::new());
    let working = worker::work(parts, slots, stop.clone(), GRACE);
    tokio::pin!(working);
    let ended = tokio::select! {
        ended = &mut working => ended,
        () = interrupts.next() => {
            stop.cancel();
            print::progress("stopping  work under way may finish; press Ctrl-C again to end at once");
            tokio::select! {
                ended = &mut working => ended,
                () = interrupts.next() => return Ok(Exit::Stopped),
            }
        }
    };
    bus.close().await;
    match ended {
        Ok(()) => Ok(Exit::Done),
        Err(HostError::Rejected(no)) => Err(BadInput(no.reason).into()),
        Err(error) => Err(error).context("this worker cannot work"),
    }
}

fn slots(arguments: &Work) -> Result<Slots> {
    let known: Vec<WorkKind> = app::kinds().collect();
    let kind = |name: &String| {
        let found = known.iter().copied().find(|kind| kind.as_str() == name);
        found.ok_or_else(|| {
            let known = known.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
            BadInput(format!("--kinds {name:?}: nothing of that kind is done here; known are {known}"))
        })
    };
    let kinds = arguments.kinds.iter().map(kind).collect::<Result<Vec<_>, _>>()?;
    let mut slots = app::slots(kinds.into_iter());
    if let Some(at_once) = arguments.slots {
        slots.values_mut().for_each(|slots| *slots = at_once);
    }
    Ok(slots)
}

/// Reports are written where the views are.
struct NoReports;

#[async_trait]
impl Reporter for NoReports {
    async fn report(&self, _: &StreamName, _: Position) -> Result<String, PortError> {
        Err(PortError::transient("a worker has no views to report from"))
    }
}
