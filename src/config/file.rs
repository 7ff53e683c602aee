//! The configuration file, in TOML.
//!
//! Each part is chosen by its URL, so mixtures work. Paths in the file are relative to the file. Passwords stand in
//! files of their own and are never printed.

mod content;
mod memory;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use hydra_events::stream::is_id;
use serde::Deserialize;

use self::content::ContentSection;
use self::memory::MemorySection;
use super::{BusPlace, Config, LogPlace};
use crate::exit::BadInput;

/// Largest configuration file, in bytes.
const FILE_BYTES_MAX: usize = 64 * 1024;
const MIB: u64 = 1024 * 1024;

/// A NATS server.
#[derive(Clone)]
pub struct NatsPlace {
    /// Its URL.
    pub url: String,
    /// What its subjects begin with, where it is not `hydra`.
    pub prefix: Option<String>,
    /// Who signs in.
    pub sign_in: SignIn,
    /// When the connection is encrypted.
    pub tls: TlsChoice,
    /// A file with certificates to trust besides those of the machine.
    pub ca_file: Option<PathBuf>,
    /// Files with the certificate and the key to show to the server.
    pub client: Option<(PathBuf, PathBuf)>,
    /// Bytes of events the server keeps, and the most of anything else, where it is not the default.
    pub events_bytes_max: Option<u64>,
}

/// Who signs in at the bus.
#[derive(Clone)]
pub enum SignIn {
    /// Nobody, or whom the URL names.
    Nobody,
    /// A user with a password.
    User {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
    /// A file with a JWT and its seed.
    Credentials(PathBuf),
}

/// When the connection to the bus is encrypted.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TlsChoice {
    /// When the server asks for it.
    #[default]
    Offered,
    /// Always.
    Required,
    /// Always, and before the server says its first word.
    First,
}

impl NatsPlace {
    /// A server of which only the URL is known.
    pub fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            prefix: None,
            sign_in: SignIn::Nobody,
            tls: TlsChoice::Offered,
            ca_file: None,
            client: None,
            events_bytes_max: None,
        }
    }
}

