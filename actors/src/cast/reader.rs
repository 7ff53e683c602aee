//! Typed reading of a [`document`](super::document) tree that collects problems instead of stopping at the first.

use super::document::{Entry, Node, Place, Value};
use super::{CastProblem, ProfileProblem, suggest};

const PROBLEMS_MAX: usize = 100;

/// Collects what is wrong with one file.
pub(crate) struct Reader<'a> {
    file: &'a str,
    problems: Vec<CastProblem>,
}

/// The entries of a map whose keys are known words.
pub(crate) struct Fields<'n> {
    place: Place,
    entries: &'n [Entry],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(file: &'a str) -> Self {
        Self { file, problems: Vec::new() }
    }

    /// The value, or everything that stands against it.
    pub(crate) fn finish<T>(mut self, value: T) -> Result<T, Vec<CastProblem>> {
        if self.problems.is_empty() {
            return Ok(value);
        }
        self.problems.sort_by_key(|problem| (problem.line, problem.column));
        Err(self.problems)
    }

    /// Notes a problem; past a hundred they are dropped.
    pub(crate) fn problem(&mut self, place: Place, message: impl Into<String>) {
        if self.problems.len() < PROBLEMS_MAX {
            let Place { line, column } = place;
            let message = message.into();
            self.problems.push(CastProblem { file: self.file.to_owned(), line, column, message });
        }
    }

    /// Notes a broken rule; true when it is kept.
    pub(crate) fn holds(&mut self, place: Place, rule: Result<(), ProfileProblem>) -> bool {
        match rule {
            Ok(()) => true,
            Err(problem) => {
                self.problem(place, problem.to_string());
                false
            }
        }
    }

    /// The entries of a map with any keys; nothing for null.
    pub(crate) fn entries<'n>(&mut self, node: &'n Node, what: &str, max: usize) -> &'n [Entry] {
        match &node.value {
            Value::Map(entries) => {
                self.holds(node.place, super::rules::count(what, entries.len(), max));
                entries
            }
            Value::Null => &[],
            other @ (Value::Plain(_) | Value::Quoted(_) | Value::List(_)) => {
                self.wrong_kind(node.place, what, "a map of `name: value`", other);
                &[]
            }
        }
    }

    /// The entries of a map that may only have the `known` keys.
    pub(crate) fn fields<'n>(&mut self, node: &'n Node, what: &str, known: &[&str]) -> Fields<'n> {
        let entries = self.entries(node, what, usize::MAX);
        for entry in entries {
            if !known.contains(&entry.key.as_str()) {
                let hint = match suggest(&entry.key, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known are {}", known.join(", ")),
                };
                self.problem(entry.place, format!("unknown key `{}` in {what}; {hint}", entry.key));
            }
        }
        Fields { place: node.place, entries }
    }

    /// The items of a list; nothing for null.
    pub(crate) fn list<'n>(&mut self, node: &'n Node, what: &str, max: usize) -> &'n [Node] {
        match &node.value {
            Value::List(items) => {
                self.holds(node.place, super::rules::count(what, items.len(), max));
                items
            }
            Value::Null => &[],
            other @ (Value::Plain(_) | Value::Quoted(_) | Value::Map(_)) => {
                self.wrong_kind(node.place, what, "a list", other);
                &[]
            }
        }
    }

    /// A text without surrounding spaces, quoted or not; null is none.
    pub(crate) fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        match &node.value {
            Value::Plain(text) | Value::Quoted(text) => Some(text.trim().to_owned()),
            Value::Null => None,
            other @ (Value::List(_) | Value::Map(_)) => {
                self.wrong_kind(node.place, what, "a text", other);
                None
            }
        }
    }

    /// An unquoted number of type `T`.
    pub(crate) fn number<T: std::str::FromStr>(&mut self, node: &Node, what: &str, kind: &str) -> Option<T> {
        let parsed = match &node.value {
            Value::Plain(text) => text.parse().ok(),
            Value::Null | Value::Quoted(_) | Value::List(_) | Value::Map(_) => None,
        };
        if parsed.is_none() {
            self.wrong_kind(node.place, what, kind, &node.value);
        }
        parsed
    }

    fn wrong_kind(&mut self, place: Place, what: &str, wanted: &str, found: &Value) {
        let found = match found {
            Value::Null => "nothing".to_owned(),
            Value::Plain(text) => format!("`{text}`"),
            Value::Quoted(text) => format!("the text \"{text}\""),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a map".to_owned(),
        };
        self.problem(place, format!("{what} must be {wanted}, not {found}"));
    }
}

impl<'n> Fields<'n> {
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// The value of a key, unless it is missing or null.
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        (entry.node.value != Value::Null).then_some(&entry.node)
    }
}
