//! Scores measured on the pixels alone. Likeness and style need references and models: they are recorded as absent.

use async_trait::async_trait;
use hydra_actors::ports::{PortError, Scorer};
use hydra_events::vocabulary::terms::{Brief, Score, ScoreName};

use super::blocking;
use crate::studio::quality;

/// Measures with the studio's metrics.
#[derive(Clone, Copy, Debug, Default)]
pub struct StudioScorer;

#[async_trait]
impl Scorer for StudioScorer {
    async fn score(&self, picture: &[u8], _: &Brief) -> Result<Vec<Score>, PortError> {
        let picture = picture.to_vec();
        let (measured, _) = blocking(move || quality::measure(&picture)).await?;
        let measured = measured.map_err(PortError::permanent)?;
        let score = |name, value, (metric, version): (&str, &str)| Score {
            name,
            value,
            metric: metric.to_owned(),
            version: version.to_owned(),
        };
        Ok(vec![
            score(ScoreName::Aesthetic, Some(measured.aesthetic), quality::AESTHETIC),
            score(ScoreName::Technical, Some(measured.technical), quality::TECHNICAL),
            score(ScoreName::Likeness, None, ("none", "")),
            score(ScoreName::Style, None, ("none", "")),
        ])
    }
}
