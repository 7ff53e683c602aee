//! `kill -9` anywhere, run the same command again: it goes on, and what it makes is what an undisturbed run makes.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not there")]

#[path = "support/volatile.rs"]
mod volatile;
#[path = "support/workshop.rs"]
mod workshop;

use std::collections::BTreeMap;
use std::fs;
use std::hint::spin_loop;

use serde_json::Value;

use workshop::{Running, TINY, Workshop};

const KILLS: u64 = 20;
/// The last kills meet the folder being built; the others the work.
const KILLS_OF_WORK: u64 = 17;
/// How far the log grows at most between a start and a kill.
const EVENTS_MAX: u64 = 30;
const FILES_MAX: u64 = 30;
const SPINS_MAX: u64 = 200_000;
const SEED: u64 = 0x7061_7065_7220_626f;
const PRODUCE: [&str; 3] = ["produce", "play.fountain", "--json"];
/// More deaths than there are kills: a picture that happens to be drawn alone at five of them would be given up.
const PATIENT: [&str; 4] = ["policy", "set", "attempts", "50"];

/// A seeded generator: SplitMix64, by Guy Steele, Doug Lea and Christine Flood.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

#[test]
fn a_run_that_is_killed_twenty_times_makes_what_an_undisturbed_run_makes() {
    let undisturbed = Workshop::with(TINY);
    undisturbed.done(&PATIENT);
    undisturbed.done(&PRODUCE);
    let disturbed = Workshop::shared("kill", TINY);
    disturbed.done(&PATIENT);
    let heads = kill_again_and_again(&disturbed);
    let summary = disturbed.done(&PRODUCE).json();
    assert_eq!((&summary["images"], &summary["lines"]), (&8.into(), &8.into()));

    same_files(&volatile::stable(&undisturbed.made()), &volatile::stable(&disturbed.made()));
    let events = disturbed.events();
    let expected: Vec<u64> = (1..=events.len() as u64).collect();
    assert_eq!(events.iter().map(position).collect::<Vec<_>>(), expected, "positions have gaps");
    for (effect, marks) in effects(&events) {
        closed_once(&effect, &marks);
        repeated_at_most_once_per_kill(&effect, &marks, &heads);
    }
    let findings = disturbed.json(&["verify"]);
    assert_eq!(findings["events"], events.len());
}

/// Starts and kills; the head of the log after each kill.
fn kill_again_and_again(workshop: &Workshop) -> Vec<u64> {
    let mut dice = Dice(SEED);
    let (mut heads, mut kills_of_work) = (Vec::new(), 0);
    while (heads.len() as u64) < KILLS {
        let at_work = (heads.len() as u64) < KILLS_OF_WORK && !is_completed(workshop);
        kills_of_work += u64::from(at_work);
        let killed = if at_work { kill_work(workshop, &mut dice) } else { kill_build(workshop, &mut dice) };
        if killed {
            heads.push(workshop.head());
        }
    }
    assert!(kills_of_work > KILLS_OF_WORK / 2, "only {kills_of_work} kills met the work itself");
    heads
}

fn kill_work(workshop: &Workshop, dice: &mut Dice) -> bool {
    let until = workshop.head() + dice.below(EVENTS_MAX);
    kill_when(workshop.start(&PRODUCE), dice, || workshop.head() >= until)
}

fn kill_build(workshop: &Workshop, dice: &mut Dice) -> bool {
    let out = workshop.path("out");
    if out.exists() {
        fs::remove_dir_all(&out).unwrap();
    }
    let wanted = dice.below(FILES_MAX) as usize;
    kill_when(workshop.start(&PRODUCE), dice, || out.exists() && count(&out) >= wanted)
}

/// Kills the process a moment after `due`; `false` where it ended by itself.
fn kill_when(mut running: Running, dice: &mut Dice, due: impl Fn() -> bool) -> bool {
    while !due() {
        if !running.is_running() {
            return false;
        }
    }
    (0..dice.below(SPINS_MAX)).for_each(|_| spin_loop());
    if !running.is_running() {
        return false;
    }
    running.kill();
    true
}

/// How many files there are, while they come.
fn count(folder: &std::path::Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let each = |entry: fs::DirEntry| if entry.path().is_dir() { count(&entry.path()) } else { 1 };
    entries.flatten().map(each).sum()
}

fn is_completed(workshop: &Workshop) -> bool {
    workshop.path("data/log.db").exists()
        && !workshop.done(&["events", "tail", "report.*.report_compiled", "--json"]).out.is_empty()
}

fn same_files(undisturbed: &BTreeMap<String, Vec<u8>>, disturbed: &BTreeMap<String, Vec<u8>>) {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(undisturbed), names(disturbed));
    for (name, bytes) in undisturbed {
        if name.ends_with(".md") || name.ends_with(".json") {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            assert_eq!(text(bytes), text(&disturbed[name]), "{name} differs");
        }
        assert!(*bytes == disturbed[name], "{name} differs");
    }
}

/// What was said about an effect: position, role, attempt.
type Marks = Vec<(u64, String, u64)>;

/// Every effect with its marks, by stream and key.
fn effects(events: &[Value]) -> BTreeMap<(String, String), Marks> {
    let mut effects: BTreeMap<(String, String), Marks> = BTreeMap::new();
    for event in events.iter().filter(|event| event.get("effect").is_some()) {
        let word = |field: &str| event[field].as_str().unwrap().to_owned();
        let mark = (position(event), word("role"), event["attempt"].as_u64().unwrap());
        effects.entry((word("stream"), word("effect"))).or_default().push(mark);
    }
    assert_eq!(
        effects.len(),
        48,
        "a plan, three scripts, a report, eight lines, eight pictures drawn and scored, and the words of each of both and \
         of three characters embedded"
    );
    effects
}

fn closed_once(effect: &(String, String), marks: &Marks) {
    let count = |role: &str| marks.iter().filter(|(_, found, _)| found == role).count();
    assert_eq!((count("open"), count("close")), (1, 1), "{effect:?}: {marks:?}");
    assert_eq!(marks.first().unwrap().1, "open", "{effect:?}: {marks:?}");
    assert_eq!(marks.last().unwrap().1, "close", "{effect:?}: {marks:?}");
}

fn repeated_at_most_once_per_kill(effect: &(String, String), marks: &Marks, heads: &[u64]) {
    let attempts: Vec<(u64, u64)> = marks
        .iter()
        .filter(|(_, role, _)| role == "attempt")
        .map(|(at, _, ordinal)| (*at, *ordinal))
        .collect();
    let ordinals: Vec<u64> = attempts.iter().map(|(_, ordinal)| *ordinal).collect();
    assert!(ordinals.windows(2).all(|pair| pair[0] < pair[1]), "{effect:?}: {marks:?}");
    let in_flight = |head: &&u64| {
        let before = marks.iter().rfind(|(at, ..)| at <= head);
        before.is_some_and(|(_, role, _)| role == "attempt")
    };
    let kills = heads.iter().filter(in_flight).count();
    assert!(attempts.len() <= 1 + kills, "{effect:?}: in flight at {kills} kills of {heads:?}, {marks:?}");
    for pair in heads.windows(2) {
        let between = attempts.iter().filter(|(at, _)| pair[0] < *at && *at <= pair[1]).count();
        assert!(between <= 1, "{effect:?}: tried {between} times between two kills, {marks:?}");
    }
}

fn position(event: &Value) -> u64 {
    event["position"].as_u64().unwrap()
}
