//! From files to what can be asked of the Director: read, understood and judged before anything is made.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use hydra_actors::cast::{self, Cast, Profile};
use hydra_actors::fountain::{self, Problem, Screenplay, Severity};
use hydra_actors::screenplay::{self, Script};
use hydra_actors::{gate, request};

use crate::exit::BadInput;

/// A screenplay with its characters, understood.
pub struct Understood {
    /// The screenplay's file.
    pub file: PathBuf,
    /// Its text.
    pub text: String,
    /// The chapter's id: the slug of the file's name.
    pub chapter: String,
    /// The file's name without its ending.
    pub stem: String,
    /// Every element of the text.
    pub screenplay: Screenplay,
    /// What it means.
    pub script: Script,
    /// The characters file, where there is one.
    pub cast_file: Option<PathBuf>,
    /// A profile for everyone who speaks, and for whoever else the characters file names.
    pub profiles: Vec<Profile>,
    /// What was noticed about the characters.
    pub warnings: Vec<String>,
}

impl Understood {
    /// Whether the screenplay itself forbids to go on.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.script.problems.iter().filter(|problem| problem.severity == Severity::Error)
    }

    /// Refuses what must not be made.
    pub fn refuse_errors(&self) -> Result<(), BadInput> {
        let file = self.file.display();
        let errors = self.errors().map(|p| format!("{file}:{}:{}: {}", p.line, p.column, p.message));
        let errors: Vec<String> = errors.chain(self.denied()).collect();
        if errors.is_empty() { Ok(()) } else { Err(BadInput(errors.join("\n"))) }
    }

    /// What the content gate finds in the words that would reach an engine.
    fn denied(&self) -> Vec<String> {
        let file = self.file.display();
        let headings = self.script.scenes.iter().map(|s| (format!("{file}:{}:1", s.line), s.place.clone()));
        let cast_file = self.cast_file.as_ref().map_or("default profile".into(), |f| f.display().to_string());
        let looks = self.profiles.iter().map(|p| (format!("{cast_file}: {}", p.name), words_of(p)));
        let check = |(place, text): (String, String)| {
            let refusal = gate::check(&text).err()?;
            Some(format!("{place}: {refusal}"))
        };
        headings.chain(looks).filter_map(check).collect()
    }
}

/// Reads and understands `file` with its characters.
pub fn read(file: &Path, characters: Option<&Path>) -> Result<Understood> {
    let text = read_text(file, fountain::TEXT_BYTES_MAX)?;
    let stem = stem(file);
    let cast_file = characters.map(Path::to_owned).or_else(|| default_cast_file(file, &stem));
    let cast = cast_file.as_deref().map(read_cast).transpose()?;
    understand(file.to_owned(), text, cast_file, cast)
}

/// Understands the `text` of `file` with its characters.
pub fn understand(
    file: PathBuf,
    text: String,
    cast_file: Option<PathBuf>,
    cast: Option<Cast>,
) -> Result<Understood> {
    fountain::check_size(&text).map_err(|e| BadInput(format!("{}: {e}", file.display())))?;
    let stem = stem(&file);
    let chapter = request::slug(&stem).ok_or_else(|| {
        BadInput(format!("{}: name the file after the chapter, in letters or digits", file.display()))
    })?;
    let screenplay = fountain::parse(&text);
    let script = screenplay::understand(&screenplay, &stem);
    let (profiles, warnings) = profiles(&script, cast.as_ref(), &file);
    Ok(Understood { file, text, chapter, stem, screenplay, script, cast_file, profiles, warnings })
}

/// The name of a file without its ending.
pub fn stem(file: &Path) -> String {
    file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Reads a characters file and refuses what must not be used.
pub fn read_cast(file: &Path) -> Result<Cast> {
    let text = read_text(file, cast::FILE_BYTES_MAX)?;
    let problems = |problems: Vec<cast::CastProblem>| {
        BadInput(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    };
    let cast = cast::parse(&text, &file.display().to_string()).map_err(problems)?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let missing = cast::missing_references(&cast, folder);
    if missing.is_empty() { Ok(cast) } else { Err(problems(missing).into()) }
}

/// The files the profiles refer to, by their path as written, with their bytes.
pub fn reference_files(profiles: &[Profile], cast_file: Option<&Path>) -> Result<BTreeMap<String, Vec<u8>>> {
    let folder = cast_file.and_then(Path::parent).unwrap_or(Path::new("."));
    let mut files = BTreeMap::new();
    for reference in profiles.iter().flat_map(|profile| profile.references.all()) {
        let path = folder.join(&reference.file);
        let bytes = fs::read(&path).with_context(|| BadInput(format!("cannot read {}", path.display())))?;
        files.insert(reference.file.clone(), bytes);
    }
    Ok(files)
}

/// The text of `file`, which must be UTF-8 and no larger than `bytes_max`.
pub fn read_text(file: &Path, bytes_max: usize) -> Result<String> {
    let name = file.display();
    let size = fs::metadata(file).map_err(|e| BadInput(format!("cannot read {name}: {e}")))?;
    if size.is_dir() {
        return Err(BadInput(format!("{name} is a folder: name a file")).into());
    }
    if size.len() > bytes_max as u64 {
        let size = size.len();
        return Err(
            BadInput(format!("{name} has {size} bytes, over the limit of {bytes_max}: split it")).into()
        );
    }
    let bytes = fs::read(file).map_err(|e| BadInput(format!("cannot read {name}: {e}")))?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..good].iter().filter(|b| **b == b'\n').count() + 1;
        BadInput(format!("{name}:{line}: byte {good} is not UTF-8: save the file as UTF-8")).into()
    })
}

fn default_cast_file(file: &Path, stem: &str) -> Option<PathBuf> {
    let beside = |name: String| file.with_file_name(name);
    [beside(format!("{stem}.characters.yaml")), beside("characters.yaml".into())]
        .into_iter()
        .find(|f| f.exists())
}

fn profiles(script: &Script, cast: Option<&Cast>, file: &Path) -> (Vec<Profile>, Vec<String>) {
    let names: Vec<(String, String)> = script.cast.iter().map(|c| (c.id.clone(), c.name.clone())).collect();
    let empty = || cast::parse("characters: {}", "no characters file").ok();
    let Some(cast) = cast.cloned().or_else(empty) else { return (Vec::new(), Vec::new()) };
    let warnings =
        cast::match_cast(&cast, &names).iter().map(|w| format!("{}: {w}", file.display())).collect();
    let missing = names.iter().filter(|(_, name)| cast.profile_for(name).is_none());
    let defaults: Vec<Profile> = missing.map(|(id, name)| cast::default_profile(id, name)).collect();
    (cast.profiles.iter().cloned().chain(defaults).collect(), warnings)
}

fn words_of(profile: &Profile) -> String {
    let outfits = profile.outfits.iter().map(|(name, clothing)| format!("{name}\n{clothing}"));
    let fixed = [
        profile.looks.traits.join("\n"),
        profile.looks.clothing.clone(),
        profile.style.lighting.clone(),
        profile.style.mood.clone(),
    ];
    fixed.into_iter().chain(outfits).collect::<Vec<_>>().join("\n")
}
