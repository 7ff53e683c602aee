//! Clauses on questions between processes.

use super::{Backend, Outcome};
use crate::bus::BusError;
use crate::desk::{Desk, QUESTION_BYTES_MAX};

const DESK: Desk = Desk::Host;

/// Each question gets its own answer, also when they are answered in another order.
pub async fn a_question_gets_its_own_answer(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    let mut questions = bus.questions(DESK).await?;
    let answering = async {
        let (first, second) = (questions.next().await?, questions.next().await?);
        for question in [second, first] {
            let answer = [&question.payload[..], b"!"].concat();
            question.answer(answer).await?;
        }
        Ok(())
    };
    let (one, other, answered) =
        tokio::join!(bus.ask(DESK, b"one".to_vec()), bus.ask(DESK, b"other".to_vec()), answering);
    answered.and_then(|()| {
        assert_eq!((one?, other?), (b"one!".to_vec(), b"other!".to_vec()));
        Ok(())
    })
}

/// Where nobody answers, who asks is told at once that somebody may later.
pub async fn a_question_to_nobody_is_told_so(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    let asked = bus.ask(DESK, b"?".to_vec()).await;
    assert!(matches!(asked, Err(BusError::Unavailable(_))), "{asked:?}");
    Ok(())
}

/// The largest question passes whole; one that is larger is refused.
pub async fn a_question_has_a_limit(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    let mut questions = bus.questions(DESK).await?;
    let largest = vec![7; QUESTION_BYTES_MAX];
    let answering = async {
        let question = questions.next().await?;
        let echo = question.payload.clone();
        question.answer(echo).await
    };
    let (answer, answered) = tokio::join!(bus.ask(DESK, largest.clone()), answering);
    answered?;
    assert!(answer? == largest, "the largest question came back changed");
    let refused = bus.ask(DESK, vec![7; QUESTION_BYTES_MAX + 1]).await;
    assert!(matches!(refused, Err(BusError::Refused(_))), "{refused:?}");
    Ok(())
}
