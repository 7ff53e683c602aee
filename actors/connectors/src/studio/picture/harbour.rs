//! Ships, boats, quays and bridges.

use super::colour::{Colour, rgb};
use super::shape::{At, blob, curve, ellipse, line, polygon, rect};
use super::stage::{HEIGHT, Stage, WIDTH};

/// A two-masted sailing ship, `at` on the water line.
pub(super) fn ship(stage: &mut Stage, at: At, s: f32, depth: f32) {
    let (x, y) = at;
    let mut dice = stage.dice("ship");
    let hull = dice.pick(rgb(0x6e3f34), &[rgb(0x34506e), rgb(0x3d4a44), rgb(0x7a5a38)]);
    let way = -stage.sun_side;
    let to = |dx: f32, dy: f32| (x + dx * way * s, y + dy * s);
    reflection(stage, at, 170.0 * s, hull);
    rigging(stage, at, s, depth, way);
    for from in [-62.0, 50.0] {
        stage.draw_veil(&line(&[to(from, -296.0), to(-160.0, -60.0)]), 1.2 * s, rgb(0x33261f), 0.6);
        stage.draw_veil(&line(&[to(from, -296.0), to(226.0, -92.0)]), 1.2 * s, rgb(0x33261f), 0.6);
    }
    let side = blob(&[
        to(-172.0, -72.0),
        to(-60.0, -44.0),
        to(90.0, -44.0),
        to(176.0, -66.0),
        to(136.0, -8.0),
        to(108.0, 6.0),
        to(-130.0, 6.0),
        to(-156.0, -10.0),
    ]);
    stage.paint_down(&side, hull.lighter(0.12), hull.darker(0.35), depth);
    stage.draw(
        &curve(&[to(-166.0, -58.0), to(-60.0, -32.0), to(90.0, -32.0), to(166.0, -52.0)]),
        4.0 * s,
        rgb(0xd9b869),
        depth,
    );
    for i in 0..6 {
        let port = ellipse(to(-110.0 + 40.0 * i as f32, -19.0), 4.6 * s, 4.6 * s);
        stage.window(&port, depth, true);
    }
}

/// Masts, yards and sails; `way` is where the bow points.
fn rigging(stage: &mut Stage, (x, y): At, s: f32, depth: f32, way: f32) {
    let to = |dx: f32, dy: f32| (x + dx * way * s, y + dy * s);
    for mast in [-62.0, 50.0] {
        stage.draw(&line(&[to(mast, -40.0), to(mast, -300.0)]), 6.0 * s, rgb(0x5a4030), depth);
        for (low, high, wide) in [(-70.0, -158.0, 66.0), (-164.0, -232.0, 54.0), (-238.0, -286.0, 40.0)] {
            let sail = blob(&[
                to(mast - wide, low + 6.0),
                to(mast - wide * 0.86, high),
                to(mast, high - 2.0),
                to(mast + wide * 0.86, high),
                to(mast + wide * 1.16, low - 10.0),
                to(mast + 8.0, low - 8.0),
            ]);
            stage.paint_lit(&sail, rgb(0xf0e4c9), depth);
            stage.draw(
                &line(&[to(mast - wide * 0.9, high), to(mast + wide * 0.9, high)]),
                3.4 * s,
                rgb(0x5a4030),
                depth,
            );
        }
        stage.paint(
            &polygon(&[to(mast, -300.0), to(mast + 38.0, -308.0), to(mast, -318.0)]),
            rgb(0xc64f43),
            depth,
        );
    }
    stage.draw(&line(&[to(150.0, -52.0), to(232.0, -92.0)]), 5.0 * s, rgb(0x5a4030), depth);
    stage.paint_lit(&polygon(&[to(224.0, -90.0), to(52.0, -262.0), to(112.0, -66.0)]), rgb(0xe9dabb), depth);
}

fn reflection(stage: &mut Stage, at: At, reach: f32, tone: Colour) {
    for i in 0..9 {
        let y = at.1 + 6.0 + i as f32 * 6.0;
        let sway = if i % 2 == 0 { 8.0 } else { -7.0 };
        stage.veil(&ellipse((at.0 + sway, y), reach * (0.95 - i as f32 * 0.08), 2.6), tone.darker(0.4), 0.32);
    }
}

