//! Encrypted connections to a server, with the certificates in the folder that `HYDRA_TEST_TLS` names.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "nats/server.rs"]
mod server;

use std::path::PathBuf;

use hydra_bus::nats::{Tls, TlsMode};
use hydra_bus::{BusError, NatsBus, NatsOptions};
use server::{OwnServer, PATIENCE, skip};

/// The certificate, or the key, of this name.
fn file(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("HYDRA_TEST_TLS").map(PathBuf::from);
    if folder.is_none() {
        skip("HYDRA_TEST_TLS names no folder with certificates");
    }
    Some(folder?.join(name))
}

/// A server that says what `tls` says in its configuration, beside its own certificate.
fn start(tls: &str) -> Option<(OwnServer, tempfile::TempDir)> {
    let (certificate, key) = (file("server.pem")?, file("server.key")?);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nats.conf");
    let text = format!("tls {{ cert_file: {certificate:?}, key_file: {key:?}, {tls} }}");
    std::fs::write(&path, text).unwrap();
    Some((OwnServer::start(&["-c", path.to_str().unwrap()])?, folder))
}

async fn connect(server: &OwnServer, tls: &Tls) -> Result<NatsBus, BusError> {
    let mut options = NatsOptions::new(server.url(), None);
    options.tls = tls.clone();
    NatsBus::connect(options).await
}

/// Connects as soon as the server listens, and asks it something.
async fn get_in(server: &OwnServer, tls: &Tls) {
    let connected = tokio::time::timeout(PATIENCE, async {
        loop {
            match connect(server, tls).await {
                Ok(bus) => return bus,
                Err(BusError::Unavailable(_)) => tokio::task::yield_now().await,
                Err(other) => panic!("{tls:?}: {other}"),
            }
        }
    });
    let bus = connected.await.unwrap();
    hydra_bus::Bus::close(&bus).await;
}

async fn is_kept_out(server: &OwnServer, tls: &Tls) {
    let Err(error) = connect(server, tls).await else { panic!("{tls:?} was let in") };
    assert!(matches!(error, BusError::Unavailable(_) | BusError::Refused(_)), "{error}");
}

fn trusting(mode: TlsMode, authority: &str) -> Option<Tls> {
    Some(Tls { mode, roots: vec![file(authority)?], client: None })
}

#[tokio::test]
async fn only_a_server_with_a_certificate_of_a_trusted_authority_is_talked_to() {
    let Some((server, _folder)) = start("") else { return };
    for mode in [TlsMode::Offered, TlsMode::Required] {
        get_in(&server, &trusting(mode, "authority.pem").unwrap()).await;
        is_kept_out(&server, &trusting(mode, "stranger.pem").unwrap()).await;
        is_kept_out(&server, &Tls { mode, ..Tls::default() }).await;
    }
}

#[tokio::test]
async fn encryption_may_come_before_the_servers_first_word() {
    let Some((server, _folder)) = start("handshake_first: true") else { return };
    get_in(&server, &trusting(TlsMode::First, "authority.pem").unwrap()).await;
    is_kept_out(&server, &trusting(TlsMode::First, "stranger.pem").unwrap()).await;
}

#[tokio::test]
async fn who_requires_encryption_says_nothing_to_a_server_without() {
    let Some(required) = trusting(TlsMode::Required, "authority.pem") else { return };
    let Some(server) = OwnServer::start(&[]) else { return };
    get_in(&server, &Tls::default()).await;
    is_kept_out(&server, &required).await;
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_is_shown_one() {
    let Some(authority) = file("authority.pem") else { return };
    let verifying = format!("ca_file: {authority:?}, verify: true");
    let Some((server, _folder)) = start(&verifying) else { return };
    let nobody = trusting(TlsMode::Required, "authority.pem").unwrap();
    let client = Some((file("client.pem").unwrap(), file("client.key").unwrap()));
    get_in(&server, &Tls { client, ..nobody.clone() }).await;
    is_kept_out(&server, &nobody).await;
}
