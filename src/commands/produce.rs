//! `hydra produce`: a screenplay becomes a chapter folder.

#[cfg(feature = "full")]
mod elsewhere;
pub mod request;

use std::time::{Duration, Instant};

use anyhow::Result;
use hydra_events::record::Position;
use hydra_events::vocabulary::approval::ApprovalCommand;
use hydra_events::vocabulary::terms::DecidedBy;
use hydra_events::{ContentStore, StreamName};
use hydra_projections::Views;
use hydra_projections::rows::ApprovalRow;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::through::held_up;
use super::{Setting, progress};
use crate::app::{App, Interrupts, Patience};
use crate::cli;
use crate::exit::Exit;
use crate::folder::{self, Built};
use crate::{input, print};

const LOOK: Duration = Duration::from_millis(100);

/// How the work on a chapter stands.
pub enum Stand {
    /// It goes on.
    Working,
    /// It is closed and reported.
    Completed,
    /// Only a person's answers are missing.
    Undecided,
    /// Nothing goes on, and it is not closed.
    Stuck,
}

/// The last line for machines.
#[derive(Serialize)]
struct Summary<'a> {
    chapter: &'a str,
    folder: String,
    scenes: usize,
    images: usize,
    lines: usize,
    approved: usize,
    rejected: usize,
    events: u64,
    seconds: f64,
    engine_seconds: f64,
}

/// Makes the chapter, or goes on making it.
pub async fn run(setting: &Setting, arguments: cli::Produce) -> Result<Exit> {
    let understood = input::read(&arguments.file, arguments.characters.as_deref())?;
    understood.refuse_errors()?;
    for warning in &understood.warnings {
        print::progress(format!("warning   {warning}"));
    }
    let started = Instant::now();
    #[cfg(feature = "full")]
    if let Some(url) = &arguments.server {
        return elsewhere::run(setting, &arguments, &understood, url, started).await;
    }
    let (mut interrupts, purpose) =
        (Interrupts::listen()?, format!("hydra produce {}", arguments.file.display()));
    let app = tokio::select! {
        app = App::open(&setting.data, &purpose) => app?,
        () = interrupts.next() => return Ok(stopped()),
    };
    let done = CancellationToken::new();
    let shown = progress::show(app.follow(app.head().await?), done.clone());
    let work = async {
        let wish = request::Wish::of(&arguments);
        app.send_all(request::commands(&app.backends().content, &understood, wish).await?).await?;
        finish(&app, &understood.chapter, arguments.wait).await
    };
    let result = tokio::select! {
        result = work => Some(result),
        ended = app.ended() => Some(Err(ended)),
        () = interrupts.next() => None,
    };
    done.cancel();
    shown.await?;
    let exit = match result {
        None => Ok(stopped()),
        Some(Ok(stand)) => close(setting, &app, &understood.chapter, &stand, started).await,
        Some(Err(error)) => Err(error),
    };
    let closed = app.close().await;
    let exit = exit?;
    closed?;
    Ok(exit)
}

fn stopped() -> Exit {
    print::progress("stopped: run the same command again to go on; nothing is lost");
    Exit::Stopped
}

