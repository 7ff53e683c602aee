//! `hydra knowledge`: documents about the world of a story, which scenes without dialogue are written with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use hydra_actors::archivist::knowledge::{TEXT_BYTES_MAX, TITLE_CHARS_MAX, split};
use hydra_actors::request;
use hydra_events::vocabulary::knowledge::KnowledgeCommand;
use hydra_events::{ContentStore, StreamName};
use hydra_projections::rows::DocumentRow;

use super::Setting;
use super::through::{self, After};
use crate::app::{Reading, require_log};
use crate::cli::Knowledge;
use crate::exit::{BadInput, Exit};
use crate::{backends, input, print};

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

async fn add(setting: &Setting, files: &[PathBuf]) -> Result<Exit> {
    let documents = read(files)?;
    let content = backends::content(&setting.data).await?;
    let (mut commands, mut done) = (Vec::new(), Vec::new());
    for Document { stream, title, text, passages } in documents {
        done.push(format!("{title} ({passages} passages)"));
        let text = content.put(text.into_bytes()).await?;
        commands.push(through::command(&stream, &KnowledgeCommand::KeepDocument { title, text })?);
    }
    let sent = through::send(setting, "knowledge add", commands, After::Finish).await?;
    sent.tell(setting, &format!("kept {}", done.join(", ")))
}

/// Reads every file, and refuses all of them where one cannot be kept.
fn read(files: &[PathBuf]) -> Result<Vec<Document>> {
    let (mut documents, mut problems) = (BTreeMap::new(), Vec::new());
    for file in files {
        let document = understand(file)?;
        match document {
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

fn understand(file: &Path) -> Result<Result<Document, String>> {
    let text = input::read_text(file, TEXT_BYTES_MAX)?;
    let title = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let Some(id) = request::slug(&title) else {
        return Ok(Err("name the file after what it tells of, in letters or digits".to_owned()));
    };
    if title.chars().count() > TITLE_CHARS_MAX || title.contains(char::is_control) {
        return Ok(Err(format!("a name of one line, with at most {TITLE_CHARS_MAX} characters")));
    }
    let passages = match split(&title, &text) {
        Ok(passages) => passages.len(),
        Err(problem) => return Ok(Err(problem.to_string())),
    };
    Ok(Ok(Document { stream: stream(&id)?, title, text, passages }))
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
    let sent = through::send(setting, "knowledge forget", commands, After::Finish).await?;
    sent.tell(setting, "forgotten: nothing new is written with it")
}
