//! The streams on the server, and their limits. Every one has limits: a full disk would stop more than Hydra.

use std::time::Duration;

use async_nats::jetstream::context::{CreateStreamError, CreateStreamErrorKind, GetStreamErrorKind};
use async_nats::jetstream::stream::{Config, DiscardPolicy, Info, RetentionPolicy, StorageType};
use async_nats::jetstream::{self, ErrorCode};
use hydra_events::record::{EVENT_BYTES_MAX, Position};

use super::link::{Link, MESSAGE_BYTES_MAX, unavailable};
use crate::bus::BusError;
use crate::dead::LETTERS_MAX;
use crate::subject::{Family, Subjects};

/// The log a stream of events was filled from stands in its metadata under this name.
pub(super) const LOG: &str = "hydra-log";

/// Copies of what was set aside that are kept, letters and refused commands together.
const DEAD_MESSAGES_MAX: i64 = 4 * LETTERS_MAX as i64;
const INVITATION_MESSAGE_BYTES_MAX: i32 = 16 * 1024;
const INVITATIONS_IN_ALL_MAX: i64 = 100_000;
const ADVISORY_BYTES_MAX: i64 = 16 * 1024 * 1024;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The names of the streams, which begin with the prefix in upper case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// Every fact.
    pub events: String,
    /// Commands nobody waits for.
    pub incoming: String,
    /// Invitations to heavy work.
    pub work: String,
    /// Copies of what was set aside.
    pub dead: String,
    /// What the server tells about messages that were offered in vain.
    pub advisories: String,
}

impl Names {
    /// The names under `prefix`: `HYDRA_EVENTS` and so on.
    pub fn under(prefix: &str) -> Self {
        let prefix = prefix.replace('.', "_").to_ascii_uppercase();
        let name = |what: &str| format!("{prefix}_{what}");
        Self {
            events: name("EVENTS"),
            incoming: name("IN"),
            work: name("WORK"),
            dead: name("DEAD"),
            advisories: name("ADVISORIES"),
        }
    }
}

impl Link {
    /// Makes the streams that are missing and brings the limits of the others up to date. What stands in them
    /// stays.
    pub(super) async fn ensure_streams(&self) -> Result<(), BusError> {
        for config in [self.incoming(), self.work(), self.dead()] {
            self.ensure(config?).await?;
        }
        self.ensure(self.events(1)?).await?;
        if let Err(error) = self.ensure(self.advisories()).await {
            tracing::warn!(%error, "messages offered in vain are not collected");
        }
        Ok(())
    }

    /// Makes the queue of invitations anew, where somebody has deleted it.
    pub(super) async fn ensure_work(&self) -> Result<(), BusError> {
        self.ensure(self.work()?).await
    }

    /// Makes the queue of commands anew, where somebody has deleted it.
    pub(super) async fn ensure_incoming(&self) -> Result<(), BusError> {
        self.ensure(self.incoming()?).await
    }

    /// The names of those that are not there; nothing is made.
    pub(super) async fn missing_streams(&self) -> Result<Vec<String>, BusError> {
        let mut missing = Vec::new();
        for wanted in [self.incoming()?, self.work()?, self.dead()?, self.events(1)?, self.advisories()] {
            if self.info(&wanted.name).await?.is_none() {
                missing.push(wanted.name);
            }
        }
        Ok(missing)
    }

