//! How the approved pictures measured: the distribution of each score, as bars of text.

use hydra_events::vocabulary::terms::ScoreName;

use super::ReportInput;
use super::content::is_approved;
use super::markdown::section;

const BINS: usize = 10;
/// The longest bar, in characters.
const BAR_MAX: usize = 40;

/// The distributions of what was measured.
pub(super) fn scores(input: &ReportInput) -> String {
    let parts = [
        distribution(input, ScoreName::Aesthetic, "Aesthetic, 0 to 10", 10.0),
        distribution(input, ScoreName::Technical, "Technical, 0 to 100", 100.0),
    ];
    let told: Vec<String> = parts.into_iter().flatten().collect();
    section("Scores of the approved images", &told.join("\n"))
}

fn distribution(input: &ReportInput, name: ScoreName, title: &str, top: f64) -> Option<String> {
    let scores = input.images.iter().filter(|image| is_approved(image)).flat_map(|image| &image.scores);
    let values = scores.filter(|score| score.name == name).filter_map(|score| score.value);
    let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let (least, most) = (*values.first()?, *values.last()?);
    let summary = format!(
        "{title}: {} measured, lowest {least:.1}, median {:.1}, highest {most:.1}",
        values.len(),
        median(&values)
    );
    Some(format!("{summary}\n\n```text\n{}```\n", bars(&values, top)))
}

/// The middle value; of an even number the mean of the two in the middle.
fn median(sorted: &[f64]) -> f64 {
    let at = |index: usize| sorted.get(index).copied().unwrap_or(0.0);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { at(middle) } else { f64::midpoint(at(middle.saturating_sub(1)), at(middle)) }
}

/// One line for each of [`BINS`] equal ranges from 0 to `top`; the last one holds `top` itself.
fn bars(values: &[f64], top: f64) -> String {
    let width = top / BINS as f64;
    let mut bins = [0_usize; BINS];
    for value in values {
        let bin = ((value / width).floor().max(0.0) as usize).min(BINS - 1);
        bins[bin] += 1;
    }
    let fullest = bins.iter().copied().max().unwrap_or(0).max(1);
    let line = |(bin, number): (usize, &usize)| {
        let bar = "█".repeat((number * BAR_MAX).div_ceil(fullest));
        let (from, to) = (bin as f64 * width, (bin + 1) as f64 * width);
        format!("{}\n", format!("{from:>3.0} – {to:>3.0} {number:>5} {bar}").trim_end())
    };
    bins.iter().enumerate().map(line).collect()
}
