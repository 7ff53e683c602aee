//! Patterns over `category.id.event`, with the wildcards of NATS: `*` for one part, `>` for the rest.

use std::collections::BTreeSet;

use crate::record::Recorded;
use crate::stream::is_id;
use crate::vocabulary;

/// Which events a reader wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    parts: Vec<String>,
}

/// A pattern that could never match.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FilterError {
    /// The first part is no category.
    #[error("no stream category is called {0:?}: known are {known}", known = vocabulary::categories().join(", "))]
    Category(String),
    /// The third part is no event of the category.
    #[error("{category} has no event called {event:?}: known are {known}", known = known.join(", "))]
    Event {
        /// The category.
        category: String,
        /// The event as it came.
        event: String,
        /// The events the category has.
        known: Vec<String>,
    },
    /// The pattern has empty or too many parts, or `>` before its end.
    #[error(
        "{0:?} is no pattern: use category.id.event with * for any part and > for the rest, such as image.> or \
         *.*.image_rendered"
    )]
    Shape(String),
}

impl Filter {
    /// Reads a pattern such as `image.>`, `scene.*.scene_written` or `>`.
    pub fn parse(pattern: &str) -> Result<Self, FilterError> {
        let parts: Vec<String> = pattern.split('.').map(str::to_owned).collect();
        let literal = |at: usize| parts.get(at).filter(|p| !matches!(p.as_str(), "*" | ">"));
        let complete = parts.len() == 3 || parts.last().is_some_and(|p| p == ">");
        let rest_inside = parts.iter().rev().skip(1).any(|p| p == ">");
        let no_id = literal(1).is_some_and(|id| !is_id(id));
        let no_part = |part: &String| part.is_empty() || part.contains(char::is_whitespace);
        if parts.len() > 3 || !complete || rest_inside || no_id || parts.iter().any(no_part) {
            return Err(FilterError::Shape(pattern.to_owned()));
        }
        if let Some(category) = literal(0).filter(|c| !vocabulary::categories().contains(&c.as_str())) {
            return Err(FilterError::Category(category.clone()));
        }
        if let Some(event) = literal(2) {
            let known = literal(0).map_or_else(all_event_names, |category| vocabulary::event_names(category));
            if !known.contains(event) {
                let category = literal(0).map_or("no category", String::as_str).to_owned();
                return Err(FilterError::Event { category, event: event.clone(), known });
            }
        }
        Ok(Self { parts })
    }

    /// Whether `event` is wanted. The empty filter wants everything.
    pub fn matches(&self, event: &Recorded) -> bool {
        let actual = [event.stream.category(), event.stream.id(), event.kind.name()];
        let mut parts = self.parts.iter();
        for part in actual {
            match parts.next().map(String::as_str) {
                None | Some(">") => return true,
                Some("*") => {}
                Some(wanted) if wanted == part => {}
                Some(_) => return false,
            }
        }
        true
    }
}

fn all_event_names() -> Vec<String> {
    let names: BTreeSet<String> =
        vocabulary::categories().into_iter().flat_map(vocabulary::event_names).collect();
    names.into_iter().collect()
}
