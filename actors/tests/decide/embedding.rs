//! What is embedded, and when it is not again.

use hydra_actors::archivist::embedding::{Embedding, EmbeddingRejection};
use hydra_events::Vector;
use hydra_events::vocabulary::character::CharacterEvent;
use hydra_events::vocabulary::embedding::{About, Embedded, EmbeddingCommand, EmbeddingEvent};
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::line::LineEvent;
use hydra_events::vocabulary::terms::{ShownKind, Shows};

use crate::table::stream::{Stream, Table, hash, name, owed, reactions, shows};

const SOURCE: &str = "line-night_1_1";
const STREAM: &str = "embedding-line_night_1_1";

fn about() -> About {
    About {
        chapter: "night".into(),
        scene: "scene-night_1".into(),
        character: "keeper".into(),
        ..About::default()
    }
}

fn request(document: &str) -> EmbeddingCommand {
    let (source, document) = (name(SOURCE), hash(document));
    EmbeddingCommand::RequestEmbedding { source, document, about: about() }
}

fn requested(document: &str, ordinal: u32) -> EmbeddingEvent {
    let (source, document) = (name(SOURCE), hash(document));
    EmbeddingEvent::EmbeddingRequested { source, document, about: about(), ordinal }
}

fn vector(numbers: &[f32]) -> Embedded {
    let (model, vector) = ("model-2".to_owned(), Vector(numbers.to_vec()));
    Embedded { text: hash("text"), emotion: "sad".into(), model, dimension: 2, vector }
}

fn accept(embedded: Embedded) -> EmbeddingCommand {
    EmbeddingCommand::AcceptEmbedding { embedded }
}

fn placed(document: &str, ordinal: u32) -> EmbeddingEvent {
    let (source, document) = (name(SOURCE), hash(document));
    let embedded = vector(&[1.0, 0.0]);
    EmbeddingEvent::TextEmbedded { source, document, about: about(), ordinal, embedded }
}

fn withdraw() -> EmbeddingCommand {
    EmbeddingCommand::WithdrawEmbedding { source: name(SOURCE) }
}

fn withdrawn() -> EmbeddingEvent {
    EmbeddingEvent::EmbeddingWithdrawn { source: name(SOURCE) }
}

fn superseded(ordinal: u32) -> EmbeddingEvent {
    EmbeddingEvent::EmbeddingSuperseded { ordinal }
}

#[track_caller]
fn check(
    given: &[EmbeddingEvent],
    when: EmbeddingCommand,
    then: Result<Vec<EmbeddingEvent>, EmbeddingRejection>,
) {
    Table::of(STREAM).check::<Embedding>(given, when, then);
}

#[test]
fn a_text_is_embedded_once() {
    check(&[], request("a"), Ok(vec![requested("a", 1)]));
    assert_eq!(owed::<Embedding>(&[requested("a", 1)]), ["embed-1"]);
    check(&[requested("a", 1)], accept(vector(&[1.0, 0.0])), Ok(vec![placed("a", 1)]));
    assert!(owed::<Embedding>(&[requested("a", 1), placed("a", 1)]).is_empty());
    check(&[requested("a", 1)], request("a"), Ok(vec![]));
    check(&[requested("a", 1), placed("a", 1)], request("a"), Ok(vec![]));
}

#[test]
fn another_document_takes_the_place_of_the_one_before() {
    let given = [requested("a", 1), placed("a", 1)];
    check(&given, request("b"), Ok(vec![requested("b", 2)]));
    check(&given[..1], request("b"), Ok(vec![superseded(1), requested("b", 2)]));
}

#[test]
fn a_document_that_says_the_same_keeps_its_vector() {
    let given = [requested("a", 1), placed("a", 1), requested("b", 2)];
    check(&given, EmbeddingCommand::KeepEmbedding {}, Ok(vec![placed("b", 2)]));
    check(&given[..1], EmbeddingCommand::KeepEmbedding {}, Err(EmbeddingRejection::NothingToKeep));
}

#[test]
fn a_document_that_comes_back_is_not_embedded_again() {
    let given = [requested("a", 1), placed("a", 1), withdrawn()];
    check(&given, request("a"), Ok(vec![placed("a", 1)]));
    let given = [requested("a", 1), placed("a", 1), requested("b", 2)];
    check(&given, request("a"), Ok(vec![superseded(2), placed("a", 2)]));
}

