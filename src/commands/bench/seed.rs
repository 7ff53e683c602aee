//! `hydra bench seed`: a long log for whoever wants to try something on one. Whole chapters, one after the other, made by
//! the product itself with engines that answer at once: every event is one that a household could have.

use std::time::Instant;

use anyhow::Result;
use hydra_actors::desk::Slots;

use super::{chapter, instant, screenplay};
use crate::app::{self, App, Interrupts};
use crate::commands::Setting;
use crate::data_folder::DataFolder;
use crate::exit::{BadInput, Exit};
use crate::print;

/// Scenes of a chapter.
const SCENES: u32 = 12;
/// Chapters under way at once, so that appends share transactions.
const AT_ONCE: u64 = 16;
/// Events of such a chapter, roughly: no more chapters are begun than are wanted.
const CHAPTER_EVENTS: u64 = 600;
/// Tasks of a kind at once: what answers at once keeps no processor busy.
const SLOTS: u32 = 64;

/// Fills the log that the configuration names with at least `events` events, unless it holds some.
pub async fn run(setting: &Setting, events: u64) -> Result<Exit> {
    let mut interrupts = Interrupts::listen()?;
    refuse_used(setting).await?;
    let app = open(&setting.data, "hydra bench seed").await?;
    let begun = Instant::now();
    let filled = tokio::select! {
        filled = Box::pin(make(&app, events)) => filled.map(Some),
        ended = app.ended() => Err(ended),
        () = interrupts.next() => Ok(None),
    };
    let head = app.head().await;
    app.close().await?;
    let Some(chapters) = filled? else { return Ok(Exit::Stopped) };
    let secs = begun.elapsed().as_secs_f64();
    print::line(format!("{} events of {chapters} chapters in {secs:.1} s", head?))?;
    Ok(Exit::Done)
}

/// Fills the log of `folder` with at least `events` events.
pub async fn fill(folder: &DataFolder, purpose: &str, events: u64) -> Result<()> {
    let app = open(folder, purpose).await?;
    let filled = tokio::select! {
        filled = Box::pin(make(&app, events)) => filled.map(|_| ()),
        ended = app.ended() => Err(ended),
    };
    app.close().await?;
    filled
}

async fn open(folder: &DataFolder, purpose: &str) -> Result<App> {
    let slots: Slots = app::kinds().map(|kind| (kind, SLOTS)).collect();
    App::open_with(folder, purpose, slots, instant::engines).await
}

/// Nothing is put beside what somebody made.
async fn refuse_used(setting: &Setting) -> Result<()> {
    let _held = setting.data.hold("hydra bench seed")?;
    let head = crate::backends::log_for_restoring(&setting.data).await?.head().await?;
    if head == 0 {
        return Ok(());
    }
    let remedy = "name an empty --data folder, or a configuration with another schema";
    Err(BadInput(format!("the log holds {head} events and is left alone: {remedy}")).into())
}

/// Makes chapters until there are `events` events; how many chapters that took.
async fn make(app: &App, events: u64) -> Result<u64> {
    let mut next = 0_u64;
    loop {
        let head = app.head().await?;
        if head >= events {
            return Ok(next);
        }
        let wanted = (events - head).div_ceil(CHAPTER_EVENTS).min(AT_ONCE);
        let chapters: Result<Vec<_>, _> = (next..next + wanted)
            .map(|number| {
                let name = format!("seed_{number:05}");
                screenplay::of(&name, SCENES).map(|text| (name, text))
            })
            .collect();
        chapter::finish(app, &chapters?).await?;
        next += wanted;
        print::progress(format!("seeding   {} of {events} events", app.head().await?));
    }
}
