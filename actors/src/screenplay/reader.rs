//! Walks the elements of a screenplay and makes scenes and beats of them.

use std::collections::BTreeSet;

use super::cast::Cast;
use super::customs::{Extension, extension, is_custom_transition};
use super::expression::{self, Expression, Meaning};
use super::heading::{self, When};
use super::identity::{Ids, slug};
use super::notes::{Notes, Place, excerpt};
use super::script::{Beat, Presence, Scene, TimeOfDay};
use super::{BEATS_MAX, Interior, SCENES_MAX, boxes, words};
use crate::fountain::{Element, Kind, Problem, Severity, Side, plain};

/// The id of the scene that text before the first heading makes.
const OPENING: &str = "opening";

/// How a reading stands.
#[derive(Debug, Default)]
pub(super) struct Reader {
    scenes: Vec<Scene>,
    /// Transitions and title cards before the first scene.
    prelude: Vec<Beat>,
    speech: Option<Speech>,
    cast: Cast,
    ids: Ids,
    notes: Notes,
    beats: usize,
    unknown: BTreeSet<String>,
    progress: Progress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Progress {
    #[default]
    Reading,
    /// A limit is reached.
    Stopped,
}

/// One cue and what holds until the next.
#[derive(Debug)]
struct Speech {
    speaker: String,
    name: String,
    presence: Presence,
    dual: Option<Side>,
    expression: Expression,
    /// Directions for the next line.
    directions: Vec<String>,
    /// Where the last direction stands.
    place: Place,
}

impl Reader {
    pub(super) fn element(&mut self, element: &Element) {
        if self.progress == Progress::Stopped {
            return;
        }
        let continues = matches!(
            element.kind,
            Kind::Parenthetical
                | Kind::Dialogue
                | Kind::Lyrics
                | Kind::Synopsis
                | Kind::Note
                | Kind::Boneyard
        );
        if !continues {
            self.end_speech();
        }
        match &element.kind {
            Kind::SceneHeading { .. } => self.heading(element),
            Kind::Action => self.action(element),
            Kind::Character { name, extensions, dual } => self.cue(element, name, extensions, *dual),
            Kind::Parenthetical => self.parenthetical(element),
            Kind::Dialogue => self.line(element),
            Kind::Lyrics => self.lyrics(element),
            Kind::Transition => self.transition(element),
            Kind::Centered => {
                let beat = Beat::Centered { text: element.text.clone(), line: element.line };
                self.push(Place::from(element), beat);
            }
            Kind::Section { .. } | Kind::Synopsis | Kind::Note | Kind::Boneyard | Kind::PageBreak => {}
        }
    }

    pub(super) fn finish(mut self, has_heading: bool) -> (Vec<Scene>, Cast, Vec<Problem>) {
        self.end_speech();
        if !has_heading {
            let message = "no scene: write a heading such as `INT. HOUSE - DAY`, \
                 with an empty line before and behind it";
            self.notes.add(Severity::Error, Place::START, message.to_owned());
        } else if let Some(opening) = self.scenes.first().filter(|scene| scene.heading.is_empty()) {
            let message = "text before the first heading makes a scene of its own, `opening`: \
                 put a heading before it to give it a place";
            let place = Place { line: opening.line, column: 1 };
            self.notes.add(Severity::Info, place, message.to_owned());
        }
        (self.scenes, self.cast, self.notes.into_problems())
    }

    fn heading(&mut self, element: &Element) {
        if self.scenes.len() == SCENES_MAX {
            let message = format!("more than {SCENES_MAX} scenes: the rest is not read, split the chapter");
            return self.stop(Place::from(element), message);
        }
        let setting = heading::read(&element.text);
        let before = self.scenes.last().map(|scene| scene.time_of_day);
        let time_of_day = match setting.when {
            When::Told(time) => time,
            When::Same => before.unwrap_or_default(),
            When::Untold => TimeOfDay::Unspecified,
        };
        let scene = Scene {
            id: self.ids.scene(&slug(&plain(&element.text))),
            number: self.scenes.len() + 1,
            heading: element.text.clone(),
            place: words(&plain(&setting.place)),
            time_of_day,
            interior: setting.interior,
            beats: std::mem::take(&mut self.prelude),
            line: element.line,
        };
        self.scenes.push(scene);
    }

    /// The scene that plays; text before the first heading opens one.
    fn scene(&mut self, line: u32) -> String {
        if let Some(scene) = self.scenes.last() {
            return scene.id.clone();
        }
        let id = self.ids.scene(OPENING);
        self.scenes.push(Scene {
            id: id.clone(),
            number: 1,
            heading: String::new(),
            place: String::new(),
            time_of_day: TimeOfDay::Unspecified,
            interior: Interior::Unspecified,
            beats: std::mem::take(&mut self.prelude),
            line,
        });
        id
    }

