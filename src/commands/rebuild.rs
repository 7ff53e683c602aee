//! `hydra rebuild`: a view built anew from the log and compared with the one that was there.

use std::sync::Arc;

use anyhow::Result;
use hydra_events::EventLog;
use hydra_projections::{StoreError, VIEWS};

use super::Setting;
use crate::app::require_log;
use crate::backends::Backends;
use crate::exit::{BadInput, Exit};
use crate::print;

/// Builds `view` anew. Nobody else may hold the folder meanwhile.
pub async fn run(setting: &Setting, view: &str) -> Result<Exit> {
    require_log(&setting.data)?;
    let _held = [setting.data.hold("hydra rebuild")?, setting.data.hold_views()?];
    let log: Arc<dyn EventLog> = Backends::open(&setting.data).await?.log;
    let rebuilt = match hydra_projections::rebuild(log, &setting.data.views(), view).await {
        Err(StoreError::UnknownView(name)) => {
            let names = VIEWS.map(|view| view.name).join(", ");
            return Err(BadInput(format!("there is no view {name:?}: the views are {names}")).into());
        }
        rebuilt => rebuilt?,
    };
    if setting.json {
        print::json(&rebuilt)?;
    } else {
        print::line(format!("{view}: {} rows from {} events", rebuilt.rows, rebuilt.events))?;
        match rebuilt.differing {
            0 => print::line("no row differed from the view that was there")?,
            count => print::line(format!("{count} rows differed from the view that was there:"))?,
        }
        for difference in &rebuilt.differences {
            print::line(format!("  {difference}"))?;
        }
    }
    Ok(if rebuilt.differing == 0 { Exit::Done } else { Exit::Found })
}
