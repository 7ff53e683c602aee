//! `hydra audit`: the views compared with the log, row by row; what differs is recorded, and mended on request.

use anyhow::Result;
use hydra_events::Clock;
use hydra_events::clock::SystemClock;
use hydra_projections::view::View;
use hydra_projections::{Audited, Drift, Repair, Sampling, StoreError, VIEWS};
use serde::Serialize;

use super::through::{self, After};
use super::{Setting, rebuild};
use crate::app::require_log;
use crate::backends::{self, Access};
use crate::cli::Audit;
use crate::drift;
use crate::exit::{BadInput, Exit};
use crate::print;

/// Rows that are named one by one, and recorded; more are only counted.
const NAMED_MAX: usize = 100;

/// What was found.
#[derive(Serialize)]
struct Findings {
    views: Vec<Audited>,
    /// Some of the rows that differ.
    drifts: Vec<Drift>,
}

/// Compares, tells, and mends where that is wanted.
pub async fn run(setting: &Setting, arguments: &Audit) -> Result<Exit> {
    require_log(&setting.data)?;
    let views = wanted(&arguments.views)?;
    let findings = compare(setting, arguments, &views).await?;
    record(setting, &findings.drifts).await?;
    if setting.json {
        print::json(&findings)?;
    } else {
        show(&findings)?;
    }
    let left: u64 = findings.views.iter().map(|found| found.differing - found.mended).sum();
    Ok(if left == 0 { Exit::Done } else { Exit::Found })
}

async fn compare(setting: &Setting, arguments: &Audit, views: &[&'static View]) -> Result<Findings> {
    // Reading brings the views to the head where nobody keeps them.
    let log = crate::app::Reading::open(&setting.data).await?.log;
    let stores = backends::views(&setting.data, Access::Keeping)?;
    let sampling = match arguments.sample {
        Some(rows) => Sampling::Some { rows: rows as usize, seed: SystemClock.now().0 as u64 },
        None => Sampling::All,
    };
    let repair = if arguments.repair { Repair::Mend } else { Repair::Tell };
    let mut findings = Findings { views: Vec::new(), drifts: Vec::new() };
    for &view in views {
        let mut told = Vec::new();
        let mut tell = |drift| {
            if told.len() < NAMED_MAX {
                told.push(drift);
            }
        };
        let found = hydra_projections::audit(&log, &stores, view, sampling, repair, &mut tell).await;
        findings.views.push(found.map_err(rebuild::known)?);
        findings.drifts.extend(told);
    }
    Ok(findings)
}

fn wanted(names: &[String]) -> Result<Vec<&'static View>> {
    if names.is_empty() {
        return Ok(VIEWS.to_vec());
    }
    let view = |name: &String| {
        let known = VIEWS.into_iter().find(|view| view.name == name);
        known.ok_or_else(|| rebuild::known(StoreError::UnknownView(name.clone())))
    };
    names.iter().map(view).collect()
}

/// A difference is an event, so that whoever watches learns of it.
async fn record(setting: &Setting, drifts: &[Drift]) -> Result<()> {
    if drifts.is_empty() {
        return Ok(());
    }
    let commands = drifts.iter().map(|drift| {
        let (stream, command) = drift::report(drift)?;
        through::command(&stream, &command)
    });
    let commands = commands.collect::<Result<Vec<_>>>()?;
    let sent = through::send(setting, "hydra audit", commands, After::Return).await?;
    match sent.refusals().next() {
        None => Ok(()),
        Some((stream, reason)) => Err(BadInput(format!("{stream} was refused: {reason}")).into()),
    }
}

fn show(findings: &Findings) -> Result<()> {
    for Audited { view, position, rows, differing, mended } in &findings.views {
        let found = match (differing, mended) {
            (0, _) => "none differs from the log".to_owned(),
            (differing, 0) => format!("{differing} differ from the log"),
            (differing, mended) => format!("{differing} differed from the log, {mended} were mended"),
        };
        print::line(format!("{view}: {rows} rows at position {position}, {found}"))?;
    }
    for drift in &findings.drifts {
        let (is, should) = drift::cells(drift);
        print::line(format!("  {}/{}: is {is}, should be {should}", drift.table, drift.key))?;
    }
    Ok(())
}
