//! espeak-ng as a child process: text in over standard input, WAV out over standard output.
//!
//! No shell, and no text from outside among the arguments. The program is ended when it is late and when
//! the caller loses interest. Its tempo has a floor of 80 words a minute (about half the normal one).

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use super::text::{self, Speakable};
use super::voices::{Catalogue, Choice};
use super::{Delivery, SpeechError, Spoken, VoiceBrief, WAV_BYTES_MAX, silence, wav};

const NAME: &str = "espeak-ng";
const TIME_LIMIT: Duration = Duration::from_secs(30);
const STDERR_BYTES_MAX: u64 = 2_000;

/// An installed espeak-ng, asked once for its version and voices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EspeakEngine {
    program: PathBuf,
    version: String,
    catalogue: Catalogue,
    time_limit: Duration,
}

/// What a finished program left behind.
struct Answer {
    status: ExitStatus,
    stdout: Vec<u8>,
    stderr: String,
}

impl EspeakEngine {
    /// The `espeak-ng` on `PATH`; none where it is missing, broken or without voices.
    pub async fn detect() -> Option<EspeakEngine> {
        EspeakEngine::open(Path::new(NAME)).await.ok()
    }

    /// A program that speaks espeak-ng's command line, by name or path.
    pub async fn open(program: &Path) -> Result<EspeakEngine, SpeechError> {
        let version = succeeded(run(program, &["--version"], "", TIME_LIMIT).await?)?;
        let voices = succeeded(run(program, &["--voices"], "", TIME_LIMIT).await?)?;
        let variants = succeeded(run(program, &["--voices=variant"], "", TIME_LIMIT).await?)?;
        let table = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let catalogue = Catalogue::parse(&table(&voices), &table(&variants));
        if catalogue.is_empty() {
            return Err(SpeechError::BadWav("it lists no voices"));
        }
        let version = version_in(&table(&version));
        Ok(EspeakEngine { program: program.to_owned(), version, catalogue, time_limit: TIME_LIMIT })
    }

    /// Another time limit than 30 s for one line.
    #[must_use]
    pub fn with_time_limit(mut self, time_limit: Duration) -> Self {
        self.time_limit = time_limit;
        self
    }

    /// The version the program told, such as `1.51`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Speaks one line.
    pub async fn speak(&self, text: &str, brief: &VoiceBrief) -> Result<Spoken, SpeechError> {
        let delivery = Delivery::of(brief)?;
        let voice = self.catalogue.choose(brief.voice_id.as_deref(), &brief.character);
        let words = match text::clean(text)? {
            Speakable::Words(words) => words,
            Speakable::Nothing => return Ok(silence(NAME, self.version.clone(), voice.name)),
        };
        let tempo = words_a_minute(delivery.tempo_permille).to_string();
        let pitch = pitch_option(voice.pitch, delivery.pitch_permille).to_string();
        let options = ["-b", "1", "-v", &voice.name, "-s", &tempo, "-p", &pitch, "--stdin", "--stdout"];
        let answer = run(&self.program, &options, &words, self.time_limit).await?;
        self.finish(&succeeded(answer)?, voice, delivery)
    }

    fn finish(&self, bytes: &[u8], voice: Choice, delivery: Delivery) -> Result<Spoken, SpeechError> {
        let mut sound = wav::read(bytes)?;
        if sound.samples.iter().all(|sample| *sample == 0) {
            return Err(SpeechError::Mute { voice: voice.name });
        }
        wav::normalise(&mut sound.samples, delivery.mood.traits().peak_permille);
        Ok(Spoken {
            wav: wav::write(sound.rate, &sound.samples),
            engine: NAME,
            version: self.version.clone(),
            voice: voice.name,
            duration_ms: sound.duration_ms(),
        })
    }
}

/// What `-s` takes: 175 is the program's own default; 80 is the least it honours.
fn words_a_minute(tempo_permille: i64) -> i64 {
    (175 * tempo_permille / 1000).clamp(80, 800)
}

