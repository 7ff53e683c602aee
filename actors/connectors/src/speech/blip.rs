//! Speech without any engine: one soft tone per syllable, as old games did it.
//!
//! Whole numbers and one drawn curve only, so the same line is the same file on every machine.

use super::melody::{self, Note, Syllable, Vowel};
use super::text::{self, Speakable};
use super::{Delivery, SpeechError, Spoken, VoiceBrief, WAV_BYTES_MAX, pick, silence, wav};

const NAME: &str = "hydra-blip";

/// Raised when a change makes other bytes of the same brief.
const VERSION: &str = "1";

const RATE: i64 = wav::RATE as i64;
const LEAD_MS: i64 = 30;
const TAIL_MS: i64 = 150;
const HARMONICS: usize = 6;

/// Syllable blips; needs nothing and always works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BlipEngine;

/// What makes a character recognisable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Timbre {
    name: &'static str,
    /// The strength of each harmonic, in percent.
    harmonics: [i64; HARMONICS],
}

/// A flute has little above its tone, a reed much; the others lie between.
const TIMBRES: [Timbre; 5] = [
    Timbre { name: "flute", harmonics: [100, 35, 12, 5, 0, 0] },
    Timbre { name: "horn", harmonics: [100, 70, 45, 20, 8, 3] },
    Timbre { name: "clarinet", harmonics: [100, 10, 60, 8, 30, 4] },
    Timbre { name: "bell", harmonics: [100, 20, 10, 45, 5, 15] },
    Timbre { name: "reed", harmonics: [90, 80, 70, 45, 30, 18] },
];

/// A character's voice after the brief was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Voice {
    timbre: Timbre,
    /// The pitch that 1000 permille means, in thousandths of a hertz.
    millihertz: i64,
}

impl BlipEngine {
    /// Speaks one line. Fails only for what no engine could speak: see [`SpeechError`].
    pub fn speak(&self, text: &str, brief: &VoiceBrief) -> Result<Spoken, SpeechError> {
        let delivery = Delivery::of(brief)?;
        let (timbre, hertz) = voice_of(brief);
        let name = format!("{}-{hertz}", timbre.name);
        let words = match text::clean(text)? {
            Speakable::Words(words) => words,
            Speakable::Nothing => return Ok(silence(NAME, VERSION.to_owned(), name)),
        };
        let voice = Voice { timbre, millihertz: hertz * delivery.pitch_permille };
        let notes = melody::notes(&words, delivery.mood.traits().swing_percent);
        let mut samples = render(&notes, voice, delivery.tempo_permille)?;
        wav::normalise(&mut samples, delivery.mood.traits().peak_permille);
        let duration_ms = samples.len() as u64 * 1000 / u64::from(wav::RATE);
        let wav = wav::write(wav::RATE, &samples);
        Ok(Spoken { wav, engine: NAME, version: VERSION.to_owned(), voice: name, duration_ms })
    }
}

/// Timbre and pitch in hertz: by the wished voice where there is one, else by the character.
fn voice_of(brief: &VoiceBrief) -> (Timbre, i64) {
    let wish = brief.voice_id.as_deref().map(str::trim).filter(|id| !id.is_empty());
    let key = wish.unwrap_or(&brief.character);
    let timbre = TIMBRES[pick("timbre", key, TIMBRES.len())];
    (timbre, 150 + 6 * pick("hertz", key, 31) as i64)
}

fn render(notes: &[Note], voice: Voice, tempo_permille: i64) -> Result<Vec<i16>, SpeechError> {
    let length = |ms: i64| ms * RATE / tempo_permille.max(1);
    let total: i64 = notes
        .iter()
        .map(|note| match note {
            Note::Syllable(tone) => length(tone.ms),
            Note::Rest { ms } => length(*ms),
        })
        .sum();
    let edges = (LEAD_MS + TAIL_MS) * RATE / 1000;
    if (total + edges) * 2 + 44 > WAV_BYTES_MAX as i64 {
        return Err(SpeechError::SoundTooLarge);
    }
    let mut out = vec![0; (LEAD_MS * RATE / 1000) as usize];
    for note in notes {
        match note {
            Note::Syllable(tone) => sound(tone, voice, length(tone.ms), &mut out),
            Note::Rest { ms } => out.resize(out.len() + length(*ms) as usize, 0),
        }
    }
    out.resize(out.len() + (TAIL_MS * RATE / 1000) as usize, 0);
    Ok(out)
}

