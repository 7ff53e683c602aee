//! The tasks that take commands from the bus, for as long as Hydra runs.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use hydra_actors::host::Host;
use hydra_bus::nats::NatsBus;
use hydra_bus::nats::ingress::{Asked, Handler, IngressLimits, Told};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Gateway;
use crate::backends::Backends;

/// How often invitations nobody could take are looked for.
const BURY_PAUSE: Duration = Duration::from_secs(60);

/// Takes commands from the bus until `stop`, where it is one that other processes reach.
pub async fn open(
    backends: &Backends,
    host: &Host,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<()> {
    let Some(bus) = &backends.nats else { return Ok(()) };
    let gateway = Gateway::new(host.clone(), backends.content.now());
    let (endpoints, handler) = (gateway.endpoints(), Arc::new(gateway) as Arc<dyn Handler>);
    let version = env!("CARGO_PKG_VERSION");
    let asked = Asked::open(bus, version, endpoints, Arc::clone(&handler), IngressLimits::default()).await;
    let told = Told::open(bus, handler, IngressLimits::default()).await;
    let context = "no commands can be taken from the bus";
    tasks.spawn(asked.context(context)?.run(stop.clone()));
    tasks.spawn(told.context(context)?.run(stop.clone()));
    tasks.spawn(bury(Arc::clone(bus), stop.clone()));
    Ok(())
}

/// Moves invitations that were offered in vain to the dead letters; what they were for is owed and invited again.
async fn bury(bus: Arc<NatsBus>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(BURY_PAUSE) => {}
        }
        let buried = tokio::select! {
            () = stop.cancelled() => return,
            buried = bus.bury_exhausted() => buried,
        };
        match buried {
            Ok(0) => {}
            Ok(count) => tracing::warn!(count, "invitations were offered in vain: is a worker stuck?"),
            Err(error) => tracing::debug!(%error, "the queues were not looked at"),
        }
    }
}
