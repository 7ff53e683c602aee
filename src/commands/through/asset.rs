//! What a person means who names a stream, or a file in the output folder.

use std::path::Path;

use anyhow::Result;
use hydra_actors::registry;
use hydra_events::StreamName;

use super::super::Setting;
use crate::exit::BadInput;
use crate::folder;

/// The stream that is called `text`, or whose file `text` is.
pub fn stream_of(setting: &Setting, text: &str) -> Result<StreamName> {
    if let Ok(stream) = text.parse::<StreamName>()
        && registry::entity(stream.category()).is_some()
    {
        return Ok(stream);
    }
    let stream = folder::asset_of(&setting.out, Path::new(text)).and_then(|name| name.parse().ok());
    let unknown = || {
        BadInput(format!(
            "{text} is neither a stream, such as image-keeper_happy, nor a file that was made in {}",
            setting.out.display()
        ))
    };
    Ok(stream.ok_or_else(unknown)?)
}
