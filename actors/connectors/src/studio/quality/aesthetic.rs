//! The aesthetic parts, all on a copy of at most 320 pixels, where composition shows and grain does not.
//!
//! - `colour`: colourfulness by Hasler and Süsstrunk (SPIE 2003); best from moderately to quite colourful.
//! - `tone`: span of lightness between the 5th and 95th percentile.
//! - `balance`: centre of saliency (distance from the mean colour, Achanta et al., CVPR 2009) near the middle or a
//!   crossing of the thirds (Datta et al., ECCV 2006; Bhattacharya et al., MM 2010).
//! - `harmony`: share of colour inside the best-turned template of Cohen-Or et al. (SIGGRAPH 2006).
//! - `complexity`: share of edge pixels; best in the middle (Berlyne 1971).
//! - `rest`: how unevenly detail is spread over a 6 by 6 grid: quiet areas beside busy ones.
//! - `richness`: entropy of colours in 512 bins.

use super::Part;
use super::curve::{Moments, corners, entropy, percentile, ramp};
use super::raster::Raster;
use super::technical::histogram;

const SIDE: usize = 320;

/// All aesthetic parts of a picture with at least one opaque pixel.
pub(super) fn parts(raster: &Raster) -> Vec<Part> {
    let small = raster.reduced(SIDE);
    let part = |name, weight, raw, value| Part { name, raw, value, weight };
    let colourful = colourfulness(&small);
    let tones = histogram(&small);
    let span = (percentile(&tones, 0.95) - percentile(&tones, 0.05)) / 255.0;
    let off_balance = off_balance(&small);
    let harmony = harmony(&small);
    let (edges, unevenness) = detail(&small);
    let bits = entropy(&colour_bins(&small));
    vec![
        part(
            "colour",
            0.18,
            colourful,
            corners(
                colourful,
                &[(0.0, 0.25), (15.0, 0.55), (33.0, 0.75), (59.0, 1.0), (85.0, 1.0), (130.0, 0.6)],
            ),
        ),
        part("tone", 0.18, span, ramp(span, 0.02, 0.78)),
        part("balance", 0.14, off_balance, ramp(off_balance, 0.28, 0.0)),
        part("harmony", 0.14, harmony, corners(harmony, &[(0.4, 0.2), (0.75, 0.65), (1.0, 1.0)])),
        part(
            "complexity",
            0.16,
            edges,
            corners(edges, &[(0.0, 0.0), (0.06, 0.5), (0.18, 1.0), (0.34, 1.0), (0.8, 0.2)]),
        ),
        part(
            "rest",
            0.1,
            unevenness,
            corners(unevenness, &[(0.0, 0.3), (0.55, 1.0), (1.2, 1.0), (2.5, 0.4)]),
        ),
        part("richness", 0.1, bits, ramp(bits, 0.5, 6.6)),
    ]
}

/// The opaque pixels with their place.
fn opaque(raster: &Raster) -> impl Iterator<Item = (usize, usize, [f64; 3])> {
    let solid = raster.solid.iter().enumerate().filter(|(_, solid)| **solid);
    solid.map(|(at, _)| (at % raster.width, at / raster.width, raster.rgb[at].map(f64::from)))
}

fn colourfulness(raster: &Raster) -> f64 {
    let (mut rg, mut yb) = (Moments::default(), Moments::default());
    for (_, _, [r, g, b]) in opaque(raster) {
        rg.add(r - g);
        yb.add((r + g) / 2.0 - b);
    }
    let spread = (rg.variance() + yb.variance()).sqrt();
    spread + 0.3 * (rg.mean * rg.mean + yb.mean * yb.mean).sqrt()
}