impl std::fmt::Debug for NatsPlace {
    /// Without the URL, which may hold a password.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { prefix, sign_in, tls, ca_file, client, events_bytes_max, .. } = self;
        write!(
            out,
            "NatsPlace({prefix:?}, {sign_in:?}, {tls:?}, {ca_file:?}, {client:?}, {events_bytes_max:?})"
        )
    }
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nobody => out.write_str("Nobody"),
            Self::User { user, .. } => write!(out, "User({user:?})"),
            Self::Credentials(path) => write!(out, "Credentials({path:?})"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    node: Option<String>,
    #[serde(default)]
    log: LogSection,
    #[serde(default)]
    bus: BusSection,
    #[serde(default)]
    content: ContentSection,
    #[serde(default)]
    memory: MemorySection,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogSection {
    url: Option<String>,
    password_file: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct BusSection {
    url: Option<String>,
    prefix: Option<String>,
    user: Option<String>,
    password_file: Option<PathBuf>,
    credentials_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    cert_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
    #[serde(default)]
    tls: TlsChoice,
    events_mib_max: Option<u32>,
}

/// What the file at `path` says.
pub fn read(path: &Path) -> Result<Config> {
    let text = crate::input::read_text(path, FILE_BYTES_MAX)?;
    let parsed: File = toml::from_str(&text).map_err(|error| {
        // Not the line itself: a URL in it may hold a password.
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        BadInput(format!("{}:{line}: {}", path.display(), error.message()))
    })?;
    config(parsed, path.parent().unwrap_or(Path::new(".")))
        .with_context(|| BadInput(format!("{} cannot be used", path.display())))
}

fn config(file: File, folder: &Path) -> Result<Config> {
    let File { node, log, bus, content, memory } = file;
    let node = node.unwrap_or_else(|| "local".to_owned());
    if !is_id(&node) {
        return Err(BadInput(format!("node is {node:?}: use 1 to 100 of A-Z a-z 0-9 _ -")).into());
    }
    let (log, bus) = (log.place(folder)?, bus.place(folder)?);
    let (content, memory) = (content.place(folder, environment)?, memory.places(folder)?);
    Ok(Config { node, log, bus, content, memory })
}

impl LogSection {
    fn place(self, folder: &Path) -> Result<LogPlace> {
        let password = self.password_file.map(|path| secret(&folder.join(path))).transpose()?;
        match (self.url, password) {
            (None, None) => Ok(LogPlace::Folder),
            (Some(url), None) if url == "sqlite" => Ok(LogPlace::Folder),
            (Some(url), password) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Ok(LogPlace::Postgres(with_password(url, password.as_deref())))
            }
            (Some(url), _) => Err(BadInput(format!(
                "log.url begins with {:?}: it is `sqlite`, without a password, or begins with `postgres://`",
                url.split(':').next().unwrap_or_default()
            ))
            .into()),
            (None, Some(_)) => Err(BadInput("log.password_file without log.url".to_owned()).into()),
        }
    }
}

impl BusSection {
    fn place(self, folder: &Path) -> Result<BusPlace> {
        let url = match self.url {
            None => return Ok(BusPlace::Local),
            Some(url) if url == "local" => return Ok(BusPlace::Local),
            Some(url) => url,
        };
        if !["nats://", "tls://", "ws://", "wss://"].iter().any(|scheme| url.starts_with(scheme)) {
            let wanted = "bus.url is `local` or begins with `nats://`, `tls://`, `ws://` or `wss://`";
            return Err(BadInput(wanted.to_owned()).into());
        }
        let sign_in = match (self.user, self.password_file, self.credentials_file) {
            (None, None, None) => SignIn::Nobody,
            (Some(user), Some(file), None) => SignIn::User { user, password: secret(&folder.join(file))? },
            (None, None, Some(file)) => SignIn::Credentials(folder.join(file)),
            _ => {
                let wanted = "the bus wants user and password_file, or credentials_file, or none of them";
                return Err(BadInput(wanted.to_owned()).into());
            }
        };
        let ca_file = self.ca_file.map(|file| folder.join(file));
        let client = match (self.cert_file, self.key_file) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some((folder.join(certificate), folder.join(key))),
            _ => return Err(BadInput("the bus wants both cert_file and key_file".to_owned()).into()),
        };
        let events_bytes_max = self.events_mib_max.map(|mib| u64::from(mib.max(1)) * MIB);
        let (prefix, tls) = (self.prefix, self.tls);
        Ok(BusPlace::Nats(NatsPlace { url, prefix, sign_in, tls, ca_file, client, events_bytes_max }))
    }
}

/// What the environment has, for keys that other programs of the same household take from there too.
#[expect(clippy::disallowed_methods, reason = "which variables are read is part of the configuration")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn secret(file: &Path) -> Result<String> {
    let text = fs::read_to_string(file).with_context(|| {
        BadInput(format!("cannot read the password in {}: write it there, alone", file.display()))
    })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn with_password(url: String, password: Option<&str>) -> String {
    let Some(password) = password else { return url };
    let escaped: String = password.bytes().map(escape).collect();
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}password={escaped}")
}

