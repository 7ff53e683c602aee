//! What a speaker promises: sound that can be heard and made again.

use hydra_events::vocabulary::terms::Speech;

use super::{Outcome, break_off, evident, refused};
use crate::ports::{PortError, Speaker, Spoken};

const KEY: &str = "line-contract/speak-1";
const LINE: &str = "The lamp went out at midnight, and nobody lit it again.";
/// The quietest line that counts as audible, as a share of full scale (root mean square).
const AUDIBLE: f64 = 0.02;
/// Bytes of a header with one `fmt ` and one `data` chunk.
const HEADER: usize = 44;

fn speech(character: &str, emotion: &str, text: &str) -> Speech {
    Speech {
        character: character.to_owned(),
        text: text.to_owned(),
        emotion: emotion.to_owned(),
        voice_id: None,
        speed: 1.0,
        pitch_shift: 0.0,
    }
}

async fn spoken<S: Speaker>(speaker: &S, speech: &Speech) -> Result<Spoken, PortError> {
    speaker.speak(speech, KEY).await
}

/// Byte for byte, with the same voice.
pub async fn the_same_line_gives_the_same_bytes<S: Speaker>(speaker: &S) -> Outcome {
    let line = speech("keeper", "happy", LINE);
    let (first, again) = (spoken(speaker, &line).await?, spoken(speaker, &line).await?);
    assert!(first.product.bytes == again.product.bytes, "{} spoke otherwise", first.product.engine);
    assert_eq!((&first.voice, first.length), (&again.voice, again.length));
    assert_eq!(first.product.request, again.product.request);
    Ok(())
}

/// RIFF with correct lengths: every player and the Ren'Py engine read it.
pub async fn a_recording_is_16_bit_mono_pcm_as_long_as_it_says<S: Speaker>(speaker: &S) -> Outcome {
    for text in [LINE, "No!", "Why?", "1984"] {
        let spoken = spoken(speaker, &speech("keeper", "neutral", text)).await?;
        let bytes = &spoken.product.bytes;
        assert!(bytes.len() > HEADER && bytes.starts_with(b"RIFF") && &bytes[8..16] == b"WAVEfmt ");
        let long = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        assert_eq!((short(20), short(22), short(34)), (1, 1, 16), "PCM, one channel, 16 bits");
        assert_eq!((long(4) as usize, long(40) as usize), (bytes.len() - 8, bytes.len() - HEADER));
        let (data, per_second) = (u128::from(long(40)), u128::from(long(28)));
        assert_eq!(per_second, u128::from(long(24)) * 2);
        assert_eq!(data * 1000 / per_second, spoken.length.as_millis(), "{text:?} is not as long as it says");
    }
    Ok(())
}

/// Loud enough to be heard over music, and never at the ends of the scale.
pub async fn a_line_is_audible_and_not_clipped<S: Speaker>(speaker: &S) -> Outcome {
    for emotion in ["neutral", "sad", "angry", "tender"] {
        let spoken = spoken(speaker, &speech("keeper", emotion, LINE)).await?;
        let samples = spoken.product.bytes[HEADER..].chunks_exact(2);
        let samples: Vec<i16> = samples.map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        let square: f64 = samples.iter().map(|sample| f64::from(*sample) * f64::from(*sample)).sum();
        let loud = (square / samples.len().max(1) as f64).sqrt() / 32_768.0;
        assert!(loud > AUDIBLE, "{emotion}: {loud} of full scale");
        let peak = samples.iter().map(|sample| sample.unsigned_abs()).max();
        assert!(peak < Some(32_767), "{emotion} is clipped");
    }
    Ok(())
}

/// Who speaks, how, and what.
pub async fn recordings_differ_by_character_emotion_and_text<S: Speaker>(speaker: &S) -> Outcome {
    let lines = [
        speech("keeper", "neutral", LINE),
        speech("sailor", "neutral", LINE),
        speech("keeper", "happy", LINE),
        speech("keeper", "sad", LINE),
        speech("keeper", "neutral", "The lamp burned until morning, and everybody slept."),
        Speech { speed: 1.5, ..speech("keeper", "neutral", LINE) },
        Speech { pitch_shift: 20.0, ..speech("keeper", "neutral", LINE) },
    ];
    let mut heard: Vec<Vec<u8>> = Vec::new();
    for line in lines {
        let bytes = spoken(speaker, &line).await?.product.bytes;
        assert!(!heard.contains(&bytes), "{line:?} sounds as an earlier one did");
        heard.push(bytes);
    }
    Ok(())
}

/// Engine, version, voice and words.
pub async fn a_recording_says_what_made_it_and_from_what<S: Speaker>(speaker: &S) -> Outcome {
    let spoken = spoken(speaker, &speech("keeper", "neutral", LINE)).await?;
    evident(&spoken.product, "audio/wav", LINE);
    assert!(!spoken.voice.trim().is_empty(), "{} does not say its voice", spoken.product.engine);
    Ok(())
}

/// A profile may name another engine's voice.
pub async fn an_unknown_emotion_or_voice_is_spoken_all_the_same<S: Speaker>(speaker: &S) -> Outcome {
    for voice in ["af_bella", "../../etc/passwd", "--help", "声"] {
        let line = Speech { voice_id: Some(voice.to_owned()), ..speech("keeper", "wistfully purple", LINE) };
        assert!(spoken(speaker, &line).await?.product.bytes.len() > HEADER, "{voice}");
    }
    Ok(())
}

/// No words, numbers out of range, more than is spoken in one go.
pub async fn a_line_nobody_can_speak_is_refused_by_what_is_wrong<S: Speaker>(speaker: &S) -> Outcome {
    let line = speech("keeper", "neutral", LINE);
    refused(spoken(speaker, &speech("keeper", "neutral", "")).await, "no text");
    refused(spoken(speaker, &Speech { speed: 97.5, ..line.clone() }).await, "97.5");
    refused(spoken(speaker, &Speech { speed: f64::NAN, ..line.clone() }).await, "NaN");
    refused(spoken(speaker, &Speech { pitch_shift: -913.0, ..line }).await, "-913");
    refused(spoken(speaker, &speech("keeper", "neutral", &"a".repeat(1_000_003))).await, "1000003");
    Ok(())
}

/// Nothing half spoken is ever heard by the next call.
pub async fn a_call_that_is_broken_off_leaves_the_next_one_whole<S: Speaker>(speaker: &S) -> Outcome {
    let line = speech("keeper", "neutral", LINE);
    let whole = spoken(speaker, &line).await?;
    break_off(speaker.speak(&speech("keeper", "angry", LINE), KEY));
    break_off(speaker.speak(&line, KEY));
    assert!(spoken(speaker, &line).await?.product.bytes == whole.product.bytes);
    Ok(())
}
