//! Composing a bust: hair behind, body and clothes, head with face, hair in front, what is worn on the head.

use super::PictureError;
use super::canvas::{Canvas, Ink};
use super::colour::{Colour, rgb};
use super::dice::Dice;
use super::expression::{self, Expression};
use super::light::Light;
use super::look::{Age, Look, Person};
use super::relief::{self, Relief};
use super::shape::{At, Shape, ellipse};
use super::wardrobe::{Hat, Wardrobe};
use super::{beard, clothes, eyes, face, hair, hats, texture};

/// Logical size of a bust.
const EXTENT: At = (510.0, 656.0);
/// The middle line of the body.
pub(super) const MIDDLE: f32 = 280.0;

/// What the seed decides: how the person holds the head, looks and is lit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pose {
    /// Tilt of the head in degrees.
    pub tilt: f32,
    /// Sideward look, logical units.
    pub gaze: f32,
    /// How far the face is turned, logical units.
    pub turn: f32,
    /// -1 for light from the left, 1 from the right.
    pub side: f32,
    /// How hard the light is, 0..1.
    pub hardness: f32,
    /// The lamp.
    pub lamp: Lamp,
    /// How high the lamp stands, 0..1.
    pub height: f32,
    /// Strength of the light along the edge, 0..1.
    pub rim: f32,
    /// How dark it gets towards the lower edge, 0..1.
    pub ground: f32,
    /// How vivid the colours are, 1 is usual.
    pub vivid: f32,
    /// Tilt of the shoulders in degrees.
    pub lean: f32,
    /// How near the picture is taken, 1 is usual.
    pub near: f32,
    /// How far aside of the middle, logical units.
    pub aside: f32,
}

/// The colours of a lamp.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lamp {
    /// Of what it lights.
    pub key: Colour,
    /// Of what lies in its shadow.
    pub fill: Colour,
}

/// The lamps a portrait may be taken by: warm light has cool shadows and the other way round.
const LAMPS: [Lamp; 5] = [
    Lamp { key: rgb(0xfff1d6), fill: rgb(0x38284a) },
    Lamp { key: rgb(0xffe3b0), fill: rgb(0x2b3552) },
    Lamp { key: rgb(0xfff8ee), fill: rgb(0x412a3c) },
    Lamp { key: rgb(0xeaf2ff), fill: rgb(0x46302f) },
    Lamp { key: rgb(0xffeede), fill: rgb(0x38304a) },
];

/// A bust being drawn.
pub(super) struct Sitter<'a> {
    /// The surface.
    pub canvas: Canvas,
    /// Constant looks.
    pub look: Look,
    /// What is felt.
    pub mood: Expression,
    /// Pose.
    pub pose: Pose,
    light: &'a Light,
}

/// Draws a person on a transparent ground.
pub(super) fn draw(
    person: &Person,
    light: &Light,
    seed: u64,
    size: (u32, u32),
) -> Result<Canvas, PictureError> {
    let look = Look::of(person);
    let wardrobe = Wardrobe::of(person);
    let pose = pose(person.character, seed);
    let near = pose.near.min(nearest(&look, wardrobe.hat, pose.aside));
    let canvas = Canvas::try_new(size, (EXTENT.0 / near, EXTENT.1 / near))?;
    let mut sitter = Sitter { canvas, look, mood: expression::read(person.expression), pose, light };
    let drop = (EXTENT.0 / near / 2.0 - MIDDLE + pose.aside, EXTENT.1 / near - 712.0 - look.rise);
    let whole = sitter.canvas.tilt(pose.lean, (MIDDLE, 712.0), drop);
    let neck = (MIDDLE, 462.0);
    let head = (pose.turn * 0.25, 10.0 + sitter.sink());
    let body = sitter.canvas.tilt(pose.tilt, neck, head);
    hair::behind(&mut sitter);
    sitter.canvas.untilt(body);
    clothes::body(&mut sitter, &wardrobe);
    let body = sitter.canvas.tilt(pose.tilt, neck, head);
    face::head(&mut sitter);
    eyes::draw(&mut sitter);
    face::nose_and_mouth(&mut sitter);
    beard::draw(&mut sitter);
    hair::front(&mut sitter, wardrobe.hat);
    eyes::wear(&mut sitter);
    hats::draw(&mut sitter, &wardrobe);
    sitter.canvas.untilt(body);
    clothes::over(&mut sitter, &wardrobe);
    sitter.canvas.untilt(whole);
    let relief = sitter.relief();
    relief::apply(&mut sitter.canvas, &relief);
    texture::finish_cutout(&mut sitter.canvas, seed);
    Ok(sitter.canvas)
}

