//! How the Voice has a line spoken. The words are the user's own screenplay: no gate stands before them.

use futures::future::BoxFuture;
use hydra_events::vocabulary::line::LineCommand;
use hydra_events::vocabulary::terms::Speech;

use super::line::{Line, Speak};
use crate::perform::{Job, Perform};
use crate::ports::{PortError, Ports, Spoken};

impl Perform for Line {
    fn perform(ports: Ports, effect: Speak, job: Job) -> BoxFuture<'static, Result<LineCommand, PortError>> {
        Box::pin(speak(ports, effect, job))
    }
}

async fn speak(ports: Ports, effect: Speak, job: Job) -> Result<LineCommand, PortError> {
    let speech: Speech = ports.document(effect.speech).await?;
    let Spoken { product, voice, length } = ports.speaker.speak(&speech, &job.key()).await?;
    let made = ports.keep_product(product).await?;
    Ok(LineCommand::AcceptSpeech { made, voice, length_ms: length.as_millis() as u64 })
}
