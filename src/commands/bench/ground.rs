//! Where a bench may write: a folder, schemas and streams of its own, all gone when it ends.

#[cfg(feature = "full")]
use std::collections::BTreeMap;
use std::sync::OnceLock;

#[cfg(feature = "full")]
use anyhow::Context;
use anyhow::Result;
#[cfg(feature = "full")]
use hydra_bench::jetstream::Nats;
use hydra_bench::log::Store;
#[cfg(feature = "full")]
use hydra_bench::postgres::Server;
use hydra_bench::rows::Place;
#[cfg(feature = "full")]
use hydra_bench::rows::{neo4j, qdrant, redis};
use hydra_bench::scratch::Scratch;
use hydra_bench::sqlite;
#[cfg(feature = "full")]
use hydra_projections::{Neo4jOptions, QdrantOptions};

use super::cell::{Cell, Kept};
use super::chapter::Chapters;
use super::rebuild::Seed;
use crate::cli::{Bench, BenchBackend};
use crate::commands::Setting;
#[cfg(feature = "full")]
use crate::config::{BusPlace, LogPlace, NatsPlace, ViewPlace};
use crate::exit::BadInput;

/// The NATS server that the command line or the configuration names.
#[cfg(feature = "full")]
pub fn nats_place(setting: &Setting, asked: &Bench) -> Option<NatsPlace> {
    asked.nats.as_deref().map(NatsPlace::at).or_else(|| match &setting.data.config().bus {
        BusPlace::Nats(place) => Some(place.clone()),
        BusPlace::Local => None,
    })
}

/// Where a view that is configured to be at `place` is built anew: beside what is there. None in the data folder.
#[cfg(feature = "full")]
fn place_of(place: &ViewPlace, scratch: &Scratch) -> Result<Option<Place>> {
    Ok(match place {
        ViewPlace::Folder => None,
        ViewPlace::Postgres(url) => Some(Place::Postgres(Server::try_new(url, scratch)?)),
        ViewPlace::Redis(url) => Some(Place::Redis(redis::Server::try_new(url, scratch)?)),
        ViewPlace::Neo4j(Neo4jOptions { url, user, password }) => {
            Some(Place::Neo4j(neo4j::Server::try_new(url, user, password, scratch)?))
        }
        ViewPlace::Qdrant(QdrantOptions { url, api_key }) => {
            Some(Place::Qdrant(qdrant::Server::try_new(url, api_key.as_deref(), scratch)?))
        }
    })
}

/// What a bench runs on.
pub struct Ground {
    scratch: Scratch,
    backend: BenchBackend,
    /// Where the configuration has views outside the data folder.
    #[cfg(feature = "full")]
    views: BTreeMap<&'static str, Place>,
    /// Events to build views from, and the log of them once it is there.
    events: u64,
    seed: OnceLock<Seed>,
    #[cfg(feature = "full")]
    postgres: Option<Server>,
    #[cfg(feature = "full")]
    nats: Option<(Nats, NatsPlace)>,
}

impl Ground {
    /// Takes what the configuration and the command line name.
    #[cfg(feature = "full")]
    pub fn take(setting: &Setting, asked: &Bench) -> Result<Self> {
        let config = setting.data.config();
        let scratch = Scratch::try_new(setting.data.root())?;
        let configured = match &config.log {
            LogPlace::Postgres(url) => Some(url),
            LogPlace::Folder => None,
        };
        let postgres = asked.postgres.as_ref().or(configured);
        let postgres = postgres.map(|url| Server::try_new(url, &scratch)).transpose()?;
        let backend = match (asked.backend, &postgres) {
            (Some(BenchBackend::Postgres), None) => {
                let remedy = "name it with --postgres URL or --config FILE";
                return Err(BadInput(format!("there is no Postgres server: {remedy}")).into());
            }
            (Some(backend), _) => backend,
            (None, Some(_)) => BenchBackend::Postgres,
            (None, None) => BenchBackend::Sqlite,
        };
        let nats = nats_place(setting, asked).map(|place| {
            let options = crate::backends::nats_options(&place, None);
            (Nats::new(options, &scratch), place)
        });
        let mut views = BTreeMap::new();
        for (view, place) in &config.memory {
            views.extend(place_of(place, &scratch)?.map(|place| (*view, place)));
        }
        let (events, seed) = (asked.rebuilt_events(), OnceLock::new());
        Ok(Self { scratch, backend, views, events, seed, postgres, nats })
    }

