//! Patterns over subjects, with the wildcards of NATS: `*` for one part, `>` for one or more at the end.

use std::fmt;
use std::str::FromStr;

use super::{SUBJECT_BYTES_MAX, SubjectError};

/// A pattern such as `hydra.evt.image.*.image_rendered` or `hydra.work.>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// The pattern as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a message under `subject` is wanted.
    pub fn matches(&self, subject: &str) -> bool {
        let mut actual = subject.split('.');
        for wanted in self.0.split('.') {
            match (wanted, actual.next()) {
                (_, None) => return false,
                (">", Some(_)) => return true,
                ("*", Some(_)) => {}
                (wanted, Some(part)) if wanted == part => {}
                (_, Some(_)) => return false,
            }
        }
        actual.next().is_none()
    }
}

impl FromStr for Pattern {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        let parts = text.split('.').count();
        let good = |(index, part): (usize, &str)| match part {
            "*" => true,
            ">" => index + 1 == parts,
            part => !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)),
        };
        match text.len() <= SUBJECT_BYTES_MAX && text.split('.').enumerate().all(good) {
            true => Ok(Self(text.to_owned())),
            false => Err(SubjectError::Pattern(text.to_owned())),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
