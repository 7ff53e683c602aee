//! `hydra events tail`: the newest events, or all from a position on, and then what comes.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use hydra_events::EventLog;
use hydra_events::log::{Filter, LogError};
use hydra_events::record::{Position, Recorded};
use tokio::time::MissedTickBehavior;

use super::show;
use crate::cli::Tail;
use crate::commands::Setting;
use crate::exit::{BadInput, Exit};
use crate::print;

/// Records held at once.
const PAGE: u64 = 500;
/// How often the log is asked whether it has grown: another process writes it.
const POLL: Duration = Duration::from_millis(200);

/// Runs the command.
pub async fn run(setting: &Setting, arguments: Tail) -> Result<Exit> {
    let filter = Filter::parse(&arguments.pattern).map_err(|e| BadInput(e.to_string()))?;
    let log = super::open(setting).await?;
    let head = log.head().await?;
    let after = match arguments.from {
        Some(position) => position.saturating_sub(1),
        None => before_newest(log.as_ref(), &filter, arguments.lines, head).await?,
    };
    let mut showing = Showing { log, filter, json: setting.json, after, damaged: 0 };
    if arguments.follow && !arguments.no_follow {
        return showing.follow().await;
    }
    showing.until(head).await?;
    Ok(if showing.damaged == 0 { Exit::Done } else { Exit::Found })
}

/// The position before the `lines`-th newest event that is wanted.
async fn before_newest(
    log: &dyn EventLog,
    filter: &Filter,
    lines: usize,
    head: Position,
) -> Result<Position> {
    let (mut end, mut left) = (head, lines);
    if lines == 0 {
        return Ok(head);
    }
    while end > 0 {
        let begin = end.saturating_sub(PAGE);
        let page = log.scan(begin, usize::try_from(end - begin)?).await?;
        for event in page.iter().flatten().rev().filter(|event| filter.matches(event)) {
            left -= 1;
            if left == 0 {
                return Ok(event.position - 1);
            }
        }
        end = begin;
    }
    Ok(0)
}

struct Showing {
    log: Arc<dyn EventLog>,
    filter: Filter,
    json: bool,
    after: Position,
    damaged: u64,
}

impl Showing {
    async fn follow(mut self) -> Result<Exit> {
        let stopped = tokio::signal::ctrl_c();
        tokio::pin!(stopped);
        let mut poll = tokio::time::interval(POLL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                listening = &mut stopped => {
                    listening?;
                    return Ok(Exit::Stopped);
                }
                _ = poll.tick() => {}
            }
            let head = self.log.head().await?;
            tokio::select! {
                listening = &mut stopped => {
                    listening?;
                    return Ok(Exit::Stopped);
                }
                shown = self.until(head) => shown?,
            }
        }
    }

    /// Shows what is wanted up to `head`, a page at a time.
    async fn until(&mut self, head: Position) -> Result<()> {
        while self.after < head {
            let page = self.log.scan(self.after, usize::try_from(PAGE.min(head - self.after))?).await?;
            if page.is_empty() {
                self.after = head;
            }
            self.page(&page)?;
        }
        Ok(())
    }

    fn page(&mut self, page: &[Result<Recorded, LogError>]) -> Result<()> {
        let mut out = self.json.then(|| BufWriter::new(io::stdout().lock()));
        for record in page {
            match (record, &mut out) {
                (Ok(event), _) if !self.filter.matches(event) => self.after = event.position,
                (Ok(event), Some(out)) => {
                    serde_json::to_writer(&mut *out, &show::machine(event)).map_err(io::Error::from)?;
                    out.write_all(b"\n")?;
                    self.after = event.position;
                }
                (Ok(event), None) => {
                    print::line(show::line(event))?;
                    self.after = event.position;
                }
                (Err(error), _) => self.damaged(error)?,
            }
        }
        Ok(out.map_or(Ok(()), |mut out| out.flush())?)
    }

    /// A damaged record is named, and the rest goes on.
    fn damaged(&mut self, error: &LogError) -> Result<()> {
        let LogError::Damaged { position, .. } = error else { return Err(error.clone().into()) };
        self.after = *position;
        self.damaged += 1;
        print::progress(format!("error: {error}"));
        Ok(())
    }
}
