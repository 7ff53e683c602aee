//! Everybody who speaks, and what they are called in the script.

use std::collections::BTreeMap;

use super::names::Taken;
use super::{Novel, NovelBeat, lines_of};

/// Readable on a dark ground, and far enough apart.
const PALETTE: [&str; 8] =
    ["#f2c078", "#8fc7e8", "#e59aa8", "#9fd8a4", "#c9a8ec", "#f0dd7a", "#7fd6cc", "#e8a77c"];

/// One speaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// The variable and voice tag, `c_keeper`.
    pub variable: String,
    /// The image tag, `bust_keeper`.
    pub tag: String,
    /// As the player reads it, not escaped.
    pub name: String,
    /// `#rrggbb` or `#rgb`.
    pub colour: String,
}

/// The speakers in their order, by id.
#[derive(Debug, Default)]
pub(super) struct Cast {
    members: Vec<Member>,
    places: BTreeMap<String, usize>,
}

impl Cast {
    /// Those the novel lists, then those who speak without being listed.
    pub fn of(novel: &Novel) -> Self {
        let mut cast = Cast::default();
        let mut taken = Taken::default();
        for character in &novel.characters {
            cast.add(&character.id, &character.name, character.colour.as_deref(), &mut taken);
        }
        for beat in novel.scenes.iter().flat_map(|scene| &scene.beats) {
            for id in speakers(beat) {
                cast.add(id, id, None, &mut taken);
            }
        }
        cast
    }

    /// Somebody who is in the cast because a beat names them.
    pub fn get(&self, id: &str) -> Option<&Member> {
        self.places.get(id).and_then(|place| self.members.get(*place))
    }

    /// Everybody, in order.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    fn add(&mut self, id: &str, name: &str, colour: Option<&str>, taken: &mut Taken) {
        if self.places.contains_key(id) {
            return;
        }
        let place = self.members.len();
        let variable = taken.take("c", id);
        let tag = variable.replacen("c_", "bust_", 1);
        let colour = colour.filter(|c| is_colour(c)).unwrap_or(PALETTE[place % PALETTE.len()]).to_owned();
        let name = if name.trim().is_empty() { "?" } else { name }.to_owned();
        self.members.push(Member { variable, tag, name, colour });
        self.places.insert(id.to_owned(), place);
    }
}

fn speakers(beat: &NovelBeat) -> Vec<&str> {
    let singer = match beat {
        NovelBeat::Lyrics { character, .. } => character.as_deref(),
        NovelBeat::Narration { .. }
        | NovelBeat::Line(_)
        | NovelBeat::Together { .. }
        | NovelBeat::Pause
        | NovelBeat::Transition { .. }
        | NovelBeat::Centered { .. } => None,
    };
    lines_of(beat).into_iter().map(|line| line.character.as_str()).chain(singer).collect()
}

fn is_colour(colour: &str) -> bool {
    let digits = colour.strip_prefix('#').unwrap_or_default();
    matches!(digits.len(), 3 | 6) && digits.chars().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::super::{NovelCharacter, NovelLine, NovelScene};
    use super::*;

    fn cast(ids: &[&str], speaker: &str) -> Cast {
        let listed =
            |id: &&str| NovelCharacter { id: (*id).to_owned(), name: (*id).to_owned(), colour: None };
        let line = NovelLine { character: speaker.to_owned(), ..NovelLine::default() };
        let scene = NovelScene { beats: vec![NovelBeat::Line(line)], ..NovelScene::default() };
        let characters = ids.iter().map(listed).collect();
        Cast::of(&Novel { characters, scenes: vec![scene], ..Novel::default() })
    }

    #[test]
    fn names_of_the_engine_become_harmless_variables() {
        let cast = cast(&["voice", "menu", "init", "01", "a-b", "a_b"], "ghost");
        let variables: Vec<&str> = cast.members().iter().map(|m| m.variable.as_str()).collect();
        assert_eq!(variables, ["c_voice", "c_menu", "c_init", "c_01", "c_a_b", "c_a_b_2", "c_ghost"]);
        assert_eq!(cast.get("a_b").unwrap().tag, "bust_a_b_2");
    }

    #[test]
    fn only_a_real_colour_is_taken() {
        for (colour, real) in
            [("#abc", true), ("#a1B2c3", true), ("red", false), ("#abcd", false), ("#ggg", false)]
        {
            assert_eq!(is_colour(colour), real, "{colour}");
        }
    }
}
