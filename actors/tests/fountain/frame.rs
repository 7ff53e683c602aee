//! What stands around the story: boneyard, notes, title page, line ends, limits, JSON.

use hydra_actors::fountain::{Screenplay, TEXT_BYTES_MAX, check_size, parse};

use super::pieces::{check, kind, messages};

#[test]
fn boneyard_stands_anywhere_and_text_behind_it_survives() {
    check("Hello /* a */world.", &["action: Hello world.", "boneyard: a"]);
    check(
        "/* cut\n\nINT. X\n\n*/ And back.\nMore.",
        &["boneyard: cut\n\nINT. X", "action: And back.\nMore."],
    );
    check("He waves /* cut\n\nx */and goes.", &["action: He waves and goes.", "boneyard: cut\n\nx"]);
    check("JO\nHi /* a */there.", &["character: JO", "dialogue: Hi there.", "boneyard: a"]);
    check("CUT TO:\n/*\nx\n*/\nEXT. P", &["transition: CUT TO:", "boneyard: x", "scene_heading: EXT. P"]);
    check("/* a /* b */ c */", &["boneyard: a /* b", "action: c */"]);
    check("/*/ a */b", &["boneyard: / a", "action: b"]);
}

#[test]
fn what_is_not_closed_is_shown_with_a_warning() {
    check("Hi /* there.\n\nHo.", &["action: Hi /* there.", "action: Ho."]);
    check("Hi [[ there.", &["action: Hi [[ there."]);
    check("[[a\n\nb]]", &["action: [[a", "action: b]]"]);
    assert_eq!(messages("Hi\n /* there."), ["2:2 `/*` is never closed and shown as text: add `*/`"]);
    assert_eq!(messages("Hi\né [[ there."), ["2:3 `[[` is never closed and shown as text: add `]]`"]);
    assert!(messages("[[a\n\nb]]")[0].starts_with("1:1 `[[` is not closed before an empty line"));
}

#[test]
fn notes_stand_anywhere_and_two_spaces_keep_them_together() {
    check("JACK[[name?]]. They drink.", &["action: JACK. They drink.", "note: name?"]);
    check(
        "Pause.[[work.\nCoffee.\n  \nYes.]] He looks.",
        &["action: Pause. He looks.", "note: work.\nCoffee.\n  \nYes."],
    );
    check("[[check ref] ok]]", &["note: check ref] ok"]);
    check("JO\nHi.\n[[a\n  \nb]]\nHo.", &["character: JO", "dialogue: Hi.\nHo.", "note: a\n  \nb"]);
    check("JO\n[[n]]\nHi.", &["character: JO", "note: n", "dialogue: Hi."]);
    check("[[ /* ]] x */", &["note: /*", "action: x */"]);
    check("[[n]]\nINT. X\n[[m]]\nHi.", &["note: n", "scene_heading: INT. X", "note: m", "action: Hi."]);
}

#[test]
fn the_title_page_has_values_on_and_below_the_key() {
    let text =
        "Title:\n    _**BRICK**_\n\tTWO: A TALE\nCredit: Written by: me\nDraft date: 1/2/2012\n\nINT. X\n";
    let screenplay = parse(text);
    let fields: Vec<_> = screenplay
        .title_page
        .iter()
        .map(|field| (field.key.as_str(), field.values.join("|"), field.line))
        .collect();
    assert_eq!(
        fields,
        [
            ("Title", "_**BRICK**_|TWO: A TALE".to_owned(), 1),
            ("Credit", "Written by: me".to_owned(), 4),
            ("Draft date", "1/2/2012".to_owned(), 5)
        ]
    );
    assert_eq!(screenplay.elements.len(), 1);
}

#[test]
fn a_first_line_with_a_colon_is_not_always_a_title_page() {
    let keys = |text: &str| parse(text).title_page.len();
    for body in [
        "int. house - 3:00 pm\n\nHi.",
        "FADE IN:\n\nINT. X\n\n",
        "CUT TO:\n\nHi.",
        "He opens the card, slowly: nothing.\n",
        "\tNotes: x\n",
        "\nMood: x\n",
        ">CUT TO:\n",
        "= a: b",
    ] {
        assert_eq!(keys(body), 0, "{body:?}");
    }
    for title in [
        "Mood: x",
        "Draft date: 6/23/2012",
        "\n\nTitle: X\n",
        "[[n]]\nTitle: X",
        "SERIES MOOD: X",
        "TITLE:\n   X",
    ] {
        assert_eq!(keys(title), 1, "{title:?}");
    }
    assert_eq!(keys("Title: X\nJust text.\n"), 1);
    check("Title: X\nINT. A\n\nHi.", &["scene_heading: INT. A", "action: Hi."]);
}

#[test]
fn line_ends_and_byte_order_marks_make_no_difference() {
    let text = "Title: X\n\nINT. A\n\nJO\nHi.\n  \nHo. [[a\nb]]\n\nCUT TO:\n";
    let expected = parse(text);
    for other in [text.replace('\n', "\r\n"), format!("\u{feff}{text}"), text.replace('\n', "\r")] {
        let parsed = parse(&other);
        let places = |screenplay: &Screenplay| -> Vec<(String, u32, u32)> {
            screenplay.elements.iter().map(|element| (kind(element), element.line, element.column)).collect()
        };
        assert_eq!(places(&parsed), places(&expected));
        assert_eq!(parsed.elements[2].text, "Hi.\n\nHo. ".trim_end());
    }
}

#[test]
fn elements_serialise_with_kind_text_line_and_column() {
    let json = serde_json::to_value(parse("\n  é STEEL\n\nÉ (V.O.)\nHi [[n]].").elements).expect("JSON");
    let expected = serde_json::json!([
        {"kind": "action", "text": "  é STEEL", "line": 2, "column": 3, "blank_lines_before": 1, "source": {"start": 3, "end": 11}},
        {"kind": "character", "name": "É", "extensions": ["V.O."], "dual": null, "text": "É (V.O.)", "line": 4, "column": 1,
         "blank_lines_before": 1, "source": {"start": 13, "end": 22}},
        {"kind": "dialogue", "text": "Hi .", "line": 5, "column": 1, "blank_lines_before": 0, "source": {"start": 23, "end": 32}},
        {"kind": "note", "text": "n", "line": 5, "column": 4, "blank_lines_before": 0, "source": {"start": 26, "end": 31}},
    ]);
    assert_eq!(json, expected);
}

#[test]
fn a_text_over_the_limit_is_refused_with_its_size() {
    assert_eq!(check_size(&"a".repeat(TEXT_BYTES_MAX)), Ok(()));
    let error = check_size(&"a".repeat(TEXT_BYTES_MAX + 1)).expect_err("too large");
    assert!(error.to_string().starts_with("the screenplay has 2097153 bytes, at most 2097152 are read"));
}