/// Three small boats.
pub(super) fn boats(stage: &mut Stage, at: At, s: f32, depth: f32) {
    let mut dice = stage.dice("boats");
    for (dx, dy, k) in [(-120.0, -10.0, 0.7), (110.0, 6.0, 0.85), (-10.0, 34.0, 1.2)] {
        let k = k * s;
        let foot = (at.0 + dx * s + dice.between(-16.0, 16.0), at.1 + dy);
        let hull = dice.pick(rgb(0xb8493d), &[rgb(0x3f6c94), rgb(0xe3d9c2), rgb(0x3e7a68), rgb(0xd79a3c)]);
        reflection(stage, foot, 52.0 * k, hull);
        let (x, y) = foot;
        stage.draw(&line(&[(x, y - 14.0 * k), (x, y - 128.0 * k)]), 3.6 * k, rgb(0x5a4030), depth);
        stage.paint_lit(
            &blob(&[
                (x + 4.0 * k, y - 122.0 * k),
                (x + 40.0 * k, y - 60.0 * k),
                (x + 52.0 * k, y - 22.0 * k),
                (x + 4.0 * k, y - 20.0 * k),
            ]),
            rgb(0xf3e8d0),
            depth,
        );
        stage.paint_lit(
            &polygon(&[
                (x - 4.0 * k, y - 104.0 * k),
                (x - 36.0 * k, y - 22.0 * k),
                (x - 4.0 * k, y - 24.0 * k),
            ]),
            rgb(0xe4cfa8),
            depth,
        );
        let side = blob(&[
            (x - 60.0 * k, y - 20.0 * k),
            (x, y - 12.0 * k),
            (x + 60.0 * k, y - 20.0 * k),
            (x + 42.0 * k, y + 5.0 * k),
            (x - 42.0 * k, y + 5.0 * k),
        ]);
        stage.paint_down(&side, hull.lighter(0.14), hull.darker(0.3), depth);
        stage.draw(
            &curve(&[(x - 57.0 * k, y - 15.0 * k), (x, y - 7.0 * k), (x + 57.0 * k, y - 15.0 * k)]),
            2.4 * k,
            rgb(0xf0e3c4),
            depth,
        );
    }
}

/// A stone bridge across the picture on arches.
pub(super) fn bridge(stage: &mut Stage, at: At, s: f32, depth: f32) {
    let y = at.1;
    let stone = rgb(0xb3a48f);
    let deck = y - 120.0 * s;
    let arches = 4;
    let step = (WIDTH + 120.0) / arches as f32;
    stage.paint_down(&rect(0.0, deck, WIDTH, 34.0 * s), stone.lighter(0.12), stone, depth);
    for i in 0..=arches {
        let x = -60.0 + i as f32 * step;
        stage.paint_lit(
            &polygon(&[
                (x - 30.0 * s, deck),
                (x + 30.0 * s, deck),
                (x + 38.0 * s, y + 26.0),
                (x - 38.0 * s, y + 26.0),
            ]),
            stone,
            depth,
        );
        reflection(stage, (x, y + 20.0), 50.0 * s, stone);
        let (left, right, spring) = (x + 28.0 * s, x + step - 28.0 * s, y - 24.0 * s);
        let crown = deck + 26.0 * s;
        let middle = (left + right) / 2.0;
        let mut ring = vec![(left, deck + 10.0), (left, spring)];
        for k in 1..12 {
            let t = k as f32 / 12.0;
            let bow = libm::sinf(t * core::f32::consts::PI);
            ring.push((left + (right - left) * t, spring - (spring - crown) * bow));
        }
        ring.extend([(right, spring), (right, deck + 10.0)]);
        stage.paint(&polygon(&ring), stone.darker(0.12), depth);
        stage.draw_veil(&curve(&ring[1..ring.len() - 1]), 7.0 * s, stone.lighter(0.4), 0.5);
        lamp_post(stage, (middle, deck), s, depth);
    }
    stage.paint(&rect(0.0, deck - 12.0 * s, WIDTH, 14.0 * s), stone.lighter(0.22), depth);
    stage.veil(&rect(0.0, deck + 2.0, WIDTH, 5.0), rgb(0x3a3448), 0.4);
}

