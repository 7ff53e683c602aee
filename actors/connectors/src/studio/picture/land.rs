//! Land: what closes the view, and what one stands on.

use super::colour::{Colour, rgb};
use super::dice::Dice;
use super::shape::{At, ellipse, polygon, under_curve, under_line};
use super::sky::haze_band;
use super::stage::{HEIGHT, Stage, WIDTH};

/// Three ranges of peaks, each nearer and darker, the first with snow.
pub(super) fn mountains(stage: &mut Stage, horizon: f32) {
    let mut dice = stage.dice("mountains");
    for (i, (height, depth)) in [(250.0, 0.66), (165.0, 0.5), (90.0, 0.34)].into_iter().enumerate() {
        let peaks = ridge(&mut dice, horizon + 8.0, height, 3 + i as u32 * 2);
        let rock = rgb(0x5f6d8a).mix(rgb(0x4c6a5a), i as f32 * 0.4);
        stage.paint_down(&under_line(&peaks, horizon + 40.0), rock.lighter(0.1), rock.lighter(0.28), depth);
        flanks(stage, &peaks, horizon + 30.0, rock, depth);
        if i == 0 {
            caps(stage, &peaks, depth);
        }
        haze_band(stage, horizon - 14.0 + i as f32 * 14.0, 42.0, 0.28);
    }
}

fn ridge(dice: &mut Dice, base: f32, height: f32, peaks: u32) -> Vec<At> {
    let mut points = vec![(-40.0, base - height * 0.3)];
    let step = (WIDTH + 80.0) / peaks as f32;
    for i in 0..peaks {
        let x = -40.0 + step * (i as f32 + dice.between(0.3, 0.7));
        let top = height * dice.between(0.62, 1.0);
        for (share, rise) in [(-0.36, 0.36), (-0.17, 0.64), (0.0, 1.0), (0.14, 0.74), (0.3, 0.44)] {
            points.push((
                x + step * share + dice.between(-9.0, 9.0),
                base - top * rise + dice.between(-7.0, 7.0),
            ));
        }
    }
    points.push((WIDTH + 40.0, base - height * 0.25));
    points
}

/// The side away from the sun of each peak.
fn flanks(stage: &mut Stage, peaks: &[At], base: f32, rock: Colour, depth: f32) {
    let shadow = rock.darker(0.3);
    for window in peaks.windows(3) {
        let [before, top, after] = [window[0], window[1], window[2]];
        if top.1 < before.1 && top.1 < after.1 {
            let far = top.0 - stage.sun_side * (base - top.1) * 0.75;
            let foot = top.0 + stage.sun_side * (base - top.1) * 0.12;
            let kink = (top.0 - stage.sun_side * 12.0, top.1 + (base - top.1) * 0.45);
            let side = polygon(&[top, kink, (foot, base), (far, base)]);
            stage.veil(&side, shadow.mix(stage.light.haze, depth * 0.8), 0.3);
        }
    }
}

fn caps(stage: &mut Stage, peaks: &[At], depth: f32) {
    for window in peaks.windows(3) {
        let [before, top, after] = [window[0], window[1], window[2]];
        if top.1 < before.1 && top.1 < after.1 {
            let down = |other: At, share: f32| {
                (top.0 + (other.0 - top.0) * share, top.1 + (other.1 - top.1) * share)
            };
            let (left, right) = (down(before, 0.75), down(after, 0.8));
            let notch = ((left.0 + right.0) / 2.0 - 8.0, (left.1 + right.1) / 2.0 - 12.0);
            let tip = ((left.0 + right.0) / 2.0 + 9.0, (left.1 + right.1) / 2.0 + 6.0);
            stage.paint(&polygon(&[top, right, tip, notch, left]), rgb(0xf4f7fb), depth * 0.6);
        }
    }
}

/// Soft hills behind each other.
pub(super) fn hills(stage: &mut Stage, horizon: f32) {
    let mut dice = stage.dice("hills");
    for (i, (height, depth)) in [(120.0, 0.68), (80.0, 0.5), (44.0, 0.33)].into_iter().enumerate() {
        let line = wave(&mut dice, horizon - height * 0.4 + 14.0, height, 4 + i);
        let green = rgb(0x6f9a6a).mix(rgb(0x7c9a4e), i as f32 * 0.5);
        stage.paint_down(&under_curve(&line, horizon + 60.0), green.lighter(0.14), green.darker(0.06), depth);
        tree_line(stage, &mut dice, &line, depth);
    }
}

