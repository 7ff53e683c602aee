//! Which forms of a view there are: collections, and the aliases that say which of them is which.
//!
//! `hydra_long_term` is the form that is asked, `hydra_long_term__next` and `hydra_long_term__old` are those beside it. A
//! collection is never used again, so what belongs to no alias was left over by somebody who was cut off.

use std::collections::BTreeMap;

use hydra_events::Id;
use qdrant_client::qdrant::{CreateCollection, FieldType, HnswConfigDiff, OptimizersConfigDiff};

use super::QdrantStore;
use super::form::Form;
use super::point::{TABLE, TURN};
use super::server::Failure;
use super::write;
use crate::likeness::{MODEL, VECTOR};
use crate::store::{Applied, Checkpoint, Generation, no_generation};
use crate::view::{Kind, Table, View};

const TRIES_MAX: u32 = 3;
/// Letters behind the name of a collection that distinguish it from all others.
const NONCE_LETTERS: usize = 12;

/// Makes a generation anew. Another program may have taken it for left over before it had its alias.
pub(super) async fn reset(
    store: &QdrantStore,
    view: &'static View,
    generation: Generation,
    log: Id,
) -> Result<(), Failure> {
    for _ in 1..TRIES_MAX {
        match make(store, view, generation, log).await {
            Err(Failure::Gone) => {}
            made => return made,
        }
    }
    make(store, view, generation, log).await
}

async fn make(
    store: &QdrantStore,
    view: &'static View,
    generation: Generation,
    log: Id,
) -> Result<(), Failure> {
    let server = &store.server;
    let name = format!("{}{}_{}", store.beginning(view), view.version, &store.nonce()[..NONCE_LETTERS]);
    server.create(collection(&name)).await?;
    for (field, of) in indexes(view) {
        server.index(&name, field, of).await?;
    }
    let checkpoint = Checkpoint { log, version: view.version, position: 0, rate: 0 };
    Form::fresh(name.clone(), checkpoint).put(server).await?;
    server.point(&store.alias(view, generation), &name).await?;
    sweep(store, view).await;
    Ok(())
}

/// Without a graph for vectors: every one is compared, which takes no longer for as many as a household has, and finds
/// the nearest for certain. In one part, so that everything is written in one order.
fn collection(name: &str) -> CreateCollection {
    CreateCollection {
        collection_name: name.to_owned(),
        shard_number: Some(1),
        hnsw_config: Some(HnswConfigDiff { m: Some(0), ..Default::default() }),
        optimizers_config: Some(OptimizersConfigDiff { indexing_threshold: Some(0), ..Default::default() }),
        ..Default::default()
    }
}

/// What points are found by: what the view says, and where likeness is asked for, whatever that may be limited by.
fn indexes(view: &View) -> BTreeMap<&'static str, FieldType> {
    let mut indexes = BTreeMap::from([(TABLE, FieldType::Keyword), (TURN, FieldType::Integer)]);
    for table in view.tables {
        let near = table.kind(VECTOR) == Some(Kind::Vector) && table.kind(MODEL).is_some();
        for (column, kind) in
            table.columns.iter().filter(|(column, _)| near || table.indexes.contains(column))
        {
            let of = match kind {
                Kind::Text | Kind::TextOr(_) => FieldType::Keyword,
                Kind::Integer | Kind::Time => FieldType::Integer,
                Kind::Real | Kind::Json | Kind::Vector => continue,
            };
            if is_alike(view.tables, column, *kind) {
                indexes.insert(column, of);
            }
        }
    }
    indexes
}

/// Whether a column holds the same in every table that has it: a field has one index.
fn is_alike(tables: &[Table], column: &str, kind: Kind) -> bool {
    let is_text = |kind| matches!(kind, Kind::Text | Kind::TextOr(_));
    tables.iter().filter_map(|table| table.kind(column)).all(|other| is_text(other) == is_text(kind))
}

