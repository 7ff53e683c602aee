//! `hydra check`: what a screenplay is understood as, before anything is made.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use anyhow::Result;
use hydra_actors::cast;
use hydra_actors::fountain::{Element, Problem, Severity};
use hydra_actors::screenplay::{Beat, CastEntry, Interior, Presence, Scene, TimeOfDay, slug};
use serde::Serialize;

use super::Setting;
use crate::cli::Check;
use crate::exit::{BadInput, Exit};
use crate::input::{self, Understood};
use crate::print;

/// Runs the command.
pub fn run(setting: &Setting, arguments: &Check) -> Result<Exit> {
    let understood = input::read(&arguments.file, arguments.characters.as_deref())?;
    let refusal = understood.refuse_errors().err();
    let written = match (&refusal, arguments.write_characters) {
        (None, true) => Some(write_characters(&understood)?),
        (None, false) | (Some(_), _) => None,
    };
    let report = Report::of(&understood, refusal.as_ref(), written.as_ref());
    if setting.json {
        print::json(&report)?;
    } else {
        report.show(&understood)?;
    }
    match refusal {
        Some(refusal) => Err(refusal.into()),
        None => Ok(Exit::Done),
    }
}

/// What was understood.
#[derive(Serialize)]
struct Report<'a> {
    title: &'a str,
    chapter: &'a str,
    scenes: Vec<SceneReport<'a>>,
    cast: Vec<CastReport<'a>>,
    /// Pictures to come, with one candidate each.
    images: usize,
    backgrounds: usize,
    busts: usize,
    /// Spoken lines to come.
    lines: usize,
    characters: Option<String>,
    written: Option<String>,
    elements: &'a [Element],
    problems: &'a [Problem],
    /// What was noticed about the characters.
    warnings: &'a [String],
    /// Why no chapter can be made of it, line by line.
    refused: Vec<String>,
}

#[derive(Serialize)]
struct SceneReport<'a> {
    number: usize,
    id: &'a str,
    heading: &'a str,
    place: &'a str,
    time_of_day: TimeOfDay,
    interior: Interior,
    line: u32,
    beats: usize,
    lines: usize,
}

#[derive(Serialize)]
struct CastReport<'a> {
    id: &'a str,
    name: &'a str,
    lines: u32,
    aliases: &'a [String],
    /// The name in the characters file; absent where a profile is made up.
    profile: Option<&'a str>,
}

impl<'a> Report<'a> {
    fn of(understood: &'a Understood, refusal: Option<&BadInput>, written: Option<&PathBuf>) -> Self {
        let script = &understood.script;
        let Expected { backgrounds, busts, lines } = Expected::of(understood);
        let path = |path: &PathBuf| path.display().to_string();
        Self {
            title: &script.title,
            chapter: &understood.chapter,
            scenes: script.scenes.iter().map(scene).collect(),
            cast: script.cast.iter().map(|entry| member(entry, understood)).collect(),
            images: backgrounds + busts,
            backgrounds,
            busts,
            lines,
            characters: understood.cast_file.as_ref().map(path),
            written: written.map(path),
            elements: &understood.screenplay.elements,
            problems: &script.problems,
            warnings: &understood.warnings,
            refused: refusal
                .map(|refusal| refusal.0.lines().map(str::to_owned).collect())
                .unwrap_or_default(),
        }
    }

    fn show(&self, understood: &Understood) -> Result<()> {
        print::line(format!("{} (chapter {})", self.title, self.chapter))?;
        print::line("")?;
        let scenes: Vec<_> = self.scenes.iter().map(SceneReport::row).collect();
        print::table(&["scene", "line", "heading", "beats", "lines", "id"], &scenes)?;
        print::line("")?;
        let cast: Vec<_> = self.cast.iter().map(CastReport::row).collect();
        print::table(&["character", "lines", "id", "profile", "also called"], &cast)?;
        let Self { images, backgrounds, busts, lines, .. } = self;
        print::line(format!(
            "\nto come: {images} images ({backgrounds} backgrounds, {busts} busts), {lines} lines"
        ))?;
        self.show_problems(understood)?;
        if let Some(written) = &self.written {
            print::line(format!("wrote {written}: fill it in, and it is used from now on"))?;
        }
        Ok(())
    }

    fn show_problems(&self, understood: &Understood) -> Result<()> {
        let file = understood.file.display();
        // Errors are said on standard error, at the end.
        for Problem { severity, line, column, message } in
            self.problems.iter().filter(|p| p.severity != Severity::Error)
        {
            print::line(format!("{file}:{line}:{column}: {}: {message}", word(*severity)))?;
        }
        for warning in self.warnings {
            print::line(format!("warning: {warning}"))?;
        }
        Ok(())
    }
}

