//! Plants: trees of four kinds, bushes, flowers, grass, and the dark near leaves that frame a view.

use super::colour::{Colour, rgb};
use super::dice::Dice;
use super::place::{Backdrop, Ground};
use super::shape::{At, blob, curve, ellipse, polygon, rect};
use super::stage::{HEIGHT, Stage, WIDTH};

/// Rows of trees behind each other, with light between them.
pub(super) fn forest(stage: &mut Stage, horizon: f32) {
    let mut dice = stage.dice("forest");
    for (row, depth) in [0.74, 0.56, 0.36].into_iter().enumerate() {
        let size = 150.0 + 46.0 * row as f32;
        let base = horizon + 10.0 + 12.0 * row as f32;
        let mut x = -40.0;
        while x < WIDTH + 60.0 {
            let height = size * dice.between(0.75, 1.35);
            let green = rgb(0x35604a).mix(rgb(0x5c7a42), dice.unit() * 0.5);
            if dice.chance(0.7) {
                pine(stage, (x, base), height, green, depth);
            } else {
                leafy(stage, &mut dice, (x, base), height * 0.8, green, depth);
            }
            x += dice.between(36.0, 74.0);
        }
        super::sky::haze_band(stage, base - 16.0, 60.0, 0.3);
    }
}

/// A group of pines.
pub(super) fn pines(stage: &mut Stage, at: At, scale: f32, depth: f32) {
    let mut dice = stage.dice("pines");
    for (dx, dy, height) in
        [(-150.0, -12.0, 210.0), (130.0, -8.0, 240.0), (-62.0, 4.0, 290.0), (52.0, 12.0, 250.0)]
    {
        let foot = (at.0 + dx * scale + dice.between(-20.0, 20.0), at.1 + dy);
        let tall = height * scale * dice.between(0.85, 1.15);
        ground_shadow(stage, foot, tall * 0.3);
        pine(stage, foot, tall, rgb(0x2f5d46).mix(rgb(0x4d7040), dice.unit() * 0.6), depth);
    }
}

/// A group of leafy trees.
pub(super) fn trees(stage: &mut Stage, at: At, scale: f32, depth: f32) {
    let mut dice = stage.dice("trees");
    let tone = dice.pick(rgb(0x5d8a45), &[rgb(0x74903f), rgb(0x9a7f38), rgb(0x4a7d55)]);
    for (dx, dy, height) in [(120.0, -10.0, 190.0), (-20.0, 6.0, 290.0)] {
        let foot = (at.0 + dx * scale + dice.between(-24.0, 24.0), at.1 + dy);
        let tall = height * scale * dice.between(0.9, 1.15);
        ground_shadow(stage, foot, tall * 0.36);
        let turn = tone.mix(rgb(0x8a9a3c), dice.unit() * 0.3);
        leafy(stage, &mut dice, foot, tall, turn, depth);
    }
}

/// A group of palms.
pub(super) fn palms(stage: &mut Stage, at: At, scale: f32, depth: f32) {
    let mut dice = stage.dice("palms");
    for (dx, height) in [(90.0, 210.0), (-40.0, 290.0), (20.0, 240.0)] {
        let foot = (at.0 + dx * scale, at.1 + dice.between(-6.0, 14.0));
        let lean = dice.between(20.0, 70.0) * dice.side();
        let top = (foot.0 + lean, foot.1 - height * scale);
        ground_shadow(stage, foot, 60.0 * scale);
        stage.draw(
            &curve(&[foot, (foot.0 + lean * 0.2, foot.1 - height * scale * 0.5), top]),
            11.0 * scale,
            rgb(0x7b5a3c),
            depth,
        );
        for i in 0..9 {
            let angle = -2.9 + i as f32 * 0.7 + dice.between(-0.15, 0.15);
            let (ux, uy) = (libm::cosf(angle), libm::sinf(angle));
            let reach = 96.0 * scale;
            let tip = (top.0 + ux * reach, top.1 + uy * reach * 0.6 + 34.0 * scale);
            let mid = (top.0 + ux * reach * 0.55, top.1 + uy * reach * 0.7 - 6.0 * scale);
            let low = (mid.0 - ux * 4.0, mid.1 + 16.0 * scale);
            let green = if uy < 0.0 { rgb(0x77a04b) } else { rgb(0x3f6f45) };
            stage.paint(&blob(&[top, mid, tip, low]), green, depth);
        }
    }
}

/// Flower beds and bushes around a round place.
pub(super) fn garden(stage: &mut Stage, at: At, scale: f32, depth: f32) {
    let mut dice = stage.dice("garden");
    for row in 0..3 {
        let y = at.1 - 24.0 + row as f32 * 34.0 * scale;
        for i in 0..7 {
            let foot = (at.0 + (i as f32 - 3.0) * 62.0 * scale + dice.between(-14.0, 14.0), y);
            bush(stage, &mut dice, foot, (34.0 + row as f32 * 8.0) * scale, depth);
        }
    }
}

