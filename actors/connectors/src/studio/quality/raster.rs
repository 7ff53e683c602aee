//! Pixels to measure: decoding within limits, lightness, the opaque mask, a small copy for questions of composition.

use super::MeasureError;

/// Largest file that is decoded, in bytes.
pub const BYTES_MAX: usize = 64 * 1024 * 1024;
/// Largest picture that is decoded, in pixels.
pub const PIXELS_MAX: u64 = 24_000_000;
/// Alpha from which a pixel counts.
const OPAQUE_MIN: u8 = 128;
const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];

/// A decoded picture.
#[derive(Debug)]
pub(super) struct Raster {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Red, green, blue.
    pub rgb: Vec<[u8; 3]>,
    /// Lightness, 0..255 (Rec. 601).
    pub luma: Vec<i32>,
    /// Whether the pixel counts.
    pub solid: Vec<bool>,
    /// How many count.
    pub opaque: usize,
}

impl Raster {
    /// Share of pixels that count.
    pub fn coverage(&self) -> f64 {
        self.opaque as f64 / (self.width * self.height).max(1) as f64
    }

    /// A copy with the longer side of at most `side` pixels, averaged over opaque pixels.
    pub fn reduced(&self, side: usize) -> Self {
        let step = self.width.max(self.height).div_ceil(side).max(1);
        let (width, height) = (self.width.div_ceil(step), self.height.div_ceil(step));
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                pixels.push(self.average(x * step, y * step, step));
            }
        }
        Self::of(width, height, pixels)
    }

    fn average(&self, left: usize, top: usize, step: usize) -> ([u8; 3], bool) {
        let mut sum = [0_u64; 3];
        let (mut solid, mut all) = (0, 0);
        for y in top..(top + step).min(self.height) {
            for x in left..(left + step).min(self.width) {
                let at = y * self.width + x;
                all += 1;
                if self.solid[at] {
                    solid += 1;
                    for (total, channel) in sum.iter_mut().zip(self.rgb[at]) {
                        *total += u64::from(channel);
                    }
                }
            }
        }
        (sum.map(|total| (total / solid.max(1)) as u8), solid * 2 >= all && solid > 0)
    }

    fn of(width: usize, height: usize, pixels: Vec<([u8; 3], bool)>) -> Self {
        let luma = pixels.iter().map(|(c, _)| lightness(*c)).collect();
        let opaque = pixels.iter().filter(|(_, solid)| *solid).count();
        let (rgb, solid) = pixels.into_iter().unzip();
        Self { width, height, rgb, luma, solid, opaque }
    }
}

fn lightness([r, g, b]: [u8; 3]) -> i32 {
    (i32::from(r) * 299 + i32::from(g) * 587 + i32::from(b) * 114 + 500) / 1000
}

/// Decodes a PNG of any colour type to 8 bits.
pub(super) fn decode(bytes: &[u8]) -> Result<Raster, MeasureError> {
    if bytes.len() > BYTES_MAX {
        return Err(MeasureError::TooManyBytes { bytes: bytes.len() });
    }
    if !bytes.starts_with(&SIGNATURE) {
        return Err(MeasureError::NotPng);
    }
    let limits = png::Limits { bytes: PIXELS_MAX as usize * 8 };
    let mut decoder = png::Decoder::new_with_limits(std::io::Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let (width, height) = reader.info().size();
    let too_many = MeasureError::TooManyPixels { width, height };
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(too_many);
    }
    let mut data = vec![0; reader.output_buffer_size().ok_or(too_many)?];
    let frame = reader.next_frame(&mut data)?;
    let samples = frame.color_type.samples();
    let pixels = data[..frame.buffer_size()].chunks_exact(samples).map(pixel).collect();
    Ok(Raster::of(width as usize, height as usize, pixels))
}

fn pixel(samples: &[u8]) -> ([u8; 3], bool) {
    match *samples {
        [grey] => ([grey; 3], true),
        [grey, alpha] => ([grey; 3], alpha >= OPAQUE_MIN),
        [r, g, b] => ([r, g, b], true),
        [r, g, b, alpha] => ([r, g, b], alpha >= OPAQUE_MIN),
        _ => ([0; 3], false),
    }
}
