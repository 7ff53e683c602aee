//! `hydra bench`: this machine's Hydra beside the raw ceilings of the same machine, measured in the same run.

mod cell;
mod chapter;
#[cfg(feature = "full")]
mod elsewhere;
mod fold;
mod ground;
mod idle;
mod instant;
mod pipeline;
mod rebuild;
mod screenplay;
mod seed;
mod start;
mod steps;
mod table;

use std::time::Duration;

use anyhow::{Context, Result};
use hydra_bench::contest::{Outcome, compete};
use hydra_bench::machine::{self, Machine};
use hydra_bench::sample::{Sample, Span};
use serde::Serialize;

use super::Setting;
use crate::app::Interrupts;
use crate::cli::{Bench, BenchWhat};
use crate::exit::{BadInput, Exit};
use crate::print;
use cell::Cell;
use ground::Ground;

/// A run shorter than this has a warm-up that is no longer.
const WARM_UP: Duration = Duration::from_secs(1);

/// Everything that was measured.
#[derive(Serialize)]
struct Report<'a> {
    machine: &'a Machine,
    cells: &'a [Outcome],
}

/// Measures what is asked for. Whatever ends it, nothing of it is left on the machine or its servers.
pub async fn run(setting: &Setting, asked: Bench) -> Result<Exit> {
    if asked.list {
        return table::list();
    }
    if asked.what == Some(BenchWhat::Seed) {
        return seed::run(setting, asked.events()).await;
    }
    #[cfg(feature = "full")]
    if let Some(order) = &asked.elsewhere {
        return elsewhere::run(setting, &asked, order).await;
    }
    let mut interrupts = Interrupts::listen()?;
    let ground = Ground::take(setting, &asked)?;
    let measured = tokio::select! {
        measured = Box::pin(measure(setting, &ground, &asked)) => measured,
        () = interrupts.next() => Ok(Exit::Stopped),
    };
    let cleared = ground.clear().await;
    let exit = measured?;
    cleared?;
    Ok(exit)
}

async fn measure(setting: &Setting, ground: &Ground, asked: &Bench) -> Result<Exit> {
    let measured = Duration::from_secs_f64(asked.secs);
    let span = Span { warm_up: WARM_UP.min(measured), measured };
    if let Some(name) = &asked.cell {
        return alone(ground, asked, name, span).await;
    }
    let mut machine = Machine::now()?;
    machine.with = ground.describe().await?;
    let mut outcomes = Vec::new();
    for cell in Cell::asked(asked) {
        if let Some(missing) = ground.lacks(cell) {
            print::progress(format!("{cell} is left out: {missing}"));
            continue;
        }
        let mut contest = cell.contest(ground, asked)?;
        let tell = |round, side, sample: &Sample| {
            let Sample { rate, p50_ms, p99_ms, .. } = sample;
            let figures = format!("{rate:.0}/s, p50 {p50_ms:.3} ms, p99 {p99_ms:.3} ms");
            print::progress(format!("{cell} {side} round {}: {figures}", round + 1));
        };
        let rounds = asked.rounds as usize;
        let outcome = compete(&cell.to_string(), contest.as_mut(), rounds, span, tell).await;
        outcomes.push(outcome.with_context(|| format!("{cell} was not measured"))?);
    }
    machine.load_after = Some(machine::load()?);
    match setting.json {
        true => print::json(&Report { machine: &machine, cells: &outcomes })?,
        false => table::show(&machine, &outcomes)?,
    }
    Ok(Exit::Done)
}

/// One side of one cell, once: `log-64`, or `log-64.insert` for a ceiling.
async fn alone(ground: &Ground, asked: &Bench, name: &str, span: Span) -> Result<Exit> {
    let (cell, side) = name.split_once('.').map_or((name, None), |(cell, side)| (cell, Some(side)));
    let unknown = || BadInput(format!("no cell is called {name:?}: `hydra bench --list` names them"));
    let cell = Cell::named(cell, asked).ok_or_else(unknown)?;
    if let Some(missing) = ground.lacks(cell) {
        return Err(BadInput(format!("{cell} cannot be measured: {missing}")).into());
    }
    let mut contest = cell.contest(ground, asked)?;
    let sides = contest.sides();
    let side = side.map_or(Some(0), |side| sides.iter().position(|known| *known == side));
    let side = side.ok_or_else(|| BadInput(format!("{cell} has the sides {}", sides.join(", "))))?;
    let sample = contest.run(side, span).await.with_context(|| format!("{name} was not measured"))?;
    print::json(&sample)?;
    Ok(Exit::Done)
}
