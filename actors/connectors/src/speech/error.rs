//! Why a line could not be spoken, and whether trying again may help.

use super::{TEXT_CHARS_MAX, WAV_BYTES_MAX};

/// Whether another try may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The world failed for now: the same call may work later.
    Transient,
    /// The same call fails again.
    Permanent,
}

/// Why a line could not be spoken.
#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    /// There is no text at all; text of punctuation alone is a short silence instead.
    #[error("there is no text to speak")]
    EmptyText,
    /// The text is too long for one line.
    #[error("the text has {chars} characters, more than the {TEXT_CHARS_MAX} allowed: split the line")]
    TextTooLong {
        /// How many characters it has.
        chars: usize,
    },
    /// The tempo is out of range.
    #[error("speed {0} is not between 0.25 and 4.0")]
    Speed(f64),
    /// The pitch is out of range.
    #[error("pitch shift {0} is not between -50 and 100 percent")]
    PitchShift(f64),
    /// The sound would be larger than we keep.
    #[error("the sound is larger than {WAV_BYTES_MAX} bytes: split the line or speak faster")]
    SoundTooLarge,
    /// The program could not be started.
    #[error("espeak-ng could not be started")]
    Spawn(#[source] std::io::Error),
    /// Talking to the running program failed.
    #[error("espeak-ng broke off")]
    Pipe(#[source] std::io::Error),
    /// The program took too long and was ended.
    #[error("espeak-ng was not done after {seconds} s and was ended")]
    Timeout {
        /// The limit that was passed.
        seconds: u64,
    },
    /// A signal ended the program: somebody's `kill`, or lack of memory.
    #[error("espeak-ng was ended from outside: {0}")]
    Killed(String),
    /// The program refused.
    #[error("espeak-ng ended with status {status}: {stderr}")]
    Refused {
        /// Its exit status.
        status: i32,
        /// The beginning of what it wrote to standard error.
        stderr: String,
    },
    /// What came back is no sound that we understand.
    #[error("espeak-ng did not answer with a usable WAV: {0}")]
    BadWav(&'static str),
    /// There was text, and the voice made no sound of it.
    #[error("voice {voice} made no sound of this text")]
    Mute {
        /// The voice that was used.
        voice: String,
    },
}

impl SpeechError {
    /// Whether another try may help.
    pub fn kind(&self) -> ErrorKind {
        match self {
            SpeechError::Spawn(_)
            | SpeechError::Pipe(_)
            | SpeechError::Timeout { .. }
            | SpeechError::Killed(_) => ErrorKind::Transient,
            SpeechError::EmptyText
            | SpeechError::TextTooLong { .. }
            | SpeechError::Speed(_)
            | SpeechError::PitchShift(_)
            | SpeechError::SoundTooLarge
            | SpeechError::Refused { .. }
            | SpeechError::BadWav(_)
            | SpeechError::Mute { .. } => ErrorKind::Permanent,
        }
    }
}
