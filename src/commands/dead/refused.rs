//! Commands that were taken from the bus and refused for good: shown whole, sent again as they are or mended, or dropped.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use hydra_bus::Bus as _;
use hydra_bus::nats::ingress::COMMAND_BYTES_MAX;
use hydra_bus::nats::{Buried, NatsBus};
use hydra_events::StreamName;
use serde::Serialize;

use super::super::Setting;
use super::entry::{Entry, Kind};
use super::nothing;
use crate::backends;
use crate::config::BusPlace;
use crate::exit::{BadInput, Exit};
use crate::input::read_text;
use crate::print;

/// What the names of refused commands begin with; it is no entity's.
const CATEGORY: &str = "command";

/// A refused command, whole.
#[derive(Serialize)]
struct Shown<'a> {
    stream: String,
    subject: &'a str,
    since: String,
    reason: &'a str,
    headers: &'a BTreeMap<String, String>,
    payload: String,
}

/// The number of the refused command that `text` names, if it names one.
pub fn number(text: &str) -> Option<u64> {
    text.strip_prefix(CATEGORY)?.strip_prefix('-')?.parse().ok()
}

/// What lies on the configured bus, oldest first; nothing where that is in the process.
pub async fn entries(setting: &Setting) -> Result<Vec<Entry>> {
    let BusPlace::Nats(_) = setting.data.config().bus else { return Ok(Vec::new()) };
    let bus = open(setting).await?;
    let refused = bus.refused().await;
    bus.close().await;
    refused?.into_iter().map(entry).collect()
}

fn entry(buried: Buried) -> Result<Entry> {
    let Buried { number, since, refused } = buried;
    Ok(Entry {
        stream: StreamName::try_new(CATEGORY, &number.to_string())?,
        kind: Kind::Refused,
        effect: None,
        source: None,
        actor: None,
        subject: Some(refused.subject),
        attempts: 0,
        since: Some(since.to_string()),
        position: None,
        reason: refused.reason,
    })
}

/// Shows one with everything that came with it.
pub async fn show(setting: &Setting, number: u64) -> Result<Exit> {
    let bus = open(setting).await?;
    let found = find(&bus, number).await;
    bus.close().await;
    let Buried { since, refused, .. } = found?;
    let shown = Shown {
        stream: format!("{CATEGORY}-{number}"),
        subject: &refused.subject,
        since: since.to_string(),
        reason: &refused.reason,
        headers: &refused.headers,
        payload: String::from_utf8_lossy(&refused.payload).into_owned(),
    };
    if setting.json {
        print::json(&shown)?;
        return Ok(Exit::Done);
    }
    print::line(format!("{} came under {}", shown.stream, shown.subject))?;
    print::line(format!("refused {}: {}", shown.since, shown.reason))?;
    for (name, value) in shown.headers {
        print::line(format!("{name}: {value}"))?;
    }
    print::line(format!("payload, {} bytes:", refused.payload.len()))?;
    print::line(shown.payload)?;
    Ok(Exit::Done)
}

/// Sends one again, with what stands in `file` if there is one.
pub async fn retry(setting: &Setting, number: u64, file: Option<&Path>) -> Result<Exit> {
    let payload = file.map(|file| read_text(file, COMMAND_BYTES_MAX)).transpose()?.map(String::into_bytes);
    let bus = open(setting).await?;
    let sent = send_again(&bus, number, payload).await;
    bus.close().await;
    let subject = sent?;
    nothing(
        setting,
        &format!("sent again under {subject}; if it is refused again, it lies here under a new number"),
    )
}

async fn send_again(bus: &NatsBus, number: u64, payload: Option<Vec<u8>>) -> Result<String> {
    let buried = find(bus, number).await?;
    let payload = payload.unwrap_or_else(|| buried.refused.payload.clone());
    bus.send_again(&buried, payload).await?;
    Ok(buried.refused.subject)
}

/// Drops one for good.
pub async fn give_up(setting: &Setting, number: u64) -> Result<Exit> {
    let bus = open(setting).await?;
    let dropped = async {
        find(&bus, number).await?;
        Ok::<_, anyhow::Error>(bus.forget_refused(number).await?)
    };
    let dropped = dropped.await;
    bus.close().await;
    dropped?;
    nothing(setting, &format!("dropped {CATEGORY}-{number}"))
}

async fn open(setting: &Setting) -> Result<Arc<NatsBus>> {
    let BusPlace::Nats(place) = &setting.data.config().bus else {
        let reason = "a refused command lies on a NATS server: name one under [bus] in a --config file";
        return Err(BadInput(reason.to_owned()).into());
    };
    backends::nats(place, None).await
}

async fn find(bus: &NatsBus, number: u64) -> Result<Buried> {
    let found = bus.refused().await?.into_iter().find(|buried| buried.number == number);
    found.with_context(|| {
        BadInput(format!("{CATEGORY}-{number} is not there: `hydra dead list` shows what is"))
    })
}
