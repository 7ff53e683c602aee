//! How the Writer writes a scene: the lines it needs, the picture briefs, the speeches, and the script that names them.
//!
//! What can go wrong for good: a scene that wants more than one event can say. It has to be split.

use std::collections::BTreeSet;

use futures::future::BoxFuture;
use hydra_events::StreamName;
use hydra_events::stream::join_id;
use hydra_events::vocabulary::scene::SceneCommand;
use hydra_events::vocabulary::terms::{Brief, Shows, Speech, WantedImage, WantedLine};

use super::briefs;
use super::placeholders::{self, Filled};
use super::recall;
use super::scene::{Scene, Write};
use super::script::{Origin, SceneScript, ScriptBeat};
use super::spec::{SaidLine, SceneBeat, SceneSpec};
use crate::perform::{Job, Perform};
use crate::ports::{Moment, PortError, Ports};
use crate::screenplay::Presence;

/// The largest scene, as what it wants stands in its event; with its command it stays below the log's limit.
pub const WANTED_BYTES_MAX: usize = 100 * 1024;

impl Perform for Scene {
    fn perform(ports: Ports, effect: Write, job: Job) -> BoxFuture<'static, Result<SceneCommand, PortError>> {
        Box::pin(write(ports, effect, job))
    }
}

async fn write(ports: Ports, effect: Write, job: Job) -> Result<SceneCommand, PortError> {
    let mut spec: SceneSpec = ports.document(effect.spec).await?;
    let chapter = StreamName::try_new("chapter", &spec.chapter).map_err(PortError::permanent)?;
    let moment = ports.recall.moment(&chapter, &job.stream, effect.spec).await?;
    let filled = placeholders::fill(&ports, &mut spec, &job, moment.as_ref()).await?;
    let mut desk =
        Desk { ports, spec, moment, images: Vec::new(), lines: Vec::new(), known: BTreeSet::new() };
    let background = desk.background().await?;
    let mut beats = Vec::with_capacity(desk.spec.beats.len());
    for beat in desk.spec.beats.clone() {
        let origin = if filled.beats.contains(&beat) { Origin::Placeholder } else { Origin::Screenplay };
        let (bust, voice) = match &beat {
            SceneBeat::Line(line) => (desk.bust(line).await?, desk.voice(line).await?),
            SceneBeat::Narration { .. }
            | SceneBeat::Pause {}
            | SceneBeat::Transition { .. }
            | SceneBeat::Centered { .. }
            | SceneBeat::Lyrics { .. } => (Vec::new(), None),
        };
        beats.push(ScriptBeat { beat, origin, bust, voice });
    }
    desk.finish(background, beats, filled).await
}

/// What is gathered while a scene is written.
struct Desk {
    ports: Ports,
    spec: SceneSpec,
    moment: Option<Moment>,
    images: Vec<WantedImage>,
    lines: Vec<WantedLine>,
    known: BTreeSet<StreamName>,
}

impl Desk {
    async fn background(&mut self) -> Result<Vec<StreamName>, PortError> {
        match briefs::background(&self.spec) {
            Some(brief) => self.candidates(brief).await,
            None => Ok(Vec::new()),
        }
    }

    async fn bust(&mut self, line: &SaidLine) -> Result<Vec<StreamName>, PortError> {
        let Some(member) = self.spec.member(&line.speaker).filter(|_| line.presence == Presence::OnScreen)
        else {
            return Ok(Vec::new());
        };
        let brief = briefs::bust(member, line.expression);
        self.candidates(brief).await
    }

