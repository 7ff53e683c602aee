//! Towns: far roofs, rows of houses, a factory.

use super::colour::{Colour, rgb};
use super::dice::Dice;
use super::landmarks::framed_window;
use super::shape::{At, arch, blob, ellipse, polygon, rect};
use super::stage::{Stage, WIDTH};

/// Far houses and towers in three depths, windows lit when it is dark.
pub(super) fn skyline(stage: &mut Stage, horizon: f32) {
    let mut dice = stage.dice("skyline");
    for (height, depth) in [(250.0, 0.74), (185.0, 0.56), (125.0, 0.38)] {
        let mut x = -30.0;
        while x < WIDTH + 20.0 {
            let wide = dice.between(42.0, 96.0);
            let high = height * dice.between(0.5, 1.0);
            far_house(stage, &mut dice, (x, horizon + 26.0), wide, high, depth);
            x += wide * dice.between(0.85, 1.15);
        }
        super::sky::haze_band(stage, horizon - 6.0, 70.0, 0.28);
    }
}

fn far_house(stage: &mut Stage, dice: &mut Dice, foot: At, wide: f32, high: f32, depth: f32) {
    let wall = rgb(0x7a7590).mix(rgb(0xa8806c), dice.unit());
    let (left, top) = (foot.0, foot.1 - high);
    stage.paint_lit(&rect(left, top, wide, high), wall, depth);
    let roof = wall.darker(0.3);
    match dice.count(0, 3) {
        0 => stage.paint(
            &polygon(&[(left - 4.0, top), (left + wide / 2.0, top - wide * 0.5), (left + wide + 4.0, top)]),
            roof,
            depth,
        ),
        1 => stage.paint(&rect(left + wide * 0.3, top - 16.0, wide * 0.4, 17.0), roof, depth),
        2 => stage.paint(
            &polygon(&[
                (left + wide * 0.3, top),
                (left + wide / 2.0, top - wide * 1.1),
                (left + wide * 0.7, top),
            ]),
            roof,
            depth,
        ),
        _ => stage.paint(&rect(left - 3.0, top - 5.0, wide + 6.0, 6.0), roof, depth),
    }
    let mut y = top + 12.0;
    while y < foot.1 - 30.0 {
        let mut x = left + 8.0;
        while x < left + wide - 12.0 {
            let lit = dice.chance(0.5);
            stage.window(&rect(x, y, 6.0, 10.0), depth * 0.7, lit);
            x += 15.0;
        }
        y += 22.0;
    }
}

/// A row of narrow town houses with shops below.
pub(super) fn row(stage: &mut Stage, at: At, s: f32, depth: f32) {
    let mut dice = stage.dice("houses");
    let walls = [rgb(0xd98f6c), rgb(0xe6c98d), rgb(0x9fb6a8), rgb(0xc7a0a6), rgb(0x8fa6c4), rgb(0xe5ddc8)];
    super::landmarks::shadow(stage, at, 330.0 * s);
    let mut x = at.0 - 300.0 * s;
    for i in 0..4 {
        let wide = dice.between(128.0, 164.0) * s;
        let floors = dice.count(2, 4);
        let wall = walls[(dice.count(0, 5) as usize + i) % walls.len()];
        town_house(stage, &mut dice, (x, at.1), wide, floors, (s, depth), wall);
        x += wide;
    }
}

fn town_house(
    stage: &mut Stage,
    dice: &mut Dice,
    foot: At,
    wide: f32,
    floors: u32,
    (s, depth): (f32, f32),
    wall: Colour,
) {
    let (left, storey) = (foot.0, 84.0 * s);
    let top = foot.1 - storey * floors as f32 - 20.0 * s;
    stage.paint_lit(&rect(left, top, wide, foot.1 - top), wall, depth);
    let roof = dice.pick(rgb(0x8f4a3c), &[rgb(0x5a6078), rgb(0x6d5446)]);
    match dice.count(0, 2) {
        0 => stage.paint_lit(
            &polygon(&[
                (left - 6.0 * s, top),
                (left + wide / 2.0, top - 78.0 * s),
                (left + wide + 6.0 * s, top),
            ]),
            roof,
            depth,
        ),
        1 => stepped_gable(stage, (left, top), wide, s, depth, wall),
        _ => stage.paint_lit(
            &polygon(&[
                (left - 4.0 * s, top),
                (left + 16.0 * s, top - 54.0 * s),
                (left + wide - 16.0 * s, top - 54.0 * s),
                (left + wide + 4.0 * s, top),
            ]),
            roof,
            depth,
        ),
    }
    stage.paint(&rect(left, top - 2.0 * s, wide, 7.0 * s), wall.lighter(0.4), depth);
    for floor in 1..floors {
        let y = foot.1 - storey * (floor as f32 + 1.0) + 8.0 * s;
        for i in 0..3 {
            framed_window(stage, left + wide * (0.13 + 0.29 * i as f32), y, wide * 0.16, 44.0 * s, depth);
        }
    }
    shop_front(stage, dice, foot, wide, s, depth);
}

