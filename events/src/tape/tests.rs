//! What is put on a tape comes off again, and damage at every kind of place is found and named.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, also in the functions they share")]

use std::sync::OnceLock;

use super::line::{EndLine, PieceLine, encode};
use super::section::{Kind, Sections};
use super::*;
use crate::contract::sample::history;
use crate::record::chain;
use crate::record::{Binary, Line};

fn header(records: &[Recorded], carries: Carries) -> Header {
    let (from, to) = (records[0].position, records[records.len() - 1].position);
    let before = (from > 1).then(|| Mark { id: Id::from([7; 16]), hash: ContentHash::from([7; 32]) });
    let (log, made) = (Id::from([1; 16]), Timestamp(1_795_307_034_123_456));
    Header { log, from, to, before, made, code: "c0de".into(), carries }
}

/// A tape with each of `files` before the event of its place.
fn tape(records: &[Recorded], files: &[(usize, Vec<u8>)]) -> (Vec<u8>, Whole) {
    let carries = if files.is_empty() { Carries::Events } else { Carries::Content };
    let mut writer = Writer::try_new(Vec::new(), &header(records, carries)).unwrap();
    for (place, record) in records.iter().enumerate() {
        for (_, file) in files.iter().filter(|(before, _)| *before == place) {
            writer.content(file).unwrap();
        }
        writer.event(record).unwrap();
    }
    writer.finish().unwrap()
}

/// What a tape holds: events, and files by their hash.
type Held = (Vec<Recorded>, Vec<(ContentHash, Vec<u8>)>);

fn read(tape: &[u8]) -> Result<(Held, Whole), TapeError> {
    let mut reader = Reader::try_new(tape)?;
    let (mut events, mut files, mut open) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(part) = reader.part()? {
        match part {
            Part::Events(more) => events.extend(more),
            Part::Piece(piece) => {
                assert_eq!(piece.at, open.len() as u64);
                open.extend(&piece.bytes);
                if piece.is_last() {
                    files.push((piece.hash, std::mem::take(&mut open)));
                }
            }
        }
    }
    Ok(((events, files), reader.whole().unwrap()))
}

/// A tape small enough to try every byte of it.
fn small() -> &'static [u8] {
    static SMALL: OnceLock<Vec<u8>> = OnceLock::new();
    SMALL.get_or_init(|| tape(&history(7), &[(0, b"a file".to_vec()), (5, b"{}".to_vec())]).0)
}

fn wrong(tape: &[u8]) -> TapeError {
    match read(tape) {
        Ok((held, whole)) => panic!("it was taken: {whole:?} {held:?}"),
        Err(error) => error,
    }
}

#[test]
fn what_was_put_on_a_tape_comes_off_as_it_was() {
    let records = history(2_500);
    let noise: Vec<u8> =
        (0..700_000_u64).flat_map(|n| blake3::hash(&n.to_le_bytes()).as_bytes()[..4].to_vec()).collect();
    let files = [(0, Vec::new()), (0, noise), (1_999, vec![b'a'; 1024 * 1024]), (2_000, b"{}".to_vec())];
    let (bytes, whole) = tape(&records, &files);
    let ((events, held), read) = read(&bytes).unwrap();
    assert!(events == records, "the events differ");
    let files = files.map(|(_, file)| (ContentHash::of(&file), file));
    assert!(held == files, "the files differ");
    assert_eq!((read, whole.events, whole.blobs), (whole, 2_500, 4));
    assert_eq!(tape(&records, &[]).0, tape(&records, &[]).0, "the same events make the same tape");
    assert!(tape(&records, &[]).0.len() < 600 * 1024, "a tape is smaller than its events");
}

#[test]
fn a_tape_says_what_it_is_before_anything_else() {
    let records = history(9);
    for part in [&records[..], &records[4..], &records[8..]] {
        let (bytes, _) = tape(part, &[]);
        let mut reader = Reader::try_new(&bytes[..]).unwrap();
        assert_eq!(*reader.header(), header(part, Carries::Events));
        assert_eq!(reader.whole(), None);
        assert_eq!(reader.check().unwrap().events, part.len() as u64);
        assert_eq!(reader.part().unwrap(), None, "after its end it stays at its end");
    }
}

