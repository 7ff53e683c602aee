//! The clauses every bus must pass: one function each, named for what it guarantees.
//!
//! No clause waits for time to pass. That something does *not* arrive is seen by what arrives after it.

mod closing;
mod desks;
mod feeds;
mod letters;
mod work;

use std::sync::Arc;

use async_trait::async_trait;
use hydra_events::clock::Timestamp;
use hydra_events::record::{Codec, EventType, Position, Visibility};
use hydra_events::stream::NameError;
use hydra_events::{Id, Recorded, StreamName};

pub use closing::*;
pub use desks::*;
pub use feeds::*;
pub use letters::*;
pub use work::*;

use crate::bus::{Bus, BusError, Delivery, Feed};

/// What a clause ends with: it fails by panicking, or when the bus fails.
pub type Outcome = Result<(), BusError>;

/// Makes the buses the clauses are tried on.
#[async_trait]
pub trait Backend: Send + Sync {
    /// A new bus, on which nothing is published.
    async fn open(&self) -> Arc<dyn Bus>;

    /// How many events a follower may be behind.
    fn feed_events_max(&self) -> usize;

    /// How many invitations one node may have on offer in one kind of work.
    fn invitations_max(&self) -> usize;
}

/// An event for position `position`, the first of its stream.
pub fn event(position: Position) -> Arc<Recorded> {
    let id = |kind| Id::derive(kind, &[&position.to_le_bytes()]);
    Arc::new(Recorded {
        position,
        stream: stream(),
        version: position,
        kind: EventType::new("image", "image_rendered", 1),
        id: id("event"),
        command_id: id("command"),
        correlation_id: id("correlation"),
        causation_id: id("causation"),
        time: Timestamp(position as i64),
        actor: "artist".into(),
        code: "code".into(),
        principal: "somebody".into(),
        owner: "somebody".into(),
        visibility: Visibility::Household,
        trace: None,
        owes: false,
        effect: None,
        codec: Codec::Json,
        payload: format!("{{\"position\":{position}}}").into_bytes(),
        command: None,
        hash: [0; 32],
    })
}

fn stream() -> StreamName {
    let name: Result<StreamName, NameError> = StreamName::try_new("image", "contract");
    name.unwrap_or_else(|error| unreachable!("{error}"))
}

fn events(positions: impl IntoIterator<Item = Position>) -> Vec<Arc<Recorded>> {
    positions.into_iter().map(event).collect()
}

/// The next delivery must be the event of `position`, whole.
async fn expect_event(feed: &mut dyn Feed, position: Position) -> Outcome {
    assert_eq!(feed.next().await?, Delivery::Event(event(position)));
    Ok(())
}

/// Makes a test of each clause; `$tried` is a macro that tries one on a bus of its own.
#[macro_export]
macro_rules! bus_contract {
    ($tried:ident) => {
        $crate::bus_contract! { $tried:
            events_arrive_once_and_in_order_at_every_follower
            a_feed_begins_after_what_was_published_before_it
            the_last_position_published_is_known
            a_duplicate_is_refused
            a_gap_is_refused
            after_a_refused_page_the_bus_knows_where_to_go_on
            a_slow_follower_is_told_of_a_gap
            a_slow_follower_does_not_disturb_the_others
            a_follower_that_stops_waiting_loses_nothing
            an_invitation_waits_for_a_puller_and_arrives_whole
            an_invitation_goes_to_exactly_one_puller
            an_invitation_reaches_only_its_node_and_kind
            an_invitation_without_ack_comes_again
            an_acked_invitation_never_comes_again
            too_many_invitations_wait_until_one_is_acked
            a_full_queue_holds_up_no_other
            a_puller_that_stops_waiting_takes_nothing_along
            a_waiting_puller_is_woken
            an_invitation_that_would_break_a_subject_is_refused
            buried_letters_can_be_read
            the_newest_letters_are_kept
            a_letter_that_would_break_a_subject_is_refused
            a_question_gets_its_own_answer
            a_question_to_nobody_is_told_so
            a_question_has_a_limit
            closing_ends_feeds
            closing_ends_questions
            closing_ends_pulls_and_waiting_invitations
            a_closed_bus_says_so
        }
    };
    ($tried:ident: $($clause:ident)+) => {
        $(
            #[tokio::test]
            async fn $clause() -> $crate::contract::Outcome {
                $tried!($crate::contract::$clause)
            }
        )+
    };
}

#[cfg(test)]
mod tests {
    const LIST: &str = include_str!("contract.rs");
    const CLAUSES: [&str; 5] = [
        include_str!("contract/closing.rs"),
        include_str!("contract/desks.rs"),
        include_str!("contract/feeds.rs"),
        include_str!("contract/letters.rs"),
        include_str!("contract/work.rs"),
    ];

    #[test]
    fn no_clause_is_left_out_of_the_list() {
        let definitions = CLAUSES.iter().flat_map(|file| file.split("\npub async fn ").skip(1));
        let names: Vec<&str> = definitions.filter_map(|rest| rest.split(['<', '(']).next()).collect();
        assert!(names.len() > 20, "only {} clauses were found", names.len());
        for name in names {
            assert!(LIST.lines().any(|line| line.trim() == name), "{name} is not in the list");
        }
    }
}
