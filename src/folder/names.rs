//! Names of files, from what they show or say; nothing that was written by a person becomes part of a path unslugged.

use std::collections::BTreeSet;

use hydra_actors::screenplay::slug;
use hydra_events::ContentHash;

const DIGITS: usize = 8;

/// The slug of the parts, with `-` throughout; empty parts are left out.
pub(super) fn name(parts: &[&str]) -> String {
    let told = parts.iter().filter(|part| !part.trim().is_empty());
    told.map(|part| slug(part).replace('_', "-")).collect::<Vec<_>>().join("-")
}

/// The names given in one folder.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// `wish.ending`; where that is taken, with a digest of `identity`, which only its own file has.
    pub fn take(&mut self, wish: &str, ending: &str, identity: &str) -> String {
        let plain = format!("{wish}.{ending}");
        if self.0.insert(plain.clone()) {
            return plain;
        }
        let digest = ContentHash::of(identity.as_bytes()).to_string();
        let apart = format!("{wish}-{}.{ending}", digest.get(..DIGITS).unwrap_or(&digest));
        self.0.insert(apart.clone());
        apart
    }
}
