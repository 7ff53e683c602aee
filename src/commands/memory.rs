//! `hydra memory`: what the four memories know, now or at any moment of the log's history.

mod recalled;
mod similar;

use anyhow::{Context, Result};
use hydra_events::Timestamp;
use hydra_events::record::Position;
use hydra_projections::rows::{
    CharacterRow, Connections, ContextRow, DoingRow, OutcomeRow, PromptRow, TaskRow,
};
use hydra_projections::{Only, Views};
use serde::Serialize;

use super::Setting;
use super::events::asset;
use crate::app::{Reading, require_log};
use crate::cli::{Memory, Moment, Question};
use crate::exit::{BadInput, Exit};
use crate::print;

/// What a chapter is being made with.
#[derive(Serialize)]
struct InTheMaking {
    context: Option<ContextRow>,
    /// What engines were given within the last hour, newest first.
    prompts: Vec<PromptRow>,
    /// What the actors did last.
    doing: Vec<DoingRow>,
}

/// A picture or line of a character, with what became of each try.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    task: TaskRow,
    outcomes: Vec<OutcomeRow>,
}

/// Whom a question is put to.
struct Asked<'a> {
    setting: &'a Setting,
    reading: Reading,
    views: Views,
    /// The last position that is asked about, where it is not the end of the log.
    until: Option<Position>,
}

/// Asks.
pub async fn run(setting: &Setting, arguments: &Memory) -> Result<Exit> {
    require_log(&setting.data)?;
    let reading = Reading::open(&setting.data).await?;
    let until = match arguments.at {
        None => None,
        Some(moment) => Some(position(&reading, moment).await?),
    };
    // What was recalled stands in the log.
    let views = match until.filter(|_| !matches!(arguments.question, Question::Recalled { .. })) {
        None => reading.views.clone(),
        Some(position) => hydra_projections::as_of(&reading.log, position).await?,
    };
    let asked = Asked { setting, reading, views, until };
    match &arguments.question {
        Question::Context { chapter } => asked.context(chapter).await,
        Question::History { character } => asked.history(character).await,
        Question::Neighbours { node } => asked.neighbours(node).await,
        Question::Path { from, to } => asked.path(from, to).await,
        Question::Provenance { asset } => asked.provenance(asset).await,
        Question::Recalled { asset } => asked.recalled(asset).await,
        Question::Similar { like, among, chapter, character, emotion, limit } => {
            let (chapter, character, emotion) = (chapter.clone(), character.clone(), emotion.clone());
            let only = Only { chapter, character, emotion, ..Only::default() };
            asked.similar(like, among, only, usize::from(*limit)).await
        }
    }
}

async fn position(reading: &Reading, moment: Moment) -> Result<Position> {
    match moment {
        Moment::Time(time) => Ok(hydra_projections::position_at(&reading.log, time).await?),
        Moment::Position(position) => {
            let head = reading.log.head().await?;
            let beyond = || BadInput(format!("position {position} is not there yet: the log ends at {head}"));
            (position <= head).then_some(position).with_context(beyond)
        }
    }
}

