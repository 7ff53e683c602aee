//! Where a bucket is, who asks for it, and how long an answer may take.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::{BackoffConfig, Certificate, ClientOptions, RetryConfig};

use super::failure::Failure;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// For a request with up to one part in it: 8 MiB within this time are slower than any network Hydra is for.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);
/// Tries after the first, while the server does not answer or is busy.
const RETRIES_MAX: usize = 4;
const RETRY_DELAY: Duration = Duration::from_millis(100);
const RETRY_DELAY_MAX: Duration = Duration::from_secs(2);
/// How long after the first try another one may begin.
const RETRY_TIME_MAX: Duration = Duration::from_secs(180);
/// What servers that know no regions take for theirs.
const REGION: &str = "us-east-1";

/// A place in a bucket.
#[derive(Clone, Debug)]
pub struct S3Options {
    /// The bucket's name.
    pub bucket: String,
    /// What names of objects begin with, without `/` at either end; may be empty.
    pub prefix: String,
    /// The server's address, `http://…` or `https://…`; Amazon's own for the region where there is none.
    pub endpoint: Option<String>,
    /// The region; `us-east-1` where there is none, which is what servers without regions want.
    pub region: Option<String>,
    /// Who asks.
    pub key: S3Key,
    /// A file with certificates to trust besides those of the machine, in PEM.
    pub ca_file: Option<PathBuf>,
}

/// Who asks. Nothing of it is ever shown but the id.
#[derive(Clone)]
pub struct S3Key {
    /// The access key, which is a name.
    pub id: String,
    /// The secret key.
    pub secret: String,
    /// The token of a session, where the keys are of one.
    pub token: Option<String>,
}

impl fmt::Debug for S3Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "S3Key({:?})", self.id)
    }
}

impl S3Options {
    /// The client for the bucket. It does not encrypt where the address says `http://`, and nowhere else.
    pub(super) fn build(&self) -> Result<AmazonS3, Failure> {
        // Whoever has chosen one first is right.
        drop(rustls::crypto::ring::default_provider().install_default());
        let S3Options { bucket, endpoint, region, key, .. } = self;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(region.as_deref().unwrap_or(REGION))
            .with_access_key_id(&key.id)
            .with_secret_access_key(&key.secret)
            // Not every server knows how to delete many at once.
            .with_disable_bulk_delete(true)
            .with_client_options(self.client()?)
            .with_retry(retries());
        if let Some(token) = &key.token {
            builder = builder.with_token(token);
        }
        if let Some(endpoint) = endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        builder.build().map_err(|error| Failure::of(&error))
    }

    fn client(&self) -> Result<ClientOptions, Failure> {
        let is_plain = self.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let mut client = ClientOptions::new()
            .with_allow_http(is_plain)
            .with_connect_timeout(CONNECT_TIMEOUT)
            .with_timeout(REQUEST_TIMEOUT);
        for certificate in self.ca_file.as_deref().map(certificates).transpose()?.unwrap_or_default() {
            client = client.with_root_certificate(certificate);
        }
        Ok(client)
    }
}

fn certificates(file: &Path) -> Result<Vec<Certificate>, Failure> {
    let pem = std::fs::read(file).map_err(|error| Failure::here(format!("{}: {error}", file.display())))?;
    let certificates = Certificate::from_pem_bundle(&pem).unwrap_or_default();
    if certificates.is_empty() {
        return Err(Failure::here(format!("{}: there is no certificate in PEM in it", file.display())));
    }
    Ok(certificates)
}

fn retries() -> RetryConfig {
    let backoff =
        BackoffConfig { init_backoff: RETRY_DELAY, max_backoff: RETRY_DELAY_MAX, ..BackoffConfig::default() };
    RetryConfig { backoff, max_retries: RETRIES_MAX, retry_timeout: RETRY_TIME_MAX }
}