    /// The streams of a picture's candidates, which are wanted from now on.
    async fn candidates(&mut self, brief: Brief) -> Result<Vec<StreamName>, PortError> {
        let (mut streams, mut recalled) = (Vec::new(), None);
        for candidate in 1..=self.spec.candidates.max(1) {
            let mut one = brief.clone();
            one.shows.candidate = candidate;
            let hash = self.ports.keep(&one).await?;
            let image = image_stream(&self.spec.chapter, &one.shows, &hash.to_string())?;
            if self.known.insert(image.clone()) {
                // Not in the brief: what is recalled later would make it another picture.
                if recalled.is_none() {
                    recalled = Some(recall::looks(&self.ports, &brief, self.moment.as_ref()).await?);
                }
                let (shows, recalled) = (one.shows, recalled.clone().flatten());
                self.images.push(WantedImage { image: image.clone(), brief: hash, shows, recalled });
            }
            streams.push(image);
        }
        Ok(streams)
    }

    /// The stream of a line's recording, which is wanted from now on; none when there is nothing to speak.
    async fn voice(&mut self, line: &SaidLine) -> Result<Option<StreamName>, PortError> {
        let Some(member) = self.spec.member(&line.speaker) else { return Ok(None) };
        if !line.spoken.chars().any(char::is_alphanumeric) {
            return Ok(None);
        }
        let emotion = briefs::word(line.expression);
        let setting = member.profile.voice_for(emotion);
        let speech = Speech {
            character: line.speaker.clone(),
            text: line.spoken.clone(),
            emotion: emotion.to_owned(),
            voice_id: setting.voice_id,
            speed: setting.speed,
            pitch_shift: f64::from(setting.pitch_shift),
        };
        let id = join_id(&[&self.spec.chapter, &line.id]);
        let stream = StreamName::try_new("line", &id).map_err(PortError::permanent)?;
        let speech = self.ports.keep(&speech).await?;
        if self.known.insert(stream.clone()) {
            self.lines.push(WantedLine { line: stream.clone(), speech, character: line.speaker.clone() });
        }
        Ok(Some(stream))
    }

    async fn finish(
        self,
        background: Vec<StreamName>,
        beats: Vec<ScriptBeat>,
        filled: Filled,
    ) -> Result<SceneCommand, PortError> {
        let Self { ports, spec, mut images, lines, .. } = self;
        if check_size(&spec.heading, &images, &lines).is_err() {
            // A scene that fits without what is recalled is written all the same.
            images.iter_mut().for_each(|wanted| wanted.recalled = None);
            check_size(&spec.heading, &images, &lines)?;
        }
        let SceneSpec { chapter, scene, heading, place, time_of_day, interior, .. } = spec;
        let script = SceneScript { chapter, scene, heading, place, time_of_day, interior, background, beats };
        let script = ports.keep(&script).await?;
        let Filled { beats, recalled } = filled;
        let placeholders = u32::try_from(beats.len()).unwrap_or(u32::MAX);
        Ok(SceneCommand::AcceptScript { script, images, lines, placeholders, recalled })
    }
}

fn image_stream(chapter: &str, shows: &Shows, brief: &str) -> Result<StreamName, PortError> {
    let Shows { subject, outfit, expression, candidate, .. } = shows;
    let outfit = crate::request::slug(outfit).unwrap_or_default();
    let candidate = format!("c{candidate}");
    let parts = [chapter, subject, &outfit, expression, &candidate, brief.get(..8).unwrap_or(brief)];
    let told: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    StreamName::try_new("image", &join_id(&told)).map_err(PortError::permanent)
}

/// The event and its command hold these lists once each, beside what an earlier draft wanted.
fn check_size(heading: &str, images: &[WantedImage], lines: &[WantedLine]) -> Result<(), PortError> {
    let bytes = serde_json::to_vec(&(images, lines)).map_err(PortError::permanent)?.len();
    if bytes <= WANTED_BYTES_MAX {
        return Ok(());
    }
    let (pictures, spoken) = (images.len(), lines.len());
    Err(PortError::permanent(format!(
        "the scene {heading:?} wants {pictures} pictures and {spoken} lines, {bytes} bytes in one event where \
         {WANTED_BYTES_MAX} fit: split it with a heading in its middle, or ask for fewer candidates"
    )))
}
