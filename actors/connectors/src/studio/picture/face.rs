//! Neck, ears, head with its light, nose, mouth, and the marks of age and feeling.

use super::bust::{MIDDLE, Sitter};
use super::colour::rgb;
use super::dice::Dice;
use super::expression::Sign;
use super::look::{Age, Mark};
use super::mouth;
use super::shape::{Shape, blob, curve, ellipse, polygon};

/// The outline of the head.
pub(super) fn outline(sitter: &Sitter) -> Shape {
    let (w, jaw, turn) = (sitter.cheek(), sitter.look.jaw, sitter.pose.turn * 0.5);
    let round = if sitter.look.age == Age::Child { 1.06 } else { 1.0 };
    let half = [
        (0.62, 196.0),
        (0.94, 240.0),
        (1.0, 300.0),
        (0.93 * round, 348.0),
        (0.74 * jaw * round, 392.0),
        (0.36 * jaw, 424.0),
    ];
    let mut points = vec![(MIDDLE, 178.0)];
    points.extend(half.iter().map(|p| (MIDDLE + p.0 * w + if p.1 > 380.0 { turn } else { 0.0 }, p.1)));
    points.push((MIDDLE + turn, 432.0));
    points.extend(half.iter().rev().map(|p| (MIDDLE - p.0 * w + if p.1 > 380.0 { turn } else { 0.0 }, p.1)));
    blob(&points)
}

/// Ears and head, with light and shadow on the skin.
pub(super) fn head(sitter: &mut Sitter) {
    let skin = sitter.look.skin;
    let (w, side) = (sitter.cheek(), sitter.pose.side);
    let eye = sitter.eye_line();
    for ear in [-1.0, 1.0] {
        let x = MIDDLE + ear * (w + 2.0) - sitter.pose.turn * 0.3;
        let tone = if ear == side { skin } else { skin.mix(rgb(0x6a3a58), 0.25) };
        sitter.paint_lit(&ellipse((x, eye + 14.0), 15.0, 27.0), tone);
        sitter.veil(&ellipse((x - ear * 2.0, eye + 16.0), 7.0, 15.0), rgb(0x9a4a44), 0.35);
    }
    let face = outline(sitter);
    sitter.paint_lit(&face, skin);
    sitter.canvas.clip(&face);
    let dark = -side;
    let core = blob(&[
        (MIDDLE + dark * w * 0.5, 170.0),
        (MIDDLE + dark * w * 0.78, 260.0),
        (MIDDLE + dark * w * 0.56, 330.0),
        (MIDDLE + dark * w * 0.66, 372.0),
        (MIDDLE + dark * w * 0.28, 440.0),
        (MIDDLE + dark * w * 1.3, 440.0),
        (MIDDLE + dark * w * 1.3, 170.0),
    ]);
    sitter.veil(&core, rgb(0x7a3a5a), 0.2 * sitter.pose.hardness);
    sitter.spot((MIDDLE + side * w * 0.52, 258.0), 92.0, rgb(0xfff3dc), 0.34);
    cheeks(sitter);
    marks(sitter);
    sitter.paint_down(&ellipse((MIDDLE, 206.0), 130.0, 62.0), rgb(0x6a2f4a), skin, 0.22);
    sitter.canvas.unclip();
}

fn cheeks(sitter: &mut Sitter) {
    let (w, y, blush) = (sitter.cheek(), sitter.eye_line() + 46.0, sitter.mood.blush);
    for side in [-1.0, 1.0] {
        let at = (MIDDLE + side * w * 0.6 + sitter.pose.turn * 0.7, y);
        sitter.spot(at, 40.0, rgb(0xe8564e), 0.2 + 0.4 * blush);
    }
    sitter.spot((MIDDLE + sitter.pose.turn, y - 6.0), 26.0, rgb(0xe8564e), 0.22);
}

fn marks(sitter: &mut Sitter) {
    let (y, turn) = (sitter.eye_line(), sitter.pose.turn);
    match sitter.look.mark {
        Mark::None => {}
        Mark::Freckles => {
            let mut dice = Dice::of(&["freckles"], 7);
            for _ in 0..26 {
                let across = dice.between(-0.74, 0.74);
                let at = (MIDDLE + across * sitter.cheek() + turn * 0.7, y + dice.between(26.0, 60.0));
                sitter.dot(at, dice.between(1.4, 2.4), rgb(0x9a5432), 0.55);
            }
        }
        Mark::Scar => {
            let x = MIDDLE + 50.0 + turn;
            sitter.draw(
                &curve(&[(x - 6.0, y - 40.0), (x + 4.0, y - 10.0), (x + 2.0, y + 50.0)]),
                4.0,
                rgb(0xb86a62),
                0.8,
            );
        }
    }
    if sitter.look.age == Age::Old {
        wrinkles(sitter);
    }
}

