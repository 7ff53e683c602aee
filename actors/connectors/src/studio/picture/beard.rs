//! Beards.

use super::bust::{MIDDLE, Sitter};
use super::expression::Mouth;
use super::face;
use super::look::Beard;
use super::shape::{At, Shape, blob, curve};

/// Draws the beard, if any; the mouth stays free.
pub(super) fn draw(sitter: &mut Sitter) {
    match sitter.look.beard {
        Beard::None => {}
        Beard::Stubble => {
            let tone = sitter.look.hair;
            let (shape, face) = (full(sitter, 6.0), face::outline(sitter));
            sitter.canvas.clip(&face);
            sitter.veil(&shape, tone, 0.3);
            sitter.canvas.unclip();
        }
        Beard::Moustache => moustache(sitter),
        Beard::Goatee => {
            goatee(sitter);
            moustache(sitter);
        }
        Beard::Full => {
            let tone = sitter.look.hair;
            let shape = full(sitter, 46.0);
            sitter.paint_lit(&shape, tone);
            strands(sitter);
            moustache(sitter);
        }
    }
}

/// How far the chin hair keeps below the mouth.
fn mouth_low(sitter: &Sitter) -> f32 {
    match sitter.mood.mouth {
        Mouth::Laugh | Mouth::Round => 34.0,
        Mouth::Grit | Mouth::Wobble | Mouth::Frown => 22.0,
        Mouth::Calm | Mouth::Soft | Mouth::Slack | Mouth::Firm | Mouth::Smirk => 18.0,
    }
}

/// A band around the jaw with an opening for the mouth; `long` is how far it hangs below the chin.
fn full(sitter: &Sitter, long: f32) -> Shape {
    let (w, x) = (sitter.cheek(), MIDDLE + sitter.pose.turn);
    let low = 382.0 + mouth_low(sitter);
    let ear = sitter.eye_line() + 22.0;
    let chin = 432.0 + long;
    let jaw = sitter.look.jaw;
    let outer =
        [(1.0, ear), (0.99, 356.0), (0.84 * jaw, 402.0 + long * 0.4), (0.44 * jaw, 424.0 + long * 0.86)];
    let inner = [(0.48, low - 4.0), (0.58, 366.0), (0.84, ear + 24.0)];
    let mut points: Vec<At> = outer.iter().map(|p| (MIDDLE + p.0 * w, p.1)).collect();
    points.push((x, chin));
    points.extend(outer.iter().rev().map(|p| (MIDDLE - p.0 * w, p.1)));
    points.extend(inner.iter().rev().map(|p| (x - p.0 * w * 0.94, p.1)));
    points.push((x, low));
    points.extend(inner.iter().map(|p| (x + p.0 * w * 0.94, p.1)));
    blob(&points)
}

fn strands(sitter: &mut Sitter) {
    let (x, low) = (MIDDLE + sitter.pose.turn, 382.0 + mouth_low(sitter));
    let (light, dark) = (sitter.look.hair.lighter(0.35), sitter.look.hair.darker(0.35));
    for i in 0..11 {
        let dx = (i as f32 - 5.0) * 12.5;
        let from = low + 5.0 + dx.abs() * 0.12;
        let to = 470.0 - dx.abs() * 0.62;
        let strand = curve(&[(x + dx, from), (x + dx * 1.04, (from + to) / 2.0), (x + dx * 0.8, to)]);
        sitter.draw(&strand, 2.6, if i % 2 == 0 { light } else { dark }, 0.45);
    }
}

fn goatee(sitter: &mut Sitter) {
    let (x, low, tone) = (MIDDLE + sitter.pose.turn, 382.0 + mouth_low(sitter), sitter.look.hair);
    let shape = blob(&[
        (x - 17.0, low),
        (x, low + 4.0),
        (x + 17.0, low),
        (x + 22.0, 430.0),
        (x, 458.0),
        (x - 22.0, 430.0),
    ]);
    sitter.paint_lit(&shape, tone);
}

fn moustache(sitter: &mut Sitter) {
    let tone = sitter.look.hair;
    let lift = match sitter.mood.mouth {
        Mouth::Laugh | Mouth::Soft | Mouth::Smirk => -7.0,
        Mouth::Frown | Mouth::Slack => 7.0,
        Mouth::Calm | Mouth::Grit | Mouth::Wobble | Mouth::Round | Mouth::Firm => 0.0,
    };
    let (x, y) = (MIDDLE + sitter.pose.turn, 364.0 + sitter.sink() * 0.4);
    for side in [-1.0, 1.0] {
        let at = |dx: f32, dy: f32| (x + side * dx, y + dy);
        let shape = blob(&[
            at(0.0, -4.0),
            at(18.0, -7.0),
            at(36.0, 3.0 + lift),
            at(48.0, 13.0 + lift * 1.6),
            at(28.0, 13.0 + lift * 0.6),
            at(8.0, 9.0),
            at(0.0, 7.0),
        ]);
        sitter.paint_lit(&shape, tone);
        let strand = [at(6.0, 1.0), at(24.0, 1.0 + lift * 0.3), at(40.0, 10.0 + lift)];
        sitter.draw(&curve(&strand), 2.0, tone.lighter(0.35), 0.5);
    }
}
