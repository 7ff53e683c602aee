//! Assets, embeddings, documents, memories and reports.

use hydra_events::Timestamp;
use hydra_events::vector::Vector;
use hydra_events::vocabulary::asset::{AssetCommand, AssetEvent};
use hydra_events::vocabulary::embedding::{About, Embedded, EmbeddingCommand, EmbeddingEvent};
use hydra_events::vocabulary::knowledge::{KnowledgeCommand, KnowledgeEvent, Passage};
use hydra_events::vocabulary::memory::{MemoryCommand, MemoryEvent};
use hydra_events::vocabulary::report::{ReportCommand, ReportEvent};

use serde_json::json;

use super::samples::{blob, image, stream, text};
use super::{Words, words};

pub fn all() -> Vec<Words> {
    vec![
        words("commands", "asset", &asset_commands()),
        words("events", "asset", &asset_events()),
        words("commands", "embedding", &embedding_commands()),
        words("events", "embedding", &embedding_events()),
        words("commands", "knowledge", &knowledge_commands()),
        words("events", "knowledge", &knowledge_events()),
        words("commands", "memory", &memory_commands()),
        words("events", "memory", &memory_events()),
        words("commands", "report", &report_commands()),
        words("events", "report", &report_events()),
    ]
}

fn asset_commands() -> Vec<AssetCommand> {
    vec![
        AssetCommand::FileAsset { blob: blob("result"), media_type: text("image/png"), referrer: image() },
        AssetCommand::ReleaseAsset { referrer: image() },
        AssetCommand::ConfirmDrop {},
    ]
}

fn asset_events() -> Vec<AssetEvent> {
    vec![
        AssetEvent::AssetFiled { blob: blob("result"), media_type: text("image/png"), referrer: image() },
        AssetEvent::AssetReleased { referrer: image() },
        AssetEvent::DropScheduled { due: Timestamp(1_795_307_034_123_456), ordinal: 1 },
        AssetEvent::DropWithdrawn { ordinal: 1 },
        AssetEvent::AssetDropped { ordinal: 2 },
    ]
}

fn about() -> About {
    About {
        chapter: text("lighthouse"),
        scene: text("scene-lighthouse_1"),
        character: text("keeper"),
        outfit: text("coat"),
    }
}

fn embedded() -> Embedded {
    let vector = Vector(vec![0.5, -0.25, 1e-3]);
    let (text, emotion) = (blob("text"), text("happy"));
    Embedded { text, emotion, model: "studio-hash-256".to_owned(), dimension: 3, vector }
}

fn embedding_commands() -> Vec<EmbeddingCommand> {
    vec![
        EmbeddingCommand::RequestEmbedding { source: image(), document: blob("brief"), about: about() },
        EmbeddingCommand::AcceptEmbedding { embedded: embedded() },
        EmbeddingCommand::KeepEmbedding {},
        EmbeddingCommand::WithdrawEmbedding { source: image() },
    ]
}

fn embedding_events() -> Vec<EmbeddingEvent> {
    let (source, document) = (image(), blob("brief"));
    vec![
        EmbeddingEvent::EmbeddingRequested { source, document, about: about(), ordinal: 1 },
        EmbeddingEvent::EmbeddingSuperseded { ordinal: 1 },
        EmbeddingEvent::TextEmbedded {
            source: image(),
            document,
            about: about(),
            ordinal: 2,
            embedded: embedded(),
        },
        EmbeddingEvent::EmbeddingWithdrawn { source: image() },
    ]
}

fn knowledge_commands() -> Vec<KnowledgeCommand> {
    let passages = vec![blob("passage"), blob("another passage")];
    vec![
        KnowledgeCommand::KeepDocument { title: text("The island"), text: blob("island") },
        KnowledgeCommand::AcceptPassages { splitter: text("markdown-1000-1"), passages },
        KnowledgeCommand::ForgetDocument {},
    ]
}

fn knowledge_events() -> Vec<KnowledgeEvent> {
    let (name, dropped) =
        (stream("passage-island_0011223344556677"), stream("passage-island_8899aabbccddeeff"));
    vec![
        KnowledgeEvent::DocumentKept { title: text("The island"), text: blob("island"), ordinal: 1 },
        KnowledgeEvent::SplitSuperseded { ordinal: 1 },
        KnowledgeEvent::DocumentSplit {
            splitter: text("markdown-1000-1"),
            passages: vec![Passage { name: name.clone(), content: blob("passage") }],
            dropped: vec![dropped],
            ordinal: 2,
        },
        KnowledgeEvent::DocumentForgotten { dropped: vec![name] },
    ]
}

fn memory_commands() -> Vec<MemoryCommand> {
    let (is, should) = (json!({ "status": "pending" }), json!({ "status": "approved", "score": 0.5 }));
    let (table, key) = (text("generation_tasks"), text("image-keeper_1/1"));
    vec![MemoryCommand::ReportDrift { table, key, position: 4_711, is, should, mended: true }]
}

fn memory_events() -> Vec<MemoryEvent> {
    let (table, key) = (text("activity"), text("image-keeper_1"));
    vec![
        MemoryEvent::DriftFound {
            table: table.clone(),
            key: key.clone(),
            position: 4_711,
            is: json!(null),
            should: json!({ "id": "image-keeper_1", "owes": 1 }),
        },
        MemoryEvent::DriftMended { table, key },
    ]
}

fn report_commands() -> Vec<ReportCommand> {
    let chapter = stream("chapter-lighthouse");
    vec![
        ReportCommand::RequestReport { chapter, completion: 1, position: 4_711 },
        ReportCommand::AcceptReport { report: blob("report") },
    ]
}

fn report_events() -> Vec<ReportEvent> {
    let chapter = stream("chapter-lighthouse");
    vec![
        ReportEvent::ReportRequested { chapter, completion: 1, position: 4_711 },
        ReportEvent::ReportSuperseded { completion: 1 },
        ReportEvent::ReportCompiled { completion: 1, report: blob("report") },
    ]
}
