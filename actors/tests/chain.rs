//! What one entity's events mean to the others, hop by hop: no question and no file is left behind.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "chain/studio.rs"]
mod studio;

use hydra_events::Vector;
use hydra_events::vocabulary::chapter::{ChapterCommand, ChapterSource, Fill, PlannedScene};
use hydra_events::vocabulary::embedding::{Embedded, EmbeddingCommand};
use hydra_events::vocabulary::image::ImageCommand;
use hydra_events::vocabulary::order::OrderCommand;
use hydra_events::vocabulary::review::{ReviewCommand, Verdict};
use hydra_events::vocabulary::scene::SceneCommand;
use hydra_events::vocabulary::terms::{DecidedBy, Made, Score, ScoreName, ShownKind, Shows, WantedImage};
use studio::{Studio, hash, name};

const CHAPTER: &str = "chapter-lighthouse";
const SCENE: &str = "scene-lighthouse_1";
const IMAGE: &str = "image-keeper";
const REVIEW: &str = "review-keeper";

fn wanted() -> WantedImage {
    let (subject, outfit, expression) = ("keeper".into(), "coat".into(), "happy".into());
    let shows = Shows { subject, kind: ShownKind::Bust, outfit, expression, candidate: 1 };
    WantedImage { image: name(IMAGE), brief: hash("brief"), shows, recalled: None }
}

fn render(blob: &str) -> ImageCommand {
    let made = Made {
        blob: hash(blob),
        media_type: "image/png".into(),
        engine: "studio".into(),
        engine_version: "1".into(),
        request: hash("request"),
        response: hash(blob),
        duration_ms: 5,
    };
    ImageCommand::AcceptRender { made, seed: 1 }
}

fn scores(aesthetic: f64) -> ReviewCommand {
    let (metric, version) = ("studio".into(), "1".into());
    let score = Score { name: ScoreName::Aesthetic, value: Some(aesthetic), metric, version };
    ReviewCommand::AcceptScores { scores: vec![score], duration_ms: 1 }
}

/// A chapter of one scene with one picture, which is being drawn.
fn begun() -> Studio {
    let mut studio = Studio::default();
    let source = ChapterSource {
        stem: "lighthouse".into(),
        screenplay: hash("screenplay"),
        cast: hash("cast"),
        fill: Fill::No,
        candidates: 1,
    };
    studio.tell(CHAPTER, &ChapterCommand::RequestChapter { title: "Lighthouse".into(), source });
    let scenes = vec![PlannedScene { scene: name(SCENE), spec: hash("spec") }];
    studio.perform(CHAPTER, "plan-1", &ChapterCommand::AcceptPlan { plan: hash("plan"), scenes });
    let (images, lines) = (vec![wanted()], Vec::new());
    let script =
        SceneCommand::AcceptScript { script: hash("script"), images, lines, placeholders: 0, recalled: None };
    studio.perform(SCENE, "write-1", &script);
    studio.perform("embedding-image_keeper", "embed-1", &placed());
    studio
}

/// Where the picture's brief stands among others.
fn placed() -> EmbeddingCommand {
    let (model, vector) = ("studio".to_owned(), Vector(vec![1.0]));
    let embedded = Embedded { text: hash("text"), emotion: "happy".into(), model, dimension: 1, vector };
    EmbeddingCommand::AcceptEmbedding { embedded }
}

/// The same, drawn and asked about.
fn asked() -> Studio {
    let mut studio = begun();
    studio.perform(IMAGE, "render-1", &render("one"));
    studio.perform(REVIEW, "score-1", &scores(6.6));
    assert_eq!(studio.last("approval-keeper_1"), "approval_requested");
    studio
}

fn cancel() -> ChapterCommand {
    ChapterCommand::CancelChapter { reason: "another story".into() }
}

#[test]
fn a_cancelled_chapter_leaves_no_question_open_and_nothing_owed() {
    let mut studio = asked();
    studio.tell(CHAPTER, &cancel());
    assert_eq!(studio.last(REVIEW), "review_withdrawn");
    assert_eq!(studio.last("approval-keeper_1"), "approval_withdrawn");
    assert_eq!(studio.owing(), Vec::<String>::new());
}

#[test]
fn a_chapter_cancelled_while_its_pictures_are_measured_has_nothing_measured_any_more() {
    let mut studio = begun();
    studio.perform(IMAGE, "render-1", &render("one"));
    assert_eq!(studio.owing(), [REVIEW]);
    studio.tell(CHAPTER, &cancel());
    assert_eq!(studio.owing(), Vec::<String>::new());
}

#[test]
fn a_question_stays_open_as_long_as_anybody_wants_the_picture() {
    let mut studio = asked();
    let place = OrderCommand::PlaceOrder {
        character: "keeper".into(),
        scene: "at the window".into(),
        images: vec![wanted()],
        priority: 5,
        chapter: None,
    };
    studio.tell("order-portraits", &place);
    studio.tell(CHAPTER, &cancel());
    assert_eq!(studio.last("approval-keeper_1"), "approval_requested");
    studio.tell("order-portraits", &OrderCommand::CancelOrder { reason: "enough".into() });
    assert_eq!(studio.last("approval-keeper_1"), "approval_withdrawn");
}

#[test]
fn a_question_that_the_measure_answers_after_all_is_withdrawn() {
    let mut studio = begun();
    studio.perform(IMAGE, "render-1", &render("one"));
    studio.fail(REVIEW, "score-1");
    assert_eq!(studio.last("approval-keeper_1"), "approval_requested");
    studio.unpark(REVIEW);
    studio.perform(REVIEW, "score-1", &scores(9.0));
    assert_eq!(studio.last("approval-keeper_1"), "approval_withdrawn");
    assert_eq!(studio.last(CHAPTER), "chapter_completed");
}

#[test]
fn the_file_of_a_picture_that_was_replaced_is_dropped_and_the_new_one_kept() {
    let mut studio = begun();
    studio.perform(IMAGE, "render-1", &render("one"));
    studio.perform(REVIEW, "score-1", &scores(9.0));
    let (first, second) = (format!("asset-{}", hash("one")), format!("asset-{}", hash("two")));
    assert_eq!(studio.last(&first), "asset_filed");
    studio.tell(IMAGE, &ImageCommand::RetryImage { note: "a smile".into() });
    studio.perform(IMAGE, "render-2", &render("two"));
    assert_eq!(studio.last(&first), "asset_filed", "until another has taken its place");
    studio.perform(REVIEW, "score-2", &scores(9.0));
    assert_eq!((studio.last(&first), studio.last(&second)), ("drop_scheduled", "asset_filed"));
    studio.tell(CHAPTER, &cancel());
    assert_eq!(studio.last(&second), "drop_scheduled");
}

#[test]
fn the_file_of_a_picture_a_person_overruled_is_dropped() {
    let mut studio = begun();
    studio.perform(IMAGE, "render-1", &render("one"));
    studio.perform(REVIEW, "score-1", &scores(9.0));
    let by = DecidedBy::Person { name: "ada".into() };
    let (verdict, note) = (Verdict::Reject, "six fingers".to_owned());
    studio.tell(REVIEW, &ReviewCommand::RecordVerdict { quality_try: 1, verdict, by, note });
    assert_eq!(studio.last(&format!("asset-{}", hash("one"))), "drop_scheduled");
}
