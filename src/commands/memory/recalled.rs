//! `hydra memory recalled`: what was told to whoever wrote a prompt, as it was recorded then.

use anyhow::{Context, Result};
use hydra_actors::ports::WorldFact;
use hydra_actors::writer::recall::{LooksRecall, StoryRecall};
use hydra_events::record::{Recorded, Version};
use hydra_events::vocabulary::terms::Recalled;
use hydra_events::{ContentStore, StreamName, upcast};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Asked;
use crate::backends;
use crate::commands::events::asset;
use crate::exit::{BadInput, Exit};
use crate::print;

const PAGE: usize = 500;

/// A recall, with where it stands in the log.
#[derive(Serialize)]
struct Recall {
    /// The event that says so.
    event: u64,
    #[serde(flatten)]
    recalled: Recalled,
    /// The question and the answer.
    told: Value,
}

impl Asked<'_> {
    /// The last recall of a picture or scene, at the moment that is asked about.
    pub(super) async fn recalled(&self, name: &str) -> Result<Exit> {
        let stream = asset::resolve(self.setting, self.reading.log.as_ref(), name).await?.stream;
        if !["image", "scene"].contains(&stream.category()) {
            let reason =
                format!("{stream}: only the prompts of pictures and the lines of scenes are recalled for");
            return Err(BadInput(reason).into());
        }
        let Some((event, recalled)) = self.last_recall(&stream).await? else {
            if self.setting.json {
                print::json(&Value::Null)?;
            } else {
                print::line(format!("nothing was recalled for {stream}"))?;
            }
            return Ok(Exit::Found);
        };
        let content = backends::content(&self.setting.data).await?;
        let told = content.get(recalled.facts).await.context("what was recalled is no longer kept")?;
        if self.setting.json {
            print::json(&Recall { event, recalled, told: serde_json::from_slice(&told)? })?;
            return Ok(Exit::Done);
        }
        print::line(format!(
            "{stream}: recalled by event {event}, of the log up to position {}",
            recalled.position
        ))?;
        match stream.category() {
            "image" => in_looks(&serde_json::from_slice(&told)?),
            _ => in_story(&serde_json::from_slice(&told)?),
        }
    }

    async fn last_recall(&self, stream: &StreamName) -> Result<Option<(u64, Recalled)>> {
        let (mut after, mut last): (Version, _) = (0, None);
        loop {
            let events = self.reading.log.read_stream(stream, after, PAGE).await?;
            let Some(newest) = events.last() else { return Ok(last) };
            after = newest.version;
            for event in events.iter().filter(|event| self.until.is_none_or(|until| event.position <= until))
            {
                last = recall_of(event)?.map(|recalled| (event.position, recalled)).or(last);
            }
        }
    }
}

/// What an event says was recalled, whatever else it says.
fn recall_of(event: &Recorded) -> Result<Option<Recalled>> {
    #[derive(Deserialize)]
    struct Said {
        recalled: Option<Recalled>,
    }
    let (_, payload) = upcast::newest(&event.kind, &event.payload)?;
    Ok(serde_json::from_slice::<Said>(&payload)?.recalled)
}

fn in_looks(recall: &LooksRecall) -> Result<Exit> {
    for (place, look) in recall.found.iter().enumerate() {
        let used = if place == 0 { "the reference" } else { "also known" };
        print::line(format!("  {used}: {} of the chapter {}, file {}", look.image, look.chapter, look.blob))?;
    }
    Ok(Exit::Done)
}

fn in_story(recall: &StoryRecall) -> Result<Exit> {
    for line in &recall.found.lines {
        print::line(format!("  {} in {}: {}", line.speaker, line.scene, line.text))?;
    }
    for relation in &recall.found.relations {
        let moods = relation.moods.join(", ");
        let (speaker, listener, times) = (&relation.speaker, &relation.listener, relation.times);
        print::line(format!("  {speaker} was answered by {listener} {times} times, looking {moods}"))?;
    }
    for WorldFact { place, text, .. } in &recall.found.world {
        print::line(format!(
            "  {}: {}",
            place.join(", "),
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        ))?;
    }
    Ok(Exit::Done)
}
