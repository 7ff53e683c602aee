//! What somebody waits for, piece by piece: shared by scenes and orders, which count their own assets.
//!
//! A piece is known by its stream and by the document it is made from: the same line with other words to speak is
//! waited for again.

use std::collections::BTreeMap;

use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::terms::Supply;
use hydra_events::{ContentHash, StreamName};
use serde::{Deserialize, Serialize};

/// Everything somebody waits for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplies(BTreeMap<StreamName, Wanted>);

/// One piece that is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// What it is made from, in the content store.
    pub from: ContentHash,
    /// What became of it.
    pub standing: Standing,
}

/// What became of a piece.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// It is being made.
    #[default]
    Awaited,
    /// It is there.
    Supplied(ContentHash),
    /// It will not come unless somebody retries it.
    Missing,
}

/// How much of what was wanted has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Pieces that are there.
    pub supplied: u32,
    /// Pieces that will not come.
    pub missing: u32,
}

impl Supplies {
    /// From now on exactly `wanted` is waited for; what is known of a piece that stays the same is kept.
    pub fn want(&mut self, wanted: impl Iterator<Item = (StreamName, ContentHash)>) {
        let mut before = std::mem::take(&mut self.0);
        for (asset, from) in wanted {
            let known = before.remove(&asset).filter(|known| known.from == from);
            let piece = known.unwrap_or(Wanted { from, standing: Standing::Awaited });
            self.0.insert(asset, piece);
        }
    }

    /// The pieces that are waited for now and not in `wanted`.
    pub fn released<'a>(&self, wanted: impl Iterator<Item = &'a StreamName>) -> Vec<StreamName> {
        let mut released: Vec<StreamName> = self.names();
        let wanted: std::collections::BTreeSet<_> = wanted.collect();
        released.retain(|asset| !wanted.contains(asset));
        released
    }

    /// Every piece, by name.
    pub fn names(&self) -> Vec<StreamName> {
        self.0.keys().cloned().collect()
    }

    /// Whether `supply` says anything new of `asset`; `None` when nobody waits for it.
    ///
    /// That a piece is missing for another reason than before is nothing new.
    pub fn is_news(&self, asset: &StreamName, supply: &Supply) -> Option<bool> {
        let standing = &self.0.get(asset)?.standing;
        Some(*standing != Standing::of(supply))
    }

    /// Notes what became of `asset`.
    pub fn set(&mut self, asset: &StreamName, standing: Standing) {
        if let Some(piece) = self.0.get_mut(asset) {
            piece.standing = standing;
        }
    }

    /// How much has come, once nothing is awaited any more.
    pub fn settled(&self) -> Option<Tally> {
        let mut tally = Tally { supplied: 0, missing: 0 };
        for piece in self.0.values() {
            match piece.standing {
                Standing::Awaited => return None,
                Standing::Supplied(_) => tally.supplied += 1,
                Standing::Missing => tally.missing += 1,
            }
        }
        Some(tally)
    }

    /// The piece called `asset`.
    pub fn get(&self, asset: &StreamName) -> Option<&Wanted> {
        self.0.get(asset)
    }
}

impl Standing {
    /// Where a piece stands after `supply`.
    pub fn of(supply: &Supply) -> Self {
        match supply {
            Supply::Supplied { blob } => Self::Supplied(*blob),
            Supply::Missing { .. } => Self::Missing,
            Supply::Reopened {} => Self::Awaited,
        }
    }
}

/// Whom of `category` a picture's event tells what became of it.
pub fn told_by_image(fact: ImageEvent, category: &str) -> Vec<(StreamName, Supply)> {
    let (requesters, supply) = match fact {
        ImageEvent::ImageSupplied { requester, blob } => (vec![requester], Supply::Supplied { blob }),
        ImageEvent::ImageMissing { requesters, reason } => (requesters, Supply::Missing { reason }),
        ImageEvent::RenderReopened { requesters, .. } => (requesters, Supply::Reopened {}),
        ImageEvent::ImageRequested { .. }
        | ImageEvent::RequesterAdded { .. }
        | ImageEvent::ImageRendered { .. }
        | ImageEvent::BriefRefused { .. }
        | ImageEvent::ImageRejected { .. }
        | ImageEvent::ImageApproved { .. }
        | ImageEvent::RequesterReleased { .. }
        | ImageEvent::PictureGivenUp { .. }
        | ImageEvent::ImageCancelled { .. } => return Vec::new(),
    };
    let asked = requesters.into_iter().filter(|requester| requester.category() == category);
    asked.map(|requester| (requester, supply.clone())).collect()
}
