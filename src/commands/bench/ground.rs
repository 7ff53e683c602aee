//! Where a bench may write: a folder, schemas and streams of its own, all gone when it ends.

#[cfg(feature = "full")]
use anyhow::Context;
use anyhow::Result;
#[cfg(feature = "full")]
use hydra_bench::jetstream::Nats;
use hydra_bench::log::Store;
#[cfg(feature = "full")]
use hydra_bench::postgres::Server;
use hydra_bench::scratch::Scratch;
use hydra_bench::sqlite;

use super::cell::Cell;
use super::chapter::Chapters;
use crate::cli::{Bench, BenchBackend};
use crate::commands::Setting;
#[cfg(feature = "full")]
use crate::config::{BusPlace, LogPlace, NatsPlace};
use crate::exit::BadInput;

/// The NATS server that the command line or the configuration names.
#[cfg(feature = "full")]
pub fn nats_place(setting: &Setting, asked: &Bench) -> Option<NatsPlace> {
    asked.nats.as_deref().map(NatsPlace::at).or_else(|| match &setting.data.config().bus {
        BusPlace::Nats(place) => Some(place.clone()),
        BusPlace::Local => None,
    })
}

/// What a bench runs on.
pub struct Ground {
    scratch: Scratch,
    backend: BenchBackend,
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
        Ok(Self { scratch, backend, postgres, nats })
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
            Some(BenchBackend::Sqlite) | None => Ok(Self { scratch, backend: BenchBackend::Sqlite }),
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

    /// What `cell` needs and this bench does not have.
    pub fn lacks(&self, cell: Cell) -> Option<&'static str> {
        #[cfg(feature = "full")]
        let has_nats = self.nats.is_some();
        #[cfg(not(feature = "full"))]
        let has_nats = false;
        (cell.needs_nats() && !has_nats)
            .then_some("it needs a NATS server: --nats URL, or the configuration's")
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
            schemas?;
        }
        Ok(folder?)
    }
}
