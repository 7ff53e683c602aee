//! Relief: what sets a cut-out figure off from whatever is put behind it, and keeps pale cloth on pale skin readable.
//!
//! A figure drawn in flat shapes ends where its colour ends; before a wall of the same colour it is lost. So the
//! finished cut-out gets, from its silhouette alone, a light along the edge that the lamp meets, a shadow along the
//! other, a fall of light towards the lower edge, and a thin ink line around. All in whole numbers, so that pixels do
//! not depend on the machine. Nothing is painted where nothing was.

use super::canvas::Canvas;
use super::colour::Colour;

/// How a figure is set off.
#[derive(Debug, Clone, Copy)]
pub(super) struct Relief {
    /// -1 where the lamp stands left, 1 where it stands right.
    pub side: f32,
    /// How high the lamp stands: 0 level with the figure, 1 right above.
    pub height: f32,
    /// Colour of the lit edge.
    pub key: Colour,
    /// Colour of the shadow.
    pub fill: Colour,
    /// Strength of the lit edge, 0..1.
    pub rim: f32,
    /// How dark the lower edge gets, 0..1.
    pub ground: f32,
}

/// Where the light begins to fall off, and where it has, as shares of the height.
const FALL: (f32, f32) = (0.7, 1.02);
/// How far the lit edge reaches in, in logical units.
const LIT_REACH: [f32; 4] = [2.8, 5.4, 8.6, 12.4];
/// How far the shadow of the other edge reaches in.
const DARK_REACH: [f32; 5] = [4.0, 9.0, 15.0, 22.0, 30.0];
/// Width of the inner and the outer part of the ink line.
const LINE: [f32; 2] = [1.1, 2.1];

/// Sets the figure on the canvas off.
pub(super) fn apply(canvas: &mut Canvas, relief: &Relief) {
    let scale = canvas.place((0.0, 0.0)).1;
    let (data, width) = canvas.pixels();
    let height = data.len() / 4 / width.max(1);
    let solid: Vec<bool> = data.chunks_exact(4).map(|pixel| pixel[3] >= 128).collect();
    let figure = Silhouette { solid, width, height };
    let passes = Passes::of(relief, scale);
    for y in 0..height {
        let fallen = passes.fallen(y, height);
        for x in 0..width {
            let at = (y * width + x) * 4;
            if data[at + 3] > 0 {
                passes.paint(&figure, (x, y), fallen, &mut data[at..at + 4]);
            }
        }
    }
}

/// Which pixels belong to the figure. What lies outside the picture counts as the figure going on.
struct Silhouette {
    solid: Vec<bool>,
    width: usize,
    height: usize,
}

impl Silhouette {
    fn is_open(&self, (x, y): (usize, usize), (dx, dy): (isize, isize)) -> bool {
        let (Some(x), Some(y)) = (x.checked_add_signed(dx), y.checked_add_signed(dy)) else { return false };
        x < self.width && y < self.height && !self.solid[y * self.width + x]
    }

    fn open_count(&self, at: (usize, usize), steps: &[(isize, isize)]) -> i32 {
        steps.iter().map(|step| i32::from(self.is_open(at, *step))).sum()
    }
}

/// The steps of all passes in pixels, and what they mix in; shares are in 1/256.
struct Passes {
    lit: Vec<(isize, isize)>,
    dark: Vec<(isize, isize)>,
    line: [Vec<(isize, isize)>; 2],
    key: [i32; 3],
    fill: [i32; 3],
    rim: i32,
    ground: f32,
}

impl Passes {
    fn of(relief: &Relief, scale: f32) -> Self {
        let towards = |reach: f32, side: f32, up: f32| -> (isize, isize) {
            let across = reach * scale * (1.0 - 0.4 * up);
            ((across * side).round() as isize, -(reach * scale * up).round() as isize)
        };
        let up = relief.height.clamp(0.0, 1.0);
        Self {
            lit: LIT_REACH.iter().map(|reach| towards(*reach, relief.side, up)).collect(),
            dark: DARK_REACH.iter().map(|reach| towards(*reach, -relief.side, -up * 0.5)).collect(),
            line: LINE.map(|width| around((width * scale).round().max(1.0) as isize)),
            key: bytes(relief.key),
            fill: bytes(relief.fill),
            rim: (relief.rim.clamp(0.0, 1.0) * 42.0) as i32,
            ground: relief.ground.clamp(0.0, 1.0),
        }
    }

