//! Clauses on the end of a bus.

use std::pin::pin;

use futures::poll;
use hydra_events::vocabulary::terms::WorkKind;

use super::work::{NODE, invitation};
use super::{Backend, Outcome, events, expect_event};
use crate::bus::BusError;
use crate::desk::Desk;

fn assert_closed<T>(what: &str, result: Result<T, BusError>) {
    let ending = result.err();
    assert!(matches!(ending, Some(BusError::Closed)), "{what} ended with {ending:?}");
}

/// A feed delivers what it has, then ends; a follower that waits is woken for it.
pub async fn closing_ends_feeds(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    let (mut behind, mut waiting) = (bus.follow().await?, bus.follow().await?);
    bus.publish(&events(1..=2)).await?;
    expect_event(waiting.as_mut(), 1).await?;
    expect_event(waiting.as_mut(), 2).await?;
    let mut next = waiting.next();
    assert!(poll!(&mut next).is_pending());
    bus.close().await;
    assert_closed("a waiting feed", next.await);
    expect_event(behind.as_mut(), 1).await?;
    expect_event(behind.as_mut(), 2).await?;
    assert_closed("a feed", behind.next().await);
    assert_closed("a feed asked again", behind.next().await);
    Ok(())
}

/// Pullers, and callers who wait for room, are told.
pub async fn closing_ends_pulls_and_waiting_invitations(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    for epoch in 1..=backend.invitations_max() as u64 {
        bus.invite(invitation(epoch)).await?;
    }
    let mut idle = bus.invitations(NODE, WorkKind::Speech).await?;
    let mut next = idle.next();
    let mut extra = pin!(bus.invite(invitation(0)));
    assert!(poll!(&mut next).is_pending());
    assert!(poll!(&mut extra).is_pending());
    bus.close().await;
    assert_closed("a pull", next.await);
    assert_closed("an invitation", extra.await);
    Ok(())
}

/// Who waits for questions is told.
pub async fn closing_ends_questions(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    let mut questions = bus.questions(Desk::Host).await?;
    let mut next = questions.next();
    assert!(poll!(&mut next).is_pending());
    bus.close().await;
    assert_closed("waiting for questions", next.await.map(|_| ()));
    Ok(())
}

/// Whatever is called on a closed bus is answered that it is closed.
pub async fn a_closed_bus_says_so(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    bus.close().await;
    bus.close().await;
    assert_closed("publishing", bus.publish(&events(1..=1)).await);
    assert_closed("asking for the position", bus.published().await);
    assert_closed("following", bus.follow().await);
    assert_closed("inviting", bus.invite(invitation(1)).await);
    assert_closed("pulling", bus.invitations(NODE, WorkKind::Image).await);
    assert_closed("asking", bus.ask(Desk::Host, Vec::new()).await);
    assert_closed("answering", bus.questions(Desk::Host).await.map(|_| ()));
    assert_closed("reading letters", bus.dead_letters().await);
    Ok(())
}