fn wrinkles(sitter: &mut Sitter) {
    let (y, x) = (sitter.eye_line(), MIDDLE + sitter.pose.turn);
    let tone = sitter.look.skin.mix(rgb(0x7a3f3a), 0.6);
    for dy in [-82.0, -68.0] {
        sitter.draw(
            &curve(&[(x - 46.0, y + dy + 3.0), (x, y + dy), (x + 46.0, y + dy + 3.0)]),
            2.0,
            tone,
            0.4,
        );
    }
    for side in [-1.0, 1.0] {
        let at = |dx: f32, dy: f32| (x + side * dx, y + dy);
        sitter.draw(&curve(&[at(24.0, 48.0), at(37.0, 64.0), at(40.0, 82.0)]), 2.4, tone, 0.5);
        sitter.draw(&curve(&[at(24.0, 26.0), at(42.0, 30.0), at(60.0, 23.0)]), 2.0, tone, 0.5);
        sitter.draw(&curve(&[at(72.0, -6.0), at(80.0, -10.0)]), 1.8, tone, 0.5);
        sitter.draw(&curve(&[at(72.0, 4.0), at(81.0, 7.0)]), 1.8, tone, 0.5);
    }
}

/// Nose, mouth and the signs of feeling.
pub(super) fn nose_and_mouth(sitter: &mut Sitter) {
    nose(sitter);
    let at = (MIDDLE + sitter.pose.turn * 0.95, 382.0 + sitter.sink() * 0.4);
    mouth::draw(sitter, at);
    signs(sitter);
}

fn nose(sitter: &mut Sitter) {
    let (x, y) = (MIDDLE + sitter.pose.turn * 1.25, sitter.eye_line());
    let tip = y + 40.0 * sitter.look.nose;
    let dark = -sitter.pose.side;
    let tone = sitter.look.skin.mix(rgb(0x7a3448), 0.5);
    let shade = blob(&[
        (x + dark * 3.0, y - 2.0),
        (x + dark * 13.0, tip - 4.0),
        (x + dark * 11.0, tip + 5.0),
        (x - dark * 4.0, tip + 6.0),
        (x, tip - 6.0),
    ]);
    sitter.veil(&shade, tone, 0.42);
    let under = [(x - 11.0, tip + 1.0), (x - 4.0, tip + 7.0), (x + 4.0, tip + 7.0), (x + 11.0, tip + 1.0)];
    sitter.draw(&curve(&under), 2.8, tone.darker(0.25), 0.85);
    sitter.spot((x - dark * 3.0, tip - 6.0), 11.0, rgb(0xfff4e4), 0.6);
}

fn signs(sitter: &mut Sitter) {
    let (x, y, w) = (MIDDLE + sitter.pose.turn, sitter.eye_line(), sitter.cheek());
    match sitter.mood.sign {
        Sign::None => {}
        Sign::Tear => {
            let drop = |s: f32, dx: f32, dy: f32| {
                polygon(&[
                    (x + dx, y + dy - 13.0 * s),
                    (x + dx + 7.0 * s, y + dy),
                    (x + dx - 7.0 * s, y + dy),
                ])
            };
            for (dx, dy, s) in [(-46.0, 44.0, 1.0), (50.0, 30.0, 0.7)] {
                sitter.veil(&drop(s, dx, dy), rgb(0xbfe4fa), 0.95);
                sitter.veil(&ellipse((x + dx, y + dy + 2.0), 7.2 * s, 7.6 * s), rgb(0xbfe4fa), 0.95);
                sitter.dot((x + dx - 2.0, y + dy + 3.0), 2.2 * s, rgb(0xffffff), 1.0);
            }
        }
        Sign::Sweat => {
            let (sx, sy) = (x + w * 0.72, y - 54.0);
            sitter.veil(&polygon(&[(sx, sy - 18.0), (sx + 8.0, sy), (sx - 8.0, sy)]), rgb(0xa9d8f4), 0.95);
            sitter.veil(&ellipse((sx, sy + 2.0), 8.2, 8.6), rgb(0xa9d8f4), 0.95);
            sitter.paint_down(&ellipse((x, y - 70.0), w * 0.8, 50.0), rgb(0x6a78b8), rgb(0xc8b8d0), 0.22);
        }
        Sign::Bags => {
            for side in [-1.0, 1.0] {
                let at = |dx: f32, dy: f32| (x + side * dx, y + dy);
                sitter.veil(
                    &blob(&[at(20.0, 15.0), at(42.0, 22.0), at(64.0, 14.0), at(42.0, 31.0)]),
                    rgb(0x6a4a7a),
                    0.4,
                );
                sitter.draw(
                    &curve(&[at(22.0, 22.0), at(42.0, 31.0), at(62.0, 22.0)]),
                    2.0,
                    rgb(0x5a3448),
                    0.45,
                );
            }
        }
        Sign::Crease => {
            for side in [-1.0, 1.0] {
                sitter.draw(
                    &curve(&[(x + side * 7.0, y - 36.0), (x + side * 5.0, y - 20.0)]),
                    2.8,
                    rgb(0x6a2a34),
                    0.6,
                );
                let fold =
                    [(x + side * 26.0, y + 42.0), (x + side * 40.0, y + 58.0), (x + side * 44.0, y + 76.0)];
                sitter.draw(&curve(&fold), 2.4, rgb(0x7a3438), 0.4);
            }
        }
    }
}
