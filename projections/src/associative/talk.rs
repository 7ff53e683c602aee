//! Who speaks with whom in a scene, how often, and in what mood.
//!
//! The log names the speaker of every line but not its words: somebody speaks with whoever has the next line, and the mood
//! is what the pictures of the scene show on the speaker's face. A scene that is written again talks anew, so its
//! connections are numbered, and what an earlier writing had more of goes.

use std::collections::{BTreeMap, BTreeSet};

use hydra_events::StreamName;
use hydra_events::vocabulary::terms::{ShownKind, WantedImage, WantedLine};
use serde_json::json;

use super::EdgeKind;
use super::link::{End, linked};
use crate::view::ViewOp;

/// Pairs of a scene that are kept: eight characters who all talk with each other have fewer.
const PAIRS_MAX: usize = 64;

/// What the lines of a scene, in their order, say about its speakers.
pub(super) fn talks(
    scene: &StreamName,
    chapter: &StreamName,
    lines: &[WantedLine],
    images: &[WantedImage],
) -> Vec<ViewOp> {
    let talks = conversations(lines, images);
    let mut ops = Vec::new();
    for (number, talk) in (1..).zip(&talks) {
        let details = json!({ "scene": scene, "chapter": chapter, "moods": talk.moods });
        let (from, to) = (End::named("character", talk.speaker), End::named("character", talk.listener));
        ops.extend(linked(key(scene, number), &from, EdgeKind::SpeaksWith, &to, talk.times, details));
    }
    ops.extend(silence_after(scene, talks.len()));
    ops
}

/// Somebody whose words are answered by somebody.
pub(crate) struct Conversation<'a> {
    pub(crate) speaker: &'a str,
    pub(crate) listener: &'a str,
    /// How often.
    pub(crate) times: u64,
    /// What the speaker's face shows.
    pub(crate) moods: BTreeSet<&'a str>,
}

/// Who speaks with whom in a scene, by pair; at most [`PAIRS_MAX`].
pub(crate) fn conversations<'a>(lines: &'a [WantedLine], images: &'a [WantedImage]) -> Vec<Conversation<'a>> {
    let mut pairs: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for pair in lines.windows(2) {
        let [line, next] = pair else { continue };
        if line.character != next.character {
            *pairs.entry((line.character.as_str(), next.character.as_str())).or_default() += 1;
        }
    }
    let talk = |((speaker, listener), times)| {
        let moods = moods(speaker, images);
        Conversation { speaker, listener, times, moods }
    };
    pairs.into_iter().take(PAIRS_MAX).map(talk).collect()
}

/// Nobody talks in a scene but as many pairs.
pub(super) fn silence_after(scene: &StreamName, pairs: usize) -> impl Iterator<Item = ViewOp> {
    (pairs + 1..=PAIRS_MAX).map(move |number| ViewOp::delete("edges", key(scene, number)))
}

fn key(scene: &StreamName, number: usize) -> String {
    format!("{} {scene} {number:02}", EdgeKind::SpeaksWith.name())
}

fn moods<'a>(character: &str, images: &'a [WantedImage]) -> BTreeSet<&'a str> {
    let shown = images.iter().map(|wanted| &wanted.shows);
    let shown = shown.filter(|shows| shows.kind == ShownKind::Bust && shows.subject == character);
    shown.map(|shows| shows.expression.as_str()).filter(|mood| !mood.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use hydra_events::ContentHash;
    use hydra_events::vocabulary::terms::Shows;
    use serde_json::Value;

    use super::*;
    use crate::view::{Cell, Change};

    fn name(text: &str) -> StreamName {
        text.parse().unwrap()
    }

    fn line(character: &str) -> WantedLine {
        let speech = ContentHash::of(character.as_bytes());
        WantedLine { line: name("line-a"), speech, character: character.to_owned() }
    }

    fn bust(subject: &str, expression: &str) -> WantedImage {
        let (subject, expression) = (subject.to_owned(), expression.to_owned());
        let shows = Shows { subject, kind: ShownKind::Bust, outfit: "coat".into(), expression, candidate: 1 };
        WantedImage { image: name("image-a"), brief: ContentHash::of(b"brief"), shows, recalled: None }
    }

    /// Source, target, weight and moods of each connection that is made.
    fn made(speakers: &str, images: &[WantedImage]) -> Vec<(String, String, u64, Value)> {
        let lines: Vec<WantedLine> = speakers.chars().map(|speaker| line(&speaker.to_string())).collect();
        let ops = talks(&name("scene-a"), &name("chapter-a"), &lines, images);
        let cells = ops.into_iter().filter(|op| op.table == "edges").filter_map(|op| match op.change {
            Change::Put(cells) => Some(cells),
            Change::Delete => None,
        });
        let cell = |cells: &[(&str, Cell)], column: &str| match cells.iter().find(|(name, _)| *name == column)
        {
            Some((_, Cell::Set(value))) => value.clone(),
            Some(_) | None => Value::Null,
        };
        let text = |value: Value| value.as_str().unwrap_or_default().to_owned();
        cells
            .map(|cells| {
                let weight = cell(&cells, "weight").as_u64().unwrap_or(0);
                let moods = cell(&cells, "details")["moods"].clone();
                (text(cell(&cells, "source")), text(cell(&cells, "target")), weight, moods)
            })
            .collect()
    }

    #[test]
    fn who_answers_whom_is_counted_by_pair_and_direction() {
        let talk = |from: &str, to: &str, times: u64| {
            (format!("character-{from}"), format!("character-{to}"), times, json!([]))
        };
        for (speakers, expected) in [
            ("", vec![]),
            ("a", vec![]),
            ("aaa", vec![]),
            ("ab", vec![talk("a", "b", 1)]),
            ("aabab", vec![talk("a", "b", 2), talk("b", "a", 1)]),
            ("abc", vec![talk("a", "b", 1), talk("b", "c", 1)]),
        ] {
            assert_eq!(made(speakers, &[]), expected, "{speakers}");
        }
    }

    #[test]
    fn the_mood_is_what_the_pictures_show_on_the_speaker() {
        let images = [bust("a", "sad"), bust("b", "happy"), bust("a", "angry"), bust("a", "")];
        let moods: Vec<Value> = made("aba", &images).into_iter().map(|(_, _, _, moods)| moods).collect();
        assert_eq!(moods, [json!(["angry", "sad"]), json!(["happy"])]);
    }

    #[test]
    fn what_an_earlier_writing_had_more_of_goes() {
        let ops = talks(&name("scene-a"), &name("chapter-a"), &[line("a"), line("b")], &[]);
        let gone: Vec<&str> =
            ops.iter().filter(|op| op.change == Change::Delete).map(|op| op.key.as_str()).collect();
        assert_eq!(gone.len(), PAIRS_MAX - 1);
        assert_eq!(gone[0], "speaks_with scene-a 02");
    }
}
