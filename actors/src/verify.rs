//! Checks a whole log: every record against its hash chain, and every recorded decision against what today's code
//! decides from the recorded command and its circumstances.
//!
//! A log is read once, in pages; what is kept are the folded streams and the reactions that nobody has recorded yet.
//! A record that cannot be trusted is named and the rest goes on, but its stream is not decided again from there:
//! what the deciders would see is no longer what they saw. Only a store that fails ends the check early.
//!
//! What this cannot see: records cut off at the very end, and neighbours of different streams that were swapped
//! within one instant, because a position is not part of the hash.

mod difference;
mod findings;
mod integrity;
mod reactions;
mod redecide;

use hydra_events::log::{EventLog, LogError};
use hydra_events::record::{Position, Recorded};

pub use difference::{Difference, compare_event, first_difference};
pub use findings::{Broken, CodeCount, Divergence, Findings, OwesDiffers};

use crate::registry::{ENTITIES, EntityType};
use integrity::Integrity;
use reactions::Reactions;
use redecide::Redecide;

/// Records read at once.
const PAGE_RECORDS: usize = 500;

/// Checks logs with the deciders it was given.
pub struct Verifier {
    entities: Vec<EntityType>,
}

impl Verifier {
    /// Checks with the code that runs today.
    pub fn today() -> Self {
        Self::with(ENTITIES.to_vec())
    }

    /// Checks with these deciders.
    pub fn with(entities: Vec<EntityType>) -> Self {
        Self { entities }
    }

    /// Checks everything that stands in `log` now; what is appended meanwhile is left alone.
    ///
    /// # Errors
    /// When the store fails. Damage is no error but a finding.
    pub async fn run(&self, log: &dyn EventLog) -> Result<Findings, LogError> {
        let head = log.head().await?;
        let mut check = Check {
            head,
            log,
            findings: Findings { head, ..Findings::default() },
            integrity: Integrity::default(),
            redecide: Redecide::of(&self.entities),
            reactions: Reactions::of(&self.entities),
        };
        let mut after = 0;
        while after < head {
            let page = log.scan(after, PAGE_RECORDS).await?;
            let Some(last) = check.page(page).await? else { break };
            after = last;
        }
        check.finish().await
    }
}

/// A check under way.
struct Check<'a> {
    head: Position,
    log: &'a dyn EventLog,
    findings: Findings,
    integrity: Integrity,
    redecide: Redecide<'a>,
    reactions: Reactions<'a>,
}

impl Check<'_> {
    /// Checks a page up to the head; returns the last position that was checked.
    async fn page(&mut self, page: Vec<Result<Recorded, LogError>>) -> Result<Option<Position>, LogError> {
        let mut last = None;
        for record in page {
            let position = match &record {
                Ok(record) => record.position,
                Err(LogError::Damaged { position, .. }) => *position,
                Err(error) => return Err(error.clone()),
            };
            if position > self.head {
                break;
            }
            last = Some(position);
            if !self.integrity.place(position, &mut self.findings) {
                self.redecide.interrupt();
            }
            match record {
                Ok(record) => self.record(record).await?,
                Err(error) => {
                    self.redecide.interrupt();
                    self.integrity.damaged(position, &error, &mut self.findings);
                }
            }
        }
        self.integrity.explain_gaps(self.log, &mut self.findings).await?;
        Ok(last)
    }

    async fn record(&mut self, record: Recorded) -> Result<(), LogError> {
        self.findings.events += 1;
        if !self.redecide.continues(&record) {
            self.redecide.finish(self.log, &mut self.findings).await?;
        }
        let trust = self.integrity.check(&record, &mut self.findings);
        self.redecide.take(&record, trust, &mut self.findings);
        if trust.is_whole() {
            self.reactions.check_command(&record, self.log, &mut self.findings).await?;
            self.reactions.expect(&record, &mut self.findings);
        }
        Ok(())
    }

    async fn finish(mut self) -> Result<Findings, LogError> {
        self.redecide.finish(self.log, &mut self.findings).await?;
        self.integrity.check_ends(self.log, self.head, &mut self.findings).await?;
        self.findings.streams = self.integrity.streams();
        self.findings.broken.sort_by_key(|broken| broken.position);
        Ok(self.findings)
    }
}
