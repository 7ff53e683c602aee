//! `hydra score`: pictures measured on their pixels alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use hydra_connectors::studio::quality::{self, AESTHETIC, BYTES_MAX, Measured, TECHNICAL};
use serde::Serialize;

use super::Setting;
use crate::exit::Exit;
use crate::print;

/// One measured file, for machines.
#[derive(Serialize)]
struct Scored<'a> {
    file: String,
    technical: f64,
    aesthetic: f64,
    /// Name and version of both metrics.
    metrics: [(&'a str, &'a str); 2],
    details: &'a BTreeMap<String, f64>,
}

/// Runs the command.
pub fn run(setting: &Setting, files: &[PathBuf]) -> Result<Exit> {
    let (mut rows, mut exit) = (Vec::new(), Exit::Done);
    for file in files {
        match measure(file) {
            Ok(measured) if setting.json => print::json(&scored(file, &measured))?,
            Ok(measured) => rows.push(row(file, &measured)),
            Err(what) => {
                print::progress(format!("error: {}: {what}", file.display()));
                exit = Exit::Usage;
            }
        }
    }
    if !rows.is_empty() {
        print::table(&["file", "technical", "aesthetic"], &rows)?;
    }
    Ok(exit)
}

fn measure(file: &Path) -> Result<Measured, String> {
    let about = fs::metadata(file).map_err(|e| e.to_string())?;
    if about.is_dir() {
        return Err("it is a folder: name PNG files".into());
    }
    if about.len() > BYTES_MAX as u64 {
        return Err(format!("it has {} bytes, at most {BYTES_MAX} are measured", about.len()));
    }
    let bytes = fs::read(file).map_err(|e| e.to_string())?;
    quality::measure(&bytes).map_err(|error| format!("{:#}", anyhow::Error::from(error)))
}

fn scored<'a>(file: &Path, measured: &'a Measured) -> Scored<'a> {
    let Measured { technical, aesthetic, details } = measured;
    let file = file.display().to_string();
    Scored { file, technical: *technical, aesthetic: *aesthetic, metrics: [TECHNICAL, AESTHETIC], details }
}

fn row(file: &Path, measured: &Measured) -> Vec<String> {
    let Measured { technical, aesthetic, .. } = measured;
    vec![file.display().to_string(), format!("{technical:.1} of 100"), format!("{aesthetic:.2} of 10")]
}
