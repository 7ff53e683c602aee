//! `hydra rebuild`: a view built anew from the log beside the one that is there, and put in its place.
//!
//! It may run beside `hydra up`, which goes on filling the view that is there and then the one that replaces it. Where it
//! is killed, the same command goes on.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Result;
use hydra_projections::{
    Building, Compared, Difference, Others, Rebuilt, Replaced, StoreError, Stores, VIEWS,
};

use super::Setting;
use crate::app::require_log;
use crate::backends::{self, Access};
use crate::cli::Rebuild;
use crate::exit::{BadInput, Exit};
use crate::print;

/// Pause between two words on how far it is.
const TOLD: Duration = Duration::from_secs(2);

/// Builds a view anew, or goes back to what it was.
pub async fn run(setting: &Setting, arguments: &Rebuild) -> Result<Exit> {
    require_log(&setting.data)?;
    let stores = backends::views(&setting.data, Access::Keeping)?;
    if arguments.roll_back {
        return roll_back(setting, &stores, &arguments.view).await;
    }
    let (log, _) = backends::log_for_reading(&setting.data).await?;
    let told = Mutex::new(Instant::now());
    let tell = |building: Building| tell(&told, building);
    let rebuilt = hydra_projections::rebuild(log, &stores, &arguments.view, how(arguments), &tell).await;
    let rebuilt = rebuilt.map_err(known)?;
    if setting.json {
        print::json(&rebuilt)?;
    } else {
        show(&rebuilt)?;
    }
    let differs = rebuilt.difference.is_some_and(|found| found.differing > 0);
    Ok(if differs { Exit::Found } else { Exit::Done })
}

fn how(arguments: &Rebuild) -> hydra_projections::Rebuild {
    hydra_projections::Rebuild {
        compared: if arguments.compare { Compared::RowByRow } else { Compared::Unseen },
        replaced: if arguments.keep_old { Replaced::Kept } else { Replaced::Discarded },
        others: if arguments.take_over { Others::TakenOver } else { Others::Respected },
    }
}

fn show(Rebuilt { view, events, difference }: &Rebuilt) -> Result<()> {
    print::line(format!("{view}: built from {events} events"))?;
    let Some(Difference { rows, differing, differences }) = difference else { return Ok(()) };
    match differing {
        0 => print::line(format!("none of {rows} rows differed from the view that was there"))?,
        _ => print::line(format!("{differing} of {rows} rows differed from the view that was there:"))?,
    }
    for difference in differences {
        print::line(format!("  {difference}"))?;
    }
    Ok(())
}

async fn roll_back(setting: &Setting, stores: &Stores, view: &str) -> Result<Exit> {
    hydra_projections::roll_back(stores, view).await.map_err(known)?;
    if setting.json {
        print::json(&serde_json::json!({ "view": view, "rolled_back": true }))?;
    } else {
        print::line(format!("{view}: it is what it was before it was last built anew"))?;
    }
    Ok(Exit::Done)
}

/// Says now and then how far it is.
fn tell(told: &Mutex<Instant>, Building { position, head, rate }: Building) {
    if let Ok(mut told) = told.lock()
        && told.elapsed() >= TOLD
    {
        *told = Instant::now();
        print::progress(format!("building  {position} of {head} events, {rate} a second"));
    }
}

/// What a person can do something about, as bad input.
pub fn known(error: StoreError) -> anyhow::Error {
    match error {
        StoreError::UnknownView(name) => {
            let names = VIEWS.map(|view| view.name).join(", ");
            BadInput(format!("there is no view {name:?}: the views are {names}")).into()
        }
        StoreError::Refused(reason) => BadInput(reason).into(),
        error @ StoreError::Foreign { .. } => BadInput(error.to_string()).into(),
        StoreError::Sqlite(_)
        | StoreError::Server { .. }
        | StoreError::Unfit { .. }
        | StoreError::Gone(_)
        | StoreError::Log(_)
        | StoreError::Row(_)
        | StoreError::Ended => error.into(),
    }
}
