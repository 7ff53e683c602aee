//! The syntax, rule by rule: a piece of text, and what it consists of.

use hydra_actors::fountain::{Kind, Side, parse};

use super::pieces::{check, check_alone, messages};

#[test]
fn headings_have_a_listed_prefix_and_a_dot_or_space_in_any_case() {
    for heading in [
        "INT. HOUSE - DAY",
        "INT HOUSE",
        "EXT. X",
        "ext. brick's pool - day",
        "EST. X",
        "INT./EXT. CAR",
        "INT./EXT CAR",
        "INT/EXT CAR",
        "I/E CAR",
        "i/e. car",
        "EXT./INT. CAR",
    ] {
        check(&format!("{heading}\n\nHi."), &[&format!("scene_heading: {heading}"), "action: Hi."]);
        check(&format!("  {heading}  "), &[&format!("scene_heading: {heading}")]);
    }
    for action in ["INTERNAL AFFAIRS INVESTIGATES.", "INT", "Exterior lights.", "INTO THE NIGHT", "I/EX CAR"]
    {
        check_alone(action, &[&format!("action: {action}")]);
    }
}

#[test]
fn a_heading_without_an_empty_line_around_it_is_shown_with_a_warning() {
    check("Hi.\nINT. HOUSE\n\nHo.", &["action: Hi.\nINT. HOUSE", "action: Ho."]);
    check("INT. HOUSE\nHo.", &["action: INT. HOUSE\nHo."]);
    assert!(
        messages("Hi.\n  INT. HOUSE\n\nHo.")[0]
            .starts_with("2:3 this begins like a scene heading, but no empty line stands before")
    );
    assert!(
        messages("INT. HOUSE\nHo.")[0]
            .starts_with("1:1 this begins like a scene heading, but no empty line stands behind")
    );
    assert!(messages("JO\nHi.\nEXT. HARBOUR\n\n")[0].starts_with("3:1 "));
    assert_eq!(messages("Hi.\nEst ce que oui.\n.38 pistol\n"), [""; 0]);
}

#[test]
fn a_line_that_begins_like_a_heading_is_never_a_speaker() {
    check("EXT HARBOUR - DAY\nThe sea.", &["action: EXT HARBOUR - DAY\nThe sea."]);
    check(".SNIPER SCOPE\nThe sea.", &["action: .SNIPER SCOPE\nThe sea."]);
    assert_eq!(messages("EXT HARBOUR - DAY\nThe sea.").len(), 1);
    assert_eq!(messages(".SNIPER SCOPE\nThe sea.").len(), 1);
}

#[test]
fn one_period_before_a_letter_or_digit_forces_a_heading() {
    check_alone(".SNIPER SCOPE POV", &["scene_heading: SNIPER SCOPE POV"]);
    check_alone(".1999", &["scene_heading: 1999"]);
    check_alone(".Église", &["scene_heading: Église"]);
    check_alone("...where it began", &["action: ...where it began"]);
    check_alone(". no", &["action: . no"]);
    check_alone(
        ".38 pistol at Colonel. She picks up\nthe phone.",
        &["action: .38 pistol at Colonel. She picks up\nthe phone."],
    );
    check_alone("!INT. HOUSE", &["action: INT. HOUSE"]);
}

#[test]
fn a_scene_number_has_letters_digits_dashes_and_periods() {
    let number = |text: &str| {
        let heading = parse(text).elements.remove(0);
        let Kind::SceneHeading { scene_number } = heading.kind else { panic!("{heading:?}") };
        (heading.text, scene_number)
    };
    for valid in ["1", "1A", "1a", "A1", "I-1-A", "1.", "110A"] {
        let expected = ("INT. HOUSE - DAY (1944)".to_owned(), Some(valid.to_owned()));
        assert_eq!(number(&format!("INT. HOUSE - DAY (1944) #{valid}#")), expected);
    }
    for invalid in ["INT. X #$%&#", "INT. X #1 A#", "INT. X ##", "INT. X #1"] {
        assert_eq!(number(invalid), (invalid.to_owned(), None));
    }
    assert_eq!(number(".A #2#"), ("A".to_owned(), Some("2".to_owned())));
}

