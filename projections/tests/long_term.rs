//! The long-term memory: what is kept of each text, and what is found to be like another.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "long_term/passages.rs"]
mod passages;
#[path = "views/story.rs"]
#[expect(dead_code, reason = "only what fills a log is needed here")]
mod story;

use std::sync::Arc;

use async_trait::async_trait;
use hydra_events::contract::sample;
use hydra_events::record::{Append, Draft, EventType, Meta, Visibility};
use hydra_events::vocabulary::embedding::{About, Embedded, EmbeddingEvent};
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::terms::{DecidedBy, Made, ShownKind, Shows};
use hydra_events::wire::{self, Vocabulary};
use hydra_events::{EventLog, Id, Vector};
use hydra_projections::batch::{Batch, Quarantined};
use hydra_projections::likeness::{Nearest, nearest};
use hydra_projections::long_term::VIEW;
use hydra_projections::store::{Applied, Checkpoint, Found, Generation, Which};
use hydra_projections::view::{Table, View};
use hydra_projections::{
    Among, Compared, Only, Rebuild, Similar, SqliteStore, StoreError, Stores, ViewStore, Views, caught_up,
    rebuild,
};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tempfile::TempDir;

use story::{blob, log_of, name};

const MODEL: &str = "test-2";

/// A text with its place.
struct Text {
    source: &'static str,
    numbers: [f32; 2],
    model: &'static str,
    about: About,
    emotion: &'static str,
    owner: &'static str,
    visibility: Visibility,
}

fn text(source: &'static str, numbers: [f32; 2]) -> Text {
    let about = About { character: "keeper".into(), chapter: "light".into(), ..About::default() };
    let (owner, visibility) = ("household", Visibility::Household);
    Text { source, numbers, model: MODEL, about, emotion: "calm", owner, visibility }
}

fn placed(text: &Text) -> EmbeddingEvent {
    EmbeddingEvent::TextEmbedded {
        source: name(text.source),
        document: blob(text.source),
        about: text.about.clone(),
        ordinal: 1,
        embedded: Embedded {
            text: blob("words"),
            emotion: text.emotion.into(),
            model: text.model.into(),
            dimension: 2,
            vector: Vector(text.numbers.to_vec()),
        },
    }
}

/// Facts in the order they were told.
#[derive(Default)]
struct Teller(Vec<Append>);

impl Teller {
    fn tell<E: Vocabulary>(&mut self, stream: &str, event: &E, owner: &str, visibility: Visibility) {
        let stream = name(stream);
        let (kind, payload) = wire::encode(stream.category(), event).unwrap();
        let expected = self.0.iter().filter(|append| append.stream == stream).count() as u64;
        let meta = sample::meta(&format!("{stream} {expected}"));
        self.0.push(Append {
            meta: Meta { owner: owner.into(), visibility, ..meta },
            owes: false,
            expected,
            events: vec![Draft { kind, payload, effect: None }],
            actor: "archivist".into(),
            code: "0000".into(),
            command: (EventType::new(stream.category(), "tell", 1), b"{}".to_vec()),
            stream,
        });
    }

    fn embedded(&mut self, text: &Text) {
        let stream = format!("embedding-{}", text.source.replace('-', "_"));
        self.tell(&stream, &placed(text), text.owner, text.visibility);
    }

    fn image(&mut self, image: &str, event: &ImageEvent) {
        self.tell(image, event, "household", Visibility::Household);
    }
}

/// A log with its views, which live as long as the folder.
struct Place {
    views: Views,
    log: Arc<dyn EventLog>,
    folder: TempDir,
}

async fn told(teller: Teller) -> Place {
    let folder = TempDir::new().unwrap();
    let log = log_of(folder.path(), teller.0).await;
    let stores = Stores::embedded(&folder.path().join("views.db")).unwrap();
    let views = caught_up(Arc::clone(&log), stores).await.unwrap();
    Place { views, log, folder }
}

async fn told_of(texts: &[Text]) -> Place {
    let mut teller = Teller::default();
    texts.iter().for_each(|text| teller.embedded(text));
    told(teller).await
}

fn like(numbers: [f32; 2], among: Among) -> Similar {
    let (vector, model) = (Vector(numbers.to_vec()), MODEL.to_owned());
    Similar { among, vector, model, only: Only::default(), limit: 10 }
}

