//! Where something is in a Postgres database: what its URL says, and how connections to it are made.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::str::FromStr;

use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;

use super::super::LogError;

const SCHEMA: &str = "hydra";
const SCHEMA_LENGTH_MAX: usize = 63;

/// A database and a schema in it. Never shown: it holds the password.
#[derive(Clone)]
pub struct Place {
    options: PgConnectOptions,
    schema: String,
}

impl Place {
    /// The place of the log that `url` names.
    pub(super) fn try_new(url: &str) -> Result<Self, LogError> {
        Self::parse(url).map_err(|why| LogError::Open(format!("the log's URL was refused: {why}")))
    }

    /// The place that `url` names, or why there is none. No reason repeats the URL, which may hold a password.
    pub fn parse(url: &str) -> Result<Self, String> {
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err("use postgres://USER@HOST:PORT/DATABASE?schema=SCHEMA".into());
        }
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let (schemas, others): (Vec<&str>, Vec<&str>) =
            query.split('&').filter(|option| !option.is_empty()).partition(|o| o.starts_with("schema="));
        let schema = schemas.last().map_or(SCHEMA, |option| &option["schema=".len()..]);
        if !is_schema(schema) {
            return Err(format!("schema {schema:?} is not made of a-z, 0-9 and _"));
        }
        let options = PgConnectOptions::from_str(&format!("{address}?{}", others.join("&")));
        let options = options.map_err(|error| error.to_string())?.disable_statement_logging();
        // Ours stand last, and the last word counts. What the server makes of them is read back.
        let options = options.options([("search_path", schema), ("synchronous_commit", "on")]);
        Ok(Self { options, schema: schema.to_owned() })
    }

    /// How to connect as `name`, which the server shows beside each connection.
    pub fn options(&self, name: &str) -> PgConnectOptions {
        self.options.clone().application_name(name)
    }

    /// The schema.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// A number for the schema, by which its lock is told from those of others in the same database.
    pub(super) fn lock_key(&self) -> i32 {
        let [a, b, c, d, ..] = *blake3::hash(self.schema.as_bytes()).as_bytes();
        i32::from_le_bytes([a, b, c, d])
    }

    /// The place in words, without a user and a password.
    pub fn shown(&self) -> String {
        let (host, port) = (self.options.get_host(), self.options.get_port());
        let database = self.options.get_database().unwrap_or("the user's own database");
        format!("{database} on {host}:{port}, schema {}", self.schema)
    }
}

/// A name for one writer, unlike that of any other, by which people find its process.
pub(super) fn writer_name() -> String {
    format!("hydra-log-{}-{:016x}", std::process::id(), RandomState::new().build_hasher().finish())
}

fn is_schema(text: &str) -> bool {
    let letter = |b: u8| b.is_ascii_lowercase() || b == b'_';
    (1..=SCHEMA_LENGTH_MAX).contains(&text.len())
        && text.bytes().all(|b| letter(b) || b.is_ascii_digit())
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.starts_with("pg_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_named_in_the_url_and_hydra_without() {
        for (url, schema) in [
            ("postgres://h", "hydra"),
            ("postgresql://u:p@h:1/d?sslmode=require", "hydra"),
            ("postgres://u@h/d?sslmode=disable&schema=night_1&application_name=x", "night_1"),
        ] {
            let place = Place::try_new(url).unwrap();
            assert_eq!(place.schema(), schema);
            assert!(place.options("n").get_options().unwrap().contains(&format!("search_path={schema}")));
        }
    }

    #[test]
    fn a_wrong_url_is_refused_and_no_password_is_shown() {
        for url in [
            "",
            "sqlite:x",
            "mysql://u:secret@h/d",
            "postgres://u:secret@h:port/d",
            "postgres://u:secret@h/d?sslmode=perhaps",
            "postgres://u:secret@h/d?schema=",
            "postgres://u:secret@h/d?schema=a-b",
            "postgres://u:secret@h/d?schema=Hydra",
            "postgres://u:secret@h/d?schema=1a",
            "postgres://u:secret@h/d?schema=pg_catalog",
        ] {
            let Err(LogError::Open(message)) = Place::try_new(url) else { panic!("{url} was taken") };
            assert!(!message.contains("secret"), "{message}");
        }
        let place = Place::try_new("postgres://u:secret@h:7/d").unwrap();
        assert_eq!(place.shown(), "d on h:7, schema hydra");
    }
}
