//! `hydra queue`: orders for portraits, and the queue of heavy work.

mod add;
mod portraits;

use anyhow::Result;
use hydra_actors::host::cluster_stream;
use hydra_events::Id;
use hydra_events::vocabulary::cluster::{ClusterCommand, QueuePlace};
use hydra_projections::rows::QueueRow;
use serde::Serialize;

use super::Setting;
use super::through::{self, After};
use crate::app::{Reading, require_log};
use crate::cli::{Place, Queue};
use crate::exit::{BadInput, Exit};
use crate::print;

/// The queue, for machines.
#[derive(Serialize)]
struct Listing {
    /// Why it is paused; absent when it is not.
    paused: Option<String>,
    tasks: Vec<QueueRow>,
}

/// Orders, lists, pauses, resumes or moves.
pub async fn run(setting: &Setting, action: Queue) -> Result<Exit> {
    match action {
        Queue::Add { file, characters } => add::run(setting, &file, characters.as_deref()).await,
        Queue::List => list(setting).await,
        Queue::Pause { reason } => {
            change(setting, "pause", &ClusterCommand::PauseQueue { reason }, "paused: what runs is finished")
                .await
        }
        Queue::Resume => change(setting, "resume", &ClusterCommand::ResumeQueue {}, "resumed").await,
        Queue::Move { task, to } => move_task(setting, &task, to).await,
    }
}

async fn list(setting: &Setting) -> Result<Exit> {
    require_log(&setting.data)?;
    let views = Reading::open(&setting.data).await?.views;
    let listing = Listing { paused: views.queue_paused().await?, tasks: views.queue().await? };
    if setting.json {
        print::json(&listing)?;
        return Ok(Exit::Done);
    }
    if let Some(reason) = &listing.paused {
        print::line(format!("paused: {reason}"))?;
    }
    if listing.tasks.is_empty() {
        print::progress("nothing waits and nothing runs");
        return Ok(Exit::Done);
    }
    let rows: Vec<_> = listing.tasks.iter().map(cells).collect();
    print::table(&["task", "state", "kind", "priority", "for", "effect", "where and why"], &rows)?;
    Ok(Exit::Done)
}

fn cells(row: &QueueRow) -> Vec<String> {
    let stream = row.stream.as_ref().map_or_else(String::new, ToString::to_string);
    let why =
        [row.node.as_deref(), row.because.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(": ");
    let id = row.id.chars().take(8).collect();
    vec![id, row.state.clone(), row.kind.clone(), row.priority.to_string(), stream, row.effect.clone(), why]
}

async fn move_task(setting: &Setting, task: &str, to: Place) -> Result<Exit> {
    require_log(&setting.data)?;
    let tasks = Reading::open(&setting.data).await?.views.queue().await?;
    let task: Id = found(&tasks, task)?.parse()?;
    let (to, said) = match to {
        Place::Front => (QueuePlace::Front, "moved to the front of its priority"),
        Place::Back => (QueuePlace::Back, "moved to the back of its priority"),
    };
    change(setting, "move", &ClusterCommand::MoveTask { task, to }, said).await
}

/// The one waiting task that is called `text`, begins so, or belongs to that stream.
fn found<'a>(tasks: &'a [QueueRow], text: &str) -> Result<&'a str, BadInput> {
    let stream = |row: &QueueRow| row.stream.as_ref().is_some_and(|stream| stream.as_str() == text);
    let meant =
        tasks.iter().filter(|row| row.state == "waiting" && (row.id.starts_with(text) || stream(row)));
    match meant.collect::<Vec<_>>().as_slice() {
        [row] => Ok(&row.id),
        [] => Err(BadInput(format!("no waiting task is called {text}: `hydra queue list` shows them"))),
        several => {
            Err(BadInput(format!("{text} may be any of {} waiting tasks: give more digits", several.len())))
        }
    }
}

async fn change(setting: &Setting, verb: &str, command: &ClusterCommand, said: &str) -> Result<Exit> {
    let commands = vec![through::command(&cluster_stream()?, command)?];
    let sent = through::send(setting, &format!("queue {verb}"), commands, After::Return).await?;
    sent.tell(setting, said)
}
