//! Where log, bus, content and views are: the embedded default, or what a configuration file names.

#[cfg(feature = "full")]
mod file;

use std::collections::BTreeMap;
use std::path::Path;
#[cfg(feature = "full")]
use std::path::PathBuf;

use anyhow::Result;
#[cfg(feature = "full")]
use hydra_events::content::S3Options;
use hydra_projections::VIEWS;

#[cfg(feature = "full")]
pub use file::{NatsPlace, SignIn, TlsChoice};

/// Where the parts that vary are.
#[derive(Clone, Debug)]
pub struct Config {
    /// The name of this machine.
    pub node: String,
    /// The log.
    pub log: LogPlace,
    /// The bus.
    pub bus: BusPlace,
    /// The content store.
    pub content: ContentPlace,
    /// The views.
    pub memory: Memory,
}

/// Where each view family is, by its name; what is not named is in the data folder.
pub type Memory = BTreeMap<&'static str, ViewPlace>;

/// Where a view family is.
#[derive(Clone)]
pub enum ViewPlace {
    /// In the SQLite file of the data folder.
    Folder,
    /// In a Postgres database: the URL with its password.
    #[cfg(feature = "full")]
    Postgres(String),
    /// In Redis: the URL with its password.
    #[cfg(feature = "full")]
    Redis(String),
    /// In a Neo4j database.
    #[cfg(feature = "full")]
    Neo4j(hydra_projections::Neo4jOptions),
    /// In Qdrant.
    #[cfg(feature = "full")]
    Qdrant(hydra_projections::QdrantOptions),
}

/// Where the log is.
#[derive(Clone)]
pub enum LogPlace {
    /// A SQLite file in the data folder.
    Folder,
    /// A schema of a Postgres database: the URL with its password.
    #[cfg(feature = "full")]
    Postgres(String),
}

/// Where the bus is.
#[derive(Clone, Debug)]
pub enum BusPlace {
    /// In this process.
    Local,
    /// A NATS server.
    #[cfg(feature = "full")]
    Nats(NatsPlace),
}

/// Where the content store is.
#[derive(Clone, Debug)]
pub enum ContentPlace {
    /// In the data folder.
    DataFolder,
    /// In a folder of its own.
    #[cfg(feature = "full")]
    Folder(PathBuf),
    /// In a bucket of an S3 server.
    #[cfg(feature = "full")]
    S3(S3Options),
}

impl std::fmt::Debug for LogPlace {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder => out.write_str("Folder"),
            // The URL may hold a password.
            #[cfg(feature = "full")]
            Self::Postgres(_) => out.write_str("Postgres"),
        }
    }
}

impl std::fmt::Debug for ViewPlace {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder => out.write_str("Folder"),
            // The URL may hold a password.
            #[cfg(feature = "full")]
            Self::Postgres(_) => out.write_str("Postgres"),
            #[cfg(feature = "full")]
            Self::Redis(_) => out.write_str("Redis"),
            #[cfg(feature = "full")]
            Self::Neo4j(_) => out.write_str("Neo4j"),
            #[cfg(feature = "full")]
            Self::Qdrant(_) => out.write_str("Qdrant"),
        }
    }
}

impl Config {
    /// Everything in the data folder and in this process.
    pub fn embedded() -> Self {
        let (log, bus, content) = (LogPlace::Folder, BusPlace::Local, ContentPlace::DataFolder);
        let memory = VIEWS.into_iter().map(|view| (view.name, ViewPlace::Folder)).collect();
        Self { node: "local".to_owned(), log, bus, content, memory }
    }

    /// What `file` says; the embedded default where there is none.
    pub fn read(file: Option<&Path>) -> Result<Self> {
        file.map_or_else(|| Ok(Self::embedded()), read)
    }
}

#[cfg(feature = "full")]
use file::read;

#[cfg(not(feature = "full"))]
fn read(file: &Path) -> Result<Config> {
    let remedy = "build it with `cargo install --path . --features full`";
    let file = file.display();
    let reason = format!("{file}: this hydra was built for the embedded backends alone: {remedy}");
    Err(crate::exit::BadInput(reason).into())
}
