//! Passages of documents.

use hydra_events::record::Visibility;
use hydra_events::vocabulary::embedding::EmbeddingEvent;
use hydra_events::vocabulary::knowledge::{KnowledgeEvent, Passage};
use hydra_projections::Among;

use super::story::{blob, name};
use super::{Teller, found, like, names, text, told};

#[tokio::test]
async fn a_passage_is_found_with_its_place_in_its_document_until_it_is_dropped() {
    let passage = |name_of: &str| Passage { name: name(name_of), content: blob(name_of) };
    let split = |ordinal, passages: &[&str], dropped: &[&str]| KnowledgeEvent::DocumentSplit {
        splitter: "markdown-1".into(),
        passages: passages.iter().map(|name| passage(name)).collect(),
        dropped: dropped.iter().map(|dropped| name(dropped)).collect(),
        ordinal,
    };
    let mut teller = Teller::default();
    let tell = |teller: &mut Teller, event: &KnowledgeEvent| {
        teller.tell("knowledge-island", event, "household", Visibility::Household);
    };
    let kept = KnowledgeEvent::DocumentKept { title: "Island".into(), text: blob("island"), ordinal: 1 };
    tell(&mut teller, &kept);
    tell(&mut teller, &split(1, &["passage-a", "passage-b"], &[]));
    teller.embedded(&text("passage-b", [1.0, 0.0]));
    teller.embedded(&text("passage-a", [0.0, 1.0]));
    tell(&mut teller, &split(2, &["passage-b"], &["passage-a"]));
    let withdrawn = EmbeddingEvent::EmbeddingWithdrawn { source: name("passage-a") };
    teller.tell("embedding-passage_a", &withdrawn, "household", Visibility::Household);
    let place = told(teller).await;
    let passages = found(&place, like([1.0, 1.0], Among::Knowledge)).await;
    assert_eq!(names(&passages), ["passage-b"]);
    let row = place.views.remembered(&name("passage-b")).await.unwrap().unwrap();
    assert_eq!(
        (row.document.as_deref(), row.splitter.as_deref(), row.place),
        (Some("island"), Some("markdown-1"), Some(1))
    );
    let documents = place.views.documents().await.unwrap();
    assert_eq!((documents[0].id.as_str(), documents[0].passages), ("island", 1));
}
