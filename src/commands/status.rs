//! `hydra status`: what is going on, on one page.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::net::UnixStream;

use anyhow::Result;
use hydra_projections::Views;
use hydra_projections::rows::{ApprovalRow, ChapterRow, IncidentRow};
use serde::Serialize;

use super::Setting;
use super::dead::{Entry, entries};
use crate::app::{Reading, require_log};
use crate::data_folder::DataFolder;
use crate::exit::Exit;
use crate::print;

/// Everything the page has.
#[derive(Serialize)]
struct Status {
    /// The process that holds the folder.
    holder: Option<String>,
    head: u64,
    /// How far the views have come.
    position: u64,
    /// Chapters that are not closed, or closed with gaps.
    chapters: Vec<Work>,
    paused: Option<String>,
    /// Heavy work by kind.
    tasks: BTreeMap<String, Load>,
    /// Streams that owe something.
    owing: usize,
    dead: Vec<Entry>,
    approvals: Vec<ApprovalRow>,
    incidents: Vec<IncidentRow>,
}

/// A chapter in work.
#[derive(Serialize)]
struct Work {
    id: String,
    title: String,
    state: String,
    scenes: u32,
    closed: usize,
    images: usize,
    approved: usize,
    lines: usize,
    spoken: usize,
    missing: u32,
}

/// Tasks of one kind.
#[derive(Default, Serialize)]
struct Load {
    running: usize,
    waiting: usize,
}

/// Shows it.
pub async fn run(setting: &Setting) -> Result<Exit> {
    require_log(&setting.data)?;
    let holder = holder(&setting.data);
    let reading = Reading::open(&setting.data).await?;
    let status = gather(holder, &reading).await?;
    if setting.json {
        print::json(&status)?;
    } else {
        show(&status)?;
    }
    Ok(Exit::Done)
}

/// Who holds the folder, in the words it has left there.
fn holder(data: &DataFolder) -> Option<String> {
    // Asking by a lock would keep out whoever starts to write at this moment.
    UnixStream::connect(data.socket()).ok()?;
    let left = fs::read_to_string(data.root().join("lock")).unwrap_or_default();
    Some(if left.is_empty() { "another process".to_owned() } else { left })
}

async fn gather(holder: Option<String>, reading: &Reading) -> Result<Status> {
    let views = &reading.views;
    let mut tasks: BTreeMap<String, Load> = BTreeMap::new();
    for row in views.queue()? {
        let load = tasks.entry(row.kind).or_default();
        if row.state == "running" { load.running += 1 } else { load.waiting += 1 }
    }
    let open = views.chapters()?.into_iter().filter(in_work);
    Ok(Status {
        holder,
        head: reading.log.head().await?,
        position: views.position()?,
        chapters: open.map(|row| work(views, row)).collect::<Result<_>>()?,
        paused: views.queue_paused()?,
        tasks,
        owing: views.owing()?.len(),
        dead: entries(reading).await?,
        approvals: views.open_approvals()?,
        incidents: views.incidents()?,
    })
}

fn in_work(row: &ChapterRow) -> bool {
    match row.state.as_str() {
        "cancelled" => false,
        "completed" => row.missing > 0,
        _ => true,
    }
}

fn work(views: &Views, row: ChapterRow) -> Result<Work> {
    let (scenes, images, lines) = (views.scenes(&row.id)?, views.images(&row.id)?, views.lines(&row.id)?);
    let ChapterRow { id, title, state, scenes: count, missing, .. } = row;
    Ok(Work {
        id,
        title,
        state,
        scenes: count,
        closed: scenes.iter().filter(|scene| scene.state == "closed").count(),
        images: images.iter().filter(|image| image.state != "cancelled").count(),
        approved: images.iter().filter(|image| image.state == "approved").count(),
        lines: lines.iter().filter(|line| line.state != "cancelled").count(),
        spoken: lines.iter().filter(|line| line.state == "spoken").count(),
        missing,
    })
}

fn show(status: &Status) -> Result<()> {
    let Status { holder, head, position, owing, paused, .. } = status;
    match holder {
        Some(holder) => print::line(format!("running     {holder}"))?,
        None => print::line("running     nobody holds the data folder")?,
    }
    print::line(format!(
        "log         {head} events; the views are {} behind",
        head.saturating_sub(*position)
    ))?;
    if let Some(reason) = paused {
        print::line(format!("paused      {reason} (`hydra queue resume`)"))?;
    }
    show_work(status)?;
    if *owing > 0 && holder.is_none() {
        print::line(format!("owed        {owing} streams owe work: `hydra up` does it"))?;
    }
    show_needs(status)
}

fn show_work(status: &Status) -> Result<()> {
    for Work { id, state, scenes, closed, images, approved, lines, spoken, missing, .. } in &status.chapters {
        let gaps = if *missing == 0 { String::new() } else { format!(", {missing} missing") };
        print::line(format!(
            "chapter     {id} {state}: {closed}/{scenes} scenes, {approved}/{images} images, {spoken}/{lines} lines{gaps}"
        ))?;
    }
    for (kind, Load { running, waiting }) in &status.tasks {
        print::line(format!("{kind:<11} {running} running, {waiting} waiting"))?;
    }
    Ok(())
}

fn show_needs(status: &Status) -> Result<()> {
    for entry in &status.dead {
        print::line(format!("dead        {}", entry.cells().join("  ")))?;
    }
    for row in &status.approvals {
        print::line(format!("undecided   {}: {} (`hydra approvals`)", row.id, row.reasons.join("; ")))?;
    }
    for IncidentRow { kind, subject, reason, occurrences, .. } in &status.incidents {
        print::line(format!("incident    {subject} {kind}, {occurrences} times: {reason}"))?;
    }
    let calm = status.dead.is_empty() && status.approvals.is_empty() && status.incidents.is_empty();
    if calm {
        print::line("attention   nothing needs you")?;
    }
    Ok(())
}
