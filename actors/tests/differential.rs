//! Two other parsers read the same pieces; where they differ, the reason is written down here.
//!
//! What is compared is the kind and the words of everything that a reader would see: emphasis,
//! spaces, empty lines and the way lines are grouped are left out, as are notes, boneyard,
//! sections and synopses, which one of the two drops.

use hydra_actors::fountain::{Kind, parse, plain};

type Pieces = Vec<(&'static str, String)>;

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Joins neighbours that only differ in how lines are grouped.
fn grouped(pieces: Pieces) -> Pieces {
    let mut grouped: Pieces = Vec::new();
    for (kind, text) in pieces {
        let text = words(&text);
        match grouped.last_mut() {
            Some((last, before)) if *last == kind && matches!(kind, "action" | "dialogue" | "lyrics") => {
                *before = words(&format!("{before} {text}"));
            }
            _ if text.is_empty() && kind != "page_break" => {}
            _ => grouped.push((kind, text)),
        }
    }
    grouped
}

fn ours(text: &str) -> Pieces {
    let elements = parse(text).elements.into_iter();
    grouped(
        elements
            .filter_map(|element| Some((kind(&element.kind)?, plain(&element.text))))
            .collect(),
    )
}

fn kind(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::SceneHeading { .. } => Some("scene_heading"),
        Kind::Action | Kind::Centered => Some("action"),
        Kind::Character { .. } => Some("character"),
        Kind::Parenthetical => Some("parenthetical"),
        Kind::Dialogue => Some("dialogue"),
        Kind::Lyrics => Some("lyrics"),
        Kind::Transition => Some("transition"),
        Kind::PageBreak => Some("page_break"),
        Kind::Section { .. } | Kind::Synopsis | Kind::Note | Kind::Boneyard => None,
    }
}

fn jumpcut(text: &str) -> Pieces {
    let mut pieces = Pieces::new();
    for element in jumpcut::parse(text).elements {
        jumpcut_element(element, &mut pieces);
    }
    grouped(pieces)
}

fn jumpcut_element(element: jumpcut::Element, pieces: &mut Pieces) {
    use jumpcut::Element;
    let (kind, text) = match element {
        Element::Action(text, _)
        | Element::ColdOpening(text, _)
        | Element::NewAct(text, _)
        | Element::EndOfAct(text, _) => ("action", text),
        Element::Character(text, _) => ("character", text),
        Element::SceneHeading(text, _) => ("scene_heading", text),
        Element::Lyric(text, _) => ("lyrics", text),
        Element::Parenthetical(text, _) => ("parenthetical", text),
        Element::Dialogue(text, _) => ("dialogue", text),
        Element::Transition(text, _) => ("transition", text),
        Element::PageBreak => return pieces.push(("page_break", String::new())),
        Element::DialogueBlock(block) | Element::DualDialogueBlock(block) => {
            return block
                .into_iter()
                .for_each(|element| jumpcut_element(element, pieces));
        }
        Element::Section(..) | Element::Synopsis(_) => return,
    };
    pieces.push((kind, text.plain_text()));
}

fn rustwell(text: &str) -> Pieces {
    use rustwell::screenplay::Element;
    let mut pieces = Pieces::new();
    for element in rustwell::parse(text).elements {
        match element.inner {
            Element::Heading { slug, .. } => pieces.push(("scene_heading", slug.to_plain_string())),
            Element::Action(text) | Element::CenteredText(text) => {
                pieces.push(("action", text.to_plain_string()))
            }
            Element::Dialogue(dialogue) => rustwell_dialogue(&dialogue, &mut pieces),
            Element::DualDialogue(left, right) => {
                rustwell_dialogue(&left, &mut pieces);
                rustwell_dialogue(&right, &mut pieces);
            }
            Element::Lyrics(text) => pieces.push(("lyrics", text.to_plain_string())),
            Element::Transition(text) => pieces.push(("transition", text.to_plain_string())),
            Element::Synopsis(_) => {}
            Element::PageBreak => pieces.push(("page_break", String::new())),
        }
    }
    grouped(pieces)
}

fn rustwell_dialogue(dialogue: &rustwell::screenplay::Dialogue, pieces: &mut Pieces) {
    use rustwell::screenplay::DialogueElement;
    let name = dialogue.character.to_plain_string();
    let extension = dialogue
        .extension
        .as_ref()
        .map(|text| format!("({})", text.to_plain_string()));
    pieces.push(("character", format!("{name} {}", extension.unwrap_or_default())));
    for element in &dialogue.elements {
        pieces.push(match element {
            DialogueElement::Parenthetical(text) => ("parenthetical", text.to_plain_string()),
            DialogueElement::Line(text) => ("dialogue", text.to_plain_string()),
        });
    }
}