#[test]
fn every_changed_byte_is_found_and_its_section_is_named() {
    for place in 0..small().len() {
        for bit in [1, 0x80] {
            let mut bytes = small().to_vec();
            bytes[place] ^= bit;
            match (place, wrong(&bytes)) {
                (0..10, TapeError::NotATape) => {}
                (10..12, TapeError::Newer { .. } | TapeError::Damaged { .. }) => {}
                (12.., TapeError::Damaged { at, after, .. }) => {
                    assert!(at <= place as u64 && after <= 7, "byte {place}: {at} {after}");
                }
                // A length that has grown reaches beyond the end.
                (12.., TapeError::CutOff { at, .. }) => assert_eq!(at, bytes.len() as u64),
                (_, other) => panic!("byte {place}: {other}"),
            }
        }
    }
}

#[test]
fn a_tape_that_was_cut_off_anywhere_says_where_it_ends() {
    for length in 0..small().len() {
        let error = wrong(&small()[..length]);
        let good = match error {
            TapeError::NotATape => length < 10,
            TapeError::CutOff { at, after } => at == length as u64 && after <= 7,
            TapeError::Newer { .. }
            | TapeError::Damaged { .. }
            | TapeError::Disorder { .. }
            | TapeError::Io(_) => false,
        };
        assert!(good, "{length} bytes: {error}");
    }
    let longer = [small(), b"\n"].concat();
    assert!(matches!(wrong(&longer), TapeError::Damaged { at, after: 7, .. } if at == small().len() as u64));
}

/// Where each section begins, the end of the tape with them.
fn sections(tape: &[u8]) -> Vec<usize> {
    let mut places = vec![12];
    while let Some(&at) = places.last().filter(|at| **at < tape.len()) {
        let stored = u32::from_le_bytes(tape[at + 1..at + 5].try_into().unwrap());
        places.push(at + 41 + stored as usize);
    }
    places
}

#[test]
fn a_section_that_is_missing_doubled_or_moved_is_found() {
    let (bytes, _) = tape(&history(3_000), &[(0, b"one".to_vec()), (9, b"two".to_vec())]);
    let places = sections(&bytes);
    let section = |n: usize| bytes[places[n]..places[n + 1]].to_vec();
    let count = places.len() - 1;
    assert!(count >= 7, "{count} sections");
    let of =
        |order: &[usize]| [bytes[..12].to_vec(), order.iter().flat_map(|n| section(*n)).collect()].concat();
    let all: Vec<usize> = (0..count).collect();
    assert_eq!(of(&all), bytes);
    for n in 0..count - 1 {
        let mut missing = all.clone();
        missing.remove(n);
        let mut doubled = all.clone();
        doubled.insert(n, n);
        let mut moved = all.clone();
        moved.swap(n, n + 1);
        for order in [missing, doubled, moved] {
            let error = wrong(&of(&order));
            assert!(matches!(error, TapeError::Damaged { .. }), "{order:?}: {error}");
        }
    }
}

#[test]
fn what_is_no_tape_and_what_is_newer_is_told_apart() {
    for bytes in [
        &b""[..],
        b"h",
        b"hydra",
        b"Title: Tiny\n\nINT. KITCHEN - DAY\n",
        b"\x89PNG\r\n\x1a\n----",
        b"HYDRA-TAPE\x01\0",
    ] {
        assert!(matches!(wrong(bytes), TapeError::NotATape), "{bytes:?}");
    }
    let newer = [b"hydra-tape\x02\0", &small()[12..]].concat();
    assert!(matches!(wrong(&newer), TapeError::Newer { found: 2 }));
    assert!(wrong(&newer).to_string().contains("newer hydra"));
}

/// Breaks a rule of what may stand where, in records that are all right by themselves.
type Spoil = fn(&mut Vec<Recorded>);

const DISORDERS: [(&str, u64, Spoil); 6] = [
    ("a hole", 5, |records| drop(records.remove(3))),
    ("a payload that was changed", 4, |records| records[3].payload = b"{}".to_vec()),
    ("a version that was left out", 6, |records| {
        records[5].version += 1;
        records[5].hash = chain::hash(&records[2].hash.clone(), &records[5]);
    }),
    ("a time that goes back", 7, |records| records[6].time = Timestamp(0)),
    ("half an append", 3, |records| records[2].command = None),
    ("a control character", 2, |records| records[1].owner = "\u{1b}[2J".into()),
];

#[test]
fn disorder_is_neither_put_on_a_tape_nor_taken_from_one() {
    for (what, place, spoil) in DISORDERS {
        let mut records = history(9);
        let header = header(&records, Carries::Events);
        spoil(&mut records);
        let mut writer = Writer::try_new(Vec::new(), &header).unwrap();
        let refused = records.iter().find_map(|record| writer.event(record).err()).unwrap();
        let taken = wrong(&made_elsewhere(&header, &records));
        for error in [refused, taken] {
            assert!(
                matches!(error, TapeError::Disorder { position, .. } if position == place),
                "{what}: {error}"
            );
        }
    }
}

