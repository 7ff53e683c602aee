//! The technical parts, all on lightness 0..255 at full size.
//!
//! - `sharpness`: variance of the Laplacian (Pech-Pacheco et al., ICPR 2000) on a logarithmic scale and
//!   less the share of noise, and the blur
//!   effect of Crété, Dolmiere, Ladret, Nicolas (SPIE 2007): how much a picture loses by being blurred once more.
//!   Noise looks sharp to the second, so it is trusted only as far as there is little noise.
//! - `noise`: standard deviation by Immerkær (CVIU 1996), whose mask cancels edges.
//! - `exposure`: share of clipped pixels, and mean lightness inside a wide band.
//! - `contrast`: RMS contrast (Peli 1990) and Michelson contrast between the 2nd and 98th percentile.
//! - `blocks`: steps on the 8-pixel grid against steps off it (after Wang, Sheikh, Bovik, ICIP 2002).
//! - `resolution`: logarithm of the number of pixels.
//! - `entropy`: Shannon entropy of the lightness histogram in bits.

use super::Part;
use super::curve::{Moments, corners, entropy, percentile, ramp};
use super::raster::Raster;

/// All technical parts of a picture with at least one opaque pixel.
pub(super) fn parts(raster: &Raster) -> Vec<Part> {
    let histogram = histogram(raster);
    let (laplacian, noise) = laplacian_and_noise(raster);
    let blur = blur_effect(raster);
    let part = |name, weight, raw, value| Part { name, raw, value, weight };
    let bits = entropy(&histogram);
    let (clipped, exposure) = exposure(&histogram);
    let (rms, contrast) = contrast(&histogram);
    let blocks = blockiness(raster);
    let size = libm::log2((raster.width * raster.height) as f64);
    let quiet = corners(noise, &[(0.8, 1.0), (3.0, 0.75), (8.0, 0.3), (24.0, 0.08), (60.0, 0.0)]);
    let edges = ramp(libm::log10(1.0 + laplacian), 0.2, 3.0);
    vec![
        part("sharpness", 0.26, laplacian, edges * 0.5 + ramp(blur, 0.95, 0.2) * quiet * 0.5),
        part("noise", 0.18, noise, quiet),
        part("exposure", 0.15, clipped, exposure),
        part("contrast", 0.15, rms, contrast),
        part("blocks", 0.06, blocks, ramp(blocks, 2.2, 1.0)),
        part("resolution", 0.18, size, ramp(size, 8.0, 20.0)),
        part("entropy", 0.08, bits, ramp(bits, 2.5, 7.8)),
    ]
}

/// How many opaque pixels have each lightness.
pub(super) fn histogram(raster: &Raster) -> [u64; 256] {
    let mut histogram = [0; 256];
    for (luma, solid) in raster.luma.iter().zip(&raster.solid) {
        if *solid {
            histogram[(*luma).clamp(0, 255) as usize] += 1;
        }
    }
    histogram
}

/// What white noise of variance 1 adds to the variance of the Laplacian: the squares of its mask.
const NOISE_IN_LAPLACIAN: f64 = 20.0;

/// Variance of the Laplacian without the share of noise, and noise by Immerkær's mask (1 -2 1; -2 4 -2; 1 -2 1).
fn laplacian_and_noise(raster: &Raster) -> (f64, f64) {
    let (w, l) = (raster.width, &raster.luma);
    let mut laplacian = Moments::default();
    let (mut sum, mut count) = (0_i64, 0_i64);
    for y in 1..raster.height.saturating_sub(1) {
        for x in 1..w.saturating_sub(1) {
            let at = y * w + x;
            if !surrounded(raster, at) {
                continue;
            }
            let straight = l[at - 1] + l[at + 1] + l[at - w] + l[at + w];
            let slanted = l[at - w - 1] + l[at - w + 1] + l[at + w - 1] + l[at + w + 1];
            laplacian.add(f64::from(straight - 4 * l[at]));
            sum += i64::from((slanted - 2 * straight + 4 * l[at]).abs());
            count += 1;
        }
    }
    let noise = (std::f64::consts::PI / 2.0).sqrt() / 6.0 * sum as f64 / count.max(1) as f64;
    ((laplacian.variance() - NOISE_IN_LAPLACIAN * noise * noise).max(0.0), noise)
}

