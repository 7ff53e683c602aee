//! How the Archivist drops a file, splits a document, has a text embedded and has a report written.

use futures::future::BoxFuture;
use hydra_events::vocabulary::asset::AssetCommand;
use hydra_events::vocabulary::embedding::{Embedded, EmbeddingCommand};
use hydra_events::vocabulary::knowledge::KnowledgeCommand;
use hydra_events::vocabulary::report::ReportCommand;

use super::asset::{Asset, DropBlob};
use super::embedding::{Embed, Embedding, Told, told};
use super::knowledge::{Document, Knowledge, SPLITTER, Split, split};
use super::report::{Compile, Report};
use crate::perform::{Job, Perform};
use crate::ports::{Model, PortError, Ports};

impl Perform for Asset {
    fn perform(
        ports: Ports,
        effect: DropBlob,
        _: Job,
    ) -> BoxFuture<'static, Result<AssetCommand, PortError>> {
        Box::pin(remove(ports, effect))
    }
}

impl Perform for Embedding {
    fn perform(
        ports: Ports,
        effect: Embed,
        job: Job,
    ) -> BoxFuture<'static, Result<EmbeddingCommand, PortError>> {
        Box::pin(embed(ports, effect, job))
    }
}

impl Perform for Knowledge {
    fn perform(
        ports: Ports,
        effect: Split,
        _: Job,
    ) -> BoxFuture<'static, Result<KnowledgeCommand, PortError>> {
        Box::pin(passages(ports, effect))
    }
}

impl Perform for Report {
    fn perform(
        ports: Ports,
        effect: Compile,
        _: Job,
    ) -> BoxFuture<'static, Result<ReportCommand, PortError>> {
        Box::pin(compile(ports, effect))
    }
}

async fn remove(ports: Ports, effect: DropBlob) -> Result<AssetCommand, PortError> {
    ports.content.remove(effect.blob).await?;
    Ok(AssetCommand::ConfirmDrop {})
}

async fn embed(ports: Ports, effect: Embed, job: Job) -> Result<EmbeddingCommand, PortError> {
    let Embed { source, document, known } = effect;
    let Told { text: words, emotion } = told(&ports, &source, document).await?;
    let text = ports.content.put(words.clone().into_bytes()).await?;
    let model = ports.embedder.model().name;
    if known.is_some_and(|known| known == (text, model)) {
        return Ok(EmbeddingCommand::KeepEmbedding {});
    }
    let (Model { name: model, dimension }, vector) = ports.place(words, &job.key()).await?;
    let dimension = u32::try_from(dimension).map_err(PortError::permanent)?;
    Ok(EmbeddingCommand::AcceptEmbedding { embedded: Embedded { text, emotion, model, dimension, vector } })
}

async fn passages(ports: Ports, effect: Split) -> Result<KnowledgeCommand, PortError> {
    let Document { title, text } = effect.document;
    let text = String::from_utf8(ports.content.get(text).await?)
        .map_err(|error| PortError::permanent(format!("{title} is no text in UTF-8: {error}")))?;
    let split = tokio::task::spawn_blocking(move || split(&title, &text)).await;
    let mut passages = Vec::new();
    for passage in split.map_err(PortError::permanent)?.map_err(PortError::permanent)? {
        passages.push(ports.keep(&passage).await?);
    }
    Ok(KnowledgeCommand::AcceptPassages { splitter: SPLITTER.to_owned(), passages })
}

async fn compile(ports: Ports, effect: Compile) -> Result<ReportCommand, PortError> {
    let Compile { chapter, position } = effect;
    let report = ports.reporter.report(&chapter, position).await?;
    Ok(ReportCommand::AcceptReport { report: ports.content.put(report.into_bytes()).await? })
}