#[test]
fn a_tape_ends_where_its_header_says() {
    let records = history(9);
    let header = header(&records, Carries::Events);
    let mut writer = Writer::try_new(Vec::new(), &header).unwrap();
    records[..8].iter().for_each(|record| writer.event(record).unwrap());
    assert!(matches!(writer.finish(), Err(TapeError::Disorder { position: 8, .. })));
    let error = wrong(&made_elsewhere(&header, &records[..8]));
    assert!(matches!(&error, TapeError::Damaged { after: 8, .. }), "{error}");
    let shorter = Header { to: 8, ..header };
    let error = wrong(&made_elsewhere(&shorter, &records));
    assert!(matches!(error, TapeError::Disorder { position: 9, .. }), "{error}");
}

/// A tape whose checksums fit, of somebody who looks at nothing.
fn made_elsewhere(header: &Header, records: &[Recorded]) -> Vec<u8> {
    let lines: Vec<Line> = records.iter().map(Line::from).collect();
    let end = EndLine { events: records.len() as u64, blobs: 0 };
    of_sections(&[(Kind::Header, encode(header)), (Kind::Events, encode(&lines)), (Kind::End, encode(&end))])
}

fn of_sections(parts: &[(Kind, Result<Vec<u8>, rmp_serde::encode::Error>)]) -> Vec<u8> {
    let mut sections = Sections::try_new(Vec::new()).unwrap();
    for (kind, bytes) in parts {
        sections.put(*kind, bytes.as_ref().unwrap()).unwrap();
    }
    sections.finish().unwrap().0
}

fn piece(
    hash: ContentHash,
    size: u64,
    at: u64,
    bytes: &[u8],
) -> (Kind, Result<Vec<u8>, rmp_serde::encode::Error>) {
    (Kind::Piece, encode(&PieceLine { hash, size, at, data: Binary(bytes.to_vec()) }))
}

#[test]
fn sections_that_fit_by_their_checksums_must_make_sense_too() {
    let records = history(3);
    let lines = || (Kind::Events, encode(&records.iter().map(Line::from).collect::<Vec<_>>()));
    let end = |blobs| (Kind::End, encode(&EndLine { events: 3, blobs }));
    let head = |carries| (Kind::Header, encode(&header(&records, carries)));
    let with = || head(Carries::Content);
    let (hash, other) = (ContentHash::of(b"file"), ContentHash::of(b"other"));
    let nested = (Kind::Events, Ok(vec![0x91; 100_000]));
    let backwards = Header { from: 3, to: 2, before: None, ..header(&records, Carries::Events) };
    for (what, parts) in [
        ("no header", vec![lines(), end(0)]),
        ("two headers", vec![with(), with(), lines(), end(0)]),
        ("a header that contradicts itself", vec![(Kind::Header, encode(&backwards)), lines(), end(0)]),
        ("a header that is none", vec![lines().1.map(|bytes| (Kind::Header, Ok(bytes))).unwrap()]),
        (
            "a file on a tape without",
            vec![head(Carries::Events), piece(hash, 4, 0, b"file"), lines(), end(1)],
        ),
        ("a file with another hash", vec![with(), piece(other, 4, 0, b"file"), lines(), end(1)]),
        ("a file that ends early", vec![with(), piece(hash, 4, 0, b"fi"), lines(), end(1)]),
        (
            "a file with a hole",
            vec![with(), piece(hash, 4, 0, b"fi"), piece(hash, 4, 3, b"e"), lines(), end(1)],
        ),
        ("a file that is too long", vec![with(), piece(hash, 3, 0, b"file"), lines(), end(1)]),
        ("a file that never ends", vec![with(), piece(hash, 4, 0, b""), lines(), end(1)]),
        ("an enormous file", vec![with(), piece(hash, u64::MAX, 0, b"file"), lines(), end(1)]),
        ("another number of files", vec![with(), lines(), end(1)]),
        (
            "another number of events",
            vec![with(), lines(), (Kind::End, encode(&EndLine { events: 4, blobs: 0 }))],
        ),
        ("what nests without end", vec![with(), nested, end(0)]),
    ] {
        let error = wrong(&of_sections(&parts));
        assert!(matches!(error, TapeError::Damaged { .. }), "{what}: {error}");
    }
    let good = of_sections(&[with(), piece(hash, 4, 0, b"fi"), piece(hash, 4, 2, b"le"), lines(), end(1)]);
    assert_eq!(read(&good).unwrap().0.1, [(hash, b"file".to_vec())]);
}
