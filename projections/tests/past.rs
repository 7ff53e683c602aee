//! The story so far: what precedes a chapter, as it was at one position.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, also in the functions they share")]

use std::collections::BTreeMap;
use std::sync::Arc;

use hydra_events::clock::ManualClock;
use hydra_events::contract::sample;
use hydra_events::log::SqliteLog;
use hydra_events::record::{Append, Draft, EventType, Position, Version, Visibility};
use hydra_events::vocabulary::chapter::{ChapterEvent, ChapterSource, Fill, PlannedScene};
use hydra_events::vocabulary::embedding::{About, Embedded, EmbeddingEvent};
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::knowledge::KnowledgeEvent;
use hydra_events::vocabulary::scene::SceneEvent;
use hydra_events::vocabulary::terms::{DecidedBy, Made, ShownKind, Shows, WantedImage, WantedLine};
use hydra_events::wire::{self, Vocabulary};
use hydra_events::{ContentHash, EventLog, StreamName, Timestamp, Vector};
use hydra_projections::{BEFORE_MAX, Pasts, Talk};
use tempfile::TempDir;

fn name(text: &str) -> StreamName {
    text.parse().unwrap()
}

fn blob(text: &str) -> ContentHash {
    ContentHash::of(text.as_bytes())
}

fn bust(expression: &str) -> Shows {
    Shows {
        subject: "mara".into(),
        kind: ShownKind::Bust,
        outfit: "everyday".into(),
        expression: expression.into(),
        candidate: 1,
    }
}

/// Tells a story into a log.
struct Teller {
    log: Arc<dyn EventLog>,
    versions: BTreeMap<StreamName, Version>,
    whose: (&'static str, Visibility),
    _folder: TempDir,
}

impl Teller {
    fn begin() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("log.db").display());
        let log = Arc::new(SqliteLog::open(&url, Arc::new(ManualClock::at(Timestamp(0)))).unwrap());
        Self { log, versions: BTreeMap::new(), whose: ("mara", Visibility::Household), _folder: folder }
    }

    async fn tell<E: Vocabulary>(&mut self, stream: &str, event: E) -> Position {
        let stream = name(stream);
        let version = self.versions.entry(stream.clone()).or_default();
        let (kind, payload) = wire::encode(stream.category(), &event).unwrap();
        let mut meta = sample::meta(&format!("{stream} {version}"));
        (meta.owner, meta.visibility) = (self.whose.0.into(), self.whose.1);
        let append = Append {
            meta,
            owes: false,
            expected: *version,
            events: vec![Draft { kind, payload, effect: None }],
            actor: "director".into(),
            code: "0000".into(),
            command: (EventType::new(stream.category(), "tell", 1), b"{}".to_vec()),
            stream,
        };
        *version += 1;
        self.log.append(append).await.unwrap().pop().unwrap().position
    }

    async fn ask(&mut self, chapter: &str) {
        let source = ChapterSource {
            stem: chapter.into(),
            screenplay: blob("screenplay"),
            cast: blob("cast"),
            fill: Fill::No,
            candidates: 1,
        };
        let asked = ChapterEvent::ChapterRequested { title: chapter.into(), source, revision: 1 };
        self.tell(&format!("chapter-{chapter}"), asked).await;
    }

    async fn plan(&mut self, chapter: &str, scenes: &[&str]) -> Position {
        let planned = |scene: &&str| PlannedScene { scene: name(scene), spec: blob(scene) };
        let scenes = scenes.iter().map(planned).collect();
        let planned =
            ChapterEvent::ChapterPlanned { plan: blob("plan"), scenes, dropped: vec![], revision: 1 };
        self.tell(&format!("chapter-{chapter}"), planned).await
    }

    /// A scene in which these speak in turn, with a sad Mara.
    async fn write(&mut self, chapter: &str, scene: &str, speakers: &[&str]) {
        let line = |speaker: &&str| WantedLine {
            line: name("line-a"),
            speech: blob(speaker),
            character: (*speaker).to_owned(),
        };
        let image = name(&format!("image-{chapter}_mara"));
        let wanted = WantedImage { image, brief: blob("brief"), shows: bust("sad"), recalled: None };
        let written = SceneEvent::SceneWritten {
            chapter: name(&format!("chapter-{chapter}")),
            script: blob(&format!("script of {scene}")),
            images: vec![wanted],
            lines: speakers.iter().map(line).collect(),
            placeholders: 0,
            draft: 1,
            released: vec![],
            recalled: None,
        };
        self.tell(scene, written).await;
    }

    async fn draw(&mut self, chapter: &str, expression: &str) -> Position {
        let image = format!("image-{chapter}_mara_{expression}");
        let requested = ImageEvent::ImageRequested {
            requester: name("scene-a"),
            chapter: chapter.into(),
            brief: blob("brief"),
            shows: bust(expression),
            priority: 0,
            recalled: None,
        };
        self.tell(&image, requested).await;
        let made = Made {
            blob: blob(&image),
            media_type: "image/png".into(),
            engine: "studio".into(),
            engine_version: "1".into(),
            request: blob("request"),
            response: blob("response"),
            duration_ms: 1,
        };
        let approved = ImageEvent::ImageApproved {
            quality_try: 1,
            made,
            seed: 1,
            scores: vec![],
            by: DecidedBy::Policy {},
            policy: 1,
            shows: bust(expression),
            chapter: chapter.into(),
        };
        self.tell(&image, approved).await
    }

    fn pasts(&self) -> Pasts {
        Pasts::of(Arc::clone(&self.log))
    }
}

