//! The ten expressions a character can wear; scripts, portraits and voices know no others.

/// The ten emotions, in their fixed order.
pub const EMOTIONS: [&str; 10] =
    ["neutral", "happy", "sad", "angry", "afraid", "surprised", "tender", "tired", "determined", "amused"];

/// Whether `word` is one of the ten, spelled as they are.
#[must_use]
pub fn is_emotion(word: &str) -> bool {
    EMOTIONS.contains(&word)
}
