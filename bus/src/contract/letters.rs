//! Clauses on dead letters.

use super::{Backend, Outcome, stream};
use crate::bus::BusError;
use crate::dead::{DeadLetter, LETTERS_MAX, REASON_BYTES_MAX};

fn letter(position: u64) -> DeadLetter {
    let reason = "the scene is over".to_owned();
    DeadLetter { actor: "writer".to_owned(), source: stream(), target: stream(), position, reason }
}

/// What was buried can be read, in order.
pub async fn buried_letters_can_be_read(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    assert_eq!(bus.dead_letters().await?, []);
    for position in 1..=3 {
        bus.bury(letter(position)).await?;
    }
    assert_eq!(bus.dead_letters().await?, [1, 2, 3].map(letter));
    Ok(())
}

/// Of too many letters the newest are kept.
pub async fn the_newest_letters_are_kept(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    let last = LETTERS_MAX as u64 + 5;
    for position in 1..=last {
        bus.bury(letter(position)).await?;
    }
    let kept: Vec<u64> = bus.dead_letters().await?.iter().map(|letter| letter.position).collect();
    assert_eq!(kept, (6..=last).collect::<Vec<_>>());
    Ok(())
}

/// A letter that would break a subject, or has no end, is refused.
pub async fn a_letter_that_would_break_a_subject_is_refused(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    for wrong in [
        DeadLetter { actor: "wri.ter".to_owned(), ..letter(1) },
        DeadLetter { reason: "x".repeat(REASON_BYTES_MAX + 1), ..letter(1) },
    ] {
        let refused = bus.bury(wrong.clone()).await;
        assert!(matches!(refused, Err(BusError::Refused(_))), "{wrong:?} was taken");
    }
    assert_eq!(bus.dead_letters().await?, []);
    Ok(())
}
