//! Who speaks: one character per slug of a name, and names that look like slips.

use std::collections::{BTreeMap, BTreeSet};

use super::notes::{Notes, Place, excerpt};
use super::script::CastEntry;
use super::{CHARACTERS_MAX, NAME_CHARS_MAX, slug};
use crate::fountain::{Problem, Severity};

/// From how many characters on names that differ in one letter, or in two, are taken for a slip.
const ONE_SLIP_CHARS: usize = 4;
const TWO_SLIPS_CHARS: usize = 8;

/// Those who have spoken so far.
#[derive(Debug, Default)]
pub(super) struct Cast {
    members: Vec<Member>,
    by_id: BTreeMap<String, usize>,
    notes: Notes,
}

#[derive(Debug)]
struct Member {
    id: String,
    name: String,
    lines: u32,
    cues: u32,
    aliases: BTreeSet<String>,
    first: Place,
}

impl Cast {
    /// The id of the character of a cue; `None`, with an error, when there are too many.
    pub(super) fn cue(&mut self, name: &str, place: Place) -> Option<String> {
        let id = slug(name);
        let at = match self.by_id.get(&id) {
            Some(at) => *at,
            None => self.join(&id, name, place)?,
        };
        let member = &mut self.members[at];
        member.cues += 1;
        if member.name != name && member.aliases.insert(name.to_owned()) && !same_letters(&member.name, name)
        {
            let message = format!(
                "`{}` and `{}` are taken for one character, `{id}`: if they are two, rename one",
                excerpt(name),
                excerpt(&member.name)
            );
            self.notes.add(Severity::Info, place, message);
        }
        Some(id)
    }

    /// Counts a line of a character.
    pub(super) fn line(&mut self, id: &str) {
        if let Some(at) = self.by_id.get(id) {
            self.members[*at].lines += 1;
        }
    }

    /// The cast, and what is odd about its names.
    pub(super) fn finish(mut self) -> (Vec<CastEntry>, Vec<Problem>) {
        self.warn_of_lone_cues();
        self.warn_of_near_names();
        let entries = self.members.into_iter().map(|member| CastEntry {
            id: member.id,
            name: member.name,
            lines: member.lines,
            aliases_seen: member.aliases.into_iter().collect(),
        });
        (entries.collect(), self.notes.into_problems())
    }

    fn join(&mut self, id: &str, name: &str, place: Place) -> Option<usize> {
        if self.members.len() == CHARACTERS_MAX {
            let message = format!(
                "more than {CHARACTERS_MAX} characters speak: the rest is not read, split the chapter"
            );
            self.notes.add(Severity::Error, place, message);
            return None;
        }
        let length = name.chars().count();
        if length > NAME_CHARS_MAX {
            let message = format!(
                "a name of {length} characters: at most {NAME_CHARS_MAX} are allowed; \
                 if this is no name, begin the line with `!`"
            );
            self.notes.add(Severity::Error, place, message);
        }
        let at = self.members.len();
        self.by_id.insert(id.to_owned(), at);
        self.members.push(Member {
            id: id.to_owned(),
            name: name.to_owned(),
            lines: 0,
            cues: 0,
            aliases: BTreeSet::new(),
            first: place,
        });
        Some(at)
    }

    fn warn_of_lone_cues(&mut self) {
        for member in self.members.iter().filter(|member| member.cues == 1) {
            let message = format!(
                "`{}` speaks only once: check the spelling; if this is no name, begin the line with `!`",
                excerpt(&member.name)
            );
            self.notes.add(Severity::Warning, member.first, message);
        }
    }

    fn warn_of_near_names(&mut self) {
        let keys: Vec<Vec<char>> = self.members.iter().map(|member| key(&member.name)).collect();
        for (at, member) in self.members.iter().enumerate() {
            for (other_at, other) in self.members[..at].iter().enumerate() {
                if !are_near(&keys[at], &keys[other_at]) {
                    continue;
                }
                let (rare, usual) = if member.cues <= other.cues { (member, other) } else { (other, member) };
                let message = format!(
                    "`{}` is nearly `{}`: if they are the same, spell them alike",
                    excerpt(&rare.name),
                    excerpt(&usual.name)
                );
                self.notes.add(Severity::Warning, rare.first, message);
            }
        }
    }
}

fn same_letters(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// The letters by which names are compared; capped, since longer names are errors anyway.
fn key(name: &str) -> Vec<char> {
    name.to_lowercase().chars().take(NAME_CHARS_MAX).collect()
}

/// Whether two names look like one; `GUARD 1` and `GUARD 2` are two on purpose.
fn are_near(one: &[char], other: &[char]) -> bool {
    let slips = match one.len().min(other.len()) {
        0..ONE_SLIP_CHARS => return false,
        ONE_SLIP_CHARS..TWO_SLIPS_CHARS => 1,
        _ => 2,
    };
    let letters =
        |name: &[char]| -> Vec<char> { name.iter().copied().filter(|letter| !letter.is_numeric()).collect() };
    one.len().abs_diff(other.len()) <= slips
        && letters(one) != letters(other)
        && edit_distance(one, other) <= slips
}

/// How many letters must be put in, taken out or changed (Levenshtein), by the row-wise recurrence.
fn edit_distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (column, other_letter) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != other_letter);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}