/// Puts the next generation in the place of the live one. That one is held meanwhile, so that nobody is told of a
/// position that the next one has not seen.
pub(super) async fn switch(store: &QdrantStore, view: &'static View) -> Result<Applied, Failure> {
    let server = &store.server;
    let [live, next, old] = Generation::ALL.map(|generation| store.alias(view, generation));
    let _alone = store.writing.lock().await;
    let Some(built) = Form::read(server, &next).await? else {
        return Err(no_generation(view, Generation::Next).into());
    };
    let held = write::hold(store, &live).await?;
    let may_follow = built.checkpoint.may_follow(held.as_ref().map(|held| &held.checkpoint));
    if may_follow {
        if let Some(replaced) = server.aliases().await?.get(&live).filter(|name| **name != built.collection) {
            server.point(&old, replaced).await?;
        }
        renamed(store, &next, &live, &built.collection).await?;
    }
    if let Some(held) = held {
        let Checkpoint { position, rate, .. } = held.checkpoint;
        held.end(server, held.ended(position, rate), &store.name_of_a_turn()).await?;
    }
    if !may_follow {
        return Ok(Applied::Moved);
    }
    sweep(store, view).await;
    Ok(Applied::Done)
}

/// Puts the old generation in the place of the live one.
pub(super) async fn roll_back(store: &QdrantStore, view: &'static View) -> Result<(), Failure> {
    let [live, _, old] = Generation::ALL.map(|generation| store.alias(view, generation));
    let _alone = store.writing.lock().await;
    let Some(form) = Form::read(&store.server, &old).await? else {
        return Err(no_generation(view, Generation::Old).into());
    };
    renamed(store, &old, &live, &form.collection).await?;
    sweep(store, view).await;
    Ok(())
}

/// Removes a generation.
pub(super) async fn discard(
    store: &QdrantStore,
    view: &'static View,
    generation: Generation,
) -> Result<(), Failure> {
    let alias = store.alias(view, generation);
    if store.server.aliases().await?.contains_key(&alias) {
        match store.server.unpoint(&alias).await {
            Ok(()) | Err(Failure::Gone) => {}
            Err(failure) => return Err(failure),
        }
    }
    sweep(store, view).await;
    Ok(())
}

/// Renames an alias. Asked twice, the server says that it is not there: what counts is where the other one leads.
async fn renamed(store: &QdrantStore, from: &str, to: &str, collection: &str) -> Result<(), Failure> {
    match store.server.rename(from, to).await {
        Ok(()) => Ok(()),
        Err(failure) => {
            let leads = store.server.aliases().await?.get(to).is_some_and(|name| name == collection);
            if leads { Ok(()) } else { Err(failure) }
        }
    }
}

/// Removes the collections of a view that no alias leads to. What cannot be removed now will be the next time.
async fn sweep(store: &QdrantStore, view: &View) {
    let swept = async {
        let mut strays = store.server.collections().await?;
        let aliases = store.server.aliases().await?;
        let beginning = store.beginning(view);
        strays.retain(|name| is_ours(name, &beginning) && aliases.values().all(|kept| kept != name));
        for stray in strays {
            store.server.remove(&stray).await?;
        }
        Ok::<(), Failure>(())
    };
    if swept.await.is_err() {
        tracing::warn!(view = view.name, "what is left of a form that is gone will be removed later");
    }
}

/// Whether a collection has a name that [`reset`] gives.
fn is_ours(name: &str, beginning: &str) -> bool {
    let Some((version, nonce)) = name.strip_prefix(beginning).and_then(|rest| rest.split_once('_')) else {
        return false;
    };
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    version.parse::<u32>().is_ok() && nonce.len() == NONCE_LETTERS && nonce.bytes().all(is_hex)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::long_term;

    #[test]
    fn only_what_a_reset_names_is_ever_removed() {
        for (name, ours) in [
            ("hydra_long_term_v1_0123456789ab", true),
            ("hydra_long_term_v12_0123456789ab", true),
            ("hydra_long_term_v1_0123456789AB", false),
            ("hydra_long_term_v1", false),
            ("hydra_long_term_vectors_0123456789ab", false),
            ("second_long_term_v1_0123456789ab", false),
        ] {
            assert_eq!(is_ours(name, "hydra_long_term_v"), ours, "{name}");
        }
    }

    #[test]
    fn what_likeness_is_limited_by_has_an_index() {
        let indexes = indexes(&long_term::VIEW);
        for column in ["character", "scene", "outfit", "emotion", "owner", "visibility", "chapter"] {
            assert_eq!(indexes.get(column), Some(&FieldType::Keyword), "{column}");
        }
        assert_eq!(indexes.get("approved"), Some(&FieldType::Integer));
        assert!(!indexes.contains_key("vector"));
    }
}