#[test]
fn a_name_is_uppercase_with_a_letter_and_text_on_the_next_line() {
    for name in [
        "STEEL",
        "R2D2",
        "MR. SMITH",
        "O'BRIEN",
        "JEAN-CLAUDE",
        "DEALER #2",
        "23 SKIDOO",
        "ÉLODIE",
        "SCANNING...",
        "JO:",
    ] {
        check_alone(&format!("{name}\nHi."), &[&format!("character: {name}"), "dialogue: Hi."]);
        check_alone(&format!("\t\t{name}  \n\tHi."), &[&format!("character: {name}"), "dialogue: Hi."]);
    }
    for action in ["23", "Steel", "(LAUGHING)", "你好", "..."] {
        check_alone(&format!("{action}\nHi."), &[&format!("action: {action}\nHi.")]);
    }
    check_alone("STEEL", &["action: STEEL"]);
    check_alone("STEEL\n\nHi.", &["action: STEEL", "action: Hi."]);
    check_alone("STEEL\n  \nHi.", &["action: STEEL", "action: Hi."]);
    check_alone("Hi.\nSTEEL\nHo.", &["action: Hi.\nSTEEL\nHo."]);
    check_alone("STEEL\n!He leaves.", &["action: STEEL\nHe leaves."]);
}

fn cue(text: &str) -> (String, Vec<String>, Option<Side>) {
    let found = parse(text).elements.into_iter().rev().find_map(|element| {
        if let Kind::Character { name, extensions, dual } = element.kind {
            Some((name, extensions, dual))
        } else {
            None
        }
    });
    found.unwrap_or_default()
}

#[test]
fn force_extension_and_caret_combine() {
    let expected = ("McClane".to_owned(), vec!["O.S.".to_owned()], Some(Side::Right));
    for line in ["@McClane (O.S.) ^", "@McClane (O.S.)^", " @McClane(O.S.)   ^ "] {
        assert_eq!(cue(&format!("JO\nHi.\n\n{line}\nHo.")), expected);
    }
    assert_eq!(cue("HANS (on the radio)\nHi."), ("HANS".into(), vec!["on the radio".into()], None));
    assert_eq!(cue("MOM (O. S.) (cont'd)\nHi."), ("MOM".into(), vec!["O. S.".into(), "cont'd".into()], None));
    assert_eq!(cue("@你好\nHi.").0, "你好");
    check_alone("@McCLANE (V.O.) \nHi.", &["character: McCLANE (V.O.)", "dialogue: Hi."]);
}

#[test]
fn a_forced_name_without_dialogue_is_action_with_a_warning() {
    check_alone("@McClane\n\nHi.", &["action: @McClane", "action: Hi."]);
    check_alone("Mail me\n@home.", &["action: Mail me\n@home."]);
    assert!(messages("@McClane\n\nHi.")[0].starts_with("1:1 the name is forced"));
}

#[test]
fn a_caret_pairs_two_speakers() {
    let sides = |text: &str| -> Vec<Option<Side>> {
        let cues = parse(text).elements.into_iter();
        cues.filter_map(
            |element| {
                if let Kind::Character { dual, .. } = element.kind { Some(dual) } else { None }
            },
        )
        .collect()
    };
    let pair = "BRICK\n(dry)\nScrew it.\n\n[[both]]\n\nSTEEL ^\nScrew it.\n";
    assert_eq!(sides(pair), [Some(Side::Left), Some(Side::Right)]);
    assert_eq!(messages(pair), [""; 0]);
    let lonely = "BRICK\nScrew it.\n\nA pause.\n\nSTEEL ^\nScrew it.\n";
    assert_eq!(sides(lonely), [None, Some(Side::Right)]);
    assert!(messages(lonely)[0].starts_with("6:1 `^` makes this the second"));
}

