//! How the Curator has a picture measured: against the brief it was drawn from.

use futures::future::BoxFuture;
use hydra_events::vocabulary::review::ReviewCommand;
use hydra_events::vocabulary::terms::Brief;

use super::review::{Measure, Review};
use crate::perform::{Job, Perform};
use crate::ports::{PortError, Ports};

impl Perform for Review {
    fn perform(
        ports: Ports,
        effect: Measure,
        _: Job,
    ) -> BoxFuture<'static, Result<ReviewCommand, PortError>> {
        Box::pin(measure(ports, effect))
    }
}

async fn measure(ports: Ports, effect: Measure) -> Result<ReviewCommand, PortError> {
    let Measure { blob, brief } = effect;
    let brief: Brief = ports.document(brief).await?;
    let picture = ports.content.get(blob).await?;
    let started = ports.clock.now();
    let scores = ports.scorer.score(&picture, &brief).await?;
    let duration_ms = ports.clock.now().since(started).as_millis() as u64;
    Ok(ReviewCommand::AcceptScores { scores, duration_ms })
}
