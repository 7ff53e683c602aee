//! Churches, castles and headstones. `at` is the middle of the foot.

use super::colour::{Colour, rgb};
use super::landmarks::shadow;
use super::shape::{At, arch, ellipse, line, polygon, rect, round_rect};
use super::stage::Stage;

/// A church with a steeple, or its silhouette further away.
pub(super) fn church(stage: &mut Stage, at: At, s: f32, depth: f32) {
    let (x, y) = at;
    let stone = rgb(0xd8cdb8);
    let roof = stage.dice("church").pick(rgb(0x5a6478), &[rgb(0x7a4a44), rgb(0x4d6b62)]);
    shadow(stage, at, 170.0 * s);
    let out = stage.sun_side;
    let (from, to) = (x - out * 20.0 * s, x + out * 190.0 * s);
    let (left, wide) = (from.min(to), (to - from).abs());
    stage.paint_lit(&rect(left, y - 110.0 * s, wide, 110.0 * s), stone, depth);
    stage.paint_lit(
        &polygon(&[
            (left - 8.0 * s, y - 108.0 * s),
            (left + 22.0 * s, y - 180.0 * s),
            (left + wide - 22.0 * s, y - 180.0 * s),
            (left + wide + 8.0 * s, y - 108.0 * s),
        ]),
        roof,
        depth,
    );
    for i in 0..3 {
        let wx = left + wide * (0.36 + 0.22 * i as f32) - 10.0 * s;
        stage.window(&arch(wx, y - 88.0 * s, 20.0 * s, 56.0 * s), depth, true);
    }
    stage.paint_lit(&rect(x - 42.0 * s, y - 220.0 * s, 84.0 * s, 220.0 * s), stone.lighter(0.1), depth);
    stage.paint_lit(
        &polygon(&[(x - 50.0 * s, y - 218.0 * s), (x, y - 350.0 * s), (x + 50.0 * s, y - 218.0 * s)]),
        roof,
        depth,
    );
    stage.draw(&line(&[(x, y - 345.0 * s), (x, y - 380.0 * s)]), 3.0 * s, rgb(0xc9a64a), depth);
    stage.draw(
        &line(&[(x - 9.0 * s, y - 368.0 * s), (x + 9.0 * s, y - 368.0 * s)]),
        3.0 * s,
        rgb(0xc9a64a),
        depth,
    );
    stage.window(&arch(x - 13.0 * s, y - 196.0 * s, 26.0 * s, 44.0 * s), depth, false);
    stage.paint(&ellipse((x, y - 122.0 * s), 16.0 * s, 16.0 * s), rgb(0x4a4a5e), depth);
    stage.window(&ellipse((x, y - 122.0 * s), 12.5 * s, 12.5 * s), depth, true);
    stage.paint(&arch(x - 18.0 * s, y - 66.0 * s, 36.0 * s, 66.0 * s), rgb(0x5c3d30), depth);
}

/// A castle: two towers, a keep, battlements, banners.
pub(super) fn castle(stage: &mut Stage, at: At, s: f32, depth: f32) {
    let (x, y) = at;
    let stone = stage.dice("castle").pick(rgb(0xa8a29a), &[rgb(0xb39f86), rgb(0x9097a6)]);
    shadow(stage, at, 210.0 * s);
    battlement(stage, (x, y), 300.0 * s, 120.0 * s, stone, depth);
    battlement(stage, (x + 20.0 * s, y - 60.0 * s), 120.0 * s, 170.0 * s, stone.lighter(0.08), depth);
    for (dx, high) in [(-150.0, 220.0), (150.0, 250.0)] {
        battlement(stage, (x + dx * s, y), 74.0 * s, high * s, stone, depth);
        let top = y - high * s - 14.0 * s;
        stage.paint_lit(
            &polygon(&[(x + (dx - 40.0) * s, top), (x + dx * s, top - 84.0 * s), (x + (dx + 40.0) * s, top)]),
            rgb(0x7a4458),
            depth,
        );
        stage.window(&arch(x + (dx - 7.0) * s, y - (high - 40.0) * s, 14.0 * s, 32.0 * s), depth, true);
        let tip = (x + dx * s, top - 84.0 * s);
        stage.draw(&line(&[tip, (tip.0, tip.1 - 32.0 * s)]), 2.2 * s, rgb(0x3a3038), depth);
        stage.paint(
            &polygon(&[
                (tip.0, tip.1 - 32.0 * s),
                (tip.0 + 34.0 * s, tip.1 - 23.0 * s),
                (tip.0, tip.1 - 14.0 * s),
            ]),
            rgb(0xd9a441),
            depth,
        );
    }
    for dx in [-8.0, 36.0] {
        stage.window(&arch(x + dx * s, y - 190.0 * s, 16.0 * s, 36.0 * s), depth, true);
    }
    stage.paint(&arch(x - 26.0 * s, y - 80.0 * s, 52.0 * s, 80.0 * s), rgb(0x3c2f38), depth);
}

fn battlement(stage: &mut Stage, foot: At, wide: f32, high: f32, stone: Colour, depth: f32) {
    let (left, top) = (foot.0 - wide / 2.0, foot.1 - high);
    stage.paint_lit(&rect(left, top, wide, high), stone, depth);
    let teeth = ((wide / 16.0) as i32).max(3);
    let step = wide / (teeth * 2 - 1) as f32;
    for i in 0..teeth {
        let tooth = rect(left + step * 2.0 * i as f32, top - 11.0, step, 12.0);
        stage.paint(&tooth, stone.darker(if i * 2 > teeth { 0.16 } else { 0.04 }), depth);
    }
    for i in 0..(high / 26.0) as i32 {
        let y = top + 18.0 + 26.0 * i as f32;
        let x = left + wide * (0.12 + 0.6 * ((i * 37 % 17) as f32 / 17.0));
        stage.veil(&round_rect(x, y, wide * 0.14, 7.0, 2.0), rgb(0x5a5060), 0.3);
    }
}

/// Headstones among grass.
pub(super) fn graves(stage: &mut Stage, at: At, s: f32, depth: f32) {
    let mut dice = stage.dice("graves");
    for row in 0..3 {
        for i in 0..4 {
            let x = at.0 + ((i as f32 - 1.5) * 96.0 + row as f32 * 30.0 + dice.between(-14.0, 14.0)) * s;
            let y = at.1 - 26.0 + row as f32 * 44.0 * s;
            let (w, h) = (34.0 * s, dice.between(46.0, 66.0) * s);
            shadow(stage, (x, y), 30.0 * s);
            if dice.chance(0.3) {
                stage.paint_lit(&rect(x - 5.0 * s, y - h * 1.2, 10.0 * s, h * 1.2), rgb(0x9a9aa2), depth);
                stage.paint_lit(&rect(x - 20.0 * s, y - h * 0.9, 40.0 * s, 10.0 * s), rgb(0x9a9aa2), depth);
            } else {
                stage.paint_lit(&arch(x - w / 2.0, y - h, w, h), rgb(0xa3a3a8), depth);
                stage.veil(&rect(x - w * 0.28, y - h * 0.55, w * 0.56, 3.0), rgb(0x4a4a5a), 0.5);
                stage.veil(&rect(x - w * 0.2, y - h * 0.42, w * 0.4, 3.0), rgb(0x4a4a5a), 0.5);
            }
        }
    }
}
