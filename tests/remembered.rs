//! What a chapter says is embedded once, and found again by what is like it.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "support/workshop.rs"]
mod workshop;

use std::sync::Arc;

use hydra_actors::ports::Embedder;
use hydra_connectors::adapters::StudioEmbedder;
use hydra_events::EventLog;
use hydra_events::clock::SystemClock;
use hydra_events::log::SqliteLog;
use hydra_projections::{Among, Only, Similar, Stores, Views};

use workshop::{TINY, Workshop};

const PRODUCE: [&str; 3] = ["produce", "play.fountain", "--json"];
const CAST: &str = "characters:\n  Anna: { looks: { traits: [grey beard], clothing: a blue coat } }\n  Ben: {}\n  Clara: {}\n";

async fn views(workshop: &Workshop) -> Views {
    let url = format!("sqlite:{}", workshop.path("data/log.db").display());
    let log: Arc<dyn EventLog> = Arc::new(SqliteLog::open(&url, Arc::new(SystemClock)).unwrap());
    let stores = Stores::embedded(&workshop.path("data/views.db")).unwrap();
    hydra_projections::caught_up(log, stores).await.unwrap()
}

async fn like(views: &Views, text: &str, among: Among, only: Only) -> Vec<String> {
    let vector = StudioEmbedder.embed(&[text.to_owned()], "test").await.unwrap().remove(0);
    let asked = Similar { among, vector, model: StudioEmbedder.model().name, only, limit: 3 };
    let (_, found) = views.similar(asked).await.unwrap();
    found.into_iter().map(|near| near.row.id.to_string()).collect()
}

fn embedded(workshop: &Workshop) -> usize {
    workshop.done(&["events", "tail", "embedding.*.text_embedded", "--json"]).out.lines().count()
}

#[tokio::test]
async fn what_a_chapter_says_is_embedded_once_and_found_again() {
    let workshop = Workshop::with(TINY);
    workshop.write("play.characters.yaml", CAST);
    workshop.done(&PRODUCE);
    // Three characters, eight pictures, eight lines.
    assert_eq!(embedded(&workshop), 19);
    workshop.done(&PRODUCE);
    for view in ["long_term", "short_term"] {
        workshop.done(&["rebuild", view]);
    }
    workshop.done(&["replay", "chapter-play"]);
    assert_eq!(embedded(&workshop), 19);

    let views = views(&workshop).await;
    let soup = like(&views, "hot soup", Among::Dialogue, Only::default()).await;
    let row = views.remembered(&soup[0].parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((row.character.as_str(), row.chapter.as_str(), row.owner.is_empty()), ("anna", "play", false));
    let of_ben = Only { character: Some("ben".into()), ..Only::default() };
    let said_by_ben = like(&views, "hot soup", Among::Dialogue, of_ben).await;
    assert!(said_by_ben.len() == 3 && !said_by_ben.contains(&soup[0]), "{said_by_ben:?}");
    let garden = like(&views, "a garden at night", Among::Images, Only::default()).await;
    assert!(garden[0].contains("garden_night"), "{garden:?}");
    let keeper = like(&views, "blue coat and a beard", Among::Characters, Only::default()).await;
    assert_eq!(keeper[0], "character-anna");
}
