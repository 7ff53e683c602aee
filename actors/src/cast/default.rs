//! A profile for a character nobody described: plain, adult, fictional, and different from its neighbour's.
//!
//! All is chosen by the BLAKE3 hash of the id, so the same id looks the same on every machine.

use std::collections::BTreeMap;

use super::{EmotionVoice, Looks, Profile, Style, Voice};

const AGES: [&str; 6] = [
    "adult in the early twenties",
    "adult in the late twenties",
    "adult in the thirties",
    "adult in the forties",
    "adult in the fifties",
    "adult in the sixties",
];
const HAIR: [&str; 12] = [
    "short black hair",
    "long black hair in a braid",
    "curly brown hair",
    "straight brown hair to the chin",
    "cropped grey hair",
    "silver hair tied back",
    "red hair in loose waves",
    "auburn hair under a cap",
    "sandy hair, wind-blown",
    "fair hair pinned up",
    "dark hair with a white streak",
    "shaved head",
];
const FACES: [&str; 10] = [
    "broad cheekbones",
    "a long narrow face",
    "a round friendly face",
    "heavy eyebrows",
    "freckles across the nose",
    "a crooked nose",
    "deep laughter lines",
    "a small scar on the chin",
    "a strong jaw",
    "hollow cheeks",
];
const EYES: [&str; 6] = ["brown eyes", "dark eyes", "grey eyes", "green eyes", "hazel eyes", "blue eyes"];
const BUILDS: [&str; 5] =
    ["tall and lean", "short and sturdy", "of middle height", "broad-shouldered", "slight"];
const CLOTHING: [&str; 12] = [
    "a knitted pullover and canvas trousers",
    "a long woollen coat over a plain shirt",
    "a rolled-sleeve work shirt with braces",
    "a waxed jacket and heavy boots",
    "a linen tunic with a leather belt",
    "a buttoned waistcoat and a neckerchief",
    "a plain high-collared dress",
    "a quilted vest over a striped shirt",
    "a shawl over a dark blouse and skirt",
    "a faded travelling cloak",
    "a neat grey suit without a tie",
    "a patched corduroy jacket",
];
const PALETTES: [[&str; 3]; 10] = [
    ["#1b2a49", "#c9b88f", "#7d8ca3"],
    ["#5b2a2a", "#d9c2a7", "#8a6f4e"],
    ["#24432f", "#e0d6b8", "#8aa37d"],
    ["#3a2f4f", "#d8c8d8", "#94759c"],
    ["#2e4a52", "#e6d3b3", "#c27d4a"],
    ["#4a3a24", "#efe3c8", "#a8873f"],
    ["#1f3b3f", "#b9d0cd", "#d98e6a"],
    ["#432434", "#e3c5c0", "#a35c6b"],
    ["#2b2f36", "#d3d6da", "#8f7f5a"],
    ["#30475e", "#f0e0cf", "#c05746"],
];
const LIGHTING: [&str; 4] = ["soft window light", "overcast daylight", "warm lamplight", "low evening sun"];
const MOODS: [&str; 5] = ["attentive", "reserved", "open", "wry", "thoughtful"];
const PITCHES: [i32; 5] = [-8, -4, 0, 4, 8];
const SPEEDS: [f64; 3] = [0.95, 1.0, 1.05];

/// The profile of a character without one; equal ids get equal profiles.
///
/// The voice has no `voice_id`: which voice the engine then takes is the engine's choice.
#[must_use]
pub fn default_profile(id: &str, name: &str) -> Profile {
    let hash = blake3::hash(id.as_bytes());
    let bytes = hash.as_bytes();
    let looks = Looks {
        traits: vec![
            pick(&AGES, bytes[0]).to_owned(),
            pick(&BUILDS, bytes[1]).to_owned(),
            pick(&HAIR, bytes[2]).to_owned(),
            pick(&EYES, bytes[3]).to_owned(),
            pick(&FACES, bytes[4]).to_owned(),
        ],
        clothing: pick(&CLOTHING, bytes[5]).to_owned(),
        palette: pick(&PALETTES, bytes[6]).map(str::to_owned).to_vec(),
    };
    let style =
        Style { lighting: pick(&LIGHTING, bytes[7]).to_owned(), mood: pick(&MOODS, bytes[8]).to_owned() };
    let voice = default_voice(pick(&SPEEDS, bytes[9]), pick(&PITCHES, bytes[10]));
    Profile { name: name.to_owned(), looks, style, voice, ..Profile::default() }
}

fn pick<T: Copy, const N: usize>(choices: &[T; N], byte: u8) -> T {
    choices[usize::from(byte) % N]
}

fn default_voice(speed: f64, pitch_shift: i32) -> Voice {
    let change = |emotion: &str, speed: f64, pitch: i32| {
        let change = EmotionVoice { speed: Some(speed), pitch: Some(pitch_shift + pitch) };
        (emotion.to_owned(), change)
    };
    let emotion_mapping = BTreeMap::from([
        change("angry", 1.1, 4),
        change("afraid", 1.15, 6),
        change("sad", 0.9, -4),
        change("tired", 0.85, -5),
    ]);
    Voice { voice_id: None, speed, pitch_shift, emotion_mapping }
}
