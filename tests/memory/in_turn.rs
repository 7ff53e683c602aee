//! A long chapter with a memory in every kind of store, each of which is wiped in its turn while the chapter is made.

use std::time::{Duration, Instant};

use super::memories::{Kind, Place};
use super::workshop::{Workshop, eventually};
use super::{PRODUCE, VIEWS, volatile, with};

const LONG: &str = include_str!("../../examples/lighthouse.fountain");
/// How many events happen between two wipes.
const EVENTS: u64 = 40;
/// How long a memory may take to be there again.
const DEADLINE: Duration = Duration::from_secs(120);
/// How long to wait before looking again.
const LOOK: Duration = Duration::from_millis(20);
/// How often each memory is wiped.
const ROUNDS: usize = 2;

/// After this, every picture is for a person to judge, as far as somebody waits for one.
const UNDECIDED: [&str; 4] = ["policy", "set", "undecided_margin", "100"];

/// Where each memory is.
struct Everywhere {
    postgres: Place,
    redis: Place,
    neo4j: Place,
    qdrant: Option<Place>,
}

impl Everywhere {
    fn configured() -> Option<Self> {
        let postgres = Place::configured(Kind::Postgres)?;
        Some(Self {
            postgres,
            redis: Place::configured(Kind::Redis)?,
            neo4j: Place::configured(Kind::Neo4j)?,
            qdrant: Place::configured(Kind::Qdrant),
        })
    }

    fn of(&self, view: &str) -> &Place {
        match view {
            "short_term" => &self.redis,
            "associative" => &self.neo4j,
            "long_term" => self.qdrant.as_ref().unwrap_or(&self.postgres),
            _ => &self.postgres,
        }
    }

    async fn leave(self) {
        for place in [self.postgres, self.redis, self.neo4j].into_iter().chain(self.qdrant) {
            place.leave().await;
        }
    }
}

/// Wipes a memory as soon as there is something of it.
async fn wipe(place: &Place, view: &str) {
    let started = Instant::now();
    while place.wipe(view).await == 0 {
        assert!(started.elapsed() < DEADLINE, "{view} is not there again");
        tokio::time::sleep(LOOK).await;
    }
}

#[tokio::test]
async fn every_memory_is_wiped_in_its_turn_while_a_chapter_is_made_and_all_are_whole_at_the_end() {
    let Some(places) = Everywhere::configured() else { return };
    let undisturbed = Workshop::with(LONG);
    undisturbed.done(&UNDECIDED);
    undisturbed.done(&PRODUCE[..3]);
    let full = Workshop::with(LONG);
    full.write("hydra.toml", VIEWS.map(|view| places.of(view).sections(&[view])).concat());
    full.done(&with(&UNDECIDED));
    // Nobody judges them: the chapter cannot end before every store was there to be wiped.
    let making = full.start(&with(&["produce", "play.fountain", "--wait"]));
    for turn in 0..ROUNDS * VIEWS.len() {
        let (head, view) = (full.head(), VIEWS[turn % VIEWS.len()]);
        let due = || full.head() >= head + EVENTS || making.said().contains("waiting");
        eventually("the chapter gets on", due);
        wipe(places.of(view), view).await;
    }
    making.interrupt();
    let made = making.end();
    assert_eq!(made.code, Some(130), "{made:#?}");
    full.done(&PRODUCE);
    assert!(volatile::stable(&undisturbed.made()) == volatile::stable(&full.made()), "the files differ");
    let status = full.done(&with(&["status"])).json();
    for view in VIEWS {
        assert_eq!(status["views"][view]["position"], status["head"]);
        let rebuilt = full.done(&with(&["rebuild", view, "--compare"])).json();
        assert_eq!(rebuilt["differing"], 0, "{rebuilt}");
        assert!(rebuilt["rows"].as_u64().unwrap() > 0);
    }
    places.leave().await;
}
