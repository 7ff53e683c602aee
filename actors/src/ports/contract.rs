//! The clauses every adapter of a port must pass: one function each, named for what it guarantees.
//!
//! An adapter's tests name it in [`painter_contract`](crate::painter_contract) and its like, each of which makes a test
//! of every clause of one port. The value given is an `Option`: with `None`, for an engine that is not installed, every
//! clause says that it is ignored. No clause waits for time to pass.

pub mod author;
pub mod calendar;
pub mod embedder;
pub mod painter;
pub mod scorer;
pub mod speaker;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use hydra_events::vocabulary::effect::FailureKind;
use hydra_events::vocabulary::terms::{Brief, ShownKind, Shows};

use super::{PortError, Product};

/// What a clause ends with: it fails by panicking, or when the port fails.
pub type Outcome = Result<(), PortError>;

/// A bust as the Writer asks for it.
pub fn bust(subject: &str, expression: &str) -> Brief {
    Brief {
        shows: Shows {
            subject: subject.to_owned(),
            kind: ShownKind::Bust,
            outfit: "everyday".to_owned(),
            expression: expression.to_owned(),
            candidate: 1,
        },
        prompt: format!("visual novel sprite of {subject}, {expression}"),
        traits: vec!["grey beard".to_owned()],
        clothing: "a blue coat".to_owned(),
        palette: vec!["#2b4a6c".to_owned()],
        lighting: "lamp light".to_owned(),
        mood: "calm".to_owned(),
        interior: String::new(),
        references: Vec::new(),
        width: 112,
        height: 144,
    }
}

/// A background as the Writer asks for it.
pub fn background(subject: &str, time: &str) -> Brief {
    let mut brief = bust(subject, "");
    brief.shows = Shows { kind: ShownKind::Background, outfit: time.to_owned(), ..brief.shows };
    brief.interior = "exterior".to_owned();
    (brief.width, brief.height) = (160, 90);
    brief
}

/// An error that trying again does not mend, and that names `wrong`.
#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, PortError>, wrong: &str) {
    let Err(error) = result else { panic!("{wrong} was taken: {result:?}") };
    assert_eq!(error.kind, FailureKind::Permanent, "{error}");
    assert!(error.message.contains(wrong), "{wrong:?} is not named: {error}");
}

/// The evidence with which a product can be made again.
#[track_caller]
fn evident(product: &Product, media_type: &str, told: &str) {
    assert_eq!(product.media_type, media_type);
    assert!(!product.engine.trim().is_empty(), "the engine has no name");
    assert!(!product.engine_version.trim().is_empty(), "{} does not say its version", product.engine);
    let request = String::from_utf8_lossy(&product.request);
    assert!(request.contains(told), "the request does not say {told:?}: {request}");
}

/// Begins a call and drops it before it is done, unless it is done at once.
fn break_off<T>(call: impl Future<Output = T>) {
    let mut call = pin!(call);
    match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(_) | Poll::Pending => {}
    }
}

/// Makes a test of each clause about a painter; `$adapter` is evaluated in each to an
/// `Option<impl `[`Painter`](super::Painter)`>`.
#[macro_export]
macro_rules! painter_contract {
    ($adapter:expr) => {
        $crate::port_tests! { $adapter, painter:
            the_same_request_gives_the_same_bytes
            another_seed_is_another_picture
            another_expression_place_or_hour_is_another_picture
            a_picture_is_a_png_of_the_size_that_was_asked_for
            a_picture_says_what_made_it_and_from_what
            a_size_nobody_can_draw_is_refused_by_its_number
            words_nobody_knows_are_drawn_all_the_same
            a_call_that_is_broken_off_leaves_the_next_one_whole
        }
    };
}

