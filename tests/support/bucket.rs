//! A prefix of its own in the bucket that the tests are given. Its objects are few and stay, for who wants to look.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::household;
use crate::workshop::Workshop;

/// Where the key is written in a workshop.
const SECRET_FILE: &str = "s3-secret";

/// A bucket, and the key that opens it.
pub struct Bucket {
    /// `host:port` of the server.
    pub server: String,
    name: String,
    prefix: String,
    id: String,
    secret: String,
}

impl Bucket {
    /// The bucket in `http://key:secret@host:port/bucket`, when the tests are given one.
    pub fn configured() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let url = household::server("s3")?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let parts = || {
            let (key, rest) = url.strip_prefix("http://")?.split_once('@')?;
            Some((key.split_once(':')?, rest.split_once('/')?))
        };
        let ((id, secret), (server, name)) = parts().unwrap();
        let [id, secret, server, name] = [id, secret, server, name].map(str::to_owned);
        Some(Self { server, name, prefix: format!("whole-{}-{number}", process::id()), id, secret })
    }

    /// The same key for another bucket.
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The section that names the bucket, reached by way of `server`; the key is written beside the configuration.
    pub fn section(&self, workshop: &Workshop, server: &str) -> String {
        let Self { name, prefix, id, secret, .. } = self;
        workshop.write(SECRET_FILE, secret);
        format!(
            "[content]\nurl = \"s3://{name}/{prefix}\"\nendpoint = \"http://{server}\"\naccess_key = \"{id}\"\n\
             secret_key_file = \"{SECRET_FILE}\"\n"
        )
    }

    /// What must never be seen.
    pub fn secret(&self) -> &str {
        &self.secret
    }
}
