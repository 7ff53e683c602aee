//! The clauses every log and content store must pass, so that one list of guarantees holds for all of them.
//!
//! A clause is a function whose name is what it promises; it panics where the promise is broken. The macros
//! [`log_contract`](crate::log_contract) and [`content_contract`](crate::content_contract) turn each clause into a
//! test of its own, in the test binary of whoever implements a log or a store.

#![expect(clippy::unwrap_used, reason = "a clause fails by panicking, as any test does")]

pub mod append;
pub mod checkpoints;
pub mod content;
pub mod fields;
pub mod order;
pub mod owing;
pub mod read;
pub mod restore;
pub mod sample;
pub mod writers;

use std::sync::Arc;

use async_trait::async_trait;

use crate::clock::{Clock, ManualClock, Timestamp};
use crate::content::{ContentHash, ContentStore};
use crate::log::{Checkpoints, EventLog};

/// A place where a log can be made and opened again. Each test has one of its own.
#[async_trait]
pub trait LogBackend: Send + Sync {
    /// The log under test.
    type Log: EventLog + Checkpoints + 'static;

    /// Opens the log at this place, making it on the first call. The log opened before has been dropped.
    async fn open(&self, clock: Arc<dyn Clock>) -> Self::Log;

    /// Opens the log with a clock that stands still.
    async fn open_at_noon(&self) -> Self::Log {
        self.open(Arc::new(ManualClock::at(Timestamp(43_200_000_000)))).await
    }
}

/// A place where a content store can be made. Each test has one of its own.
#[async_trait]
pub trait ContentBackend: Send + Sync {
    /// The store under test.
    type Store: ContentStore + 'static;

    /// Opens the store at this place, also while it is open already.
    async fn open(&self) -> Self::Store;

    /// Replaces what is kept under `hash` by `bytes`, behind the store's back.
    async fn damage(&self, hash: ContentHash, bytes: &[u8]);
}

/// Makes a test of each clause of a log; `$backend` is evaluated in each to a [`LogBackend`](contract::LogBackend),
/// or with `option:` before it to an `Option` of one: without a backend the test has nothing to check.
#[macro_export]
macro_rules! log_contract {
    (option: $backend:expr) => {
        $crate::contract_tests! { $backend, append:
            an_append_takes_all_its_events_in_order
            a_stale_version_is_refused_and_leaves_no_gap
            a_version_ahead_of_the_stream_is_a_conflict
            an_empty_append_is_refused
            an_append_of_too_many_events_is_refused
            an_event_over_the_limit_is_refused_and_one_at_it_is_taken
            a_command_that_is_not_json_is_refused
            a_retried_append_returns_what_was_recorded
            a_retry_beside_the_first_try_returns_the_same_events
            another_command_at_a_taken_version_is_a_conflict
            streams_begun_again_do_not_hurt_those_beside_them
            one_of_many_rivals_wins
            a_bad_append_in_a_group_does_not_hurt_its_neighbours
        }
        $crate::contract_tests! { $backend, order:
            positions_are_dense_and_no_reader_misses_an_event
            times_never_decrease_when_the_clock_goes_back
            what_was_acknowledged_is_there_after_a_reopen
            each_stream_is_one_hash_chain_also_over_a_reopen
            the_committed_position_is_not_behind_an_acknowledgement
            the_id_of_a_log_stays_and_is_its_own
        }
        $crate::contract_tests! { $backend, read:
            reading_by_position_is_paged_in_order
            reading_a_stream_is_paged_in_order
            streams_are_listed_by_name_with_their_versions
            reading_past_the_end_finds_nothing
            an_unknown_type_is_kept_and_readable
        }
        $crate::contract_tests! { $backend, fields:
            every_field_reads_back_as_it_was_written
            the_command_and_its_circumstances_read_back_on_the_first_event_alone
            a_control_character_beside_the_payload_is_refused
            every_stored_byte_counts_against_the_limit
        }
        $crate::contract_tests! { $backend, owing:
            the_last_flag_of_a_stream_decides_whether_it_owes
            owing_streams_survive_a_reopen
            a_correction_holds_until_a_later_append_also_over_a_reopen
            a_correction_of_a_stream_that_has_moved_on_is_ignored
        }
        $crate::contract_tests! { $backend, checkpoints:
            the_latest_snapshot_is_kept_over_a_reopen
            inbox_positions_are_kept_by_actor_over_a_reopen
            parked_deliveries_are_kept_in_log_order_until_unparked
        }
    };
    ($backend:expr) => {
        $crate::log_contract! { option: Some($backend) }
    };
}

/// Makes a test of each clause of a log that takes records as another one has them.
#[macro_export]
macro_rules! restore_contract {
    (option: $backend:expr) => {
        $crate::contract_tests! { $backend, restore:
            records_of_another_log_are_taken_as_they_are
            what_was_restored_before_is_compared_and_not_doubled
            records_that_do_not_fit_are_refused_as_a_whole
            a_history_that_another_append_has_left_is_refused
        }
    };
    ($backend:expr) => {
        $crate::restore_contract! { option: Some($backend) }
    };
}

/// Makes a test of each clause of a content store; `$backend` is evaluated in each to a
/// [`ContentBackend`](contract::ContentBackend), or with `option:` before it to an `Option` of one.
#[macro_export]
macro_rules! content_contract {
    (option: $backend:expr) => {
        $crate::contract_tests! { $backend, content:
            what_was_put_is_got_under_its_hash
            a_large_blob_comes_back_whole
            putting_twice_is_harmless
            what_was_removed_or_never_put_is_missing
            what_was_put_is_there_when_opened_again
            a_damaged_blob_is_found_and_can_be_put_again
            putting_over_a_damaged_blob_mends_it
            a_blob_over_the_limit_is_refused
            the_same_blob_put_by_many_at_once_is_whole
            a_store_that_can_be_used_says_so_and_names_the_place_of_a_blob
        }
    };
    ($backend:expr) => {
        $crate::content_contract! { option: Some($backend) }
    };
}

/// One test for each named clause of one module of [`contract`].
#[doc(hidden)]
#[macro_export]
macro_rules! contract_tests {
    ($backend:expr, $module:ident: $($clause:ident)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $clause() {
                if let Some(backend) = $backend {
                    $crate::contract::$module::$clause(&backend).await;
                }
            }
        )+
    };
}

#[cfg(test)]
mod tests {
    const LISTS: &str = include_str!("contract.rs");
    const CLAUSES: [&str; 8] = [
        include_str!("contract/append.rs"),
        include_str!("contract/checkpoints.rs"),
        include_str!("contract/content.rs"),
        include_str!("contract/fields.rs"),
        include_str!("contract/order.rs"),
        include_str!("contract/owing.rs"),
        include_str!("contract/read.rs"),
        include_str!("contract/restore.rs"),
    ];

    #[test]
    fn no_clause_is_left_out_of_the_lists() {
        let definitions = CLAUSES.iter().flat_map(|file| file.split("\npub async fn ").skip(1));
        let names: Vec<&str> = definitions.filter_map(|rest| rest.split(['<', '(']).next()).collect();
        assert!(names.len() > 30, "only {} clauses were found", names.len());
        for name in names {
            assert!(LISTS.lines().any(|line| line.trim() == name), "{name} is in no list");
        }
    }
}
