//! A vector of numbers as it travels: 32-bit floats, little-endian, one after the other, in base64 (RFC 4648, padded).
//!
//! What can go wrong: a text that is no base64, or bytes that are no whole number of floats.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes of one component.
const WIDTH: usize = size_of::<f32>();

/// A vector.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vector(pub Vec<f32>);

/// Why a text is no vector.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("a vector is base64 of little-endian 32-bit floats")]
pub struct NotAVector;

impl Vector {
    /// The vector in these bytes; `None` where they are no whole number of floats.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (components, rest) = bytes.as_chunks::<WIDTH>();
        rest.is_empty().then(|| Self(components.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()))
    }

    /// Its bytes, four a component.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|component| component.to_le_bytes()).collect()
    }

    /// How many components it has.
    pub fn dimension(&self) -> usize {
        self.0.len()
    }

    /// Whether it has a direction: every component is a number, and one of them is not zero.
    pub fn has_direction(&self) -> bool {
        self.0.iter().all(|component| component.is_finite())
            && self.0.iter().any(|component| *component != 0.0)
    }
}

/// The bytes that `text` stands for; `None` where it is no vector.
pub fn bytes_of(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok().filter(|bytes| bytes.len().is_multiple_of(WIDTH))
}

/// The text that stands for `bytes`.
pub fn text_of(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

impl fmt::Display for Vector {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&text_of(&self.to_bytes()))
    }
}

impl FromStr for Vector {
    type Err = NotAVector;

    fn from_str(text: &str) -> Result<Self, NotAVector> {
        bytes_of(text).and_then(|bytes| Self::from_bytes(&bytes)).ok_or(NotAVector)
    }
}

impl Serialize for Vector {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Vector {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Vector {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Vector".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "contentEncoding": "base64",
            "description": "32-bit floats, little-endian, one after the other"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_comes_back_bit_by_bit() {
        for components in
            [vec![], vec![0.1, -0.0, 1e-40], vec![f32::MAX, f32::MIN_POSITIVE, f32::NEG_INFINITY, 3.0]]
        {
            let vector = Vector(components);
            let json = serde_json::to_string(&vector).unwrap();
            let again: Vector = serde_json::from_str(&json).unwrap();
            assert_eq!(again.to_bytes(), vector.to_bytes(), "{json}");
        }
        assert_eq!(Vector(vec![1.0]).to_string(), "AACAPw==");
    }

    #[test]
    fn what_is_no_whole_number_of_floats_is_no_vector() {
        for text in ["AACA", "AACAPw", "AACAPw=", "not base64", "AACAPwA="] {
            assert_eq!(text.parse::<Vector>(), Err(NotAVector), "{text}");
        }
        assert_eq!(Vector::from_bytes(&[0; 6]), None);
    }

    #[test]
    fn only_numbers_that_are_not_all_zero_point_anywhere() {
        assert!(Vector(vec![0.0, -1.0]).has_direction());
        for components in [vec![], vec![0.0, -0.0], vec![1.0, f32::NAN], vec![f32::INFINITY]] {
            assert!(!Vector(components.clone()).has_direction(), "{components:?}");
        }
    }
}
