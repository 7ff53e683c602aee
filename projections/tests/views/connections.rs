//! What is connected with what in the story, whichever store says so.

use std::collections::BTreeSet;

use hydra_projections::Views;
use hydra_projections::rows::{Connections, EdgeRow};
use serde_json::json;

use super::story::{CHAPTER, KEEPER, SCENE, blob};

const SPEAKER: &str = "character-keeper";

fn kinds(found: &Connections) -> Vec<&str> {
    found.edges.iter().map(|edge| edge.kind.as_str()).collect()
}

/// Neighbours, paths and origins are those of the story.
pub async fn are_those_of_the_story(views: &Views) {
    neighbours_come_by_key(views).await;
    the_shortest_path_goes_through_the_story(views).await;
    a_picture_is_traced_to_everything_it_came_from(views).await;
    what_is_not_there_is_connected_with_nothing(views).await;
}

async fn neighbours_come_by_key(views: &Views) {
    let found = views.neighbours(SCENE).await.unwrap();
    assert_eq!(kinds(&found), ["has_scene", "specified_by", "wants", "wants", "wants", "written_as"]);
    let chapter = found.nodes.iter().find(|node| node.id == CHAPTER).unwrap();
    assert_eq!(chapter.kind.as_deref(), Some("chapter"));
    assert_eq!((chapter.label.as_deref(), chapter.state.as_deref()), (Some("Light"), Some("completed")));
    let wanted = found.edges.iter().find(|edge| edge.target == KEEPER).unwrap();
    assert_eq!((wanted.weight, wanted.details.clone()), (1, Some(json!({ "place": 1 }))));
}

async fn the_shortest_path_goes_through_the_story(views: &Views) {
    let ends = |edge: &EdgeRow| (edge.source.clone(), edge.target.clone());
    let expected = [(KEEPER, SPEAKER), (SCENE, KEEPER), (CHAPTER, SCENE)];
    let expected = expected.map(|(source, target)| (source.to_owned(), target.to_owned()));
    let there = views.path(SPEAKER, CHAPTER).await.unwrap().unwrap();
    assert_eq!(there.edges.iter().map(ends).collect::<Vec<_>>(), expected);
    assert_eq!(there.nodes.len(), 4);
    let back = views.path(CHAPTER, SPEAKER).await.unwrap().unwrap();
    assert_eq!(back.edges.len(), 3);
    assert!(views.path(SCENE, SCENE).await.unwrap().unwrap().edges.is_empty());
    // They have the engine in common, and no more.
    assert!(views.path(SPEAKER, "engine-studio").await.unwrap().is_none());
}

async fn a_picture_is_traced_to_everything_it_came_from(views: &Views) {
    let found = views.provenance(KEEPER).await.unwrap();
    let all: BTreeSet<&str> = kinds(&found).into_iter().collect();
    let expected = [
        "after",
        "approved_as",
        "asked_in",
        "asked_with",
        "decided_by",
        "drawn_from",
        "judged_in",
        "made_by",
        "made_in",
        "measured",
        "prompted_by",
        "ran_model",
        "recalls",
        "rendered_as",
        "seeded_with",
        "shows",
        "tried_in",
    ];
    assert_eq!(all, BTreeSet::from(expected));
    assert_eq!(found.edges[0].source, KEEPER, "the nearest come first");
    let person = found.nodes.iter().find(|node| node.kind.as_deref() == Some("person")).unwrap();
    assert_eq!(person.id, "person-Ada");
    let recalled: Vec<_> =
        found.edges.iter().filter(|edge| edge.kind == "recalls").map(|edge| edge.target.clone()).collect();
    assert_eq!(recalled, [format!("blob-{}", blob("facts")), "image-day_keeper".to_owned()]);
    let score = found.nodes.iter().find(|node| node.kind.as_deref() == Some("score")).unwrap();
    assert_eq!(score.label.as_deref(), Some("aesthetic 5.25"));
}

async fn what_is_not_there_is_connected_with_nothing(views: &Views) {
    assert!(views.neighbours("scene-none").await.unwrap().edges.is_empty());
    assert!(views.provenance("image-none").await.unwrap().edges.is_empty());
    assert!(views.path(SCENE, "scene-none").await.unwrap().is_none());
    assert!(views.path("scene-none", "scene-none").await.unwrap().is_none());
}
