//! What is computed for every event, without any IO: encoding and decoding it, hashing it, deciding it, folding it, and
//! making views of it. The events are those of a real chapter, as the deciders of today record it.
//!
//! `cargo bench -p hydra-bench` runs everything in less than a minute and says what became slower since the last run;
//! `-- --save-baseline NAME` keeps a run and `-- --baseline NAME` compares with it, `-- decide` runs a part.
//! A figure is the time for all elements named beside it; the throughput is in events or commands a second.

#![expect(clippy::unwrap_used, reason = "a bench ends where something is not there")]

#[path = "pure/chapter.rs"]
mod chapter;
#[path = "pure/life.rs"]
mod life;
#[path = "pure/words.rs"]
mod words;

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, SamplingMode, Throughput};
use hydra_bus::wire as bus;
use hydra_events::Recorded;
use hydra_events::record::{Line, chain};
use hydra_projections::VIEWS;

use life::Life;

const WARM_UP: Duration = Duration::from_millis(500);
const MEASURED: Duration = Duration::from_secs(2);
const SAMPLES: usize = 40;

/// Those that decide most often, and those that decide most at once.
const DECIDERS: [&str; 4] = ["chapter", "cluster", "image", "scene"];

fn main() {
    let events = chapter::recorded();
    let lives = life::of(&events);
    let criterion =
        Criterion::default().warm_up_time(WARM_UP).measurement_time(MEASURED).sample_size(SAMPLES);
    let mut criterion = criterion.configure_from_args();
    encode(&mut group(&mut criterion, "encode"), &events);
    decode(&mut group(&mut criterion, "decode"), &events);
    chained(&mut group(&mut criterion, "hash"), &events);
    decide(&mut group(&mut criterion, "decide"), &lives);
    evolve(&mut group(&mut criterion, "evolve"), &lives);
    fold(&mut group(&mut criterion, "fold"), &lives);
    project(&mut group(&mut criterion, "project"), &events);
    criterion.final_summary();
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    // A whole chapter takes milliseconds: samples that grow would take longer than there is time.
    group.sampling_mode(SamplingMode::Flat);
    group
}

/// Measures `work` on each of `items`.
fn each<T>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, items: &[T], work: impl Fn(&T)) {
    group.throughput(Throughput::Elements(items.len() as u64));
    group
        .bench_function(name, |bencher| bencher.iter(|| items.iter().for_each(|item| work(black_box(item)))));
}

/// A fact as the log keeps it, as a tape and the desk carry it, and as the bus carries it.
fn encode(group: &mut BenchmarkGroup<'_, WallTime>, events: &[Recorded]) {
    let typed: Vec<words::Typed> = events.iter().map(words::typed).collect();
    each(group, "payload", &typed, |event| drop(black_box(event.encode())));
    each(group, "line", events, |event| drop(black_box(line(event))));
    each(group, "message", events, |event| drop(black_box(bus::headers(event))));
}

fn decode(group: &mut BenchmarkGroup<'_, WallTime>, events: &[Recorded]) {
    each(group, "payload", events, |event| drop(black_box(words::typed(event))));
    let lines: Vec<Vec<u8>> = events.iter().map(line).collect();
    each(group, "line", &lines, |line| {
        let line: Line = rmp_serde::from_slice(line).unwrap();
        drop(black_box(Recorded::from(line)));
    });
    let headers = |event: &Recorded| bus::headers(event).into_iter().collect::<HashMap<_, _>>();
    let messages: Vec<_> = events.iter().map(|event| (headers(event), bus::body(event))).collect();
    each(group, "message", &messages, |(headers, body)| {
        drop(black_box(bus::read(|name| headers.get(name).map(String::as_str), body).unwrap()));
    });
}

fn line(event: &Recorded) -> Vec<u8> {
    rmp_serde::to_vec_named(&Line::from(event)).unwrap()
}

fn chained(group: &mut BenchmarkGroup<'_, WallTime>, events: &[Recorded]) {
    each(group, "record", events, |event| {
        black_box(chain::hash(&chain::GENESIS, event));
    });
}

/// Whole lives are decided again, command by command, as `hydra verify` does.
fn decide(group: &mut BenchmarkGroup<'_, WallTime>, lives: &[Life]) {
    for category in DECIDERS {
        let lives: Vec<&Life> = lives.iter().filter(|life| life.category() == category).collect();
        group.throughput(Throughput::Elements(lives.iter().map(|life| life.commands()).sum()));
        group.bench_function(category, |bencher| {
            bencher.iter(|| lives.iter().for_each(|life| drop(black_box(life.decide()))));
        });
    }
}

/// One event more on the longest stream.
fn evolve(group: &mut BenchmarkGroup<'_, WallTime>, lives: &[Life]) {
    let longest = life::longest(lives);
    let (before, last) = longest.before_the_last();
    group.throughput(Throughput::Elements(1));
    group.bench_function(longest.category(), |bencher| {
        let evolve = |aggregate: &mut Box<_>| life::evolve(aggregate, black_box(last));
        bencher.iter_batched_ref(|| before.copy(), evolve, BatchSize::SmallInput);
    });
}

/// The longest stream, and all of them.
fn fold(group: &mut BenchmarkGroup<'_, WallTime>, lives: &[Life]) {
    let longest = life::longest(lives);
    group.throughput(Throughput::Elements(longest.events()));
    group.bench_function(longest.category(), |bencher| bencher.iter(|| black_box(longest.fold())));
    group.throughput(Throughput::Elements(lives.iter().map(Life::events).sum()));
    group.bench_function("all", |bencher| {
        bencher.iter(|| lives.iter().for_each(|life| drop(black_box(life.fold()))));
    });
}

/// What every event changes in each view.
fn project(group: &mut BenchmarkGroup<'_, WallTime>, events: &[Recorded]) {
    for view in VIEWS {
        each(group, view.name, events, |event| drop(black_box((view.apply)(event).unwrap())));
    }
}