impl SceneReport<'_> {
    fn row(&self) -> Vec<String> {
        let heading = if self.heading.is_empty() { "(before the first heading)" } else { self.heading };
        let Self { number, line, beats, lines, id, .. } = self;
        vec![
            number.to_string(),
            line.to_string(),
            heading.into(),
            beats.to_string(),
            lines.to_string(),
            (*id).into(),
        ]
    }
}

impl CastReport<'_> {
    fn row(&self) -> Vec<String> {
        let profile = self.profile.unwrap_or("(made up)");
        vec![
            self.name.into(),
            self.lines.to_string(),
            self.id.into(),
            profile.into(),
            self.aliases.join(", "),
        ]
    }
}

fn scene(scene: &Scene) -> SceneReport<'_> {
    let is_line = |beat: &&Beat| matches!(beat, Beat::Line { .. });
    SceneReport {
        number: scene.number,
        id: &scene.id,
        heading: &scene.heading,
        place: &scene.place,
        time_of_day: scene.time_of_day,
        interior: scene.interior,
        line: scene.line,
        beats: scene.beats.len(),
        lines: scene.beats.iter().filter(is_line).count(),
    }
}

fn member<'a>(entry: &'a CastEntry, understood: &'a Understood) -> CastReport<'a> {
    let CastEntry { id, name, lines, aliases_seen } = entry;
    let from_file = understood.cast_file.is_some().then(|| understood.profiles.iter());
    let known =
        |wanted: &str| from_file.clone()?.find(|p| p.names().any(|known| known.eq_ignore_ascii_case(wanted)));
    let profile = known(name).map(|profile| profile.name.as_str());
    CastReport { id, name, lines: *lines, aliases: aliases_seen, profile }
}

/// What the Writer will ask for.
struct Expected {
    backgrounds: usize,
    busts: usize,
    lines: usize,
}

impl Expected {
    /// A background is a place at a time of day, seen from inside or outside; a bust is somebody on screen with an
    /// expression, whichever of their names the script uses.
    fn of(understood: &Understood) -> Self {
        let scenes = &understood.script.scenes;
        let shown = |scene: &&Scene| !scene.place.trim().is_empty();
        let side = |scene: &Scene| format!("{:?} {:?}", scene.time_of_day, scene.interior);
        let view = |scene: &Scene| (scene.place.to_lowercase(), side(scene));
        let backgrounds: BTreeSet<_> = scenes.iter().filter(shown).map(view).collect();
        let (mut busts, mut lines) = (BTreeSet::new(), BTreeSet::new());
        for beat in scenes.iter().flat_map(|scene| &scene.beats) {
            let Beat::Line { id, speaker, expression, presence, spoken, .. } = beat else { continue };
            if *presence == Presence::OnScreen {
                busts.insert((person(understood, speaker), format!("{expression:?}")));
            }
            if spoken.chars().any(char::is_alphanumeric) {
                lines.insert(id);
            }
        }
        Self { backgrounds: backgrounds.len(), busts: busts.len(), lines: lines.len() }
    }
}

/// Who a speaker of the script is: two names of one profile are one person.
fn person(understood: &Understood, speaker: &str) -> String {
    let names = understood.script.cast.iter().find(|entry| entry.id == speaker);
    let names: Vec<&str> = names
        .map(|entry| std::iter::once(&entry.name).chain(&entry.aliases_seen).map(String::as_str).collect())
        .unwrap_or_default();
    let called = |profile: &&cast::Profile| {
        profile
            .names()
            .any(|known| slug(known) == speaker || names.iter().any(|name| known.eq_ignore_ascii_case(name)))
    };
    understood.profiles.iter().find(called).map_or_else(|| speaker.to_owned(), |profile| slug(&profile.name))
}

/// Writes a characters file for the cast beside the screenplay.
fn write_characters(understood: &Understood) -> Result<PathBuf> {
    let path = understood.file.with_file_name(format!("{}.characters.yaml", understood.stem));
    let names: Vec<_> = understood.script.cast.iter().map(|c| (c.id.clone(), c.name.clone())).collect();
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(|error| {
        let path = path.display();
        let there = error.kind() == ErrorKind::AlreadyExists;
        let what = if there { "it is there already, and is left as it is".into() } else { error.to_string() };
        BadInput(format!("cannot write {path}: {what}"))
    })?;
    file.write_all(cast::write_yaml(&names).as_bytes())?;
    Ok(path)
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
