//! Every clause of the contract, on the bus of one process.

use std::sync::Arc;

use async_trait::async_trait;
use hydra_bus::contract::{self, Backend, Outcome};
use hydra_bus::local::{FEED_EVENTS_MAX, INVITATIONS_MAX};
use hydra_bus::{Bus, LocalBus};

struct Local;

#[async_trait]
impl Backend for Local {
    async fn open(&self) -> Arc<dyn Bus> {
        Arc::new(LocalBus::starting_at(0))
    }

    fn feed_events_max(&self) -> usize {
        FEED_EVENTS_MAX
    }

    fn invitations_max(&self) -> usize {
        INVITATIONS_MAX
    }
}

macro_rules! clauses {
    ($($clause:ident)*) => {$(
        #[tokio::test]
        async fn $clause() -> Outcome {
            contract::$clause(&Local).await
        }
    )*};
}

clauses! {
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
