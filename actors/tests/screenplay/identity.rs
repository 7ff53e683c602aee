//! Ids: well formed, unique, and left alone by edits elsewhere.

use std::collections::BTreeSet;

use hydra_actors::fountain::parse;
use hydra_actors::screenplay::{Beat, ID_CHARS_MAX, Script, slug, understand};
use proptest::prelude::*;

fn script(text: &str) -> Script {
    understand(&parse(text), "x")
}

/// Every id of scenes and beats, in order.
fn ids(script: &Script) -> Vec<String> {
    let mut ids = Vec::new();
    for scene in &script.scenes {
        ids.push(scene.id.clone());
        for beat in &scene.beats {
            match beat {
                Beat::Narration { id, .. } | Beat::Line { id, .. } | Beat::Lyrics { id, .. } => {
                    ids.push(id.clone())
                }
                Beat::Pause { .. } | Beat::Transition { .. } | Beat::Centered { .. } => {}
            }
        }
    }
    ids
}

fn is_well_formed(id: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    (1..=ID_CHARS_MAX).contains(&id.len()) && id.chars().all(fits)
}

#[test]
fn slugs_are_ascii_and_keep_different_texts_apart() {
    for (text, expected) in [
        ("INT. LAMP ROOM - NIGHT", "int_lamp_room_night"),
        ("O'BRIEN", "obrien"),
        ("Élodie Strauß", "elodie_strauss"),
        ("E\u{301}LODIE", "elodie"),
        ("  R2-D2  ", "r2_d2"),
    ] {
        assert_eq!(slug(text), expected);
    }
    assert_ne!(slug("CAFÉ 東京"), slug("CAFÉ 大阪"));
    assert!(slug("CAFÉ 東京").starts_with("cafe_"));
    assert_eq!(slug("東京").len(), 17);
    assert_ne!(slug("!!!"), slug("???"));
    let long = "A VERY LONG HEADING ".repeat(9);
    assert_ne!(slug(&format!("{long}1")), slug(&format!("{long}2")));
    assert!(slug(&long).len() <= ID_CHARS_MAX - 5);
}

#[test]
fn a_scene_that_returns_is_counted() {
    let text = "INT. A - DAY\n\nHi.\n\nINT. A - DAY\n\nHi.\n\nINT. A - DAY 2\n\nHi.\n\nINT. A - DAY\n\nHi.\n";
    let scenes: Vec<String> = script(text).scenes.into_iter().map(|scene| scene.id).collect();
    assert_eq!(scenes, ["int_a_day", "int_a_day_2", "int_a_day_2_2", "int_a_day_3"]);
}

#[test]
fn lines_are_named_by_scene_speaker_words_and_occurrence() {
    let script = script("INT. A\n\nJO\nHi.\n\nJO\nHi.\n\nMARY\nHi.\n\nHi.\n");
    let all = ids(&script);
    let letters: String = all[1..].iter().filter_map(|id| id.chars().next()).collect();
    assert_eq!(letters, "llln");
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    assert!(all[1..].iter().all(|id| id.len() == 17));
    // The recipe is a promise to what was recorded earlier.
    let mut hasher = blake3::Hasher::new();
    for part in ["int_a", "jo", "Hi.", "2"] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    assert_eq!(all[2], format!("l{}", &hasher.finalize().to_hex()[..16]));
}

#[test]
fn editing_one_line_changes_only_its_id() {
    let text = "INT. A\n\nRain.\n\nJO\nOne.\n\nJO\nTwo.\n\nINT. B\n\nJO\nThree.\n";
    let before = ids(&script(text));
    let edits = [("One.", 2), ("Two.", 3), ("Three.", 5), ("Rain.", 1)];
    for (line, at) in edits {
        let after = ids(&script(&text.replace(line, "Edited.")));
        let changed: Vec<usize> = (0..before.len()).filter(|at| before[*at] != after[*at]).collect();
        assert_eq!(changed, [at], "after editing {line}");
    }
    let inserted = ids(&script(&text.replace("JO\nTwo.", "MARY\nNew.\n\nJO\nTwo.")));
    assert_eq!(inserted.iter().filter(|id| !before.contains(id)).count(), 1);
    let renumbered = text.replace("INT. B", "INT. NEW\n\nINT. B #7#");
    assert!(before.iter().all(|id| ids(&script(&renumbered)).contains(id)));
}

fn piece() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "INT. A\n\n",
        ".2\n\n",
        ".A 2\n\n",
        "JO\nHi.\n\n",
        "@jo\n(beat)\nHi.\n\n",
        "東 É\n\n",
        "@東\n(sad)\n~La\nHi.\n\n",
        "Hi.\n\n",
        ">X<\n",
        "CUT TO:\n\n",
        "(x)\n",
        "*a _b* c_ ",
        "[[",
        "/*",
        "]]",
        "*/",
        "  \n",
        "~La\n",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ids_are_unique_and_well_formed(pieces in prop::collection::vec(piece(), 0..30)) {
        let text = pieces.concat();
        let script = script(&text);
        let all = ids(&script);
        prop_assert!(all.iter().all(|id| is_well_formed(id)), "{all:?}");
        prop_assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        let cast: BTreeSet<&String> = script.cast.iter().map(|entry| &entry.id).collect();
        prop_assert_eq!(cast.len(), script.cast.len());
        prop_assert!(cast.iter().all(|id| is_well_formed(id)));
        prop_assert_eq!(understand(&parse(&text), "x"), script);
    }

    #[test]
    fn any_text_has_a_well_formed_slug(text in ".{0,80}") {
        prop_assert!(is_well_formed(&slug(&text)), "{}", slug(&text));
    }
}
