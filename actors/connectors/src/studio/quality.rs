//! Measured picture quality: scores computed from the pixels alone, without any model.
//!
//! Two metrics, each a weighted geometric mean of parts in 0..1, so that one bad part cannot be bought off by the
//! others. [`TECHNICAL`] asks whether the picture is well made (sharp, free of noise, well exposed), [`AESTHETIC`]
//! whether it is put together well (colour, tone, balance). The parts and their published sources stand in
//! `quality/technical.rs` and `quality/aesthetic.rs`. Transparent pixels do not count. Results are rounded to three
//! decimals and are the same on every machine. Undecodable and oversized pictures are errors; a picture without any
//! opaque pixel scores zero.

mod aesthetic;
mod curve;
mod raster;
mod technical;

use std::collections::BTreeMap;

pub use raster::{BYTES_MAX, PIXELS_MAX};

/// Name and version of the technical score, 0–100, higher is better.
pub const TECHNICAL: (&str, &str) = ("studio-technical", "1");
/// Name and version of the aesthetic score, 0–10, higher is better.
pub const AESTHETIC: (&str, &str) = ("studio-aesthetic", "1");

/// What was measured on one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// [`TECHNICAL`], 0–100.
    pub technical: f64,
    /// [`AESTHETIC`], 0–10.
    pub aesthetic: f64,
    /// The parts (`technical.sharpness`, `aesthetic.harmony`, … in 0..1), raw values under `raw.`, and `coverage`,
    /// the share of opaque pixels.
    pub details: BTreeMap<String, f64>,
}

/// Why a picture could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// The file is too large to be looked at.
    #[error("picture file has {bytes} bytes, at most {BYTES_MAX} are measured")]
    TooManyBytes {
        /// Size of the file.
        bytes: usize,
    },
    /// The picture is too large to be looked at.
    #[error("picture is {width}x{height}, at most {PIXELS_MAX} pixels are measured")]
    TooManyPixels {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// Not a PNG at all.
    #[error("picture is not a PNG: its first bytes are not the PNG signature")]
    NotPng,
    /// A PNG that cannot be read.
    #[error("picture could not be decoded as PNG")]
    Undecodable(#[from] png::DecodingError),
}

/// Measures a PNG file.
///
/// # Errors
/// [`MeasureError`] for files that are too large, no PNG, or damaged.
pub fn measure(image_bytes: &[u8]) -> Result<Measured, MeasureError> {
    let raster = raster::decode(image_bytes)?;
    let mut details = BTreeMap::new();
    details.insert("coverage".to_owned(), round(raster.coverage()));
    if raster.opaque == 0 {
        return Ok(Measured { technical: 0.0, aesthetic: 0.0, details });
    }
    let technical = score("technical", &technical::parts(&raster), 1.5, &mut details) * 100.0;
    let aesthetic = score("aesthetic", &aesthetic::parts(&raster), 1.2, &mut details) * 10.0;
    Ok(Measured { technical: round(technical), aesthetic: round(aesthetic), details })
}

/// One part of a score.
#[derive(Debug, Clone, Copy)]
struct Part {
    name: &'static str,
    /// The measured number, in its own unit.
    raw: f64,
    /// How good that is, 0..1.
    value: f64,
    weight: f64,
}

/// Lowest value a part counts with, so that the others still show.
const FLOOR: f64 = 0.02;

/// Weighted geometric mean of the parts, stretched by a power so that the middle of the scale is used: a clean but
/// ordinary picture should not stand near the top.
fn score(metric: &str, parts: &[Part], stretch: f64, details: &mut BTreeMap<String, f64>) -> f64 {
    let mut logs = 0.0;
    let mut weights = 0.0;
    for part in parts {
        logs += part.weight * libm::log(part.value.clamp(FLOOR, 1.0));
        weights += part.weight;
        details.insert(format!("{metric}.{}", part.name), round(part.value));
        details.insert(format!("raw.{}", part.name), round(part.raw));
    }
    libm::exp(stretch * logs / weights)
}

fn round(value: f64) -> f64 {
    libm::round(value * 1000.0) / 1000.0
}

#[cfg(test)]
mod tests;