    /// Takes a folder: this build knows no servers.
    #[cfg(not(feature = "full"))]
    pub fn take(setting: &Setting, asked: &Bench) -> Result<Self> {
        let scratch = Scratch::try_new(setting.data.root())?;
        match asked.backend {
            Some(BenchBackend::Postgres) => {
                let reason = "this hydra was built for the embedded backends alone";
                Err(BadInput(reason.to_owned()).into())
            }
            Some(BenchBackend::Sqlite) | None => {
                let (backend, events) = (BenchBackend::Sqlite, asked.rebuilt_events());
                Ok(Self { scratch, backend, events, seed: OnceLock::new() })
            }
        }
    }

    /// What keeps the log.
    pub fn backend(&self) -> BenchBackend {
        self.backend
    }

    /// The folder.
    pub fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// What keeps the log, with its place.
    #[cfg(feature = "full")]
    pub fn store(&self) -> Store {
        match (self.backend, &self.postgres) {
            (BenchBackend::Postgres, Some(server)) => Store::Postgres(server.clone()),
            (BenchBackend::Postgres | BenchBackend::Sqlite, _) => Store::Sqlite(self.scratch.clone()),
        }
    }

    /// What keeps the log, with its place.
    #[cfg(not(feature = "full"))]
    pub fn store(&self) -> Store {
        Store::Sqlite(self.scratch.clone())
    }

    /// The NATS server.
    #[cfg(feature = "full")]
    pub fn nats(&self) -> Result<Nats> {
        self.nats.as_ref().map(|(nats, _)| nats.clone()).context("there is no NATS server")
    }

    /// Where chapters are made.
    pub fn chapters(&self) -> Chapters {
        Chapters {
            scratch: self.scratch.clone(),
            #[cfg(feature = "full")]
            postgres: self.postgres.clone().filter(|_| self.backend == BenchBackend::Postgres),
            #[cfg(feature = "full")]
            nats: self.nats.clone().filter(|_| self.backend == BenchBackend::Postgres),
        }
    }

    /// The log that views are built from, the same for every cell.
    pub fn seed(&self) -> Seed {
        self.seed.get_or_init(|| Seed::new(self.chapters(), self.events)).clone()
    }

    /// Where `view` is built anew.
    pub fn place(&self, view: &str, kept: Kept) -> Option<Place> {
        match kept {
            Kept::Here => Some(Place::Sqlite(self.scratch.clone())),
            Kept::Elsewhere => self.server_of(view),
        }
    }

    #[cfg(feature = "full")]
    fn server_of(&self, view: &str) -> Option<Place> {
        self.views.get(view).cloned()
    }

    #[cfg(not(feature = "full"))]
    fn server_of(&self, _: &str) -> Option<Place> {
        None
    }

    /// What `cell` needs and this bench does not have.
    pub fn lacks(&self, cell: Cell) -> Option<&'static str> {
        #[cfg(feature = "full")]
        let has_nats = self.nats.is_some();
        #[cfg(not(feature = "full"))]
        let has_nats = false;
        if cell.needs_nats() && !has_nats {
            return Some("it needs a NATS server: --nats URL, or the configuration's");
        }
        let Cell::Rebuild { view, kept } = cell else { return None };
        let placed = self.place(view, kept).is_some();
        (!placed).then_some("the configuration names no server for this view: [memory.VIEW] url")
    }

    /// What takes part besides this program.
    pub async fn describe(&self) -> Result<Vec<String>> {
        let mut with = vec![format!("SQLite {} (WAL, synchronous FULL)", sqlite::version())];
        #[cfg(feature = "full")]
        {
            if let Some(server) = &self.postgres {
                with.push(server.describe().await?);
            }
            if let Some((nats, _)) = &self.nats {
                with.push(nats.describe().await?);
            }
            for (view, place) in &self.views {
                with.push(format!("{view} in {}", place.describe().await?));
            }
        }
        if cfg!(debug_assertions) {
            with.push("a debug build: its figures say nothing".to_owned());
        }
        Ok(with)
    }

    /// Removes whatever the bench has made.
    pub async fn clear(&self) -> Result<()> {
        let folder = self.scratch.clear();
        #[cfg(feature = "full")]
        {
            let schemas = match &self.postgres {
                Some(server) => server.clear().await,
                None => Ok(()),
            };
            if let Some((nats, _)) = &self.nats {
                nats.clear().await?;
            }
            for place in self.views.values() {
                place.clear().await?;
            }
            schemas?;
        }
        Ok(folder?)
    }
}
