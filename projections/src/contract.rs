//! The clauses every view store must pass, so that one list of guarantees holds for all of them.
//!
//! A clause is a function whose name is what it promises; it panics where the promise is broken. The macro
//! [`store_contract`](crate::store_contract) turns each clause into a test of its own, in the test binary of whoever
//! implements a store. They work on a small view with every kind of cell and of change, [`probe`], and on one whose rows do
//! not last.

#![expect(clippy::unwrap_used, reason = "a clause fails by panicking, as any test does")]

pub mod apply;
pub mod audit;
pub mod generations;
pub mod healing;
pub mod lasting;
pub mod probe;
pub mod read;
mod told;

use std::sync::Arc;

use async_trait::async_trait;

use crate::store::ViewStore;

/// A place where a store can be made and opened again. Each test has one of its own.
#[async_trait]
pub trait StoreBackend: Send + Sync {
    /// Opens the store at this place, also while it is open already.
    async fn open(&self) -> Arc<dyn ViewStore>;

    /// Removes everything the store keeps at this place, behind its back.
    async fn wipe(&self);
}

/// Makes a test of each clause; `$backend` is evaluated in each to a [`StoreBackend`](contract::StoreBackend), or with
/// `option:` before it to an `Option` of one: without a backend the test has nothing to check. Behind
/// `with`, attributes of every test may come first, in brackets.
#[macro_export]
macro_rules! store_contract {
    (with [$(#[$attribute:meta])*] option: $backend:expr) => {
        $crate::store_contract_tests! { [$(#[$attribute])*] $backend, apply:
            rows_are_what_the_events_come_to_whatever_the_batches
            the_last_write_of_a_cell_in_a_batch_wins
            a_row_that_was_deleted_begins_anew
            a_number_that_cannot_grow_further_stays_at_its_limit
            every_value_comes_back_in_its_normal_form
            a_batch_that_does_not_follow_changes_nothing
            a_batch_of_another_log_or_version_changes_nothing
            a_batch_without_changes_moves_the_checkpoint
            a_poison_event_is_set_aside_and_the_rest_goes_on
            what_was_applied_is_there_after_a_reopen
            of_two_that_apply_the_same_batch_one_is_told_that_it_moved
            a_batch_of_thousands_of_rows_is_taken
        }
        $crate::store_contract_tests! { [$(#[$attribute])*] $backend, audit:
            damage_is_found_row_by_row
            damage_is_mended_row_by_row
            nothing_is_found_in_what_is_right_while_it_is_being_filled
            a_sample_is_as_large_as_was_asked_and_another_one_each_time
            what_is_wiped_or_behind_is_not_compared
            what_was_set_aside_is_no_drift
        }
        $crate::store_contract_tests! { [$(#[$attribute])*] $backend, read:
            rows_are_found_by_key_and_by_column
            rows_come_in_the_order_of_their_bytes_and_in_pages
            what_was_never_there_is_not_found
            a_read_says_how_far_the_view_was
        }
        $crate::store_contract_tests! { [$(#[$attribute])*] $backend, generations:
            generations_do_not_see_each_other
            a_switch_puts_the_next_in_place_and_keeps_the_old
            the_next_one_waits_until_it_has_seen_as_much_as_the_live_one
            the_next_one_replaces_one_of_another_log_or_version_at_once
            going_back_brings_the_old_one_with_its_checkpoint
            what_is_not_there_cannot_be_put_in_place
            what_is_being_built_goes_on_after_a_reopen
            what_was_discarded_is_gone
            no_read_fails_while_generations_are_switched
            a_batch_never_begins_in_one_generation_and_ends_in_another
        }
        $crate::store_contract_tests! { [$(#[$attribute])*] $backend, healing:
            a_store_that_was_never_filled_has_no_checkpoint
            a_reset_view_is_empty_at_the_start_of_its_log
            a_wiped_store_says_so_while_it_is_open
            a_view_of_another_version_is_seen_and_made_anew
        }
        $crate::store_contract_tests! { [$(#[$attribute])*] $backend, lasting:
            what_is_over_is_no_drift
            what_is_over_is_not_shown
            a_row_that_is_over_begins_anew_whatever_the_batches
        }
    };
    (with [$(#[$attribute:meta])*] $backend:expr) => {
        $crate::store_contract! { with [$(#[$attribute])*] option: Some($backend) }
    };
    (option: $backend:expr) => {
        $crate::store_contract! { with [] option: $backend }
    };
    ($backend:expr) => {
        $crate::store_contract! { with [] option: Some($backend) }
    };
}

/// One test for each named clause of one module of [`contract`].
#[doc(hidden)]
#[macro_export]
macro_rules! store_contract_tests {
    ($attributes:tt $backend:expr, $module:ident: $($clause:ident)+) => {
        $( $crate::store_contract_test! { $attributes $backend, $module: $clause } )+
    };
}

/// The test for a clause.
#[doc(hidden)]
#[macro_export]
macro_rules! store_contract_test {
    ([$(#[$attribute:meta])*] $backend:expr, $module:ident: $clause:ident) => {
        $(#[$attribute])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $clause() {
            if let Some(backend) = $backend {
                $crate::contract::$module::$clause(&backend).await;
            }
        }
    };
}

#[cfg(test)]
mod tests {
    const LISTS: &str = include_str!("contract.rs");
    const CLAUSES: [&str; 6] = [
        include_str!("contract/apply.rs"),
        include_str!("contract/audit.rs"),
        include_str!("contract/generations.rs"),
        include_str!("contract/healing.rs"),
        include_str!("contract/lasting.rs"),
        include_str!("contract/read.rs"),
    ];

    #[test]
    fn no_clause_is_left_out_of_the_lists() {
        let definitions = CLAUSES.iter().flat_map(|file| file.split("\npub async fn ").skip(1));
        let names: Vec<&str> = definitions.filter_map(|rest| rest.split(['<', '(']).next()).collect();
        assert!(names.len() > 20, "only {} clauses were found", names.len());
        for name in names {
            assert!(LISTS.lines().any(|line| line.trim() == name), "{name} is in no list");
        }
    }
}
