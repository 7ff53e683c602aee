//! The short-term memory in Redis.

use serde_json::Value;

use super::memories::{Kind, Place};
use super::workshop::{TINY, Workshop};
use super::{PRODUCE, volatile, with};

#[tokio::test]
async fn a_chapter_over_a_short_term_memory_in_redis_is_the_same_and_it_can_be_flushed_at_any_time() {
    let Some(place) = Place::configured(Kind::Redis) else { return };
    let embedded = Workshop::with(TINY);
    embedded.done(&PRODUCE[..3]);
    let full = Workshop::with(TINY);
    full.write("hydra.toml", place.sections(&["short_term"]));
    full.done(&PRODUCE);
    assert!(volatile::stable(&embedded.made()) == volatile::stable(&full.made()), "the files differ");
    let incidents = |workshop: &Workshop| workshop.done(&with(&["status"])).json()["incidents"].clone();
    let before = incidents(&full);
    assert!(place.wipe("short_term").await > 0);
    assert_eq!(incidents(&full), before);
    let status = full.done(&with(&["status"])).json();
    let stand = &status["views"]["short_term"];
    assert_eq!((&stand["position"], &stand["away"]), (&status["head"], &Value::Null));
    assert!(stand["store"].as_str().unwrap().starts_with("redis "), "{stand}");
    assert_eq!(full.done(&with(&["rebuild", "short_term", "--compare"])).json()["differing"], 0);
    let doctor = full.run(&with(&["doctor"])).json();
    let check = doctor.as_array().unwrap().iter().find(|check| check["name"] == "short_term").unwrap();
    assert_eq!(check["health"], "ok");
    place.leave().await;
}
