//! The one way of every command that changes something: through the Hydra that holds the data folder, or, where nobody
//! does, by holding it as long as the work takes.
//!
//! What can go wrong: the domain says no, which is told with its reason; the holder ends between two commands, and then
//! the same command line may be given again.

mod asset;
mod settle;

use anyhow::{Result, bail};
use hydra_actors::aggregate::{WireCommand, wire_command};
use hydra_actors::host::Envelope;
use hydra_events::StreamName;
use hydra_events::record::Position;
use hydra_events::wire::Vocabulary;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use super::{Setting, progress};
use crate::app::App;
use crate::control::{self, Reply, Request};
use crate::exit::Exit;
use crate::folder::Built;
use crate::print;

pub use asset::stream_of;
pub use settle::{Changed, build, changed, held_up, settle};

/// Who the log says has asked.
const PRINCIPAL: &str = "cli";

/// A command to a stream.
pub struct Command {
    /// The stream.
    pub stream: StreamName,
    /// The command.
    pub command: WireCommand,
}

/// What is to happen after a command was taken, where nobody else holds the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Nothing: what follows from it happens when Hydra runs the next time.
    Return,
    /// Everything that is owed is done, and the folders that concerns are built.
    Finish,
}

/// Who has taken the commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// A Hydra that is running.
    Holder,
    /// This process.
    Here,
}

/// How far the work came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The commands are taken; what follows is another's or later work.
    Taken,
    /// Nothing is left to do.
    Finished,
    /// Everything that is left waits in a paused queue, for this reason.
    Paused(String),
    /// Ctrl-C.
    Stopped,
}

/// What became of the commands.
pub struct Sent {
    /// Who has taken them.
    pub way: Way,
    /// What each led to, in order.
    pub replies: Vec<(StreamName, Reply)>,
    /// How far the work came.
    pub end: End,
    /// The folders that were built.
    pub built: Vec<Built>,
}

/// `command` to `stream`, ready to be sent.
pub fn command<C: Vocabulary>(stream: &StreamName, command: &C) -> Result<Command> {
    Ok(Command { stream: stream.clone(), command: wire_command(stream, command)? })
}

/// Sends `commands` in order; `verb` is what others are told this process holds the folder for.
pub async fn send(setting: &Setting, verb: &str, commands: Vec<Command>, after: After) -> Result<Sent> {
    let sent = match by_holder(setting, &commands).await? {
        Some(replies) => Sent { way: Way::Holder, replies, end: End::Taken, built: Vec::new() },
        None => here(setting, verb, &commands, after).await?,
    };
    for (stream, reason) in sent.refusals() {
        print::progress(format!("refused   {stream}: {reason}"));
    }
    Ok(sent)
}

impl Sent {
    /// The streams that said no, and why.
    pub fn refusals(&self) -> impl Iterator<Item = (&StreamName, &str)> {
        self.replies.iter().filter_map(|(stream, reply)| match reply {
            Reply::Recorded(_) => None,
            Reply::Rejected { reason, .. } | Reply::Failed(reason) => Some((stream, reason.as_str())),
        })
    }

    /// How a command ends that wanted no more than this.
    pub fn exit(&self) -> Exit {
        match self.end {
            End::Stopped => Exit::Stopped,
            End::Paused(_) => Exit::Found,
            End::Taken | End::Finished if self.refusals().next().is_some() => Exit::Found,
            End::Taken | End::Finished => Exit::Done,
        }
    }

    /// Says what happened: `done` when everything was taken, or the events for machines.
    pub fn tell(&self, setting: &Setting, done: &str) -> Result<Exit> {
        if setting.json {
            print::json(&self.summary())?;
        } else if self.refusals().next().is_none() {
            let by = if self.way == Way::Holder { " (by the running Hydra)" } else { "" };
            print::line(format!("{done}{by}"))?;
        }
        self.tell_end();
        Ok(self.exit())
    }

    /// Says to whoever watches why the work ended early.
    pub fn tell_end(&self) {
        match &self.end {
            End::Taken | End::Finished => {}
            End::Paused(reason) => {
                print::progress(format!(
                    "the queue is paused ({reason}): `hydra queue resume` lets the rest be made"
                ));
            }
            End::Stopped => print::progress("stopped: what is left is done by `hydra up`; nothing is lost"),
        }
    }

    fn summary(&self) -> serde_json::Value {
        let reply =
            |(stream, reply): &(StreamName, Reply)| serde_json::json!({ "stream": stream, "reply": reply });
        let replies: Vec<_> = self.replies.iter().map(reply).collect();
        let folders: Vec<_> = self.built.iter().map(|built| built.folder.display().to_string()).collect();
        serde_json::json!({ "by": self.way, "replies": replies, "folders": folders })
    }
}

impl Command {
    fn request(&self) -> Result<Request> {
        let payload = RawValue::from_string(String::from_utf8(self.command.payload.clone())?)?;
        let (stream, kind) = (self.stream.clone(), self.command.kind.clone());
        Ok(Request { stream, kind, payload, principal: PRINCIPAL.to_owned(), id: None })
    }
}

/// What the holder of the folder says; `None` when there is none.
async fn by_holder(setting: &Setting, commands: &[Command]) -> Result<Option<Vec<(StreamName, Reply)>>> {
    let socket = setting.data.socket();
    let mut replies = Vec::with_capacity(commands.len());
    for command in commands {
        match control::send(&socket, &command.request()?).await? {
            Some(reply) => replies.push((command.stream.clone(), reply)),
            None if replies.is_empty() => return Ok(None),
            None => bail!(
                "the running Hydra ended after {} of {} commands: run the same command again",
                replies.len(),
                commands.len()
            ),
        }
    }
    Ok(Some(replies))
}

async fn here(setting: &Setting, verb: &str, commands: &[Command], after: After) -> Result<Sent> {
    let app = App::open(&setting.data, &format!("hydra {verb}")).await?;
    let sent = work(setting, &app, commands, after).await;
    let closed = app.close().await;
    let sent = sent?;
    closed.map(|()| sent)
}

async fn work(setting: &Setting, app: &App, commands: &[Command], after: After) -> Result<Sent> {
    let head = app.head().await?;
    let done = CancellationToken::new();
    let shown = (after == After::Finish).then(|| progress::show(app.follow(head), done.clone()));
    let sent = take(app, commands, after).await;
    done.cancel();
    if let Some(shown) = shown {
        shown.await?;
    }
    let (replies, end) = sent?;
    let built = match after {
        After::Return => Vec::new(),
        After::Finish => concerned(setting, app, head).await?,
    };
    Ok(Sent { way: Way::Here, replies, end, built })
}

async fn take(app: &App, commands: &[Command], after: After) -> Result<(Vec<(StreamName, Reply)>, End)> {
    let host = app.system().host();
    let mut replies = Vec::with_capacity(commands.len());
    for Command { stream, command } in commands {
        let envelope = Envelope::from_outside(host.fresh_id(), PRINCIPAL);
        let answer = host.send_wire(stream, command.clone(), envelope).await;
        replies.push((stream.clone(), Reply::of(answer)));
    }
    let taken = replies.iter().any(|(_, reply)| matches!(reply, Reply::Recorded(_)));
    let end = match after {
        After::Finish if taken => settle(app).await?,
        After::Finish | After::Return => End::Taken,
    };
    Ok((replies, end))
}

/// Builds the folders of what has changed after `head`.
async fn concerned(setting: &Setting, app: &App, head: Position) -> Result<Vec<Built>> {
    let changed = changed(app, head).await?;
    build(setting, app, &changed).await
}
