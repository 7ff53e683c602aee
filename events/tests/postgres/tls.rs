//! Encrypted connections to the log's server, with the certificates in the folder that `HYDRA_TEST_TLS` names.

use std::path::PathBuf;
use std::sync::Arc;

use hydra_events::clock::SystemClock;
use hydra_events::contract::sample;
use hydra_events::log::{EventLog, PostgresLog};

use super::place::{self, Place};
use super::refusal;

/// A place whose server is configured for encryption, and the folder with the certificates.
fn encrypted() -> Option<(Place, PathBuf)> {
    let place = Place::configured()?;
    match std::env::var_os("HYDRA_TEST_TLS") {
        Some(folder) => Some((place, folder.into())),
        None => {
            place::skip("HYDRA_TEST_TLS names no folder with certificates");
            None
        }
    }
}

#[tokio::test]
async fn an_encrypted_log_is_written_and_read_encrypted() {
    let Some((place, folder)) = encrypted() else { return };
    let url = place.url_with_tls("verify-full", &folder.join("authority.pem"));
    let log = PostgresLog::open(&url, Arc::new(SystemClock)).await.unwrap();
    let written = log.append(sample::small(&sample::stream("a"), 0, "a")).await.unwrap();
    let reader = PostgresLog::open_reader(&url).await.unwrap();
    assert_eq!(reader.read(0, 10).await.unwrap(), written);
    let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                     JOIN lease ON application_name = holder WHERE ssl";
    assert_eq!(place::number(&mut place.raw().await, encrypted).await, Some(1));
}

#[tokio::test]
async fn a_server_whose_certificate_nobody_vouches_for_gets_no_event() {
    let Some((place, folder)) = encrypted() else { return };
    for mode in ["verify-ca", "verify-full"] {
        let url = place.url_with_tls(mode, &folder.join("stranger.pem"));
        for opened in
            [PostgresLog::open(&url, Arc::new(SystemClock)).await, PostgresLog::open_reader(&url).await]
        {
            let message = refusal(opened);
            assert!(message.contains("certificate"), "{message}");
        }
    }
}

#[tokio::test]
async fn an_authority_that_is_not_there_is_named() {
    let Some((place, folder)) = encrypted() else { return };
    let url = place.url_with_tls("verify-full", &folder.join("nowhere.pem"));
    let message = refusal(PostgresLog::open(&url, Arc::new(SystemClock)).await);
    assert!(message.contains("nowhere.pem") || message.contains("No such file"), "{message}");
}
