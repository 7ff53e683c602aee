//! Views in a Neo4j database: rows are nodes, and where a view says so connections between them, which change in one
//! transaction with the node that tells how far they are.
//!
//! The nodes of a table are labelled after view and table, `hydra_associative_nodes`; its connections are of the kind
//! that their rows name. All of them carry in `_build` the name of their form of the view, and one node per view,
//! `(:hydra_checkpoint {view: "associative"})`, says in `live_build` which of them is to be asked:
//!
//! ```text
//! MATCH (c:hydra_checkpoint {prefix: "hydra", view: "associative"})
//! MATCH (n:hydra_associative_nodes {_build: c.live_build}) RETURN n
//! ```
//!
//! Putting one form in the place of another changes that node and nothing else. Whoever writes holds it, so that a view
//! is written by one at a time. What can go wrong: the server is away; somebody deletes everything, which shows in the
//! missing node; a cell that is searched by is longer than what an index takes, some 8,000 bytes.

mod address;
mod cell;
mod edges;
mod form;
mod graph;
mod read;
mod session;
mod shape;
mod write;

use async_trait::async_trait;
use hydra_events::Id;

use super::graph::{Graph, Link, edges_of};
use super::{Applied, Checkpoint, Found, Generation, StoreError, ViewStore, Which, no_generation};
use crate::batch::{Batch, Quarantined};
use crate::view::{Table, View};

use address::Address;
pub use address::Neo4jOptions;
use form::{Form, Forms};
use session::{Failure, Server};

/// How often something is read again because the form it was read from was replaced meanwhile.
const READS_MAX: u32 = 20;
/// How often rows are read while somebody else may write. Then whoever writes waits.
const READS_FREE: u32 = 4;

/// Views in a Neo4j database. Cheap to clone.
#[derive(Clone)]
pub struct Neo4jStore {
    server: Server,
    address: Address,
}

impl Neo4jStore {
    /// The store that `options` name. Connects when it is used.
    ///
    /// # Errors
    /// The URL is wrong. No message repeats it.
    pub fn try_new(options: &Neo4jOptions) -> Result<Self, StoreError> {
        let refused = |why: String| StoreError::Refused(format!("the URL of the views was refused: {why}"));
        let address = Address::parse(&options.url).map_err(refused)?;
        let server = Server::try_new(&address, options).map_err(|error| refused(error.to_string()))?;
        Ok(Self { server, address })
    }

    fn told<T>(&self, answered: Result<T, Failure>) -> Result<T, StoreError> {
        answered.map_err(|failure| failure.told(|| self.shown()))
    }

    /// The form of this generation.
    async fn form(&self, view: &View, generation: Generation) -> Result<Option<Form>, StoreError> {
        let forms = self.told(shape::forms(&self.server, &self.address, view).await)?;
        Ok(forms.of(generation).cloned())
    }

    /// Changes which forms of `view` there are.
    async fn change(&self, view: &View, how: shape::Change<'_>) -> Result<Applied, StoreError> {
        self.told(shape::change(&self.server, &self.address, view, how).await)
    }

    /// Whether what was read from the form called `build` is whole: it was there all the time. Says no in vain only so often.
    async fn is_still(
        &self,
        view: &View,
        generation: Generation,
        build: &str,
        reads: &mut u32,
    ) -> Result<bool, StoreError> {
        *reads += 1;
        if self.form(view, generation).await?.is_some_and(|form| form.build == build) {
            return Ok(true);
        }
        match *reads < READS_MAX {
            true => Ok(false),
            false => Err(StoreError::Refused(format!("the view {} is replaced all the time", view.name))),
        }
    }
}

#[async_trait]
impl ViewStore for Neo4jStore {
    fn shown(&self) -> String {
        format!("neo4j {}", self.address.shown())
    }

    fn graph(&self) -> Option<&dyn Graph> {
        Some(self)
    }

    async fn checkpoint(
        &self,
        view: &'static View,
        generation: Generation,
    ) -> Result<Option<Checkpoint>, StoreError> {
        Ok(self.form(view, generation).await?.map(|form| form.checkpoint))
    }

    async fn reset(&self, view: &'static View, generation: Generation, log: Id) -> Result<(), StoreError> {
        self.told(shape::ensure(&self.server, view).await)?;
        let checkpoint = Checkpoint { log, version: view.version, position: 0, rate: 0 };
        self.change(view, &move |forms: &mut Forms, build: String| {
            *forms.slot(generation) = Some(Form { build, checkpoint });
            Ok(Applied::Done)
        })
        .await
        .map(|_| ())
    }

