//! Generations: made anew, put in the place of another, removed.

use std::collections::{BTreeMap, BTreeSet};

use hydra_events::Id;

use super::super::{Applied, Generation, StoreError, no_generation};
use super::keys;
use super::link::Link;
use super::scripts;
use crate::view::View;

/// Keys the server looks at in one step of a search.
const STEP: usize = 1_000;

/// Makes a generation anew.
pub(super) async fn reset(
    link: &Link,
    view: &View,
    generation: Generation,
    log: Id,
) -> Result<(), StoreError> {
    let mut arguments =
        vec![keys::generation(generation).to_owned(), log.to_string(), view.version.to_string()];
    arguments.extend(keys::counted(view));
    let left_over: i64 = link.run(&scripts::RESET, view, &arguments).await?;
    if left_over == 1 { sweep(link, view).await } else { Ok(()) }
}

/// Puts a generation in the place of the live one. What was there becomes the old one when it is the next that comes, and
/// goes when it is the old one that comes back.
pub(super) async fn place_live(
    link: &Link,
    view: &View,
    generation: Generation,
) -> Result<Applied, StoreError> {
    let becomes = match generation {
        Generation::Next => keys::generation(Generation::Old),
        Generation::Old | Generation::Live => "",
    };
    let mut arguments = vec![keys::generation(generation).to_owned(), becomes.to_owned()];
    arguments.extend(keys::counted(view));
    let done: i64 = link.run(&scripts::PLACE_LIVE, view, &arguments).await?;
    match done {
        1 => sweep(link, view).await.map(|()| Applied::Done),
        2 => Ok(Applied::Moved),
        _ => Err(no_generation(view, generation)),
    }
}

/// Removes a generation.
pub(super) async fn discard(link: &Link, view: &View, generation: Generation) -> Result<(), StoreError> {
    let mut command = redis::cmd("HDEL");
    command.arg(link.key(view)).arg(keys::generation(generation));
    let was_there: i64 = link.ask(&command).await?;
    if was_there == 1 { sweep(link, view).await } else { Ok(()) }
}

/// Removes what belongs to no generation, a few keys at a time. Whoever is killed over it leaves the rest to the next one.
async fn sweep(link: &Link, view: &View) -> Result<(), StoreError> {
    let key = link.key(view);
    let mut command = redis::cmd("HGETALL");
    command.arg(key.as_str());
    let numbers: BTreeMap<String, String> = link.ask(&command).await?;
    let number = |name: &str| numbers.get(name).and_then(|number| number.parse::<u64>().ok());
    let kept: BTreeSet<u64> =
        Generation::ALL.into_iter().filter_map(|generation| number(keys::generation(generation))).collect();
    // A later number may be one that somebody else gives just now.
    let last = number("last").unwrap_or(0);
    let begin = format!("{key}:");
    let gone = |key: &String| {
        let number = key.strip_prefix(&begin).and_then(|rest| rest.split(':').next()?.parse::<u64>().ok());
        number.is_some_and(|number| number <= last && !kept.contains(&number))
    };
    let mut cursor = "0".to_owned();
    loop {
        let mut command = redis::cmd("SCAN");
        command.arg(cursor.as_str()).arg("MATCH").arg(format!("{begin}*")).arg("COUNT").arg(STEP);
        let (next, mut found): (String, Vec<String>) = link.ask(&command).await?;
        found.retain(gone);
        if !found.is_empty() {
            let mut command = redis::cmd("UNLINK");
            for key in &found {
                command.arg(key.as_str());
            }
            link.ask::<i64>(&command).await?;
        }
        if next == "0" {
            return Ok(());
        }
        cursor = next;
    }
}
