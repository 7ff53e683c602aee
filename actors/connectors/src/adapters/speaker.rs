//! Speech by espeak-ng where it is installed, by syllable blips otherwise.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use hydra_actors::ports::{PortError, Product, Speaker, Spoken};
use hydra_events::vocabulary::terms::Speech;
use serde_json::json;

use super::blocking;
use crate::speech::{BlipEngine, ErrorKind, EspeakEngine, SpeechError, VoiceBrief};

/// The voice of this machine.
#[derive(Debug)]
pub enum StudioSpeaker {
    /// espeak-ng is installed.
    Espeak(EspeakEngine),
    /// It is not.
    Blip(BlipEngine),
}

impl StudioSpeaker {
    /// The best voice this machine has.
    pub async fn detect() -> Self {
        match EspeakEngine::detect().await {
            Some(engine) => Self::Espeak(engine),
            None => Self::Blip(BlipEngine),
        }
    }

    /// The engine's name.
    pub fn engine(&self) -> &'static str {
        match self {
            Self::Espeak(_) => "espeak-ng",
            Self::Blip(_) => "hydra-blip",
        }
    }
}

#[async_trait]
impl Speaker for StudioSpeaker {
    async fn speak(&self, speech: &Speech, _: &str) -> Result<Spoken, PortError> {
        let request = json!({ "engine": self.engine(), "speech": speech });
        let request = serde_json::to_vec(&request).map_err(PortError::permanent)?;
        let brief = VoiceBrief {
            voice_id: speech.voice_id.clone(),
            speed: speech.speed,
            pitch_shift: speech.pitch_shift,
            emotion: speech.emotion.clone(),
            character: speech.character.clone(),
        };
        let started = Instant::now();
        let spoken = match self {
            Self::Espeak(engine) => engine.speak(&speech.text, &brief).await,
            Self::Blip(engine) => {
                let (engine, text) = (*engine, speech.text.clone());
                blocking(move || engine.speak(&text, &brief)).await?.0
            }
        };
        let spoken = spoken.map_err(|error| port_error(&error))?;
        Ok(Spoken {
            voice: spoken.voice,
            length: Duration::from_millis(spoken.duration_ms),
            product: Product {
                bytes: spoken.wav,
                media_type: "audio/wav",
                engine: spoken.engine.to_owned(),
                engine_version: spoken.version,
                request,
                response: None,
                took: started.elapsed(),
            },
        })
    }
}

fn port_error(error: &SpeechError) -> PortError {
    match error.kind() {
        ErrorKind::Transient => PortError::transient(error),
        ErrorKind::Permanent => PortError::permanent(error),
    }
}