/// The approved pictures that `chapter` recalls at `position`.
async fn looks(pasts: &Pasts, position: Position, chapter: &str) -> Vec<String> {
    let past = pasts.at(position).await.unwrap();
    assert_eq!(past.position(), position);
    past.looks(chapter, &bust("happy"), 9).into_iter().map(|look| look.image.to_string()).collect()
}

#[tokio::test]
async fn a_chapter_recalls_those_that_were_asked_for_before_it_the_last_one_first() {
    let mut teller = Teller::begin();
    for chapter in ["b", "a", "c"] {
        teller.ask(chapter).await;
    }
    for chapter in ["a", "b", "c"] {
        teller.draw(chapter, "sad").await;
    }
    // Asked for again, it keeps its place.
    teller.ask("b").await;
    let end = teller.log.head().await.unwrap();
    let pasts = teller.pasts();
    assert_eq!(looks(&pasts, end, "c").await, ["image-a_mara_sad", "image-b_mara_sad"]);
    assert_eq!(looks(&pasts, end, "a").await, ["image-b_mara_sad"]);
    assert!(looks(&pasts, end, "b").await.is_empty());
    assert!(looks(&pasts, end, "nobody").await.is_empty());
    let one = pasts.at(end).await.unwrap().looks("c", &bust("happy"), 1);
    assert_eq!(one.len(), 1);
}

#[tokio::test]
async fn an_answer_is_of_its_position_in_whichever_order_positions_are_asked_about() {
    let mut teller = Teller::begin();
    teller.ask("a").await;
    teller.ask("b").await;
    let before = teller.log.head().await.unwrap();
    let sad = teller.draw("a", "sad").await;
    let happy = teller.draw("a", "happy").await;
    let gone = ImageEvent::ImageMissing { requesters: vec![], reason: "lost".into() };
    let lost = teller.tell("image-a_mara_sad", gone).await;
    let expected = [
        (before, vec![]),
        (sad, vec!["image-a_mara_sad"]),
        (happy, vec!["image-a_mara_happy", "image-a_mara_sad"]),
        (lost, vec!["image-a_mara_happy"]),
    ];
    let pasts = teller.pasts();
    for round in [[3, 0, 1, 2], [2, 3, 1, 0], [0, 2, 1, 3]] {
        for (position, found) in round.map(|at| &expected[at]) {
            assert_eq!(looks(&pasts, *position, "b").await, *found, "at {position}");
        }
    }
}

#[tokio::test]
async fn what_is_private_is_recalled_by_its_owner_alone() {
    for (whose, recalled) in [
        (("mara", Visibility::Private), 1),
        (("tobi", Visibility::Private), 0),
        (("tobi", Visibility::Household), 1),
        (("tobi", Visibility::Public), 1),
    ] {
        let mut teller = Teller::begin();
        teller.whose = whose;
        teller.ask("a").await;
        teller.draw("a", "sad").await;
        teller.whose = ("mara", Visibility::Household);
        teller.ask("b").await;
        let end = teller.log.head().await.unwrap();
        assert_eq!(looks(&teller.pasts(), end, "b").await.len(), recalled, "{whose:?}");
    }
}

