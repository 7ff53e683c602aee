//! The studio behind the ports.

mod author;
mod embedder;
mod painter;
mod scorer;
mod speaker;

pub use author::PlaceholderAuthor;
pub use embedder::StudioEmbedder;
pub use painter::StudioPainter;
pub use scorer::StudioScorer;
pub use speaker::StudioSpeaker;

use std::time::{Duration, Instant};

use hydra_actors::ports::PortError;

/// Runs `work` on a blocking thread, so that drawing does not hold up the actors.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<(T, Duration), PortError> {
    let started = Instant::now();
    let result = tokio::task::spawn_blocking(work).await.map_err(PortError::transient)?;
    Ok((result, started.elapsed()))
}