/// Adds one tone: harmonics under an envelope, with a pitch that glides.
fn sound(tone: &Syllable, voice: Voice, length: i64, out: &mut Vec<i16>) {
    let weights = weights(voice.timbre, tone.vowel);
    let start = voice.millihertz * tone.pitch_permille / 1000;
    let mut phase: u32 = 0;
    for at in 0..length {
        let millihertz = start + start * tone.glide_permille / 1000 * at / length;
        phase = phase.wrapping_add(((millihertz << 32) / (1000 * RATE)) as u32);
        let mut sum = 0;
        for (place, weight) in weights.iter().enumerate() {
            sum += sine(phase.wrapping_mul(place as u32 + 1)) * weight;
        }
        // At most 6 harmonics of 32,767 × 100 × 130 per cent each: an eighth of them stays inside 16 bits.
        let level = sum / (100 * 100 * 8) * envelope(at, length) / 4096 * tone.loud_permille / 1000;
        out.push(level.clamp(-32_767, 32_767) as i16);
    }
}

/// The strength of each harmonic, percent of percent: vowels stress different ones, as a mouth does.
fn weights(timbre: Timbre, vowel: Vowel) -> [i64; HARMONICS] {
    let mouth: [i64; HARMONICS] = match vowel {
        Vowel::A => [80, 110, 130, 120, 60, 40],
        Vowel::E => [90, 130, 80, 60, 110, 90],
        Vowel::I => [110, 70, 30, 40, 90, 130],
        Vowel::O => [100, 130, 90, 40, 20, 10],
        Vowel::U => [130, 80, 30, 15, 10, 5],
    };
    std::array::from_fn(|place| timbre.harmonics[place] * mouth[place])
}

/// A sine of full scale (±32,767) for a phase of which 2^32 is one turn: the parabola through the sine's
/// zeros and peaks, and its square mixed in to bring the worst error under half a percent.
fn sine(phase: u32) -> i64 {
    let x = i64::from((phase as i32) >> 16);
    let parabola = 4 * x * (32_768 - x.abs()) / 32_768;
    let square = parabola * parabola.abs() / 32_768;
    ((parabola * 775 + square * 225) / 1000).clamp(-32_767, 32_767)
}

/// Rise over 12 ms, slow decay, soft end; 4096 is full.
fn envelope(at: i64, length: i64) -> i64 {
    let rise = (12 * RATE / 1000).min(length / 3).max(1);
    let fall = (length * 45 / 100).max(1);
    let body = 4096 - 1200 * at / length.max(1);
    let up = smooth(at, rise);
    let down = smooth(length - at, fall);
    body * up / 4096 * down / 4096
}

/// An S-shaped way from 0 to 4096 over `span`.
fn smooth(at: i64, span: i64) -> i64 {
    let x = (at * 4096 / span).clamp(0, 4096);
    x * x / 4096 * (3 * 4096 - 2 * x) / 4096
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_is_a_sine_within_half_a_percent() {
        for step in 0..1024u32 {
            let exact = (f64::from(step) / 1024.0 * std::f64::consts::TAU).sin() * 32_767.0;
            let drawn = sine(step << 22) as f64;
            assert!((exact - drawn).abs() < 164.0, "{step}: {exact} {drawn}");
        }
    }

    #[test]
    fn a_tone_begins_and_ends_in_silence() {
        assert_eq!((envelope(0, 2_500), envelope(2_500, 2_500)), (0, 0));
        assert!(envelope(900, 2_500) > 3_000);
    }

    #[test]
    fn no_tone_is_clipped() {
        let tone = Syllable {
            vowel: Vowel::A,
            pitch_permille: 1000,
            glide_permille: 0,
            ms: 200,
            loud_permille: 1100,
        };
        for timbre in TIMBRES {
            let mut out = Vec::new();
            sound(&tone, Voice { timbre, millihertz: 200_000 }, 4_410, &mut out);
            assert!(out.iter().all(|s| s.unsigned_abs() < 32_000), "{}", timbre.name);
        }
    }
}
