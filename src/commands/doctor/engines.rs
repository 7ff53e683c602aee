//! The engines: what draws, speaks and plays, and what there is to run it on.

use std::env;
use std::path::PathBuf;

use hydra_connectors::adapters::StudioSpeaker;

use super::Check;

/// The names Ren'Py's launcher goes by.
const RENPY: [&str; 3] = ["renpy", "renpy.sh", "renpy.exe"];

/// The built-in studio.
pub fn studio() -> Check {
    Check::ok("pictures", "the built-in studio draws and measures them; nothing to install")
}

/// What speaks.
pub async fn speech() -> Check {
    match StudioSpeaker::detect().await {
        StudioSpeaker::Espeak(engine) => Check::ok("voices", format!("espeak-ng {}", engine.version())),
        StudioSpeaker::Blip(_) => Check::warn(
            "voices",
            "espeak-ng is not installed: characters speak in blips",
            "install it for spoken words: `apt install espeak-ng`, `brew install espeak-ng` or your system's way",
        ),
    }
}

/// What plays a chapter.
pub fn renpy() -> Check {
    match on_path(&RENPY) {
        Some(path) => Check::ok("Ren'Py", path.display().to_string()),
        None => Check::warn(
            "Ren'Py",
            "not found: chapters are made without it, but it is what plays and checks them",
            "on Debian `apt install renpy`, elsewhere the Ren'Py SDK with its folder on PATH",
        ),
    }
}

/// What there is to draw and speak on.
pub fn cores() -> Check {
    match std::thread::available_parallelism() {
        Ok(cores) => Check::ok("processors", format!("{cores}; as many pictures are drawn at once")),
        Err(error) => {
            Check::warn("processors", format!("unknown: {error}"), "one picture is drawn at a time")
        }
    }
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    // Debian puts games where not every PATH leads.
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/games")]);
    let mut files = folders.flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    files.find(|file| file.is_file())
}
