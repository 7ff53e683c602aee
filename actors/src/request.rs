//! Orders for portraits, as `hydra queue add FILE` takes them: who, where, with which expression and outfit,
//! and how many pictures.
//!
//! `count` is the number of pictures of an order. Its `prompts` are variants that the pictures take in turn
//! (picture 0 the first, picture 1 the second, after the last the first again); they do not multiply the
//! count. What can go wrong is listed with line and column, as for a characters file.

mod id;
mod rules;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cast::CastProblem;
use crate::cast::document::{self, Node, Value};
use crate::cast::reader::{Fields, Reader};
use crate::cast::{ProfileProblem, emotion_rule, is_emotion, name_rule, text_rule};

pub use id::{ID_CHARS_MAX, IdProblem, check_id, slug};
pub use rules::RequestProblem;

/// The largest order file, in bytes.
pub const FILE_BYTES_MAX: usize = 1024 * 1024;
/// The most orders in one file.
pub const REQUESTS_MAX: usize = 1000;
/// The most pictures of one order.
pub const COUNT_MAX: u32 = 50;
/// The most prompt variants of one order.
pub const PROMPTS_MAX: usize = 10;
/// Priorities run from `-PRIORITY_MAX` to `PRIORITY_MAX`.
pub const PRIORITY_MAX: i32 = 100;
const PROMPT_CHARS_MAX: usize = 2000;

const KEYS: [&str; 8] =
    ["character", "scene", "emotion", "outfit", "priority", "count", "prompts", "chapter"];

/// One order: `count` pictures of a character in a scene, with an expression and an outfit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PortraitRequest {
    /// Name or alias of the character.
    pub character: String,
    /// The scene's title, such as `harbour at night`.
    pub scene: String,
    /// One of the ten emotions.
    pub emotion: String,
    /// The outfit's name.
    pub outfit: String,
    /// What comes first: -100 to 100, higher earlier.
    #[serde(default)]
    pub priority: i32,
    /// How many pictures, 1 to 50.
    #[serde(default = "one")]
    pub count: u32,
    /// Up to ten wordings that the pictures take in turn; none leaves the wording to the Writer.
    #[serde(default)]
    pub prompts: Vec<String>,
    /// The id of the chapter the pictures belong to, if any.
    #[serde(default)]
    pub chapter: Option<String>,
}

impl PortraitRequest {
    /// The prompt of the picture with that index, counted from 0.
    #[must_use]
    pub fn prompt_for(&self, picture: u32) -> Option<&str> {
        let turn = usize::try_from(picture).ok()?.checked_rem(self.prompts.len())?;
        self.prompts.get(turn).map(String::as_str)
    }
}

/// How many pictures the orders ask for together: the sum of their counts.
#[must_use]
pub fn total_images(requests: &[PortraitRequest]) -> u64 {
    requests.iter().map(|request| u64::from(request.count)).sum()
}

/// Reads one order or a list of them, JSON or YAML; `file` only names the source in messages.
///
/// # Errors
/// Every problem found, in the order of the text, at most a hundred.
pub fn parse(text: &str, file: &str) -> Result<Vec<PortraitRequest>, Vec<CastProblem>> {
    let root = document::parse(text, file, FILE_BYTES_MAX).map_err(|problem| vec![problem])?;
    let mut reader = Reader::new(file);
    let requests = requests(&mut reader, &root);
    reader.finish(requests)
}

fn one() -> u32 {
    1
}

fn requests(reader: &mut Reader, root: &Node) -> Vec<PortraitRequest> {
    match &root.value {
        Value::List(items) if items.is_empty() => {
            reader.problem(root.place, "the list of orders is empty");
            Vec::new()
        }
        Value::List(_) => {
            let items = reader.list(root, "the list of orders", REQUESTS_MAX);
            items.iter().take(REQUESTS_MAX).filter_map(|item| request(reader, item)).collect()
        }
        Value::Map(_) | Value::Null | Value::Plain(_) | Value::Quoted(_) => {
            request(reader, root).into_iter().collect()
        }
    }
}

fn request(reader: &mut Reader, node: &Node) -> Option<PortraitRequest> {
    let fields = reader.fields(node, "an order", &KEYS);
    let character = title(reader, &fields, "character");
    let scene = title(reader, &fields, "scene");
    let emotion = needed(reader, &fields, "emotion");
    let outfit = title(reader, &fields, "outfit");
    if let (Some(word), Some(node)) = (&emotion, fields.get("emotion")) {
        reader.holds(node.place, emotion_rule(word));
    }
    let priority = whole(reader, &fields, "priority", -PRIORITY_MAX..=PRIORITY_MAX).unwrap_or(0);
    let count = whole(reader, &fields, "count", 1..=COUNT_MAX).unwrap_or(1);
    let prompts = prompts(reader, &fields);
    let chapter = chapter(reader, &fields);
    let emotion = emotion.filter(|word| is_emotion(word))?;
    Some(PortraitRequest {
        character: character?,
        scene: scene?,
        emotion,
        outfit: outfit?,
        priority,
        count,
        prompts,
        chapter,
    })
}

fn needed(reader: &mut Reader, fields: &Fields, key: &str) -> Option<String> {
    match fields.get(key) {
        Some(node) => reader.text(node, key),
        None => {
            reader.problem(fields.place(), format!("an order needs `{key}`"));
            None
        }
    }
}

/// A name that becomes part of an id, and therefore must have something to make one of.
fn title(reader: &mut Reader, fields: &Fields, key: &str) -> Option<String> {
    let title = needed(reader, fields, key)?;
    let place = fields.get(key).map_or(fields.place(), |node| node.place);
    reader.holds(place, name_rule(key, &title)).then_some(title)
}

fn whole<T: std::str::FromStr + PartialOrd + std::fmt::Display>(
    reader: &mut Reader,
    fields: &Fields,
    key: &str,
    range: std::ops::RangeInclusive<T>,
) -> Option<T> {
    let node = fields.get(key)?;
    let wanted = format!("a whole number from {} to {}", range.start(), range.end());
    let value: i64 = reader.number(node, key, &wanted)?;
    let value = value.to_string().parse().ok().filter(|value| range.contains(value));
    if value.is_none() {
        reader.problem(node.place, format!("{key} must be {wanted}"));
    }
    value
}

fn prompts(reader: &mut Reader, fields: &Fields) -> Vec<String> {
    let Some(node) = fields.get("prompts") else {
        return Vec::new();
    };
    let mut prompts = Vec::new();
    for item in reader.list(node, "prompts", PROMPTS_MAX) {
        let prompt = reader.text(item, "a prompt");
        let rule = match &prompt {
            Some(prompt) => text_rule("a prompt", prompt, PROMPT_CHARS_MAX),
            None => Err(ProfileProblem::Empty("a prompt".to_owned())),
        };
        if reader.holds(item.place, rule) {
            prompts.extend(prompt);
        }
    }
    prompts
}

fn chapter(reader: &mut Reader, fields: &Fields) -> Option<String> {
    let node = fields.get("chapter")?;
    let id = reader.text(node, "chapter")?;
    match check_id(&id) {
        Ok(()) => Some(id),
        Err(problem) => {
            reader.problem(node.place, format!("chapter: {problem}"));
            None
        }
    }
}