/// Waits until nothing more can be done for the chapter, answering open questions by their defaults unless `wait`.
pub async fn finish(app: &App, chapter: &str, wait: bool) -> Result<Stand> {
    let (mut told, mut patience) = (false, Patience::default());
    loop {
        let stand = match stand(app, chapter).await {
            Ok(stand) => stand,
            Err(error) => {
                patience.wait_out(error).await?;
                continue;
            }
        };
        patience.is_over();
        match stand {
            Stand::Working => {}
            Stand::Undecided if wait => {
                if !told {
                    print::progress("waiting   for a person: `hydra approvals list` from another terminal");
                    told = true;
                }
            }
            Stand::Undecided => {
                if let Err(error) = answer_by_default(app, chapter).await {
                    patience.wait_out(error).await?;
                }
            }
            stand @ (Stand::Completed | Stand::Stuck) => return Ok(stand),
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn stand(app: &App, chapter: &str) -> Result<Stand> {
    if !app.system().is_idle().await? {
        let held_up = held_up(app).await?;
        return Ok(if held_up.is_some() { Stand::Stuck } else { Stand::Working });
    }
    let views = app.views_at_head().await?;
    let asked = views.open_approvals().await?.iter().any(|approval| approval.chapter == chapter);
    if asked {
        return Ok(Stand::Undecided);
    }
    let row = views.chapter(chapter).await?.unwrap_or_default();
    // Idle was asked before the views: what they show may be newer, and is looked at again.
    if !app.system().is_idle().await? {
        return Ok(Stand::Working);
    }
    Ok(if row.state == "completed" && row.report.is_some() { Stand::Completed } else { Stand::Stuck })
}

async fn answer_by_default(app: &App, chapter: &str) -> Result<()> {
    for (approval, command) in default_answers(&app.views(), chapter).await? {
        // Somebody may have answered meanwhile: theirs stands.
        if let Err(error) = app.send(&approval, &command).await {
            tracing::info!(%error, %approval, "the default answer was not needed");
        }
    }
    Ok(())
}

/// The answers to the chapter's open questions that apply where nobody is asked.
async fn default_answers(views: &Views, chapter: &str) -> Result<Vec<(StreamName, ApprovalCommand)>> {
    let asked = views.open_approvals().await?.into_iter().filter(|approval| approval.chapter == chapter);
    let answer = |approval: ApprovalRow| {
        let note = "nobody was asked: the default answer applies".to_owned();
        let (verdict, by) = (approval.default(), DecidedBy::Default {});
        (approval.id, ApprovalCommand::AnswerApproval { verdict, by, note })
    };
    Ok(asked.map(answer).collect())
}

/// Brings the folder in line with the log and says how it went.
async fn close(setting: &Setting, app: &App, chapter: &str, stand: &Stand, started: Instant) -> Result<Exit> {
    let (views, events) = (app.views_at_head().await?, app.head().await?);
    let exit =
        conclude(setting, &views, &app.backends().content, chapter, stand, Spent { started, events }).await;
    for (stream, reason) in app.system().host().unfit() {
        print::progress(format!("left alone: {stream}: {reason}"));
    }
    exit
}

/// What a run has taken.
struct Spent {
    started: Instant,
    /// The events in the log.
    events: Position,
}

/// Builds the folder from the views and says how it went.
async fn conclude(
    setting: &Setting,
    views: &Views,
    content: &dyn ContentStore,
    chapter: &str,
    stand: &Stand,
    spent: Spent,
) -> Result<Exit> {
    let built = folder::build(views, content, chapter, &setting.out).await?;
    let complete = matches!(stand, Stand::Completed) && built.missing.is_empty();
    tell(views, stand, &built).await?;
    if setting.json {
        let engine_ms: u64 = views.images(chapter).await?.iter().map(|image| image.duration_ms).sum::<u64>()
            + views.lines(chapter).await?.iter().map(|line| line.duration_ms).sum::<u64>();
        print::json(&Summary {
            chapter,
            folder: built.folder.display().to_string(),
            scenes: built.scenes,
            images: built.images,
            lines: built.lines,
            approved: built.approved,
            rejected: built.rejected,
            events: spent.events,
            seconds: spent.started.elapsed().as_secs_f64(),
            engine_seconds: engine_ms as f64 / 1000.0,
        })?;
    } else {
        print::line(format!("{}", built.folder.display()))?;
    }
    Ok(if complete { Exit::Done } else { Exit::Found })
}

async fn tell(views: &Views, stand: &Stand, built: &Built) -> Result<()> {
    let Built { scenes, images, lines, approved, rejected, .. } = built;
    print::progress(format!(
        "\n{scenes} scenes, {images} images ({approved} approved, {rejected} tries rejected), {lines} lines"
    ));
    if !built.defaulted.is_empty() {
        print::progress(format!("approved by default, nobody was asked ({}):", built.defaulted.len()));
        built.defaulted.iter().for_each(|asset| print::progress(format!("  {asset}")));
    }
    if !built.missing.is_empty() {
        print::progress("missing; `hydra dead list` says more, `hydra dead retry` tries again:");
        built.missing.iter().for_each(|asset| print::progress(format!("  {asset}")));
    }
    if matches!(stand, Stand::Stuck) {
        match views.queue_paused().await? {
            Some(reason) => print::progress(format!("the queue is paused ({reason}): `hydra queue resume`")),
            None => print::progress("the chapter is not closed and nothing is left to do:"),
        }
        for dead in views.dead().await? {
            print::progress(format!("  {} {}: {}", dead.kind, dead.stream, dead.reason));
        }
    }
    let report = built.folder.join("report.md");
    print::progress(format!(
        "look at {} and play {}",
        report.display(),
        built.folder.join("renpy").display()
    ));
    Ok(())
}