impl Asked<'_> {
    async fn context(&self, chapter: &str) -> Result<Exit> {
        let id = chapter.strip_prefix("chapter-").unwrap_or(chapter);
        let known = self.views.chapters().await?;
        if !known.iter().any(|row| row.id == id) {
            return Err(unknown("chapter", chapter, known.into_iter().map(|row| row.id)));
        }
        let context = self.views.generation_context(id).await?;
        let prompts = self.views.generation_prompts(id).await?;
        let found = InTheMaking { context, prompts, doing: self.views.doing().await? };
        if self.setting.json {
            print::json(&found)?;
            return Ok(Exit::Done);
        }
        let Some(context) = &found.context else {
            print::line(format!("nothing happened to {id} within the hour; `--at` asks about any moment"))?;
            return Ok(Exit::Done);
        };
        print::line(in_words(context))?;
        let rows: Vec<_> = found.prompts.iter().map(prompt_cells).collect();
        print::table(&["asset", "kind", "subject", "take", "state", "note"], &rows)?;
        Ok(Exit::Done)
    }

    async fn history(&self, name: &str) -> Result<Exit> {
        let character = self.character(name).await?;
        let mut history = Vec::new();
        for task in self.views.tasks_of(&character).await? {
            let outcomes = self.views.outcomes_of(task.id.as_str()).await?;
            history.push(Told { task, outcomes });
        }
        if self.setting.json {
            print::json(&history)?;
            return Ok(Exit::Done);
        }
        let rows: Vec<_> = history.iter().map(task_cells).collect();
        print::table(&["asked", "asset", "status", "aesthetic", "technical", "tries"], &rows)?;
        Ok(Exit::Done)
    }

    async fn neighbours(&self, node: &str) -> Result<Exit> {
        let node = self.node(node).await?;
        let found = self.views.neighbours(&node).await?;
        self.connections(&node, Some(found))
    }

    async fn path(&self, from: &str, to: &str) -> Result<Exit> {
        let (from, to) = (self.node(from).await?, self.node(to).await?);
        let found = self.views.path(&from, &to).await?;
        self.connections(&from, found)
    }

    async fn provenance(&self, name: &str) -> Result<Exit> {
        let found = asset::resolve(self.setting, self.reading.log.as_ref(), name).await?;
        let node = found.stream.to_string();
        let found = self.views.provenance(&node).await?;
        self.connections(&node, Some(found))
    }

    fn connections(&self, node: &str, found: Option<Connections>) -> Result<Exit> {
        if self.setting.json {
            print::json(&found)?;
            return Ok(if found.is_some() { Exit::Done } else { Exit::Found });
        }
        let Some(Connections { edges, nodes }) = found else {
            print::line(format!("nothing in the story leads there from {node}"))?;
            return Ok(Exit::Found);
        };
        let label = |id: &str| {
            let label = nodes.iter().find(|node| node.id == id).and_then(|node| node.label.clone());
            let new = label.filter(|label| !id.contains(label.as_str()));
            new.map_or_else(|| id.to_owned(), |label| format!("{id} ({label})"))
        };
        for edge in &edges {
            let times = if edge.weight > 1 { format!(", {} times", edge.weight) } else { String::new() };
            let details = edge.details.as_ref().map(|details| format!("  {details}")).unwrap_or_default();
            let (source, target) = (label(&edge.source), label(&edge.target));
            print::line(format!("{source} {} {target}{times}{details}", edge.kind.replace('_', " ")))?;
        }
        if edges.is_empty() {
            print::line(format!("{node} is connected with nothing"))?;
        }
        Ok(Exit::Done)
    }

    /// The node that a person means: a character by name, or what the log calls so.
    async fn node(&self, name: &str) -> Result<String> {
        if let Some(character) = self.find(name).await? {
            return Ok(format!("character-{character}"));
        }
        if !self.views.neighbours(name).await?.edges.is_empty() {
            return Ok(name.to_owned());
        }
        Ok(asset::resolve(self.setting, self.reading.log.as_ref(), name).await?.stream.to_string())
    }

    async fn character(&self, name: &str) -> Result<String> {
        if let Some(known) = self.find(name).await? {
            return Ok(known);
        }
        let known = self.views.characters().await?;
        Err(unknown("character", name, known.into_iter().map(|row| row.id)))
    }

    async fn find(&self, name: &str) -> Result<Option<String>> {
        let wanted = name.strip_prefix("character-").unwrap_or(name).to_lowercase();
        let is_meant = |row: &CharacterRow| {
            row.id.to_lowercase() == wanted
                || row.name.as_ref().is_some_and(|name| name.to_lowercase() == wanted)
        };
        Ok(self.views.characters().await?.into_iter().find(is_meant).map(|row| row.id))
    }
}

fn unknown(what: &str, name: &str, known: impl Iterator<Item = String>) -> anyhow::Error {
    let known: Vec<String> = known.collect();
    let known = if known.is_empty() { "there is none yet".to_owned() } else { known.join(", ") };
    BadInput(format!("no {what} is called {name:?}: {known}")).into()
}

fn in_words(context: &ContextRow) -> String {
    let ContextRow { id, title, state, scene, asset, event, .. } = context;
    let title = title.as_ref().map(|title| format!(" ({title})")).unwrap_or_default();
    let state = state.as_deref().unwrap_or("in work");
    let at_hand = [scene.as_ref(), asset.as_ref()].into_iter().flatten();
    let at_hand: String = at_hand.map(|stream| format!(", {stream}")).collect();
    format!("{id}{title}: {state}, last {event}{at_hand}")
}

fn prompt_cells(row: &PromptRow) -> Vec<String> {
    let PromptRow { id, kind, subject, take, state, note, .. } = row;
    let note = note.clone().unwrap_or_default();
    vec![id.to_string(), kind.clone(), subject.clone(), take.to_string(), state.clone(), note]
}

fn task_cells(told: &Told) -> Vec<String> {
    let Told { task, outcomes } = told;
    let number = |number: Option<f64>| number.map_or_else(|| "-".to_owned(), |number| format!("{number:.1}"));
    let asked = task.created_at.map_or_else(|| "-".to_owned(), |at| Timestamp(at).to_string());
    let tries: Vec<&str> = outcomes.iter().map(|row| row.outcome.as_str()).collect();
    vec![
        asked,
        task.id.to_string(),
        task.status.clone(),
        number(task.aesthetic_score),
        number(task.technical_score),
        tries.join(", "),
    ]
}