fn stepped_gable(stage: &mut Stage, (left, top): At, wide: f32, s: f32, depth: f32, wall: Colour) {
    for i in 0..4 {
        let inset = wide * 0.12 * i as f32;
        stage.paint_lit(
            &rect(left + inset, top - 20.0 * s * (i + 1) as f32, wide - inset * 2.0, 22.0 * s),
            wall,
            depth,
        );
    }
    stage.window(&arch(left + wide * 0.42, top - 50.0 * s, wide * 0.16, 32.0 * s), depth, true);
}

fn shop_front(stage: &mut Stage, dice: &mut Dice, foot: At, wide: f32, s: f32, depth: f32) {
    let (left, y) = foot;
    let trim = dice.pick(rgb(0x37594e), &[rgb(0x6b3340), rgb(0x344a72), rgb(0x6d4c2e)]);
    stage.paint(&rect(left + wide * 0.06, y - 84.0 * s, wide * 0.88, 84.0 * s), trim, depth);
    stage.window(&rect(left + wide * 0.12, y - 64.0 * s, wide * 0.42, 46.0 * s), depth, true);
    stage.paint(&rect(left + wide * 0.62, y - 68.0 * s, wide * 0.24, 68.0 * s), trim.darker(0.35), depth);
    stage.window(&rect(left + wide * 0.66, y - 62.0 * s, wide * 0.16, 26.0 * s), depth, true);
    let awning = dice.chance(0.6);
    for i in 0..6 {
        let (x, w) = (left + wide * (0.08 + 0.08 * i as f32), wide * 0.08);
        let tone = if i % 2 == 0 { rgb(0xf1e6cf) } else { trim.lighter(0.25) };
        if awning {
            stage.paint(
                &polygon(&[
                    (x, y - 84.0 * s),
                    (x + w, y - 84.0 * s),
                    (x + w, y - 62.0 * s),
                    (x, y - 62.0 * s),
                ]),
                tone,
                depth,
            );
        }
    }
    stage.glow((left + wide * 0.33, y - 40.0 * s), 70.0 * s, rgb(0xffc766), 0.4 * stage.light.lamps);
}

/// Halls with saw-tooth roofs and smoking chimneys.
pub(super) fn factory(stage: &mut Stage, at: At, s: f32, depth: f32) {
    let (x, y) = at;
    let brick = rgb(0x9a5f4c);
    super::landmarks::shadow(stage, at, 260.0 * s);
    for (dx, high) in [(-190.0, 300.0), (-120.0, 260.0)] {
        let cx = x + dx * s;
        stage.paint_lit(
            &polygon(&[
                (cx - 20.0 * s, y),
                (cx - 13.0 * s, y - high * s),
                (cx + 13.0 * s, y - high * s),
                (cx + 20.0 * s, y),
            ]),
            brick.lighter(0.06),
            depth,
        );
        stage.paint(&rect(cx - 15.0 * s, y - high * s, 30.0 * s, 9.0 * s), brick.darker(0.4), depth);
        smoke(stage, (cx, y - high * s), s);
    }
    stage.paint_lit(&rect(x - 230.0 * s, y - 120.0 * s, 460.0 * s, 120.0 * s), brick, depth);
    for i in 0..5 {
        let left = x + (-230.0 + 92.0 * i as f32) * s;
        stage.paint_lit(
            &polygon(&[(left, y - 118.0 * s), (left, y - 176.0 * s), (left + 92.0 * s, y - 118.0 * s)]),
            rgb(0x5f6678),
            depth,
        );
        framed_window(stage, left + 18.0 * s, y - 94.0 * s, 52.0 * s, 46.0 * s, depth);
    }
    stage.paint(&arch(x - 28.0 * s, y - 66.0 * s, 56.0 * s, 66.0 * s), rgb(0x3d4450), depth);
}

fn smoke(stage: &mut Stage, from: At, s: f32) {
    let mut dice = stage.dice("smoke");
    for i in 0..7 {
        let t = i as f32;
        let at = (from.0 + (t * 17.0 + dice.between(-6.0, 6.0)) * s, from.1 - t * 19.0 * s);
        let r = (12.0 + t * 6.0) * s;
        stage.veil(
            &blob(&[(at.0 - r, at.1), (at.0, at.1 - r * 0.8), (at.0 + r, at.1), (at.0, at.1 + r * 0.7)]),
            rgb(0xe8e4e6),
            0.42 - t * 0.05,
        );
    }
    stage.veil(&ellipse(from, 8.0 * s, 5.0 * s), rgb(0x3a3540), 0.4);
}
