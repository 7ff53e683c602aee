//! `hydra bench`: this machine's Hydra beside the raw ceiling of the same machine, measured in the same run.

mod cost;
mod instant;
mod raw;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use hydra_events::vocabulary::chapter::Fill;
use serde::Serialize;

use super::produce::{self, Stand};
use super::{Setting, produce::request};
use crate::app::{self, App};
use crate::cli::Bench;
use crate::data_folder::DataFolder;
use crate::exit::Exit;
use crate::{input, print};
use cost::Cost;

/// Rounds of both sides, one after the other, so that a drift of the machine meets both.
const ROUNDS: usize = 3;

/// What `bench produce` measured; medians of the rounds.
#[derive(Serialize)]
struct Measured {
    events: u64,
    seconds: f64,
    first_event_ms: f64,
    cpu_us_per_event: f64,
    raw_cpu_us_per_append: f64,
    ratio: f64,
    peak_rss_mb: f64,
}

/// One round of the chapter.
struct Round {
    events: u64,
    seconds: f64,
    first_event_ms: f64,
    cpu_us_per_event: f64,
}

/// Runs one of the benches.
pub async fn run(setting: &Setting, action: Bench) -> Result<Exit> {
    let Bench::Produce { file } = action;
    let scratch = setting.data.root().join("bench");
    let (mut chapters, mut raws) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        print::progress(format!("round {round} of {ROUNDS}"));
        clear(&scratch)?;
        raws.push(raw::cpu_us_per_append(&scratch)?);
        chapters.push(chapter(&scratch, &file).await?);
    }
    clear(&scratch)?;
    let raw = median(raws.iter().copied());
    let cpu = median(chapters.iter().map(|round| round.cpu_us_per_event));
    let measured = Measured {
        events: chapters.first().map_or(0, |round| round.events),
        seconds: median(chapters.iter().map(|round| round.seconds)),
        first_event_ms: median(chapters.iter().map(|round| round.first_event_ms)),
        cpu_us_per_event: cpu,
        raw_cpu_us_per_append: raw,
        ratio: cpu / raw,
        peak_rss_mb: cost::peak_rss_mb()?,
    };
    show(setting, &measured)?;
    Ok(Exit::Done)
}

fn show(setting: &Setting, measured: &Measured) -> Result<()> {
    if setting.json {
        return Ok(print::json(measured)?);
    }
    let Measured {
        events,
        seconds,
        first_event_ms,
        cpu_us_per_event,
        raw_cpu_us_per_append,
        ratio,
        peak_rss_mb,
    } = measured;
    print::line(format!("events                  {events}"))?;
    print::line(format!("whole run               {seconds:.2} s, engines that answer at once"))?;
    print::line(format!("start to first event    {first_event_ms:.0} ms"))?;
    print::line(format!("CPU per event           {cpu_us_per_event:.0} µs"))?;
    print::line(format!(
        "raw SQLite append       {raw_cpu_us_per_append:.0} µs CPU, one row a transaction, same run"
    ))?;
    print::line(format!("ratio                   {ratio:.2}"))?;
    Ok(print::line(format!("peak RSS                {peak_rss_mb:.0} MB"))?)
}

async fn chapter(scratch: &Path, file: &Path) -> Result<Round> {
    let understood = input::read(file, None)?;
    understood.refuse_errors()?;
    let wish = request::Wish { fill: Fill::No, candidates: 1 };
    let folder = DataFolder::at(scratch);
    let (started, before) = (Instant::now(), Cost::now()?);
    let app =
        App::open_with(&folder, "hydra bench produce", app::slots(app::kinds()), instant::engines).await?;
    let first_event_ms = started.elapsed().as_secs_f64() * 1000.0;
    app.send_all(request::commands(&app.backends().content, &understood, wish).await?).await?;
    let stand = produce::finish(&app, &understood.chapter, false).await?;
    ensure!(matches!(stand, Stand::Completed), "the chapter was not completed");
    let events = app.head().await?;
    let (seconds, cpu) = (started.elapsed().as_secs_f64(), Cost::now()?.cpu_us_since(&before));
    app.close().await?;
    Ok(Round { events, seconds, first_event_ms, cpu_us_per_event: cpu / events.max(1) as f64 })
}

fn clear(scratch: &Path) -> Result<()> {
    match std::fs::remove_dir_all(scratch) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot clear {}", scratch.display()))
        }
        Ok(()) | Err(_) => Ok(std::fs::create_dir_all(scratch)?),
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
