//! Placeholder lines for scenes without dialogue. They are marked as such wherever they appear.

use async_trait::async_trait;
use hydra_actors::ports::{Author, PortError};

/// Writes that a line is wanted, and whose.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlaceholderAuthor;

#[async_trait]
impl Author for PlaceholderAuthor {
    async fn fill(
        &self,
        heading: &str,
        speakers: &[String],
        _: &str,
    ) -> Result<Vec<(String, String)>, PortError> {
        let line = |speaker: &String| {
            (speaker.clone(), format!("A line for this scene is still to be written: {heading}."))
        };
        Ok(speakers.iter().take(2).map(line).collect())
    }
}