async fn found(place: &Place, asked: Similar) -> Vec<(String, f64)> {
    let (at, found) = place.views.similar(asked).await.unwrap();
    assert_eq!(at.position, place.log.head().await.unwrap());
    found.into_iter().map(|near| (near.row.id.to_string(), (near.score * 1000.0).round() / 1000.0)).collect()
}

fn names(found: &[(String, f64)]) -> Vec<&str> {
    found.iter().map(|(id, _)| id.as_str()).collect()
}

#[tokio::test]
async fn the_most_similar_come_first_each_kind_by_itself() {
    let place = told_of(&[
        text("line-b", [1.0, 0.0]),
        text("line-c", [3.0, 4.0]),
        text("line-a", [2.0, 0.0]),
        text("character-keeper", [1.0, 0.0]),
        Text { model: "another", ..text("line-other", [1.0, 0.0]) },
    ])
    .await;
    let lines = found(&place, like([1.0, 0.0], Among::Dialogue)).await;
    let expected = [("line-a", 1.0), ("line-b", 1.0), ("line-c", 0.6)];
    assert_eq!(lines, expected.map(|(id, score)| (id.to_owned(), score)));
    assert_eq!(found(&place, Similar { limit: 1, ..like([1.0, 0.0], Among::Dialogue) }).await, lines[..1]);
    assert_eq!(names(&found(&place, like([1.0, 0.0], Among::Characters)).await), ["character-keeper"]);
}

#[tokio::test]
async fn a_filter_leaves_out_what_is_not_so() {
    let about = |chapter: &str, scene: &str, character: &str, outfit: &str| About {
        chapter: chapter.into(),
        scene: scene.into(),
        character: character.into(),
        outfit: outfit.into(),
    };
    let place = told_of(&[
        Text { about: about("light", "scene-1", "nell", "coat"), ..text("line-1", [1.0, 0.1]) },
        Text { about: about("dark", "scene-2", "keeper", "coat"), ..text("line-2", [1.0, 0.2]) },
        Text { emotion: "sad", about: about("light", "scene-2", "keeper", ""), ..text("line-3", [1.0, 0.3]) },
        Text { owner: "ada", visibility: Visibility::Private, ..text("line-4", [1.0, 0.4]) },
    ])
    .await;
    let said = |word: &str| Some(word.to_owned());
    for (only, expected) in [
        (Only::default(), &["line-1", "line-2", "line-3", "line-4"][..]),
        (Only { chapter: said("light"), ..Only::default() }, &["line-1", "line-3", "line-4"]),
        (Only { scene: said("scene-2"), ..Only::default() }, &["line-2", "line-3"]),
        (Only { character: said("nell"), ..Only::default() }, &["line-1"]),
        (Only { outfit: said("coat"), ..Only::default() }, &["line-1", "line-2"]),
        (Only { emotion: said("sad"), ..Only::default() }, &["line-3"]),
        (Only { owner: said("ada"), ..Only::default() }, &["line-4"]),
        (Only { visibility: said("household"), ..Only::default() }, &["line-1", "line-2", "line-3"]),
        (Only { scene: said("scene-2"), emotion: said("sad"), ..Only::default() }, &["line-3"]),
        (Only { character: said("x' OR 1 = 1 --"), ..Only::default() }, &[]),
    ] {
        let asked = Similar { only: only.clone(), ..like([1.0, 0.0], Among::Dialogue) };
        assert_eq!(names(&found(&place, asked).await), expected, "{only:?}");
    }
}

#[tokio::test]
async fn what_a_source_says_now_takes_the_place_of_what_it_said() {
    let mut teller = Teller::default();
    teller.embedded(&text("line-a", [1.0, 0.0]));
    teller.embedded(&text("line-b", [0.5, 0.5]));
    teller.embedded(&text("line-a", [0.0, 1.0]));
    let withdrawn = EmbeddingEvent::EmbeddingWithdrawn { source: name("line-b") };
    teller.tell("embedding-line_b", &withdrawn, "household", Visibility::Household);
    let place = told(teller).await;
    let lines = found(&place, like([0.0, 1.0], Among::Dialogue)).await;
    assert_eq!(lines, [("line-a".to_owned(), 1.0)]);
    let row = place.views.remembered(&name("line-a")).await.unwrap().unwrap();
    assert_eq!((row.vector, row.text), (Some(Vector(vec![0.0, 1.0])), Some(blob("words"))));
    let event = place.log.read(2, 1).await.unwrap().remove(0);
    assert_eq!(row.event, Some(event.id));
    let gone = place.views.remembered(&name("line-b")).await.unwrap().unwrap();
    assert_eq!((gone.vector, gone.text, gone.event), (None, None, None));
}

