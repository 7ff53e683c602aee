//! `hydra dead`: what was given up or set aside, and what to do about it.
//!
//! Four things may stand here: an effect that failed too often, a picture of which every try was rejected, a message
//! between two streams that could not be delivered, and a command from the bus that was refused for good.

mod delivery;
mod entry;
#[cfg(feature = "full")]
mod refused;
mod show;

use anyhow::Result;
use hydra_events::StreamName;
use hydra_events::vocabulary::effect::EffectCommand;
use hydra_events::vocabulary::image::ImageCommand;
use hydra_events::vocabulary::line::LineCommand;

use super::Setting;
use super::through::{self, After, Command};
use crate::app::{Reading, require_log};
use crate::cli::Dead;
use crate::exit::{BadInput, Exit};
use crate::print;

use entry::Kind;
pub use entry::{Entry, entries};

/// What the log says about a picture or line that a person wants again.
const NOTE: &str = "retried on the command line";

/// Lists, shows, retries or drops.
pub async fn run(setting: &Setting, action: Dead) -> Result<Exit> {
    require_log(&setting.data)?;
    #[cfg(feature = "full")]
    if let Some(number) = action.asset().and_then(refused::number) {
        return match action {
            Dead::List | Dead::Show { .. } => refused::show(setting, number).await,
            Dead::Retry { payload, .. } => refused::retry(setting, number, payload.as_deref()).await,
            Dead::Drop { .. } => refused::give_up(setting, number).await,
        };
    }
    let reading = Reading::open(&setting.data).await?;
    match action {
        Dead::List => {
            let entries = entries(&reading).await?;
            #[cfg(feature = "full")]
            let entries = [entries, refused::entries(setting).await?].concat();
            list(setting, &entries)
        }
        Dead::Show { asset } => show::run(setting, &reading, &through::stream_of(setting, &asset)?).await,
        #[cfg(feature = "full")]
        Dead::Retry { payload: Some(_), .. } => {
            let reason =
                "--payload is for a refused command, such as command-7: `hydra dead list` shows them";
            Err(BadInput(reason.to_owned()).into())
        }
        Dead::Retry { asset, .. } => {
            let asset = asset.map(|text| through::stream_of(setting, &text)).transpose()?;
            let entries = entries(&reading).await?;
            drop(reading);
            retry(setting, entries, asset).await
        }
        Dead::Drop { asset } => {
            let asset = through::stream_of(setting, &asset)?;
            let entries = entries(&reading).await?;
            drop(reading);
            give_up(setting, entries, &asset).await
        }
    }
}

fn list(setting: &Setting, entries: &[Entry]) -> Result<Exit> {
    if setting.json {
        print::json(&entries)?;
    } else if entries.is_empty() {
        print::progress("nothing was given up or set aside");
    } else {
        let rows: Vec<_> = entries.iter().map(Entry::cells).collect();
        print::table(&["stream", "what", "tries", "since", "reason"], &rows)?;
    }
    Ok(Exit::Done)
}

async fn retry(setting: &Setting, entries: Vec<Entry>, asset: Option<StreamName>) -> Result<Exit> {
    let wanted: Vec<Entry> = entries.into_iter().filter(|entry| entry.concerns(asset.as_ref())).collect();
    let mut commands = wanted.iter().map(again).filter_map(Result::transpose).collect::<Result<Vec<_>>>()?;
    if wanted.is_empty()
        && let Some(asset) = &asset
    {
        commands.push(anew(asset)?);
    }
    if wanted.is_empty() && commands.is_empty() {
        return nothing(setting, "nothing to retry");
    }
    if wanted.iter().any(|entry| entry.kind == Kind::Delivery) {
        delivery::again(setting, asset.as_ref()).await?;
    }
    let (mut exit, mut by_holder) = (Exit::Done, false);
    if !commands.is_empty() {
        let sent = through::send(setting, "dead retry", commands, After::Finish).await?;
        sent.tell_end();
        (exit, by_holder) = (sent.exit(), sent.way == through::Way::Holder);
    }
    if by_holder {
        print::progress("the running Hydra tries again: `hydra status` shows how it goes");
        return Ok(exit);
    }
    let left = still_dead(setting, asset.as_ref()).await?;
    match exit {
        Exit::Stopped => Ok(Exit::Stopped),
        Exit::Done | Exit::Found | Exit::Usage if left.is_empty() && exit == Exit::Done => {
            nothing(setting, "done: nothing is missing any more")
        }
        Exit::Done | Exit::Found | Exit::Usage => list(setting, &left).map(|_| Exit::Found),
    }
}

async fn still_dead(setting: &Setting, asset: Option<&StreamName>) -> Result<Vec<Entry>> {
    let reading = Reading::open(&setting.data).await?;
    let entries = entries(&reading).await?;
    Ok(entries.into_iter().filter(|entry| entry.concerns(asset)).collect())
}

/// The command that tries an entry again; none for a delivery, which is no command's matter.
fn again(entry: &Entry) -> Result<Option<Command>> {
    match entry.kind {
        Kind::Parked => {
            let effect = entry.effect.clone();
            through::command(&entry.stream, &EffectCommand::RetryEffect { effect }).map(Some)
        }
        Kind::Missing => anew(&entry.stream).map(Some),
        Kind::Delivery => Ok(None),
        #[cfg(feature = "full")]
        Kind::Refused => Ok(None),
    }
}

/// The command that makes a finished or given-up asset once more.
fn anew(asset: &StreamName) -> Result<Command> {
    match asset.category() {
        "image" => through::command(asset, &ImageCommand::RetryImage { note: NOTE.to_owned() }),
        "line" => through::command(asset, &LineCommand::RetryLine { note: NOTE.to_owned() }),
        _ => {
            Err(BadInput(format!("nothing of {asset} was given up: `hydra dead list` shows what was")).into())
        }
    }
}

async fn give_up(setting: &Setting, entries: Vec<Entry>, asset: &StreamName) -> Result<Exit> {
    let wanted: Vec<Entry> = entries.into_iter().filter(|entry| entry.concerns(Some(asset))).collect();
    if wanted.iter().all(|entry| entry.kind == Kind::Missing) {
        let said = match wanted.is_empty() {
            true => format!("nothing of {asset} was set aside"),
            false => format!("nothing to drop: {asset} is given up already, and its chapter does without it"),
        };
        return nothing(setting, &said);
    }
    if wanted.iter().any(|entry| entry.kind == Kind::Delivery) {
        delivery::forget(setting, asset).await?;
    }
    let parked = wanted.iter().filter(|entry| entry.kind == Kind::Parked);
    let drop_effect = |entry: &Entry| {
        through::command(&entry.stream, &EffectCommand::DropEffect { effect: entry.effect.clone() })
    };
    let commands = parked.map(drop_effect).collect::<Result<Vec<_>>>()?;
    if commands.is_empty() {
        return nothing(setting, &format!("dropped what was set aside of {asset}"));
    }
    let sent = through::send(setting, "dead drop", commands, After::Finish).await?;
    sent.tell(setting, &format!("dropped what was set aside of {asset}"))
}

/// Says that nothing is left; for machines, as the empty list of what is dead.
fn nothing(setting: &Setting, said: &str) -> Result<Exit> {
    if setting.json {
        print::json(&Vec::<Entry>::new())?;
    } else {
        print::line(said)?;
    }
    Ok(Exit::Done)
}
