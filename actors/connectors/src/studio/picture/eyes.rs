//! Eyes, lids, brows, and what is worn before them.

use super::bust::{MIDDLE, Sitter};
use super::colour::rgb;
use super::look::{Eyewear, Features};
use super::shape::{At, blob, curve, ellipse, line, round_rect};

/// Draws both eyes and brows.
pub(super) fn draw(sitter: &mut Sitter) {
    for side in [-1.0, 1.0] {
        eye(sitter, side);
        brow(sitter, side);
    }
}

fn centre(sitter: &Sitter, side: f32) -> At {
    (MIDDLE + side * 43.0 * sitter.look.face + sitter.pose.turn, sitter.eye_line())
}

fn eye(sitter: &mut Sitter, side: f32) {
    let (x, y) = centre(sitter, side);
    let size = sitter.look.eye;
    let half = 25.0 * size;
    let top = 17.0 * size * sitter.mood.open;
    let bottom = 11.5 * size * (1.0 - 0.75 * sitter.mood.lower) * sitter.mood.open.clamp(0.62, 1.15);
    let inner = (x - side * half, y + 3.0);
    let outer = (x + side * half, y - 1.0);
    let upper = [
        inner,
        (x - side * half * 0.5, y - top * 0.86),
        (x + side * half * 0.15, y - top),
        (x + side * half * 0.7, y - top * 0.7),
        outer,
    ];
    let lower =
        [outer, (x + side * half * 0.5, y + bottom * 0.86), (x - side * half * 0.3, y + bottom), inner];
    let mut ring = upper.to_vec();
    ring.extend_from_slice(&lower[1..3]);
    let white = blob(&ring);
    sitter.veil(&ellipse((x, y - 4.0), half * 1.25, 19.0 * size), rgb(0x7a3a5a), 0.13);
    sitter.paint_down(&white, rgb(0xd9d6e2), rgb(0xfdfaf6), 1.0);
    sitter.canvas.clip(&white);
    iris(sitter, (x + sitter.pose.gaze, y - 1.0 + sitter.mood.down), 14.5 * size * sitter.mood.iris);
    sitter.veil(&ellipse((x, y - top - 2.0), half * 1.1, 7.0 * size), rgb(0x33203c), 0.34);
    sitter.canvas.unclip();
    lids(sitter, &upper, &lower, (x, y - top), side);
}

fn iris(sitter: &mut Sitter, (x, y): At, r: f32) {
    let colour = sitter.look.eyes;
    sitter.paint_down(&ellipse((x, y), r, r * 1.06), colour.darker(0.45), colour.lighter(0.3), 1.0);
    sitter.draw(&ellipse((x, y), r, r * 1.06), 2.4, colour.darker(0.6), 0.9);
    sitter.paint(&ellipse((x, y), r * 0.48, r * 0.52), rgb(0x17121c));
    sitter.veil(&ellipse((x, y + r * 0.55), r * 0.55, r * 0.28), colour.lighter(0.65), 0.6);
    let side = sitter.pose.side;
    sitter.dot((x + side * r * 0.38, y - r * 0.4), r * 0.3, rgb(0xffffff), 1.0);
    sitter.dot((x - side * r * 0.36, y + r * 0.4), r * 0.14, rgb(0xffffff), 0.9);
}

fn lids(sitter: &mut Sitter, upper: &[At; 5], lower: &[At; 4], top: At, side: f32) {
    let ink = sitter.look.hair.mix(rgb(0x1f1218), 0.8);
    let soft = sitter.look.features == Features::Soft;
    sitter.draw(&curve(upper), if soft { 5.4 } else { 4.4 }, ink, 1.0);
    sitter.draw(&curve(lower), 1.8, ink, 0.55);
    let outer = upper[4];
    if soft {
        for (dx, dy) in [(9.0, -8.0), (5.0, -11.0)] {
            let root = (outer.0 - side * (9.0 - dx), outer.1 - 2.0);
            sitter.draw(&line(&[root, (outer.0 + side * dx, outer.1 + dy)]), 2.8, ink, 1.0);
        }
    }
    let crease = [
        (upper[0].0 + side * 5.0, top.1 - 3.0),
        (top.0 + side * 4.0, top.1 - 9.0),
        (outer.0 - side * 1.0, top.1 - 1.0),
    ];
    sitter.draw(&curve(&crease), 2.0, sitter.look.skin.mix(rgb(0x6a2f3a), 0.6), 0.6);
}

