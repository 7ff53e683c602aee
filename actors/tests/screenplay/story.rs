//! What a chapter understands: scenes, lines, names, expressions, and what it warns of.

use hydra_actors::fountain::{Severity, Side, parse};
use hydra_actors::screenplay::{
    BOX_CHARS_MAX, Beat, Expression, Interior, Presence, Script, TimeOfDay, VOCABULARY, understand,
};

fn script(text: &str) -> Script {
    understand(&parse(text), "night_watch")
}

/// What happens, one line per beat.
fn told(text: &str) -> Vec<String> {
    let scenes = script(text).scenes;
    scenes.iter().flat_map(|scene| scene.beats.iter().map(tell)).collect()
}

fn tell(beat: &Beat) -> String {
    match beat {
        Beat::Narration { text, .. } => format!("narration: {text}"),
        Beat::Line { speaker, spoken, expression, directions, .. } => {
            format!("{speaker} {expression:?} {directions:?}: {spoken}")
        }
        Beat::Pause { .. } => "pause".to_owned(),
        Beat::Transition { text, .. } => format!("transition: {text}"),
        Beat::Centered { text, .. } => format!("centered: {text}"),
        Beat::Lyrics { speaker, spoken, .. } => format!("lyrics {speaker:?}: {spoken}"),
    }
}

fn messages(text: &str, severity: Severity) -> Vec<String> {
    let problems = script(text).problems.into_iter().filter(|problem| problem.severity == severity);
    problems.map(|problem| format!("{}:{} {}", problem.line, problem.column, problem.message)).collect()
}

fn has(messages: &[String], start: &str) -> bool {
    messages.iter().any(|message| message.starts_with(start))
}

#[test]
fn the_title_is_written_or_taken_from_the_file() {
    assert_eq!(script("Title:\n   _The *Light*_\n   House\n\nINT. A\n").title, "The Light House");
    assert_eq!(script("INT. A\n").title, "Night watch");
    assert_eq!(understand(&parse("INT. A\n"), "").title, "Untitled");
}

#[test]
fn headings_tell_place_time_and_side_of_the_door() {
    use {Interior as I, TimeOfDay as T};
    for (heading, place, interior, time) in [
        ("INT. LAMP ROOM - NIGHT", "LAMP ROOM", I::Interior, T::Night),
        ("EXT. HARBOUR - LATE AFTERNOON", "HARBOUR", I::Exterior, T::Day),
        ("EST. ISLAND – SUNRISE", "ISLAND", I::Exterior, T::Dawn),
        ("INT./EXT. CAR -- DUSK", "CAR", I::Both, T::Dusk),
        ("EXT./INT. CAR - DAY", "CAR", I::Both, T::Day),
        ("I/E CAR", "CAR", I::Both, T::Unspecified),
        ("INT. HOUSE - KITCHEN - DAY - FLASHBACK", "HOUSE - KITCHEN", I::Interior, T::Day),
        ("INT. HOUSE - KITCHEN", "HOUSE - KITCHEN", I::Interior, T::Unspecified),
        ("INT. HOUSE - LATER", "HOUSE", I::Interior, T::Unspecified),
        ("INT. PUB, NIGHT", "PUB", I::Interior, T::Night),
        ("EXT. JEAN-LUC'S SHOP - DAWN #4#", "JEAN-LUC'S SHOP", I::Exterior, T::Dawn),
        (".THE DREAM", "THE DREAM", I::Unspecified, T::Unspecified),
    ] {
        let scene = &script(&format!("{heading}\n\nHi.\n")).scenes[0];
        assert_eq!(
            (scene.place.as_str(), scene.interior, scene.time_of_day),
            (place, interior, time),
            "{heading}"
        );
    }
    let scenes = script("INT. A - DUSK\n\nHi.\n\nINT. B - CONTINUOUS\n\nHo.\n").scenes;
    assert_eq!(scenes[1].time_of_day, TimeOfDay::Dusk);
    assert_eq!((scenes[1].number, scenes[1].line, scenes[1].place.as_str()), (2, 5, "B"));
}

