//! What the memory is asked when a prompt is built.
//!
//! Only what precedes in story order is recalled, as it was at one moment: what earlier chapters had come to when the
//! chapter was planned, and the scenes before in the same plan. So an answer is the same whenever it is asked for, and
//! whatever else is made meanwhile. Chapters are in the order in which they were first asked for.

use async_trait::async_trait;
use hydra_events::record::Position;
use hydra_events::vocabulary::chapter::PlannedScene;
use hydra_events::vocabulary::terms::Shows;
use hydra_events::{ContentHash, StreamName, Vector};
use serde::{Deserialize, Serialize};

use super::PortError;

/// A scene's place in its story, and the moment its recall is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// The chapter of the scene.
    pub chapter: StreamName,
    /// The position of the plan: nothing recorded later is recalled.
    pub position: Position,
    /// The scenes of the plan before this one, in story order.
    pub before: Vec<PlannedScene>,
}

/// A scene of an earlier chapter, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenScene {
    /// The scene.
    pub scene: StreamName,
    /// Its finished dialogue, in the content store.
    pub script: ContentHash,
}

/// How somebody spoke with somebody in earlier chapters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// Whose words were answered, by id.
    pub speaker: String,
    /// Who answered them, by id.
    pub listener: String,
    /// How often.
    pub times: u64,
    /// What the speaker's face showed in those scenes.
    pub moods: Vec<String>,
}

/// Something that was said earlier in the story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierLine {
    /// Who said it, by id.
    pub speaker: String,
    /// The words, without marks.
    pub text: String,
    /// Where.
    pub scene: StreamName,
}

/// A passage of a document about the world of the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPassage {
    /// What it is called.
    pub passage: StreamName,
    /// What it says and where, in the content store.
    pub content: ContentHash,
}

/// Something that is known of the world of the story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldFact {
    /// The passage it stands in.
    pub passage: StreamName,
    /// The title of its document, and the headings it stands under.
    pub place: Vec<String>,
    /// The words.
    pub text: String,
}

/// What was recalled for the lines of a scene that has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryFacts {
    /// What they said before, by speaker, the last line first.
    pub lines: Vec<EarlierLine>,
    /// How they spoke with each other in earlier chapters.
    pub relations: Vec<Relation>,
    /// What is known of what the scene is about, the nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub world: Vec<WorldFact>,
}

/// An approved picture of an earlier chapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The picture.
    pub image: StreamName,
    /// Its chapter's id.
    pub chapter: String,
    /// What it shows.
    pub shows: Shows,
    /// What it was drawn from, in the content store.
    pub brief: ContentHash,
    /// The file, in the content store.
    pub blob: ContentHash,
}

/// Remembers the story so far.
#[async_trait]
pub trait Recall: Send + Sync {
    /// The moment at which `chapter` was planned so that `scene` is written by `spec`; `None` for who remembers nothing.
    async fn moment(
        &self,
        chapter: &StreamName,
        scene: &StreamName,
        spec: ContentHash,
    ) -> Result<Option<Moment>, PortError>;

    /// Scenes of earlier chapters in which `character` speaks, the last one first, at most `limit`.
    async fn scenes_with(
        &self,
        moment: &Moment,
        character: &str,
        limit: usize,
    ) -> Result<Vec<WrittenScene>, PortError>;

    /// Who of `characters` spoke with whom of them, by their ids.
    async fn relations(&self, moment: &Moment, characters: &[String]) -> Result<Vec<Relation>, PortError>;

    /// Whether there are passages that `model` placed.
    async fn knows(&self, moment: &Moment, model: &str) -> Result<bool, PortError>;

    /// The passages nearest to `vector` of those that `model` placed, the nearest first, at most `limit`.
    async fn knowledge(
        &self,
        moment: &Moment,
        model: &str,
        vector: Vector,
        limit: usize,
    ) -> Result<Vec<KnownPassage>, PortError>;

    /// Approved pictures of the same subject in the same outfit, or of the same place at the same time of day: those of
    /// the last chapter first, then by name; at most `limit`.
    async fn looks(&self, moment: &Moment, shows: &Shows, limit: usize) -> Result<Vec<Look>, PortError>;
}

/// Remembers nothing: for rehearsals, and for those who have no log.
#[derive(Clone, Copy, Debug, Default)]
pub struct Forgetful;

#[async_trait]
impl Recall for Forgetful {
    async fn moment(
        &self,
        _: &StreamName,
        _: &StreamName,
        _: ContentHash,
    ) -> Result<Option<Moment>, PortError> {
        Ok(None)
    }

    async fn scenes_with(&self, _: &Moment, _: &str, _: usize) -> Result<Vec<WrittenScene>, PortError> {
        Ok(Vec::new())
    }

    async fn relations(&self, _: &Moment, _: &[String]) -> Result<Vec<Relation>, PortError> {
        Ok(Vec::new())
    }

    async fn knows(&self, _: &Moment, _: &str) -> Result<bool, PortError> {
        Ok(false)
    }

    async fn knowledge(
        &self,
        _: &Moment,
        _: &str,
        _: Vector,
        _: usize,
    ) -> Result<Vec<KnownPassage>, PortError> {
        Ok(Vec::new())
    }

    async fn looks(&self, _: &Moment, _: &Shows, _: usize) -> Result<Vec<Look>, PortError> {
        Ok(Vec::new())
    }
}
