//! What was measured, for people.

use anyhow::Result;
use hydra_bench::contest::{Outcome, Spread, Standing, Verdict};
use hydra_bench::machine::Machine;

use super::cell::Cell;
use crate::exit::Exit;
use crate::print;

const HEADER: [&str; 7] = ["cell", "side", "a second", "p50 ms", "p99 ms", "ratio", "target"];

/// Names the cells.
pub fn list() -> Result<Exit> {
    let cells = Cell::all().into_iter();
    let rows: Vec<Vec<String>> = cells.map(|cell| vec![cell.to_string(), cell.about()]).collect();
    print::table(&["cell", "what is done"], &rows)?;
    Ok(Exit::Done)
}

/// Shows everything: a row a side, then the targets and what else there is to know.
pub fn show(machine: &Machine, outcomes: &[Outcome]) -> Result<()> {
    let rows: Vec<Vec<String>> = outcomes.iter().flat_map(rows).collect();
    print::table(&HEADER, &rows)?;
    print::line("")?;
    for outcome in outcomes {
        for Verdict { what, measured, wanted, reached } in &outcome.verdicts {
            let word = if *reached { "reached" } else { "missed" };
            print::line(format!("{} {word}: {what} {wanted}: {}", outcome.cell, spread(measured, 2)))?;
        }
        for Standing { side, extra, .. } in &outcome.sides {
            for (name, value) in extra {
                print::line(format!("{} {side} {name}: {}", outcome.cell, spread(value, 1)))?;
            }
        }
        if let Some(note) = &outcome.note {
            print::line(format!("{}: {note}", outcome.cell))?;
        }
    }
    print::line("")?;
    let Machine { processors, model, kernel, load_before, load_after, with } = machine;
    print::line(format!("{processors} processors ({model}), Linux {kernel}"))?;
    let after = load_after.map_or_else(String::new, |after| format!(", {after:.2} after"));
    print::line(format!("load of the last minute: {load_before:.2} before{after}"))?;
    with.iter().try_for_each(|line| Ok(print::line(line)?))
}

fn rows(outcome: &Outcome) -> Vec<Vec<String>> {
    let row = |standing: &Standing| {
        let targets = match standing.ratio {
            Some(_) => String::new(),
            None => outcome.verdicts.iter().map(short).collect::<Vec<_>>().join(" "),
        };
        vec![
            outcome.cell.clone(),
            standing.side.to_owned(),
            spread(&standing.rate, 0),
            spread(&standing.p50_ms, 3),
            spread(&standing.p99_ms, 3),
            standing.ratio.as_ref().map_or_else(String::new, |ratio| spread(ratio, 2)),
            targets,
        ]
    };
    outcome.sides.iter().map(row).collect()
}

/// Whether a target was reached, in a table's cell.
fn short(verdict: &Verdict) -> String {
    let mark = if verdict.reached { "✓" } else { "✗" };
    format!("{mark}{}", verdict.wanted)
}

/// The middle, and between what the rounds lay.
fn spread(spread: &Spread, digits: usize) -> String {
    let Spread { median, min, max } = spread;
    match min == max {
        true => format!("{median:.digits$}"),
        false => format!("{median:.digits$} ({min:.digits$}..{max:.digits$})"),
    }
}
