//! Clauses on publishing and following.

use futures::FutureExt;
use hydra_events::record::Position;

use super::{Backend, Outcome, event, events, expect_event};
use crate::bus::{BusError, Delivery};

/// Several followers each hear every event, once and in order, however it was paged.
pub async fn events_arrive_once_and_in_order_at_every_follower(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    let mut feeds = [bus.follow().await?, bus.follow().await?, bus.follow().await?];
    bus.publish(&events(1..=1)).await?;
    bus.publish(&events(2..=20)).await?;
    bus.publish(&events(21..=22)).await?;
    for feed in &mut feeds {
        for position in 1..=22 {
            expect_event(feed.as_mut(), position).await?;
        }
    }
    Ok(())
}

/// A feed begins with what is published after it.
pub async fn a_feed_begins_after_what_was_published_before_it(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    bus.publish(&events(1..=3)).await?;
    let mut feed = bus.follow().await?;
    bus.publish(&events(4..=4)).await?;
    expect_event(feed.as_mut(), 4).await
}

/// The last position published is 0 at first and is known afterwards.
pub async fn the_last_position_published_is_known(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    assert_eq!(bus.published().await?, 0);
    bus.publish(&[]).await?;
    assert_eq!(bus.published().await?, 0);
    bus.publish(&events(1..=7)).await?;
    assert_eq!(bus.published().await?, 7);
    Ok(())
}

/// An event that was published before is refused, and nobody hears it twice.
pub async fn a_duplicate_is_refused(backend: &dyn Backend) -> Outcome {
    for repeated in [1, 2, 3] {
        refused(backend, repeated).await?;
    }
    Ok(())
}

/// An event that leaves one out is refused, and nobody hears it.
pub async fn a_gap_is_refused(backend: &dyn Backend) -> Outcome {
    for early in [5, 6, 1_000] {
        refused(backend, early).await?;
    }
    Ok(())
}

async fn refused(backend: &dyn Backend, offered: Position) -> Outcome {
    let bus = backend.open().await;
    let mut feed = bus.follow().await?;
    bus.publish(&events(1..=3)).await?;
    let error = bus.publish(&[event(offered)]).await;
    assert!(matches!(error, Err(BusError::OutOfOrder { .. })), "{offered} after 3: {error:?}");
    assert_eq!(bus.published().await?, 3);
    bus.publish(&events(4..=4)).await?;
    for position in 1..=4 {
        expect_event(feed.as_mut(), position).await?;
    }
    Ok(())
}

/// After a page with a wrong event in it, `published` tells what followers have heard, and that can be gone
/// on from.
pub async fn after_a_refused_page_the_bus_knows_where_to_go_on(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    let mut feed = bus.follow().await?;
    let error = bus.publish(&events([1, 2, 2, 3])).await;
    assert!(matches!(error, Err(BusError::OutOfOrder { .. })), "{error:?}");
    let published = bus.published().await?;
    bus.publish(&events(published + 1..=5)).await?;
    for position in 1..=5 {
        expect_event(feed.as_mut(), position).await?;
    }
    Ok(())
}

/// A follower that falls too far behind is told of a gap and hears the newest, instead of everything being
/// kept.
pub async fn a_slow_follower_is_told_of_a_gap(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    let mut slow = bus.follow().await?;
    let last = 2 * backend.feed_events_max() as Position + 10;
    for position in 1..=last {
        bus.publish(&[event(position)]).await?;
    }
    let (mut heard, mut gaps, mut after) = (0, 0, 0);
    while after < last {
        match slow.next().await? {
            Delivery::Gap => gaps += 1,
            Delivery::Event(event) => {
                assert!(event.position > after, "{} came after {after}", event.position);
                assert!(event.position == after + 1 || gaps > 0, "events after {after} were lost untold");
                after = event.position;
                heard += 1;
            }
        }
    }
    assert!(gaps > 0 && heard <= backend.feed_events_max(), "{gaps} gaps, {heard} of {last} kept");
    Ok(())
}

/// A follower that does not read holds nobody up.
pub async fn a_slow_follower_does_not_disturb_the_others(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    let slow = bus.follow().await?;
    let mut quick = bus.follow().await?;
    for position in 1..=2 * backend.feed_events_max() as Position {
        bus.publish(&[event(position)]).await?;
        expect_event(quick.as_mut(), position).await?;
    }
    drop(slow);
    Ok(())
}

/// A follower may stop waiting and wait again without losing an event.
pub async fn a_follower_that_stops_waiting_loses_nothing(backend: &dyn Backend) -> Outcome {
    let bus = backend.open().await;
    let mut feed = bus.follow().await?;
    for position in 1..=10 {
        assert!(feed.next().now_or_never().is_none(), "something came before it was published");
        bus.publish(&[event(position)]).await?;
        expect_event(feed.as_mut(), position).await?;
    }
    Ok(())
}
