//! Mouths. Points are offsets around the middle of the mouth.

use super::bust::Sitter;
use super::colour::{Colour, rgb};
use super::expression::Mouth;
use super::look::Features;
use super::shape::{At, Shape, blob, curve, ellipse};

const CALM: [At; 5] = [(-24.0, 0.0), (-9.0, -1.0), (0.0, 1.5), (9.0, -1.0), (24.0, 0.0)];
const SOFT: [At; 5] = [(-26.0, -5.0), (-12.0, 1.5), (0.0, 3.5), (12.0, 1.5), (26.0, -5.0)];
const FIRM: [At; 5] = [(-28.0, 3.5), (-14.0, -1.5), (0.0, -2.5), (14.0, -1.5), (28.0, 3.5)];
const FROWN: [At; 5] = [(-26.0, 10.0), (-13.0, 0.0), (0.0, -3.0), (13.0, 0.0), (26.0, 10.0)];
const SMIRK: [At; 5] = [(-22.0, 4.0), (-8.0, 5.0), (8.0, 3.0), (22.0, -5.0), (32.0, -14.0)];
const LAUGH_LINE: [At; 5] = [(-44.0, -14.0), (-20.0, -6.0), (0.0, -5.0), (20.0, -6.0), (44.0, -14.0)];
const LAUGH: [At; 8] = [
    (-38.0, -10.0),
    (-18.0, -5.0),
    (0.0, -4.0),
    (18.0, -5.0),
    (38.0, -10.0),
    (24.0, 18.0),
    (0.0, 27.0),
    (-24.0, 18.0),
];
const GRIT: [At; 8] = [
    (-34.0, 10.0),
    (-27.0, -7.0),
    (0.0, -9.0),
    (27.0, -7.0),
    (34.0, 10.0),
    (22.0, 15.0),
    (0.0, 13.0),
    (-22.0, 15.0),
];
const WOBBLE: [At; 10] = [
    (-27.0, 7.0),
    (-15.0, -5.0),
    (-5.0, 0.0),
    (5.0, -5.0),
    (15.0, 0.0),
    (27.0, 6.0),
    (14.0, 13.0),
    (4.0, 9.0),
    (-6.0, 14.0),
    (-16.0, 9.0),
];
const SLACK: [At; 6] = [(-20.0, 3.0), (-6.0, -1.0), (8.0, 0.0), (21.0, 5.0), (9.0, 8.0), (-8.0, 7.0)];
const SLACK_LINE: [At; 4] = [(-22.0, 5.0), (-6.0, -1.0), (8.0, 0.0), (23.0, 8.0)];

/// Draws the mouth around its middle.
pub(super) fn draw(sitter: &mut Sitter, at: At) {
    let lip = match sitter.look.features {
        Features::Soft => rgb(0xb8484e),
        Features::Strong => sitter.look.skin.mix(rgb(0x9a3c40), 0.55),
    };
    let line = sitter.look.skin.mix(rgb(0x4a1626), 0.82);
    let mut lips = Lips { sitter, at, lip, line };
    match lips.sitter.mood.mouth {
        Mouth::Calm => lips.closed(&CALM),
        Mouth::Soft => lips.closed(&SOFT),
        Mouth::Firm => lips.closed(&FIRM),
        Mouth::Frown => lips.closed(&FROWN),
        Mouth::Smirk => lips.closed(&SMIRK),
        Mouth::Laugh => lips.laugh(),
        Mouth::Grit => lips.grit(),
        Mouth::Wobble => lips.wobble(),
        Mouth::Round => lips.round(),
        Mouth::Slack => lips.slack(),
    }
}

struct Lips<'a, 'b> {
    sitter: &'a mut Sitter<'b>,
    at: At,
    lip: Colour,
    line: Colour,
}

impl Lips<'_, '_> {
    fn to(&self, points: &[At]) -> Vec<At> {
        points.iter().map(|p| (self.at.0 + p.0, self.at.1 + p.1)).collect()
    }

    fn pen(&mut self, points: &[At], width: f32, alpha: f32) {
        let path = curve(&self.to(points));
        self.sitter.draw(&path, width, self.line, alpha);
    }

    fn closed(&mut self, points: &[At; 5]) {
        let soft = match self.sitter.look.features {
            Features::Soft => 0.8,
            Features::Strong => 0.4,
        };
        let [first, _, (x, y), _, last] = *points;
        let upper =
            blob(&self.to(&[first, (x - 8.0, y - 7.5), (x, y - 5.0), (x + 8.0, y - 7.5), last, (x, y)]));
        self.sitter.veil(&upper, self.lip, soft);
        let (left, right) = ((first.0 + 7.0, first.1 + 1.5), (last.0 - 7.0, last.1 + 1.5));
        let lower = blob(&self.to(&[left, (x, y), right, (x + 9.0, y + 11.0), (x - 9.0, y + 11.0)]));
        self.sitter.veil(&lower, self.lip.lighter(0.14), soft);
        self.pen(points, 3.2, 0.95);
        self.pen(&[(x - 9.0, y + 17.0), (x + 9.0, y + 17.0)], 2.6, 0.18);
    }

    fn laugh(&mut self) {
        let hole = blob(&self.to(&LAUGH));
        self.open(&hole, 0.0);
        self.pen(&LAUGH_LINE, 3.4, 0.95);
    }

    fn grit(&mut self) {
        let hole = blob(&self.to(&GRIT));
        self.sitter.paint(&hole, rgb(0xf3ece2));
        self.sitter.draw(&hole, 3.8, self.line, 0.95);
        self.pen(&[(-30.0, 4.0), (0.0, 2.0), (30.0, 4.0)], 2.0, 0.7);
        for dx in [-18.0, -6.0, 6.0, 18.0] {
            self.pen(&[(dx, -7.0), (dx, 12.0)], 1.4, 0.5);
        }
    }

    fn wobble(&mut self) {
        let hole = blob(&self.to(&WOBBLE));
        self.sitter.paint(&hole, rgb(0x5a1f2a));
        self.sitter.draw(&hole, 3.0, self.line, 0.9);
        let teeth = ellipse((self.at.0, self.at.1 - 1.0), 13.0, 2.6);
        self.sitter.veil(&teeth, rgb(0xf6efe6), 0.95);
    }

    fn round(&mut self) {
        let hole = ellipse((self.at.0, self.at.1 + 6.0), 15.0, 21.0);
        self.open(&hole, 2.0);
        self.sitter.draw(&hole, 3.2, self.line, 0.9);
    }

    fn slack(&mut self) {
        let hole = blob(&self.to(&SLACK));
        self.sitter.paint(&hole, rgb(0x5a1f2a));
        self.pen(&SLACK_LINE, 3.0, 0.9);
        let low = curve(&self.to(&[(-9.0, 17.0), (9.0, 17.0)]));
        self.sitter.draw(&low, 3.4, self.lip, 0.5);
    }

    /// An open mouth with teeth and tongue.
    fn open(&mut self, hole: &Shape, sink: f32) {
        let (x, y) = (self.at.0, self.at.1 + sink);
        self.sitter.draw(hole, 7.0, self.lip, 0.85);
        self.sitter.paint(hole, rgb(0x5a1a28));
        self.sitter.canvas.clip(hole);
        self.sitter.paint(&ellipse((x, y + 26.0), 21.0, 13.0), rgb(0xd4626a));
        self.sitter.paint(&ellipse((x, y - 8.0), 36.0, 12.0), rgb(0xfbf6ee));
        self.sitter.canvas.unclip();
    }
}
