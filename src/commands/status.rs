//! `hydra status`: what is going on, on one page.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::net::UnixStream;

use anyhow::Result;
use hydra_projections::batch::Quarantined;
use hydra_projections::rows::{ApprovalRow, ChapterRow, IncidentRow};
use hydra_projections::{Stand, Stands, StoreError, Views};
use serde::Serialize;

use super::Setting;
use super::dead::{Entry, entries};
use crate::app::{Reading, require_log};
use crate::data_folder::DataFolder;
use crate::exit::Exit;
use crate::print;

/// Events that were set aside, named one by one; more are only counted.
const NAMED_MAX: usize = 10;

/// Everything the page has.
#[derive(Serialize)]
struct Status {
    /// The process that holds the folder.
    holder: Option<String>,
    head: u64,
    /// How far the views have come.
    position: u64,
    /// Each of them by its name.
    views: Stands,
    /// Events they go on without.
    quarantined: Vec<SetAside>,
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

/// An event that a view goes on without.
#[derive(Serialize)]
struct SetAside {
    view: &'static str,
    #[serde(flatten)]
    event: Quarantined,
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
    for row in unless_away(views.queue().await)? {
        let load = tasks.entry(row.kind).or_default();
        if row.state == "running" { load.running += 1 } else { load.waiting += 1 }
    }
    let mut chapters = Vec::new();
    for row in unless_away(views.chapters().await)?.into_iter().filter(in_work) {
        chapters.push(work(views, row).await?);
    }
    let dead = match entries(reading).await {
        Err(error) if error.is::<StoreError>() => Vec::new(),
        entries => entries?,
    };
    // The views first: they are never ahead of a later head.
    let stands = views.stands().await;
    Ok(Status {
        holder,
        head: reading.log.head().await?,
        position: stands.values().map(|stand| stand.position).min().unwrap_or_default(),
        views: stands,
        quarantined: set_aside(views).await,
        chapters,
        paused: unless_away(views.queue_paused().await)?,
        tasks,
        owing: unless_away(views.owing().await)?.len(),
        dead,
        approvals: unless_away(views.open_approvals().await)?,
        incidents: unless_away(views.incidents().await)?,
    })
}

async fn set_aside(views: &Views) -> Vec<SetAside> {
    views.quarantined().await.into_iter().map(|(view, event)| SetAside { view, event }).collect()
}

/// What was asked; nothing where the view is away, which its stand says.
fn unless_away<T: Default>(asked: Result<T, StoreError>) -> Result<T> {
    match asked {
        Err(
            StoreError::Server { .. }
            | StoreError::Foreign { .. }
            | StoreError::Gone(_)
            | StoreError::Refused(_),
        ) => Ok(T::default()),
        asked => Ok(asked?),
    }
}

fn in_work(row: &ChapterRow) -> bool {
    match row.state.as_str() {
        "cancelled" => false,
        "completed" => row.missing > 0,
        _ => true,
    }
}

async fn work(views: &Views, row: ChapterRow) -> Result<Work> {
    let (scenes, images) = (views.scenes(&row.id).await?, views.images(&row.id).await?);
    let lines = views.lines(&row.id).await?;
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
    let Status { holder, head, position, views, owing, paused, .. } = status;
    match holder {
        Some(holder) => print::line(format!("running     {holder}"))?,
        None => print::line("running     nobody holds the data folder")?,
    }
    print::line(format!(
        "log         {head} events; the views are {} behind",
        head.saturating_sub(*position)
    ))?;
    for (name, stand) in views {
        print::line(format!("view        {name} {}", told(stand, *head)))?;
    }
    if let Some(reason) = paused {
        print::line(format!("paused      {reason} (`hydra queue resume`)"))?;
    }
    show_work(status)?;
    if *owing > 0 && holder.is_none() {
        print::line(format!("owed        {owing} streams owe work: `hydra up` does it"))?;
    }
    show_needs(status)
}

fn told(Stand { store, position, building, rate, away }: &Stand, head: u64) -> String {
    let lag = head.saturating_sub(*position);
    let beside = match building {
        Some(position) => format!("; a new one is at {position} of {head} events"),
        None => String::new(),
    };
    match away {
        Some(reason) => format!("is away, {lag} behind: {reason}"),
        None => format!("is {lag} behind, {rate} events a second, in {store}{beside}"),
    }
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
    for SetAside { view, event } in status.quarantined.iter().take(NAMED_MAX) {
        let Quarantined { position, stream, reason } = event;
        print::line(format!("set aside   {view} goes on without {position} of {stream}: {reason}"))?;
    }
    if status.quarantined.len() > NAMED_MAX {
        print::line(format!("set aside   and {} more", status.quarantined.len() - NAMED_MAX))?;
    }
    for entry in &status.dead {
        print::line(format!("dead        {}", entry.cells().join("  ")))?;
    }
    for row in &status.approvals {
        print::line(format!("undecided   {}: {} (`hydra approvals`)", row.id, row.reasons.join("; ")))?;
    }
    for IncidentRow { kind, subject, reason, occurrences, .. } in &status.incidents {
        print::line(format!("incident    {subject} {kind}, {occurrences} times: {reason}"))?;
    }
    let away = status.views.values().any(|stand| stand.away.is_some());
    let whole = !away && status.quarantined.is_empty();
    let calm = whole && status.dead.is_empty() && status.approvals.is_empty() && status.incidents.is_empty();
    if calm {
        print::line("attention   nothing needs you")?;
    }
    Ok(())
}
