//! The long-term memory in Qdrant.

use serde_json::Value;

use super::memories::{Kind, Place};
use super::workshop::{TINY, Workshop};
use super::{PRODUCE, volatile, with};

#[tokio::test]
async fn a_chapter_over_a_long_term_memory_in_qdrant_is_the_same_and_it_can_be_deleted_at_any_time() {
    let Some(place) = Place::configured(Kind::Qdrant) else { return };
    let embedded = Workshop::with(TINY);
    embedded.done(&PRODUCE[..3]);
    let full = Workshop::with(TINY);
    full.write("hydra.toml", place.sections(&["long_term"]));
    full.done(&PRODUCE);
    assert!(volatile::stable(&embedded.made()) == volatile::stable(&full.made()), "the files differ");
    assert!(place.wipe("long_term").await > 0);
    let status = full.done(&with(&["status"])).json();
    let stand = &status["views"]["long_term"];
    assert_eq!((&stand["position"], &stand["away"]), (&status["head"], &Value::Null));
    assert!(stand["store"].as_str().unwrap().starts_with("qdrant "), "{stand}");
    assert_eq!(full.done(&with(&["rebuild", "long_term", "--compare"])).json()["differing"], 0);
    let doctor = full.run(&with(&["doctor"])).json();
    let check = doctor.as_array().unwrap().iter().find(|check| check["name"] == "long_term").unwrap();
    assert_eq!(check["health"], "ok");
    place.leave().await;
}