/// How near the picture may be taken: both shoulders and what is worn on the head stay in it.
fn nearest(look: &Look, hat: Hat, aside: f32) -> f32 {
    let across = EXTENT.0 / 2.0 / (clothes::SHOULDER * look.build + libm::fabsf(aside) + 3.0);
    if hat == Hat::None { across } else { across.min(1.0) }
}

fn pose(character: &str, seed: u64) -> Pose {
    let mut dice = Dice::of(&["pose", &character.trim().to_lowercase()], seed);
    Pose {
        tilt: dice.between(-5.0, 5.0),
        gaze: dice.between(-5.0, 5.0),
        turn: dice.between(-14.0, 14.0),
        side: dice.side(),
        hardness: dice.between(0.7, 1.0),
        lamp: dice.pick(LAMPS[0], &LAMPS[1..]),
        height: dice.between(0.15, 0.75),
        rim: dice.between(0.45, 1.0),
        ground: dice.between(0.3, 0.62),
        vivid: dice.between(1.0, 1.2),
        lean: dice.between(-1.6, 1.6),
        near: dice.between(1.0, 1.06),
        aside: dice.between(-9.0, 9.0),
    }
}

impl Sitter<'_> {
    /// A colour in this light.
    pub fn shade(&self, local: Colour) -> Colour {
        self.light.shade(local, 0.0).vivid(self.pose.vivid)
    }

    /// One flat colour.
    pub fn paint(&mut self, shape: &Shape, local: Colour) {
        let colour = self.shade(local);
        self.canvas.fill(shape, Ink::Flat(colour, 1.0));
    }

    /// A veil of colour.
    pub fn veil(&mut self, shape: &Shape, local: Colour, alpha: f32) {
        let colour = self.shade(local);
        self.canvas.fill(shape, Ink::Flat(colour, alpha));
    }

    /// A body: lit side, shaded side.
    pub fn paint_lit(&mut self, shape: &Shape, local: Colour) {
        let Some(bounds) = shape.as_ref().map(tiny_skia::Path::bounds) else {
            return;
        };
        // Dark cloth shows its form in the light, pale cloth in the shadow.
        let (luma, Lamp { key, fill }) = (local.luma(), self.pose.lamp);
        let lit = self.shade(local.mix(key, (0.2 + 0.16 * (1.0 - luma)) * self.pose.hardness));
        let shaded = self.shade(local.mix(fill, (0.36 + 0.2 * luma) * self.pose.hardness));
        // The side of the lamp is lit all over before the light begins to turn.
        let (near, far) = if self.pose.side < 0.0 {
            (bounds.left(), bounds.right())
        } else {
            (bounds.right(), bounds.left())
        };
        let turn = near + (far - near) * 0.3;
        let from = (lit, 1.0, (turn, bounds.top()));
        let to = (shaded, 1.0, (far, bounds.top() + bounds.width() * 0.35));
        self.canvas.fill(shape, Ink::Blend { from, to });
    }

    /// From top to bottom.
    pub fn paint_down(&mut self, shape: &Shape, top: Colour, bottom: Colour, alpha: f32) {
        let Some(bounds) = shape.as_ref().map(tiny_skia::Path::bounds) else {
            return;
        };
        let from = (self.shade(top), alpha, (0.0, bounds.top()));
        let to = (self.shade(bottom), alpha, (0.0, bounds.bottom()));
        self.canvas.fill(shape, Ink::Blend { from, to });
    }

    /// A line.
    pub fn draw(&mut self, shape: &Shape, width: f32, local: Colour, alpha: f32) {
        let colour = self.shade(local);
        self.canvas.stroke(shape, width, colour, alpha);
    }

    /// A round soft spot of colour.
    pub fn spot(&mut self, centre: At, radius: f32, local: Colour, alpha: f32) {
        let colour = self.shade(local);
        self.canvas.glow(centre, radius, colour, alpha);
    }

    /// A dot.
    pub fn dot(&mut self, centre: At, radius: f32, local: Colour, alpha: f32) {
        self.veil(&ellipse(centre, radius, radius), local, alpha);
    }

    /// Half width of the face at the cheeks.
    pub fn cheek(&self) -> f32 {
        94.0 * self.look.face
    }

    /// How far eyes and mouth lie below those of an adult.
    pub fn sink(&self) -> f32 {
        match self.look.age {
            Age::Child => 12.0,
            Age::Adult | Age::Old => 0.0,
        }
    }

    fn relief(&self) -> Relief {
        let Pose { side, height, lamp, rim, ground, .. } = self.pose;
        let (key, fill) = (self.shade(lamp.key), self.shade(lamp.fill).darker(0.35));
        Relief { side, height, key, fill, rim, ground }
    }

    /// Height of the eyes.
    pub fn eye_line(&self) -> f32 {
        308.0 + self.sink()
    }
}
