//! Which commands are offered, and what senders are told of them: a line, the fields, and a JSON schema.

use std::collections::{BTreeMap, BTreeSet};

use hydra_events::vocabulary::effect::EffectCommand;
use hydra_events::vocabulary::{CATEGORIES, Category};
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::chapter;

/// What is offered of each category.
const OFFERED: &[(&str, &[&str])] = &[
    ("chapter", &["request_chapter", "cancel_chapter"]),
    ("character", &["define_character"]),
    ("order", &["place_order", "cancel_order"]),
    ("image", &["retry_image"]),
    ("line", &["retry_line"]),
    ("cluster", &["pause_queue", "resume_queue", "move_task"]),
    ("plan", &["add_plan", "remove_plan"]),
    ("approval", &["answer_approval"]),
    ("incident", &["open_incident", "resolve_incident"]),
    ("policy", &["set_policy"]),
];
/// What is offered for the parked effects of every stream, whatever its category.
const OF_EFFECTS: &[&str] = &["retry_effect", "drop_effect"];
/// Categories with one stream only.
pub const SINGLE: [&str; 2] = ["cluster", "policy"];

/// Commands that may be sent, by actor and name.
pub type Offers = BTreeMap<(&'static str, String), Offer>;

/// A command that may be sent.
pub struct Offer {
    /// The category of its streams; `None` where the stream has to say it.
    pub category: Option<&'static str>,
    /// The JSON schema of its payload.
    pub schema: Value,
}

impl Offer {
    /// What it does, in one line.
    pub fn description(&self) -> String {
        self.schema["description"].as_str().unwrap_or_default().to_owned()
    }

    /// The names of its fields, those in brackets that may be left out. Command lines cut a schema short.
    pub fn fields(&self) -> String {
        let variants = self.schema["anyOf"].as_array();
        let schema = variants.and_then(|variants| variants.last()).unwrap_or(&self.schema);
        let required = required(schema);
        let mut names: Vec<&str> =
            schema["properties"].as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect();
        names.sort_by_key(|name| (!required.contains(name), *name != "stream"));
        let shown =
            |name: &&str| if required.contains(name) { (*name).to_owned() } else { format!("[{name}]") };
        names.iter().map(shown).collect::<Vec<_>>().join(", ")
    }
}

fn required(schema: &Value) -> BTreeSet<&str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Everything that is offered.
pub fn offers() -> Offers {
    let mut offers = BTreeMap::new();
    for category in CATEGORIES {
        let names =
            OFFERED.iter().find(|(name, _)| *name == category.name).map_or(&[][..], |(_, names)| names);
        for name in names {
            let offer = Offer { category: Some(category.name), schema: schema(category, name) };
            offers.insert((category.actor, (*name).to_owned()), offer);
        }
        for name in OF_EFFECTS {
            let schema = variant(|generator| generator.subschema_for::<EffectCommand>(), name);
            let schema = with_needed_stream(schema, "the whole name of the stream");
            offers.insert((category.actor, (*name).to_owned()), Offer { category: None, schema });
        }
    }
    offers
}

fn schema(category: &Category, name: &str) -> Value {
    let schema = variant(category.commands, name);
    if SINGLE.contains(&category.name) {
        return with_stream(schema, &format!("may be left out: there is only {}-main", category.name));
    }
    let schema =
        with_needed_stream(schema, &format!("the name of the {0}, {0}-ID, or its ID alone", category.name));
    if name == "request_chapter" { chapter::with_texts(schema) } else { schema }
}

/// The schema of one command's fields.
fn variant(commands: impl FnOnce(&mut SchemaGenerator) -> schemars::Schema, name: &str) -> Value {
    let mut generator = SchemaGenerator::default();
    let root = commands(&mut generator);
    let definitions = generator.take_definitions(true);
    let named = root.as_value()["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    let all = named.and_then(|named| definitions.get(named)).unwrap_or(root.as_value());
    let variants = all["oneOf"].as_array().map(Vec::as_slice).unwrap_or_default();
    let found = variants.iter().find(|variant| variant["required"][0] == name);
    let mut schema = found.map(|variant| variant["properties"][name].clone()).unwrap_or_else(|| json!({}));
    if let Some(description) = found.and_then(|variant| variant.get("description")) {
        schema["description"] = description.clone();
    }
    schema["$defs"] = Value::Object(used(&schema, definitions));
    schema
}

/// The definitions `schema` refers to, and those these refer to: the other commands of the entity are not among them.
fn used(schema: &Value, mut definitions: Map<String, Value>) -> Map<String, Value> {
    let mut used = Map::new();
    let mut open = vec![schema.clone()];
    while let Some(next) = open.pop() {
        for name in references(&next) {
            if let Some(definition) = definitions.remove(&name) {
                open.push(definition.clone());
                used.insert(name, definition);
            }
        }
    }
    used
}

fn references(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(object) => {
            let own = object.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
            own.map(str::to_owned).into_iter().chain(object.values().flat_map(references)).collect()
        }
        Value::Array(values) => values.iter().flat_map(references).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn with_needed_stream(schema: Value, description: &str) -> Value {
    let mut schema = with_stream(schema, description);
    match schema["required"].as_array_mut() {
        Some(required) => required.push("stream".into()),
        None => schema["required"] = json!(["stream"]),
    }
    schema
}

fn with_stream(mut schema: Value, description: &str) -> Value {
    schema["properties"]["stream"] = json!({ "type": "string", "description": description });
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(actor: &'static str, command: &str) -> Offer {
        offers().remove(&(actor, command.to_owned())).unwrap()
    }

    #[test]
    fn every_command_is_described_and_its_schema_is_closed() {
        for ((actor, command), offer) in offers() {
            assert!(!offer.description().is_empty(), "{actor} {command}");
            let known = offer.schema["$defs"].as_object().unwrap();
            let mut wanted = references(&offer.schema);
            wanted.sort();
            wanted.dedup();
            assert_eq!(known.keys().cloned().collect::<Vec<_>>(), wanted, "{actor} {command}");
        }
    }

    #[test]
    fn the_fields_a_sender_must_give_stand_first() {
        let fields = |actor, command| offer(actor, command).fields();
        assert_eq!(
            fields("director", "request_chapter"),
            "stream, screenplay, [candidates], [characters], [fill]"
        );
        assert_eq!(fields("scheduler", "pause_queue"), "reason, [stream]");
        assert_eq!(fields("scheduler", "resume_queue"), "[stream]");
        assert_eq!(fields("steward", "answer_approval"), "stream, by, note, verdict");
        assert_eq!(fields("artist", "retry_effect"), "stream, [effect]");
    }
}
