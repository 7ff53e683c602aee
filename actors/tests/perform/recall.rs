//! What a Writer recalls, and what becomes of it in a prompt.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hydra_actors::archivist::knowledge::PassageText;
use hydra_actors::artist::image::{Image, Render};
use hydra_actors::perform::{Job, Perform};
use hydra_actors::ports::contract::{background, bust};
use hydra_actors::ports::{
    Embedder, KnownPassage, Look, Moment, Painter, PortError, Ports, Product, Recall, Relation, StoryFacts,
    WorldFact, WrittenScene,
};
use hydra_actors::writer::recall::{self, LINES_MAX, LOOKS_MAX, LooksRecall, StoryRecall};
use hydra_events::vocabulary::chapter::{Fill, PlannedScene};
use hydra_events::vocabulary::terms::{Brief, Shows};
use hydra_events::{ContentHash, StreamName, Vector};

use crate::embedding::Told;
use crate::table::desk::{Dictated, desk};
use crate::table::stream::name;
use crate::table::studio::{Studio, lighthouse_cast};

const POSITION: u64 = 7;

/// A memory that knows these.
#[derive(Default)]
struct Knows {
    before: Vec<PlannedScene>,
    scenes: Vec<WrittenScene>,
    relations: Vec<Relation>,
    looks: Vec<Look>,
    passages: Vec<KnownPassage>,
    asked: Mutex<Vec<(String, Vector)>>,
}

fn moment(before: Vec<PlannedScene>) -> Moment {
    Moment { chapter: name("chapter-night"), position: POSITION, before }
}

#[async_trait]
impl Recall for Knows {
    async fn moment(
        &self,
        _: &StreamName,
        _: &StreamName,
        _: ContentHash,
    ) -> Result<Option<Moment>, PortError> {
        Ok(Some(moment(self.before.clone())))
    }

    async fn scenes_with(&self, _: &Moment, _: &str, limit: usize) -> Result<Vec<WrittenScene>, PortError> {
        Ok(self.scenes.iter().take(limit).cloned().collect())
    }

    async fn relations(&self, _: &Moment, _: &[String]) -> Result<Vec<Relation>, PortError> {
        Ok(self.relations.clone())
    }

    async fn knows(&self, _: &Moment, model: &str) -> Result<bool, PortError> {
        Ok(!self.passages.is_empty() && model == "told")
    }

    async fn knowledge(
        &self,
        _: &Moment,
        model: &str,
        vector: Vector,
        limit: usize,
    ) -> Result<Vec<KnownPassage>, PortError> {
        self.asked.lock().unwrap().push((model.to_owned(), vector));
        Ok(self.passages.iter().take(limit).cloned().collect())
    }

    async fn looks(&self, _: &Moment, _: &Shows, limit: usize) -> Result<Vec<Look>, PortError> {
        Ok(self.looks.iter().take(limit).cloned().collect())
    }
}

/// The job in which a scene is written.
fn writing(scene: &StreamName) -> Job {
    Job { stream: scene.clone(), effect: "draft-1".into() }
}

fn look(image: &str, brief: &Brief, hash: ContentHash) -> Look {
    let blob = ContentHash::of(image.as_bytes());
    Look { image: name(image), chapter: "evening".into(), shows: brief.shows.clone(), brief: hash, blob }
}

