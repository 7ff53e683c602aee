//! The content store in a bucket: every clause of its contract, and what only a server on the other end of a wire can
//! get wrong.
//!
//! `HYDRA_TEST_S3` names the server and a bucket of it; each test has a prefix of its own there, and empties it.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, also in the functions they share")]

#[path = "s3/place.rs"]
mod place;
#[path = "s3/wire.rs"]
mod wire;

use std::error::Error;
use std::io::ErrorKind;
use std::sync::Arc;

use hydra_events::content::{ContentError, ContentHash, ContentStore, Patient, S3Options, S3Store};
use hydra_events::contract::ContentBackend;
use object_store::ObjectStoreExt;

use place::Place;
use wire::{Way, Wire};

hydra_events::content_contract!(option: Place::configured());

const MIB: u64 = 1024 * 1024;

/// A blob of three parts.
fn large() -> Vec<u8> {
    (0..20 * MIB).map(|n| (n % 251) as u8).collect()
}

/// A wire to the server, and the store at its near end.
async fn wired(place: &Place, way: Way) -> (Wire, S3Store) {
    let server = place.options.endpoint.as_ref().unwrap().strip_prefix("http://").unwrap();
    let wire = Wire::to(server, way).await;
    let endpoint = Some(format!("http://{}", wire.address()));
    let store = S3Store::try_new(&S3Options { endpoint, ..place.options.clone() }).unwrap();
    (wire, store)
}

/// Why the store is away, in kind and words.
#[track_caller]
fn away<T>(result: Result<T, ContentError>) -> (ErrorKind, String) {
    match result {
        Err(ContentError::Away { source, .. }) => (source.kind(), source.to_string()),
        Err(other) => panic!("another error: {other}: {:?}", other.source()),
        Ok(_) => panic!("it was done"),
    }
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_not_there_and_can_be_made_again() {
    let Some(place) = Place::configured() else { return };
    let (wire, store) = wired(&place, Way::Breaks(3 * MIB)).await;
    let hash = ContentHash::of(&large());
    away(store.put(large()).await);
    assert!(!place.store().contains(hash).await.unwrap());
    assert!(matches!(place.store().get(hash).await, Err(ContentError::Missing(_))));
    wire.set(Way::Open);
    assert_eq!(store.put(large()).await.unwrap(), hash);
    assert!(place.store().get(hash).await.unwrap() == large(), "it came back otherwise");
}

/// A process that is killed cannot take back what it has sent.
#[tokio::test]
async fn parts_that_were_left_behind_are_not_seen() {
    let Some(place) = Place::configured() else { return };
    let (store, hash) = (place.store(), ContentHash::of(&large()));
    let mut left = place.raw().put_multipart(&place.path(hash)).await.unwrap();
    left.put_part(large()[..8 * MIB as usize].to_vec().into()).await.unwrap();
    assert!(!store.contains(hash).await.unwrap());
    assert_eq!(store.put(large()).await.unwrap(), hash);
    left.abort().await.unwrap();
    assert!(store.get(hash).await.unwrap() == large(), "it came back otherwise");
}

#[tokio::test]
async fn a_download_that_breaks_off_goes_on_where_it_was() {
    let Some(place) = Place::configured() else { return };
    let hash = place.store().put(large()).await.unwrap();
    let (wire, store) = wired(&place, Way::Breaks(3 * MIB)).await;
    assert!(store.get(hash).await.unwrap() == large(), "it came back otherwise");
    // From the beginning of each part would be half as much again, and more.
    let carried = wire.carried() / MIB;
    assert!(carried <= 20 + 3 + 1, "{carried} MiB went through the wire for 20 MiB");
}

#[tokio::test]
async fn a_large_blob_that_is_there_is_not_sent_again() {
    let Some(place) = Place::configured() else { return };
    let (wire, store) = wired(&place, Way::Open).await;
    store.put(large()).await.unwrap();
    let once = wire.carried();
    assert!(once > 20 * MIB, "{once}");
    store.put(large()).await.unwrap();
    assert!(wire.carried() - once < MIB, "{}", wire.carried() - once);
}

/// As large as it should be is not as it should be.
#[tokio::test]
async fn a_large_object_that_nobody_vouches_for_is_put_anew() {
    let Some(place) = Place::configured() else { return };
    let (store, hash) = (place.store(), ContentHash::of(&large()));
    place.damage(hash, &vec![0; 20 * MIB as usize]).await;
    store.put(large()).await.unwrap();
    assert!(store.get(hash).await.unwrap() == large(), "it came back otherwise");
}

#[tokio::test]
async fn a_damaged_object_is_set_aside_to_be_looked_at() {
    let Some(place) = Place::configured() else { return };
    let store = place.open().await;
    let hash = store.put(b"lighthouse".to_vec()).await.unwrap();
    place.damage(hash, b"lighthouZe").await;
    store.get(hash).await.unwrap_err();
    let aside = object_store::path::Path::from(format!("{}.damaged", store.key(hash)));
    let kept = place.raw().get(&aside).await.unwrap().bytes().await.unwrap();
    assert_eq!(&kept[..], b"lighthouZe");
}

#[tokio::test]
async fn a_server_out_of_reach_is_away_and_the_patient_wait_for_it() {
    let Some(place) = Place::configured() else { return };
    let (wire, store) = wired(&place, Way::Cut).await;
    let (kind, _) = away(store.put(b"coat".to_vec()).await);
    assert_eq!(kind, ErrorKind::NotConnected);
    let patient = Patient::new(Arc::new(store));
    let (put, ()) = tokio::join!(patient.put(b"coat".to_vec()), async {
        away(patient.now().probe().await);
        wire.set(Way::Open);
    });
    assert_eq!(place.store().get(put.unwrap()).await.unwrap(), b"coat");
}

#[tokio::test]
async fn a_wrong_key_is_told_as_the_server_tells_it_and_never_shown() {
    let Some(place) = Place::configured() else { return };
    let mut options = place.options.clone();
    options.key.secret = "n0t-the-secret".to_owned();
    let store = S3Store::try_new(&options).unwrap();
    let probed = store.probe().await;
    assert!(!format!("{probed:?} {store:?} {options:?}").contains("n0t-the"), "{probed:?}");
    let (kind, text) = away(probed);
    assert_eq!(kind, ErrorKind::PermissionDenied);
    assert!(text.starts_with("SignatureDoesNotMatch"), "{text}");
}

#[tokio::test]
async fn a_missing_bucket_is_named_and_not_made() {
    let Some(place) = Place::configured() else { return };
    let bucket = "hydra-no-such-bucket".to_owned();
    let store = S3Store::try_new(&S3Options { bucket, ..place.options.clone() }).unwrap();
    for _ in 0..2 {
        let (kind, text) = away(store.probe().await);
        assert_eq!(kind, ErrorKind::NotFound);
        assert!(text.starts_with("NoSuchBucket"), "{text}");
    }
    assert_eq!(away(store.get(ContentHash::of(b"coat")).await).0, ErrorKind::NotFound);
}

#[tokio::test]
async fn an_address_that_says_https_is_not_spoken_to_in_the_clear() {
    let Some(place) = Place::configured() else { return };
    let endpoint = place.options.endpoint.as_ref().unwrap().replace("http://", "https://");
    let store = S3Store::try_new(&S3Options { endpoint: Some(endpoint), ..place.options.clone() }).unwrap();
    assert_eq!(away(store.put(b"coat".to_vec()).await).0, ErrorKind::NotConnected);
}
