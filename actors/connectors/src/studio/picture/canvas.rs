//! The drawing surface: shapes with inks in a logical coordinate system, an optional clip, and the PNG at the end.
//!
//! Rasterised by tiny-skia without SIMD features and with its own float functions, so that pixels do not depend on
//! the machine.

use std::ops::Range;

use tiny_skia::{
    FillRule, LineCap, LineJoin, Mask, Paint, Path, PathBuilder, Pixmap, Point, Rect, Shader, Stroke,
    Transform,
};

use super::PictureError;
use super::colour::Colour;
use super::shade::Shade;
use super::shape::{At, Shape};

/// What a shape is filled with.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ink {
    /// One colour and its opacity.
    Flat(Colour, f32),
    /// From one colour at a point to another at a second point, each with its opacity.
    Blend {
        /// Colour, opacity and place of the start.
        from: (Colour, f32, At),
        /// Colour, opacity and place of the end.
        to: (Colour, f32, At),
    },
    /// Round fade from the centre to nothing at the radius.
    Glow {
        /// Middle of the light.
        centre: At,
        /// Where it has faded out.
        radius: f32,
        /// Colour of the light.
        colour: Colour,
        /// Opacity in the middle.
        alpha: f32,
    },
}

/// A pixel surface with its own coordinate system.
pub(super) struct Canvas {
    pixmap: Pixmap,
    transform: Transform,
    clip: Option<Mask>,
    /// Coverage of the shape being shaded; empty between two shapes.
    coverage: Mask,
}

impl Canvas {
    /// A transparent surface of `size` pixels, showing `extent` logical units: scaled to cover, centred across,
    /// resting on the lower edge.
    pub fn try_new(size: (u32, u32), extent: At) -> Result<Self, PictureError> {
        let (width, height) = size;
        let pixmap = Pixmap::new(width, height).ok_or(PictureError::Size { width, height })?;
        let coverage = Mask::new(width, height).ok_or(PictureError::Size { width, height })?;
        let (w, h) = (width as f32, height as f32);
        let scale = (w / extent.0).max(h / extent.1);
        let transform =
            Transform::from_row(scale, 0.0, 0.0, scale, (w - extent.0 * scale) / 2.0, h - extent.1 * scale);
        Ok(Self { pixmap, transform, clip: None, coverage })
    }

    /// Fills a shape; nothing happens for an empty one.
    pub fn fill(&mut self, shape: &Shape, ink: Ink) {
        let Some(path) = shape else { return };
        match ink {
            Ink::Flat(colour, alpha) => {
                let (paint, clip) = (flat(colour, alpha), self.clip.as_ref());
                self.pixmap.fill_path(path, &paint, FillRule::Winding, self.transform, clip);
            }
            Ink::Blend { from, to } => {
                let shade = Shade::between(from, to, |at| self.place(at).0);
                self.shade(path, &shade);
            }
            Ink::Glow { centre, radius, colour, alpha } => {
                let (middle, scale) = self.place(centre);
                self.shade(path, &Shade::around(middle, radius * scale, colour, alpha));
            }
        }
    }

    /// Fills the coverage of a path with changing colour; gradients of the rasteriser itself are several times
    /// slower without SIMD.
    fn shade(&mut self, path: &Path, shade: &Shade) {
        let Some((rows, columns)) = path.bounds().transform(self.transform).and_then(|b| self.inside(b))
        else {
            return;
        };
        self.coverage.fill_path(path, FillRule::Winding, true, self.transform);
        let width = self.pixmap.width() as usize;
        for y in rows {
            let row = y * width + columns.start..y * width + columns.end;
            let coverage = &mut self.coverage.data_mut()[row.clone()];
            if let Some(clip) = &self.clip {
                for (share, kept) in coverage.iter_mut().zip(&clip.data()[row.clone()]) {
                    *share = (u16::from(*share) * u16::from(*kept) / 255) as u8;
                }
            }
            let pixels = &mut self.pixmap.data_mut()[row.start * 4..row.end * 4];
            shade.paint_row((columns.start, y), coverage, pixels);
            coverage.fill(0);
        }
    }