    async fn apply(
        &self,
        view: &'static View,
        generation: Generation,
        batch: Batch,
    ) -> Result<Applied, StoreError> {
        self.told(write::apply(&self.server, &self.address, view, generation, &batch).await)
    }

    async fn rows(
        &self,
        view: &'static View,
        generation: Generation,
        table: &'static Table,
        which: Which,
    ) -> Result<Found, StoreError> {
        let mut tries = 0;
        loop {
            let Some(form) = self.form(view, generation).await? else {
                return Err(no_generation(view, generation));
            };
            if tries == READS_FREE {
                let held = read::held(&self.server, &self.address, view, generation, table, &which);
                return self.told(held.await)?.ok_or_else(|| no_generation(view, generation));
            }
            let rows = self.told(read::rows(&self.server, &form.build, view, table, &which).await)?;
            if self.form(view, generation).await?.as_ref() == Some(&form) {
                return Ok(Found { at: form.checkpoint, rows });
            }
            tries += 1;
        }
    }

    async fn quarantined(
        &self,
        view: &'static View,
        generation: Generation,
    ) -> Result<Vec<Quarantined>, StoreError> {
        let mut reads = 0;
        while let Some(Form { build, .. }) = self.form(view, generation).await? {
            let found = self.told(read::quarantined(&self.server, &build).await)?;
            if self.is_still(view, generation, &build, &mut reads).await? {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    async fn switch(&self, view: &'static View) -> Result<Applied, StoreError> {
        self.change(view, &move |forms: &mut Forms, _| {
            let next = forms.next.take().ok_or_else(|| no_generation(view, Generation::Next))?;
            if !next.checkpoint.may_follow(forms.live.as_ref().map(|live| &live.checkpoint)) {
                return Ok(Applied::Moved);
            }
            forms.old = forms.live.replace(next);
            Ok(Applied::Done)
        })
        .await
    }

    async fn roll_back(&self, view: &'static View) -> Result<(), StoreError> {
        self.change(view, &move |forms: &mut Forms, _| {
            let old = forms.old.take().ok_or_else(|| no_generation(view, Generation::Old))?;
            forms.live = Some(old);
            Ok(Applied::Done)
        })
        .await
        .map(|_| ())
    }

    async fn discard(&self, view: &'static View, generation: Generation) -> Result<(), StoreError> {
        self.change(view, &move |forms: &mut Forms, _| {
            *forms.slot(generation) = None;
            Ok(Applied::Done)
        })
        .await
        .map(|_| ())
    }
}

#[async_trait]
impl Graph for Neo4jStore {
    async fn neighbours(&self, view: &'static View, node: &str) -> Result<Vec<Link>, StoreError> {
        let (edges, mut reads) = (edges_of(view)?, 0);
        while let Some(Form { build, .. }) = self.form(view, Generation::Live).await? {
            let links = self.told(graph::neighbours(&self.server, &build, view, edges, node).await)?;
            if self.is_still(view, Generation::Live, &build, &mut reads).await? {
                return Ok(links);
            }
        }
        Ok(Vec::new())
    }

    async fn path(&self, view: &'static View, from: &str, to: &str) -> Result<Option<Vec<Link>>, StoreError> {
        let (edges, mut reads) = (edges_of(view)?, 0);
        while let Some(Form { build, .. }) = self.form(view, Generation::Live).await? {
            // Cypher has no path from something to itself.
            let found = if from == to {
                let there = self.told(graph::is_there(&self.server, &build, view, edges, from).await)?;
                there.then(Vec::new)
            } else {
                self.told(graph::path(&self.server, &build, view, edges, [from, to]).await)?
            };
            if self.is_still(view, Generation::Live, &build, &mut reads).await? {
                return Ok(found);
            }
        }
        Ok(None)
    }

    async fn provenance(&self, view: &'static View, node: &str) -> Result<Vec<Link>, StoreError> {
        let (edges, mut reads) = (edges_of(view)?, 0);
        while let Some(Form { build, .. }) = self.form(view, Generation::Live).await? {
            let links = self.told(graph::provenance(&self.server, &build, view, edges, node).await)?;
            if self.is_still(view, Generation::Live, &build, &mut reads).await? {
                return Ok(links);
            }
        }
        Ok(Vec::new())
    }
}
