//! `hydra bench seed`: a long log for whoever wants to try something on one. Whole chapters, one after the other, made by
//! the product itself with engines that answer at once: every event is one that a household could have.

use std::time::Instant;

use anyhow::Result;
use hydra_actors::desk::Slots;

use super::{chapter, instant, screenplay};
use crate::app::{self, App, Interrupts};
use crate::commands::Setting;
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
    let slots: Slots = app::kinds().map(|kind| (kind, SLOTS)).collect();
    refuse_used(setting).await?;
    let app = App::open_with(&setting.data, "hydra bench seed", slots, instant::engines).await?;
    let filled = tokio::select! {
        filled = Box::pin(fill(&app, events)) => filled.map(|()| Exit::Done),
        ended = app.ended() => Err(ended),
        () = interrupts.next() => Ok(Exit::Stopped),
    };
    app.close().await?;
    filled
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

async fn fill(app: &App, events: u64) -> Result<()> {
    let (begun, mut next) = (Instant::now(), 0_u64);
    loop {
        let head = app.head().await?;
        if head >= events {
            let secs = begun.elapsed().as_secs_f64();
            print::line(format!("{head} events of {next} chapters in {secs:.1} s"))?;
            return Ok(());
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
