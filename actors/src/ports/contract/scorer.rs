//! What a scorer promises: numbers in their ranges, or none.

use std::collections::BTreeSet;

use hydra_events::vocabulary::terms::{Score, ScoreName};

use super::{Outcome, bust, refused};
use crate::ports::{PortError, Scorer};

/// A scorer, and pictures to measure.
pub trait Pictures: Sync {
    /// The scorer under test.
    type Scorer: Scorer;

    /// The scorer under test.
    fn scorer(&self) -> &Self::Scorer;

    /// A PNG on which a person is seen.
    fn drawn(&self) -> Vec<u8>;

    /// A PNG of one colour, on which nothing is seen.
    fn empty(&self) -> Vec<u8>;
}

async fn scores<P: Pictures>(pictures: &P, picture: &[u8]) -> Result<Vec<Score>, PortError> {
    pictures.scorer().score(picture, &bust("keeper", "sad")).await
}

/// A score is a fact that is recorded: it must be possible to find it again.
pub async fn the_same_picture_has_the_same_scores<P: Pictures>(pictures: &P) -> Outcome {
    let drawn = pictures.drawn();
    assert_eq!(scores(pictures, &drawn).await?, scores(pictures, &drawn).await?);
    Ok(())
}

/// Aesthetic 0 to 10, technical 0 to 100, cosines -1 to 1, finite, with metric and version.
pub async fn scores_stay_in_their_ranges_and_say_their_metric<P: Pictures>(pictures: &P) -> Outcome {
    for picture in [pictures.drawn(), pictures.empty()] {
        for score in scores(pictures, &picture).await? {
            let (low, high) = match score.name {
                ScoreName::Aesthetic => (0.0, 10.0),
                ScoreName::Technical => (0.0, 100.0),
                ScoreName::Likeness | ScoreName::Style => (-1.0, 1.0),
            };
            if let Some(value) = score.value {
                assert!((low..=high).contains(&value), "{score:?} is out of {low} to {high}");
                assert!(!score.metric.is_empty() && !score.version.is_empty(), "{score:?}");
            }
        }
    }
    Ok(())
}

/// Two numbers for one question would be no answer.
pub async fn each_score_is_told_once<P: Pictures>(pictures: &P) -> Outcome {
    let told = scores(pictures, &pictures.drawn()).await?;
    let names: BTreeSet<String> = told.iter().map(|score| format!("{:?}", score.name)).collect();
    assert_eq!(names.len(), told.len(), "{told:?}");
    assert!(!told.is_empty(), "nothing was measured");
    Ok(())
}

/// Likeness needs a reference picture, and this brief has none.
pub async fn what_cannot_be_measured_has_no_value<P: Pictures>(pictures: &P) -> Outcome {
    let told = scores(pictures, &pictures.drawn()).await?;
    let likeness = told.iter().filter(|score| score.name == ScoreName::Likeness);
    assert!(likeness.clone().all(|score| score.value.is_none()), "{told:?}");
    Ok(())
}

/// And the message says that it is no PNG.
pub async fn bytes_that_are_no_picture_are_refused<P: Pictures>(pictures: &P) -> Outcome {
    for bytes in [&b""[..], b"GIF89a", &[0; 4096]] {
        refused(scores(pictures, bytes).await, "PNG");
    }
    Ok(())
}

/// Half a picture has no scores.
pub async fn a_picture_that_was_cut_off_is_refused<P: Pictures>(pictures: &P) -> Outcome {
    let drawn = pictures.drawn();
    refused(scores(pictures, &drawn[..drawn.len() / 2]).await, "PNG");
    Ok(())
}

/// A few bytes may promise more pixels than there is memory.
pub async fn a_picture_of_too_many_pixels_is_refused_before_it_is_read<P: Pictures>(pictures: &P) -> Outcome {
    let mut huge = pictures.drawn();
    huge[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    let sum = crc(&huge[12..29]).to_be_bytes();
    huge[29..33].copy_from_slice(&sum);
    refused(scores(pictures, &huge).await, "65535");
    Ok(())
}

/// What is measured has to do with what is seen.
pub async fn a_picture_in_which_nothing_is_seen_scores_lower<P: Pictures>(pictures: &P) -> Outcome {
    let (drawn, empty) = (pictures.drawn(), pictures.empty());
    let (drawn, empty) = (scores(pictures, &drawn).await?, scores(pictures, &empty).await?);
    for name in [ScoreName::Aesthetic, ScoreName::Technical] {
        let of = |told: &[Score]| told.iter().find(|score| score.name == name).and_then(|score| score.value);
        if let (Some(drawn), Some(empty)) = (of(&drawn), of(&empty)) {
            assert!(drawn > empty, "{name:?}: {drawn} against {empty} for nothing");
        }
    }
    Ok(())
}

/// The check sum of a chunk, as the PNG specification (annex D) has it.
fn crc(bytes: &[u8]) -> u32 {
    let step = |sum: u32, _| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
    !bytes.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), step))
}
