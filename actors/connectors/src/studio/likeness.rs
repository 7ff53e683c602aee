//! Likeness of wording, without any model: a text becomes a vector by the words and pieces of words in it.
//!
//! Each word, and each run of three or four letters in it, is hashed to one component and a sign (feature hashing:
//! Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009); what comes often counts by the square
//! root of how often, and the whole is scaled to length 1. Two texts are near where they use the same words, in whatever
//! order or form. **It measures wording, not meaning**: "sea" and "ocean" have nothing in common here. The numbers are
//! the same on every machine: additions in one order, square roots and divisions, each rounded as IEEE 754 has it.

use std::collections::BTreeMap;

/// The name: the dimension is part of it, as is the version of the recipe.
pub const MODEL: &str = "studio-hash-256-v1";
/// Components of each vector.
pub const DIMENSION: usize = 256;

/// Short words, such as articles, say less.
const SHORT: usize = 3;
const LONG_WORD: u32 = 4;
const SHORT_WORD: u32 = 1;
const PIECE: u32 = 1;
/// Letters of a piece.
const PIECES: [usize; 2] = [3, 4];

/// The vector of a text; all zero where there is no letter and no digit in it.
pub fn vector(text: &str) -> Vec<f32> {
    let mut sums = [0.0_f64; DIMENSION];
    // In the order of the features, so that the sums are rounded alike everywhere.
    for (feature, weight) in features(text) {
        let hash = blake3::hash(feature.as_bytes());
        let [low, high, sign, ..] = *hash.as_bytes();
        let value = f64::from(weight).sqrt();
        sums[usize::from(u16::from_le_bytes([low, high])) % DIMENSION] +=
            if sign & 1 == 0 { value } else { -value };
    }
    let length = sums.iter().map(|sum| sum * sum).sum::<f64>().sqrt();
    let scale = if length > 0.0 { length } else { 1.0 };
    sums.iter().map(|sum| (sum / scale) as f32).collect()
}

/// The words and pieces of words, each with how much it counts.
fn features(text: &str) -> BTreeMap<String, u32> {
    let lower = text.to_lowercase();
    let mut found = BTreeMap::new();
    for word in lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let letters: Vec<char> = word.chars().collect();
        let weight = if letters.len() > SHORT { LONG_WORD } else { SHORT_WORD };
        *found.entry(format!("word {word}")).or_insert(0) += weight;
        for size in PIECES {
            for piece in letters.windows(size) {
                *found.entry(format!("piece {}", piece.iter().collect::<String>())).or_insert(0) += PIECE;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(one: &str, other: &str) -> f32 {
        vector(one).iter().zip(vector(other)).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn words_count_and_not_their_order_or_case() {
        let keeper = "Lighthouse keeper in a blue coat";
        assert!(likeness(keeper, "a blue COAT, in keeper lighthouse!") > 0.999);
        assert!(likeness(keeper, "the keepers of lighthouses wore blue coats") > 0.5);
        assert!(likeness(keeper, "soup on the stove") < 0.3);
    }

    #[test]
    fn a_vector_has_length_one_and_a_text_without_words_none() {
        let length: f32 = vector("灯台守は青い外套").iter().map(|number| number * number).sum();
        assert!((length - 1.0).abs() < 1e-5, "{length}");
        assert_eq!(vector("— … !"), vec![0.0; DIMENSION]);
    }

    #[test]
    fn the_numbers_are_the_same_on_every_machine() {
        let bytes: Vec<u8> =
            vector("The lamp went out at midnight.").iter().flat_map(|number| number.to_le_bytes()).collect();
        assert_eq!(&blake3::hash(&bytes).to_hex()[..16], "e1cb278b77213e03");
    }
}
