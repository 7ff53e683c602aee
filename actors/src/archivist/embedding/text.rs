//! What is embedded: the words of a profile, a brief, a speech or a passage, put together from the document alone.
//!
//! A text names what it is about first, and is cut where a model would take no more. Equal documents make equal texts.

use hydra_events::vocabulary::terms::{Brief, Speech};
use hydra_events::{ContentHash, StreamName};

use super::EmbeddingRejection;
use crate::archivist::knowledge::{PASSAGE, PassageText};
use crate::cast::Profile;
use crate::ports::{PortError, Ports, TEXT_BYTES_MAX};

/// What a document says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// In words.
    pub text: String,
    /// The emotion it names; empty where it names none.
    pub emotion: String,
}

/// What the `document` of `source` says.
///
/// # Errors
/// The document is not there, or not what such a source has.
pub async fn told(ports: &Ports, source: &StreamName, document: ContentHash) -> Result<Told, PortError> {
    let (text, emotion) = match source.category() {
        "character" => (of_profile(&ports.document(document).await?), String::new()),
        "image" => {
            let brief: Brief = ports.document(document).await?;
            (of_brief(&brief), brief.shows.expression)
        }
        "line" => {
            let speech: Speech = ports.document(document).await?;
            (of_speech(&speech), speech.emotion)
        }
        PASSAGE => (of_passage(&ports.document(document).await?), String::new()),
        _ => return Err(PortError::permanent(EmbeddingRejection::Wordless(source.clone()))),
    };
    Ok(Told { text: cut(text), emotion })
}

/// Appearance, then manner.
fn of_profile(profile: &Profile) -> String {
    let Profile { name, looks, style, outfits, .. } = profile;
    let mut parts = vec![name.clone()];
    parts.extend(looks.traits.iter().cloned());
    parts.extend([&looks.clothing, &style.mood, &style.lighting].map(Clone::clone));
    parts.extend(outfits.iter().map(|(outfit, clothing)| format!("{outfit}: {clothing}")));
    joined(&parts)
}

/// What the picture shows; which of several candidates it is says nothing.
fn of_brief(brief: &Brief) -> String {
    let Brief { shows, prompt, traits, clothing, mood, .. } = brief;
    let mut parts = vec![shows.subject.clone(), shows.outfit.clone(), shows.expression.clone()];
    // The prompt names most of it already.
    let further = traits.iter().chain([clothing, mood]).filter(|part| !prompt.contains(part.as_str()));
    parts.push(prompt.clone());
    parts.extend(further.cloned());
    joined(&parts)
}

fn of_speech(speech: &Speech) -> String {
    let Speech { character, text, emotion, .. } = speech;
    format!("{}: {text}", joined(&[character.clone(), emotion.clone()]))
}

/// Where it stands, then what it says.
fn of_passage(passage: &PassageText) -> String {
    let PassageText { title, headings, text } = passage;
    let place: Vec<String> = [title].into_iter().chain(headings).cloned().collect();
    format!("{}: {text}", joined(&place))
}

fn joined(parts: &[String]) -> String {
    let told = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    told.collect::<Vec<_>>().join(", ")
}

/// As much of a text as is embedded.
fn cut(mut text: String) -> String {
    if text.len() > TEXT_BYTES_MAX {
        text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
    }
    text
}
