//! `hydra check`: what a screenplay is understood as, before anything is made.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use hydra_actors::cast;
use hydra_actors::fountain::{Element, Problem, Severity};
use hydra_actors::screenplay::{Beat, CastEntry, Interior, Scene, TimeOfDay};
use hydra_events::vocabulary::chapter::Fill;
use serde::Serialize;

use super::Setting;
use crate::cli::Check;
use crate::exit::{BadInput, Exit};
use crate::input::{self, Understood};
use crate::print;
use crate::rehearsal::{self, Expected};

/// Runs the command.
pub async fn run(setting: &Setting, arguments: &Check) -> Result<Exit> {
    let understood = input::read(&arguments.file, arguments.characters.as_deref())?;
    let (refusal, expected) = match understood.refuse_errors() {
        Ok(()) => (None, expected(&understood, arguments).await?),
        Err(refusal) => (Some(refusal), Expected::default()),
    };
    let written = match (&refusal, arguments.write_characters) {
        (None, true) => Some(write_characters(&understood)?),
        (None, false) | (Some(_), _) => None,
    };
    let report = Report::of(&understood, expected, refusal.as_ref(), written.as_ref());
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

/// What producing it with the same arguments would ask for.
async fn expected(understood: &Understood, arguments: &Check) -> Result<Expected> {
    let fill = if arguments.fill { Fill::Placeholders } else { Fill::No };
    let expected = rehearsal::expect(understood, fill, arguments.candidates).await;
    expected.map_err(|error| BadInput(format!("{}: {error:#}", understood.file.display())).into())
}

/// What was understood.
#[derive(Serialize)]
struct Report<'a> {
    title: &'a str,
    chapter: &'a str,
    scenes: Vec<SceneReport<'a>>,
    cast: Vec<CastReport<'a>>,
    /// Pictures to come, candidates included; none where the screenplay is refused.
    images: usize,
    backgrounds: usize,
    busts: usize,
    /// Spoken lines to come.
    lines: usize,
    /// How many of them are placeholders.
    placeholders: usize,
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
    fn of(
        understood: &'a Understood,
        expected: Expected,
        refusal: Option<&BadInput>,
        written: Option<&PathBuf>,
    ) -> Self {
        let script = &understood.script;
        let Expected { backgrounds, busts, lines, placeholders } = expected;
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
            placeholders,
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

/// Writes a characters file for the cast beside the screenplay.
fn write_characters(understood: &Understood) -> Result<PathBuf> {
    let path = understood.file.with_file_name(format!("{}.characters.yaml", understood.stem));
    refuse_shadowing(understood, &path)?;
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

/// A file of the screenplay's own name is read instead of `characters.yaml`, whose characters would look as nobody said.
fn refuse_shadowing(understood: &Understood, path: &Path) -> Result<(), BadInput> {
    let shared = understood.file.with_file_name("characters.yaml");
    if !shared.exists() || path.exists() {
        return Ok(());
    }
    let (shared, path) = (shared.display(), path.display());
    Err(BadInput(format!(
        "cannot write {path}: it would be read instead of {shared}, which is there: add to that file whom it lacks, or \
         move it away"
    )))
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
