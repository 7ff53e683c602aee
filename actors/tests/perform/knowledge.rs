//! A document becomes passages, and each is found by its words.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use hydra_actors::archivist::knowledge::{Document, Knowledge, PassageText, SPLITTER, Split};
use hydra_actors::perform::{Job, Perform};
use hydra_actors::ports::{PortError, Ports};
use hydra_events::vocabulary::effect::FailureKind;
use hydra_events::vocabulary::knowledge::KnowledgeCommand;

use crate::table::desk::{Dictated, desk};
use crate::table::stream::name;

async fn split(ports: &Ports, text: &[u8]) -> Result<KnowledgeCommand, PortError> {
    let text = ports.content.put(text.to_vec()).await.unwrap();
    let effect = Split { document: Document { title: "Island".into(), text } };
    let job = Job { stream: name("knowledge-island"), effect: "split-1".into() };
    Knowledge::perform(ports.clone(), effect, job).await
}

#[tokio::test]
async fn each_passage_is_kept_with_its_place() {
    let (ports, _folder) = desk(Dictated::default());
    let long = "The keeper trims the wick. ".repeat(30);
    let text = format!("The island has no harbour.\n\n# The lighthouse\n\n{long}\n\n## The lamp\n\n{long}");
    let KnowledgeCommand::AcceptPassages { splitter, passages } =
        split(&ports, text.as_bytes()).await.unwrap()
    else {
        panic!("it was not split")
    };
    assert_eq!(splitter, SPLITTER);
    let mut told: Vec<PassageText> = Vec::new();
    for passage in passages {
        told.push(ports.document(passage).await.unwrap());
    }
    assert!(told.iter().all(|passage| passage.title == "Island"));
    let last = told.last().unwrap();
    assert!(last.text.starts_with("## The lamp"), "{last:?}");
    assert_eq!(last.headings, ["The lighthouse"]);
}

#[tokio::test]
async fn what_is_no_text_is_told_for_good() {
    let (ports, _folder) = desk(Dictated::default());
    for (text, said) in
        [(&b"\xff\xfe"[..], "UTF-8"), (b"---", "nothing is said"), (b"naked", "not made here")]
    {
        let error = split(&ports, text).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Permanent);
        assert!(error.message.contains(said), "{}", error.message);
    }
}
