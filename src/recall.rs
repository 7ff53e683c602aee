//! The story so far, for those who write prompts: told from the log, as it was when the chapter was planned.

use std::sync::Arc;

use async_trait::async_trait;
use hydra_actors::ports::{KnownPassage, Look, Moment, PortError, Recall, Relation, WrittenScene};
use hydra_events::vocabulary::terms::Shows;
use hydra_events::{ContentHash, EventLog, StreamName, Vector};
use hydra_projections::{Approved, Past, Pasts, Planned, StoreError, Talk};

/// Recalls from a log.
pub struct LogRecall {
    pasts: Pasts,
}

impl LogRecall {
    /// From `log`.
    pub fn of(log: Arc<dyn EventLog>) -> Self {
        Self { pasts: Pasts::of(log) }
    }

    async fn past(&self, moment: &Moment) -> Result<Arc<Past>, PortError> {
        self.pasts.at(moment.position).await.map_err(away)
    }
}

#[async_trait]
impl Recall for LogRecall {
    async fn moment(
        &self,
        chapter: &StreamName,
        scene: &StreamName,
        spec: ContentHash,
    ) -> Result<Option<Moment>, PortError> {
        let planned = self.pasts.planned(chapter, scene, spec).await.map_err(away)?;
        let moment = |Planned { position, before }| Moment { chapter: chapter.clone(), position, before };
        Ok(planned.map(moment))
    }

    async fn scenes_with(
        &self,
        moment: &Moment,
        character: &str,
        limit: usize,
    ) -> Result<Vec<WrittenScene>, PortError> {
        let found = self.past(moment).await?.scenes_with(moment.chapter.id(), character, limit);
        Ok(found.into_iter().map(|(scene, script)| WrittenScene { scene, script }).collect())
    }

    async fn relations(&self, moment: &Moment, characters: &[String]) -> Result<Vec<Relation>, PortError> {
        let found = self.past(moment).await?.relations(moment.chapter.id(), characters);
        let relation = |Talk { speaker, listener, times, moods }| {
            let moods = moods.into_iter().collect();
            Relation { speaker, listener, times, moods }
        };
        Ok(found.into_iter().map(relation).collect())
    }

    async fn knows(&self, moment: &Moment, model: &str) -> Result<bool, PortError> {
        Ok(self.past(moment).await?.knows(moment.chapter.id(), model))
    }

    async fn knowledge(
        &self,
        moment: &Moment,
        model: &str,
        vector: Vector,
        limit: usize,
    ) -> Result<Vec<KnownPassage>, PortError> {
        let found = self.past(moment).await?.knowledge(moment.chapter.id(), model, vector, limit);
        Ok(found.into_iter().map(|(passage, content)| KnownPassage { passage, content }).collect())
    }

    async fn looks(&self, moment: &Moment, shows: &Shows, limit: usize) -> Result<Vec<Look>, PortError> {
        let found = self.past(moment).await?.looks(moment.chapter.id(), shows, limit);
        let look =
            |Approved { image, chapter, shows, brief, blob }| Look { image, chapter, shows, brief, blob };
        Ok(found.into_iter().map(look).collect())
    }
}

fn away(error: StoreError) -> PortError {
    PortError::transient(format!("the story so far cannot be recalled: {error}"))
}