#[test]
fn dialogue_ends_at_an_empty_line_unless_it_holds_two_spaces() {
    check("JO\nOne.\n  \nTwo.\n\nThree.", &["character: JO", "dialogue: One.\n\nTwo.", "action: Three."]);
    check("JO\nOne.\n \nTwo.", &["character: JO", "dialogue: One.", "action: Two."]);
    check("JO\nOne.\n   \n\nTwo.", &["character: JO", "dialogue: One.", "action: Two."]);
    check("JO\nI SAID NO\nMARY\nHi.", &["character: JO", "dialogue: I SAID NO\nMARY\nHi."]);
    check("JO\nCUT TO:\n@you\n#1 of all\n=)", &["character: JO", "dialogue: CUT TO:\n@you\n#1 of all\n=)"]);
}

#[test]
fn parentheticals_recur_and_stand_only_inside_dialogue() {
    check(
        "JO\n(low)\nHi.\n(beat)\n(up)\nHo.",
        &[
            "character: JO",
            "parenthetical: (low)",
            "dialogue: Hi.",
            "parenthetical: (beat)",
            "parenthetical: (up)",
            "dialogue: Ho.",
        ],
    );
    check_alone("(low)\nHi.", &["action: (low)\nHi."]);
    check("JO\n(a) and (b)\n()\n(open", &["character: JO", "dialogue: (a) and (b)\n()\n(open"]);
}

#[test]
fn marks_act_inside_dialogue_too() {
    check(
        "JO\nHi.\n~La la\n~Lo\nHo.",
        &["character: JO", "dialogue: Hi.", "lyrics: La la\nLo", "dialogue: Ho."],
    );
    check("JO\nHi.\n= why\nHo.", &["character: JO", "dialogue: Hi.", "synopsis: why", "dialogue: Ho."]);
    check("JO\nHi.\n!He goes.\nFar.", &["character: JO", "dialogue: Hi.", "action: He goes.\nFar."]);
    check("JO\nHi.\n# Act\nFar.", &["character: JO", "dialogue: Hi.", "section: Act", "action: Far."]);
    check("JO\nHi.\n>END<\nFar.", &["character: JO", "dialogue: Hi.", "centered: END", "action: Far."]);
}

#[test]
fn a_transition_is_uppercase_ends_in_to_and_stands_alone() {
    check_alone("CUT TO:", &["transition: CUT TO:"]);
    check_alone("    SMASH-CUT TO:", &["transition: SMASH-CUT TO:"]);
    check_alone("CUT TO: ", &["action: CUT TO: "]);
    check_alone("Cut to:", &["action: Cut to:"]);
    check_alone("FADE OUT.", &["action: FADE OUT."]);
    check_alone("FADE IN:", &["action: FADE IN:"]);
    check_alone("CUT TO:\nHi.", &["action: CUT TO:\nHi."]);
    check_alone("> Burn to White.", &["transition: Burn to White."]);
    check_alone("Hi.\n>FADE OUT.", &["action: Hi.", "transition: FADE OUT."]);
    check_alone(">", &["action: >"]);
    assert!(messages("Hi.\nCUT TO:\n\nHo.")[0].starts_with("2:1 this ends like a transition"));
}

#[test]
fn centred_text_stands_between_angles() {
    check_alone("> THE END <\n>**2**<", &["centered: THE END", "centered: **2**"]);
    check_alone(">a<b", &["transition: a<b"]);
}

#[test]
fn action_keeps_its_spaces_lines_and_empty_lines() {
    check_alone(
        "          Scott --\n\n\tJacob  Billups",
        &["action:           Scott --", "action:     Jacob  Billups"],
    );
    check_alone("!   SCANNING\nWhere?", &["action:    SCANNING\nWhere?"]);
    let elements = parse("One.\n\n\n \nTwo.").elements;
    assert_eq!(elements[1].blank_lines_before, 3);
}

#[test]
fn page_breaks_synopses_and_sections_are_told_apart() {
    check_alone("===", &["page_break: "]);
    check_alone(" ===== ", &["page_break: "]);
    check_alone("= He meets her.", &["synopsis: He meets her."]);
    check_alone("== two", &["synopsis: = two"]);
    check_alone("=== x", &["synopsis: == x"]);
    check_alone("#Act\n### Deep", &["section: Act", "section: Deep"]);
    assert_eq!(parse("### Deep").elements[0].kind, Kind::Section { depth: 3 });
}
