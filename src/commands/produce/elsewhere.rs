//! `hydra produce --server`: a chapter made by a Hydra elsewhere, followed from here, and its folder built here.
//!
//! What can go wrong: the server or that Hydra is away, which is waited for; its content store is another one, which is
//! said before anything is asked.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use hydra_actors::aggregate::{WireCommand, wire_command};
use hydra_actors::desk::{Desk, RemoteDesk};
use hydra_actors::host::{Envelope, HostError, fresh_id};
use hydra_actors::worker;
use hydra_bus::Reader;
use hydra_events::clock::SystemClock;
use hydra_events::vocabulary::chapter::ChapterCommand;
use hydra_events::{ContentHash, EventLog, StreamName};
use tokio_util::sync::CancellationToken;

use super::{Spent, Stand, conclude, default_answers, request};
use crate::app::{AWAY, Interrupts};
use crate::backends;
use crate::cli;
use crate::client::Client;
use crate::commands::through::Command;
use crate::commands::{Setting, progress};
use crate::exit::{BadInput, Exit};
use crate::input::Understood;
use crate::print;

const LOOK: Duration = Duration::from_secs(1);

/// Has the chapter made at the other end of `url`, or of the configured bus where it is empty.
pub async fn run(
    setting: &Setting,
    arguments: &cli::Produce,
    understood: &Understood,
    url: &str,
    started: Instant,
) -> Result<Exit> {
    let mut interrupts = Interrupts::listen()?;
    let done = CancellationToken::new();
    let work = async {
        let client = Client::open(setting, url).await?;
        let content = backends::content(&setting.data).await?;
        let commands = request::commands(&content, understood, request::Wish::of(arguments)).await?;
        check_shared(&client.desk, &commands).await?;
        let reader = Reader::new(client.log.clone(), client.bus.clone(), client.log.head().await?);
        let shown = progress::show(reader, done.clone());
        let followed = async {
            for sent in commands {
                tell(&client.desk, &sent.stream, sent.command).await?;
            }
            finish(&client, &understood.chapter, arguments.wait).await
        };
        let followed = followed.await;
        done.cancel();
        shown.await?;
        followed?;
        let (views, events) = (client.views_at_head().await?, client.log.head().await?);
        let spent = Spent { started, events };
        let exit = conclude(setting, &views, &content, &understood.chapter, &Stand::Completed, spent).await?;
        client.close().await?;
        Ok(exit)
    };
    tokio::select! {
        exit = work => exit,
        () = interrupts.next() => {
            print::progress("stopped watching: the work goes on; run the same command again to see it through");
            Ok(Exit::Stopped)
        }
    }
}

/// The commands name files by their hash: the other end must find them.
async fn check_shared(desk: &RemoteDesk, commands: &[Command]) -> Result<()> {
    let Some(screenplay) = commands.iter().find_map(|sent| screenplay(&sent.command)) else { return Ok(()) };
    match desk.sees(screenplay).await.context("the Hydra at the other end was not reached")? {
        true => Ok(()),
        false => bail!(BadInput(
            "the Hydra at the other end does not see the content store of this machine: name one that both share \
             under [content] in a --config file"
                .to_owned()
        )),
    }
}

fn screenplay(command: &WireCommand) -> Option<ContentHash> {
    match hydra_events::wire::decode(&command.kind, &command.payload) {
        Ok(ChapterCommand::RequestChapter { source, .. }) => Some(source.screenplay),
        Ok(_) | Err(_) => None,
    }
}

/// Sends one command, under one id until somebody has decided it.
async fn tell(desk: &RemoteDesk, stream: &StreamName, command: WireCommand) -> Result<()> {
    let id = fresh_id(&SystemClock, &worker::instance(&SystemClock));
    loop {
        match desk.tell(stream, command.clone(), Envelope::from_outside(id, "cli")).await {
            Ok(()) => return Ok(()),
            Err(error) if error.may_pass() => {
                print::progress(format!("waiting   {error}"));
                tokio::time::sleep(AWAY).await;
            }
            Err(HostError::Rejected(no)) => bail!(BadInput(format!("{stream} was refused: {no}"))),
            Err(error) => return Err(error).with_context(|| format!("{stream} was not told")),
        }
    }
}

/// Waits until the chapter is closed and reported, answering open questions by their defaults unless `wait`.
async fn finish(client: &Client, chapter: &str, wait: bool) -> Result<()> {
    let (mut paused, mut waiting) = (None, false);
    loop {
        let views = match client.views_at_head().await {
            Ok(views) => views,
            Err(error) => {
                print::progress(format!("waiting   {error:#}"));
                tokio::time::sleep(AWAY).await;
                continue;
            }
        };
        let row = views.chapter(chapter).await?.unwrap_or_default();
        if row.state == "completed" && row.report.is_some() {
            return Ok(());
        }
        let answers = default_answers(&views, chapter).await?;
        if wait && !answers.is_empty() && !waiting {
            print::progress("waiting   for a person: `hydra approvals list` where that Hydra runs");
            waiting = true;
        } else if !wait {
            for (approval, command) in answers {
                // Somebody may have answered meanwhile: theirs stands.
                if let Err(error) = tell(&client.desk, &approval, wire_command(&approval, &command)?).await {
                    tracing::info!(%error, %approval, "the default answer was not needed");
                }
            }
        }
        let reason = views.queue_paused().await?;
        if let Some(reason) = reason.as_ref().filter(|_| paused != reason) {
            print::progress(format!("the queue is paused ({reason}): `hydra queue resume` goes on"));
        }
        paused = reason;
        tokio::time::sleep(LOOK).await;
    }
}
