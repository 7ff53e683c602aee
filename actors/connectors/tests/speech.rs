//! What both engines promise, checked on real sound.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic as tests do")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hydra_connectors::speech::{BlipEngine, ErrorKind, EspeakEngine, SpeechError, Spoken, VoiceBrief, wav};

const LINE: &str = "The lamp went out at midnight, and nobody lit it again.";

fn brief(character: &str) -> VoiceBrief {
    VoiceBrief {
        voice_id: None,
        speed: 1.0,
        pitch_shift: 0.0,
        emotion: "neutral".to_owned(),
        character: character.to_owned(),
    }
}

fn feeling(emotion: &str) -> VoiceBrief {
    VoiceBrief { emotion: emotion.to_owned(), ..brief("keeper") }
}

fn blip(text: &str, brief: &VoiceBrief) -> Spoken {
    BlipEngine.speak(text, brief).unwrap()
}

/// Header correct to the byte, length as told, loud enough to hear and not clipped.
fn check_sound(spoken: &Spoken) {
    let bytes = &spoken.wav;
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!((number(4), number(40)), (bytes.len() - 8, bytes.len() - 44));
    let sound = wav::read(bytes).unwrap();
    assert_eq!(sound.duration_ms(), spoken.duration_ms);
    let square: f64 = sound.samples.iter().map(|s| f64::from(*s).powi(2)).sum();
    let rms = (square / sound.samples.len() as f64).sqrt() / 32_768.0;
    let peak = sound.samples.iter().map(|s| s.unsigned_abs()).max().unwrap();
    assert!(rms > 0.02, "{}: rms {rms}", spoken.voice);
    assert!((16_000..=23_500).contains(&peak), "{}: peak {peak}", spoken.voice);
}

fn distinct(sounds: &[Spoken]) -> usize {
    sounds.iter().map(|spoken| spoken.wav.clone()).collect::<BTreeSet<_>>().len()
}

#[test]
fn blips_are_audible_with_a_correct_header() {
    for text in [LINE, "No!", "Why?", "Hm…", "1984", "灯台は暗い。", "Ünïcode naïveté"] {
        check_sound(&blip(text, &brief("keeper")));
    }
}

#[test]
fn blips_are_the_same_bytes_on_every_machine() {
    let spoken = blip("Did you see the light?", &feeling("happy"));
    assert_eq!(spoken, blip("Did you see the light?", &feeling("happy")));
    assert_eq!(
        blake3::hash(&spoken.wav).to_hex().as_str(),
        "837d7e5f703f9bbe414804040eeefb58e2c670ffe8d92ff588ae4c835f8b4822"
    );
}

#[test]
fn blips_differ_by_character_feeling_and_text() {
    let cast: Vec<Spoken> = ["keeper", "sailor", "mara", "ghost"].map(|who| blip(LINE, &brief(who))).into();
    let moods: Vec<Spoken> =
        ["neutral", "happy", "sad", "angry", "afraid", "surprised", "tender", "tired", "whisper"]
            .map(|mood| blip(LINE, &feeling(mood)))
            .into();
    let texts: Vec<Spoken> = ["You saw it.", "You saw it?", "You saw it!", "You saw her."]
        .map(|t| blip(t, &brief("keeper")))
        .into();
    assert_eq!((distinct(&cast), distinct(&moods), distinct(&texts)), (4, 9, 4));
}

#[test]
fn an_unknown_feeling_is_neutral_and_case_does_not_matter() {
    assert_eq!(blip(LINE, &feeling("wistfully purple")), blip(LINE, &feeling("neutral")));
    assert_eq!(blip(LINE, &feeling(" HAPPY ")), blip(LINE, &feeling("happy")));
}

#[test]
fn twice_the_speed_is_about_half_as_long() {
    let normal = blip(LINE, &brief("keeper")).duration_ms;
    let fast = blip(LINE, &VoiceBrief { speed: 2.0, ..brief("keeper") }).duration_ms;
    let slow = blip(LINE, &VoiceBrief { speed: 0.5, ..brief("keeper") }).duration_ms;
    assert!(fast * 10 < normal * 6 && slow * 10 > normal * 17, "{fast} {normal} {slow}");
}

#[test]
fn punctuation_alone_is_a_short_silence() {
    let spoken = blip("…?!", &brief("keeper"));
    assert_eq!(spoken.duration_ms, 300);
    assert!(wav::read(&spoken.wav).unwrap().samples.iter().all(|sample| *sample == 0));
}

#[test]
fn what_cannot_be_spoken_is_refused_for_good() {
    let speed = VoiceBrief { speed: 9.0, ..brief("keeper") };
    let no_number = VoiceBrief { speed: f64::NAN, ..brief("keeper") };
    let pitch = VoiceBrief { pitch_shift: -80.0, ..brief("keeper") };
    let slow = VoiceBrief { speed: 0.25, ..brief("keeper") };
    let refusals = [
        BlipEngine.speak("", &brief("keeper")),
        BlipEngine.speak(&"a".repeat(5_001), &brief("keeper")),
        BlipEngine.speak(LINE, &speed),
        BlipEngine.speak(LINE, &no_number),
        BlipEngine.speak(LINE, &pitch),
        BlipEngine.speak(&"灯".repeat(5_000), &slow),
    ];
    for refusal in refusals {
        assert_eq!(refusal.unwrap_err().kind(), ErrorKind::Permanent);
    }
}

