//! Where two events differ: by type, by effect, by the path of a field.

use hydra_events::record::{Draft, EffectMark, Recorded};
use hydra_events::upcast::{self, Upcaster};
use serde_json::Value;

/// The first difference between two things.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where it is: a path such as `scores[0].value`, or what else of an event differs.
    pub field: String,
    /// What was recorded.
    pub recorded: Value,
    /// What today's code decides.
    pub decided: Value,
}

impl Difference {
    pub(super) fn new(field: &str, recorded: impl Into<Value>, decided: impl Into<Value>) -> Self {
        Self { field: field.to_owned(), recorded: recorded.into(), decided: decided.into() }
    }
}

/// Where `recorded`, lifted by `steps`, differs from `decided`. Fields an upcaster added are not compared: nobody
/// decided them.
pub fn compare_event(recorded: &Recorded, decided: &Draft, steps: &[Upcaster]) -> Option<Difference> {
    let unreadable = |what: String| Some(Difference::new("unreadable", what, Value::Null));
    let lifted = upcast::lift(steps, &recorded.kind, &recorded.payload);
    let (kind, payload) = match lifted {
        Ok(lifted) => lifted,
        Err(error) => return unreadable(error.to_string()),
    };
    if kind != decided.kind {
        return Some(Difference::new("type", kind.as_str(), decided.kind.as_str()));
    }
    if recorded.effect != decided.effect {
        return Some(Difference::new("effect", mark(&recorded.effect), mark(&decided.effect)));
    }
    if *payload == *decided.payload {
        return None;
    }
    let (Ok(before), Ok(now)) = (serde_json::from_slice(&payload), serde_json::from_slice(&decided.payload))
    else {
        return unreadable("the payload is no JSON".into());
    };
    let (before, mut now): (Value, Value) = (before, now);
    if kind != recorded.kind {
        forget_added(&recorded.payload, &before, &mut now);
    }
    first_difference(&before, &now)
}

/// The first difference between two values, in the order of the recorded one; the path of the whole is `payload`.
pub fn first_difference(recorded: &Value, decided: &Value) -> Option<Difference> {
    differs_at("", recorded, decided)
}

fn differs_at(path: &str, recorded: &Value, decided: &Value) -> Option<Difference> {
    match (recorded, decided) {
        (Value::Object(before), Value::Object(now)) => {
            let named = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            let names = before.keys().chain(now.keys().filter(|name| !before.contains_key(*name)));
            let at =
                |name: &String| differs_at(&named(name), value_of(before.get(name)), value_of(now.get(name)));
            names.into_iter().find_map(at)
        }
        (Value::Array(before), Value::Array(now)) => {
            let at = |index| {
                differs_at(&format!("{path}[{index}]"), value_of(before.get(index)), value_of(now.get(index)))
            };
            (0..before.len().max(now.len())).find_map(at)
        }
        (before, now) if before == now => None,
        (before, now) => {
            let path = if path.is_empty() { "payload" } else { path };
            Some(Difference::new(path, before.clone(), now.clone()))
        }
    }
}

fn value_of(value: Option<&Value>) -> &Value {
    value.unwrap_or(&Value::Null)
}

/// Gives `now` the values of the fields that lifting added to what was recorded.
fn forget_added(raw: &[u8], lifted: &Value, now: &mut Value) {
    let Ok(Value::Object(raw)) = serde_json::from_slice(raw) else { return };
    let (Value::Object(lifted), Value::Object(now)) = (lifted, now) else { return };
    for (name, value) in lifted.iter().filter(|(name, _)| !raw.contains_key(*name)) {
        now.insert(name.clone(), value.clone());
    }
}

fn mark(mark: &Option<EffectMark>) -> Value {
    mark.as_ref().map_or(Value::Null, |mark| {
        serde_json::json!({ "effect": mark.effect, "role": mark.role.as_str(), "attempt": mark.attempt })
    })
}