/// True if the pixel and its eight neighbours count.
fn surrounded(raster: &Raster, at: usize) -> bool {
    let w = raster.width;
    [at - w, at, at + w]
        .iter()
        .all(|row| raster.solid[row - 1] && raster.solid[*row] && raster.solid[row + 1])
}

/// Blur effect, 0 (sharp) to 1; the worse of across and down.
fn blur_effect(raster: &Raster) -> f64 {
    let (w, h) = (raster.width, raster.height);
    let across = (0..h).map(|y| (y * w, 1, w));
    let down = (0..w).map(|x| (x, w, h));
    blur_along(raster, across).max(blur_along(raster, down))
}

const REACH: usize = 4;
/// Steps below this are gradients cut into 8 bits, not edges.
const STEP_MIN: i32 = 3;

fn blur_along(raster: &Raster, lines: impl Iterator<Item = (usize, usize, usize)>) -> f64 {
    let (mut sharp, mut lost) = (0.0, 0.0);
    let wide = (REACH * 2 + 1) as i32;
    for (start, step, length) in lines {
        if length < REACH * 2 + 2 {
            continue;
        }
        let at = |i: usize| raster.luma[start + i * step];
        let mut window: i32 = (0..=REACH * 2).map(at).sum();
        for i in REACH + 1..length - REACH {
            let before = window;
            window += at(i + REACH) - at(i - REACH - 1);
            let here = start + i * step;
            if !raster.solid[here] || !raster.solid[here - step] {
                continue;
            }
            let step = (at(i) - at(i - 1)).abs();
            if step < STEP_MIN {
                continue;
            }
            let edge = step * wide;
            let blurred = (window - before).abs();
            sharp += f64::from(edge);
            lost += f64::from((edge - blurred).max(0));
        }
    }
    if sharp > 0.0 { (sharp - lost) / sharp } else { 1.0 }
}

fn exposure(histogram: &[u64; 256]) -> (f64, f64) {
    let total: u64 = histogram.iter().sum();
    let clipped =
        (histogram[..=3].iter().sum::<u64>() + histogram[252..].iter().sum::<u64>()) as f64 / total as f64;
    let mean = mean(histogram) / 255.0;
    let band = corners(mean, &[(0.02, 0.0), (0.14, 0.6), (0.3, 1.0), (0.68, 1.0), (0.84, 0.6), (0.98, 0.0)]);
    (clipped, ramp(clipped, 0.4, 0.0) * band)
}

fn mean(histogram: &[u64; 256]) -> f64 {
    let total: u64 = histogram.iter().sum();
    let sum: u64 = histogram.iter().enumerate().map(|(value, count)| value as u64 * count).sum();
    sum as f64 / total as f64
}

fn contrast(histogram: &[u64; 256]) -> (f64, f64) {
    let total: u64 = histogram.iter().sum();
    let mean = mean(histogram);
    let squares: f64 =
        histogram.iter().enumerate().map(|(v, n)| (v as f64 - mean) * (v as f64 - mean) * *n as f64).sum();
    let rms = (squares / total as f64).sqrt() / 255.0;
    let (low, high) = (percentile(histogram, 0.02), percentile(histogram, 0.98));
    let michelson = if high + low > 0.0 { (high - low) / (high + low) } else { 0.0 };
    (rms, 0.6 * ramp(rms, 0.01, 0.25) + 0.4 * ramp(michelson, 0.05, 0.95))
}

/// Mean step across lines of the 8-pixel grid, relative to the mean of all other steps; 1 is none.
fn blockiness(raster: &Raster) -> f64 {
    let w = raster.width;
    let (mut on, mut off) = ((0_i64, 0_i64), (0_i64, 0_i64));
    for y in 1..raster.height {
        for x in 1..w {
            let at = y * w + x;
            for (place, other) in [(x, at - 1), (y, at - w)] {
                if raster.solid[at] && raster.solid[other] {
                    let step = i64::from((raster.luma[at] - raster.luma[other]).abs());
                    let tally = if place % 8 == 0 { &mut on } else { &mut off };
                    *tally = (tally.0 + step, tally.1 + 1);
                }
            }
        }
    }
    if on.1 == 0 || off.0 == 0 {
        return 1.0;
    }
    (on.0 as f64 / on.1 as f64) / (off.0 as f64 / off.1 as f64)
}
