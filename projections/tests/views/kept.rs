//! What is right in a store on a server: the rows of the embedded one. And how a store that was damaged while it is kept
//! gets there again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hydra_events::EventLog;
use hydra_events::record::Append;
use hydra_projections::store::{Generation, Which};
use hydra_projections::view::{Row, View};
use hydra_projections::{Compared, Others, Rebuild, Replaced, StoreError, Stores, VIEWS, caught_up};
use tempfile::TempDir;

use crate::story::log_of;

/// How long what was damaged may take to be noticed and made good.
pub const HEALED_MAX: Duration = Duration::from_secs(30);
/// How long to wait before looking again.
pub const LOOK: Duration = Duration::from_millis(50);

pub const COMPARED: Rebuild =
    Rebuild { compared: Compared::RowByRow, replaced: Replaced::Discarded, others: Others::Respected };
pub const KEPT: Rebuild = Rebuild { replaced: Replaced::Kept, ..COMPARED };

/// The rows of every table.
pub type Tables = BTreeMap<&'static str, Vec<Row>>;

/// The rows that are asked.
pub async fn tables(stores: &Stores) -> Result<Tables, StoreError> {
    let mut tables = Tables::new();
    for view in VIEWS {
        for table in view.tables {
            let found = stores.of(view).rows(view, Generation::Live, table, Which::All).await?;
            tables.insert(table.name, found.rows);
        }
    }
    Ok(tables)
}

/// The rows that `log` comes to in the embedded store.
pub async fn right(folder: &TempDir, log: &Arc<dyn EventLog>) -> Tables {
    let embedded = Stores::embedded(&folder.path().join("views.db")).unwrap();
    caught_up(Arc::clone(log), embedded.clone()).await.unwrap();
    tables(&embedded).await.unwrap()
}

/// A log with `appends`, and the rows it comes to in the embedded store.
pub async fn told(folder: &TempDir, appends: Vec<Append>) -> (Arc<dyn EventLog>, Tables) {
    let log = log_of(folder.path(), appends).await;
    let right = right(folder, &log).await;
    (log, right)
}

/// The position that `view` has seen, where it is there and of this version.
pub async fn seen(stores: &Stores, view: &'static View) -> Option<u64> {
    let found = stores.of(view).checkpoint(view, Generation::Live).await.ok()?;
    found.filter(|found| found.version == view.version).map(|found| found.position)
}

/// Waits until `view` has seen `head` and every row is `right` again, after `damage`.
pub async fn healed(stores: &Stores, view: &'static View, head: u64, right: &Tables, damage: &str) {
    let healing = async {
        while seen(stores, view).await != Some(head) || tables(stores).await.ok().as_ref() != Some(right) {
            tokio::time::sleep(LOOK).await;
        }
    };
    assert!(tokio::time::timeout(HEALED_MAX, healing).await.is_ok(), "{damage} was not made good");
}