/// Tiny trees along a far hill.
fn tree_line(stage: &mut Stage, dice: &mut Dice, line: &[At], depth: f32) {
    for _ in 0..18 {
        let at = line[dice.count(1, line.len() as u32 - 2) as usize];
        let size = dice.between(5.0, 11.0) * (1.2 - depth);
        let crown =
            ellipse((at.0 + dice.between(-40.0, 40.0), at.1 + dice.between(4.0, 12.0)), size, size * 1.1);
        stage.paint(&crown, rgb(0x3f6346), depth);
    }
}

fn wave(dice: &mut Dice, middle: f32, height: f32, bumps: usize) -> Vec<At> {
    let step = (WIDTH + 160.0) / (bumps * 2) as f32;
    (0..=bumps * 2)
        .map(|i| {
            let up = if i % 2 == 0 { dice.between(0.1, 0.5) } else { dice.between(-0.55, -0.2) };
            (-80.0 + step * i as f32, middle + up * height)
        })
        .collect()
}

/// A low strip of land far out, and its reflection's edge.
pub(super) fn far_shore(stage: &mut Stage, horizon: f32) {
    let mut dice = stage.dice("far shore");
    let from = dice.between(-100.0, 500.0);
    for (shift, height, depth) in [(0.0, 46.0, 0.72), (180.0, 26.0, 0.58)] {
        let mut points = Vec::new();
        for i in 0..8 {
            let bulge = 1.0 - (i as f32 / 3.5 - 1.0).abs();
            let y = horizon - height * bulge * dice.between(0.6, 1.0);
            points.push((from + shift + i as f32 * 74.0, y));
        }
        stage.paint(&under_curve(&points, horizon + 2.0), rgb(0x5b7288), depth);
    }
}

/// Dunes with a lit and a shaded side.
pub(super) fn dunes(stage: &mut Stage, horizon: f32) {
    let mut dice = stage.dice("dunes");
    for (height, depth) in [(110.0, 0.55), (76.0, 0.4), (50.0, 0.22)] {
        let line = wave(&mut dice, horizon - height * 0.25, height, 3);
        let sand = rgb(0xdba566);
        stage.paint_down(&under_curve(&line, horizon + 80.0), sand.lighter(0.18), sand.darker(0.12), depth);
        for top in line.iter().skip(1).step_by(2) {
            let lee = -stage.sun_side;
            let side = polygon(&[
                *top,
                (top.0 + lee * 30.0, top.1 + height * 0.4),
                (top.0 + lee * 20.0, horizon + 70.0),
                (top.0 + lee * 260.0, horizon + 70.0),
                (top.0 + lee * 120.0, top.1 + height * 0.3),
            ]);
            stage.veil(&side, rgb(0x9a6648), 0.3);
        }
    }
}

/// A meadow with rolling edges and a winding path.
pub(super) fn meadow(stage: &mut Stage, horizon: f32) {
    let mut dice = stage.dice("meadow");
    let far = wave(&mut dice, horizon + 18.0, 26.0, 3);
    stage.paint_down(&under_curve(&far, HEIGHT), rgb(0xa3bd63), rgb(0x6f9a4b), 0.14);
    path(stage, &mut dice, horizon + 22.0, rgb(0xd9bd8a));
    patches(stage, &mut dice, horizon, rgb(0x55803f));
    let near = wave(&mut dice, HEIGHT - 70.0, 54.0, 2);
    stage.paint_down(&under_curve(&near, HEIGHT), rgb(0x5f8c41), rgb(0x2f5a34), 0.0);
}

fn path(stage: &mut Stage, dice: &mut Dice, top: f32, colour: Colour) {
    let (far, near) = (WIDTH / 2.0 + dice.between(-180.0, 180.0), WIDTH / 2.0 + dice.between(-120.0, 120.0));
    let bend = dice.between(60.0, 190.0) * dice.side();
    let mut left = Vec::new();
    let mut right = Vec::new();
    for i in 0..=12 {
        let t = i as f32 / 12.0;
        let x = far + (near - far) * t + bend * libm::sinf(t * 5.2) * (0.35 + t);
        let y = top + (HEIGHT - top) * t * t;
        let half = 4.0 + 96.0 * t * t;
        left.push((x - half, y));
        right.push((x + half, y));
    }
    left.extend(right.into_iter().rev());
    stage.paint_down(&super::shape::blob(&left), colour.lighter(0.2), colour.darker(0.1), 0.08);
}

