//! The story as if it had just happened, and what becomes of it where one store is away.

use std::sync::Arc;

use hydra_events::clock::{Clock, SystemClock};
use hydra_events::record::Append;
use hydra_projections::view::View;
use hydra_projections::{Projector, Stores, VIEWS, ViewStore};
use tempfile::TempDir;

use crate::story::{log_of, story};

const HALF_AN_HOUR: i64 = 1_800_000_000;

/// The story as if it had begun half an hour ago, so that what does not last is there.
pub fn recent() -> Vec<Append> {
    let begun = SystemClock.now().0 - HALF_AN_HOUR;
    let mut appends = story();
    for append in &mut appends {
        append.meta.time.0 += begun;
    }
    appends
}

/// All views but `view` are filled where that one is in `away`, a server that does not answer. It is shown as something
/// that begins with `shown`, and its secret is not.
pub async fn no_other_store_is_held_up(view: &'static View, away: Arc<dyn ViewStore>, shown: &str) {
    let folder = TempDir::new().unwrap();
    let log = log_of(folder.path(), recent()).await;
    let head = log.head().await.unwrap();
    let stores = Stores::embedded(&folder.path().join("others.db")).unwrap().with(view, away);
    let projector = Projector::start(Arc::clone(&log), stores).await;
    let reached = projector.reached();
    let others: Vec<_> = VIEWS.into_iter().filter(|other| other.name != view.name).collect();
    reached.until(&others, head).await.unwrap();
    let stand = reached.stands()[view.name].clone();
    let reason = stand.away.unwrap();
    assert!(stand.store.starts_with(shown), "{}", stand.store);
    assert!(!reason.contains("secret"), "{reason}");
    projector.stop().await.unwrap();
}
