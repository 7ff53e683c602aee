//! Emphasis: which text is bold, italic or underlined, and what is spoken.

use hydra_actors::fountain::{emphasis, marked, plain};
use proptest::prelude::*;

/// Spans as `text/styles`, joined by `|`.
fn shown(text: &str) -> String {
    let spans = emphasis(text).into_iter().map(|span| {
        let styles = [(span.bold, "b"), (span.italic, "i"), (span.underline, "u")];
        let styles: String = styles.iter().filter(|(is_set, _)| *is_set).map(|(_, name)| *name).collect();
        format!("{}/{styles}", span.text)
    });
    spans.collect::<Vec<_>>().join("|")
}

#[test]
fn marks_style_what_they_enclose() {
    for (text, expected) in [
        ("a *b* c", "a /|b/i| c/"),
        ("**b**", "b/b"),
        ("***b***", "b/bi"),
        ("_b_", "b/u"),
        ("_face FILLS the *Mark 4* scope_.", "face FILLS the /u|Mark 4/iu| scope/u|./"),
        ("**bold *nested***", "bold /b|nested/bi"),
        ("*a **b***", "a /i|b/bi"),
        ("***a* b**", "a/bi| b/b"),
        ("*a***b**", "a/i|b/b"),
        ("**\\*9765\\***", "*9765*/b"),
        ("He dialed *69 and then *23, and", "He dialed *69 and then *23, and/"),
        ("He dialed *69 and then 23*, and", "He dialed /|69 and then 23/i|, and/"),
        ("He dialed *69 and then 23\\*, and", "He dialed *69 and then 23*, and/"),
        ("_ kilos_ ** word**", "_ kilos_ ** word**/"),
        ("some_variable_name", "some_variable_name/"),
        ("*share a look.\nBAD.*", "*share a look.\nBAD.*/"),
        ("a\\b \\\\ c", "a\\b \\ c/"),
        ("*a _b* c_", "a _b/i| c_/"),
        ("****", "****/"),
        ("", ""),
    ] {
        assert_eq!(shown(text), expected, "in {text:?}");
    }
}

#[test]
fn speech_has_neither_marks_nor_escapes() {
    assert_eq!(plain("_Steel_ **\\*9** a*b"), "Steel *9 a*b");
}

#[test]
fn spans_written_again_read_the_same() {
    for text in ["a *b* c", "_a *b* c_ d", "**a *b***", "***a* b** \\*c", "*a***b**", "x \\\\ y\nz *w*"] {
        assert_eq!(emphasis(&marked(&emphasis(text))), emphasis(text), "in {text:?}");
    }
}

proptest! {
    #[test]
    fn emphasis_loses_nothing_but_marks_and_backslashes(text in "[ab *_\\\\é\n]{0,60}") {
        let bare = |text: &str| text.replace(['*', '_', '\\'], "");
        prop_assert_eq!(bare(&plain(&text)), bare(&text));
    }
}

#[test]
fn two_mebibytes_of_marks_are_read() {
    for piece in ["*a ", "_a b* c_ ", "*a_"] {
        let text = piece.repeat(2 * 1024 * 1024 / piece.len());
        assert!(!plain(&text).is_empty());
    }
    let half = "*".repeat(1024 * 1024);
    assert_eq!(plain(&format!("{half}a{half}")), "a");
}
