//! A hostile chapter, checked and played by the real engine.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic as tests do")]

#[path = "renpy/files.rs"]
mod files;
#[path = "renpy/hostile.rs"]
mod hostile;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use files::bytes;
use hostile::{Shown, expected, hostile, key};
use hydra_projections::renpy::{FileContent, Novel, ProjectFile, project};

/// Writes a project below the test's own folder and returns where.
fn write(name: &str, files: &[ProjectFile]) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if root.exists() {
        fs::remove_dir_all(&root).unwrap();
    }
    for file in files {
        let path = root.join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes(&file.content)).unwrap();
    }
    root
}

fn engine(verb: &str, folder: &Path) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/renpy.sh");
    Command::new(script).arg(verb).arg(folder).current_dir("/").output().unwrap()
}

/// Whether the engine is here; required, its absence is a failure.
fn engine_is_here() -> bool {
    let required = std::env::var_os("HYDRA_TEST_REQUIRE").unwrap_or_default();
    let required = required.to_string_lossy();
    let demanded = required.split(',').any(|name| name.trim() == "renpy");
    let found = ["/usr/games/renpy", "/usr/bin/renpy"].iter().any(|path| Path::new(path).exists())
        && Path::new("/usr/bin/xvfb-run").exists();
    assert!(found || !demanded, "HYDRA_TEST_REQUIRE names renpy, and renpy or xvfb is not installed");
    if !found {
        eprintln!("ignored: renpy or xvfb is not installed");
    }
    found
}

fn report(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn shown_by(output: &Output) -> Vec<Shown> {
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let read = |line: &str| {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        Shown { who: text(&entry["who"]), text: text(&entry["text"]).unwrap(), voice: text(&entry["voice"]) }
    };
    String::from_utf8(output.stdout.clone()).unwrap().lines().map(read).collect()
}

#[test]
fn a_hostile_chapter_passes_the_engines_check() {
    if !engine_is_here() {
        return;
    }
    let output = engine("lint", &write("lint", &project(&hostile())));
    assert!(output.status.success(), "{}", report(&output));
}

#[test]
fn a_hostile_chapter_plays_every_line_in_order() {
    if !engine_is_here() {
        return;
    }
    let output = engine("play", &write("play", &project(&hostile())));
    assert!(output.status.success(), "{}", report(&output));
    let (shown, expected) = (shown_by(&output), expected());
    for (place, (shown, expected)) in shown.iter().zip(&expected).enumerate() {
        assert_eq!(shown, expected, "line {place}");
    }
    assert_eq!(shown.len(), expected.len());
}

#[test]
fn a_chapter_without_anything_plays_to_its_end() {
    if !engine_is_here() {
        return;
    }
    let folder = write("empty", &project(&Novel::default()));
    for verb in ["lint", "play"] {
        let output = engine(verb, &folder);
        assert!(output.status.success(), "{verb}: {}", report(&output));
    }
}

#[test]
fn a_broken_chapter_is_found() {
    if !engine_is_here() {
        return;
    }
    let break_it = |name: &str, old: &str, new: &str| {
        let mut files = project(&hostile());
        for file in &mut files {
            if let (FileContent::Text(text), "game/script.rpy") = (&mut file.content, file.path.as_str()) {
                assert!(text.contains(old));
                *text = text.replacen(old, new, 1);
            }
        }
        write(name, &files)
    };
    let lint = engine("lint", &break_it("no_picture", "with hydra_fade", "show nobody"));
    assert_eq!(lint.status.code(), Some(1), "{}", report(&lint));
    let play = engine("play", &break_it("no_variable", "The lamp went out.", "The [lamp] went out."));
    assert_eq!(play.status.code(), Some(1), "{}", report(&play));
}

#[test]
fn the_same_chapter_is_the_same_files_and_keys_stay_out_of_the_text() {
    let files = project(&hostile());
    assert_eq!(files, project(&hostile()));
    let mut paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    for path in &paths {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '/');
        assert!(path.starts_with("game/") && path.chars().all(plain) && !path.contains(".."), "{path}");
    }
    paths.dedup();
    assert_eq!(paths.len(), files.len());
    for file in &files {
        if let FileContent::Text(text) = &file.content {
            assert!(!text.contains('\t') && !text.contains("tall") && text.ends_with('\n'), "{}", file.path);
        }
    }
}

#[test]
fn a_picture_made_again_changes_its_file_and_no_text() {
    let old = project(&hostile());
    let mut novel = hostile();
    novel.scenes[0].background = key("another");
    let changed = project(&novel);
    let differing: Vec<&str> =
        old.iter().zip(&changed).filter(|(a, b)| a != b).map(|(_, b)| b.path.as_str()).collect();
    assert_eq!(differing, ["game/images/bg_01_lamp.png"]);
    assert_eq!(old.len(), changed.len());
}