fn bush(stage: &mut Stage, dice: &mut Dice, foot: At, size: f32, depth: f32) {
    let green = rgb(0x4c7c42).mix(rgb(0x7d9a4a), dice.unit());
    crown(stage, dice, (foot.0, foot.1 - size * 0.5), size, green, depth);
    let petal = dice.pick(rgb(0xd9566b), &[rgb(0xe7c14f), rgb(0xd88cc0), rgb(0xf2ead6), rgb(0x8b6cc0)]);
    for _ in 0..7 {
        let spot = (foot.0 + dice.between(-0.8, 0.8) * size, foot.1 - dice.between(0.1, 1.0) * size);
        stage.paint(&ellipse(spot, size * 0.09, size * 0.08), petal, depth * 0.5);
    }
}

fn ground_shadow(stage: &mut Stage, foot: At, reach: f32) {
    let shadow = ellipse((foot.0 - stage.sun_side * reach * 0.55, foot.1 + 2.0), reach, reach * 0.12);
    stage.veil(&shadow, rgb(0x2a3350), 0.3);
}

fn pine(stage: &mut Stage, foot: At, height: f32, green: Colour, depth: f32) {
    let trunk = rect(foot.0 - height * 0.022, foot.1 - height * 0.14, height * 0.044, height * 0.14);
    stage.paint(&trunk, rgb(0x5a4234), depth);
    for tier in (0..4).rev() {
        let t = tier as f32 / 4.0;
        let top = foot.1 - height * (1.0 - t * 0.62);
        let bottom = foot.1 - height * (0.62 - t * 0.55);
        let half = height * (0.1 + 0.16 * t);
        let fringe = bottom - height * 0.025;
        let tiers = polygon(&[
            (foot.0, top),
            (foot.0 + half, bottom),
            (foot.0 + half * 0.55, fringe),
            (foot.0 + half * 0.2, bottom + height * 0.012),
            (foot.0 - half * 0.15, fringe),
            (foot.0 - half * 0.5, bottom + height * 0.012),
            (foot.0 - half, bottom),
        ]);
        stage.paint_lit(&tiers, green.lighter(0.05 * (3 - tier) as f32), depth);
    }
}

fn leafy(stage: &mut Stage, dice: &mut Dice, foot: At, height: f32, green: Colour, depth: f32) {
    let w = height * 0.05;
    let top = foot.1 - height * 0.55;
    let trunk = blob(&[
        (foot.0 - w * 1.5, foot.1),
        (foot.0 - w * 0.6, top),
        (foot.0 + w * 0.6, top),
        (foot.0 + w * 1.5, foot.1),
    ]);
    stage.paint_lit(&trunk, rgb(0x6b4c38), depth);
    crown(stage, dice, (foot.0, foot.1 - height * 0.66), height * 0.36, green, depth);
}

/// Leaves in three tones: shadow below, body, light towards the sun.
fn crown(stage: &mut Stage, dice: &mut Dice, centre: At, radius: f32, green: Colour, depth: f32) {
    let sun = stage.sun_side;
    for (tone, shift, size) in
        [(green.darker(0.32), 0.16, 1.0), (green, -0.02, 0.9), (green.lighter(0.24), -0.24, 0.55)]
    {
        let middle = (centre.0 + sun * radius * 0.3 * (0.9 - size) * 2.0, centre.1 + radius * shift);
        let lobes = 9;
        let outline: Vec<At> = (0..lobes * 2)
            .map(|i| {
                let angle = i as f32 / (lobes * 2) as f32 * core::f32::consts::TAU;
                let reach = radius * size * if i % 2 == 0 { dice.between(0.98, 1.14) } else { 0.84 };
                (middle.0 + libm::cosf(angle) * reach, middle.1 + libm::sinf(angle) * reach * 0.86)
            })
            .collect();
        stage.paint(&blob(&outline), tone, depth);
    }
    for _ in 0..10 {
        let spot = (centre.0 + dice.between(-0.8, 0.8) * radius, centre.1 + dice.between(-0.7, 0.6) * radius);
        stage.veil(&ellipse(spot, radius * 0.1, radius * 0.06), green.lighter(0.4), 0.35 * (1.0 - depth));
    }
}

/// Grass tufts, flowers or pebbles on the near ground.
pub(super) fn near_ground(stage: &mut Stage, ground: Ground, horizon: f32) {
    match ground {
        Ground::Grass => {
            tufts(stage, horizon);
            fireflies(stage, horizon);
        }
        Ground::Sand | Ground::Snow => pebbles(stage, horizon),
        Ground::Water | Ground::Quay | Ground::Street => {}
    }
}

