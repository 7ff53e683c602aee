//! The part of the story in which what is said finds its place among others.

use hydra_events::Vector;
use hydra_events::vocabulary::embedding::{About, Embedded, EmbeddingEvent};

use super::{KEEPER, LINE, SCENE, TOWER, Teller, blob, name};

impl Teller {
    pub(super) fn remembering(&mut self) {
        for (source, numbers) in [
            (KEEPER, [0.5, 0.5]),
            (TOWER, [1.0, -0.25]),
            (LINE, [0.0, 1.0]),
            ("character-keeper", [0.25, 1.0]),
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
}
