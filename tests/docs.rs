//! The reference of commands and events, docs/events.md, is what the code says.
//!
//! `HYDRA_WRITE_DOCS=1 cargo test --test docs` writes it anew.

use std::collections::BTreeMap;
use std::path::Path;

use hydra_actors::registry::ACTORS;
use hydra_events::vocabulary::effect::{EffectCommand, EffectEvent};
use hydra_events::vocabulary::{CATEGORIES, Category};
use schemars::SchemaGenerator;
use serde_json::Value;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/events.md");

const HEAD: &str = "\
# Commands and events

Everything Hydra may be told and everything it records. This page is written from the code by
`HYDRA_WRITE_DOCS=1 cargo test --test docs`; a test keeps it current.

A stream is called `category-id`, such as `image-lighthouse_keeper_1`. On the wire a command or an event is called
`category.name.vN`, such as `image.image_rendered.v1`, and its payload is a JSON object with the fields below. A name
stays what it is for ever: other fields make a new version, and older ones are lifted when they are read. Streams that
owe work to the outside world also know [the effect protocol](#the-effect-protocol).
";

/// The schemas of named types.
type Definitions = BTreeMap<String, Value>;

fn reference() -> String {
    let mut generator = SchemaGenerator::default();
    for category in CATEGORIES {
        (category.commands)(&mut generator);
        (category.events)(&mut generator);
    }
    let commands = generator.subschema_for::<EffectCommand>();
    let events = generator.subschema_for::<EffectEvent>();
    let (commands, events) = (name_of(commands.as_value()), name_of(events.as_value()));
    let definitions: Definitions =
        generator.definitions().iter().map(|(name, schema)| (name.clone(), schema.clone())).collect();
    let mut page = HEAD.to_owned();
    for actor in ACTORS {
        page += &format!("\n## The {actor}\n");
        for category in CATEGORIES.iter().filter(|category| category.actor == actor) {
            page += &of_category(category, &definitions);
        }
    }
    page += "\n## The effect protocol\n\nThe same for every stream that owes work, under the category of the stream.\n";
    page += &of_enum("Commands", &definitions[&commands]);
    page += &of_enum("Events", &definitions[&events]);
    page + &shared(&definitions)
}

fn of_category(category: &Category, definitions: &Definitions) -> String {
    let mut generator = SchemaGenerator::default();
    let commands = name_of((category.commands)(&mut generator).as_value());
    let events = name_of((category.events)(&mut generator).as_value());
    let head = format!("\n### {}\n", category.name);
    head + &of_enum("Commands", &definitions[&commands]) + &of_enum("Events", &definitions[&events])
}

/// The variants of a vocabulary, each with its fields.
fn of_enum(title: &str, schema: &Value) -> String {
    let variants = schema["oneOf"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut text = format!("\n**{title}**: {}\n", words(schema));
    for variant in variants {
        let name = variant["required"][0].as_str().unwrap_or_default();
        text += &format!("\n`{name}`: {}\n", words(variant));
        text += &table(&variant["properties"][name]);
    }
    text
}

/// Every type that is neither a command nor an event.
fn shared(definitions: &Definitions) -> String {
    let mut text = "\n## Shared types\n".to_owned();
    let is_shared = |name: &str| !name.ends_with("Command") && !name.ends_with("Event");
    for (name, schema) in definitions.iter().filter(|(name, _)| is_shared(name)) {
        text += &format!("\n### {name}\n\n{}\n", words(schema));
        text += &match schema["oneOf"].as_array() {
            Some(variants) => choices(variants),
            None if schema["properties"].is_object() => table(schema),
            None => format!("\nWritten as {}.\n", type_of(schema)),
        };
    }
    text
}

/// The variants of a shared enum: words, or objects with one key.
fn choices(variants: &[Value]) -> String {
    let mut text = "\n".to_owned();
    for variant in variants {
        match variant["const"].as_str() {
            Some(word) => text += &format!("- `\"{word}\"`: {}\n", words(variant)),
            None => {
                let name = variant["required"][0].as_str().unwrap_or_default();
                let fields = fields(&variant["properties"][name]);
                let fields =
                    fields.iter().map(|(field, kind, meaning)| format!("  - `{field}`, {kind}: {meaning}\n"));
                text +=
                    &format!("- `{{\"{name}\": {{…}}}}`: {}\n{}", words(variant), fields.collect::<String>());
            }
        }
    }
    text
}

/// A table of the fields of an object.
fn table(schema: &Value) -> String {
    let rows = fields(schema);
    if rows.is_empty() {
        return "\nNo fields.\n".to_owned();
    }
    let rows = rows.iter().map(|(field, kind, meaning)| format!("| `{field}` | {kind} | {meaning} |\n"));
    format!("\n| Field | Type | Meaning |\n| --- | --- | --- |\n{}", rows.collect::<String>())
}

/// Name, type and meaning of each field of an object: those it must have in the order of the code, then the others.
fn fields(schema: &Value) -> Vec<(String, String, String)> {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let place = |name: &str| required.iter().position(|known| *known == name).unwrap_or(usize::MAX);
    let mut fields: Vec<(&String, &Value)> = schema["properties"].as_object().into_iter().flatten().collect();
    fields.sort_by_key(|(name, _)| (place(name), *name));
    let field = |(name, field): (&String, &Value)| {
        let kind = type_of(field);
        let may_be_left_out = place(name) == usize::MAX && !kind.ends_with(" or null");
        let kind = if may_be_left_out { format!("{kind}, optional") } else { kind };
        (name.clone(), kind, words(field))
    };
    fields.into_iter().map(field).collect()
}

/// A type in words, with a link where it is described.
fn type_of(schema: &Value) -> String {
    if schema["$ref"].is_string() {
        let name = name_of(schema);
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(either) = schema["anyOf"].as_array() {
        return either.iter().map(type_of).collect::<Vec<_>>().join(" or ");
    }
    if schema["type"].is_null() {
        return "any JSON".to_owned();
    }
    let simple_or_null = |name: &Value| simple(name.as_str().unwrap_or_default(), schema);
    match schema["type"].as_array() {
        Some(either) => either.iter().map(simple_or_null).collect::<Vec<_>>().join(" or "),
        None => simple_or_null(&schema["type"]),
    }
}

fn simple(name: &str, schema: &Value) -> String {
    match name {
        "array" => format!("list of {}", type_of(&schema["items"])),
        "object" => {
            let keys = schema["propertyNames"].is_object().then(|| type_of(&schema["propertyNames"]));
            let values =
                schema["additionalProperties"].is_object().then(|| type_of(&schema["additionalProperties"]));
            let (keys, values) = (keys.unwrap_or("text".into()), values.unwrap_or("anything".into()));
            format!("object from {keys} to {values}")
        }
        "integer" if schema["minimum"] == 0 => "whole number from 0".to_owned(),
        "integer" => "whole number".to_owned(),
        "number" => "number".to_owned(),
        "boolean" => "true or false".to_owned(),
        "string" => "text".to_owned(),
        "null" => "null".to_owned(),
        _ => panic!("the reference has no words for {schema}"),
    }
}

fn name_of(schema: &Value) -> String {
    let path = schema["$ref"].as_str().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// What the code says of it, in one line; links of the code's own documentation become plain words.
fn words(schema: &Value) -> String {
    let words = schema["description"].as_str().unwrap_or_default();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    words.replace("[`", "`").replace("`]", "`").replace('|', "\\|")
}

#[test]
fn the_event_reference_is_current() {
    let current = reference();
    if std::env::var_os("HYDRA_WRITE_DOCS").is_some() {
        std::fs::create_dir_all(Path::new(FILE).parent().expect("docs/")).expect("docs/ can be made");
        std::fs::write(FILE, &current).expect("docs/events.md can be written");
    }
    let kept = std::fs::read_to_string(FILE).unwrap_or_default();
    let differs = kept.lines().zip(current.lines()).position(|(kept, current)| kept != current);
    let line = differs.unwrap_or_else(|| kept.lines().count().min(current.lines().count())) + 1;
    assert!(
        kept == current,
        "docs/events.md:{line} is not what the code says: HYDRA_WRITE_DOCS=1 cargo test --test docs"
    );
}

#[test]
fn everything_in_the_reference_is_explained() {
    let page = reference();
    let silent: Vec<_> = page.lines().filter(|line| line.ends_with("|  |") || line.ends_with(": ")).collect();
    assert!(silent.is_empty(), "these have no words: {silent:#?}");
    for category in CATEGORIES {
        assert!(page.contains(&format!("\n### {}\n", category.name)), "{} is missing", category.name);
    }
}
