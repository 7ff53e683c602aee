//! Placeholder lines for scenes without dialogue. They are marked as such wherever they appear.

use async_trait::async_trait;
use hydra_actors::ports::{Author, PortError, SilentScene};

/// Speakers who get a line.
const LINES: usize = 2;

/// Writes that a line is wanted, whose, where they were heard last, and which notes tell of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlaceholderAuthor;

#[async_trait]
impl Author for PlaceholderAuthor {
    async fn fill(&self, scene: &SilentScene, _: &str) -> Result<Vec<(String, String)>, PortError> {
        let line = |(id, name): &(String, String)| {
            let wanted = format!("A line for this scene is still to be written: {}.", scene.heading);
            // Where and not what: an earlier line quoted here would be said twice.
            let earlier = scene.recalled.lines.iter().find(|line| line.speaker == *id);
            let words = match earlier {
                Some(line) => format!("{wanted} {name} was last heard in {}.", line.scene.id()),
                None => wanted,
            };
            let words = match scene.recalled.world.first() {
                Some(fact) => format!("{words} The notes on {} tell more.", fact.place.join(", ")),
                None => words,
            };
            (id.clone(), words)
        };
        Ok(scene.speakers.iter().take(LINES).map(line).collect())
    }
}
