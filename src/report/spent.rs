//! What the night cost: the time of each engine, and the attempts it took.

use std::collections::BTreeMap;

use super::ReportInput;
use super::content::{is_approved, is_spoken};
use super::markdown::{duration, plain, section, table};

/// The time of each engine for what is in the chapter, and all attempts. The whole part differs from night to night.
pub(super) fn engines(input: &ReportInput) -> String {
    let images = input.images.iter().filter(|image| is_approved(image));
    let images = images.map(|image| (&image.engine, &image.engine_version, image.duration_ms));
    let lines = input.lines.iter().filter(|line| is_spoken(line));
    let lines = lines.map(|line| (&line.engine, &line.engine_version, line.duration_ms));
    let mut engines: BTreeMap<(&str, &str), (usize, u64)> = BTreeMap::new();
    for (engine, version, took) in images.chain(lines) {
        let spent = engines.entry((engine, version)).or_default();
        spent.0 += 1;
        spent.1 += took;
    }
    let attempts: u32 = attempts(input, |(attempts, _)| attempts);
    let lost: u32 = self::attempts(input, |(_, lost)| lost);
    let mut body = String::new();
    if !engines.is_empty() {
        let rows: Vec<Vec<String>> = engines.iter().map(row).collect();
        body = table(&["Engine", "Files", "Total", "Each"], &rows) + "\n";
    }
    body.push_str(&format!("- Attempts: {attempts}\n- Attempts lost in a crash: {lost}\n"));
    section("Time per engine", &body)
}

fn row((&(engine, version), &(files, total)): (&(&str, &str), &(usize, u64))) -> Vec<String> {
    let each = total / (files.max(1) as u64);
    vec![plain(&format!("{engine} {version}")), files.to_string(), duration(total), duration(each)]
}

/// The sum over all pictures and lines, of attempts made or of those lost with their process.
fn attempts(input: &ReportInput, which: impl Fn((u32, u32)) -> u32) -> u32 {
    let images = input.images.iter().map(|image| (image.attempts, image.crash_attempts));
    let lines = input.lines.iter().map(|line| (line.attempts, line.crash_attempts));
    images.chain(lines).map(which).sum()
}
