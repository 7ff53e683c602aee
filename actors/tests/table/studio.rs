//! A chapter planned and written from a screenplay, as far as its documents go.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "every table uses its part of it")]

use std::collections::BTreeMap;
use std::path::Path;

use hydra_actors::cast;
use hydra_actors::director::chapter::{Chapter, PlanChapter};
use hydra_actors::director::plan::{CastDocument, ChapterPlan};
use hydra_actors::perform::{Job, Perform};
use hydra_actors::ports::{PortError, Ports};
use hydra_actors::writer::scene::{Scene, Write};
use hydra_actors::writer::script::SceneScript;
use hydra_actors::writer::spec::SceneSpec;
use hydra_events::ContentHash;
use hydra_events::vocabulary::chapter::{ChapterCommand, ChapterSource, Fill, PlannedScene};
use hydra_events::vocabulary::scene::SceneCommand;
use hydra_events::vocabulary::terms::{WantedImage, WantedLine};
use tempfile::TempDir;

use super::desk::{Dictated, desk};

/// A place to plan and write in.
pub struct Studio {
    pub ports: Ports,
    pub cast: CastDocument,
    pub fill: Fill,
    pub candidates: u32,
    _folder: TempDir,
}

/// A plan and where it was kept.
pub struct Planned {
    pub plan: ChapterPlan,
    pub scenes: Vec<PlannedScene>,
}

/// What the writing of a scene came to.
#[derive(Debug, PartialEq)]
pub struct Written {
    pub hash: ContentHash,
    pub script: SceneScript,
    pub images: Vec<WantedImage>,
    pub lines: Vec<WantedLine>,
    pub placeholders: u32,
}

/// The text of an example.
pub fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// The cast of the lighthouse.
pub fn lighthouse_cast() -> CastDocument {
    let file = "lighthouse.characters.yaml";
    CastDocument::of(&cast::parse(&example(file), file).unwrap().profiles, &BTreeMap::new())
}

impl Studio {
    pub fn new(cast: CastDocument, author: Dictated) -> Self {
        let (ports, folder) = desk(author);
        Self { ports, cast, fill: Fill::No, candidates: 1, _folder: folder }
    }

    /// What the Director makes of `text`.
    pub async fn try_plan(&self, text: &str) -> Result<Planned, PortError> {
        let screenplay = self.ports.content.put(text.as_bytes().to_vec()).await?;
        let cast = self.ports.keep(&self.cast).await?;
        let (fill, candidates) = (self.fill, self.candidates);
        let source = ChapterSource { stem: "lighthouse".into(), screenplay, cast, fill, candidates };
        let job = Job { stream: "chapter-night".parse().unwrap(), effect: "plan-1".into() };
        let effect = PlanChapter { title: "Night".into(), source };
        match Chapter::perform(self.ports.clone(), effect, job).await? {
            ChapterCommand::AcceptPlan { plan, scenes } => {
                Ok(Planned { plan: self.ports.document(plan).await?, scenes })
            }
            ChapterCommand::RequestChapter { .. }
            | ChapterCommand::RecordScene { .. }
            | ChapterCommand::CancelChapter { .. } => panic!("a plan is accepted"),
        }
    }

    pub async fn plan(&self, text: &str) -> Planned {
        self.try_plan(text).await.unwrap()
    }

    pub async fn spec(&self, planned: &PlannedScene) -> SceneSpec {
        self.ports.document(planned.spec).await.unwrap()
    }

    /// What the Writer makes of a scene.
    pub async fn try_write(&self, planned: &PlannedScene) -> Result<Written, PortError> {
        let job = Job { stream: planned.scene.clone(), effect: "write-1".into() };
        match Scene::perform(self.ports.clone(), Write { spec: planned.spec }, job).await? {
            SceneCommand::AcceptScript { script: hash, images, lines, placeholders, .. } => {
                let script = self.ports.document(hash).await?;
                Ok(Written { hash, script, images, lines, placeholders })
            }
            SceneCommand::WriteScene { .. }
            | SceneCommand::RecordSupply { .. }
            | SceneCommand::CancelScene { .. } => panic!("a script is accepted"),
        }
    }

    pub async fn write(&self, planned: &PlannedScene) -> Written {
        self.try_write(planned).await.unwrap()
    }
}
