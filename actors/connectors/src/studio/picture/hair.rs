//! Hair: what falls behind the shoulders, and what lies on the head.

use super::bust::{MIDDLE, Sitter};
use super::colour::Colour;
use super::dice::Dice;
use super::look::Style;
use super::shape::{At, Shape, blob, curve, ellipse};
use super::wardrobe::Hat;

/// Hair behind the body.
pub(super) fn behind(sitter: &mut Sitter) {
    let (w, dark) = (sitter.cheek(), sitter.look.hair.darker(0.22));
    match sitter.look.style {
        Style::Bald | Style::Short | Style::Tousled => {}
        Style::Bob => {
            let shape = mirrored(&[
                (0.0, 158.0),
                (w * 0.9, 188.0),
                (w * 1.3, 290.0),
                (w * 1.34, 392.0),
                (w * 1.02, 446.0),
                (w * 0.5, 436.0),
            ]);
            sitter.paint_lit(&shape, dark);
        }
        Style::Long => {
            let shape = mirrored(&[
                (0.0, 156.0),
                (w * 0.9, 186.0),
                (w * 1.32, 290.0),
                (w * 1.4, 420.0),
                (w * 1.62, 540.0),
                (w * 1.46, 640.0),
                (w * 0.8, 660.0),
            ]);
            sitter.paint_lit(&shape, dark);
            lengths(sitter, w);
        }
        Style::Ponytail => {
            let side = sitter.look.parting;
            let at = |dx: f32, y: f32| (MIDDLE + side * dx, y);
            let tail = blob(&[
                at(60.0, 190.0),
                at(w * 1.3, 206.0),
                at(w * 1.74, 320.0),
                at(w * 1.6, 470.0),
                at(w * 1.3, 540.0),
                at(w * 1.24, 400.0),
                at(w * 1.0, 270.0),
            ]);
            sitter.paint_lit(&tail, dark);
            sitter.draw(
                &curve(&[at(w * 1.2, 240.0), at(w * 1.5, 350.0), at(w * 1.4, 480.0)]),
                4.0,
                dark.lighter(0.3),
                0.6,
            );
        }
        Style::Bun => {
            sitter.paint_lit(&ellipse((MIDDLE - sitter.look.parting * 12.0, 138.0), 50.0, 44.0), dark);
            sitter.draw(
                &curve(&[(MIDDLE - 40.0, 146.0), (MIDDLE, 118.0), (MIDDLE + 32.0, 132.0)]),
                4.0,
                dark.lighter(0.35),
                0.7,
            );
        }
        Style::Braids => {
            for side in [-1.0, 1.0] {
                braid(sitter, side, w, dark);
            }
        }
        Style::Curly => curls(sitter, w * 1.26, dark),
    }
}

fn lengths(sitter: &mut Sitter, w: f32) {
    let (light, dark) = (sitter.look.hair.lighter(0.2), sitter.look.hair.darker(0.5));
    for side in [-1.0, 1.0] {
        for (k, tone) in [(1.12, dark), (1.24, light), (1.36, dark)] {
            let x = MIDDLE + side * w * k;
            let strand = curve(&[
                (x, 330.0),
                (x + side * 6.0, 440.0),
                (x + side * 22.0, 560.0),
                (x + side * 8.0, 636.0),
            ]);
            sitter.draw(&strand, 3.6, tone, 0.45);
        }
    }
}

fn braid(sitter: &mut Sitter, side: f32, w: f32, tone: Colour) {
    for i in 0..8 {
        let y = 392.0 + 30.0 * i as f32;
        let x = MIDDLE + side * (w * 1.08 + 10.0 * (i as f32 * 0.5) + if i % 2 == 0 { 5.0 } else { -5.0 });
        sitter.paint_lit(
            &ellipse((x, y), 23.0 - i as f32, 21.0),
            if i % 2 == 0 { tone } else { tone.lighter(0.12) },
        );
    }
}

fn curls(sitter: &mut Sitter, reach: f32, tone: Colour) {
    let mut dice = Dice::of(&["curls"], 3);
    for i in 0..22 {
        let angle = 2.6 + i as f32 / 21.0 * 4.22;
        let at = (MIDDLE + libm::cosf(angle) * reach, 284.0 + libm::sinf(angle) * reach * 1.05);
        sitter.paint_lit(
            &ellipse(at, dice.between(27.0, 39.0), dice.between(26.0, 38.0)),
            if i % 3 == 0 { tone.lighter(0.1) } else { tone },
        );
    }
    sitter.paint(&ellipse((MIDDLE, 276.0), reach, reach), tone);
}

/// Hair on the head; under a hat only what shows below its rim.
pub(super) fn front(sitter: &mut Sitter, hat: Hat) {
    let w = sitter.cheek();
    let tone = sitter.look.hair;
    match sitter.look.style {
        Style::Bald => shine(sitter),
        Style::Short => {
            cap(sitter, w, tone, 168.0, 0.9);
            fringe(sitter, &[0.1, 0.4, 0.7], 228.0);
        }
        Style::Tousled => {
            cap(sitter, w, tone, 160.0, 1.0);
            spikes(sitter, w, tone, hat);
            fringe(sitter, &[0.05, 0.3, 0.55, 0.8], 242.0);
        }
        Style::Curly => {
            for i in 0..13 {
                let t = i as f32 / 12.0 * 2.0 - 1.0;
                let at = (MIDDLE + t * w * 1.02, 214.0 - (1.0 - t * t) * 34.0 + (i % 2) as f32 * 9.0);
                sitter
                    .paint_lit(&ellipse(at, 29.0, 27.0), if i % 2 == 0 { tone } else { tone.lighter(0.12) });
            }
            for i in 0..9 {
                let t = i as f32 / 8.0 * 2.0 - 1.0;
                let at = (MIDDLE + t * w * 0.78, 178.0 - (1.0 - t * t) * 20.0);
                sitter.paint_lit(&ellipse(at, 27.0, 24.0), tone.lighter(0.06 + 0.06 * (i % 2) as f32));
            }
        }
        Style::Bob | Style::Long | Style::Braids => {
            cap(sitter, w, tone, 156.0, 1.1);
            locks(sitter, w, tone);
            fringe(sitter, &[0.02, 0.26, 0.5, 0.74], 248.0);
        }
        Style::Bun | Style::Ponytail => {
            cap(sitter, w, tone, 158.0, 1.0);
            fringe(sitter, &[0.15, 0.5], 234.0);
        }
    }
}