fn tufts(stage: &mut Stage, horizon: f32) {
    let mut dice = stage.dice("tufts");
    for i in 0..90 {
        let t = (i as f32 / 90.0) * 0.9 + 0.1;
        let at = (dice.between(0.0, WIDTH), horizon + 30.0 + (HEIGHT - horizon - 10.0) * t);
        let size = 5.0 + 15.0 * t;
        let tone = if dice.chance(0.4) { rgb(0x8db052) } else { rgb(0x3d6b38) };
        for lean in [-0.5, 0.05, 0.55] {
            let blade = curve(&[
                at,
                (at.0 + lean * size * 0.4, at.1 - size * 0.6),
                (at.0 + lean * size, at.1 - size),
            ]);
            stage.draw_veil(&blade, 1.0 + 1.2 * t, tone, 0.75);
        }
        if dice.chance(0.3) {
            let petal = dice.pick(rgb(0xf2e6c8), &[rgb(0xe0616b), rgb(0xe7c14f), rgb(0xb08ad0)]);
            stage.paint(&ellipse((at.0 + size * 0.3, at.1 - size), 1.6 + 2.6 * t, 1.5 + 2.4 * t), petal, 0.0);
        }
    }
}

/// Points of warm light over the grass, seen as far as it is dark.
fn fireflies(stage: &mut Stage, horizon: f32) {
    let dark = stage.light.lamps;
    if dark < 0.5 {
        return;
    }
    let mut dice = stage.dice("fireflies");
    for _ in 0..34 {
        let t = dice.unit();
        let at = (dice.between(20.0, WIDTH - 20.0), horizon - 30.0 + (HEIGHT - horizon) * t);
        let size = dice.between(1.4, 2.6) + 1.6 * t;
        stage.glow(at, size * 7.0, rgb(0xffe07a), 0.75 * dark);
        stage.shine(&ellipse(at, size, size), rgb(0xfff3b8), dark);
    }
}

fn pebbles(stage: &mut Stage, horizon: f32) {
    let mut dice = stage.dice("pebbles");
    for i in 0..36 {
        let t = i as f32 / 36.0;
        let at = (dice.between(0.0, WIDTH), horizon + 40.0 + (HEIGHT - horizon - 40.0) * t);
        let size = dice.between(2.0, 6.0) * (0.6 + 1.4 * t);
        stage.veil(
            &ellipse((at.0 - stage.sun_side * size, at.1 + size * 0.4), size * 1.8, size * 0.5),
            rgb(0x4a4468),
            0.3,
        );
        stage.paint_lit(&ellipse(at, size, size * 0.7), rgb(0x8d8078), 0.0);
    }
}

/// Dark leaves hanging in at one upper corner and growing up at the lower edge, so that the view has a near frame.
pub(super) fn frame(stage: &mut Stage, ground: Ground, backdrop: Backdrop, side: f32) {
    let leafy = match ground {
        Ground::Grass => true,
        Ground::Water | Ground::Quay => backdrop != Backdrop::Open,
        Ground::Sand | Ground::Snow | Ground::Street => false,
    };
    if !leafy {
        return;
    }
    let mut dice = stage.dice("frame");
    let corner = if side < 0.0 { 0.0 } else { WIDTH };
    let dark = rgb(0x24453a);
    for _ in 0..46 {
        let out = dice.unit() * dice.unit();
        let at = (corner - side * out * 330.0, dice.between(-10.0, 120.0 * (1.0 - out)));
        leaf(stage, &mut dice, at, dark);
    }
    for i in 0..30 {
        let x = corner - side * i as f32 * 15.0;
        let tall = (130.0 - i as f32 * 3.4) * dice.between(0.45, 1.0);
        let lean = dice.between(-34.0, 34.0);
        let blade = polygon(&[(x - 7.0, HEIGHT + 4.0), (x + lean, HEIGHT - tall), (x + 8.0, HEIGHT + 4.0)]);
        stage.paint(&blade, dark.mix(rgb(0x3f6a3c), dice.unit() * 0.6), 0.0);
    }
}

fn leaf(stage: &mut Stage, dice: &mut Dice, at: At, tone: Colour) {
    let angle = dice.between(0.6, 2.5);
    let (ux, uy) = (libm::cosf(angle), libm::sinf(angle));
    let (long, wide) = (dice.between(22.0, 42.0), dice.between(6.0, 11.0));
    let tip = (at.0 + ux * long, at.1 + uy * long);
    let middle = (at.0 + ux * long * 0.5, at.1 + uy * long * 0.5);
    let shape = blob(&[
        at,
        (middle.0 - uy * wide, middle.1 + ux * wide),
        tip,
        (middle.0 + uy * wide, middle.1 - ux * wide),
    ]);
    stage.paint(&shape, tone.mix(rgb(0x5d8a45), dice.unit() * 0.5), 0.0);
}
