//! What an event adds to the past.

use std::sync::Arc;

use hydra_events::record::Recorded;
use hydra_events::vocabulary::chapter::ChapterEvent;
use hydra_events::vocabulary::embedding::EmbeddingEvent;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::knowledge::KnowledgeEvent;
use hydra_events::vocabulary::scene::SceneEvent;
use hydra_events::vocabulary::terms::{WantedImage, WantedLine};
use hydra_events::wire::WireError;

use super::{Chapter, Image, Passage, Past, Scene, Talk, subject};
use crate::associative::{Conversation, conversations};
use crate::long_term::approval;
use crate::view::typed;

/// How the streams of embeddings of passages begin.
const PASSAGE: &str = "passage_";

impl Past {
    /// Adds `event`, the next of the log; one that cannot be read is left out.
    pub(super) fn add(&mut self, event: &Recorded) {
        let added = match event.stream.category() {
            "chapter" => self.chapter(event),
            "scene" => self.scene(event),
            "image" => self.image(event),
            "knowledge" => self.document(event),
            // Of all the embeddings only few are of passages, and reading a vector takes long.
            "embedding" if event.stream.id().starts_with(PASSAGE) => self.passage(event),
            _ => Ok(()),
        };
        if let Err(error) = added {
            tracing::debug!(%error, position = event.position, "nothing is recalled of an event that cannot be read");
        }
        self.position = event.position;
    }

    fn chapter(&mut self, event: &Recorded) -> Result<(), WireError> {
        let id = event.stream.id();
        match typed(event)? {
            Some(ChapterEvent::ChapterRequested { .. }) => {
                let first = || Chapter {
                    asked: event.position,
                    owner: event.owner.clone(),
                    visibility: event.visibility,
                    scenes: Vec::new(),
                };
                self.chapters.entry(id.to_owned()).or_insert_with(first);
            }
            Some(ChapterEvent::ChapterPlanned { scenes, .. }) => {
                if let Some(chapter) = self.chapters.get_mut(id) {
                    chapter.scenes = scenes.into_iter().map(|planned| planned.scene).collect();
                }
            }
            Some(ChapterEvent::ChapterCancelled { .. }) => {
                if let Some(chapter) = self.chapters.get_mut(id) {
                    chapter.scenes.clear();
                }
            }
            Some(
                ChapterEvent::PlanWithdrawn { .. }
                | ChapterEvent::ChapterSceneClosed { .. }
                | ChapterEvent::ChapterSceneReopened { .. }
                | ChapterEvent::ChapterCompleted { .. }
                | ChapterEvent::ChapterReopened { .. },
            )
            | None => {}
        }
        Ok(())
    }

    fn scene(&mut self, event: &Recorded) -> Result<(), WireError> {
        match typed(event)? {
            Some(SceneEvent::SceneWritten { script, lines, images, .. }) => {
                let speakers = lines.iter().map(|line| line.character.clone()).collect();
                let scene = Scene { script, speakers, talks: talks(&lines, &images) };
                self.scenes.insert(event.stream.clone(), scene);
            }
            Some(SceneEvent::SceneCancelled { .. }) => {
                self.scenes.remove(&event.stream);
            }
            Some(
                SceneEvent::SceneOpened { .. }
                | SceneEvent::DraftWithdrawn { .. }
                | SceneEvent::SceneAssetSupplied { .. }
                | SceneEvent::SceneAssetMissing { .. }
                | SceneEvent::SceneAssetReopened { .. }
                | SceneEvent::SceneClosed { .. }
                | SceneEvent::SceneReopened { .. },
            )
            | None => {}
        }
        Ok(())
    }

    fn image(&mut self, event: &Recorded) -> Result<(), WireError> {
        let Some(fact) = typed::<ImageEvent>(event)? else { return Ok(()) };
        let approval = approval(&fact);
        if let ImageEvent::ImageRequested { chapter, brief, shows, .. } = fact {
            self.shown.entry(subject(&shows)).or_default().insert(event.stream.clone());
            self.images.insert(event.stream.clone(), Image { chapter, shows, brief, approved: None });
        } else if let (Some(approval), Some(image)) = (approval, self.images.get_mut(&event.stream)) {
            image.approved = approval.file();
        }
        Ok(())
    }

    /// What a document no longer says is not known from then on, whenever its embedding hears of it.
    fn document(&mut self, event: &Recorded) -> Result<(), WireError> {
        match typed(event)? {
            Some(
                KnowledgeEvent::DocumentSplit { dropped, .. } | KnowledgeEvent::DocumentForgotten { dropped },
            ) => dropped.iter().for_each(|passage| {
                self.passages.remove(passage);
            }),
            Some(KnowledgeEvent::DocumentKept { .. } | KnowledgeEvent::SplitSuperseded { .. }) | None => {}
        }
        Ok(())
    }

    fn passage(&mut self, event: &Recorded) -> Result<(), WireError> {
        match typed(event)? {
            Some(EmbeddingEvent::TextEmbedded { source, document, embedded, .. }) => {
                let (owner, visibility) = (event.owner.clone(), event.visibility);
                let (model, vector) = (embedded.model, embedded.vector);
                let passage = Passage { owner, visibility, content: document, model, vector };
                self.passages.insert(source, Arc::new(passage));
            }
            Some(EmbeddingEvent::EmbeddingWithdrawn { source }) => {
                self.passages.remove(&source);
            }
            Some(EmbeddingEvent::EmbeddingRequested { .. } | EmbeddingEvent::EmbeddingSuperseded { .. })
            | None => {}
        }
        Ok(())
    }
}

fn talks(lines: &[WantedLine], images: &[WantedImage]) -> Vec<Talk> {
    let talk = |talk: Conversation<'_>| Talk {
        speaker: talk.speaker.to_owned(),
        listener: talk.listener.to_owned(),
        times: talk.times,
        moods: talk.moods.into_iter().map(str::to_owned).collect(),
    };
    conversations(lines, images).into_iter().map(talk).collect()
}