#[test]
fn what_is_withdrawn_is_owed_no_longer() {
    check(&[requested("a", 1)], withdraw(), Ok(vec![superseded(1), withdrawn()]));
    let given = [requested("a", 1), placed("a", 1)];
    check(&given, withdraw(), Ok(vec![withdrawn()]));
    check(&[requested("a", 1), placed("a", 1), withdrawn()], withdraw(), Ok(vec![]));
    check(&[], withdraw(), Err(EmbeddingRejection::Unknown));
}

#[test]
fn what_is_no_vector_is_refused() {
    for numbers in [&[0.0, 0.0][..], &[1.0], &[f32::NAN, 1.0]] {
        let refused = Err(EmbeddingRejection::NoVector("model-2".into(), 2));
        check(&[requested("a", 1)], accept(vector(numbers)), refused);
    }
}

#[test]
fn what_is_not_asked_for_is_refused() {
    check(&[], accept(vector(&[1.0, 0.0])), Err(EmbeddingRejection::Unknown));
    let given = [requested("a", 1), placed("a", 1)];
    check(&given, accept(vector(&[1.0, 0.0])), Err(EmbeddingRejection::NotUnderWay(1)));
    for (source, refused) in [
        ("chapter-night", EmbeddingRejection::Wordless(name("chapter-night"))),
        ("line-night_1_2", EmbeddingRejection::OtherSource(name("line-night_1_2"))),
    ] {
        let (document, about) = (hash("a"), about());
        let when = EmbeddingCommand::RequestEmbedding { source: name(source), document, about };
        check(&[], when, Err(refused));
    }
}

#[test]
fn a_parked_embedding_is_over_when_something_newer_comes() {
    let mut stream = Stream::<Embedding>::of(STREAM);
    assert_eq!(stream.tell(&request("a")).unwrap(), ["embedding_requested +embed-1"]);
    stream.start("embed-1").unwrap();
    assert_eq!(stream.fail("embed-1", "no model").unwrap(), ["effect_parked"]);
    assert!(stream.active().is_empty());
    stream.crash();
    let names = stream.tell(&request("b")).unwrap();
    assert_eq!(names, ["embedding_superseded -embed-1", "embedding_requested +embed-2"]);
    stream.start("embed-2").unwrap();
    assert_eq!(stream.finish("embed-2", &accept(vector(&[1.0, 0.0]))).unwrap(), ["text_embedded -embed-2"]);
}

#[test]
fn a_character_is_embedded_by_its_profile() {
    let profile = hash("profile");
    let defined =
        CharacterEvent::CharacterDefined { name: "Keeper".into(), profile, references: vec![], edition: 1 };
    let about = About { character: "keeper".into(), ..About::default() };
    let source = name("character-keeper");
    let command = EmbeddingCommand::RequestEmbedding { source, document: profile, about };
    let heard = reactions::<Embedding, _>("character-keeper", &defined);
    assert_eq!(heard, [(name("embedding-character_keeper"), command)]);
}

#[test]
fn a_picture_is_embedded_by_its_brief_and_a_place_has_no_character() {
    let of_place = Shows { kind: ShownKind::Background, ..shows() };
    for (shows, character) in [(shows(), "keeper"), (of_place, "")] {
        let (outfit, brief) = (shows.outfit.clone(), hash("brief"));
        let requested = ImageEvent::ImageRequested {
            requester: name("scene-night_1"),
            chapter: "night".into(),
            brief,
            shows,
            priority: 0,
            recalled: None,
        };
        let about = About { character: character.into(), outfit, scene: String::new(), ..about() };
        let command =
            EmbeddingCommand::RequestEmbedding { source: name("image-keeper"), document: brief, about };
        let heard = reactions::<Embedding, _>("image-keeper", &requested);
        assert_eq!(heard, [(name("embedding-image_keeper"), command)]);
    }
}

#[test]
fn a_line_is_embedded_by_its_speech_until_its_scene_no_longer_has_it() {
    let requested = LineEvent::LineRequested {
        scene: name("scene-night_1"),
        chapter: "night".into(),
        speech: hash("a"),
        character: "keeper".into(),
        take: 1,
    };
    assert_eq!(reactions::<Embedding, _>(SOURCE, &requested), [(name(STREAM), request("a"))]);
    let cancelled = LineEvent::LineCancelled { blob: None };
    assert_eq!(reactions::<Embedding, _>(SOURCE, &cancelled), [(name(STREAM), withdraw())]);
}