fn approved() -> ImageEvent {
    let file = Made {
        blob: blob("file"),
        media_type: "image/png".into(),
        engine: "studio".into(),
        engine_version: "1".into(),
        request: blob("request"),
        response: blob("file"),
        duration_ms: 9,
    };
    let (subject, outfit, kind) = ("keeper".into(), "coat".into(), ShownKind::Bust);
    ImageEvent::ImageApproved {
        quality_try: 1,
        made: file,
        seed: 1,
        scores: Vec::new(),
        by: DecidedBy::Policy {},
        policy: 1,
        shows: Shows { subject, kind, outfit, expression: "happy".into(), candidate: 1 },
        chapter: "light".into(),
    }
}

#[tokio::test]
async fn a_picture_is_found_from_its_approval_to_the_end_of_it() {
    let reopened = |requesters: &[&str]| ImageEvent::RenderReopened {
        quality_try: 2,
        note: "once more".into(),
        requesters: requesters.iter().map(|requester| name(requester)).collect(),
    };
    let missing = ImageEvent::ImageMissing { requesters: Vec::new(), reason: "no engine".into() };
    let given_up = ImageEvent::PictureGivenUp { blob: blob("an earlier file") };
    for (facts, is_found) in [
        (vec![], false),
        (vec![approved()], true),
        (vec![reopened(&[]), approved()], true),
        (vec![approved(), given_up], true),
        (vec![approved(), reopened(&["scene-light_1"])], false),
        (vec![approved(), reopened(&["scene-light_1"]), approved()], true),
        (vec![approved(), missing], false),
        (vec![approved(), ImageEvent::ImageCancelled { blob: None }], false),
    ] {
        // Whichever comes first, the vector or the approval.
        for embedded_after in [0, facts.len()] {
            let mut teller = Teller::default();
            facts[..embedded_after].iter().for_each(|fact| teller.image("image-keeper", fact));
            teller.embedded(&text("image-keeper", [1.0, 0.0]));
            facts[embedded_after..].iter().for_each(|fact| teller.image("image-keeper", fact));
            let place = told(teller).await;
            let images = found(&place, like([1.0, 0.0], Among::Images)).await;
            assert_eq!(names(&images), vec!["image-keeper"; usize::from(is_found)], "{facts:?}");
        }
    }
}

#[tokio::test]
async fn a_memory_that_is_built_again_finds_the_same() {
    let texts = [text("line-a", [1.0, 0.0]), text("line-b", [0.6, 0.8]), text("line-c", [-1.0, 0.1])];
    let place = told_of(&texts).await;
    let before = found(&place, like([0.3, 0.9], Among::Dialogue)).await;
    let stores = Stores::embedded(&place.folder.path().join("again.db")).unwrap();
    let views = caught_up(Arc::clone(&place.log), stores).await.unwrap();
    let again = Place { views, ..place };
    assert_eq!(found(&again, like([0.3, 0.9], Among::Dialogue)).await, before);
    assert_eq!(before.len(), 3);
}

/// A store that cannot look for vectors itself.
struct Plain(SqliteStore);

#[async_trait]
impl ViewStore for Plain {
    fn shown(&self) -> String {
        self.0.shown()
    }

    async fn checkpoint(
        &self,
        view: &'static View,
        of: Generation,
    ) -> Result<Option<Checkpoint>, StoreError> {
        self.0.checkpoint(view, of).await
    }

    async fn reset(&self, view: &'static View, of: Generation, log: Id) -> Result<(), StoreError> {
        self.0.reset(view, of, log).await
    }

    async fn apply(&self, view: &'static View, of: Generation, batch: Batch) -> Result<Applied, StoreError> {
        self.0.apply(view, of, batch).await
    }

