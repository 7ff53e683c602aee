//! Changing colour over a shape: along a line or around a point, laid over pixels in whole numbers.

use super::colour::Colour;
use super::shape::At;

const STEPS: usize = 512;

/// A ramp of premultiplied colours and how a pixel finds its place on it.
pub(super) struct Shade {
    ramp: Vec<[u16; 4]>,
    way: Way,
}

enum Way {
    /// Step = x * 0 + y * 1 + 2.
    Along(f32, f32, f32),
    /// Step from the squared distance to a centre, times a factor; nothing is painted past the end.
    Around(At, f32),
}

impl Shade {
    /// From one colour, opacity and place to another, places turned to pixels by `place`.
    pub fn between(from: (Colour, f32, At), to: (Colour, f32, At), place: impl Fn(At) -> At) -> Self {
        let (a, b) = (place(from.2), place(to.2));
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let length2 = (dx * dx + dy * dy).max(1e-6);
        let scale = (STEPS - 1) as f32 / length2;
        let (sx, sy) = (dx * scale, dy * scale);
        let start = -(a.0 - 0.5) * sx - (a.1 - 0.5) * sy;
        let ramp = (0..STEPS).map(|i| {
            let t = i as f32 / (STEPS - 1) as f32;
            premultiplied(from.0.mix(to.0, t), from.1 + (to.1 - from.1) * t)
        });
        Self { ramp: ramp.collect(), way: Way::Along(sx, sy, start) }
    }

    /// From the middle outwards, fading to nothing at the radius (in pixels).
    pub fn around(centre: At, radius: f32, colour: Colour, alpha: f32) -> Self {
        let ramp = (0..STEPS).map(|i| {
            let distance2 = i as f32 / (STEPS - 1) as f32;
            let rest = 1.0 - distance2.sqrt();
            premultiplied(colour, alpha * rest * rest * (0.45 + 0.55 * rest))
        });
        let scale = (STEPS - 1) as f32 / (radius * radius).max(1e-6);
        Self { ramp: ramp.collect(), way: Way::Around(centre, scale) }
    }

    /// Lays the colours over one row of premultiplied RGBA pixels that begins at the given pixel.
    pub fn paint_row(&self, (left, y): (usize, usize), coverage: &[u8], pixels: &mut [u8]) {
        let covered =
            pixels.chunks_exact_mut(4).zip(coverage).enumerate().filter(|(_, (_, share))| **share > 0);
        let (left, y) = (left as f32, y as f32);
        match self.way {
            Way::Along(0.0, sy, start) => {
                let colour = self.at(y * sy + start);
                covered.for_each(|(_, (pixel, share))| over(pixel, colour, *share));
            }
            Way::Along(sx, sy, start) => {
                let start = left * sx + y * sy + start;
                covered.for_each(|(i, (pixel, share))| over(pixel, self.at(i as f32 * sx + start), *share));
            }
            Way::Around(centre, scale) => {
                let (left, dy) = (left + 0.5 - centre.0, y + 0.5 - centre.1);
                covered.for_each(|(i, (pixel, share))| {
                    let dx = i as f32 + left;
                    over(pixel, self.at((dx * dx + dy * dy) * scale), *share);
                });
            }
        }
    }

    fn at(&self, step: f32) -> [u16; 4] {
        self.ramp[(step.max(0.0) as usize).min(STEPS - 1)]
    }
}

/// Colour times opacity, each channel 0..65280 (255 in 8.8 fixed point).
fn premultiplied(colour: Colour, alpha: f32) -> [u16; 4] {
    let a = alpha.clamp(0.0, 1.0);
    [colour.r, colour.g, colour.b, 1.0].map(|c| (c.clamp(0.0, 1.0) * a * 65_280.0 + 0.5) as u16)
}

/// Source over destination, the source weakened by its coverage (0..255).
fn over(pixel: &mut [u8], source: [u16; 4], coverage: u8) {
    let shown = match coverage {
        255 => source.map(u32::from),
        part => source.map(|c| u32::from(c) * u32::from(part) / 255),
    };
    let rest = 65_280 - shown[3];
    for (channel, c) in pixel.iter_mut().zip(shown) {
        let below = u32::from(*channel) * rest / 255;
        *channel = ((c + below + 128) >> 8).min(255) as u8;
    }
}