/// What `-p` takes. Measured on 1.51: every 50 steps double the frequency, so one step is the 50th root
/// of two. Counted in whole numbers (the root as 2^20ths), so that no machine rounds differently.
fn pitch_option(base: i64, pitch_permille: i64) -> i64 {
    const ONE: i64 = 1 << 20;
    const STEP: i64 = 1_063_214;
    let wanted = ONE * pitch_permille / 1000;
    let (mut factor, mut steps) = (ONE, 0);
    while steps < 99 && factor * STEP / ONE <= wanted {
        factor = factor * STEP / ONE;
        steps += 1;
    }
    while steps > -99 && factor > wanted {
        factor = factor * ONE / STEP;
        steps -= 1;
    }
    (base + steps).clamp(0, 99)
}

async fn run(program: &Path, options: &[&str], input: &str, limit: Duration) -> Result<Answer, SpeechError> {
    // The future owns the child, so running out of time drops and thereby kills it.
    match tokio::time::timeout(limit, Box::pin(talk(program, options, input))).await {
        Ok(answer) => answer,
        Err(_) => Err(SpeechError::Timeout { seconds: limit.as_secs() }),
    }
}

async fn talk(program: &Path, options: &[&str], input: &str) -> Result<Answer, SpeechError> {
    let mut child = Command::new(program)
        .args(options.iter().map(OsStr::new))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(SpeechError::Spawn)?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async {
        if let Some(mut pipe) = stdin {
            // A program that refuses its options does not read: its status and words say more than this.
            pipe.write_all(input.as_bytes()).await.ok();
        }
        Ok(())
    };
    let (stdout, stderr, ()) =
        tokio::try_join!(read(stdout, WAV_BYTES_MAX as u64), complaint(stderr), write)?;
    let status = child.wait().await.map_err(SpeechError::Pipe)?;
    Ok(Answer { status, stdout, stderr })
}

/// Everything up to the limit; one byte more is an error.
async fn read(pipe: Option<impl AsyncRead + Unpin>, limit: u64) -> Result<Vec<u8>, SpeechError> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(limit + 1).read_to_end(&mut bytes).await.map_err(SpeechError::Pipe)?;
    }
    if bytes.len() as u64 > limit {
        return Err(SpeechError::SoundTooLarge);
    }
    Ok(bytes)
}

/// The beginning of what the program says against us; the rest is read and forgotten, so that it can end.
async fn complaint(pipe: Option<impl AsyncRead + Unpin>) -> Result<String, SpeechError> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        (&mut pipe).take(STDERR_BYTES_MAX).read_to_end(&mut bytes).await.map_err(SpeechError::Pipe)?;
        tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await.map_err(SpeechError::Pipe)?;
    }
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

fn succeeded(answer: Answer) -> Result<Vec<u8>, SpeechError> {
    match answer.status.code() {
        Some(0) => Ok(answer.stdout),
        Some(status) => Err(SpeechError::Refused { status, stderr: answer.stderr }),
        None => Err(SpeechError::Killed(answer.status.to_string())),
    }
}

/// `1.51` out of `eSpeak NG text-to-speech: 1.51  Data at: …`.
fn version_in(line: &str) -> String {
    let number = line.split_once(": ").and_then(|(_, rest)| rest.split_whitespace().next());
    number.unwrap_or("unknown").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pitch_in_percent_becomes_steps_of_which_fifty_are_an_octave() {
        for (base, permille, option) in
            [(50, 1000, 50), (50, 2000, 99), (50, 500, 0), (44, 1000, 44), (50, 1100, 56), (50, 900, 42)]
        {
            assert_eq!(pitch_option(base, permille), option, "{base} {permille}");
        }
    }

    #[test]
    fn a_tempo_stays_within_what_the_program_honours() {
        for (permille, option) in [(1000, 175), (250, 80), (2000, 350), (9000, 800)] {
            assert_eq!(words_a_minute(permille), option);
        }
    }

    #[test]
    fn the_version_is_read_out_of_the_greeting() {
        assert_eq!(version_in("eSpeak NG text-to-speech: 1.51  Data at: /usr/lib"), "1.51");
        assert_eq!(version_in("something else"), "unknown");
    }
}