    /// How much light has fallen off in a row, in 1/256.
    fn fallen(&self, y: usize, height: usize) -> i32 {
        let t = ((y as f32 / height as f32 - FALL.0) / (FALL.1 - FALL.0)).clamp(0.0, 1.0);
        (t * t * (3.0 - 2.0 * t) * self.ground * 256.0) as i32
    }

    fn paint(&self, figure: &Silhouette, at: (usize, usize), fallen: i32, pixel: &mut [u8]) {
        mix(pixel, self.fill, fallen);
        mix(pixel, self.fill, figure.open_count(at, &self.dark) * 17);
        mix(pixel, self.key, figure.open_count(at, &self.lit) * self.rim);
        let [inner, outer] = &self.line;
        if figure.open_count(at, inner) > 0 {
            mix(pixel, INK, 168);
        } else if figure.open_count(at, outer) > 0 {
            mix(pixel, INK, 74);
        }
    }
}

/// The ink of the outline: a near-black with colour in it.
const INK: [i32; 3] = [34, 24, 44];

/// The eight places around one at a distance.
fn around(reach: isize) -> Vec<(isize, isize)> {
    let slant = (reach * 7 + 5) / 10;
    vec![
        (reach, 0),
        (-reach, 0),
        (0, reach),
        (0, -reach),
        (slant, slant),
        (slant, -slant),
        (-slant, slant),
        (-slant, -slant),
    ]
}

fn bytes(colour: Colour) -> [i32; 3] {
    [colour.r, colour.g, colour.b].map(|c| (c.clamp(0.0, 1.0) * 255.0 + 0.5) as i32)
}

/// Moves a premultiplied pixel towards a colour; its opacity stays.
fn mix(pixel: &mut [u8], colour: [i32; 3], share: i32) {
    let alpha = i32::from(pixel[3]);
    for (channel, wanted) in pixel.iter_mut().zip(colour) {
        let (is, goal) = (i32::from(*channel), wanted * alpha / 255);
        *channel = (is + (goal - is) * share.min(256) / 256).clamp(0, alpha) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::super::colour::rgb;
    use super::super::shape::rect;
    use super::*;
    use crate::studio::picture::canvas::Ink;

    fn grey_square() -> Canvas {
        let mut canvas = Canvas::try_new((100, 100), (100.0, 100.0)).unwrap();
        canvas.fill(&rect(20.0, 20.0, 60.0, 80.0), Ink::Flat(rgb(0x808080), 1.0));
        canvas
    }

    fn relief() -> Relief {
        Relief { side: 1.0, height: 0.2, key: rgb(0xffffff), fill: rgb(0x000000), rim: 1.0, ground: 0.5 }
    }

    #[test]
    fn the_lamps_side_is_lit_the_other_dark_and_the_foot_darker_than_the_head() {
        let mut canvas = grey_square();
        apply(&mut canvas, &relief());
        let (data, width) = canvas.pixels();
        let red = |x: usize, y: usize| data[(y * width + x) * 4];
        assert!(red(76, 40) > 128 && red(24, 40) < 128, "{} {}", red(76, 40), red(24, 40));
        assert!(red(60, 95) < red(60, 50) && red(60, 50) == 128);
        assert!(red(20, 40) < red(24, 40), "a line of ink runs around");
    }

    #[test]
    fn nothing_is_painted_where_nothing_was() {
        let mut canvas = grey_square();
        apply(&mut canvas, &relief());
        let (data, width) = canvas.pixels();
        assert_eq!(data[(40 * width + 10) * 4..][..4], [0; 4]);
        assert!(data.chunks_exact(4).all(|pixel| pixel[3] == 0 || pixel[3] == 255));
    }
}
