//! The lives of an embedding, through every mould.

use hydra_actors::moulds::Story;
use hydra_events::Vector;
use hydra_events::vocabulary::effect::FailureKind;
use hydra_events::vocabulary::embedding::{About, Embedded, EmbeddingCommand};

use crate::table::picture::{hash, stream};

hydra_actors::entity_moulds!(stories());

fn stories() -> Vec<Story> {
    let keep = EmbeddingCommand::KeepEmbedding {};
    vec![
        asked("clean").work("embed-1", &placed()),
        asked("said otherwise").work("embed-1", &placed()).tell(&request("b")).work("embed-2", &placed()),
        asked("the same in another document")
            .work("embed-1", &placed())
            .tell(&request("b"))
            .work("embed-2", &keep),
        asked("overtaken").tell(&request("b")).work("embed-2", &placed()),
        asked("withdrawn in time").tell(&withdraw()),
        asked("withdrawn and wanted again").work("embed-1", &placed()).tell(&withdraw()).tell(&request("a")),
        asked("the model is away once").fail("embed-1", FailureKind::Transient).work("embed-1", &placed()),
        asked("parked, unparked, embedded")
            .fail("embed-1", FailureKind::Permanent)
            .unpark()
            .work("embed-1", &placed()),
        asked("parked and overtaken")
            .fail("embed-1", FailureKind::Permanent)
            .tell(&request("b"))
            .work("embed-2", &placed()),
    ]
}

fn asked(name: &'static str) -> Story {
    Story::new(name, "embedding-line_harbour_1_1").tell(&request("a"))
}

fn request(document: &str) -> EmbeddingCommand {
    let (source, about) = (stream("line-harbour_1_1"), About::default());
    EmbeddingCommand::RequestEmbedding { source, document: hash(document), about }
}

fn withdraw() -> EmbeddingCommand {
    EmbeddingCommand::WithdrawEmbedding { source: stream("line-harbour_1_1") }
}

fn placed() -> EmbeddingCommand {
    let (model, vector) = ("model-2".to_owned(), Vector(vec![0.5, -0.5]));
    let embedded = Embedded { text: hash("text"), emotion: String::new(), model, dimension: 2, vector };
    EmbeddingCommand::AcceptEmbedding { embedded }
}
