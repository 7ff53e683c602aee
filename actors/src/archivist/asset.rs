//! A finished file, under the hash of its bytes. It listens to pictures and lines that take it up or give it up; when
//! nothing refers to it any more, it owes a drop, at a time.
//!
//! Equal bytes are one file: whoever made them, they meet in this stream, so a file in use is never dropped. A picture
//! is referred to from its approval until another try has taken its place or it is given up. Only files that were filed here are ever dropped; screenplays, briefs and
//! raw exchanges stay. What can go wrong: a file that is made again, byte for byte, between the end of its time and
//! its drop goes with the drop; the store then calls it missing, and a retry makes it anew.

use std::collections::BTreeSet;
use std::time::Duration;

use hydra_events::record::Recorded;
use hydra_events::vocabulary::asset::{AssetCommand, AssetEvent};
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::line::LineEvent;
use hydra_events::vocabulary::terms::Made;
use hydra_events::wire::WireError;
use hydra_events::{ContentHash, StreamName, Timestamp};
use serde::{Deserialize, Serialize};

use crate::decider::{Decider, Given, Need, Owed, Reaction};
use crate::policy::{Policy, PolicyKey};
use crate::registry::typed;

/// The entity.
pub struct Asset;

/// What an asset remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetState {
    /// Where it stands.
    pub status: Status,
    /// The file; absent with the asset itself.
    pub blob: Option<ContentHash>,
    /// What refers to it.
    pub referrers: BTreeSet<StreamName>,
    /// How often a drop was scheduled.
    pub drops: u32,
}

/// Where an asset stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Nothing was ever filed.
    #[default]
    Absent,
    /// It is kept.
    Kept,
    /// Nothing refers to it.
    Unwanted {
        /// When it is dropped.
        due: Timestamp,
    },
    /// The file is gone.
    Dropped,
}

/// What an asset owes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropBlob {
    /// The file.
    pub blob: ContentHash,
}

/// Why an asset says no.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AssetRejection {
    /// Nothing was ever filed.
    #[error("no such file was ever filed")]
    Unknown,
    /// The file has another hash than the stream.
    #[error("file {0} belongs into the stream named by its hash")]
    OtherFile(ContentHash),
    /// The referrer does not refer to it.
    #[error("{0} does not refer to this file")]
    NotAReferrer(StreamName),
    /// No drop is scheduled.
    #[error("no drop is due: the file is referred to")]
    InUse,
}

impl Decider for Asset {
    const CATEGORY: &'static str = "asset";
    const ACTOR: &'static str = "archivist";
    const REACTS_TO: &'static [&'static str] = &[
        "image.image_approved.v1",
        "image.picture_given_up.v1",
        "image.image_cancelled.v1",
        "line.line_spoken.v1",
        "line.recording_replaced.v1",
        "line.line_cancelled.v1",
    ];
    const OUTCOMES: &'static [&'static str] = &["confirm_drop"];

    type Command = AssetCommand;
    type Event = AssetEvent;
    type Rejection = AssetRejection;
    type Effect = DropBlob;
    type State = AssetState;

    fn decide(
        state: &AssetState,
        command: AssetCommand,
        given: Given<'_>,
    ) -> Result<Vec<AssetEvent>, AssetRejection> {
        match command {
            AssetCommand::FileAsset { blob, media_type, referrer } => {
                state.file(blob, media_type, referrer, given)
            }
            AssetCommand::ReleaseAsset { referrer } => state.release(referrer, given),
            AssetCommand::ConfirmDrop {} => state.confirm(),
        }
    }

    fn evolve(state: &mut AssetState, event: &AssetEvent) {
        match event {
            AssetEvent::AssetFiled { blob, referrer, .. } => {
                state.blob = Some(*blob);
                state.referrers.insert(referrer.clone());
                state.status = Status::Kept;
            }
            AssetEvent::AssetReleased { referrer } => {
                state.referrers.remove(referrer);
            }
            AssetEvent::DropScheduled { due, ordinal } => {
                state.drops = *ordinal;
                state.status = Status::Unwanted { due: *due };
            }
            AssetEvent::DropWithdrawn { .. } => state.status = Status::Kept,
            AssetEvent::AssetDropped { .. } => state.status = Status::Dropped,
        }
    }

    fn owed(state: &AssetState) -> Vec<Owed<DropBlob>> {
        let (Status::Unwanted { due }, Some(blob)) = (state.status, state.blob) else { return Vec::new() };
        vec![Owed { key: format!("drop-{}", state.drops), need: Need::Timer(due), effect: DropBlob { blob } }]
    }

    fn react(event: &Recorded) -> Result<Vec<Reaction<AssetCommand>>, WireError> {
        match event.stream.category() {
            "image" => typed::<ImageEvent>(event).map(|fact| of_image(&event.stream, fact)),
            _ => typed::<LineEvent>(event).map(|fact| of_line(&event.stream, fact)),
        }
    }
}

