//! The part of the story in which what is said finds its place among others.

use hydra_events::Vector;
use hydra_events::vocabulary::embedding::{About, Embedded, EmbeddingEvent};
use hydra_events::vocabulary::knowledge::{KnowledgeEvent, Passage};

use super::{KEEPER, LINE, SCENE, TOWER, Teller, blob, name};

const PASSAGE: &str = "passage-island_1";

impl Teller {
    pub(super) fn remembering(&mut self) {
        self.a_document_is_kept();
        for (source, numbers) in [
            (KEEPER, [0.5, 0.5]),
            (TOWER, [1.0, -0.25]),
            (LINE, [0.0, 1.0]),
            ("character-keeper", [0.25, 1.0]),
            (PASSAGE, [0.75, 0.25]),
        ] {
            let placed = EmbeddingEvent::TextEmbedded {
                source: name(source),
                document: blob(source),
                about: About { chapter: "light".into(), scene: SCENE.into(), ..About::default() },
                ordinal: 1,
                embedded: Embedded {
                    text: blob("text"),
                    emotion: "calm".into(),
                    model: "story".into(),
                    dimension: 2,
                    vector: Vector(numbers.to_vec()),
                },
            };
            self.tell(&format!("embedding-{}", source.replace('-', "_")), placed);
        }
    }

    fn a_document_is_kept(&mut self) {
        let (title, text) = ("Island".to_owned(), blob("island"));
        let kept = KnowledgeEvent::DocumentKept { title, text, ordinal: 1 };
        let passage = |passage: &str| Passage { name: name(passage), content: blob(passage) };
        let split = KnowledgeEvent::DocumentSplit {
            splitter: "markdown-1".into(),
            passages: [PASSAGE, "passage-island_2"].map(passage).to_vec(),
            dropped: Vec::new(),
            ordinal: 1,
        };
        self.tell("knowledge-island", kept);
        self.tell("knowledge-island", split);
    }
}
