//! A line of dialogue: requested by its scene, spoken.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::terms::Made;
use crate::content::ContentHash;
use crate::stream::StreamName;
use crate::wire::Vocabulary;

/// What may be asked of a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineCommand {
    /// A scene wants it spoken; another speech for the same line has it spoken again.
    RequestLine {
        /// The scene.
        scene: StreamName,
        /// The chapter it belongs to.
        chapter: String,
        /// The speech, in the content store.
        speech: ContentHash,
        /// The character who speaks.
        character: String,
    },
    /// The engine has spoken it.
    AcceptSpeech {
        /// What was made, by which engine, from what.
        made: Made,
        /// The voice it used.
        voice: String,
        /// How long the recording lasts, in milliseconds.
        length_ms: u64,
    },
    /// Somebody wants a missing line tried again.
    RetryLine {
        /// Why, for the record.
        note: String,
    },
    /// The scene no longer has it.
    ReleaseLine {
        /// The scene that had asked for it.
        scene: StreamName,
    },
}

impl Vocabulary for LineCommand {}

/// What can become of a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineEvent {
    /// It is to be spoken.
    LineRequested {
        /// The scene.
        scene: StreamName,
        /// The chapter it belongs to.
        chapter: String,
        /// The speech, in the content store.
        speech: ContentHash,
        /// The character who speaks.
        character: String,
        /// How often it was asked for, from 1.
        take: u32,
    },
    /// A take that was not spoken yet is no longer wanted: another follows.
    TakeWithdrawn {
        /// The take.
        take: u32,
    },
    /// It is spoken again, or at last: on request, or after its effect was unparked.
    LineReopened {
        /// The scene that waits for it.
        scene: StreamName,
        /// The take that follows.
        take: u32,
        /// Why.
        note: String,
    },
    /// It was spoken.
    LineSpoken {
        /// The scene that waits for it.
        scene: StreamName,
        /// The chapter it belongs to.
        chapter: String,
        /// The character who speaks.
        character: String,
        /// What was made, by which engine, from what.
        made: Made,
        /// The voice it used.
        voice: String,
        /// How long the recording lasts, in milliseconds.
        length_ms: u64,
        /// Which request it answers.
        take: u32,
    },
    /// The recording of an earlier take is no longer used: a new one has taken its place.
    RecordingReplaced {
        /// The earlier recording, in the content store.
        blob: ContentHash,
    },
    /// It will not come unless somebody retries it.
    LineMissing {
        /// The scene that waits for it.
        scene: StreamName,
        /// Why.
        reason: String,
    },
    /// The scene no longer has it.
    LineCancelled {
        /// The recording it had, in the content store.
        blob: Option<ContentHash>,
    },
}

impl Vocabulary for LineEvent {}