fn brow(sitter: &mut Sitter, side: f32) {
    let (x, y) = centre(sitter, side);
    let mood = sitter.mood;
    let skew = if side > 0.0 { mood.brow_skew } else { -mood.brow_skew * 0.3 };
    let base = y - 35.0 * (0.6 + 0.4 * sitter.look.eye) - (mood.open - 0.95).max(0.0) * 10.0 - skew;
    let (inner, outer) = (base - mood.brow_inner + 2.0, base - mood.brow_outer + 5.0);
    let arch = (inner + outer) / 2.0 - 6.0;
    let thick = 7.5 * sitter.look.brow;
    let shape = blob(&[
        (x - side * 25.0, inner - thick * 0.35),
        (x + side * 4.0, arch - thick * 0.4),
        (x + side * 31.0, outer),
        (x + side * 5.0, arch + thick * 0.5),
        (x - side * 24.0, inner + thick * 0.6),
    ]);
    let tone = sitter.look.hair.mix(rgb(0x2a1a1c), 0.4);
    sitter.paint(&shape, tone);
}

/// Glasses or a patch.
pub(super) fn wear(sitter: &mut Sitter) {
    match sitter.look.eyewear {
        Eyewear::None => {}
        Eyewear::Glasses => glasses(sitter),
        Eyewear::Patch => patch(sitter),
    }
}

fn glasses(sitter: &mut Sitter) {
    let frame = rgb(0x3a2f33);
    let (left, right) = (centre(sitter, -1.0), centre(sitter, 1.0));
    for (x, y) in [left, right] {
        let lens = round_rect(x - 34.0, y - 25.0, 68.0, 54.0, 24.0);
        sitter.veil(&lens, rgb(0xd9f0f8), 0.16);
        sitter.draw(&lens, 4.4, frame, 1.0);
        sitter.draw(&line(&[(x - 20.0, y - 10.0), (x - 8.0, y - 19.0)]), 3.6, rgb(0xffffff), 0.7);
    }
    sitter.draw(
        &curve(&[
            (left.0 + 34.0, left.1),
            (MIDDLE + sitter.pose.turn, left.1 - 6.0),
            (right.0 - 34.0, right.1),
        ]),
        4.0,
        frame,
        1.0,
    );
    let w = sitter.cheek();
    sitter.draw(&line(&[(left.0 - 34.0, left.1 - 4.0), (MIDDLE - w, left.1)]), 4.0, frame, 1.0);
    sitter.draw(&line(&[(right.0 + 34.0, right.1 - 4.0), (MIDDLE + w, right.1)]), 4.0, frame, 1.0);
}

fn patch(sitter: &mut Sitter) {
    let (x, y) = centre(sitter, -1.0);
    let w = sitter.cheek();
    sitter.draw(
        &curve(&[(MIDDLE - w, y - 6.0), (x, y - 24.0), (MIDDLE + w * 0.4, 212.0)]),
        5.0,
        rgb(0x2a2428),
        1.0,
    );
    sitter.paint_lit(
        &blob(&[
            (x - 33.0, y - 20.0),
            (x, y - 26.0),
            (x + 31.0, y - 20.0),
            (x + 22.0, y + 22.0),
            (x, y + 29.0),
            (x - 24.0, y + 22.0),
        ]),
        rgb(0x352d33),
    );
}
