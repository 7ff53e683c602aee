//! The files that events name: pictures, voices, scripts, and what those name in turn.
//!
//! A name is 64 hexadecimal digits, wherever they stand in an event or in a text among the files. Other hashes look the
//! same, such as those of code: what the content store does not have is none of its files.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use anyhow::{Context, Result};
use hydra_events::tape;
use hydra_events::{ContentHash, ContentStore, Recorded};

/// Larger files are no texts that name others.
const TEXT_BYTES_MAX: usize = 8 * 1024 * 1024;
const DIGITS: usize = 64;

/// The files that were named so far.
pub struct Named {
    store: Arc<dyn ContentStore>,
    seen: BTreeSet<ContentHash>,
}

impl Named {
    /// Files of `store`.
    pub fn of(store: Arc<dyn ContentStore>) -> Self {
        Self { store, seen: BTreeSet::new() }
    }

    /// Puts on the tape what `event` names and is not there yet.
    pub async fn put_files_of(
        &mut self,
        event: &Recorded,
        tape: &mut tape::Writer<impl Write>,
    ) -> Result<()> {
        let command = event.command.as_deref().unwrap_or_default();
        let mut open: Vec<ContentHash> =
            [event.payload.as_slice(), command].into_iter().flat_map(hashes).collect();
        while let Some(hash) = open.pop() {
            if !self.seen.insert(hash) || !self.store.contains(hash).await? {
                continue;
            }
            let bytes = self.store.get(hash).await;
            let bytes = bytes.with_context(|| format!("position {} names a file", event.position))?;
            if bytes.len() <= TEXT_BYTES_MAX && std::str::from_utf8(&bytes).is_ok() {
                open.extend(hashes(&bytes));
            }
            tape.content(&bytes)?;
        }
        Ok(())
    }
}

/// Every run of exactly 64 hexadecimal digits.
fn hashes(bytes: &[u8]) -> Vec<ContentHash> {
    let runs = bytes.split(|byte| !byte.is_ascii_alphanumeric());
    let texts = runs.filter(|run| run.len() == DIGITS).filter_map(|run| std::str::from_utf8(run).ok());
    texts.filter_map(|text| text.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_64_digits_that_stand_alone() {
        let hash = ContentHash::of(b"a file").to_string();
        for (text, found) in [
            (format!("{{\"blob\":\"{hash}\"}}"), 1),
            (format!("[\"{hash}\",\"{hash}\"]"), 2),
            (hash.clone(), 1),
            (format!("{hash}0"), 0),
            (format!("a{hash}"), 0),
            (hash[1..].to_owned(), 0),
            (hash.to_uppercase(), 0),
            (String::new(), 0),
        ] {
            assert_eq!(hashes(text.as_bytes()).len(), found, "{text}");
        }
    }
}
