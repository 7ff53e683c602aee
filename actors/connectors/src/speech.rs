//! The built-in voices: espeak-ng where it is installed, and syllable blips that always work.
//!
//! A laptop without a speech model still gets a spoken chapter. Both engines take the same brief and
//! return the same thing, a 16-bit mono WAV with a correct header; both are deterministic, so the same
//! brief gives the same bytes. Nothing here pretends to be a model: [`Spoken::engine`] says who spoke.
//!
//! What can go wrong: espeak-ng is missing, killed, slow or of another mind about a voice. See
//! [`SpeechError`], and its [`kind`](SpeechError::kind) for whether another try may help.

mod blip;
mod error;
mod espeak;
mod melody;
mod mood;
mod text;
mod voices;
pub mod wav;

pub use blip::BlipEngine;
pub use error::{ErrorKind, SpeechError};
pub use espeak::EspeakEngine;
pub use mood::Mood;

/// The longest text that is spoken in one go, in characters.
pub const TEXT_CHARS_MAX: usize = 5_000;

/// The largest WAV that is ever returned, in bytes (about 25 minutes).
pub const WAV_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How long a line without anything to speak lasts ("…", "?!"), in milliseconds.
pub const SILENCE_MS: u64 = 300;

/// How a line is to be spoken.
#[derive(Debug, Clone, PartialEq)]
pub struct VoiceBrief {
    /// A voice by name: one of espeak-ng's (`en-us+f3`), or another engine's (`af_bella`), which then
    /// only tells language and gender. `None` chooses by character.
    pub voice_id: Option<String>,
    /// Tempo, 1.0 is normal; 0.25 to 4.0.
    pub speed: f64,
    /// Pitch in percent: +10 is 10 % higher; -50 to 100.
    pub pitch_shift: f64,
    /// One word for the feeling; what [`Mood::of`] does not know is neutral.
    pub emotion: String,
    /// Who speaks: the same id always gets the same voice.
    pub character: String,
}

/// A spoken line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// RIFF, 16-bit PCM, mono, with correct lengths.
    pub wav: Vec<u8>,
    /// Which engine spoke: `espeak-ng` or `hydra-blip`.
    pub engine: &'static str,
    /// The engine's version.
    pub version: String,
    /// The voice that was used, in the engine's own words.
    pub voice: String,
    /// How long it sounds, rounded down.
    pub duration_ms: u64,
}

/// What both engines understand of a brief, in whole numbers: no floating point beyond this point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Delivery {
    /// Tempo in thousandths of the normal one, the mood's share included.
    tempo_permille: i64,
    /// Pitch in thousandths of the voice's own, the mood's share included.
    pitch_permille: i64,
    mood: Mood,
}

impl Delivery {
    fn of(brief: &VoiceBrief) -> Result<Self, SpeechError> {
        if !(0.25..=4.0).contains(&brief.speed) {
            return Err(SpeechError::Speed(brief.speed));
        }
        if !(-50.0..=100.0).contains(&brief.pitch_shift) {
            return Err(SpeechError::PitchShift(brief.pitch_shift));
        }
        let mood = Mood::of(&brief.emotion);
        let traits = mood.traits();
        let speed = (brief.speed * 1000.0).round() as i64;
        let pitch = 1000 + (brief.pitch_shift * 10.0).round() as i64;
        Ok(Delivery {
            tempo_permille: speed * (100 + traits.tempo_percent) / 100,
            pitch_permille: pitch * (100 + traits.pitch_percent) / 100,
            mood,
        })
    }
}

/// A stable number for a name; the part says what it is used for, so that two choices are independent.
fn pick(part: &str, name: &str, among: usize) -> usize {
    let mut hasher = blake3::Hasher::new();
    hasher.update(part.as_bytes()).update(&[0]).update(name.as_bytes());
    let bytes = *hasher.finalize().as_bytes();
    let number =
        u64::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]]);
    (number % among.max(1) as u64) as usize
}

/// A line that has text but nothing to say.
fn silence(engine: &'static str, version: String, voice: String) -> Spoken {
    let samples = vec![0; (u64::from(wav::RATE) * SILENCE_MS / 1000) as usize];
    Spoken { wav: wav::write(wav::RATE, &samples), engine, version, voice, duration_ms: SILENCE_MS }
}
