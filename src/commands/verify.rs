//! `hydra verify`: the hash chains, and every recorded decision decided again by today's code.

use anyhow::Result;
use hydra_actors::registry::CODE;
use hydra_actors::verify::{Broken, Divergence, Findings, Verifier};

use super::{Setting, events};
use crate::exit::Exit;
use crate::print;

/// Findings of one sort that are shown to people.
const SHOWN_MAX: usize = 10;
const CODE_CHARS: usize = 12;

/// Runs the command.
pub async fn run(setting: &Setting) -> Result<Exit> {
    let log = events::open(setting).await?;
    let findings = Verifier::today().run(log.as_ref()).await?;
    if setting.json {
        print::json(&findings)?;
    } else {
        show(&findings)?;
    }
    Ok(if findings.is_clean() { Exit::Done } else { Exit::Found })
}

fn show(findings: &Findings) -> Result<()> {
    let Findings { events, streams, head, decisions, undecided, reactions_checked, .. } = findings;
    print::line(format!("{events} events of {streams} streams up to position {head}"))?;
    print::line(format!("{decisions} decisions decided again, {reactions_checked} reactions derived again"))?;
    if *undecided > 0 {
        print::line(format!("{undecided} decisions not decided again: something before them is broken"))?;
    }
    if findings.is_clean() {
        print::line("every hash fits, and today's code decides everything as it was decided")?;
        return Ok(());
    }
    show_broken(&findings.broken)?;
    show_divergences("decisions differ", &findings.divergences)?;
    show_codes(findings)?;
    show_divergences("reactions differ", &findings.reactions)?;
    show_owes(findings)?;
    if findings.unlisted > 0 {
        print::line(format!("{} more are not listed", findings.unlisted))?;
    }
    Ok(())
}

fn show_broken(broken: &[Broken]) -> Result<()> {
    if broken.is_empty() {
        return Ok(());
    }
    print::line(format!("\n{} records are broken:", broken.len()))?;
    for Broken { position, stream, what } in broken.iter().take(SHOWN_MAX) {
        let stream = stream.as_ref().map_or("stream unknown", |stream| stream.as_str());
        print::line(format!("  position {position}, {stream}: {what}"))?;
    }
    more(broken.len())
}

fn show_divergences(what: &str, divergences: &[Divergence]) -> Result<()> {
    let Some(first) = divergences.first() else { return Ok(()) };
    print::line(format!("\n{} {what}; the first one:", divergences.len()))?;
    let Divergence { position, stream, actor, event, command, field, recorded, decided, .. } = first;
    print::line(format!("  position {position}, {stream}: the {actor}, told {command}, recorded {event}"))?;
    print::line(format!("  field    {field}\n  recorded {recorded}\n  decided  {decided}"))?;
    let others = divergences.iter().skip(1).take(SHOWN_MAX);
    for Divergence { position, stream, event, field, .. } in others {
        print::line(format!("  also position {position}, {stream}: {event}, {field}"))?;
    }
    more(divergences.len().saturating_sub(1))
}

fn show_codes(findings: &Findings) -> Result<()> {
    for (code, count) in findings.codes.iter().filter(|(_, count)| count.divergences > 0) {
        let today = if code == CODE { " (today's)" } else { "" };
        let code: String = code.chars().take(CODE_CHARS).collect();
        print::line(format!(
            "  code {code}{today}: {} of {} decisions differ",
            count.divergences, count.decisions
        ))?;
    }
    Ok(())
}

fn show_owes(findings: &Findings) -> Result<()> {
    let owes = &findings.owes;
    if owes.is_empty() {
        return Ok(());
    }
    print::line(format!("\n{} appends were of another opinion on whether their stream owes:", owes.len()))?;
    for differs in owes.iter().take(SHOWN_MAX) {
        let word = |owes| if owes { "owes" } else { "owes nothing" };
        let (recorded, decided) = (word(differs.recorded), word(differs.decided));
        print::line(format!(
            "  position {}, {}: recorded {recorded}, today {decided}",
            differs.position, differs.stream
        ))?;
    }
    more(owes.len())
}

fn more(count: usize) -> Result<()> {
    if count > SHOWN_MAX {
        print::line(format!("  and {} more (see --json)", count - SHOWN_MAX))?;
    }
    Ok(())
}
