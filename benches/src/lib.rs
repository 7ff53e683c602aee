//! What `hydra bench` measures: Hydra, and beside it what the machine gives without Hydra.
//!
//! It is a crate of its own so that both sides are compiled alike: a ceiling that is not optimised would flatter every
//! ratio. Each ceiling is a closed loop with prepared statements and nothing in it that is not needed.

pub mod contest;
pub mod dataset;
pub mod document;
#[cfg(feature = "full")]
pub mod elsewhere;
#[cfg(feature = "full")]
pub mod jetstream;
pub mod load;
pub mod log;
pub mod machine;
#[cfg(feature = "full")]
pub mod postgres;
#[cfg(feature = "full")]
pub mod relay;
pub mod replay;
pub mod rows;
pub mod sample;
pub mod scratch;
pub mod sqlite;

use std::error::Error;

use hydra_events::log::LogError;

/// Why something was not measured.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// Hydra's log failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// What Hydra stands on failed.
    #[error("{what}: {source}")]
    World {
        /// What was tried.
        what: &'static str,
        /// How it failed.
        source: Box<dyn Error + Send + Sync>,
    },
    /// What was measured is wrong, so that its speed does not matter.
    #[error("{0}")]
    Wrong(String),
}

/// What turns a failure of `what` into an error.
pub fn failed<E: Into<Box<dyn Error + Send + Sync>>>(what: &'static str) -> impl Fn(E) -> BenchError {
    move |error| BenchError::World { what, source: error.into() }
}