/// The real engine, where it is installed; required, its absence is a failure.
async fn espeak() -> Option<EspeakEngine> {
    let required = std::env::var_os("HYDRA_TEST_REQUIRE").unwrap_or_default();
    let found = EspeakEngine::detect().await;
    let demanded = required.to_string_lossy().split(',').any(|name| name.trim() == "espeak");
    assert!(found.is_some() || !demanded, "HYDRA_TEST_REQUIRE names espeak, and espeak-ng is not installed");
    if found.is_none() {
        eprintln!("ignored: espeak-ng is not installed");
    }
    found
}

fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn espeak_speaks_audibly_and_the_same_way_twice() {
    wait(async {
        let Some(engine) = espeak().await else { return };
        let voices =
            [None, Some("af_bella"), Some("bm_george"), Some("en-us+f3"), Some("ff_siwis"), Some("alloy")];
        for voice in voices {
            let brief = VoiceBrief { voice_id: voice.map(str::to_owned), ..brief("keeper") };
            let spoken = engine.speak(LINE, &brief).await.unwrap();
            check_sound(&spoken);
            assert_eq!(spoken.engine, "espeak-ng");
            assert_eq!(spoken, engine.speak(LINE, &brief).await.unwrap());
        }
    });
}

#[test]
fn espeak_differs_by_character_feeling_speed_and_pitch() {
    wait(async {
        let Some(engine) = espeak().await else { return };
        let fast = VoiceBrief { speed: 1.5, ..brief("keeper") };
        let high = VoiceBrief { pitch_shift: 20.0, ..brief("keeper") };
        let mut sounds = Vec::new();
        for brief in [brief("keeper"), brief("sailor"), feeling("happy"), feeling("sad"), fast, high] {
            sounds.push(engine.speak(LINE, &brief).await.unwrap());
        }
        assert_eq!(distinct(&sounds), 6);
        assert!(sounds[4].duration_ms < sounds[0].duration_ms);
    });
}

#[test]
fn espeak_takes_hostile_text_as_text() {
    wait(async {
        let Some(engine) = espeak().await else { return };
        for text in [
            "-w /tmp/x",
            "--help",
            "$(id) `id`; exit",
            "[[fIS]]",
            "a\0b\u{1}90p",
            "<break/> it",
            &"word ".repeat(1_000),
        ] {
            let text = text.trim_end();
            check_sound(
                &engine.speak(text, &brief("keeper")).await.unwrap_or_else(|e| panic!("{text:?}: {e}")),
            );
        }
        assert_eq!(engine.speak("?!", &brief("keeper")).await.unwrap().duration_ms, 300);
    });
}

/// A program that answers the first questions as espeak-ng does, and speaking with `act`.
///
/// A shell writes it: a file that this process has open for writing may be inherited by what another test
/// starts at that moment, and cannot be run while it is.
fn pretend(name: &str, act: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let table = "echo 'Pty Language'; echo ' 5 en-us --/M English gmw/en'";
    let script = format!(
        "#!/bin/sh\ncase $1 in\n--version) echo 'x: 9.9 y';;\n--voices*) {table};;\n*) {act};;\nesac\n"
    );
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "printf %s \"$1\" >\"$0\" && chmod +x \"$0\""]).arg(&path).arg(script);
    assert!(shell.status().unwrap().success());
    path
}

async fn failure(name: &str, act: &str, limit: Duration) -> SpeechError {
    let engine = EspeakEngine::open(&pretend(name, act)).await.unwrap().with_time_limit(limit);
    assert_eq!(engine.version(), "9.9");
    engine.speak(LINE, &brief("keeper")).await.unwrap_err()
}

#[test]
fn a_program_that_fails_says_how() {
    let hour = Duration::from_secs(3600);
    wait(async {
        let refused = failure("refuses", "echo 'no such voice' >&2; exit 3", hour).await;
        assert!(matches!(&refused, SpeechError::Refused { status: 3, stderr } if stderr == "no such voice"));
        assert_eq!(refused.kind(), ErrorKind::Permanent);
        let killed = failure("dies", "kill -9 $$", hour).await;
        assert!(matches!(killed, SpeechError::Killed(_)) && killed.kind() == ErrorKind::Transient);
        let garbage = failure("babbles", "echo hello", hour).await;
        assert!(matches!(garbage, SpeechError::BadWav(_)) && garbage.kind() == ErrorKind::Permanent);
        let endless = failure("floods", "exec yes", hour).await;
        assert!(matches!(endless, SpeechError::SoundTooLarge));
        let missing = EspeakEngine::open(Path::new("/nonexistent/espeak-ng")).await.unwrap_err();
        assert!(matches!(missing, SpeechError::Spawn(_)) && missing.kind() == ErrorKind::Transient);
    });
}

#[test]
fn a_program_that_never_ends_is_ended() {
    wait(async {
        let stuck = failure("hangs", "exec tail -f /dev/null", Duration::from_millis(20)).await;
        assert!(matches!(stuck, SpeechError::Timeout { .. }) && stuck.kind() == ErrorKind::Transient);
    });
}
