//! Nothing that was written is lost, whatever it is.

use std::ops::Range;

use hydra_actors::fountain::{Kind, PROBLEMS_MAX, Screenplay, TEXT_BYTES_MAX, parse};
use proptest::prelude::*;

/// Everything with a place, in order: its range and whether it is a note or boneyard.
fn ranges(screenplay: &Screenplay) -> Vec<(Range<usize>, bool)> {
    let fields = screenplay.title_page.iter().map(|field| (field.source.clone(), false));
    let elements = screenplay.elements.iter().map(|element| {
        let is_hidden = matches!(element.kind, Kind::Note | Kind::Boneyard);
        (element.source.clone(), is_hidden)
    });
    let mut ranges: Vec<_> = fields.chain(elements).collect();
    ranges.sort_by_key(|(range, _)| range.start);
    ranges
}

fn visible(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// A range of the text without the notes and boneyards inside it.
fn shown(text: &str, range: &Range<usize>, all: &[(Range<usize>, bool)]) -> String {
    let mut shown = String::new();
    let mut from = range.start;
    for (hidden, _) in all.iter().filter(|(other, is_hidden)| *is_hidden && other != range) {
        if range.start <= hidden.start && hidden.end <= range.end {
            shown.push_str(&text[from..hidden.start]);
            from = hidden.end;
        }
    }
    shown.push_str(&text[from..range.end]);
    visible(&shown)
}

/// Letters and digits: what no mark of the syntax consists of.
fn words(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

fn check(text: &str) {
    let screenplay = parse(text);
    let all = ranges(&screenplay);
    // Every visible character lies in a range; ranges follow each other, only hidden ones lie in others.
    let mut covered = text.len() - text.trim_start_matches('\u{feff}').len();
    for (range, is_hidden) in &all {
        assert!(range.start < range.end, "an empty range {range:?} in {text:?}");
        if *is_hidden && range.start < covered {
            assert!(range.end <= covered, "{range:?} overlaps in {text:?}");
            continue;
        }
        assert!(range.start >= covered, "{range:?} overlaps in {text:?}");
        assert_eq!(visible(&text[covered..range.start]), "", "lost before {range:?} in {text:?}");
        covered = range.end;
    }
    assert_eq!(visible(&text[covered..]), "", "lost at the end of {text:?}");
    // What an element shows is what stands in its range.
    for element in &screenplay.elements {
        let written = words(&shown(text, &element.source, &all));
        let told = if let Kind::SceneHeading { scene_number } = &element.kind {
            format!("{}{}", element.text, scene_number.as_deref().unwrap_or_default())
        } else {
            element.text.clone()
        };
        assert_eq!(words(&told), written, "{element:?} in {text:?}");
        let line = text[..element.source.start].replace("\r\n", "\n").matches(['\n', '\r']).count() + 1;
        assert_eq!(element.line as usize, line, "{element:?} in {text:?}");
    }
    for field in &screenplay.title_page {
        let told = format!("{}{}", field.key, field.values.concat());
        assert_eq!(words(&told), words(&shown(text, &field.source, &all)), "{field:?} in {text:?}");
    }
}

fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "\n",
        "\n",
        "\n",
        "\n\n",
        "  \n",
        "\r\n",
        "\r",
        " ",
        "  ",
        "\t",
        "/*",
        "*/",
        "[[",
        "]]",
        "INT. ",
        "EXT ",
        ".",
        "!",
        "@",
        "^",
        ">",
        "<",
        "~",
        "#",
        "#1#",
        "=",
        "===",
        "(",
        ")",
        "TO:",
        "CUT TO:",
        "JO",
        "JO\nHi.\n",
        "Title:",
        ": ",
        "a",
        "É",
        "*",
        "_",
        "\\",
        "\u{feff}",
        "\u{a0}",
        "你",
    ]);
    prop_oneof![9 => fixed.prop_map(str::to_owned), 1 => ".{0,3}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_written_is_lost(pieces in prop::collection::vec(piece(), 0..40)) {
        check(&pieces.concat());
    }

    #[test]
    fn parsing_twice_gives_the_same(pieces in prop::collection::vec(piece(), 0..20)) {
        let text = pieces.concat();
        prop_assert_eq!(parse(&text), parse(&text));
    }
}

#[test]
fn two_mebibytes_of_anything_are_parsed() {
    for piece in ["/*", "[[a\n\n", "[[]]", "\r\n", "A ^\nb\n\n", "()", "INT. A\n", "Title:\n"] {
        let text = piece.repeat(TEXT_BYTES_MAX / piece.len());
        let screenplay = parse(&text);
        assert!(screenplay.problems.len() <= PROBLEMS_MAX + 1);
        assert_eq!(screenplay.elements.is_empty(), visible(&text).is_empty() || piece == "Title:\n");
    }
}
