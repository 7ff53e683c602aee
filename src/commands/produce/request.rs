//! What `produce` asks for: the characters, then the chapter. Asking twice is asking once.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use hydra_actors::director::plan::CastDocument;
use hydra_actors::screenplay::slug;
use hydra_events::stream::join_id;
use hydra_events::vocabulary::chapter::{ChapterCommand, ChapterSource, Fill};
use hydra_events::vocabulary::character::CharacterCommand;
use hydra_events::{ContentHash, ContentStore, StreamName};

use crate::app::App;
use crate::cli;
use crate::exit::BadInput;
use crate::input::{self, Understood};

/// Stores the sources and sends the commands.
pub async fn send(app: &App, understood: &Understood, arguments: &cli::Produce) -> Result<()> {
    let content = &app.backends().content;
    let cast = characters(app, understood).await?;
    let source = ChapterSource {
        stem: understood.stem.clone(),
        screenplay: content.put(understood.text.clone().into_bytes()).await?,
        cast: content.put(serde_json::to_vec(&cast)?).await?,
        fill: if arguments.fill { Fill::Placeholders } else { Fill::No },
        candidates: arguments.candidates,
    };
    let chapter = StreamName::try_new("chapter", &understood.chapter)?;
    let command = ChapterCommand::RequestChapter { title: understood.script.title.clone(), source };
    app.send(&chapter, &command).await.map(|_| ()).context("the chapter was not taken")
}

/// Stores the references and defines everyone.
pub async fn characters(app: &App, understood: &Understood) -> Result<CastDocument> {
    let content = &app.backends().content;
    let mut blobs: BTreeMap<String, ContentHash> = BTreeMap::new();
    for (file, bytes) in input::reference_files(&understood.profiles, understood.cast_file.as_deref())? {
        blobs.insert(file, content.put(bytes).await?);
    }
    let cast = CastDocument::of(&understood.profiles, &blobs);
    for member in &cast.members {
        let id = join_id(&[&slug(&member.profile.name)]);
        let command = CharacterCommand::DefineCharacter {
            name: member.profile.name.clone(),
            profile: content.put(serde_json::to_vec(&member.profile)?).await?,
            references: member.references.clone(),
        };
        let refused = || BadInput(format!("character {} was refused", member.profile.name));
        app.send(&StreamName::try_new("character", &id)?, &command).await.with_context(refused)?;
    }
    Ok(cast)
}
