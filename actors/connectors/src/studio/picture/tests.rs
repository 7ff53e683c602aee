//! What holds for every picture, checked at small sizes.

use super::{PictureBrief, PictureError, Subject, render};

const SMALL: (u32, u32) = (320, 180);
const SMALL_BUST: (u32, u32) = (280, 360);
const EXPRESSIONS: [&str; 10] =
    ["neutral", "happy", "sad", "angry", "afraid", "surprised", "tender", "tired", "determined", "amused"];

fn brief(subject: Subject) -> PictureBrief {
    PictureBrief { subject, lighting: String::new(), mood: String::new(), prompt: String::new() }
}

fn place(place: &str, time: &str, interior: &str) -> PictureBrief {
    brief(Subject::Background { place: place.into(), time_of_day: time.into(), interior: interior.into() })
}

fn bust(character: &str, outfit: &str, expression: &str) -> PictureBrief {
    brief(Subject::Bust {
        character: character.into(),
        traits: vec!["tall".into(), "grey beard".into()],
        clothing: "coat".into(),
        palette: vec![],
        outfit: outfit.into(),
        expression: expression.into(),
    })
}

fn pixels(brief: &PictureBrief, seed: u64, size: (u32, u32)) -> Vec<u8> {
    let bytes = render(brief, seed, size).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    assert_eq!(reader.info().size(), size);
    let mut data = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut data).unwrap();
    data
}

/// Mean difference of two pictures per channel within some rows.
fn difference(a: &[u8], b: &[u8], size: (u32, u32), rows: std::ops::Range<usize>) -> f64 {
    let row = size.0 as usize * 4;
    let part = rows.start * row..rows.end * row;
    let sum: u64 = a[part.clone()].iter().zip(&b[part.clone()]).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / part.len() as f64
}

/// Share of pixels where both or neither have an edge to the right.
fn edges_agree(a: &[u8], b: &[u8]) -> f64 {
    let edges = |data: &[u8]| -> Vec<bool> {
        data.chunks_exact(4).zip(data.chunks_exact(4).skip(1)).map(|(p, q)| p[1].abs_diff(q[1]) > 9).collect()
    };
    let (a, b) = (edges(a), edges(b));
    let (mut both, mut either) = (0, 0);
    for (a, b) in a.iter().zip(&b) {
        both += i32::from(*a && *b);
        either += i32::from(*a || *b);
    }
    f64::from(both) / f64::from(either.max(1))
}

#[test]
fn the_same_brief_and_seed_give_the_same_bytes() {
    for brief in [place("harbour", "dusk", ""), place("", "", "interior"), bust("keeper", "", "sad")] {
        assert_eq!(render(&brief, 5, SMALL).unwrap(), render(&brief, 5, SMALL).unwrap());
    }
}

#[test]
fn another_seed_gives_another_picture() {
    for brief in [place("harbour", "dusk", ""), place("kitchen", "", ""), bust("keeper", "", "sad")] {
        assert_ne!(render(&brief, 5, SMALL).unwrap(), render(&brief, 6, SMALL).unwrap());
    }
}

#[test]
fn every_known_word_draws_an_opaque_background_inside_and_outside() {
    for (stems, _) in super::cues::CUES {
        for interior in ["interior", "exterior"] {
            let data = pixels(&place(stems[0], "night", interior), 1, (160, 90));
            assert!(data.chunks_exact(4).all(|pixel| pixel[3] == 255), "{stems:?} {interior}");
        }
    }
}

#[test]
fn the_same_place_at_another_hour_keeps_its_layout_and_changes_its_light() {
    for name in ["lighthouse", "city street", "kitchen"] {
        let day = pixels(&place(name, "day", ""), 3, SMALL);
        let dusk = pixels(&place(name, "dusk", ""), 3, SMALL);
        let elsewhere = pixels(&place(name, "dusk", ""), 4, SMALL);
        assert!(edges_agree(&day, &dusk) > edges_agree(&day, &elsewhere) * 1.5, "{name}");
        assert!(difference(&day, &dusk, SMALL, 0..180) > 8.0, "{name}");
    }
}

#[test]
fn a_bust_is_transparent_around_the_person_and_solid_within() {
    let data = pixels(&bust("keeper", "", "neutral"), 1, SMALL_BUST);
    let alpha = |x: usize, y: usize| data[(y * 280 + x) * 4 + 3];
    assert_eq!([alpha(0, 0), alpha(279, 0), alpha(2, 120)], [0; 3]);
    assert_eq!([alpha(140, 150), alpha(140, 340)], [255; 2]);
}

#[test]
fn all_ten_expressions_look_different() {
    let faces = EXPRESSIONS.map(|name| pixels(&bust("keeper", "", name), 1, SMALL_BUST));
    for (i, a) in faces.iter().enumerate() {
        for (k, b) in faces.iter().enumerate().skip(i + 1) {
            let seen = difference(a, b, SMALL_BUST, 100..240);
            assert!(seen > 0.5, "{} and {} differ by {seen}", EXPRESSIONS[i], EXPRESSIONS[k]);
        }
    }
}

#[test]
fn another_outfit_changes_the_clothes_and_hardly_the_face() {
    let usual = pixels(&bust("keeper", "work", "neutral"), 1, SMALL_BUST);
    let feast = pixels(&bust("keeper", "feast", "neutral"), 1, SMALL_BUST);
    assert!(difference(&usual, &feast, SMALL_BUST, 0..180) < 0.1);
    assert!(difference(&usual, &feast, SMALL_BUST, 270..360) > 4.0);
}

#[test]
fn a_size_out_of_bounds_is_refused() {
    for size in [(0, 100), (100, 15), (5000, 100)] {
        let result = render(&place("sea", "", ""), 1, size);
        assert!(matches!(result, Err(PictureError::Size { .. })), "{size:?}");
    }
}

#[test]
fn long_and_strange_words_are_ignored() {
    let strange = "ß∂ƒ 🦀\u{0} #zzz ".repeat(4000);
    let mut odd = bust(&strange, &strange, &strange);
    odd.lighting = strange.clone();
    odd.prompt = strange.clone();
    assert_eq!(pixels(&odd, 1, (64, 64)).len(), 64 * 64 * 4);
    assert_eq!(pixels(&place(&strange, &strange, &strange), 1, (64, 64)).len(), 64 * 64 * 4);
}