    fn action(&mut self, element: &Element) {
        if is_custom_transition(&element.text) {
            return self.transition(element);
        }
        let boxes = boxes::split(&element.text);
        if boxes.is_empty() {
            return;
        }
        let scene = self.scene(element.line);
        for text in boxes {
            let id = self.ids.beat('n', &scene, "", &text);
            self.push(Place::from(element), Beat::Narration { id, text, line: element.line });
        }
    }

    fn transition(&mut self, element: &Element) {
        let text = element.text.trim().to_owned();
        self.push(Place::from(element), Beat::Transition { text, line: element.line });
    }

    fn cue(&mut self, element: &Element, name: &str, extensions: &[String], dual: Option<Side>) {
        let name = words(&plain(name));
        let place = Place::from(element);
        let Some(speaker) = self.cast.cue(&name, place) else {
            self.progress = Progress::Stopped;
            return;
        };
        self.speech = Some(Speech {
            speaker,
            name,
            presence: Presence::OnScreen,
            dual,
            expression: Expression::Neutral,
            directions: Vec::new(),
            place,
        });
        for written in extensions {
            match extension(written) {
                Extension::Presence(presence) => self.set_presence(presence),
                Extension::Continued => {}
                Extension::Other => self.direct(written, element),
            }
        }
    }

    fn set_presence(&mut self, presence: Presence) {
        if let Some(speech) = &mut self.speech {
            speech.presence = presence;
        }
    }

    fn parenthetical(&mut self, element: &Element) {
        let text = element.text.as_str();
        let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
        self.direct(inner, element);
    }

    /// Applies what a parenthetical or an extension says to what follows.
    fn direct(&mut self, text: &str, element: &Element) {
        let place = Place::from(element);
        for (part, meaning) in expression::read(&plain(text)) {
            if meaning == Meaning::Pause {
                self.push(place, Beat::Pause { line: element.line });
                continue;
            }
            if meaning == Meaning::Unknown {
                self.remark_unknown(&part, place);
            }
            let Some(speech) = &mut self.speech else { continue };
            speech.place = place;
            match meaning {
                Meaning::Expression(expression) => speech.expression = expression,
                Meaning::Direction | Meaning::Unknown => speech.directions.push(part),
                Meaning::Pause => {}
            }
        }
    }

    /// Each unknown direction is listed where it is met first.
    fn remark_unknown(&mut self, part: &str, place: Place) {
        if self.unknown.insert(part.to_lowercase()) {
            let known = expression::known();
            let message =
                format!("unknown direction `{}` is kept as a direction; known are {known}", excerpt(part));
            self.notes.add(Severity::Info, place, message);
        }
    }

    fn line(&mut self, element: &Element) {
        let scene = self.scene(element.line);
        let Some(speech) = &mut self.speech else { return };
        let id = self.ids.beat('l', &scene, &speech.speaker, &element.text);
        let beat = Beat::Line {
            id,
            speaker: speech.speaker.clone(),
            speaker_name: speech.name.clone(),
            text: element.text.clone(),
            spoken: words(&plain(&element.text)),
            expression: speech.expression,
            directions: std::mem::take(&mut speech.directions),
            presence: speech.presence,
            dual: speech.dual,
            line: element.line,
        };
        self.cast.line(&speech.speaker);
        self.push(Place::from(element), beat);
    }

    fn lyrics(&mut self, element: &Element) {
        let scene = self.scene(element.line);
        // Behind an empty line the song is nobody's.
        let speech = self.speech.as_mut().filter(|_| element.blank_lines_before == 0);
        let speaker = speech.map(|speech| {
            speech.directions.clear();
            speech.speaker.clone()
        });
        let id = self.ids.beat('s', &scene, speaker.as_deref().unwrap_or_default(), &element.text);
        let spoken = words(&plain(&element.text));
        let text = element.text.clone();
        self.push(Place::from(element), Beat::Lyrics { id, speaker, text, spoken, line: element.line });
    }

    fn end_speech(&mut self) {
        let Some(speech) = self.speech.take() else { return };
        if !speech.directions.is_empty() {
            let message = format!(
                "no line of `{}` follows the direction `{}`: put one behind it, or make it action",
                excerpt(&speech.name),
                excerpt(&speech.directions.join(", "))
            );
            self.notes.add(Severity::Warning, speech.place, message);
        }
    }

    fn push(&mut self, place: Place, beat: Beat) {
        if self.beats == BEATS_MAX {
            let message = format!("more than {BEATS_MAX} beats: the rest is not read, split the chapter");
            return self.stop(place, message);
        }
        self.beats += 1;
        match self.scenes.last_mut() {
            Some(scene) => scene.beats.push(beat),
            None => self.prelude.push(beat),
        }
    }

    /// Ends the reading with an error, once.
    fn stop(&mut self, place: Place, message: String) {
        if self.progress == Progress::Reading {
            self.progress = Progress::Stopped;
            self.notes.add(Severity::Error, place, message);
        }
    }
}