    async fn rows(
        &self,
        view: &'static View,
        of: Generation,
        table: &'static Table,
        which: Which,
    ) -> Result<Found, StoreError> {
        self.0.rows(view, of, table, which).await
    }

    async fn quarantined(&self, view: &'static View, of: Generation) -> Result<Vec<Quarantined>, StoreError> {
        self.0.quarantined(view, of).await
    }

    async fn switch(&self, view: &'static View) -> Result<Applied, StoreError> {
        self.0.switch(view).await
    }

    async fn roll_back(&self, view: &'static View) -> Result<(), StoreError> {
        self.0.roll_back(view).await
    }

    async fn discard(&self, view: &'static View, of: Generation) -> Result<(), StoreError> {
        self.0.discard(view, of).await
    }
}

#[test]
fn a_store_that_looks_itself_finds_what_reading_through_finds() {
    const LINES: [&str; 6] = ["line-a", "line-b", "line-c", "line-d", "line-e", "line-f"];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() });
    let number = || prop_oneof![Just(0.0_f32), Just(1.0), -2.0_f32..2.0];
    let texts = proptest::collection::vec(([number(), number()], proptest::bool::ANY), LINES.len());
    let checked = runner.run(&(texts, [number(), number()], 0..7_usize), |(texts, asked, limit)| {
        let texts = texts.iter().zip(LINES).map(|((numbers, sad), line)| Text {
            emotion: if *sad { "sad" } else { "calm" },
            ..text(line, *numbers)
        });
        let place = runtime.block_on(told_of(&texts.collect::<Vec<_>>()));
        let store = SqliteStore::open(&place.folder.path().join("views.db")).unwrap();
        let table = VIEW.table("dialogue_vectors").unwrap();
        for filters in [vec![], vec![("emotion", "sad".into())]] {
            let (vector, model) = (Vector(asked.to_vec()), MODEL.to_owned());
            let asked = Nearest { vector, model, filters, limit };
            let live = Generation::Live;
            let itself = runtime.block_on(nearest(&store, &VIEW, live, table, asked.clone()));
            let through = runtime.block_on(nearest(&Plain(store.clone()), &VIEW, live, table, asked));
            prop_assert_eq!(itself.map_err(|e| e.to_string()), through.map_err(|e| e.to_string()));
        }
        Ok(())
    });
    checked.unwrap();
}

#[tokio::test]
async fn a_column_nobody_knows_and_a_vector_without_direction_are_refused() {
    let place = told_of(&[text("line-a", [1.0, 0.0])]).await;
    let store = SqliteStore::open(&place.folder.path().join("views.db")).unwrap();
    let table = VIEW.table("dialogue_vectors").unwrap();
    for (numbers, filters, told) in
        [([0.0, 0.0], vec![], "direction"), ([1.0, 0.0], vec![("colour", "blue".into())], "colour")]
    {
        let (vector, model) = (Vector(numbers.to_vec()), MODEL.to_owned());
        let asked = Nearest { vector, model, filters, limit: 1 };
        let error = nearest(&store, &VIEW, Generation::Live, table, asked).await.unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[tokio::test]
async fn a_vector_that_was_tampered_with_is_put_right_by_a_rebuild() {
    let place = told_of(&[text("line-a", [1.0, 0.0]), text("line-b", [0.6, 0.8])]).await;
    let before = found(&place, like([0.3, 0.9], Among::Dialogue)).await;
    let path = place.folder.path().join("views.db");
    let changed = "UPDATE dialogue_vectors SET vector = x'0000803f0000803f' WHERE id = 'line-a'";
    assert_eq!(rusqlite::Connection::open(&path).unwrap().execute(changed, []).unwrap(), 1);
    assert_ne!(found(&place, like([0.3, 0.9], Among::Dialogue)).await, before);
    let how = Rebuild { compared: Compared::RowByRow, ..Rebuild::default() };
    let stores = Stores::embedded(&path).unwrap();
    let rebuilt = rebuild(Arc::clone(&place.log), &stores, "long_term", how, &|_| ()).await.unwrap();
    assert_eq!(rebuilt.difference.unwrap().differences, ["dialogue_vectors/line-a"]);
    assert_eq!(found(&place, like([0.3, 0.9], Among::Dialogue)).await, before);
}
