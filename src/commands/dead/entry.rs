//! What stands in the list of the dead.

use anyhow::Result;
use hydra_actors::registry::ACTORS;
use hydra_events::log::Parked;
use hydra_events::{StreamName, Timestamp};
use hydra_projections::rows::DeadRow;
use serde::Serialize;

use crate::app::Reading;

/// Why something stands here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An effect failed too often and waits for a person.
    Parked,
    /// Every try was rejected.
    Missing,
    /// A stream could not be told what had happened in another.
    Delivery,
    /// A command that came over the bus was refused for good.
    #[cfg(feature = "full")]
    Refused,
}

/// One thing that was given up or set aside.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// The stream; of a delivery, the one that should have been told.
    pub stream: StreamName,
    /// Why it stands here.
    pub kind: Kind,
    /// The parked effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// The stream a delivery is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<StreamName>,
    /// The actor that could not deliver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<&'static str>,
    /// What a refused command came under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Attempts or tries made; unknown of a delivery and of a command.
    pub attempts: u32,
    /// Since when, RFC 3339; unknown of a delivery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The event that says so, or that could not be delivered; a refused command left none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// What went wrong.
    pub reason: String,
}

/// Everything that was given up or set aside, oldest first.
pub async fn entries(reading: &Reading) -> Result<Vec<Entry>> {
    let rows = reading.views.dead().await?;
    let parked: Vec<StreamName> =
        rows.iter().filter(|row| is_parked(row)).map(|row| row.stream.clone()).collect();
    // A picture whose render is parked is missing as well: one entry is enough, the one that can be retried.
    let told_once = |row: &DeadRow| is_parked(row) || !parked.contains(&row.stream);
    let mut entries: Vec<Entry> = rows.into_iter().filter(told_once).map(of_row).collect();
    for actor in ACTORS {
        let parked = reading.checkpoints.parked(actor).await?;
        entries.extend(parked.into_iter().map(|parked| of_delivery(actor, parked)));
    }
    entries.sort_by_key(|entry| entry.position);
    Ok(entries)
}

impl Entry {
    /// Whether it is about `asset`, or about anything at all.
    pub fn concerns(&self, asset: Option<&StreamName>) -> bool {
        asset.is_none_or(|asset| self.stream == *asset || self.source.as_ref() == Some(asset))
    }

    /// Its row in a table.
    pub fn cells(&self) -> Vec<String> {
        let what = match (self.kind, &self.effect, &self.source) {
            (Kind::Parked, Some(effect), _) => format!("parked {effect}"),
            (Kind::Parked, None, _) => "parked".to_owned(),
            (Kind::Missing, _, _) => "missing".to_owned(),
            (Kind::Delivery, _, Some(source)) => {
                format!("not told of {source} at {}", self.position.unwrap_or_default())
            }
            (Kind::Delivery, _, None) => "not told".to_owned(),
            #[cfg(feature = "full")]
            (Kind::Refused, _, _) => format!("refused {}", self.subject.as_deref().unwrap_or_default()),
        };
        let since = self.since.clone().unwrap_or_else(|| "-".to_owned());
        vec![self.stream.to_string(), what, self.attempts.to_string(), since, self.reason.clone()]
    }
}

fn is_parked(row: &DeadRow) -> bool {
    row.kind == "parked"
}

fn of_row(row: DeadRow) -> Entry {
    let kind = if is_parked(&row) { Kind::Parked } else { Kind::Missing };
    let DeadRow { stream, effect, attempts, reason, since, position, .. } = row;
    let since = Some(Timestamp(since).to_string());
    let position = Some(position);
    Entry {
        stream,
        kind,
        effect,
        source: None,
        actor: None,
        subject: None,
        attempts,
        since,
        position,
        reason,
    }
}

fn of_delivery(actor: &'static str, parked: Parked) -> Entry {
    let Parked { source, target, position, reason } = parked;
    let (source, actor) = (Some(source), Some(actor));
    Entry {
        stream: target,
        kind: Kind::Delivery,
        effect: None,
        source,
        actor,
        subject: None,
        attempts: 0,
        since: None,
        position: Some(position),
        reason,
    }
}
