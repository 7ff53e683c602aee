//! A row outside its store, in a form that does not depend on where it was.

use hydra_events::vector;
use serde_json::{Map, Number, Value};

use super::Kind;

/// A row: `id`, and every cell that is not null. Two are the same row where they are equal.
pub type Row = Map<String, Value>;

/// The one character that Postgres does not take, and what stands for it.
const NUL: char = '\u{0}';
const REPLACEMENT: &str = "\u{fffd}";
/// The first fractions whose whole numbers are not kept as such.
const WHOLE_END: f64 = 18_446_744_073_709_551_616.0;
const WHOLE_BEGIN: f64 = -9_223_372_036_854_775_808.0;

/// The years 1 to 9999, in microseconds since 1970: what every store and every reader of one can have.
const FIRST: i64 = -62_135_596_800_000_000;
const LAST: i64 = 253_402_300_799_999_999;

/// `value` as every store gives it back from a column of this kind; null where it does not fit.
pub fn normal(kind: Kind, value: Value) -> Value {
    match (kind, value) {
        (_, Value::Null) => Value::Null,
        (Kind::Json, value) => document(value),
        (Kind::Vector, Value::String(text)) => vector::bytes_of(&text).map_or(Value::Null, |_| text.into()),
        (Kind::Vector, _) => Value::Null,
        // A zero below nothing is one in some stores only.
        (Kind::Real, value) => value.as_f64().map_or(Value::Null, |number| (number + 0.0).into()),
        (Kind::Integer, Value::Bool(truth)) => i64::from(truth).into(),
        (Kind::Integer, value) => value.as_i64().map_or(Value::Null, Value::from),
        (Kind::Time, value) => value.as_i64().map_or(Value::Null, |time| time.clamp(FIRST, LAST).into()),
        (Kind::Text | Kind::TextOr(_), Value::String(text)) => text_without_nul(text).into(),
        (Kind::Text | Kind::TextOr(_), value) => document(value).to_string().into(),
    }
}

/// A text as every store can keep it.
pub(crate) fn text_without_nul(text: String) -> String {
    if text.contains(NUL) { text.replace(NUL, REPLACEMENT) } else { text }
}

/// A document as it comes back from a store that keeps numbers as decimals.
fn document(value: Value) -> Value {
    match value {
        Value::String(text) => text_without_nul(text).into(),
        Value::Number(number) => whole(&number).unwrap_or(Value::Number(number)),
        Value::Array(values) => values.into_iter().map(document).collect(),
        Value::Object(cells) => {
            cells.into_iter().map(|(key, value)| (text_without_nul(key), document(value))).collect()
        }
        Value::Null | Value::Bool(_) => value,
    }
}

/// The whole number that a fraction is.
fn whole(number: &Number) -> Option<Value> {
    let fraction = number.as_f64().filter(|fraction| number.is_f64() && fraction.fract() == 0.0)?;
    if (0.0..WHOLE_END).contains(&fraction) {
        return Some((fraction as u64).into());
    }
    (WHOLE_BEGIN..0.0).contains(&fraction).then(|| (fraction as i64).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_what_its_column_gives_back() {
        for (kind, value, expected) in [
            (Kind::Text, json!("a\u{0}b"), json!("a\u{fffd}b")),
            (Kind::Text, json!(7), json!("7")),
            (Kind::TextOr("x"), json!({"b": 1.0, "a": [true]}), json!("{\"a\":[true],\"b\":1}")),
            (Kind::Integer, json!(true), json!(1)),
            (Kind::Integer, json!("7"), json!(null)),
            (Kind::Time, json!(u64::MAX), json!(null)),
            (Kind::Time, json!(i64::MAX), json!(LAST)),
            (Kind::Real, json!(7), json!(7.0)),
            (
                Kind::Json,
                json!({ "\u{0}": [-0.0, 1e19, 0.5] }),
                json!({ "\u{fffd}": [0, 10_000_000_000_000_000_000_u64, 0.5] }),
            ),
            (Kind::Json, json!([-7.0, 1e300]), json!([-7, 1e300])),
            (Kind::Json, json!(null), json!(null)),
            (Kind::Vector, json!("AACAPw=="), json!("AACAPw==")),
            (Kind::Vector, json!("AACAP"), json!(null)),
            (Kind::Vector, json!([1.0]), json!(null)),
        ] {
            let found = normal(kind, value);
            assert_eq!(found, expected, "{kind:?}");
            assert_eq!(normal(kind, found), expected, "{kind:?} again");
        }
    }
}