/// A street lamp, `at` its foot.
pub(super) fn lamp_post(stage: &mut Stage, at: At, s: f32, depth: f32) {
    let (x, y) = at;
    let iron = rgb(0x2f3440);
    stage.draw(&line(&[(x, y), (x, y - 96.0 * s)]), 4.4 * s, iron, depth);
    let head = polygon(&[
        (x - 8.0 * s, y - 96.0 * s),
        (x - 12.0 * s, y - 120.0 * s),
        (x + 12.0 * s, y - 120.0 * s),
        (x + 8.0 * s, y - 96.0 * s),
    ]);
    stage.window(&head, depth, true);
    stage.paint(
        &polygon(&[(x - 15.0 * s, y - 119.0 * s), (x, y - 134.0 * s), (x + 15.0 * s, y - 119.0 * s)]),
        iron,
        depth,
    );
    stage.glow((x, y - 108.0 * s), 92.0 * s, rgb(0xffcf7a), 0.75 * stage.light.lamps);
}

/// The near edge of a quay with bollards, crates and a lamp.
pub(super) fn quay(stage: &mut Stage) {
    let mut dice = stage.dice("quay");
    let top = HEIGHT - 128.0;
    stage.paint_down(&rect(0.0, top, WIDTH, HEIGHT - top), rgb(0xa79a8a), rgb(0x5a5058), 0.0);
    stage.paint(&rect(0.0, top - 4.0, WIDTH, 14.0), rgb(0xc9bca6), 0.0);
    for row in 0..4 {
        let y = top + 12.0 + row as f32 * row as f32 * 7.0 + row as f32 * 14.0;
        stage.draw_veil(&line(&[(0.0, y), (WIDTH, y)]), 1.6, rgb(0x352f3c), 0.5);
        let step = 84.0 + 26.0 * row as f32;
        let mut x = dice.between(-step, 0.0);
        while x < WIDTH {
            stage.draw_veil(
                &line(&[(x, y), (x - 6.0, y + 18.0 + 9.0 * row as f32)]),
                1.4,
                rgb(0x352f3c),
                0.45,
            );
            x += step;
        }
    }
    let side = dice.side();
    for (dx, size) in [(390.0, 84.0), (476.0, 66.0), (430.0, 56.0)] {
        let lift = if size < 60.0 { 84.0 } else { 0.0 };
        crate_box(stage, (WIDTH / 2.0 + side * dx, top + 46.0 - lift), size);
    }
    for x in [WIDTH / 2.0 - side * 120.0, WIDTH / 2.0 - side * 420.0] {
        bollard(stage, (x, top + 26.0));
    }
    lamp_post(stage, (WIDTH / 2.0 - side * 500.0, top + 40.0), 2.1, 0.0);
}

fn bollard(stage: &mut Stage, at: At) {
    let (x, y) = at;
    stage.veil(&ellipse((x - stage.sun_side * 18.0, y), 34.0, 7.0), rgb(0x1f2036), 0.4);
    stage.paint_lit(&rect(x - 13.0, y - 38.0, 26.0, 40.0), rgb(0x3f4552), 0.0);
    stage.paint_lit(&ellipse((x, y - 40.0), 21.0, 9.0), rgb(0x596172), 0.0);
    stage.draw(&curve(&[(x, y - 18.0), (x + 70.0, y - 2.0), (x + 150.0, y - 26.0)]), 4.0, rgb(0xb79a6a), 0.0);
}

fn crate_box(stage: &mut Stage, foot: At, size: f32) {
    let (x, y) = (foot.0 - size / 2.0, foot.1 - size);
    stage.veil(
        &ellipse((foot.0 - stage.sun_side * size * 0.4, foot.1), size * 0.9, 9.0),
        rgb(0x1f2036),
        0.35,
    );
    stage.paint_lit(&rect(x, y, size, size), rgb(0xa87a4a), 0.0);
    for frame in [
        rect(x, y, size, size * 0.13),
        rect(x, y + size * 0.87, size, size * 0.13),
        rect(x, y, size * 0.13, size),
        rect(x + size * 0.87, y, size * 0.13, size),
    ] {
        stage.paint_lit(&frame, rgb(0xc4965c), 0.0);
    }
    stage.draw(
        &line(&[(x + size * 0.14, y + size * 0.86), (x + size * 0.86, y + size * 0.14)]),
        size * 0.09,
        rgb(0xb78a54),
        0.0,
    );
}