#[test]
fn what_only_the_writer_sees_never_reaches_the_player() {
    let text = "INT. A\n\n# Act\n\n= Why.\n\n[[note]] /* bone */\n\n===\n\nShe waits[[?]].\n\nJO\nHi.\n= really\nHo.\n";
    assert_eq!(told(text), ["narration: She waits.", "jo Neutral []: Hi.", "jo Neutral []: Ho."]);
}

#[test]
fn the_same_character_has_many_cues() {
    let text = "INT. A\n\nJO\n_Hi_ \\*.\n\nJO (V.O.)\nHo.\n\n@Jo (O.S.) (CONT'D)\nHe.\n\nJO (O.C.)\nHa.\n";
    let script = script(text);
    let presences: Vec<Presence> = script.scenes[0]
        .beats
        .iter()
        .filter_map(|beat| if let Beat::Line { presence, .. } = beat { Some(*presence) } else { None })
        .collect();
    use Presence::{OffScreen, OnScreen, VoiceOver};
    assert_eq!(presences, [OnScreen, VoiceOver, OffScreen, OffScreen]);
    assert_eq!(script.cast.len(), 1);
    let jo = &script.cast[0];
    assert_eq!((jo.id.as_str(), jo.name.as_str(), jo.lines), ("jo", "JO", 4));
    assert_eq!(jo.aliases_seen, ["Jo"]);
    let Beat::Line { text, spoken, .. } = &script.scenes[0].beats[0] else { panic!("a line") };
    assert_eq!((text.as_str(), spoken.as_str()), ("_Hi_ \\*.", "Hi *."));
    assert_eq!(script.problems, []);
}

#[test]
fn names_that_share_an_id_are_told() {
    let found = messages("INT. A\n\nJOSÉ\nHi.\n\nJOSE\nHo.\n", Severity::Info);
    assert!(has(&found, "6:1 `JOSE` and `JOSÉ` are taken for one character, `jose`"), "{found:?}");
}

#[test]
fn parentheticals_set_expressions_pauses_and_directions() {
    let text = "INT. A\n\nJO (angrily)\nOne.\n(sadly, to Mary)\nTwo.\nstill two\n(beat)\nThree.\n(a long pause; not happy)\nFour.\n";
    assert_eq!(
        told(text),
        [
            "jo Angry []: One.",
            "jo Sad [\"to Mary\"]: Two. still two",
            "pause",
            "jo Sad []: Three.",
            "pause",
            "jo Sad [\"not happy\"]: Four."
        ]
    );
}

#[test]
fn the_vocabulary_is_read_by_words_and_stems() {
    use Expression as E;
    for (direction, expected) in [
        ("smiling", E::Happy),
        ("a bit unhappy", E::Sad),
        ("on the verge of tears", E::Sad),
        ("through gritted teeth", E::Angry),
        ("*shaking*", E::Afraid),
        ("Wide-eyed", E::Surprised),
        ("softly", E::Tender),
        ("with a sigh", E::Neutral),
        ("sighs", E::Tired),
        ("firm", E::Determined),
        ("LAUGHING", E::Amused),
        ("matter-of-factly", E::Neutral),
        ("to her sad brother", E::Neutral),
        ("looking at the sad old dog there", E::Neutral),
    ] {
        let beats = &script(&format!("INT. A\n\nJO\n({direction})\nHi.\n")).scenes[0].beats;
        let Beat::Line { expression, .. } = &beats[0] else { panic!("a line") };
        assert_eq!(*expression, expected, "{direction}");
    }
}

#[test]
fn every_listed_word_means_its_expression_and_stands_once() {
    let mut seen = std::collections::BTreeSet::new();
    assert_eq!(VOCABULARY.len(), 10);
    for (expected, words) in VOCABULARY {
        for word in words {
            assert!(seen.insert(word), "{word} is listed twice");
            let beats = &script(&format!("INT. A\n\nJO\n({})\nHi.\n", word.replace('*', ""))).scenes[0].beats;
            let Beat::Line { expression, directions, .. } = &beats[0] else { panic!("a line") };
            assert_eq!((*expression, directions.len()), (expected, 0), "{word}");
        }
    }
}

