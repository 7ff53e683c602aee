//! Talking to the server. Everything has an end: a server that hangs is away. The driver does once more what a lost
//! connection may have swallowed, so that nothing may be asked here which does harm when it is done twice.

use std::collections::BTreeMap;
use std::time::Duration;

use qdrant_client::config::QdrantConfig;
use qdrant_client::qdrant::{
    CountPoints, CreateAlias, CreateCollection, CreateFieldIndexCollection, CreateVectorNameRequest,
    DeleteAlias, DeleteCollection, FieldType, Filter, GetPoints, PointId, PointStruct, QueryPoints,
    RenameAlias, RetrievedPoint, ScoredPoint, ScrollPoints, UpdateMode, UpsertPoints, WriteOrdering,
    WriteOrderingType,
};
use qdrant_client::{Qdrant, QdrantError};

use super::address::{Address, QdrantOptions};
use crate::store::StoreError;

/// How long a server that is away is waited for.
const CONNECT_MAX: Duration = Duration::from_secs(3);
/// How long anything may take on a server that is there.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Points without their rows, and with them, that are read at once: a row with a vector takes some kilobytes.
const KEYS: u32 = 4_000;
const ROWS: u32 = 250;

/// What gRPC calls its errors.
const INVALID_ARGUMENT: i32 = 3;
const NOT_FOUND: i32 = 5;
const ALREADY_EXISTS: i32 = 6;
const OUT_OF_RANGE: i32 = 11;

/// Why something was not done.
pub(super) enum Failure {
    /// There is no such collection or alias.
    Gone,
    /// The server does not take a value.
    Unfit(String),
    /// The server or the driver said no.
    Server(String),
    /// It cannot be done.
    Store(StoreError),
}

impl Failure {
    /// What it is to those who ask the store shown as `store`.
    pub(super) fn told(self, store: String) -> StoreError {
        match self {
            Self::Gone => StoreError::Server { store, source: "a collection was removed meanwhile".into() },
            Self::Unfit(reason) => StoreError::Unfit { store, source: reason.into() },
            Self::Server(reason) => StoreError::Server { store, source: reason.into() },
            Self::Store(error) => error,
        }
    }
}

impl From<QdrantError> for Failure {
    fn from(error: QdrantError) -> Self {
        let status = match &error {
            QdrantError::ResponseError { status } | QdrantError::ResourceExhaustedError { status, .. } => {
                status
            }
            QdrantError::ConversionError(_)
            | QdrantError::InvalidUri(_)
            | QdrantError::NoSnapshotFound(_)
            | QdrantError::Io(_) => return Self::Server(error.to_string()),
        };
        match i32::from(status.code()) {
            NOT_FOUND => Self::Gone,
            _ => Self::Server(format!("{}: {}", status.code(), status.message())),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Store(error.into())
    }
}

fn code(error: &QdrantError) -> Option<i32> {
    match error {
        QdrantError::ResponseError { status } => Some(status.code().into()),
        QdrantError::ResourceExhaustedError { .. }
        | QdrantError::ConversionError(_)
        | QdrantError::InvalidUri(_)
        | QdrantError::NoSnapshotFound(_)
        | QdrantError::Io(_) => None,
    }
}

/// What is read of points.
#[derive(Clone, Copy)]
pub(super) enum Read {
    /// Everything.
    Rows,
    /// The key alone.
    Keys,
}

/// How points are counted.
#[derive(Clone, Copy)]
pub(super) enum Count {
    /// As the server remembers it.
    Roughly,
    /// One by one.
    Exactly,
}

/// A server with some connections to it, which are made when they are needed.
pub(super) struct Server {
    client: Qdrant,
}

impl Server {
    pub(super) fn try_new(address: &Address, options: &QdrantOptions) -> Result<Self, String> {
        let mut config = QdrantConfig::from_url(&address.uri)
            .timeout(ANSWER_MAX)
            .connect_timeout(CONNECT_MAX)
            // Looking would hold up whoever makes a store, and what it finds goes to the standard output.
            .skip_compatibility_check();
        config.api_key.clone_from(&options.api_key);
        let client = config.build().map_err(|error| error.to_string())?;
        Ok(Self { client })
    }

    /// The collection behind each alias.
    pub(super) async fn aliases(&self) -> Result<BTreeMap<String, String>, Failure> {
        let found = Box::pin(self.client.list_aliases()).await?;
        Ok(found.aliases.into_iter().map(|alias| (alias.alias_name, alias.collection_name)).collect())
    }

    /// The names of all collections.
    pub(super) async fn collections(&self) -> Result<Vec<String>, Failure> {
        let found = Box::pin(self.client.list_collections()).await?;
        Ok(found.collections.into_iter().map(|collection| collection.name).collect())
    }

    pub(super) async fn create(&self, collection: CreateCollection) -> Result<(), Failure> {
        match Box::pin(self.client.create_collection(collection)).await {
            // The driver has asked twice.
            Err(error) if code(&error) == Some(ALREADY_EXISTS) => Ok(()),
            created => Ok(created.map(|_| ())?),
        }
    }

