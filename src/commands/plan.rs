//! `hydra plan`: things to be done at certain times, by the Hydra that is running then.

use anyhow::Result;
use hydra_actors::ports::Calendar;
use hydra_connectors::calendar::CronCalendar;
use hydra_events::clock::SystemClock;
use hydra_events::vocabulary::plan::{PlanCommand, PlannedAction};
use hydra_events::{Clock, StreamName, Timestamp};
use hydra_projections::rows::PlanRow;

use super::Setting;
use super::through::{self, After};
use crate::app::{Reading, require_log};
use crate::cli::{PlanAction, PlanVerb};
use crate::exit::{BadInput, Exit};
use crate::print;

/// Adds, lists or removes.
pub async fn run(setting: &Setting, action: PlanAction) -> Result<Exit> {
    match action {
        PlanAction::Add { id, cron, action, tz } => add(setting, &id, cron, action, tz).await,
        PlanAction::List => list(setting).await,
        PlanAction::Remove { id } => remove(setting, &id).await,
    }
}

async fn add(setting: &Setting, id: &str, cron: String, verb: PlanVerb, timezone: String) -> Result<Exit> {
    let stream = stream(id)?;
    let next = CronCalendar.next(&cron, &timezone, SystemClock.now()).map_err(|e| BadInput(e.to_string()))?;
    let next = next.ok_or_else(|| BadInput(format!("{cron:?} never comes: choose a day that exists")))?;
    let action = match verb {
        PlanVerb::Pause => PlannedAction::PauseQueue {},
        PlanVerb::Resume => PlannedAction::ResumeQueue {},
    };
    let commands = vec![through::command(&stream, &PlanCommand::AddPlan { cron, timezone, action, next })?];
    let sent = through::send(setting, "plan add", commands, After::Return).await?;
    sent.tell(
        setting,
        &format!("planned {id}, for the first time at {next}; a Hydra has to run then: `hydra up`"),
    )
}

async fn list(setting: &Setting) -> Result<Exit> {
    require_log(&setting.data)?;
    let plans = Reading::open(&setting.data).await?.views.plans().await?;
    if setting.json {
        print::json(&plans)?;
    } else if plans.is_empty() {
        print::progress("nothing is planned");
    } else {
        let rows: Vec<_> = plans.iter().map(cells).collect();
        print::table(&["plan", "times", "time zone", "does", "next", "last"], &rows)?;
    }
    Ok(Exit::Done)
}

fn cells(row: &PlanRow) -> Vec<String> {
    let action = match row.action {
        PlannedAction::PauseQueue {} => "pause",
        PlannedAction::ResumeQueue {} => "resume",
    };
    let at = |time: Option<i64>| time.map_or_else(|| "-".to_owned(), |micros| Timestamp(micros).to_string());
    let (cron, timezone) = (row.cron.clone(), row.timezone.clone());
    vec![row.id.clone(), cron, timezone, action.to_owned(), at(row.next_due), at(row.last_fired)]
}

async fn remove(setting: &Setting, id: &str) -> Result<Exit> {
    require_log(&setting.data)?;
    let commands = vec![through::command(&stream(id)?, &PlanCommand::RemovePlan {})?];
    let sent = through::send(setting, "plan remove", commands, After::Return).await?;
    sent.tell(setting, &format!("removed {id}"))
}

fn stream(id: &str) -> Result<StreamName, BadInput> {
    StreamName::try_new("plan", id).map_err(|error| BadInput(error.to_string()))
}