    /// A stream as it is; `None` when there is none.
    pub(super) async fn info(&self, name: &str) -> Result<Option<Info>, BusError> {
        match self.stream.get_stream(name).await {
            Ok(stream) => Ok(Some(stream.cached_info().clone())),
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(reason) if is_missing(&reason) => Ok(None),
                GetStreamErrorKind::JetStream(_)
                | GetStreamErrorKind::Request
                | GetStreamErrorKind::EmptyName
                | GetStreamErrorKind::InvalidStreamName => Err(unavailable(error)),
            },
        }
    }

    async fn ensure(&self, wanted: Config) -> Result<(), BusError> {
        let Some(info) = self.info(&wanted.name).await? else {
            return self.create(wanted).await;
        };
        if info.config.subjects != wanted.subjects || info.config.retention != wanted.retention {
            return Err(BusError::Refused(format!(
                "stream {} is somebody else's: it takes {:?}; use another prefix",
                wanted.name, info.config.subjects
            )));
        }
        let limited = with_limits(info.config.clone(), &wanted);
        match limited == info.config {
            true => Ok(()),
            false => self.stream.update_stream(&limited).await.map(|_| ()).map_err(refused),
        }
    }

    pub(super) async fn create(&self, config: Config) -> Result<(), BusError> {
        self.stream.create_stream(config).await.map(|_| ()).map_err(refused)
    }

    /// The stream of events whose next one would be that of position `first`.
    pub(super) fn events(&self, first: Position) -> Result<Config, BusError> {
        let limits = &self.limits;
        Ok(Config {
            max_messages: signed(limits.events),
            max_bytes: signed(limits.events_bytes),
            max_message_size: MESSAGE_BYTES_MAX as i32,
            first_sequence: (first > 1).then_some(first),
            metadata: self.log.iter().map(|log| (LOG.to_owned(), log.to_string())).collect(),
            description: Some("every fact, in log order: sequence equals position".to_owned()),
            ..self.stream_of(&self.names.events, Family::Events)?
        })
    }

    fn incoming(&self) -> Result<Config, BusError> {
        Ok(Config {
            retention: RetentionPolicy::WorkQueue,
            discard: DiscardPolicy::New,
            max_bytes: signed(self.limits.incoming_bytes),
            max_message_size: 2 * EVENT_BYTES_MAX as i32,
            description: Some("commands nobody waits for".to_owned()),
            ..self.stream_of(&self.names.incoming, Family::Incoming)?
        })
    }

    fn work(&self) -> Result<Config, BusError> {
        Ok(Config {
            retention: RetentionPolicy::WorkQueue,
            discard: DiscardPolicy::New,
            discard_new_per_subject: true,
            max_messages: INVITATIONS_IN_ALL_MAX,
            max_messages_per_subject: i64::try_from(self.limits.invitations).unwrap_or(i64::MAX),
            max_bytes: signed(self.limits.work_bytes),
            max_age: self.limits.work_age,
            max_message_size: INVITATION_MESSAGE_BYTES_MAX,
            description: Some("invitations to heavy work".to_owned()),
            ..self.stream_of(&self.names.work, Family::Work)?
        })
    }

    fn dead(&self) -> Result<Config, BusError> {
        Ok(Config {
            max_messages: DEAD_MESSAGES_MAX,
            max_bytes: signed(self.limits.dead_bytes),
            max_message_size: MESSAGE_BYTES_MAX as i32,
            description: Some("copies of what was set aside".to_owned()),
            ..self.stream_of(&self.names.dead, Family::Dead)?
        })
    }

    fn advisories(&self) -> Config {
        Config {
            subjects: vec![
                Subjects::advisories(&self.names.work),
                Subjects::advisories(&self.names.incoming),
            ],
            max_messages: LETTERS_MAX as i64,
            max_bytes: ADVISORY_BYTES_MAX,
            max_age: 7 * DAY,
            description: Some("what the server says was offered in vain".to_owned()),
            ..bare(&self.names.advisories)
        }
    }

    fn stream_of(&self, name: &str, family: Family) -> Result<Config, BusError> {
        let pattern =
            self.subjects.pattern(family, ">").map_err(|error| BusError::Refused(error.to_string()))?;
        Ok(Config { subjects: vec![pattern.to_string()], ..bare(name) })
    }
}

fn bare(name: &str) -> Config {
    Config {
        name: name.to_owned(),
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        discard: DiscardPolicy::Old,
        num_replicas: 1,
        max_consumers: -1,
        max_messages: -1,
        max_messages_per_subject: -1,
        ..Config::default()
    }
}

/// What an owner may have changed, such as replicas and placement, stays as it is.
fn with_limits(found: Config, wanted: &Config) -> Config {
    Config {
        max_messages: wanted.max_messages,
        max_messages_per_subject: wanted.max_messages_per_subject,
        max_bytes: wanted.max_bytes,
        max_age: wanted.max_age,
        max_message_size: wanted.max_message_size,
        discard: wanted.discard,
        discard_new_per_subject: wanted.discard_new_per_subject,
        ..found
    }
}

fn signed(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn is_missing(error: &jetstream::Error) -> bool {
    error.error_code() == ErrorCode::STREAM_NOT_FOUND
}

fn refused(error: CreateStreamError) -> BusError {
    match error.kind() {
        // What the server understood and will not do, it will not do tomorrow either.
        CreateStreamErrorKind::JetStream(reason) if reason.code() == 400 => {
            BusError::Refused(format!("the NATS server refuses the stream: {error}"))
        }
        CreateStreamErrorKind::JetStream(_)
        | CreateStreamErrorKind::EmptyStreamName
        | CreateStreamErrorKind::InvalidStreamName
        | CreateStreamErrorKind::DomainAndExternalSet
        | CreateStreamErrorKind::JetStreamUnavailable
        | CreateStreamErrorKind::TimedOut
        | CreateStreamErrorKind::Response
        | CreateStreamErrorKind::NotFound
        | CreateStreamErrorKind::ResponseParse => unavailable(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_named_after_the_prefix() {
        assert_eq!(Names::under("hydra").events, "HYDRA_EVENTS");
        assert_eq!(Names::under("home.hydra-2").incoming, "HOME_HYDRA-2_IN");
    }
}
