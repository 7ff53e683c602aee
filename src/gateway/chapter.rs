//! A chapter requested with its texts, by senders that have no content store at hand: n8n, Home Assistant, `nats req`.

use std::path::PathBuf;

use hydra_actors::cast;
use hydra_bus::nats::ingress::ServiceError;
use hydra_events::ContentStore;
use hydra_events::vocabulary::chapter::Fill;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::refused;
use crate::commands::produce::request;
use crate::commands::through::Command;
use crate::exit::BadInput;
use crate::input;

/// What a request with texts holds instead of a title and a source.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// The chapter's name or id.
    stream: String,
    /// The screenplay, in Fountain.
    screenplay: String,
    /// The characters file, in YAML, without references to files.
    characters: Option<String>,
    /// Whether scenes without dialogue get placeholder lines.
    #[serde(default)]
    fill: Fill,
    /// Pictures made of each subject.
    #[serde(default = "one")]
    candidates: u32,
}

fn one() -> u32 {
    1
}

/// Whether the fields are a request with texts. Whoever has a content store names the source in it; all others
/// learn best what is wrong with theirs from what a request with texts may hold.
pub fn is_with_texts(command: &str, fields: &Map<String, Value>) -> bool {
    command == "request_chapter" && !fields.contains_key("source")
}

/// The schema of a request, with or without texts.
pub fn with_texts(schema: Value) -> Value {
    let mut schema = schema;
    let definitions = schema.as_object_mut().and_then(|object| object.remove("$defs")).unwrap_or_default();
    let texts = json!({
        "type": "object",
        "description": "The same with the texts themselves, by whoever has no content store at hand.",
        "required": ["stream", "screenplay"],
        "additionalProperties": false,
        "properties": {
            "stream": { "type": "string", "description": "the name of the chapter, chapter-ID, or its ID alone" },
            "screenplay": { "type": "string", "description": "the screenplay, in Fountain" },
            "characters": { "type": "string", "description": "the characters file, in YAML, without references to files" },
            "fill": { "enum": ["no", "placeholders"] },
            "candidates": { "type": "integer", "minimum": 1 },
        },
    });
    json!({ "description": schema["description"], "anyOf": [schema, texts], "$defs": definitions })
}

/// What such a request asks of the Director: the characters, then the chapter.
pub async fn commands(
    content: &dyn ContentStore,
    fields: Map<String, Value>,
) -> Result<Vec<Command>, ServiceError> {
    let wrong = |error: anyhow::Error| refused(422, "request", format!("{error:#}"));
    let texts: Texts = serde_json::from_value(Value::Object(fields))
        .map_err(|error| refused(400, "payload", error.to_string()))?;
    let Texts { stream, screenplay, characters, fill, candidates } = texts;
    let stem = stream.strip_prefix("chapter-").unwrap_or(&stream).to_owned();
    let cast = characters.as_deref().map(read_cast).transpose().map_err(wrong)?;
    let file = PathBuf::from(format!("{stem}.fountain"));
    let understood = input::understand(file, screenplay, None, cast).map_err(wrong)?;
    understood.refuse_errors().map_err(|error| wrong(error.into()))?;
    // What was understood can be stored, or the store is away.
    let not_stored = |error| refused(503, "not_durable", format!("not durable now, try again: {error:#}"));
    request::commands(content, &understood, request::Wish { fill, candidates }).await.map_err(not_stored)
}

fn read_cast(text: &str) -> anyhow::Result<cast::Cast> {
    let problems = |problems: Vec<cast::CastProblem>| {
        BadInput(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    };
    let cast = cast::parse(text, "characters").map_err(problems)?;
    if cast.profiles.iter().any(|profile| profile.references.all().next().is_some()) {
        let reason = "references to files can only be sent with `hydra produce`, which has the files";
        return Err(BadInput(reason.to_owned()).into());
    }
    Ok(cast)
}