/// What is recalled for `wanted` where `known` are approved.
async fn recalled(ports: Ports, known: &[(&str, &Brief)], wanted: &Brief) -> Option<Vec<String>> {
    let mut looks = Vec::new();
    for (image, brief) in known {
        looks.push(look(image, brief, ports.keep(*brief).await.unwrap()));
    }
    let ports = Ports { recall: Arc::new(Knows { looks, ..Knows::default() }), ..ports };
    let found = recall::looks(&ports, wanted, Some(&moment(Vec::new()))).await.unwrap()?;
    let told: LooksRecall = ports.document(found.facts).await.unwrap();
    assert_eq!((found.position, &told.shows), (POSITION, &wanted.shows));
    let images: Vec<StreamName> = told.found.into_iter().map(|look| look.image).collect();
    assert_eq!(images, found.from);
    Some(images.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn the_wanted_face_comes_first_then_a_calm_one_then_the_last_chapters() {
    let (ports, _folder) = desk(Dictated::default());
    let face = |expression| bust("keeper", expression);
    let (sad, angry, calm, happy) = (face("sad"), face("angry"), face("neutral"), face("happy"));
    let known = [("image-a", &sad), ("image-b", &angry), ("image-c", &calm), ("image-d", &happy)];
    let found = recalled(ports.clone(), &known, &happy).await.unwrap();
    assert_eq!(found, ["image-d", "image-c", "image-a"]);
    assert_eq!(found.len(), LOOKS_MAX);
    assert_eq!(recalled(ports, &[], &happy).await, None);
}

#[tokio::test]
async fn a_picture_that_was_meant_to_look_otherwise_is_not_recalled() {
    let (ports, _folder) = desk(Dictated::default());
    let now = bust("keeper", "happy");
    let mut shaved = now.clone();
    shaved.traits = vec!["no beard".into()];
    let mut changed = now.clone();
    changed.clothing = "a red coat".into();
    let known = [("image-a", &shaved), ("image-b", &changed)];
    assert_eq!(recalled(ports.clone(), &known, &now).await, None);
    let (inside, mut outside) = (background("harbour", "dusk"), background("harbour", "dusk"));
    outside.interior = "interior".into();
    let found = recalled(ports, &[("image-c", &outside), ("image-d", &inside)], &inside).await;
    assert_eq!(found.unwrap(), ["image-d"]);
}

#[tokio::test]
async fn a_picture_whose_brief_is_gone_is_not_recalled() {
    let (ports, _folder) = desk(Dictated::default());
    let wanted = bust("keeper", "happy");
    let gone = look("image-a", &wanted, ContentHash::of(b"gone"));
    let ports = Ports { recall: Arc::new(Knows { looks: vec![gone], ..Knows::default() }), ..ports };
    assert_eq!(recall::looks(&ports, &wanted, Some(&moment(Vec::new()))).await, Ok(None));
    assert_eq!(recall::looks(&ports, &wanted, None).await, Ok(None));
}

#[tokio::test]
async fn the_last_lines_come_first_those_of_the_same_chapter_before_all_others() {
    let text = "INT. KITCHEN - DAY\n\nNELL\nOne.\n\nNELL\nTwo.\n\nINT. ATTIC - DAY\n\nNELL\nThree.\n\nNELL\nFour.\n\n\
                INT. CELLAR - DAY\n\nNell listens.\n";
    let mut studio = Studio::new(lighthouse_cast(), Dictated(vec![("?".into(), "Who is there?".into())]));
    studio.fill = Fill::Placeholders;
    let planned = studio.plan(text).await;
    let [kitchen, attic, cellar] = planned.scenes.as_slice() else { panic!("three scenes") };
    let earlier = studio.write(kitchen).await.hash;
    let scenes = vec![WrittenScene { scene: name("scene-evening_1"), script: earlier }];
    let before = vec![attic.clone()];
    let relations = vec![Relation {
        speaker: "nell".into(),
        listener: "ines".into(),
        times: 2,
        moods: vec!["sad".into()],
    }];
    studio.ports.recall =
        Arc::new(Knows { before: before.clone(), scenes, relations: relations.clone(), ..Knows::default() });
    let spec = studio.spec(cellar).await;
    let (facts, found) =
        recall::story(&studio.ports, &writing(&cellar.scene), &spec, Some(&moment(before))).await.unwrap();
    let said: Vec<(&str, &str)> =
        facts.lines.iter().map(|line| (line.scene.id(), line.text.as_str())).collect();
    assert_eq!(said, [(attic.scene.id(), "Four."), (attic.scene.id(), "Three."), ("evening_1", "Two.")]);
    assert_eq!((said.len(), &facts.relations), (LINES_MAX, &relations));
    let told: StoryRecall = studio.ports.document(found.unwrap().facts).await.unwrap();
    assert_eq!((told.found, told.scene, told.characters), (facts, cellar.scene.clone(), vec!["nell".into()]));

    studio.ports.recall = Arc::new(Knows::default());
    let nothing =
        recall::story(&studio.ports, &writing(&cellar.scene), &spec, Some(&moment(Vec::new()))).await;
    assert_eq!(nothing, Ok((StoryFacts::default(), None)));
}

/// A painter that remembers what it was asked for, and has no paint.
#[derive(Default)]
struct Listening(Mutex<Vec<Brief>>);

#[async_trait]
impl Painter for Listening {
    async fn paint(&self, brief: &Brief, _: u64, _: &str) -> Result<Product, PortError> {
        self.0.lock().unwrap().push(brief.clone());
        Err(PortError::transient("out of paint"))
    }
}

#[tokio::test]
async fn an_engine_is_given_the_best_look_as_a_reference_and_told_so() {
    let (ports, _folder) = desk(Dictated::default());
    let painter = Arc::new(Listening::default());
    let ports = Ports { painter: Arc::clone(&painter) as Arc<dyn Painter>, ..ports };
    let job = || Job { stream: name("image-a"), effect: "render-1".into() };
    for (brief, same) in [(bust("keeper", "happy"), "person"), (background("harbour", "dusk"), "place")] {
        let hash = ports.keep(&brief).await.unwrap();
        let found = vec![look("image-b", &brief, hash), look("image-c", &brief, hash)];
        let best = found[0].blob;
        let recall = LooksRecall { chapter: name("chapter-night"), shows: brief.shows.clone(), found };
        let looks = Some(ports.keep(&recall).await.unwrap());
        let asked = Render { brief: hash, seed: 1, looks };
        Image::perform(ports.clone(), asked, job()).await.unwrap_err();
        let given = painter.0.lock().unwrap().pop().unwrap();
        assert_eq!(given.prompt, format!("{}, the same {same} as in the reference picture", brief.prompt));
        assert_eq!(given.references, [best]);
        Image::perform(ports.clone(), Render { brief: hash, seed: 1, looks: None }, job()).await.unwrap_err();
        assert_eq!(painter.0.lock().unwrap().pop().unwrap(), brief);
    }
}

#[tokio::test]
async fn a_scene_is_written_with_what_is_known_of_what_happens_in_it() {
    let text = "INT. CELLAR - DAY\n\nNell looks for the key.\n\n> **Later** <\n";
    let mut studio = Studio::new(lighthouse_cast(), Dictated(vec![("?".into(), "Who is there?".into())]));
    studio.fill = Fill::Placeholders;
    let planned = studio.plan(text).await;
    let cellar = &planned.scenes[0];
    let kept = PassageText {
        title: "House".into(),
        headings: vec!["Cellar".into()],
        text: "The key is under the coal.".into(),
    };
    let content = studio.ports.keep(&kept).await.unwrap();
    let known = KnownPassage { passage: name("passage-house_1"), content };
    let gone = KnownPassage { passage: name("passage-house_2"), content: ContentHash::of(b"gone") };
    let memory = Arc::new(Knows { passages: vec![gone, known], ..Knows::default() });
    let vector = Vector(vec![1.0, 0.0]);
    let model = Arc::new(Told { vectors: vec![vector.clone()], ..Told::default() });
    studio.ports.embedder = Arc::clone(&model) as Arc<dyn Embedder>;
    studio.ports.recall = Arc::clone(&memory) as Arc<dyn Recall>;
    let (spec, moment) = (studio.spec(cellar).await, moment(Vec::new()));
    let (facts, found) =
        recall::story(&studio.ports, &writing(&cellar.scene), &spec, Some(&moment)).await.unwrap();
    let place = vec!["House".to_owned(), "Cellar".to_owned()];
    let fact = WorldFact { passage: name("passage-house_1"), place, text: kept.text };
    assert_eq!(facts, StoryFacts { world: vec![fact], ..StoryFacts::default() });
    assert_eq!(found.unwrap().from, [name("passage-house_1")]);
    assert_eq!(*model.asked.lock().unwrap(), ["INT. CELLAR - DAY\nNell looks for the key.\n**Later**"]);
    assert_eq!(*memory.asked.lock().unwrap(), [("told".to_owned(), vector)]);

    studio.ports.embedder = Arc::new(Told::default());
    let failed = recall::story(&studio.ports, &writing(&cellar.scene), &spec, Some(&moment)).await;
    assert!(failed.unwrap_err().message.contains("told did not give one vector"));
}
