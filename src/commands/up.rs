//! `hydra up`: runs until stopped. It takes commands, resumes what is owed, and builds the folder of every chapter that
//! closes.

use anyhow::Result;
use hydra_actors::registry::kinds_of;
use hydra_bus::ReaderError;
use hydra_events::record::Position;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::through::{self, Changed};
use super::{Setting, progress};
use crate::app::{self, App, Interrupts, Patience};
use crate::cli::Up;
use crate::exit::Exit;
use crate::print;

const BATCH: usize = 256;
/// Streams named one by one at the start; more are only counted.
const NAMED_MAX: usize = 10;

/// A folder that was built, for machines.
#[derive(Serialize)]
struct Line {
    folder: String,
    missing: usize,
}

/// Runs until Ctrl-C or SIGTERM; a second Ctrl-C ends at once, and what is cut off is done again the next time.
pub async fn run(setting: &Setting, arguments: &Up) -> Result<Exit> {
    let mut interrupts = Interrupts::listen()?;
    let slots = match arguments.actors.is_empty() {
        true => app::slots(app::kinds()),
        false => app::slots(arguments.actors.iter().flat_map(|actor| kinds_of(actor))),
    };
    let app = tokio::select! {
        app = App::open_with(&setting.data, "hydra up", slots, |studio| studio) => app?,
        () = interrupts.next() => return Ok(Exit::Stopped),
    };
    let head = app.head().await?;
    let done = CancellationToken::new();
    let shown = progress::show(app.follow(head), done.clone());
    let kept = async {
        let mut patience = Patience::default();
        while let Err(error) = tell_owed(&app).await {
            patience.wait_out(error).await?;
        }
        Box::pin(keep_folders(setting, &app, head)).await
    };
    let ended = tokio::select! {
        ended = kept => ended,
        ended = app.ended() => Err(ended),
        () = interrupts.next() => Ok(()),
    };
    done.cancel();
    shown.await?;
    print::progress("stopping  work under way may finish; press Ctrl-C again to end at once");
    tokio::select! {
        closed = app.close() => closed?,
        () = interrupts.next() => return Ok(Exit::Stopped),
    }
    ended.map(|()| Exit::Done)
}

async fn tell_owed(app: &App) -> Result<()> {
    let views = app.views_at_head().await?;
    let owing = views.owing().await?;
    print::progress(format!("running   {} streams owe work; Ctrl-C stops", owing.len()));
    for row in owing.iter().take(NAMED_MAX) {
        print::progress(format!("  {} since {}", row.id, row.event));
    }
    if owing.len() > NAMED_MAX {
        print::progress(format!("  and {} more", owing.len() - NAMED_MAX));
    }
    if let Some(reason) = views.queue_paused().await? {
        print::progress(format!("the queue is paused ({reason}): `hydra queue resume`"));
    }
    Ok(())
}

/// Builds the folder of whatever closes or is reported, until the process ends.
pub async fn keep_folders(setting: &Setting, app: &App, head: Position) -> Result<()> {
    let (mut reader, mut patience) = (app.follow(head), Patience::default());
    loop {
        let events = match reader.next(BATCH).await {
            Ok(events) => events,
            Err(ReaderError::Bus(_)) => return Ok(()),
            Err(ReaderError::Log(error)) => {
                patience.wait_out(error.into()).await?;
                continue;
            }
        };
        let mut changed = Changed::default();
        let ready = ["chapter.chapter_completed.v1", "report.report_compiled.v1", "order.order_filled.v1"];
        events
            .iter()
            .filter(|event| ready.contains(&event.kind.as_str()))
            .for_each(|event| changed.note(event));
        while let Err(error) = build(setting, app, &changed).await {
            patience.wait_out(error).await?;
        }
        patience.is_over();
    }
}

async fn build(setting: &Setting, app: &App, changed: &Changed) -> Result<()> {
    for built in through::build(setting, app, changed).await? {
        let (folder, missing) = (built.folder.display().to_string(), built.missing.len());
        print::progress(format!("built     {folder}, {missing} missing"));
        if setting.json {
            print::json(&Line { folder, missing })?;
        }
    }
    Ok(())
}
