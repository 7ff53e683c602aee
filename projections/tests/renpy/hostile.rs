//! A chapter that tries everything, and what the player must see of it.

use hydra_projections::renpy::{Novel, NovelBeat, NovelCharacter, NovelLine, NovelScene, Picture, Presence};

/// What a text is, and what the player reads of it once its emphasis has become type.
const TEXTS: &[(&str, &str)] = &[
    ("The lamp went out.", "The lamp went out."),
    ("[x] and [[y]] and [config.name] [", "[x] and [[y]] and [config.name] ["),
    ("{b}no tag{/b} {w} {} {", "{b}no tag{/b} {w} {} {"),
    ("100% sure, 50%, %s %(name)s %%", "100% sure, 50%, %s %(name)s %%"),
    (r#"She said "no" and 'never' \ \n \" `x`"#, r#"She said "no" and 'never' \ \n \" `x`"#),
    ("Grüße vom Leuchtturm: Ж 灯台 é", "Grüße vom Leuchtturm: Ж 灯台 é"),
    ("Storm 🌊 and 👩‍🚀 sail", "Storm 🌊 and 👩‍🚀 sail"),
    ("【灯台｜とうだい】 【plain】 【【", "【灯台｜とうだい】 【plain】 【【"),
    ("two  spaces   and\u{a0}a hard one ", "two  spaces   and\u{a0}a hard one "),
    ("line one\nline two\n\nline four", "line one\nline two\n\nline four"),
    ("*Never* **ever** _again_ ***now***", "Never ever again now"),
    (r"\*not italic\* *69 and *23, snake_case", "*not italic* *69 and *23, snake_case"),
    ("$ import os\n    jump start\nreturn", "$ import os\n    jump start\nreturn"),
    ("# no comment", "# no comment"),
    ("__name__ [__x] [[__y]]", "__name__ [__x] [[__y]]"),
    ("{{{[[[%%%\\\\\\\"\"\"", "{{{[[[%%%\\\\\\\"\"\""),
    ("\"\"\"", "\"\"\""),
    ("turned \u{202e}about\u{202c}", "turned \u{202e}about\u{202c}"),
    ("", "…"),
    ("{image=x.png}{a=jump:start}click{/a}", "{image=x.png}{a=jump:start}click{/a}"),
];

const NAMES: &[&str] =
    &["voice", "menu", "init", "start", "100% [Bob] {b}", "Zoë \"Z\" \\ 😀", "define", "【a】"];

/// A line of the game as it must be shown.
#[derive(Debug, PartialEq)]
pub struct Shown {
    pub who: Option<String>,
    pub text: String,
    pub voice: Option<String>,
}

pub fn key(name: &str) -> Option<Picture> {
    Some(Picture { key: name.to_owned() })
}

fn line(number: usize, text: &str) -> NovelLine {
    NovelLine {
        id: format!("line-{number}"),
        character: NAMES[number % NAMES.len()].to_owned(),
        text: text.to_owned(),
        expression: ["happy", "at", "with", "", "Sad & lost", "id"][number % 6].to_owned(),
        bust: if number.is_multiple_of(5) { None } else { key(["tall", "wide"][number % 2]) },
        voice: (!number.is_multiple_of(4)).then(|| "voice".to_owned()),
        presence: [Presence::OnScreen, Presence::OnScreen, Presence::OffScreen, Presence::VoiceOver]
            [number / 3 % 4],
    }
}

fn scene(id: &str, heading: &str, background: Option<Picture>, beats: Vec<NovelBeat>) -> NovelScene {
    NovelScene { id: id.to_owned(), heading: heading.to_owned(), background, beats }
}

/// Every text as a line and as narration, every kind of beat, names and ids that want to break something.
pub fn hostile() -> Novel {
    let lines = TEXTS.iter().enumerate().map(|(n, (text, _))| NovelBeat::Line(line(n, text))).collect();
    let told = TEXTS.iter().enumerate().map(|(n, (text, _))| narration(&format!("told {n}"), text)).collect();
    let long = "A very long word and another one. ".repeat(120);
    let rest = vec![
        NovelBeat::Pause,
        NovelBeat::Transition { text: "DISSOLVE TO:\n$ 1/0".to_owned() },
        NovelBeat::Together { left: line(101, "Left *here*"), right: line(102, "Right [there]") },
        NovelBeat::Centered { id: "card".to_owned(), text: "THREE [years] {later} 100%".to_owned() },
        NovelBeat::Lyrics {
            id: "song".to_owned(),
            character: Some("voice".to_owned()),
            text: "la {la} 5%".to_owned(),
        },
        NovelBeat::Lyrics { id: "song2".to_owned(), character: None, text: "hum".to_owned() },
        narration("long", long.trim()),
        narration("told 0", "An id that is taken."),
        NovelBeat::Line(NovelLine { character: "stranger".to_owned(), ..line(103, "Who am I?") }),
        NovelBeat::Transition { text: "FADE OUT.".to_owned() },
    ];
    let listed =
        |name: &&str| NovelCharacter { id: (*name).to_owned(), name: (*name).to_owned(), colour: None };
    Novel {
        title: "The \"Keeper\" [x] {b} 100% 灯台 \\ 'q'\n$ 1/0".to_owned(),
        save_name: "01 Keeper/..".to_owned(),
        size: (1280, 720),
        characters: NAMES.iter().map(listed).collect(),
        scenes: vec![
            scene("01-lamp", "INT. LAMP ROOM - NIGHT\n$ 1/0", key("ground"), lines),
            scene("start", "EXT. [x] {b} 100%", None, told),
            scene("01_lamp", "", key("ground"), rest),
            scene("empty", "INT. NOWHERE", None, Vec::new()),
        ],
        missing: vec!["the bust of [Bob] {happy}, 100%".to_owned()],
    }
}

fn narration(id: &str, text: &str) -> NovelBeat {
    NovelBeat::Narration { id: id.to_owned(), text: text.to_owned() }
}

/// What the player must see of [`hostile`], worked out apart from the writer.
pub fn expected() -> Vec<Shown> {
    let voiced =
        |line: &NovelLine| line.voice.as_ref().map(|_| format!("voice/{}.wav", line.id.replace('-', "_")));
    let said = |line: NovelLine, text: &str| Shown {
        who: Some(line.character.clone()),
        text: text.to_owned(),
        voice: voiced(&line),
    };
    let told = |text: &str| Shown { who: None, text: text.to_owned(), voice: None };
    let mut all: Vec<Shown> =
        TEXTS.iter().enumerate().map(|(n, (text, seen))| said(line(n, text), seen)).collect();
    all.extend(TEXTS.iter().map(|(_, seen)| told(seen)));
    all.push(said(line(101, ""), "Left here"));
    all.push(said(line(102, ""), "Right [there]"));
    all.push(told("THREE [years] {later} 100%"));
    all.push(Shown { who: Some("voice".to_owned()), ..told("♪ la {la} 5% ♪") });
    all.push(told("♪ hum ♪"));
    all.push(told("A very long word and another one. ".repeat(120).trim()));
    all.push(told("An id that is taken."));
    all.push(Shown { who: Some("stranger".to_owned()), ..said(line(103, ""), "Who am I?") });
    all
}
