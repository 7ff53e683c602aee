//! The name of a stream, `category-id`: checked once, at the edge, so that no id can break a subject, a path or
//! a key further in.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest id, in bytes.
pub const ID_LENGTH_MAX: usize = 100;

/// The name of a stream: a category without `-`, then `-`, then an id of `[A-Za-z0-9_-]{1,100}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct StreamName {
    full: Arc<str>,
    category_length: u8,
}

/// Why a text is no stream name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NameError {
    /// There is no `-`, or the part before it is not made of lower-case letters.
    #[error("{0:?} has no category: a stream is named category-id, such as image-keeper_happy")]
    Category(String),
    /// The id holds something that could break a subject, a path or a key.
    #[error("id {id:?} is not allowed: use 1 to {ID_LENGTH_MAX} of A-Z a-z 0-9 _ -")]
    Id {
        /// The id as it came.
        id: String,
    },
}

impl StreamName {
    /// The stream of `id` in `category`.
    pub fn try_new(category: &str, id: &str) -> Result<Self, NameError> {
        check(category, id)?;
        Ok(Self { full: format!("{category}-{id}").into(), category_length: category.len() as u8 })
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.full
    }

    /// The part before the first `-`.
    pub fn category(&self) -> &str {
        &self.full[..usize::from(self.category_length)]
    }

    /// The part after the first `-`.
    pub fn id(&self) -> &str {
        &self.full[usize::from(self.category_length) + 1..]
    }
}

/// Whether `text` may be the id of a stream.
pub fn is_id(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=ID_LENGTH_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

/// Joins `parts` by `_` to an id; what would grow too long keeps its beginning and gets a digest of the whole.
pub fn join_id(parts: &[&str]) -> String {
    let joined = parts.join("_");
    if joined.len() <= ID_LENGTH_MAX {
        return joined;
    }
    let digest = blake3::hash(joined.as_bytes()).to_hex();
    let kept: String = joined.chars().take(ID_LENGTH_MAX - 17).collect();
    format!("{kept}_{}", &digest[..16])
}

impl FromStr for StreamName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let (category, id) = text.split_once('-').ok_or_else(|| NameError::Category(text.to_owned()))?;
        check(category, id)?;
        Ok(Self { full: text.into(), category_length: category.len() as u8 })
    }
}

fn check(category: &str, id: &str) -> Result<(), NameError> {
    let letters = (1..=30).contains(&category.len()) && category.bytes().all(|b| b.is_ascii_lowercase());
    match (letters, is_id(id)) {
        (true, true) => Ok(()),
        (true, false) => Err(NameError::Id { id: id.to_owned() }),
        (false, _) => Err(NameError::Category(format!("{category}-{id}"))),
    }
}

impl TryFrom<String> for StreamName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<StreamName> for String {
    fn from(name: StreamName) -> Self {
        name.full.as_ref().to_owned()
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.full)
    }
}

impl fmt::Debug for StreamName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_splits_at_its_first_dash() {
        let name: StreamName = "image-keeper-coat_1".parse().unwrap();
        assert_eq!((name.category(), name.id()), ("image", "keeper-coat_1"));
    }

    #[test]
    fn names_that_could_break_a_subject_or_a_path_are_refused() {
        let long = format!("image-{}", "x".repeat(101));
        for text in [
            "",
            "image",
            "-x",
            "image-",
            "image-a.b",
            "image-a b",
            "image-..",
            "image-*",
            "image->",
            "Image-a",
        ]
        .into_iter()
        .chain(["image-a/b", "image-é", "im age-a", "image-a\n", long.as_str()])
        {
            assert!(text.parse::<StreamName>().is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn a_joined_id_is_always_an_id_and_long_ones_stay_apart() {
        let long = "x".repeat(90);
        let (a, b) = (join_id(&[&long, "happy", "one"]), join_id(&[&long, "happy", "two"]));
        assert!(is_id(&a) && is_id(&b));
        assert_ne!(a, b);
    }
}
