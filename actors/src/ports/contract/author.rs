//! What an author promises: lines of those who are there. Whether they may be shown, the Writer checks.

use super::Outcome;
use crate::ports::{Author, SilentScene};

const KEY: &str = "scene-contract/write-1";
/// As many as the Writer takes for one scene.
const LINES_MAX: usize = 24;
const HEADING: &str = "INT. LAMP ROOM - NIGHT";

fn scene(names: &[&str]) -> SilentScene {
    let speakers = names.iter().map(|name| (name.to_lowercase().replace(' ', "_"), (*name).to_owned()));
    SilentScene { heading: HEADING.to_owned(), speakers: speakers.collect(), ..SilentScene::default() }
}

/// A repeated effect leads to the same script.
pub async fn the_same_scene_gets_the_same_lines<A: Author>(author: &A) -> Outcome {
    let scene = scene(&["Nell", "Old Keeper"]);
    let first = author.fill(&scene, KEY).await?;
    assert_eq!(first, author.fill(&scene, KEY).await?);
    Ok(())
}

/// Nobody is made up.
pub async fn only_those_who_are_there_speak<A: Author>(author: &A) -> Outcome {
    for scene in [scene(&["Nell"]), scene(&["Nell", "Old Keeper", "Ines"])] {
        for (speaker, _) in author.fill(&scene, KEY).await? {
            let known = scene.speakers.iter().any(|(id, name)| *id == speaker || *name == speaker);
            assert!(known, "{speaker} is none of {:?}", scene.speakers);
        }
    }
    Ok(())
}

/// At least one, so that the scene is no longer silent.
pub async fn every_line_has_words_and_there_are_not_too_many<A: Author>(author: &A) -> Outcome {
    let many: Vec<String> = (0..40).map(|number| format!("Guest {number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for scene in [scene(&["Nell"]), scene(&many)] {
        let lines = author.fill(&scene, KEY).await?;
        assert!((1..=LINES_MAX).contains(&lines.len()), "{} lines", lines.len());
        let spoken = |words: &str| words.chars().any(char::is_alphanumeric);
        assert!(lines.iter().all(|(_, words)| spoken(words)), "{lines:?}");
    }
    Ok(())
}
