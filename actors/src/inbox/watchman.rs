//! Keeps an inbox: one that fails or panics is opened again where it left off.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use hydra_events::record::Position;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Inbox;
use crate::host::Host;

const PAUSE: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Works through the inbox of `actor` until `stop`.
pub async fn keep(
    actor: &'static str,
    host: Host,
    handled: Arc<watch::Sender<Position>>,
    stop: CancellationToken,
) {
    let mut pause = PAUSE;
    while !stop.is_cancelled() {
        let before = *handled.borrow();
        let run = async {
            match Inbox::open(actor, host.clone(), Arc::clone(&handled)).await {
                Ok(inbox) => inbox.run(stop.clone()).await,
                Err(error) => tracing::warn!(%error, actor, "the inbox could not be opened"),
            }
        };
        if AssertUnwindSafe(run).catch_unwind().await.is_err() {
            tracing::error!(actor, "the inbox panicked; it is opened again where it left off");
        }
        if *handled.borrow() > before {
            pause = PAUSE;
        }
        stop.run_until_cancelled(tokio::time::sleep(pause)).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}