/// The skull cap of hair with a parting.
fn cap(sitter: &mut Sitter, w: f32, tone: Colour, top: f32, full: f32) {
    let side = sitter.look.parting;
    let at = |dx: f32, y: f32| (MIDDLE + side * dx, y);
    let shape = blob(&[
        at(-w * 1.05, 300.0),
        at(-w * (1.0 + 0.09 * full), 238.0),
        at(-w * 0.78, 182.0),
        at(-w * 0.1, top),
        at(w * 0.66, top + 16.0),
        at(w * (1.0 + 0.09 * full), 232.0),
        at(w * 1.06, 304.0),
        at(w * 0.93, 276.0),
        at(w * 0.8, 238.0),
        at(w * 0.2, 220.0),
        at(-w * 0.42, 204.0),
        at(-w * 0.82, 246.0),
        at(-w * 0.95, 280.0),
    ]);
    sitter.paint_lit(&shape, tone);
    let arc = [at(-w * 0.74, 212.0), at(-w * 0.3, 180.0), at(w * 0.3, 178.0), at(w * 0.72, 206.0)];
    sitter.draw(&curve(&arc), 9.0, tone.lighter(0.5), 0.3);
    for k in [0.15, 0.4, 0.65] {
        let strand = [
            at(-w * 0.34, top + 24.0),
            at(w * (k - 0.05), top + 34.0),
            at(w * (k + 0.22), 224.0 - 12.0 * (1.0 - k)),
        ];
        sitter.draw(&curve(&strand), 2.8, tone.darker(0.45), 0.4);
    }
}

/// Pointed strands over the forehead.
fn fringe(sitter: &mut Sitter, starts: &[f32], low: f32) {
    let (w, side, tone) = (sitter.cheek(), sitter.look.parting, sitter.look.hair);
    let mut dice = Dice::of(&["fringe"], u64::from(low as u32));
    for (i, start) in starts.iter().enumerate() {
        let from = (start - 0.45) * w * 1.5;
        let at = |dx: f32, y: f32| (MIDDLE + side * dx, y);
        let down = low + dice.between(-8.0, 10.0) + i as f32 * 5.0;
        let lock = blob(&[
            at(from - 16.0, 196.0),
            at(from + 26.0, 190.0),
            at(from + 56.0, 214.0),
            at(from + 58.0, down),
            at(from + 24.0, 226.0),
        ]);
        sitter.paint_lit(&lock, if i % 2 == 0 { tone } else { tone.lighter(0.09) });
        let strand = [at(from + 6.0, 200.0), at(from + 36.0, 214.0), at(from + 54.0, down - 9.0)];
        sitter.draw(&curve(&strand), 2.2, tone.darker(0.4), 0.4);
    }
}

fn spikes(sitter: &mut Sitter, w: f32, tone: Colour, hat: Hat) {
    if hat != Hat::None {
        return;
    }
    for (dx, y, lean) in [
        (-0.95, 226.0, -30.0),
        (-0.72, 186.0, -26.0),
        (-0.32, 164.0, -10.0),
        (0.12, 158.0, 14.0),
        (0.52, 170.0, 24.0),
        (0.86, 206.0, 32.0),
    ] {
        let x = MIDDLE + dx * w;
        let tuft = blob(&[
            (x - 26.0, y + 26.0),
            (x + lean * 0.4 - 8.0, y - 8.0),
            (x + lean, y - 26.0),
            (x + lean * 0.5 + 16.0, y),
            (x + 26.0, y + 26.0),
        ]);
        sitter.paint_lit(&tuft, tone);
    }
}

/// Side hair in front of the ears.
fn locks(sitter: &mut Sitter, w: f32, tone: Colour) {
    for side in [-1.0, 1.0] {
        let at = |dx: f32, y: f32| (MIDDLE + side * dx, y);
        let lock = blob(&[
            at(w * 0.82, 216.0),
            at(w * 1.12, 250.0),
            at(w * 1.2, 340.0),
            at(w * 1.1, 424.0),
            at(w * 0.98, 384.0),
            at(w * 0.94, 300.0),
        ]);
        sitter.paint_lit(&lock, tone);
        let strand = [at(w * 0.98, 250.0), at(w * 1.08, 330.0), at(w * 1.08, 400.0)];
        sitter.draw(&curve(&strand), 2.8, tone.lighter(0.3), 0.5);
    }
}

fn shine(sitter: &mut Sitter) {
    let x = MIDDLE + sitter.pose.side * 34.0;
    sitter.spot((x, 214.0), 46.0, super::colour::rgb(0xffffff), 0.5);
}

/// An outline mirrored on the middle line; `half` runs down the right side from the top.
fn mirrored(half: &[At]) -> Shape {
    let mut points: Vec<At> = half.iter().map(|p| (MIDDLE + p.0, p.1)).collect();
    points.extend(half.iter().skip(1).rev().map(|p| (MIDDLE - p.0, p.1)));
    blob(&points)
}
