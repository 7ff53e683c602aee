//! Patterns over `category.id.event`, with the wildcards of NATS: `*` for one part, `>` for the rest.

use crate::record::Recorded;
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
        "{0:?} is no pattern: use category.id.event with * for any part and > for the rest, such as 'image.>'"
    )]
    Shape(String),
}

impl Filter {
    /// Reads a pattern such as `image.>`, `scene.*.scene_written` or `>`.
    pub fn parse(pattern: &str) -> Result<Self, FilterError> {
        let parts: Vec<String> = pattern.split('.').map(str::to_owned).collect();
        let rest_inside = parts.iter().rev().skip(1).any(|p| p == ">");
        if parts.len() > 3
            || rest_inside
            || parts.iter().any(|p| p.is_empty() || p.contains(char::is_whitespace))
        {
            return Err(FilterError::Shape(pattern.to_owned()));
        }
        let literal = |at: usize| parts.get(at).filter(|p| !matches!(p.as_str(), "*" | ">"));
        if let Some(category) = literal(0).filter(|c| !vocabulary::categories().contains(&c.as_str())) {
            return Err(FilterError::Category(category.clone()));
        }
        if let (Some(category), Some(event)) = (literal(0), literal(2)) {
            let known = vocabulary::event_names(category);
            if !known.contains(event) {
                return Err(FilterError::Event { category: category.clone(), event: event.clone(), known });
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
