//! A pipeline of durable steps: an entity like any other, known to the host of a bench alone. Each step is an effect
//! that costs nothing, so that what is measured is what it takes to have it done durably.

use std::future::Future;
use std::pin::Pin;

use hydra_actors::decider::{Decider, Given, Need, Owed};
use hydra_actors::perform::{Job, Perform};
use hydra_actors::ports::{PortError, Ports};
use hydra_bench::document::BYTES;
use hydra_events::wire::Vocabulary;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Steps of a pipeline.
pub const STEPS: u32 = 6;
/// What an outcome holds beside its text.
const AROUND: usize = r#"{"step":1,"text":""}"#.len();

type Performed = Pin<Box<dyn Future<Output = Result<PipelineCommand, PortError>> + Send>>;

/// The entity.
pub struct Pipeline;

/// What may be asked of a pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PipelineCommand {
    /// Take so many steps, one after the other.
    BeginPipeline { steps: u32 },
    /// A step is done.
    FinishStep { step: u32, text: String },
}

impl Vocabulary for PipelineCommand {}

/// What can become of a pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PipelineEvent {
    /// The steps are owed.
    PipelineBegun { steps: u32 },
    /// One of them no longer is.
    StepFinished { step: u32, text: String },
}

impl Vocabulary for PipelineEvent {}

/// How far a pipeline has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PipelineState {
    steps: u32,
    finished: u32,
}

/// The next step.
#[derive(Debug, Serialize, Deserialize)]
pub struct Step {
    step: u32,
}

/// Why a pipeline says no.
#[derive(Debug, thiserror::Error)]
pub enum PipelineRejection {
    /// It has begun before.
    #[error("the pipeline has begun")]
    Begun,
    /// Another step is owed, or none.
    #[error("step {0} is not owed")]
    OutOfTurn(u32),
}

impl Decider for Pipeline {
    const CATEGORY: &'static str = "pipeline";
    const ACTOR: &'static str = "bench";
    const OUTCOMES: &'static [&'static str] = &["finish_step"];

    type Command = PipelineCommand;
    type Event = PipelineEvent;
    type Rejection = PipelineRejection;
    type Effect = Step;
    type State = PipelineState;

    fn decide(
        state: &PipelineState,
        command: PipelineCommand,
        _: Given<'_>,
    ) -> Result<Vec<PipelineEvent>, PipelineRejection> {
        match command {
            PipelineCommand::BeginPipeline { .. } if state.steps > 0 => Err(PipelineRejection::Begun),
            PipelineCommand::BeginPipeline { steps } => Ok(vec![PipelineEvent::PipelineBegun { steps }]),
            PipelineCommand::FinishStep { step, .. } if step != state.finished + 1 => {
                Err(PipelineRejection::OutOfTurn(step))
            }
            PipelineCommand::FinishStep { step, text } => {
                Ok(vec![PipelineEvent::StepFinished { step, text }])
            }
        }
    }

    fn evolve(state: &mut PipelineState, event: &PipelineEvent) {
        match event {
            PipelineEvent::PipelineBegun { steps } => state.steps = *steps,
            PipelineEvent::StepFinished { step, .. } => state.finished = *step,
        }
    }

    fn owed(state: &PipelineState) -> Vec<Owed<Step>> {
        let step = state.finished + 1;
        let owed = (step <= state.steps).then(|| Owed {
            key: format!("step-{step}"),
            need: Need::Light,
            effect: Step { step },
        });
        owed.into_iter().collect()
    }
}

impl Perform for Pipeline {
    fn perform(_: Ports, effect: Step, _: Job) -> Performed {
        let text = "x".repeat(BYTES - AROUND);
        Box::pin(async move { Ok(PipelineCommand::FinishStep { step: effect.step, text }) })
    }
}

#[cfg(test)]
mod tests {
    use hydra_events::wire::encode;

    use super::*;

    #[test]
    fn the_outcome_of_a_step_is_a_document_of_300_bytes() {
        let event = PipelineEvent::StepFinished { step: STEPS, text: "x".repeat(BYTES - AROUND) };
        let (kind, payload) = encode(Pipeline::CATEGORY, &event).unwrap();
        assert_eq!((kind.as_str(), payload.len()), ("pipeline.step_finished.v1", BYTES));
    }
}