    /// Removes a collection with the aliases it has. One that is not there is no error.
    pub(super) async fn remove(&self, collection: &str) -> Result<(), Failure> {
        let asked = DeleteCollection { collection_name: collection.to_owned(), ..Default::default() };
        Box::pin(self.client.delete_collection(asked)).await?;
        Ok(())
    }

    /// Makes `alias` stand for a collection, whatever it stood for.
    pub(super) async fn point(&self, alias: &str, collection: &str) -> Result<(), Failure> {
        let asked = CreateAlias { collection_name: collection.to_owned(), alias_name: alias.to_owned() };
        Box::pin(self.client.create_alias(asked)).await?;
        Ok(())
    }

    /// Makes `to` stand for what `from` stands for, which then stands for nothing; in one step.
    pub(super) async fn rename(&self, from: &str, to: &str) -> Result<(), Failure> {
        let asked = RenameAlias { old_alias_name: from.to_owned(), new_alias_name: to.to_owned() };
        Box::pin(self.client.rename_alias(asked)).await?;
        Ok(())
    }

    pub(super) async fn unpoint(&self, alias: &str) -> Result<(), Failure> {
        Box::pin(self.client.delete_alias(DeleteAlias { alias_name: alias.to_owned() })).await?;
        Ok(())
    }

    pub(super) async fn index(&self, collection: &str, field: &str, of: FieldType) -> Result<(), Failure> {
        let asked = CreateFieldIndexCollection {
            collection_name: collection.to_owned(),
            field_name: field.to_owned(),
            field_type: Some(of.into()),
            wait: Some(true),
            ..Default::default()
        };
        Box::pin(self.client.create_field_index(asked)).await?;
        Ok(())
    }

    /// Gives points of a collection a place for a vector; one that is there stays.
    pub(super) async fn make_room(&self, asked: CreateVectorNameRequest) -> Result<(), Failure> {
        Box::pin(self.client.create_vector_name(asked)).await?;
        Ok(())
    }

    /// Writes points, those that are there already only where `filter` takes them, and `mode` says about the others.
    pub(super) async fn upsert(
        &self,
        collection: &str,
        points: Vec<PointStruct>,
        filter: Filter,
        mode: UpdateMode,
    ) -> Result<(), Failure> {
        let asked = UpsertPoints {
            collection_name: collection.to_owned(),
            wait: Some(true),
            points,
            ordering: Some(WriteOrdering { r#type: WriteOrderingType::Strong.into() }),
            update_filter: Some(filter),
            update_mode: Some(mode.into()),
            ..Default::default()
        };
        match Box::pin(self.client.upsert_points(asked)).await {
            Err(error) if matches!(code(&error), Some(INVALID_ARGUMENT | OUT_OF_RANGE)) => {
                let Failure::Server(reason) = error.into() else { return Err(Failure::Gone) };
                Err(Failure::Unfit(reason))
            }
            written => Ok(written.map(|_| ())?),
        }
    }

    /// Those of the points with these ids that are there.
    pub(super) async fn points(
        &self,
        collection: &str,
        ids: Vec<PointId>,
    ) -> Result<Vec<RetrievedPoint>, Failure> {
        let asked = GetPoints {
            collection_name: collection.to_owned(),
            ids,
            with_payload: Some(true.into()),
            with_vectors: Some(false.into()),
            ..Default::default()
        };
        Ok(Box::pin(self.client.get_points(asked)).await?.result)
    }

    /// All points that `filter` takes, in no order. One that changes meanwhile may come twice.
    pub(super) async fn all(
        &self,
        collection: &str,
        filter: &Filter,
        read: Read,
    ) -> Result<Vec<RetrievedPoint>, Failure> {
        let (with_payload, limit) = match read {
            Read::Rows => (true.into(), ROWS),
            Read::Keys => (vec!["id"].into(), KEYS),
        };
        let mut asked = ScrollPoints {
            collection_name: collection.to_owned(),
            filter: Some(filter.clone()),
            limit: Some(limit),
            with_payload: Some(with_payload),
            with_vectors: Some(false.into()),
            ..Default::default()
        };
        let mut found = Vec::new();
        loop {
            let page = Box::pin(self.client.scroll(asked.clone())).await?;
            found.extend(page.result);
            let Some(next) = page.next_page_offset else { return Ok(found) };
            asked.offset = Some(next);
        }
    }

    /// How many points a collection has.
    pub(super) async fn count(&self, collection: &str, how: Count) -> Result<u64, Failure> {
        let exact = matches!(how, Count::Exactly);
        let asked =
            CountPoints { collection_name: collection.to_owned(), exact: Some(exact), ..Default::default() };
        Ok(Box::pin(self.client.count(asked)).await?.result.map_or(0, |found| found.count))
    }

    pub(super) async fn query(&self, asked: QueryPoints) -> Result<Vec<ScoredPoint>, Failure> {
        Ok(Box::pin(self.client.query(asked)).await?.result)
    }
}
