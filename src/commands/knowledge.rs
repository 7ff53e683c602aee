//! `hydra knowledge`: documents about the world of a story, of which those who fill in a scene are told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use hydra_actors::archivist::knowledge::{TEXT_BYTES_MAX, TITLE_CHARS_MAX, is_title, split};
use hydra_actors::request;
use hydra_events::vocabulary::knowledge::KnowledgeCommand;
use hydra_events::{ContentHash, ContentStore, StreamName};
use hydra_projections::Views;
use hydra_projections::rows::DocumentRow;

use super::Setting;
use super::through::{self, After};
use crate::app::{Reading, require_log};
use crate::cli::Knowledge;
use crate::exit::{BadInput, Exit};
use crate::{backends, input, print};

/// How long a document may take to be found.
const FOUND_MAX: Duration = Duration::from_secs(30);
/// How long to wait before looking again.
const LOOK: Duration = Duration::from_millis(100);

/// A document that can be kept.
struct Document {
    stream: StreamName,
    title: String,
    text: String,
    passages: usize,
}

/// Keeps, lists or forgets.
pub async fn run(setting: &Setting, action: Knowledge) -> Result<Exit> {
    match action {
        Knowledge::Add { files } => add(setting, &files).await,
        Knowledge::List => list(setting).await,
        Knowledge::Forget { document } => forget(setting, &document).await,
    }
}

/// Keeps documents and waits until each can be found.
async fn add(setting: &Setting, files: &[PathBuf]) -> Result<Exit> {
    let documents = read(files)?;
    let content = backends::content(&setting.data).await?;
    let (mut commands, mut kept) = (Vec::new(), Vec::new());
    for Document { stream, title, text, passages } in documents {
        let text = content.put(text.into_bytes()).await?;
        kept.push((stream.id().to_owned(), text, format!("{title} ({passages} passages)")));
        commands.push(through::command(&stream, &KnowledgeCommand::KeepDocument { title, text })?);
    }
    let sent = through::send(setting, "knowledge add", commands, After::Finish).await?;
    let mut waiting: Vec<_> = kept.iter().map(|(id, text, _)| (id.as_str(), *text)).collect();
    let asked = Instant::now();
    let views = Reading::open(&setting.data).await?.views;
    while !waiting.is_empty() && asked.elapsed() < FOUND_MAX {
        waiting = still_waiting(&views, &waiting).await?;
        if !waiting.is_empty() {
            tokio::time::sleep(LOOK).await;
        }
    }
    let told: Vec<&str> = kept.iter().map(|(.., told)| told.as_str()).collect();
    let exit = sent.tell(setting, &format!("kept {}", told.join(", ")))?;
    if waiting.is_empty() {
        return Ok(exit);
    }
    let names: Vec<&str> = waiting.into_iter().map(|(id, _)| id).collect();
    let hydra = setting.invocation();
    print::progress(format!(
        "not found yet: {}; `{hydra} status` shows whether it is under way, `{hydra} dead list` what was given up",
        names.join(", ")
    ));
    Ok(Exit::Found)
}

/// Those of which not every passage is placed yet.
async fn still_waiting<'a>(
    views: &Views,
    documents: &[(&'a str, ContentHash)],
) -> Result<Vec<(&'a str, ContentHash)>> {
    let rows = views.documents().await?;
    let mut waiting = Vec::new();
    for (id, text) in documents {
        let is_split = |row: &DocumentRow| row.id == *id && row.text == Some(*text) && row.state == "split";
        if !rows.iter().any(is_split) || views.unplaced(id).await? > 0 {
            waiting.push((*id, *text));
        }
    }
    Ok(waiting)
}

/// Reads every file, and refuses all of them where one cannot be kept.
fn read(files: &[PathBuf]) -> Result<Vec<Document>> {
    let (mut documents, mut problems) = (BTreeMap::new(), Vec::new());
    for file in files {
        let text = input::read_text(file, TEXT_BYTES_MAX)?;
        match understand(file, text) {
            Ok(document) => {
                let name = document.stream.clone();
                if documents.insert(name, document).is_some() {
                    problems.push(format!("{}: another of these files is called the same", file.display()));
                }
            }
            Err(problem) => problems.push(format!("{}: {problem}", file.display())),
        }
    }
    match problems.is_empty() {
        true => Ok(documents.into_values().collect()),
        false => Err(BadInput(problems.join("\n")).into()),
    }
}

fn understand(file: &Path, text: String) -> Result<Document, String> {
    let title = input::stem(file);
    let id = request::slug(&title);
    let id = id.ok_or_else(|| "name the file after what it tells of, in letters or digits".to_owned())?;
    if !is_title(&title) {
        return Err(format!("a name of one line, with at most {TITLE_CHARS_MAX} characters"));
    }
    let passages = split(&title, &text).map_err(|problem| problem.to_string())?.len();
    let stream = stream(&id).map_err(|problem| problem.to_string())?;
    Ok(Document { stream, title, text, passages })
}

fn stream(id: &str) -> Result<StreamName, BadInput> {
    StreamName::try_new("knowledge", id).map_err(|error| BadInput(error.to_string()))
}

async fn list(setting: &Setting) -> Result<Exit> {
    require_log(&setting.data)?;
    let documents = Reading::open(&setting.data).await?.views.documents().await?;
    if setting.json {
        print::json(&documents)?;
        return Ok(Exit::Done);
    }
    if documents.is_empty() {
        print::progress("no document is known: `hydra knowledge add FILE`");
        return Ok(Exit::Done);
    }
    let cells = |row: &DocumentRow| {
        vec![
            row.id.clone(),
            row.title.clone(),
            row.state.clone(),
            row.passages.to_string(),
            row.owner.clone(),
        ]
    };
    let rows: Vec<_> = documents.iter().map(cells).collect();
    print::table(&["document", "title", "state", "passages", "of"], &rows)?;
    Ok(Exit::Done)
}

async fn forget(setting: &Setting, document: &str) -> Result<Exit> {
    require_log(&setting.data)?;
    let id = document.strip_prefix("knowledge-").unwrap_or(document);
    let commands = vec![through::command(&stream(id)?, &KnowledgeCommand::ForgetDocument {})?];
    let sent = through::send(setting, "knowledge forget", commands, After::Return).await?;
    sent.tell(setting, "forgotten: no chapter planned from now on is told of it")
}
