//! Every payload that has landed stays readable: one file per event and command type and version, under
//! `events/corpus/`, decoded and encoded again.
//!
//! A type without a file is written one from its sample with `HYDRA_WRITE_CORPUS=1 cargo test -p hydra-events --test
//! corpus`; a file that is there is never written again. If a test here fails after a change to the vocabulary, the
//! change needs a new schema version, an upcaster and a new file.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, also in the functions they share")]

mod archivist;
mod artist;
mod curator;
mod director;
mod effect;
mod samples;
mod scheduler;
mod steward;
mod voice;
mod writer;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use hydra_events::EventType;
use hydra_events::upcast::newest;
use hydra_events::vocabulary::{CATEGORIES, variant_names};
use hydra_events::wire::{self, Vocabulary};
use schemars::SchemaGenerator;
use serde_json::Value;

/// The commands or the events of one category, without their type.
struct Words {
    folder: &'static str,
    category: &'static str,
    names: fn() -> Vec<String>,
    samples: Vec<(EventType, Vec<u8>)>,
    recode: fn(&EventType, &[u8]) -> Vec<u8>,
}

/// The vocabulary `V` of `category`, with one sample of each of its variants.
fn words<V: Vocabulary>(folder: &'static str, category: &'static str, samples: &[V]) -> Words {
    let samples = samples.iter().map(|value| wire::encode(category, value).unwrap()).collect();
    let names = || variant_names(V::json_schema(&mut SchemaGenerator::default()).as_value());
    let recode = |kind: &EventType, payload: &[u8]| {
        let value: V = wire::decode(kind, payload).unwrap_or_else(|error| panic!("{error}"));
        let (again, payload) = wire::encode(kind.category(), &value).unwrap();
        assert_eq!(&again, kind);
        payload
    };
    Words { folder, category, names, samples, recode }
}

fn vocabularies() -> Vec<Words> {
    let by_actor = [
        director::all(),
        writer::all(),
        artist::all(),
        curator::all(),
        voice::all(),
        archivist::all(),
        scheduler::all(),
        steward::all(),
        effect::all(),
    ];
    by_actor.into_iter().flatten().collect()
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn file_of(words: &Words, kind: &EventType) -> PathBuf {
    corpus().join(words.folder).join(format!("{kind}.json"))
}

#[test]
fn every_category_is_in_the_corpus() {
    let of = |folder: &str| -> BTreeSet<&str> {
        vocabularies().iter().filter(|words| words.folder == folder).map(|words| words.category).collect()
    };
    let known: BTreeSet<&str> = CATEGORIES.iter().map(|category| category.name).chain(["effect"]).collect();
    assert_eq!((of("events"), of("commands")), (known.clone(), known));
}

#[test]
fn every_type_has_one_sample_and_a_file_of_its_newest_version() {
    let mut wrong = Vec::new();
    for words in vocabularies() {
        let sampled = || words.samples.iter().map(|(kind, _)| kind.name().to_owned());
        let names: BTreeSet<String> = (words.names)().into_iter().collect();
        let missing = names.difference(&sampled().collect()).cloned().collect::<Vec<_>>();
        wrong.extend(missing.iter().map(|name| format!("{}.{name} has no sample", words.category)));
        assert_eq!(
            sampled().count() + missing.len(),
            names.len(),
            "two samples of one type of {}",
            words.category
        );
        for (kind, payload) in &words.samples {
            let file = file_of(&words, kind);
            if !file.exists() && std::env::var_os("HYDRA_WRITE_CORPUS").is_some() {
                write(&file, payload);
            }
            if !file.exists() {
                wrong.push(format!("{kind} has no file"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}: see the head of this test", wrong.join(", "));
}

fn write(file: &Path, payload: &[u8]) {
    let value: Value = serde_json::from_slice(payload).unwrap();
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, format!("{value:#}\n")).unwrap();
}

#[test]
fn every_payload_that_has_landed_is_read_and_written_as_it_was() {
    let mut read = 0;
    let vocabularies = vocabularies();
    for folder in ["events", "commands"] {
        for file in fs::read_dir(corpus().join(folder)).unwrap() {
            let file = file.unwrap().path();
            let kind: EventType = file.file_stem().unwrap().to_str().unwrap().parse().unwrap();
            let owner = |words: &&Words| words.folder == folder && words.category == kind.category();
            let words = vocabularies.iter().find(owner).unwrap_or_else(|| panic!("{kind} belongs to nobody"));
            let payload = fs::read(&file).unwrap();
            let (newest, payload) = newest(&kind, &payload).unwrap();
            let again = (words.recode)(&newest, &payload);
            assert_eq!(json(&again), json(&payload), "{kind} is no longer written as it was");
            read += 1;
        }
    }
    let types: usize = vocabularies.iter().map(|words| words.samples.len()).sum();
    assert!(read >= types && types > 100, "{read} files for {types} types");
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}
