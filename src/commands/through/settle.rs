//! Waiting until nothing is left to do, and bringing the folders in line with what was done.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use hydra_actors::system::{IN_PASSING, WITH_DISTANT_TIMERS};
use hydra_events::Recorded;
use hydra_events::log::PAGE_EVENTS_MAX;
use hydra_events::record::Position;
use hydra_projections::Views;

use super::super::Setting;
use super::End;
use crate::app::{App, Interrupts, Patience};
use crate::folder::{self, Built};

const LOOK: Duration = Duration::from_millis(100);

/// The chapters and orders whose folders may have changed.
#[derive(Debug, Default)]
pub struct Changed {
    /// Ids of chapters.
    pub chapters: BTreeSet<String>,
    /// Ids of orders.
    pub orders: BTreeSet<String>,
}

impl Changed {
    /// Notes what `event` is about.
    pub fn note(&mut self, event: &Recorded) {
        let id = || event.stream.id().to_owned();
        match event.stream.category() {
            "chapter" | "report" => _ = self.chapters.insert(id()),
            "order" => _ = self.orders.insert(id()),
            _ => {}
        }
    }
}

/// Waits until nothing is left to do, everything left waits in a paused queue, or Ctrl-C.
pub async fn settle(app: &App) -> Result<End> {
    let mut interrupts = Interrupts::listen()?;
    tokio::select! {
        end = settled(app) => end,
        () = interrupts.next() => Ok(End::Stopped),
    }
}

async fn settled(app: &App) -> Result<End> {
    let mut patience = Patience::default();
    loop {
        if app.system().is_idle().await? {
            return Ok(End::Finished);
        }
        match held_up(app).await {
            Ok(Some(reason)) => return Ok(End::Paused(reason)),
            Ok(None) => patience.is_over(),
            Err(error) => patience.wait_out(error).await?,
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Why the queue is paused, when nothing but waiting work is left.
pub async fn held_up(app: &App) -> Result<Option<String>> {
    let head = app.head().await?;
    let handled = app.system().has_handled(head);
    let views = app.views_at_head().await?;
    let still = handled && app.head().await? == head;
    let reason = views.queue_paused().await?;
    Ok(if still && all_waits(&views).await? { reason } else { None })
}

/// Whether everything that is owed waits in the queue.
async fn all_waits(views: &Views) -> Result<bool> {
    let queue = views.queue().await?;
    let waits =
        |stream| queue.iter().any(|task| task.stream.as_ref() == Some(stream) && task.state == "waiting");
    let owing = views.owing().await?;
    let nobody_waits = |category| WITH_DISTANT_TIMERS.contains(&category) || IN_PASSING.contains(&category);
    Ok(owing.iter().all(|row| waits(&row.id) || nobody_waits(row.id.category())))
}

/// What has changed after `head`.
pub async fn changed(app: &App, head: Position) -> Result<Changed> {
    let (mut changed, mut after) = (Changed::default(), head);
    loop {
        let events = app.backends().log.read(after, PAGE_EVENTS_MAX).await?;
        let Some(last) = events.last() else { return Ok(changed) };
        after = last.position;
        events.iter().for_each(|event| changed.note(event));
    }
}

/// Builds the folders of completed chapters and filled orders among `changed`.
pub async fn build(setting: &Setting, app: &App, changed: &Changed) -> Result<Vec<Built>> {
    let views = app.views_at_head().await?;
    let content = &app.backends().content;
    let mut built = Vec::new();
    for chapter in &changed.chapters {
        if views.chapter(chapter).await?.is_some_and(|row| row.state == "completed" && row.report.is_some()) {
            built.push(folder::build(&views, content, chapter, &setting.out).await?);
        }
    }
    let filled = views
        .orders()
        .await?
        .into_iter()
        .any(|row| row.state == "filled" && changed.orders.contains(&row.id));
    if filled {
        built.extend(folder::portraits(&views, content, &setting.out).await?);
    }
    Ok(built)
}