    /// Rows and columns of the surface that a rectangle in pixels touches; `None` for one outside.
    fn inside(&self, bounds: Rect) -> Option<(Range<usize>, Range<usize>)> {
        let span = |low: f32, high: f32, end: u32| {
            let from = (low - 1.0).max(0.0) as usize;
            let to = ((high + 2.0).max(0.0) as usize).min(end as usize);
            (from < to).then_some(from..to)
        };
        let rows = span(bounds.top(), bounds.bottom(), self.pixmap.height())?;
        Some((rows, span(bounds.left(), bounds.right(), self.pixmap.width())?))
    }

    /// Draws along a shape with a round pen.
    pub fn stroke(&mut self, shape: &Shape, width: f32, colour: Colour, alpha: f32) {
        let Some(path) = shape else { return };
        let line_join = LineJoin::Round;
        let pen = Stroke { width, line_cap: LineCap::Round, line_join, ..Stroke::default() };
        self.pixmap.stroke_path(path, &flat(colour, alpha), &pen, self.transform, self.clip.as_ref());
    }

    /// A round light that fades out.
    pub fn glow(&mut self, centre: At, radius: f32, colour: Colour, alpha: f32) {
        let disc = PathBuilder::from_circle(centre.0, centre.1, radius);
        self.fill(&disc, Ink::Glow { centre, radius, colour, alpha });
    }

    /// Until [`Canvas::unclip`], everything is drawn only inside the shape.
    pub fn clip(&mut self, shape: &Shape) {
        let mask = Mask::new(self.pixmap.width(), self.pixmap.height());
        if let (Some(mut mask), Some(path)) = (mask, shape) {
            mask.fill_path(path, FillRule::Winding, true, self.transform);
            self.clip = Some(mask);
        }
    }

    /// Ends the clip.
    pub fn unclip(&mut self) {
        self.clip = None;
    }

    /// Turns and shifts what is drawn from here on: by `degrees` around `pivot`, then by `shift`.
    pub fn tilt(&mut self, degrees: f32, pivot: At, shift: At) -> Transform {
        let before = self.transform;
        let turn = Transform::from_rotate_at(degrees, pivot.0, pivot.1).post_translate(shift.0, shift.1);
        self.transform = before.pre_concat(turn);
        before
    }

    /// Puts back what [`Canvas::tilt`] returned.
    pub fn untilt(&mut self, before: Transform) {
        self.transform = before;
    }

    /// The pixels, premultiplied RGBA, with width; for passes that are cheaper per pixel than as shapes.
    pub fn pixels(&mut self) -> (&mut [u8], usize) {
        let width = self.pixmap.width() as usize;
        (self.pixmap.data_mut(), width)
    }

    /// Where a logical point lies in pixels, and how many pixels a logical unit has.
    pub fn place(&self, at: At) -> (At, f32) {
        let mut point = Point::from_xy(at.0, at.1);
        self.transform.map_point(&mut point);
        ((point.x, point.y), self.transform.sx)
    }

    /// The picture as PNG, 8 bit RGBA, straight alpha.
    pub fn encode(self) -> Result<Vec<u8>, PictureError> {
        let (width, height) = (self.pixmap.width(), self.pixmap.height());
        let mut data = self.pixmap.take();
        for pixel in data.chunks_exact_mut(4) {
            straighten(pixel);
        }
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Fast);
        encoder.set_filter(png::Filter::Up);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&data)?;
        writer.finish()?;
        Ok(bytes)
    }
}

/// From premultiplied to straight alpha, in whole numbers.
fn straighten(pixel: &mut [u8]) {
    let alpha = u32::from(pixel[3]);
    if alpha == 0 || alpha == 255 {
        return;
    }
    for channel in &mut pixel[..3] {
        *channel = ((u32::from(*channel) * 255 + alpha / 2) / alpha).min(255) as u8;
    }
}

fn flat(colour: Colour, alpha: f32) -> Paint<'static> {
    let shader = Shader::SolidColor(colour.ink(alpha));
    Paint { shader, anti_alias: true, ..Paint::default() }
}
