//! What a painter promises: a picture that can be made again.

use super::{Outcome, background, break_off, bust, evident, refused};
use crate::ports::Painter;

const KEY: &str = "image-contract/render-1";
const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];

/// Byte for byte, whatever the key of the effect.
pub async fn the_same_request_gives_the_same_bytes<P: Painter>(painter: &P) -> Outcome {
    for brief in [bust("keeper", "sad"), background("harbour", "dusk")] {
        let first = painter.paint(&brief, 5, KEY).await?;
        let again = painter.paint(&brief, 5, KEY).await?;
        assert!(first.bytes == again.bytes, "{} drew it otherwise", first.engine);
        assert_eq!(first.request, again.request);
    }
    Ok(())
}

/// That is what a rejected picture is tried again with.
pub async fn another_seed_is_another_picture<P: Painter>(painter: &P) -> Outcome {
    for brief in [bust("keeper", "sad"), background("harbour", "dusk")] {
        let one = painter.paint(&brief, 5, KEY).await?;
        let other = painter.paint(&brief, 6, KEY).await?;
        assert!(one.bytes != other.bytes, "the seed changes nothing");
    }
    Ok(())
}

/// What a brief says is seen.
pub async fn another_expression_place_or_hour_is_another_picture<P: Painter>(painter: &P) -> Outcome {
    let pairs = [
        (bust("keeper", "sad"), bust("keeper", "happy")),
        (bust("keeper", "sad"), bust("sailor", "sad")),
        (background("harbour", "dusk"), background("harbour", "day")),
        (background("harbour", "dusk"), background("forest", "dusk")),
    ];
    for (one, other) in pairs {
        let told = format!("{:?} and {:?}", one.shows, other.shows);
        let (one, other) = (painter.paint(&one, 5, KEY).await?, painter.paint(&other, 5, KEY).await?);
        assert!(one.bytes != other.bytes, "{told} look the same");
    }
    Ok(())
}

/// Width and height as the header has them.
pub async fn a_picture_is_a_png_of_the_size_that_was_asked_for<P: Painter>(painter: &P) -> Outcome {
    for size in [(112, 144), (144, 112), (64, 64)] {
        let mut brief = bust("keeper", "sad");
        (brief.width, brief.height) = size;
        let bytes = painter.paint(&brief, 5, KEY).await?.bytes;
        assert_eq!(bytes.get(..8), Some(&SIGNATURE[..]), "no PNG");
        let number = |at: usize| bytes[at..at + 4].iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
        assert_eq!((number(16), number(20)), size);
    }
    Ok(())
}

/// Engine, version, seed and brief.
pub async fn a_picture_says_what_made_it_and_from_what<P: Painter>(painter: &P) -> Outcome {
    let brief = bust("keeper", "sad");
    let product = painter.paint(&brief, 71_043, KEY).await?;
    evident(&product, "image/png", "71043");
    evident(&product, "image/png", &brief.prompt);
    Ok(())
}

/// Nothing is drawn smaller or larger than it was asked for.
pub async fn a_size_nobody_can_draw_is_refused_by_its_number<P: Painter>(painter: &P) -> Outcome {
    for (width, height) in [(0, 144), (112, 0), (1_000_000, 144), (112, u32::MAX)] {
        let mut brief = bust("keeper", "sad");
        (brief.width, brief.height) = (width, height);
        let wrong = if (16..=4096).contains(&width) { height } else { width };
        refused(painter.paint(&brief, 5, KEY).await, &wrong.to_string());
    }
    Ok(())
}

/// A brief is written by people.
pub async fn words_nobody_knows_are_drawn_all_the_same<P: Painter>(painter: &P) -> Outcome {
    let strange = "ß∂ƒ 🦀\u{0} #zzz \"'; --".repeat(50);
    for mut brief in [bust(&strange, &strange), background(&strange, &strange)] {
        brief.traits = vec![strange.clone(), String::new()];
        brief.palette = vec![strange.clone()];
        (brief.lighting, brief.mood, brief.prompt) = (strange.clone(), String::new(), strange.clone());
        assert!(!painter.paint(&brief, 5, KEY).await?.bytes.is_empty());
    }
    Ok(())
}

/// Nothing half made is ever found by the next call.
pub async fn a_call_that_is_broken_off_leaves_the_next_one_whole<P: Painter>(painter: &P) -> Outcome {
    let whole = painter.paint(&bust("keeper", "sad"), 5, KEY).await?;
    break_off(painter.paint(&bust("keeper", "angry"), 5, KEY));
    break_off(painter.paint(&bust("keeper", "sad"), 5, KEY));
    assert!(painter.paint(&bust("keeper", "sad"), 5, KEY).await?.bytes == whole.bytes);
    Ok(())
}