/// Distance of the centre of saliency from the nearest good place, as a share of the opaque area's sides.
fn off_balance(raster: &Raster) -> f64 {
    let mut mean = [Moments::default(); 3];
    let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, usize::MAX, 0);
    for (x, y, pixel) in opaque(raster) {
        for (moments, channel) in mean.iter_mut().zip(pixel) {
            moments.add(channel);
        }
        (left, right, top, bottom) = (left.min(x), right.max(x), top.min(y), bottom.max(y));
    }
    let (mut sum, mut across, mut down) = (0.0, 0.0, 0.0);
    for (x, y, pixel) in opaque(raster) {
        let off: f64 = pixel.iter().zip(&mean).map(|(c, m)| (c - m.mean) * (c - m.mean)).sum();
        sum += off;
        across += off * (x - left) as f64;
        down += off * (y - top) as f64;
    }
    if sum <= 0.0 {
        return 1.0;
    }
    let side = |from: usize, to: usize| (to.saturating_sub(from)).max(1) as f64;
    let (x, y) = (across / sum / side(left, right), down / sum / side(top, bottom));
    let third = 1.0 / 3.0;
    let good =
        [(0.5, 0.5), (third, third), (1.0 - third, third), (third, 1.0 - third), (1.0 - third, 1.0 - third)];
    good.iter().map(|p| ((x - p.0) * (x - p.0) + (y - p.1) * (y - p.1)).sqrt()).fold(1.0, f64::min)
}

const HUES: usize = 36;

/// Share of colour weight inside the best template; 1 where there is no colour to clash.
fn harmony(raster: &Raster) -> f64 {
    let mut weights = [0.0_f64; HUES];
    for (_, _, pixel) in opaque(raster) {
        if let Some((hue, chroma)) = hue(pixel) {
            weights[((hue / 360.0 * HUES as f64) as usize).min(HUES - 1)] += chroma;
        }
    }
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return 1.0;
    }
    let best = (0..HUES).flat_map(|turn| TEMPLATES.iter().map(move |sectors| (turn, sectors)));
    let inside = best.map(|(turn, sectors)| covered(&weights, turn, sectors)).fold(0.0, f64::max);
    inside / total
}

/// Templates V, Y, I and L of Cohen-Or et al. as sectors (start, width) in steps of 10 degrees.
const TEMPLATES: [&[(usize, usize)]; 4] =
    [&[(0, 9)], &[(0, 9), (21, 3)], &[(0, 4), (18, 4)], &[(0, 3), (6, 8)]];

fn covered(weights: &[f64; HUES], turn: usize, sectors: &[(usize, usize)]) -> f64 {
    let steps = sectors.iter().flat_map(|(start, width)| *start..start + width);
    steps.map(|step| weights[(turn + step) % HUES]).sum()
}

/// Hue in degrees and chroma 0..255; `None` for greys.
fn hue([r, g, b]: [f64; 3]) -> Option<(f64, f64)> {
    let (high, low) = (r.max(g).max(b), r.min(g).min(b));
    let chroma = high - low;
    if chroma < 12.0 {
        return None;
    }
    let sixth = if high == r {
        (g - b) / chroma
    } else if high == g {
        (b - r) / chroma + 2.0
    } else {
        (r - g) / chroma + 4.0
    };
    Some(((sixth * 60.0 + 360.0) % 360.0, chroma))
}

/// Share of edge pixels, and the spread of that share over the cells of a grid relative to its mean.
fn detail(raster: &Raster) -> (f64, f64) {
    const CELLS: usize = 6;
    const EDGE: i32 = 14;
    let (w, h) = (raster.width, raster.height);
    let mut cells = [(0_u32, 0_u32); CELLS * CELLS];
    for y in 1..h {
        for x in 1..w {
            let at = y * w + x;
            if !(raster.solid[at] && raster.solid[at - 1] && raster.solid[at - w]) {
                continue;
            }
            let (dx, dy) = (raster.luma[at] - raster.luma[at - 1], raster.luma[at] - raster.luma[at - w]);
            let cell = &mut cells[y * CELLS / h * CELLS + x * CELLS / w];
            cell.0 += u32::from(dx.abs() + dy.abs() >= EDGE);
            cell.1 += 1;
        }
    }
    let (edges, all) = cells.iter().fold((0, 0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1));
    let mut spread = Moments::default();
    for (edges, all) in cells.iter().filter(|cell| cell.1 > 0) {
        spread.add(f64::from(*edges) / f64::from(*all));
    }
    let unevenness = if spread.mean > 0.0 { spread.deviation() / spread.mean } else { 0.0 };
    (f64::from(edges) / f64::from(all.max(1)), unevenness)
}

fn colour_bins(raster: &Raster) -> Vec<u64> {
    let mut bins = vec![0; 512];
    for (at, solid) in raster.solid.iter().enumerate() {
        if *solid {
            let [r, g, b] = raster.rgb[at].map(|c| usize::from(c >> 5));
            bins[r * 64 + g * 8 + b] += 1;
        }
    }
    bins
}
