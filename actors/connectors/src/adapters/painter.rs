//! Pictures by the studio's renderer.

use async_trait::async_trait;
use hydra_actors::ports::{Painter, PortError, Product};
use hydra_events::vocabulary::terms::{Brief, ShownKind};
use serde_json::json;

use super::blocking;
use crate::studio::picture::{self, PictureBrief, Subject};

/// Draws with the studio's renderer.
#[derive(Clone, Copy, Debug, Default)]
pub struct StudioPainter;

#[async_trait]
impl Painter for StudioPainter {
    async fn paint(&self, brief: &Brief, seed: u64, _: &str) -> Result<Product, PortError> {
        let request =
            json!({ "engine": picture::ENGINE, "version": picture::VERSION, "seed": seed, "brief": brief });
        let request = serde_json::to_vec(&request).map_err(PortError::permanent)?;
        let (size, brief) = ((brief.width, brief.height), picture_brief(brief));
        let (drawn, took) = blocking(move || picture::render(&brief, seed, size)).await?;
        Ok(Product {
            bytes: drawn.map_err(PortError::permanent)?,
            media_type: "image/png",
            engine: picture::ENGINE.to_owned(),
            engine_version: picture::VERSION.to_owned(),
            request,
            response: None,
            took,
        })
    }
}

fn picture_brief(brief: &Brief) -> PictureBrief {
    let Brief { shows, traits, clothing, palette, interior, .. } = brief.clone();
    let subject = match shows.kind {
        ShownKind::Background => {
            Subject::Background { place: shows.subject, time_of_day: shows.outfit, interior }
        }
        ShownKind::Bust => Subject::Bust {
            character: shows.subject,
            traits,
            clothing,
            palette,
            outfit: shows.outfit,
            expression: shows.expression,
        },
    };
    let Brief { lighting, mood, prompt, .. } = brief.clone();
    PictureBrief { subject, lighting, mood, prompt }
}