#[tokio::test]
async fn scenes_and_conversations_are_those_that_are_still_told() {
    let mut teller = Teller::begin();
    teller.ask("a").await;
    teller.plan("a", &["scene-a1", "scene-a2", "scene-a3"]).await;
    for scene in ["scene-a1", "scene-a2", "scene-a3"] {
        teller.write("a", scene, &["mara", "tobi", "mara", "ines"]).await;
    }
    teller.tell("scene-a2", SceneEvent::SceneCancelled { reason: "cut".into(), released: vec![] }).await;
    teller.ask("b").await;
    let end = teller.plan("b", &["scene-b1"]).await;
    let past = teller.pasts().at(end).await.unwrap();
    let scenes = past.scenes_with("b", "tobi", 9);
    let expected = ["scene-a3", "scene-a1"].map(|scene| (name(scene), blob(&format!("script of {scene}"))));
    assert_eq!(scenes, expected);
    assert_eq!(past.scenes_with("b", "tobi", 1), expected[..1]);
    assert!(past.scenes_with("b", "otto", 9).is_empty());
    let talk = |speaker: &str, listener: &str, moods: &[&str]| Talk {
        speaker: speaker.into(),
        listener: listener.into(),
        times: 2,
        moods: moods.iter().map(|mood| (*mood).to_owned()).collect(),
    };
    let among = ["mara".to_owned(), "tobi".to_owned()];
    assert_eq!(
        past.relations("b", &among),
        [talk("mara", "tobi", &["sad"]), talk("tobi", "mara", &[])],
        "Ines is not asked about"
    );

    let over = ChapterEvent::ChapterCancelled { reason: "no".into(), scenes: vec![] };
    let cancelled = teller.tell("chapter-a", over).await;
    let past = teller.pasts().at(cancelled).await.unwrap();
    assert!(past.relations("b", &among).is_empty() && past.scenes_with("b", "tobi", 9).is_empty());
}

#[tokio::test]
async fn a_scene_is_found_in_the_newest_plan_that_has_it_so() {
    let mut teller = Teller::begin();
    teller.ask("a").await;
    let scenes: Vec<String> = (0..20).map(|number| format!("scene-a{number}")).collect();
    let scenes: Vec<&str> = scenes.iter().map(String::as_str).collect();
    let first = teller.plan("a", &scenes).await;
    let pasts = teller.pasts();
    let planned = async |scene: &str, spec: &str| {
        pasts.planned(&name("chapter-a"), &name(scene), blob(spec)).await.unwrap()
    };
    let found = planned("scene-a19", "scene-a19").await.unwrap();
    assert_eq!((found.position, found.before.len()), (first, BEFORE_MAX));
    assert_eq!(found.before.last().unwrap().scene, name("scene-a18"));
    assert!(planned("scene-a0", "scene-a0").await.unwrap().before.is_empty());
    assert_eq!(planned("scene-a0", "another spec").await, None);
    let second = teller.plan("a", &["scene-a19"]).await;
    let found = planned("scene-a19", "scene-a19").await.unwrap();
    assert_eq!((found.position, found.before.len()), (second, 0));
    assert_eq!(planned("scene-a0", "scene-a0").await.unwrap().position, first);
}

fn passage(source: &str, numbers: &[f32]) -> EmbeddingEvent {
    let (model, vector) = ("test-2".to_owned(), Vector(numbers.to_vec()));
    let embedded = Embedded { text: blob("words"), emotion: String::new(), model, dimension: 2, vector };
    EmbeddingEvent::TextEmbedded {
        source: name(source),
        document: blob(source),
        about: About::default(),
        ordinal: 1,
        embedded,
    }
}

#[tokio::test]
async fn what_is_known_is_what_was_placed_by_then_and_may_be_told() {
    let mut teller = Teller::begin();
    teller.ask("a").await;
    let before = teller.log.head().await.unwrap();
    teller.tell("embedding-passage_near", passage("passage-near", &[1.0, 0.1])).await;
    teller.tell("embedding-passage_far", passage("passage-far", &[0.1, 1.0])).await;
    teller.tell("embedding-passage_against", passage("passage-against", &[-1.0, 0.0])).await;
    // A line is no passage.
    teller.tell("embedding-line_a", passage("line-a", &[1.0, 0.0])).await;
    teller.whose = ("tobi", Visibility::Private);
    teller.tell("embedding-passage_secret", passage("passage-secret", &[1.0, 0.0])).await;
    let placed = teller.log.head().await.unwrap();
    let withdrawn = EmbeddingEvent::EmbeddingWithdrawn { source: name("passage-near") };
    let dropped = teller.tell("embedding-passage_near", withdrawn).await;
    let forgotten = KnowledgeEvent::DocumentForgotten { dropped: vec![name("passage-far")] };
    let forgotten = teller.tell("knowledge-island", forgotten).await;
    let pasts = teller.pasts();
    for (position, model, limit, expected) in [
        (before, "test-2", 9, &[][..]),
        (placed, "test-2", 9, &["passage-near", "passage-far"]),
        (placed, "test-2", 1, &["passage-near"]),
        (placed, "another", 9, &[]),
        (dropped, "test-2", 9, &["passage-far"]),
        (forgotten, "test-2", 9, &[]),
    ] {
        let past = pasts.at(position).await.unwrap();
        assert_eq!(past.knows("a", model), position > before && model == "test-2", "at {position}");
        let found = past.knowledge("a", model, Vector(vec![1.0, 0.0]), limit);
        let expected: Vec<_> = expected.iter().map(|passage| (name(passage), blob(passage))).collect();
        assert_eq!(found, expected, "at {position}");
        assert!(!past.knows("nobody", model));
    }
}