/// Every byte that is neither letter nor digit as RFC 3986 has it.
fn escape(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ViewPlace;

    fn parse(text: &str, folder: &Path) -> Result<Config> {
        config(toml::from_str(text)?, folder)
    }

    #[test]
    fn a_part_that_is_not_named_is_embedded() {
        let config = parse("", Path::new(".")).unwrap();
        assert!(matches!(config.log, LogPlace::Folder));
        assert!(matches!(config.bus, BusPlace::Local));
        assert!(config.memory.values().all(|place| matches!(place, ViewPlace::Folder)));
        assert_eq!(config.node, "local");
    }

    #[test]
    fn passwords_come_from_files_beside_the_configuration_and_are_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("pg"), "s3 cret/?\n").unwrap();
        let text = "[log]\nurl = \"postgres://hydra@h/d?schema=x\"\npassword_file = \"pg\"\n\
                    [bus]\nurl = \"nats://h\"\nuser = \"hydra\"\npassword_file = \"pg\"\n\
                    [memory.procedural]\nurl = \"postgres://hydra@h/d\"\npassword_file = \"pg\"\n\
                    [memory.short_term]\nurl = \"redis://hydra@h:7/1?prefix=x\"\npassword_file = \"pg\"\n\
                    [memory.associative]\nurl = \"bolt://h:7687\"\nuser = \"neo4j\"\npassword_file = \"pg\"\n\
                    [memory.long_term]\nurl = \"https://h:6334?prefix=x\"\napi_key_file = \"pg\"\n";
        let config = parse(text, folder.path()).unwrap();
        let LogPlace::Postgres(url) = &config.log else { panic!("{config:?}") };
        assert_eq!(url, "postgres://hydra@h/d?schema=x&password=s3%20cret%2F%3F");
        let ViewPlace::Postgres(url) = &config.memory["procedural"] else { panic!("{config:?}") };
        assert_eq!(url, "postgres://hydra@h/d?password=s3%20cret%2F%3F");
        let ViewPlace::Redis(url) = &config.memory["short_term"] else { panic!("{config:?}") };
        assert_eq!(url, "redis://hydra:s3%20cret%2F%3F@h:7/1?prefix=x");
        let ViewPlace::Neo4j(options) = &config.memory["associative"] else { panic!("{config:?}") };
        assert_eq!((options.user.as_str(), options.password.as_str()), ("neo4j", "s3 cret/?"));
        let ViewPlace::Qdrant(options) = &config.memory["long_term"] else { panic!("{config:?}") };
        assert_eq!(
            (options.url.as_str(), options.api_key.as_deref()),
            ("https://h:6334?prefix=x", Some("s3 cret/?"))
        );
        assert!(!format!("{config:?}").contains("s3"), "{config:?}");
    }

    #[test]
    fn what_is_not_known_is_refused_with_a_reason() {
        for (text, reason) in [
            ("[log]\nurl = \"mysql://x\"\n", "postgres://"),
            ("[bus]\nurl = \"http://x\"\n", "nats://"),
            ("[bus]\nurl = \"nats://x\"\nuser = \"a\"\n", "password_file"),
            ("[bus]\nurl = \"nats://x\"\ncert_file = \"a\"\n", "key_file"),
            ("[memory.procedural]\nurl = \"redis://x\"\n", "memory.procedural.url begins with \"redis\""),
            ("[memory.short_term]\nurl = \"ftp://x\"\n", "`redis://` or `rediss://`"),
            ("[memory.short_term]\nurl = \"http://x\"\n", "memory.long_term"),
            ("[memory.procedural]\nurl = \"qdrant://x\"\n", "only what has vectors"),
            ("[memory.long_term]\nurl = \"ftp://x\"\n", "`qdrant://`"),
            ("[memory.long_term]\nurl = \"qdrant://x\"\npassword_file = \"x\"\n", "wants api_key_file"),
            (
                "[memory.long_term]\nurl = \"bolt://x\"\napi_key_file = \"x\"\n",
                "memory.long_term.api_key_file",
            ),
            ("[memory.procedural]\npassword_file = \"x\"\n", "x"),
            ("[memory.associative]\nuser = \"x\"\n", "memory.associative.user"),
            ("[memory.long]\nurl = \"sqlite\"\n", "long"),
            ("[logg]\n", "logg"),
            ("node = \"a.b\"\n", "node"),
        ] {
            let error = parse(text, Path::new(".")).unwrap_err();
            assert!(format!("{error:#}").contains(reason), "{text}: {error:#}");
        }
    }
}
