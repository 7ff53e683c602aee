//! `hydra doctor`: whether this machine can do the work, and what to do where it cannot.

mod engines;
mod places;
#[cfg(feature = "full")]
mod servers;

use anyhow::Result;
use serde::Serialize;

use super::Setting;
use crate::config::ContentPlace;
use crate::exit::Exit;
use crate::print;

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it should be.
    Ok,
    /// It works, but not as well as it could.
    Warn,
    /// It does not work.
    Fail,
}

/// One check.
#[derive(Debug, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it came out.
    pub health: Health,
    /// What was found.
    pub found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Check {
    /// All is well.
    pub fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, health: Health::Ok, found: found.into(), remedy: None }
    }

    /// It could be better.
    pub fn warn(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, health: Health::Warn, found: found.into(), remedy: Some(remedy.into()) }
    }

    /// It has to be mended.
    pub fn fail(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, health: Health::Fail, found: found.into(), remedy: Some(remedy.into()) }
    }
}

/// Looks at everything.
pub async fn run(setting: &Setting) -> Result<Exit> {
    let mut checks = vec![
        places::folder("data folder", setting.data.root()),
        places::folder("output folder", &setting.out),
        places::syncing(setting.data.root()),
        places::disk(setting.data.root()),
    ];
    checks.extend(places::log(&setting.data).await);
    #[cfg(feature = "full")]
    checks.extend(servers::bus(&setting.data.config().bus).await);
    checks.extend(content(&setting.data.config().content).await);
    #[cfg(feature = "full")]
    checks.extend(servers::memory(&setting.data).await);
    checks.extend([engines::studio(), engines::speech().await, engines::renpy(), engines::cores()]);
    if setting.json {
        print::json(&checks)?;
    } else {
        checks.iter().try_for_each(show)?;
    }
    let failed = checks.iter().any(|check| check.health == Health::Fail);
    Ok(if failed { Exit::Found } else { Exit::Done })
}

/// The content store, where it is not in the data folder.
async fn content(place: &ContentPlace) -> Option<Check> {
    match place {
        ContentPlace::DataFolder => None,
        #[cfg(feature = "full")]
        ContentPlace::Folder(path) => Some(places::folder("content folder", path)),
        #[cfg(feature = "full")]
        ContentPlace::S3(options) => Some(servers::content(options).await),
    }
}

fn show(check: &Check) -> std::io::Result<()> {
    let Check { name, health, found, remedy } = check;
    let word = match health {
        Health::Ok => "ok",
        Health::Warn => "warn",
        Health::Fail => "FAIL",
    };
    print::line(format!("{word:<5} {name:<14} {found}"))?;
    match remedy {
        Some(remedy) => print::line(format!("{:<20} {remedy}", "")),
        None => Ok(()),
    }
}
