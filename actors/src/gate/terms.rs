//! The committed list of terms, read once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::Category;
use super::fold::{Word, fold_leet};

pub(super) const LIST: &str = include_str!("terms.txt");

/// The denied terms, gravest category first.
pub(super) static DENIED: LazyLock<Vec<Term>> = LazyLock::new(|| read(LIST).0);
/// Everyday phrases that contain a denied word.
pub(super) static ALLOWED: LazyLock<Vec<Term>> = LazyLock::new(|| read(LIST).1);
static SINGLE: LazyLock<BTreeMap<&'static str, &'static Term>> = LazyLock::new(|| {
    let alone = DENIED.iter().filter(|term| term.words.len() == 1);
    alone.map(|term| (term.words[0].as_str(), term)).collect()
});

/// A word or phrase of the list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term {
    pub category: Category,
    pub words: Vec<String>,
    leet: Vec<String>,
}

impl Term {
    pub(super) fn phrase(&self) -> String {
        self.words.join(" ")
    }

    /// Whether the words at `start` are this term, plainly or with digits and signs for letters.
    pub(super) fn matches(&self, words: &[Word], start: usize) -> bool {
        self.pairs(words, start).is_some_and(|mut pairs| {
            pairs.all(|(i, word)| word.plain == self.words[i] || word.leet.as_ref() == Some(&self.leet[i]))
        })
    }

    /// Whether the words at `start` are this term without any disguise.
    pub(super) fn matches_plainly(&self, words: &[Word], start: usize) -> bool {
        self.pairs(words, start).is_some_and(|mut pairs| pairs.all(|(i, word)| word.plain == self.words[i]))
    }

    fn pairs<'w>(&self, words: &'w [Word], start: usize) -> Option<impl Iterator<Item = (usize, &'w Word)>> {
        Some(words.get(start..start + self.words.len())?.iter().enumerate())
    }
}

/// The denied term that is this one word.
pub(super) fn single(word: &str) -> Option<&'static Term> {
    SINGLE.get(word).copied()
}

/// Reads the list; a line before the first category or under an unknown one belongs to no list.
fn read(list: &str) -> (Vec<Term>, Vec<Term>) {
    let (mut denied, mut allowed) = (Vec::new(), Vec::new());
    let mut section = "";
    for line in list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(name) => section = name,
            None if section == "allowed" => allowed.push(term(Category::Likeness, line)),
            None => denied.extend(category(section).map(|category| term(category, line))),
        }
    }
    denied.sort_by_key(|term| term.category);
    (denied, allowed)
}

pub(super) fn category(section: &str) -> Option<Category> {
    let all = [Category::Minors, Category::Sexual, Category::Nudity, Category::Gore, Category::Likeness];
    let names = ["minors", "sexual", "nudity", "gore", "likeness"];
    names.iter().position(|name| *name == section).map(|at| all[at])
}

fn term(category: Category, line: &str) -> Term {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let leet = words.iter().map(|word| fold_leet(word)).collect();
    Term { category, words, leet }
}
