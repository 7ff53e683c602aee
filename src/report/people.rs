//! Who is in the chapter: pictures, lines and speaking time.

use std::collections::BTreeMap;

use super::ReportInput;
use super::content::{is_approved, is_spoken};
use super::markdown::{duration, plain, section, table};

#[derive(Default)]
struct Share {
    images: usize,
    lines: usize,
    speaking_ms: u64,
}

/// Everybody, in the order of their first words; then whoever the plan does not list, by id.
pub(super) fn people(input: &ReportInput) -> String {
    let mut shares = shares(input);
    let mut rows = Vec::new();
    for speaker in input.plan.iter().flat_map(|plan| &plan.cast) {
        if let Some(share) = shares.remove(speaker.id.as_str()) {
            rows.push(row(&speaker.name, &share));
        }
    }
    rows.extend(shares.iter().map(|(id, share)| row(id, share)));
    if rows.is_empty() {
        return String::new();
    }
    section("Characters", &table(&["Character", "Images", "Lines", "Speaking time"], &rows))
}

fn shares(input: &ReportInput) -> BTreeMap<&str, Share> {
    let mut shares: BTreeMap<&str, Share> = BTreeMap::new();
    for image in input.images.iter().filter(|image| image.kind == "bust" && is_approved(image)) {
        shares.entry(&image.subject).or_default().images += 1;
    }
    for line in input.lines.iter().filter(|line| is_spoken(line)) {
        let share = shares.entry(&line.character).or_default();
        share.lines += 1;
        share.speaking_ms += line.length_ms;
    }
    shares
}

fn row(name: &str, share: &Share) -> Vec<String> {
    vec![plain(name), share.images.to_string(), share.lines.to_string(), duration(share.speaking_ms)]
}
