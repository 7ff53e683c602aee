//! The stage of a background: canvas, light and dice in one hand, and the few strokes everything is made of.

use super::PictureError;
use super::canvas::{Canvas, Ink};
use super::colour::{Colour, rgb};
use super::dice::Dice;
use super::light::Light;
use super::shape::{At, Shape};
use super::texture;

/// Logical width of a background.
pub(super) const WIDTH: f32 = 1280.0;
/// Logical height of a background.
pub(super) const HEIGHT: f32 = 720.0;

/// A background being drawn. Coordinates are logical: 1280 by 720, y down.
pub(super) struct Stage {
    /// The surface.
    pub canvas: Canvas,
    /// The light.
    pub light: Light,
    /// -1 where the sun stands left, 1 where it stands right.
    pub sun_side: f32,
    key: String,
    seed: u64,
}

impl Stage {
    /// An empty stage for a place.
    pub fn try_new(place: &str, light: Light, seed: u64, size: (u32, u32)) -> Result<Self, PictureError> {
        let key = place.trim().to_lowercase();
        let mut camera = Dice::of(&["camera", &key], seed);
        let (near, aside) = (camera.between(1.0, 1.16), camera.unit());
        let seen = (WIDTH / near, HEIGHT / near);
        let mut canvas = Canvas::try_new(size, seen)?;
        canvas.tilt(0.0, (0.0, 0.0), ((seen.0 - WIDTH) * aside, seen.1 - HEIGHT));
        let sun_side = Dice::of(&["sun", &key], seed).side();
        Ok(Self { canvas, light, sun_side, key, seed })
    }

    /// Dice for one part of the layout; they know place and seed, never the light.
    pub fn dice(&self, part: &str) -> Dice {
        Dice::of(&[part, &self.key], self.seed)
    }

    /// One flat local colour.
    pub fn paint(&mut self, shape: &Shape, local: Colour, depth: f32) {
        self.canvas.fill(shape, Ink::Flat(self.light.shade(local, depth), 1.0));
    }

    /// A veil of local colour.
    pub fn veil(&mut self, shape: &Shape, local: Colour, alpha: f32) {
        self.canvas.fill(shape, Ink::Flat(self.light.shade(local, 0.0), alpha));
    }

    /// Local colours from the top of the shape to its bottom.
    pub fn paint_down(&mut self, shape: &Shape, top: Colour, bottom: Colour, depth: f32) {
        let Some(bounds) = shape.as_ref().map(tiny_skia::Path::bounds) else {
            return;
        };
        let from = (self.light.shade(top, depth), 1.0, (0.0, bounds.top()));
        let to = (self.light.shade(bottom, depth), 1.0, (0.0, bounds.bottom()));
        self.canvas.fill(shape, Ink::Blend { from, to });
    }

    /// A solid thing: lit on the side of the sun, in coloured shadow on the other.
    pub fn paint_lit(&mut self, shape: &Shape, local: Colour, depth: f32) {
        let Some(bounds) = shape.as_ref().map(tiny_skia::Path::bounds) else {
            return;
        };
        let lit = self.light.shade(local.mix(self.light.sun, 0.22), depth);
        let shaded = self.light.shade(local.mix(rgb(0x2a2452), 0.34), depth);
        let (left, right) = if self.sun_side < 0.0 { (lit, shaded) } else { (shaded, lit) };
        let from = (left, 1.0, (bounds.left(), bounds.top()));
        let to = (right, 1.0, (bounds.right(), bounds.top() + bounds.width() * 0.25));
        self.canvas.fill(shape, Ink::Blend { from, to });
    }

    /// A line of local colour.
    pub fn draw(&mut self, shape: &Shape, width: f32, local: Colour, depth: f32) {
        self.canvas.stroke(shape, width, self.light.shade(local, depth), 1.0);
    }

    /// A translucent line.
    pub fn draw_veil(&mut self, shape: &Shape, width: f32, local: Colour, alpha: f32) {
        self.canvas.stroke(shape, width, self.light.shade(local, 0.0), alpha);
    }

    /// Something that shines by itself.
    pub fn shine(&mut self, shape: &Shape, colour: Colour, alpha: f32) {
        self.canvas.fill(shape, Ink::Flat(self.light.grade(colour), alpha));
    }

    /// A round light.
    pub fn glow(&mut self, centre: At, radius: f32, colour: Colour, alpha: f32) {
        self.canvas.glow(centre, radius, self.light.grade(colour), alpha);
    }

    /// A pane of glass: lamp light behind it as far as lamps shine, else dark sky.
    pub fn window(&mut self, shape: &Shape, depth: f32, lit: bool) {
        let glass = self.light.shade(rgb(0x4a6478), depth);
        let lamp = self.light.grade(rgb(0xffcf70));
        let share = if lit { self.light.lamps } else { self.light.lamps * 0.12 };
        self.canvas.fill(shape, Ink::Flat(glass.mix(lamp, share), 1.0));
    }

    /// Paper texture and a darker rim over all, then the picture.
    pub fn finish(mut self) -> Canvas {
        texture::finish_opaque(&mut self.canvas, self.seed);
        self.canvas
    }
}