/// Makes a test of each clause about a scorer; `$adapter` is evaluated in each to an
/// `Option<impl `[`Pictures`](scorer::Pictures)`>`.
#[macro_export]
macro_rules! scorer_contract {
    ($adapter:expr) => {
        $crate::port_tests! { $adapter, scorer:
            the_same_picture_has_the_same_scores
            scores_stay_in_their_ranges_and_say_their_metric
            each_score_is_told_once
            what_cannot_be_measured_has_no_value
            bytes_that_are_no_picture_are_refused
            a_picture_that_was_cut_off_is_refused
            a_picture_of_too_many_pixels_is_refused_before_it_is_read
            a_picture_in_which_nothing_is_seen_scores_lower
        }
    };
}

/// Makes a test of each clause about a speaker; `$adapter` is evaluated in each to an
/// `Option<impl `[`Speaker`](super::Speaker)`>`.
#[macro_export]
macro_rules! speaker_contract {
    ($adapter:expr) => {
        $crate::port_tests! { $adapter, speaker:
            the_same_line_gives_the_same_bytes
            a_recording_is_16_bit_mono_pcm_as_long_as_it_says
            a_line_is_audible_and_not_clipped
            recordings_differ_by_character_emotion_and_text
            a_recording_says_what_made_it_and_from_what
            an_unknown_emotion_or_voice_is_spoken_all_the_same
            a_line_nobody_can_speak_is_refused_by_what_is_wrong
            a_call_that_is_broken_off_leaves_the_next_one_whole
        }
    };
}

/// Makes a test of each clause about an author; `$adapter` is evaluated in each to an
/// `Option<impl `[`Author`](super::Author)`>`.
#[macro_export]
macro_rules! author_contract {
    ($adapter:expr) => {
        $crate::port_tests! { $adapter, author:
            the_same_scene_gets_the_same_lines
            only_those_who_are_there_speak
            every_line_has_words_and_there_are_not_too_many
        }
    };
}

/// Makes a test of each clause about an embedder; `$adapter` is evaluated in each to an
/// `Option<impl `[`Embedder`](super::Embedder)`>`.
#[macro_export]
macro_rules! embedder_contract {
    ($adapter:expr) => {
        $crate::port_tests! { $adapter, embedder:
            the_same_text_has_the_same_vector
            every_text_has_a_vector_of_the_models_dimension
            the_same_said_otherwise_is_nearer_than_something_else
            texts_in_any_script_and_length_are_embedded
            texts_that_cannot_be_embedded_are_refused_by_what_is_wrong
            a_call_that_is_broken_off_leaves_the_next_one_whole
        }
    };
}

/// Makes a test of each clause about a calendar; `$adapter` is evaluated in each to an
/// `Option<impl `[`Calendar`](super::Calendar)`>`.
#[macro_export]
macro_rules! calendar_contract {
    ($adapter:expr) => {
        $crate::port_tests! { $adapter, calendar:
            the_time_itself_is_not_the_next_one
            a_wall_clock_time_keeps_its_hour_across_the_year
            a_time_the_clock_skips_fires_right_after_the_gap
            a_time_that_comes_twice_fires_once
            repeated_times_run_through_both_hours_and_skip_the_gap
            a_day_there_never_is_has_no_next_time
            unknown_fields_and_zones_are_refused_by_name
        }
    };
}

/// One test for each named clause of one port's module.
#[doc(hidden)]
#[macro_export]
macro_rules! port_tests {
    ($adapter:expr, $port:ident: $($clause:ident)+) => {
        $(
            #[tokio::test]
            async fn $clause() -> $crate::ports::contract::Outcome {
                match $adapter {
                    Some(adapter) => $crate::ports::contract::$port::$clause(&adapter).await,
                    None => {
                        eprintln!("ignored: the engine is not installed");
                        Ok(())
                    }
                }
            }
        )+
    };
}

#[cfg(test)]
mod tests {
    const LISTS: &str = include_str!("contract.rs");
    const CLAUSES: [&str; 6] = [
        include_str!("contract/author.rs"),
        include_str!("contract/calendar.rs"),
        include_str!("contract/embedder.rs"),
        include_str!("contract/painter.rs"),
        include_str!("contract/scorer.rs"),
        include_str!("contract/speaker.rs"),
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
