//! Where the server is and how it is used. Whoever connects says everything: nothing is read from the
//! environment here.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use hydra_events::Id;

use crate::local::{FEED_EVENTS_MAX, INVITATIONS_MAX};
use crate::subject::PREFIX_DEFAULT;

/// How to reach a server, and what to use there.
#[derive(Clone, Debug)]
pub struct NatsOptions {
    /// The servers of one cluster, such as `nats://127.0.0.1:4222` or `tls://nats.home:4222`. One is enough.
    pub servers: Vec<String>,
    /// Who asks.
    pub sign_in: SignIn,
    /// Whether the connection is encrypted, and whom to trust.
    pub tls: Tls,
    /// What subjects begin with, and in upper case the names of streams: several Hydras may share an account.
    pub prefix: String,
    /// The id of the log whose events are published and followed. A process that only works and asks need not know it:
    /// without, nothing is published and no stream is made before it is needed.
    pub log: Option<Id>,
    /// What the server shows as the name of the connection.
    pub name: String,
    /// Longest wait for the first connection.
    pub connect_timeout: Duration,
    /// Longest wait for an answer of the server.
    pub request_timeout: Duration,
    /// Longest pause between two tries to connect again; there is no last try.
    pub reconnect_delay_max: Duration,
    /// Without a sign of life for twice this long, a feed or pull is opened again.
    pub heartbeat: Duration,
    /// How much is kept on the server and in memory.
    pub limits: NatsLimits,
}

/// Who asks. Shown without its secret.
#[derive(Clone, Default)]
pub enum SignIn {
    /// Nobody in particular, or who the server's URL names.
    #[default]
    Nobody,
    /// A user with a password.
    User {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
    /// Whoever has the token.
    Token(String),
    /// A file with a JWT and its seed, as `nsc` writes it.
    Credentials(PathBuf),
}

/// Encryption of the connection.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// When the connection is encrypted.
    pub mode: TlsMode,
    /// Files with certificates to trust besides those of the machine.
    pub roots: Vec<PathBuf>,
    /// The certificate and the key to show to the server.
    pub client: Option<(PathBuf, PathBuf)>,
}

/// When the connection is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsMode {
    /// When the server asks for it, or its URL begins with `tls:`.
    #[default]
    Offered,
    /// Always; a server that cannot is refused.
    Required,
    /// Always, and before the server says its first word.
    First,
}

/// How much is kept.
#[derive(Clone, Debug)]
pub struct NatsLimits {
    /// Events the server keeps; older ones are in the log.
    pub events: u64,
    /// Bytes of events the server keeps.
    pub events_bytes: u64,
    /// Bytes of commands that wait for an actor. When it is full, publishers are refused.
    pub incoming_bytes: u64,
    /// Invitations one node may have on offer in one kind of work.
    pub invitations: usize,
    /// Bytes of all invitations on offer.
    pub work_bytes: u64,
    /// How long an invitation is of use. Its lease is long lost by then.
    pub work_age: Duration,
    /// How long an invitation may be held without an ack before it is offered again.
    pub ack_wait: Duration,
    /// How often an invitation is offered.
    pub deliveries: u32,
    /// Bytes of copies of what was set aside.
    pub dead_bytes: u64,
    /// Events a follower may be behind before it is told of a gap; a power of two.
    pub feed_events: usize,
    /// Acks that may be outstanding while events are published.
    pub acks: usize,
    /// Bytes that may be without an ack while events are published.
    pub ack_bytes: usize,
}

impl NatsOptions {
    /// The defaults, for the log of this id on this server.
    pub fn new(server: impl Into<String>, log: Option<Id>) -> Self {
        Self {
            servers: vec![server.into()],
            sign_in: SignIn::default(),
            tls: Tls::default(),
            prefix: PREFIX_DEFAULT.to_owned(),
            log,
            name: "hydra".to_owned(),
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(5),
            reconnect_delay_max: Duration::from_secs(4),
            heartbeat: Duration::from_secs(5),
            limits: NatsLimits::default(),
        }
    }
}

impl Default for NatsLimits {
    fn default() -> Self {
        const GIB: u64 = 1024 * 1024 * 1024;
        Self {
            events: 1_000_000,
            events_bytes: 4 * GIB,
            incoming_bytes: GIB / 4,
            invitations: INVITATIONS_MAX,
            work_bytes: GIB / 16,
            work_age: Duration::from_secs(24 * 60 * 60),
            ack_wait: Duration::from_secs(30),
            deliveries: 20,
            dead_bytes: GIB / 4,
            feed_events: FEED_EVENTS_MAX,
            acks: 8_192,
            ack_bytes: 16 * 1024 * 1024,
        }
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => out.write_str("Nobody"),
            Self::User { user, .. } => write!(out, "User({user:?})"),
            Self::Token(_) => out.write_str("Token"),
            Self::Credentials(path) => write!(out, "Credentials({path:?})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let secret = "s3cret".to_owned();
        for sign_in in
            [SignIn::User { user: "ann".into(), password: secret.clone() }, SignIn::Token(secret.clone())]
        {
            assert!(!format!("{sign_in:?}").contains(&secret));
        }
    }
}
