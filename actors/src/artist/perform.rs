//! How the Artist has a picture drawn: the content gate first, then the engine, then the evidence.

use futures::future::BoxFuture;
use hydra_events::vocabulary::image::ImageCommand;
use hydra_events::vocabulary::terms::Brief;

use super::image::{Image, Render};
use crate::gate;
use crate::perform::{Job, Perform};
use crate::ports::{PortError, Ports};

impl Perform for Image {
    fn perform(ports: Ports, effect: Render, job: Job) -> BoxFuture<'static, Result<ImageCommand, PortError>> {
        Box::pin(render(ports, effect, job))
    }
}

async fn render(ports: Ports, effect: Render, job: Job) -> Result<ImageCommand, PortError> {
    let Render { brief, seed } = effect;
    let brief: Brief = ports.document(brief).await?;
    if let Err(refusal) = gate::check(&gate_text(&brief)) {
        return Ok(ImageCommand::RefuseBrief { reason: refusal.to_string() });
    }
    let product = ports.painter.paint(&brief, seed, &job.key()).await?;
    let made = ports.keep_product(product).await?;
    Ok(ImageCommand::AcceptRender { made, seed })
}

/// Every word of a brief that could reach an engine.
fn gate_text(brief: &Brief) -> String {
    let Brief { prompt, traits, clothing, lighting, mood, .. } = brief;
    [prompt.as_str(), &traits.join("\n"), clothing, lighting, mood].join("\n")
}