/// What all three read alike.
const AGREED: [&str; 30] = [
    "INT. HOUSE - DAY\n\nShe waits.\n",
    "ext. brick's pool - day\n\nWater.\n",
    "INT HOUSE - DAY\n\nShe waits.\n",
    "INT. A #1A#\n\nHi.\n",
    ".SNIPER SCOPE POV\n\nNear.\n",
    "EXT. CIRCUS - NIGHT\n\n...where it is parked.\n",
    "INTERNAL AFFAIRS\n\nHi.\n",
    "INT. A\n\nSTEEL\nThe man's a myth!\n\nHe goes.\n",
    "INT. A\n\nR2D2\nBeep.\n",
    "INT. A\n\nÉLODIE\nOui.\n",
    "INT. A\n\nSTEEL\n(low)\nRetirement!\n(beat)\nNo.\n",
    "INT. A\n\n@McCLANE\nYippie.\n",
    "INT. A\n\nMOM (V.O.)\nHi.\n",
    "INT. A\n\nA\nHi.\n\nB ^\nHo.\n",
    "INT. A\n\n@Mc (O.S.) ^\nHo.\n",
    "INT. A\n\nJO\nOne.\n  \nTwo.\n",
    "INT. A\n\nJO\nI SAID NO\n",
    "INT. A\n\nLONE CAPITALS\n\nMore.\n",
    "INT. A\n\nThey argue.\n\nCUT TO:\n\nINT. B\n\nHi.\n",
    "INT. A\n\nThey look.\n\n> Burn to White.\n\nINT. B\n\nHi.\n",
    "INT. A\n\nFADE OUT.\n\nHi.\n",
    "INT. A\n\n!SCANNING THE AISLES\nWhere is he?\n",
    "INT. A\n\n~Willy Wonka!\n",
    "INT. A\n\n> END <\n",
    "INT. A\n\n# Act\n\n= Why.\n\nHi.\n",
    "INT. A\n\nShe *runs* and **jumps**.\n",
    "INT. A\n\n*69 and *23, hm\n",
    "INT. A\n\nHello /* a\n\nb */ there.\n",
    "INT. A\n\nJACK[[name?]] drinks.\n",
    "INT. A\n\nThe [[note\n\nis broken]] here.\n",
];

/// Who differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Other {
    Jumpcut,
    Rustwell,
    Both,
}

/// Where others differ, who, and why ours is right.
const DIFFERENCES: [(Other, &str, &str); 11] = [
    (
        Other::Both,
        "INT. A\n\nEXT HARBOUR - DAY\nThe sea.\n",
        "what begins like a heading is no speaker",
    ),
    (
        Other::Both,
        "INT. A\nNo empty line.\n",
        "what begins like a heading is no speaker",
    ),
    (
        Other::Jumpcut,
        "INT. A\n\n23\nHi.\n",
        "a name has at least one letter",
    ),
    (
        Other::Jumpcut,
        "INT. A\n\n/* a * b */ there.\n",
        "boneyard may hold a single star",
    ),
    (
        Other::Both,
        "INT. A\n\nCUT TO: \n\nHi.\n",
        "a space behind the colon makes it action",
    ),
    (
        Other::Both,
        "INT. A\n\n.38 pistol\nmore.\n",
        "a forced heading too needs an empty line behind it",
    ),
    (
        Other::Jumpcut,
        "INT. A\n\nHi.\n\n===\n\nHo.\n",
        "a page break is an element; there it marks the next one",
    ),
    (
        Other::Rustwell,
        "INT. A\n\nJO\nHi.\n~La\nHo.\n",
        "a tilde makes lyrics everywhere",
    ),
    (
        Other::Rustwell,
        "INT. A\n\nJO (V.O.) (CONT'D)\nHi.\n",
        "every extension is kept",
    ),
    (
        Other::Both,
        "INT. A\n\nsome_variable_name\n",
        "as in Markdown, an underscore inside a word is a letter",
    ),
    (
        Other::Jumpcut,
        "INT. A\n\n**\\*9765\\***\n",
        "the specification's own example of escapes",
    ),
];

#[test]
fn all_three_read_the_plain_cases_alike() {
    for text in AGREED {
        assert_eq!(ours(text), jumpcut(text), "jumpcut reads {text:?} in another way");
        assert_eq!(
            ours(text),
            rustwell(text),
            "rustwell reads {text:?} in another way"
        );
    }
}

#[test]
fn every_listed_difference_is_one() {
    for (who, text, reason) in DIFFERENCES {
        let differs = match (ours(text) == jumpcut(text), ours(text) == rustwell(text)) {
            (true, true) => None,
            (false, true) => Some(Other::Jumpcut),
            (true, false) => Some(Other::Rustwell),
            (false, false) => Some(Other::Both),
        };
        assert_eq!(differs, Some(who), "{reason}: {text:?}");
    }
}
