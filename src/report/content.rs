//! What became of the chapter, part by part.

use std::collections::BTreeMap;

use hydra_events::StreamName;
use hydra_events::vocabulary::terms::DecidedBy;
use hydra_projections::rows::{ImageRow, LineRow};

use super::ReportInput;
use super::markdown::{code, count, duration, list, moment, plain, section, table};

/// The title, and when.
pub(super) fn head(input: &ReportInput) -> String {
    let chapter = &input.chapter;
    let title = if chapter.title.trim().is_empty() { &chapter.id } else { &chapter.title };
    let finished = chapter.completed_at.map_or("not yet".to_owned(), moment);
    let mut head = format!("# {}\n\n", plain(title));
    head.push_str(&format!("- Chapter: {}, revision {}\n", code(&chapter.id), chapter.revision));
    head.push_str(&format!("- Requested: {}\n- Finished: {finished}\n", moment(chapter.requested_at)));
    if let Some(end) = chapter.completed_at {
        let took = u64::try_from((end - chapter.requested_at) / 1000).unwrap_or(0);
        head.push_str(&format!("- Took: {}\n", duration(took)));
    }
    head
}

/// How much was made, and how often it took more than one try.
pub(super) fn outcome(input: &ReportInput) -> String {
    let images: Vec<&ImageRow> = input.images.iter().filter(|image| is_approved(image)).collect();
    let backgrounds = images.iter().filter(|image| image.kind == "background").count();
    let lines: Vec<&LineRow> = input.lines.iter().filter(|line| is_spoken(line)).collect();
    let speaking = lines.iter().map(|line| line.length_ms).sum();
    let rejected: usize = input.images.iter().map(|image| image.rejections.len()).sum();
    let again: usize = input.images.iter().map(|image| image.tries.saturating_sub(1) as usize).sum();
    let of = |part: usize, whole: usize| format!("{part} of {whole}");
    let rows = [
        ("Scenes", of(input.scenes.len(), input.chapter.scene_order.len().max(input.scenes.len()))),
        ("Images approved", of(images.len(), wanted_images(input).len())),
        ("… of them backgrounds", backgrounds.to_string()),
        ("Tries rejected", rejected.to_string()),
        ("Images drawn again", again.to_string()),
        ("Lines spoken", of(lines.len(), wanted_lines(input).len())),
        ("Speaking time", duration(speaking)),
        ("Missing", gaps(input).len().to_string()),
    ];
    let rows: Vec<Vec<String>> = rows.into_iter().map(|(what, value)| vec![what.to_owned(), value]).collect();
    section("What was made", &table(&["", "Count"], &rows))
}

/// What did not come, why, and what to do.
pub(super) fn missing(input: &ReportInput) -> String {
    let gaps = gaps(input);
    if gaps.is_empty() {
        return section("Missing", "Nothing is missing.\n");
    }
    let items: Vec<String> = gaps
        .iter()
        .map(|(stream, reason)| format!("{}: {}. Try again: {}", code(stream), plain(reason), retry(stream)))
        .collect();
    let told = "All of it at once: `hydra dead retry --all`. The chapter opens again and closes when it has come.\n\n";
    section("Missing", &format!("{told}{}", list(&items)))
}

/// Why tries were rejected, most frequent first.
pub(super) fn rejections(input: &ReportInput) -> String {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for reason in
        input.images.iter().flat_map(|image| &image.rejections).flat_map(|rejection| &rejection.reasons)
    {
        *reasons.entry(plain(reason)).or_default() += 1;
    }
    let mut reasons: Vec<(String, usize)> = reasons.into_iter().collect();
    reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let items: Vec<String> = reasons
        .into_iter()
        .map(|(reason, number)| format!("{}: {reason}", count(number, "time", "times")))
        .collect();
    section("Why tries were rejected", &list(&items))
}

/// The pictures that the policy alone did not decide.
pub(super) fn decisions(input: &ReportInput) -> String {
    let (mut default, mut people) = (Vec::new(), Vec::new());
    for image in input.images.iter().filter(|image| is_approved(image)) {
        match &image.decided_by {
            Some(DecidedBy::Default {}) => default.push(code(&image.id)),
            Some(DecidedBy::Person { name }) => {
                people.push(format!("{} by {}", code(&image.id), plain(name)))
            }
            Some(DecidedBy::Policy {}) | None => {}
        }
    }
    let default_told = "The scores were too close to call and nobody answered. Have a look; \
                        `hydra approvals reject` has one drawn again.\n\n";
    let default =
        if default.is_empty() { String::new() } else { format!("{default_told}{}", list(&default)) };
    let parts = [section("Approved by default", &default), section("Approved by a person", &list(&people))];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The scenes whose lines were filled in.
pub(super) fn placeholders(input: &ReportInput) -> String {
    let order = &input.chapter.scene_order;
    let mut scenes: Vec<_> = input.scenes.iter().filter(|scene| scene.placeholders > 0).collect();
    scenes.sort_by_key(|scene| order.iter().position(|stream| *stream == scene.id));
    let lines = |number: u32| count(number as usize, "line", "lines");
    let items: Vec<String> =
        scenes.iter().map(|scene| format!("{}: {}", code(&scene.id), lines(scene.placeholders))).collect();
    if items.is_empty() {
        return String::new();
    }
    let told = "These scenes had no dialogue. What stands there now waits for an author.\n\n";
    section("Placeholders", &format!("{told}{}", list(&items)))
}

pub(super) fn is_approved(image: &ImageRow) -> bool {
    image.state == "approved"
}

pub(super) fn is_spoken(line: &LineRow) -> bool {
    line.state == "spoken"
}

/// Everything wanted that is not there, by stream.
fn gaps(input: &ReportInput) -> BTreeMap<StreamName, String> {
    let mut gaps = BTreeMap::new();
    for stream in wanted_images(input) {
        let row = input.images.iter().find(|image| image.id == *stream);
        if !row.is_some_and(is_approved) {
            gaps.insert(stream.clone(), why(row.map(|row| (&row.missing_reason, &row.state))));
        }
    }
    for stream in wanted_lines(input) {
        let row = input.lines.iter().find(|line| line.id == *stream);
        if !row.is_some_and(is_spoken) {
            gaps.insert(stream.clone(), why(row.map(|row| (&row.missing_reason, &row.state))));
        }
    }
    gaps
}

fn why(row: Option<(&Option<String>, &String)>) -> String {
    match row {
        Some((Some(reason), _)) => reason.trim_end_matches('.').to_owned(),
        Some((None, state)) => format!("not made yet: {state}"),
        None => "not asked for yet".to_owned(),
    }
}

fn retry(stream: &StreamName) -> String {
    code(format!("hydra dead retry {stream}"))
}

fn wanted_images(input: &ReportInput) -> std::collections::BTreeSet<&StreamName> {
    input.scenes.iter().flat_map(|scene| &scene.images).map(|wanted| &wanted.image).collect()
}

fn wanted_lines(input: &ReportInput) -> std::collections::BTreeSet<&StreamName> {
    input.scenes.iter().flat_map(|scene| &scene.lines).map(|wanted| &wanted.line).collect()
}