#[test]
fn an_unknown_direction_is_kept_and_listed_once() {
    let text = "INT. A\n\nJO\n(juggling)\nHi.\n(Juggling)\nHo.\n(to Mary)\nHa.\n";
    assert_eq!(told(text)[0], "jo Neutral [\"juggling\"]: Hi.");
    let found = messages(text, Severity::Info);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(has(
        &found,
        "4:1 unknown direction `juggling` is kept as a direction; known are neutral, happy, sad"
    ));
}

#[test]
fn a_direction_without_a_line_is_told() {
    let found = messages("INT. A\n\nJO\nHi.\n(to Mary)\n\nShe goes.\n\nJO\nHo.\n", Severity::Warning);
    assert!(has(&found, "5:1 no line of `JO` follows the direction `to Mary`"), "{found:?}");
}

#[test]
fn two_may_speak_at_once_and_sing() {
    let beats = &script("INT. A\n\nJO\nHi.\n~La\n~Lo\n\nMARY ^\nHo.\n\n~Free\n").scenes[0].beats;
    let sides: Vec<Option<Side>> = beats
        .iter()
        .filter_map(|beat| if let Beat::Line { dual, .. } = beat { Some(*dual) } else { None })
        .collect();
    assert_eq!(sides, [Some(Side::Left), Some(Side::Right)]);
    assert_eq!(tell(&beats[1]), "lyrics Some(\"jo\"): La Lo");
    assert_eq!(tell(&beats[3]), "lyrics None: Free");
}

#[test]
fn transitions_by_custom_and_title_cards_belong_to_the_first_scene() {
    let text = "\nFADE IN:\n\n>A Tale<\n\nINT. A\n\nHi.\n\nFADE OUT.\n";
    assert_eq!(
        told(text),
        ["transition: FADE IN:", "centered: A Tale", "narration: Hi.", "transition: FADE OUT."]
    );
    assert_eq!(script(text).scenes.len(), 1);
    assert_eq!(script(text).problems, []);
}

#[test]
fn text_before_the_first_heading_is_a_scene_of_its_own() {
    let text = "\nLong ago.\n\n.OPENING\n\nHi.\n";
    let scenes = script(text).scenes;
    let ids: Vec<&str> = scenes.iter().map(|scene| scene.id.as_str()).collect();
    assert_eq!(ids, ["opening", "opening_2"]);
    assert!(has(&messages(text, Severity::Info), "2:1 text before the first heading makes a scene"));
}

#[test]
fn narration_is_split_at_sentences_and_never_inside_a_word() {
    let sentence =
        "The lamp of Mr. Gray turns _over the *dark* water_, slowly, and nobody is there to see it. ";
    let boxes = told(&format!("INT. A\n\n{}\n", sentence.repeat(5)));
    assert_eq!(boxes.len(), 3, "{boxes:#?}");
    for text in &boxes {
        assert!(text.ends_with("see it."), "{text}");
        assert!(text.contains("_over the *dark* water_"), "{text}");
    }
    let long = "x".repeat(400);
    assert_eq!(
        told(&format!("INT. A\n\na {long} b\n")),
        ["narration: a", &format!("narration: {long}"), "narration: b"]
    );
    let clauses = format!("{}, {} end", "word ".repeat(30).trim(), "word ".repeat(30).trim());
    assert!(told(&format!("INT. A\n\n{clauses}\n"))[0].ends_with("word,"));
}

#[test]
fn emphasis_that_is_cut_goes_on_in_the_next_box() {
    let text = format!("INT. A\n\n**{}end**\n", "word ".repeat(90));
    let boxes = told(&text);
    assert_eq!(boxes.len(), 2);
    for text in boxes {
        let shown = text.strip_prefix("narration: ").expect("narration");
        assert!(
            shown.starts_with("**") && shown.ends_with("**") && shown.len() <= BOX_CHARS_MAX + 4,
            "{shown}"
        );
    }
}
