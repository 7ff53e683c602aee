//! What `produce` asks for: the characters, then the chapter. Asking twice is asking once.

use std::collections::BTreeMap;

use anyhow::Result;
use hydra_actors::director::plan::CastDocument;
use hydra_actors::screenplay::slug;
use hydra_events::stream::join_id;
use hydra_events::vocabulary::chapter::{ChapterCommand, ChapterSource, Fill};
use hydra_events::vocabulary::character::CharacterCommand;
use hydra_events::{ContentHash, ContentStore, StreamName};

use crate::cli;
use crate::commands::through::{Command, command};
use crate::input::{self, Understood};

/// How the chapter is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// Whether scenes without dialogue get placeholder lines.
    pub fill: Fill,
    /// Pictures made of each subject.
    pub candidates: u32,
}

impl Wish {
    /// What the command line says.
    pub fn of(arguments: &cli::Produce) -> Self {
        let fill = if arguments.fill { Fill::Placeholders } else { Fill::No };
        Self { fill, candidates: arguments.candidates }
    }
}

/// Stores the sources and says what to ask for, in order; the last command is the chapter's.
pub async fn commands(
    content: &dyn ContentStore,
    understood: &Understood,
    wish: Wish,
) -> Result<Vec<Command>> {
    let (cast, mut commands) = characters(content, understood).await?;
    let source = ChapterSource {
        stem: understood.stem.clone(),
        screenplay: content.put(understood.text.clone().into_bytes()).await?,
        cast: content.put(serde_json::to_vec(&cast)?).await?,
        fill: wish.fill,
        candidates: wish.candidates,
    };
    let chapter = StreamName::try_new("chapter", &understood.chapter)?;
    let title = understood.script.title.clone();
    commands.push(command(&chapter, &ChapterCommand::RequestChapter { title, source })?);
    Ok(commands)
}

/// Stores the references and defines everyone.
pub async fn characters(
    content: &dyn ContentStore,
    understood: &Understood,
) -> Result<(CastDocument, Vec<Command>)> {
    let mut blobs: BTreeMap<String, ContentHash> = BTreeMap::new();
    for (file, bytes) in input::reference_files(&understood.profiles, understood.cast_file.as_deref())? {
        blobs.insert(file, content.put(bytes).await?);
    }
    let cast = CastDocument::of(&understood.profiles, &blobs);
    let mut commands = Vec::new();
    for member in &cast.members {
        let id = join_id(&[&slug(&member.profile.name)]);
        let define = CharacterCommand::DefineCharacter {
            name: member.profile.name.clone(),
            profile: content.put(serde_json::to_vec(&member.profile)?).await?,
            references: member.references.clone(),
        };
        commands.push(command(&StreamName::try_new("character", &id)?, &define)?);
    }
    Ok((cast, commands))
}
