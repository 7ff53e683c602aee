//! Pasts at the positions that are asked about, each folded on from the nearest one before.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use hydra_events::record::{Position, Version};
use hydra_events::vocabulary::chapter::{ChapterEvent, PlannedScene};
use hydra_events::{ContentHash, EventLog, StreamName};
use tokio::sync::Mutex;

use super::{BEFORE_MAX, Past};
use crate::page::Page;
use crate::store::StoreError;
use crate::view::typed;

/// Positions kept at once: one for each chapter that is being written at the same time.
const KEPT_MAX: usize = 4;
/// Chapters whose plans are kept, and how many plans of each.
const CHAPTERS_MAX: usize = 16;
const PLANS_MAX: usize = 4;
const PAGE: usize = 2_000;

/// The past at any position of a log.
pub struct Pasts {
    log: Arc<dyn EventLog>,
    /// The one that was asked for last is at the end.
    kept: Mutex<VecDeque<Arc<Past>>>,
    plans: Mutex<BTreeMap<StreamName, Plans>>,
}

/// The place of a scene in a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// The position of the plan.
    pub position: Position,
    /// The scenes before it, in story order; the last [`BEFORE_MAX`] of them.
    pub before: Vec<PlannedScene>,
}

/// The last plans of a chapter.
#[derive(Default)]
struct Plans {
    read: Version,
    plans: VecDeque<(Position, Vec<PlannedScene>)>,
}

impl Pasts {
    /// Of `log`. Nothing is read before something is asked.
    pub fn of(log: Arc<dyn EventLog>) -> Self {
        Self { log, kept: Mutex::default(), plans: Mutex::default() }
    }

    /// The past as it was when the log ended at `position`.
    pub async fn at(&self, position: Position) -> Result<Arc<Past>, StoreError> {
        let mut kept = self.kept.lock().await;
        let nearest = kept.iter().filter(|past| past.position <= position).max_by_key(|past| past.position);
        let nearest = nearest.map(Arc::clone).unwrap_or_default();
        let asked = match nearest.position == position {
            true => nearest,
            false => Arc::new(self.folded(nearest, position).await?),
        };
        kept.retain(|past| past.position != position);
        kept.push_back(Arc::clone(&asked));
        if kept.len() > KEPT_MAX {
            kept.pop_front();
        }
        Ok(asked)
    }

    /// How the newest plan of `chapter` that has `scene` written by `spec` leads to it; `None` where there is none.
    pub async fn planned(
        &self,
        chapter: &StreamName,
        scene: &StreamName,
        spec: ContentHash,
    ) -> Result<Option<Planned>, StoreError> {
        let mut chapters = self.plans.lock().await;
        if chapters.len() >= CHAPTERS_MAX && !chapters.contains_key(chapter) {
            chapters.clear();
        }
        let plans = chapters.entry(chapter.clone()).or_default();
        plans.read_on(self.log.as_ref(), chapter).await?;
        Ok(plans.plans.iter().rev().find_map(|(position, scenes)| {
            let place = scenes.iter().position(|planned| planned.scene == *scene && planned.spec == spec)?;
            let before = scenes[place.saturating_sub(BEFORE_MAX)..place].to_vec();
            Some(Planned { position: *position, before })
        }))
    }

    async fn folded(&self, from: Arc<Past>, position: Position) -> Result<Past, StoreError> {
        let mut past = Arc::unwrap_or_clone(from);
        while past.position < position {
            let room = usize::try_from(position - past.position).unwrap_or(PAGE);
            let Some(page) = Page::read(self.log.as_ref(), past.position, room.min(PAGE)).await? else {
                break;
            };
            past = tokio::task::spawn_blocking(move || {
                page.events().iter().for_each(|event| past.add(event));
                past.position = page.end();
                past
            })
            .await
            .map_err(|_| StoreError::Ended)?;
        }
        Ok(past)
    }
}

impl Plans {
    async fn read_on(&mut self, log: &dyn EventLog, chapter: &StreamName) -> Result<(), StoreError> {
        loop {
            let events = log.read_stream(chapter, self.read, PAGE).await?;
            let Some(last) = events.last() else { return Ok(()) };
            self.read = last.version;
            for event in &events {
                // What this program cannot read it has not planned.
                if let Ok(Some(ChapterEvent::ChapterPlanned { scenes, .. })) = typed(event) {
                    self.plans.push_back((event.position, scenes));
                }
            }
            while self.plans.len() > PLANS_MAX {
                self.plans.pop_front();
            }
        }
    }
}