/// Strokes of another shade, flatter the further away.
fn patches(stage: &mut Stage, dice: &mut Dice, horizon: f32, colour: Colour) {
    for _ in 0..46 {
        let t = dice.between(0.08, 1.0);
        let at = (dice.between(-40.0, WIDTH + 40.0), horizon + 20.0 + (HEIGHT - horizon) * t);
        let spot = ellipse(at, dice.between(26.0, 90.0) * (0.4 + t), dice.between(2.0, 5.0) * (0.5 + t));
        let tone = if dice.chance(0.4) { colour.lighter(0.45) } else { colour };
        stage.veil(&spot, tone, 0.24);
    }
}

/// Sand with ripples.
pub(super) fn sand(stage: &mut Stage, horizon: f32) {
    let mut dice = stage.dice("sand");
    let far = wave(&mut dice, horizon + 16.0, 22.0, 2);
    stage.paint_down(&under_curve(&far, HEIGHT), rgb(0xecd19c), rgb(0xcf9d62), 0.1);
    patches(stage, &mut dice, horizon, rgb(0xb07f52));
    let near = wave(&mut dice, HEIGHT - 60.0, 50.0, 2);
    stage.paint_down(&under_curve(&near, HEIGHT), rgb(0xcb9759), rgb(0x8a5c40), 0.0);
}

/// Snow with blue shadows.
pub(super) fn snow(stage: &mut Stage, horizon: f32) {
    let mut dice = stage.dice("snow ground");
    let far = wave(&mut dice, horizon + 16.0, 30.0, 3);
    stage.paint_down(&under_curve(&far, HEIGHT), rgb(0xf2f5fa), rgb(0x9db8de), 0.08);
    patches(stage, &mut dice, horizon, rgb(0x5f83c0));
    let near = wave(&mut dice, HEIGHT - 70.0, 60.0, 2);
    stage.paint_down(&under_curve(&near, HEIGHT), rgb(0xdbe6f2), rgb(0x54749f), 0.0);
}

/// A rocky point of land in the water, for what has to stand on something.
pub(super) fn headland(stage: &mut Stage, horizon: f32, side: f32) {
    let mut dice = stage.dice("headland");
    let top = horizon + 62.0;
    let centre = WIDTH / 2.0 + side * 225.0;
    let mut line = vec![
        (centre - side * 470.0, HEIGHT + 30.0),
        (centre - side * 392.0, top + 190.0),
        (centre - side * 318.0, top + 118.0),
        (centre - side * 256.0, top + 54.0),
    ];
    for share in [-0.55, -0.3, 0.0, 0.3, 0.7, 1.2, 1.7] {
        line.push((centre + side * share * 260.0, top - dice.between(0.0, 14.0) + share.abs() * 10.0));
    }
    let rock = rgb(0x6d6a6c);
    stage.paint_down(&under_line(&line, HEIGHT), rock.lighter(0.1), rgb(0x2d3244), 0.04);
    let grass: Vec<At> = line.iter().skip(3).map(|p| (p.0, p.1 - 5.0)).collect();
    let mut cap = grass.clone();
    cap.extend(grass.iter().rev().map(|p| (p.0 + 9.0, p.1 + dice.between(14.0, 34.0))));
    stage.paint_lit(&polygon(&cap), rgb(0x7f9a52), 0.04);
    for _ in 0..26 {
        let at = (centre + dice.between(-250.0, 420.0) * side, top + dice.between(50.0, 240.0));
        let w = dice.between(14.0, 46.0);
        let facet = polygon(&[
            at,
            (at.0 + w, at.1 - w * 0.22),
            (at.0 + w * 1.7, at.1 + w * 0.1),
            (at.0 + w * 0.9, at.1 + w * 0.3),
        ]);
        stage.veil(&facet, if dice.chance(0.5) { rock.lighter(0.35) } else { rgb(0x232838) }, 0.2);
    }
}
