//! What is known of a document: the passages of its newest text.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use hydra_actors::archivist::embedding::Embedding;
use hydra_actors::archivist::knowledge::{
    Knowledge, KnowledgeRejection, PASSAGES_MAX, SPLITTER, TITLE_CHARS_MAX,
};
use hydra_events::StreamName;
use hydra_events::record::EVENT_BYTES_MAX;
use hydra_events::stream::ID_LENGTH_MAX;
use hydra_events::vocabulary::embedding::{About, EmbeddingCommand};
use hydra_events::vocabulary::knowledge::{KnowledgeCommand, KnowledgeEvent, Passage};
use hydra_events::wire;

use crate::table::stream::{Table, hash, name, owed, reactions};

const STREAM: &str = "knowledge-island";

fn keep(text: &str) -> KnowledgeCommand {
    KnowledgeCommand::KeepDocument { title: "Island".into(), text: hash(text) }
}

fn kept(text: &str, ordinal: u32) -> KnowledgeEvent {
    KnowledgeEvent::DocumentKept { title: "Island".into(), text: hash(text), ordinal }
}

fn accept(passages: &[&str]) -> KnowledgeCommand {
    let passages = passages.iter().map(|passage| hash(passage)).collect();
    KnowledgeCommand::AcceptPassages { splitter: SPLITTER.into(), passages }
}

fn passage(content: &str) -> Passage {
    let content = hash(content);
    Passage { name: name(&format!("passage-island_{}", &content.to_string()[..16])), content }
}

fn names(passages: &[&str]) -> Vec<StreamName> {
    passages.iter().map(|content| passage(content).name).collect()
}

fn split(passages: &[&str], dropped: &[&str], ordinal: u32) -> KnowledgeEvent {
    KnowledgeEvent::DocumentSplit {
        splitter: SPLITTER.into(),
        passages: passages.iter().map(|content| passage(content)).collect(),
        dropped: names(dropped),
        ordinal,
    }
}

fn superseded(ordinal: u32) -> KnowledgeEvent {
    KnowledgeEvent::SplitSuperseded { ordinal }
}

fn forgotten(dropped: &[&str]) -> KnowledgeEvent {
    KnowledgeEvent::DocumentForgotten { dropped: names(dropped) }
}

#[track_caller]
fn check(
    given: &[KnowledgeEvent],
    when: KnowledgeCommand,
    then: Result<Vec<KnowledgeEvent>, KnowledgeRejection>,
) {
    Table::of(STREAM).check::<Knowledge>(given, when, then);
}

#[test]
fn a_text_is_split_once() {
    check(&[], keep("a"), Ok(vec![kept("a", 1)]));
    assert_eq!(owed::<Knowledge>(&[kept("a", 1)]), ["split-1"]);
    let done = split(&["x", "y"], &[], 1);
    check(&[kept("a", 1)], accept(&["x", "y", "x"]), Ok(vec![done.clone()]));
    assert!(owed::<Knowledge>(&[kept("a", 1), done.clone()]).is_empty());
    check(&[kept("a", 1), done], keep("a"), Ok(vec![]));
    check(&[kept("a", 1)], keep("a"), Ok(vec![]));
}

#[test]
fn another_text_drops_the_passages_it_does_not_have() {
    let given = [kept("a", 1), split(&["x", "y"], &[], 1)];
    check(&given, keep("b"), Ok(vec![kept("b", 2)]));
    check(&given[..1], keep("b"), Ok(vec![superseded(1), kept("b", 2)]));
    let given = [kept("a", 1), split(&["x", "y"], &[], 1), kept("b", 2)];
    check(&given, accept(&["z", "y"]), Ok(vec![split(&["z", "y"], &["x"], 2)]));
}

#[test]
fn a_text_that_another_splitter_has_split_is_split_again() {
    let (splitter, passages) = ("markdown-9-0".to_owned(), vec![passage("x")]);
    let before = KnowledgeEvent::DocumentSplit { splitter, passages, dropped: Vec::new(), ordinal: 1 };
    check(&[kept("a", 1), before], keep("a"), Ok(vec![kept("a", 2)]));
}

#[test]
fn a_document_is_forgotten_with_its_passages_and_may_come_back() {
    let given = [kept("a", 1), split(&["x"], &[], 1)];
    let forget = || KnowledgeCommand::ForgetDocument {};
    check(&given, forget(), Ok(vec![forgotten(&["x"])]));
    check(&given[..1], forget(), Ok(vec![superseded(1), forgotten(&[])]));
    check(&[], forget(), Err(KnowledgeRejection::Unknown));
    let given = [kept("a", 1), split(&["x"], &[], 1), forgotten(&["x"])];
    check(&given, forget(), Ok(vec![]));
    check(&given, keep("a"), Ok(vec![kept("a", 2)]));
}

#[test]
fn what_cannot_be_kept_is_refused() {
    for title in [String::new(), "a\nb".into(), "a".repeat(TITLE_CHARS_MAX + 1)] {
        let when = KnowledgeCommand::KeepDocument { title, text: hash("a") };
        check(&[], when, Err(KnowledgeRejection::Title));
    }
    check(&[], accept(&["x"]), Err(KnowledgeRejection::Unknown));
    check(&[kept("a", 1)], accept(&[]), Err(KnowledgeRejection::Passages(0)));
    let given = [kept("a", 1), split(&["x"], &[], 1)];
    check(&given, accept(&["x"]), Err(KnowledgeRejection::NotUnderWay(1)));
    let many: Vec<String> = (0..=PASSAGES_MAX).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    check(&[kept("a", 1)], accept(&many), Err(KnowledgeRejection::Passages(PASSAGES_MAX + 1)));
}

#[test]
fn the_largest_split_fits_into_a_record() {
    let names = |from: usize| {
        (from..from + PASSAGES_MAX)
            .map(|number| StreamName::try_new("passage", &format!("{number:0>ID_LENGTH_MAX$}")).unwrap())
    };
    let passages = names(0).map(|name| Passage { name, content: hash("x") }).collect();
    let dropped = names(PASSAGES_MAX).collect();
    let event = KnowledgeEvent::DocumentSplit { splitter: SPLITTER.into(), passages, dropped, ordinal: 1 };
    let command = accept(&vec!["x"; PASSAGES_MAX]);
    let (_, event) = wire::encode("knowledge", &event).unwrap();
    let (_, command) = wire::encode("knowledge", &command).unwrap();
    // The rest of a record: its names and ids.
    let rest = 4 * 1024;
    assert!(event.len() + command.len() + rest <= EVENT_BYTES_MAX, "{} {}", event.len(), command.len());
}

#[test]
fn each_passage_is_embedded_and_a_dropped_one_no_longer() {
    let request = |content: &str| {
        let Passage { name, content } = passage(content);
        EmbeddingCommand::RequestEmbedding { source: name, document: content, about: About::default() }
    };
    let withdraw = |content: &str| EmbeddingCommand::WithdrawEmbedding { source: passage(content).name };
    let stream = |content: &str| Embedding::stream_of(&passage(content).name).unwrap();
    let expected = [(stream("z"), request("z")), (stream("y"), request("y")), (stream("x"), withdraw("x"))];
    let heard = reactions::<Embedding, _>(STREAM, &split(&["z", "y"], &["x"], 2));
    assert_eq!(heard, expected);
    let heard = reactions::<Embedding, _>(STREAM, &forgotten(&["x"]));
    assert_eq!(heard, [(stream("x"), withdraw("x"))]);
}
