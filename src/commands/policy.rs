//! `hydra policy`: the thresholds, limits and time-outs in force.

use anyhow::Result;
use hydra_actors::host::policy_stream;
use hydra_actors::policy::{KeyFacts, PolicyKey};
use hydra_events::vocabulary::policy::PolicyCommand;
use serde::Serialize;

use super::Setting;
use super::through::{self, After};
use crate::app::Reading;
use crate::cli::PolicyAction;
use crate::exit::{BadInput, Exit};
use crate::print;

/// One key, as it is shown.
#[derive(Serialize)]
struct Key {
    key: &'static str,
    value: f64,
    default: f64,
    min: f64,
    max: f64,
    meaning: &'static str,
}

/// Shows or sets.
pub async fn run(setting: &Setting, action: PolicyAction) -> Result<Exit> {
    match action {
        PolicyAction::Show => show(setting).await,
        PolicyAction::Set { key, value } => set(setting, key, value).await,
    }
}

/// Without a log the defaults are in force.
async fn show(setting: &Setting) -> Result<Exit> {
    let rows = match setting.data.has_log() {
        true => Reading::open(&setting.data).await?.views.policies().await?,
        false => Vec::new(),
    };
    let key = |key: PolicyKey| {
        let KeyFacts { name, default, min, max, meaning } = key.facts();
        let value = rows.iter().find(|row| row.id == name).map_or(default, |row| row.value);
        Key { key: name, value, default, min, max, meaning }
    };
    let keys: Vec<Key> = PolicyKey::ALL.into_iter().map(key).collect();
    if setting.json {
        print::json(&keys)?;
        return Ok(Exit::Done);
    }
    let cells = |key: &Key| {
        let Key { key, value, default, min, max, meaning } = key;
        vec![
            (*key).to_owned(),
            value.to_string(),
            default.to_string(),
            format!("{min} to {max}"),
            (*meaning).to_owned(),
        ]
    };
    let rows: Vec<_> = keys.iter().map(cells).collect();
    print::table(&["key", "value", "default", "range", "meaning"], &rows)?;
    Ok(Exit::Done)
}

async fn set(setting: &Setting, key: String, value: f64) -> Result<Exit> {
    let known = || PolicyKey::ALL.map(|key| key.facts().name).join(", ");
    let facts = PolicyKey::named(&key)
        .ok_or_else(|| BadInput(format!("there is no policy {key:?}: the keys are {}", known())))?
        .facts();
    let KeyFacts { min, max, meaning, .. } = facts;
    if !(min..=max).contains(&value) {
        return Err(
            BadInput(format!("{key} cannot be {value}: {min} to {max} is its range ({meaning})")).into()
        );
    }
    let said = format!("{key} is {value}; what was decided before stays decided");
    let commands = vec![through::command(&policy_stream()?, &PolicyCommand::SetPolicy { key, value })?];
    let sent = through::send(setting, "policy set", commands, After::Return).await?;
    sent.tell(setting, &said)
}
