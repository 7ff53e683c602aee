//! From the tree of a characters file to profiles: which keys there are, and what each must hold.

mod reference;
mod voice;

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Node, Place, Value};
use super::reader::Reader;
use super::rules::{self, ALIASES_MAX, ENTRIES_MAX, NAME_CHARS_MAX, PALETTE_MAX, TEXT_CHARS_MAX, TRAITS_MAX};
use super::{CHARACTERS_MAX, Looks, PlacedReference, Profile, Style, name_key};

const KEYS: [&str; 7] = ["name", "aliases", "looks", "style", "outfits", "references", "voice"];

/// What reading gathers beside the problems.
#[derive(Default)]
struct Gathered {
    profiles: Vec<Profile>,
    references: Vec<PlacedReference>,
    names: BTreeMap<String, String>,
}

/// Reads the whole file; problems stay in the reader.
pub(super) fn characters(reader: &mut Reader, root: &Node) -> (Vec<Profile>, Vec<PlacedReference>) {
    let mut gathered = Gathered::default();
    let fields = reader.fields(root, "the file", &["characters"]);
    let Some(characters) = fields.get("characters") else {
        reader.problem(fields.place(), "no `characters:` here, it holds a profile per name");
        return (Vec::new(), Vec::new());
    };
    match &characters.value {
        Value::List(items) => {
            reader.holds(characters.place, rules::count("characters", items.len(), CHARACTERS_MAX));
            for node in items.iter().take(CHARACTERS_MAX) {
                listed(reader, &mut gathered, node);
            }
        }
        Value::Null | Value::Plain(_) | Value::Quoted(_) | Value::Map(_) => {
            let entries = reader.entries(characters, "characters", CHARACTERS_MAX);
            for entry in entries.iter().take(CHARACTERS_MAX) {
                character(reader, &mut gathered, (&entry.key, entry.place), &entry.node, &KEYS[1..]);
            }
        }
    }
    (gathered.profiles, gathered.references)
}

/// A profile of the list form, which carries its name inside.
fn listed(reader: &mut Reader, gathered: &mut Gathered, node: &Node) {
    let Value::Map(entries) = &node.value else {
        reader.problem(node.place, "a character of the list must be a map with a `name`");
        return;
    };
    let named = entries.iter().find(|entry| entry.key == "name");
    let name = named.and_then(|entry| reader.text(&entry.node, "name").map(|name| (name, entry.node.place)));
    match name {
        Some((name, place)) => character(reader, gathered, (&name, place), node, &KEYS),
        None => reader.problem(node.place, "a character of the list needs a `name`"),
    }
}

fn character(reader: &mut Reader, gathered: &mut Gathered, name: (&str, Place), node: &Node, keys: &[&str]) {
    let (name, place) = (name.0.trim(), name.1);
    reader.holds(place, rules::name("name", name));
    claim_name(reader, gathered, place, name, name);
    let fields = reader.fields(node, &format!("the profile of {name}"), keys);
    let mut profile = Profile { name: name.to_owned(), ..Profile::default() };
    if let Some(node) = fields.get("aliases") {
        profile.aliases = aliases(reader, gathered, node, name);
    }
    if let Some(node) = fields.get("looks") {
        profile.looks = looks(reader, node);
    }
    if let Some(node) = fields.get("style") {
        profile.style = style(reader, node);
    }
    if let Some(node) = fields.get("outfits") {
        profile.outfits = outfits(reader, node);
    }
    if let Some(node) = fields.get("references") {
        profile.references = reference::references(reader, node, &mut gathered.references);
    }
    if let Some(node) = fields.get("voice") {
        profile.voice = voice::voice(reader, node);
    }
    gathered.profiles.push(profile);
}

/// Notes a name or alias that another character already has.
fn claim_name(reader: &mut Reader, gathered: &mut Gathered, place: Place, name: &str, owner: &str) {
    match gathered.names.get(&name_key(name)) {
        Some(first) => {
            reader.problem(place, format!("the name `{name}` is taken by {first}, write each once"));
        }
        None => {
            gathered.names.insert(name_key(name), owner.to_owned());
        }
    }
}

fn aliases(reader: &mut Reader, gathered: &mut Gathered, node: &Node, owner: &str) -> Vec<String> {
    let mut aliases = Vec::new();
    for item in reader.list(node, "aliases", ALIASES_MAX) {
        let Some(alias) = required(reader, item, "an alias") else {
            continue;
        };
        if reader.holds(item.place, rules::name("alias", &alias)) {
            claim_name(reader, gathered, item.place, &alias, owner);
            aliases.push(alias);
        }
    }
    aliases
}

fn looks(reader: &mut Reader, node: &Node) -> Looks {
    let fields = reader.fields(node, "looks", &["traits", "clothing", "palette"]);
    let mut looks = Looks::default();
    for item in fields.get("traits").map_or(&[][..], |node| reader.list(node, "traits", TRAITS_MAX)) {
        looks.traits.extend(described(reader, item, "a trait"));
    }
    if let Some(node) = fields.get("clothing") {
        looks.clothing = described(reader, node, "clothing").unwrap_or_default();
    }
    for item in fields.get("palette").map_or(&[][..], |node| reader.list(node, "palette", PALETTE_MAX)) {
        // an unquoted `#1b2a49` is a comment to YAML, so it arrives as nothing
        let colour = reader.text(item, "a colour").unwrap_or_default();
        if reader.holds(item.place, rules::colour(&colour)) {
            looks.palette.push(colour.to_ascii_lowercase());
        }
    }
    looks
}

fn style(reader: &mut Reader, node: &Node) -> Style {
    let fields = reader.fields(node, "style", &["lighting", "mood"]);
    let mut part = |key| fields.get(key).and_then(|node| described(reader, node, key)).unwrap_or_default();
    Style { lighting: part("lighting"), mood: part("mood") }
}

fn outfits(reader: &mut Reader, node: &Node) -> BTreeMap<String, String> {
    let mut seen = BTreeSet::new();
    let mut outfits = BTreeMap::new();
    for entry in reader.entries(node, "outfits", ENTRIES_MAX) {
        reader.holds(entry.place, rules::name("outfit", &entry.key));
        if !seen.insert(name_key(&entry.key)) {
            reader.problem(entry.place, format!("the outfit `{}` is written twice", entry.key));
        }
        if let Some(clothing) = described(reader, &entry.node, "an outfit") {
            outfits.insert(entry.key.clone(), clothing);
        }
    }
    outfits
}

/// A text that may go into a prompt.
fn described(reader: &mut Reader, node: &Node, what: &str) -> Option<String> {
    let text = required(reader, node, what)?;
    reader.holds(node.place, rules::text(what, &text, TEXT_CHARS_MAX)).then_some(text)
}

fn required(reader: &mut Reader, node: &Node, what: &str) -> Option<String> {
    if node.value == Value::Null {
        reader.problem(node.place, format!("{what} is empty"));
    }
    reader.text(node, what)
}

/// Reads a map of values by name, whose names are short texts.
fn by_name<T>(
    reader: &mut Reader,
    node: &Node,
    what: &str,
    mut read: impl FnMut(&mut Reader, &Node) -> Option<T>,
) -> BTreeMap<String, T> {
    let mut values = BTreeMap::new();
    for entry in reader.entries(node, what, ENTRIES_MAX) {
        if entry.key.chars().count() > NAME_CHARS_MAX {
            reader
                .problem(entry.place, format!("a name in {what} is longer than {NAME_CHARS_MAX} characters"));
        }
        if let Some(value) = read(reader, &entry.node) {
            values.insert(entry.key.clone(), value);
        }
    }
    values
}