impl AssetState {
    fn file(
        &self,
        blob: ContentHash,
        media_type: String,
        referrer: StreamName,
        given: Given<'_>,
    ) -> Result<Vec<AssetEvent>, AssetRejection> {
        if given.stream.id() != blob.to_string() {
            return Err(AssetRejection::OtherFile(blob));
        }
        if self.referrers.contains(&referrer) {
            return Ok(Vec::new());
        }
        let filed = AssetEvent::AssetFiled { blob, media_type, referrer };
        match self.status {
            // The end of the drop comes first: it is an effect's end, and the filing concerns none.
            Status::Unwanted { .. } => Ok(vec![AssetEvent::DropWithdrawn { ordinal: self.drops }, filed]),
            Status::Absent | Status::Kept | Status::Dropped => Ok(vec![filed]),
        }
    }

    fn release(&self, referrer: StreamName, given: Given<'_>) -> Result<Vec<AssetEvent>, AssetRejection> {
        if self.blob.is_none() {
            return Err(AssetRejection::Unknown);
        }
        if !self.referrers.contains(&referrer) {
            return Err(AssetRejection::NotAReferrer(referrer));
        }
        let mut events = vec![AssetEvent::AssetReleased { referrer }];
        if self.referrers.len() == 1 {
            let due = given.meta.time.after(kept_unwanted(given.policy));
            events.push(AssetEvent::DropScheduled { due, ordinal: self.drops + 1 });
        }
        Ok(events)
    }

    fn confirm(&self) -> Result<Vec<AssetEvent>, AssetRejection> {
        match self.status {
            Status::Absent => Err(AssetRejection::Unknown),
            Status::Kept => Err(AssetRejection::InUse),
            Status::Unwanted { .. } => Ok(vec![AssetEvent::AssetDropped { ordinal: self.drops }]),
            Status::Dropped => Ok(Vec::new()),
        }
    }
}

/// How long a file stays that nothing refers to, in whole seconds.
fn kept_unwanted(policy: &Policy) -> Duration {
    Duration::from_secs((policy.get(PolicyKey::DropAfterHours) * 3600.0) as u64)
}

fn of_image(image: &StreamName, fact: ImageEvent) -> Vec<Reaction<AssetCommand>> {
    match fact {
        ImageEvent::ImageApproved { made, .. } => filed(image, made).into_iter().collect(),
        ImageEvent::PictureGivenUp { blob } => released(image, Some(blob)).into_iter().collect(),
        ImageEvent::ImageCancelled { blob } => released(image, blob).into_iter().collect(),
        ImageEvent::ImageRequested { .. }
        | ImageEvent::RequesterAdded { .. }
        | ImageEvent::ImageRendered { .. }
        | ImageEvent::BriefRefused { .. }
        | ImageEvent::ImageRejected { .. }
        | ImageEvent::RenderReopened { .. }
        | ImageEvent::ImageSupplied { .. }
        | ImageEvent::ImageMissing { .. }
        | ImageEvent::RequesterReleased { .. } => Vec::new(),
    }
}

fn of_line(line: &StreamName, fact: LineEvent) -> Vec<Reaction<AssetCommand>> {
    match fact {
        LineEvent::LineSpoken { made, .. } => filed(line, made).into_iter().collect(),
        LineEvent::RecordingReplaced { blob } => released(line, Some(blob)).into_iter().collect(),
        LineEvent::LineCancelled { blob } => released(line, blob).into_iter().collect(),
        LineEvent::LineRequested { .. }
        | LineEvent::TakeWithdrawn { .. }
        | LineEvent::LineReopened { .. }
        | LineEvent::LineMissing { .. } => Vec::new(),
    }
}

fn filed(referrer: &StreamName, made: Made) -> Option<Reaction<AssetCommand>> {
    let Made { blob, media_type, .. } = made;
    Some((asset(blob)?, AssetCommand::FileAsset { blob, media_type, referrer: referrer.clone() }))
}

fn released(referrer: &StreamName, blob: Option<ContentHash>) -> Option<Reaction<AssetCommand>> {
    Some((asset(blob?)?, AssetCommand::ReleaseAsset { referrer: referrer.clone() }))
}

/// The stream of a file; a hash always makes a name.
fn asset(blob: ContentHash) -> Option<StreamName> {
    StreamName::try_new(Asset::CATEGORY, &blob.to_string()).ok()
}
