//! `hydra cancel`: a chapter is not made any further. What is finished stays in the log and in the folder.

use anyhow::Result;
use hydra_events::StreamName;
use hydra_events::vocabulary::chapter::ChapterCommand;

use super::Setting;
use super::through::{self, After};
use crate::app::{Reading, require_log};
use crate::exit::{BadInput, Exit};

/// Cancels `chapter`, named by its id or by its stream.
pub async fn run(setting: &Setting, chapter: &str, reason: String) -> Result<Exit> {
    require_log(&setting.data)?;
    let id = chapter.strip_prefix("chapter-").unwrap_or(chapter);
    let views = Reading::open(&setting.data).await?.views;
    if views.chapter(id).await?.is_none() {
        return Err(BadInput(format!("there is no chapter {id}: `hydra chapters` lists them")).into());
    }
    let stream = StreamName::try_new("chapter", id).map_err(|e| BadInput(e.to_string()))?;
    let commands = vec![through::command(&stream, &ChapterCommand::CancelChapter { reason })?];
    let sent = through::send(setting, "cancel", commands, After::Return).await?;
    sent.tell(setting, &format!("cancelled {id}"))
}
