//! Single buildings and rocks one looks at. `at` is the middle of the foot, `scale` 1 is the main thing of a picture.

use super::colour::{Colour, rgb};
use super::shape::{At, Shape, arch, blob, ellipse, line, polygon, rect, round_rect};
use super::stage::Stage;

/// A striped tower with a lantern; its beam is seen when lamps are lit.
pub(super) fn lighthouse(stage: &mut Stage, at: At, scale: f32, depth: f32) {
    let (x, y) = at;
    let s = scale;
    let stripe = stage.dice("lighthouse").pick(rgb(0xb8433a), &[rgb(0x35588c), rgb(0x2f6d68), rgb(0x8c3448)]);
    shadow(stage, at, 70.0 * s);
    let half = |t: f32| (34.0 - 13.0 * t) * s;
    let band = |low: f32, high: f32| {
        let (bottom, top) = (y - low * 300.0 * s, y - high * 300.0 * s);
        polygon(&[
            (x - half(low), bottom),
            (x - half(high), top),
            (x + half(high), top),
            (x + half(low), bottom),
        ])
    };
    for i in 0..5 {
        let colour = if i % 2 == 0 { rgb(0xefe8da) } else { stripe };
        stage.paint_lit(&band(i as f32 * 0.2, i as f32 * 0.2 + 0.203), colour, depth);
    }
    for t in [0.14, 0.45, 0.74] {
        stage.window(&arch(x - 5.0 * s, y - (t * 300.0 + 18.0) * s, 10.0 * s, 20.0 * s), depth, true);
    }
    stage.paint(&arch(x - 10.0 * s, y - 32.0 * s, 20.0 * s, 32.0 * s), rgb(0x4a3530), depth);
    gallery(stage, (x, y - 300.0 * s), s, depth, stripe);
    cottage(stage, (x - 92.0 * s * stage.sun_side, y + 4.0), s * 0.5, depth, stripe);
}

/// Gallery, lantern and roof on top of the tower.
fn gallery(stage: &mut Stage, at: At, s: f32, depth: f32, stripe: Colour) {
    let (x, top) = at;
    stage.paint_lit(&round_rect(x - 31.0 * s, top - 6.0 * s, 62.0 * s, 9.0 * s, 3.0), rgb(0x3d4250), depth);
    let lantern = (x, top - 26.0 * s);
    stage.paint(&rect(x - 16.0 * s, top - 44.0 * s, 32.0 * s, 40.0 * s), rgb(0xbfd8de), depth);
    beam(stage, lantern, s);
    for dx in [-16.0, -5.5, 5.5, 16.0] {
        stage.draw(
            &line(&[(x + dx * s, top - 44.0 * s), (x + dx * s, top - 4.0 * s)]),
            2.2 * s,
            rgb(0x30343f),
            depth,
        );
    }
    let roof = blob(&[
        (x - 22.0 * s, top - 43.0 * s),
        (x - 12.0 * s, top - 60.0 * s),
        (x, top - 74.0 * s),
        (x + 12.0 * s, top - 60.0 * s),
        (x + 22.0 * s, top - 43.0 * s),
    ]);
    stage.paint_lit(&roof, stripe, depth);
    stage.paint(&ellipse((x, top - 76.0 * s), 3.0 * s, 5.0 * s), rgb(0xd9b55a), depth);
    for dx in [-28.0, -14.0, 0.0, 14.0, 28.0] {
        stage.draw(
            &line(&[(x + dx * s, top - 18.0 * s), (x + dx * s, top - 6.0 * s)]),
            1.4 * s,
            rgb(0x30343f),
            depth,
        );
    }
    stage.draw(
        &line(&[(x - 30.0 * s, top - 18.0 * s), (x + 30.0 * s, top - 18.0 * s)]),
        1.6 * s,
        rgb(0x30343f),
        depth,
    );
}

fn beam(stage: &mut Stage, lantern: At, s: f32) {
    let lamps = stage.light.lamps;
    let warm = rgb(0xffe7a0);
    stage.glow(lantern, 26.0 * s, warm, 0.3 + 0.7 * lamps);
    if lamps < 0.5 {
        return;
    }
    for (side, reach) in [(-1.0, 620.0), (1.0, 460.0)] {
        let end = lantern.0 + side * reach;
        let cone = polygon(&[lantern, (end, lantern.1 - 78.0), (end, lantern.1 + 46.0)]);
        let warm = stage.light.grade(warm);
        let from = (warm, 0.55 * lamps, lantern);
        let to = (warm, 0.0, (end, lantern.1));
        stage.canvas.fill(&cone, super::canvas::Ink::Blend { from, to });
    }
    stage.glow(lantern, 110.0 * s, warm, 0.8 * lamps);
}

/// A house with gable, chimney, door and windows, and a fence.
pub(super) fn house(stage: &mut Stage, at: At, scale: f32, depth: f32) {
    let mut dice = stage.dice("house");
    let roof = dice.pick(rgb(0xa34d3c), &[rgb(0x5b5f7d), rgb(0x8a5a3a), rgb(0x4d6b62)]);
    shadow(stage, at, 190.0 * scale);
    cottage(stage, at, scale * 1.25, depth, roof);
    let (x, y) = at;
    for i in 0..8 {
        let px = x + (120.0 + i as f32 * 24.0) * scale * stage.sun_side;
        stage.paint_lit(
            &polygon(&[
                (px - 4.0, y + 8.0),
                (px - 4.0, y - 24.0),
                (px, y - 32.0),
                (px + 4.0, y - 24.0),
                (px + 4.0, y + 8.0),
            ]),
            rgb(0xe8dfcc),
            depth,
        );
    }
}

fn cottage(stage: &mut Stage, at: At, s: f32, depth: f32, roof: Colour) {
    let (x, y) = at;
    let wall = stage.dice("cottage wall").pick(rgb(0xe9dcc0), &[rgb(0xd9c3a0), rgb(0xcfd6d4), rgb(0xe3c6b0)]);
    let (left, right, eaves) = (x - 100.0 * s, x + 90.0 * s, y - 92.0 * s);
    stage.paint_lit(&rect(right - 46.0 * s, eaves - 84.0 * s, 22.0 * s, 60.0 * s), rgb(0x8d5a4a), depth);
    stage.paint_lit(&rect(left, eaves, right - left, 92.0 * s), wall, depth);
    let tiles = polygon(&[
        (left - 16.0 * s, eaves + 6.0 * s),
        (left + 34.0 * s, eaves - 74.0 * s),
        (right - 24.0 * s, eaves - 74.0 * s),
        (right + 16.0 * s, eaves + 6.0 * s),
    ]);
    stage.paint_lit(&tiles, roof, depth);
    for i in 1..5 {
        let t = i as f32 / 5.0;
        let ends = [
            (left + 34.0 * s - 50.0 * t * s, eaves + (80.0 * t - 74.0) * s),
            (right + (40.0 * t - 24.0) * s, eaves + (80.0 * t - 74.0) * s),
        ];
        stage.draw_veil(&line(&ends), 1.6 * s, rgb(0x3a2a30), 0.35);
    }
    stage.veil(&rect(left, eaves + 6.0 * s, right - left, 9.0 * s), rgb(0x3a3550), 0.35);
    stage.paint(&arch(x - 24.0 * s, y - 62.0 * s, 34.0 * s, 62.0 * s), rgb(0x6b4331), depth);
    for wx in [x - 78.0 * s, x + 30.0 * s] {
        framed_window(stage, wx, y - 68.0 * s, 36.0 * s, 36.0 * s, depth);
    }
    if stage.light.lamps > 0.2 {
        stage.glow((x + 48.0 * s, y - 50.0 * s), 90.0 * s, rgb(0xffc766), 0.5 * stage.light.lamps);
    }
}

/// A window with frame and cross bars, lit by lamps.
pub(super) fn framed_window(stage: &mut Stage, x: f32, y: f32, w: f32, h: f32, depth: f32) {
    let bar = (w * 0.09).max(1.2);
    stage.paint(&rect(x - bar, y - bar, w + bar * 2.0, h + bar * 2.0), rgb(0xf0e8d8), depth);
    stage.window(&rect(x, y, w, h), depth, true);
    stage.paint(&rect(x + w / 2.0 - bar / 2.0, y, bar, h), rgb(0xf0e8d8), depth);
    stage.paint(&rect(x, y + h / 2.0 - bar / 2.0, w, bar), rgb(0xf0e8d8), depth);
    stage.paint(&rect(x - bar * 2.0, y + h + bar, w + bar * 4.0, bar), rgb(0xb9ab95), depth);
}

/// A windmill.
pub(super) fn mill(stage: &mut Stage, at: At, s: f32, depth: f32) {
    let (x, y) = at;
    let turn = stage.dice("mill").between(0.1, 1.4);
    shadow(stage, at, 90.0 * s);
    let tower = polygon(&[
        (x - 58.0 * s, y),
        (x - 36.0 * s, y - 200.0 * s),
        (x + 36.0 * s, y - 200.0 * s),
        (x + 58.0 * s, y),
    ]);
    stage.paint_lit(&tower, rgb(0xe6dac4), depth);
    stage.paint_lit(
        &blob(&[
            (x - 44.0 * s, y - 198.0 * s),
            (x - 26.0 * s, y - 236.0 * s),
            (x, y - 252.0 * s),
            (x + 26.0 * s, y - 236.0 * s),
            (x + 44.0 * s, y - 198.0 * s),
        ]),
        rgb(0x6f4a3c),
        depth,
    );
    framed_window(stage, x - 10.0 * s, y - 140.0 * s, 20.0 * s, 26.0 * s, depth);
    stage.paint(&arch(x - 17.0 * s, y - 56.0 * s, 34.0 * s, 56.0 * s), rgb(0x6b4331), depth);
    let hub = (x, y - 206.0 * s);
    for i in 0..4 {
        let angle = turn + i as f32 * core::f32::consts::FRAC_PI_2;
        let (ux, uy) = (libm::cosf(angle), libm::sinf(angle));
        let to = |along: f32, across: f32| {
            (hub.0 + (ux * along - uy * across) * s, hub.1 + (uy * along + ux * across) * s)
        };
        stage.paint(
            &polygon(&[to(38.0, 2.0), to(150.0, 2.0), to(150.0, 30.0), to(38.0, 24.0)]),
            rgb(0xf2e9d6),
            depth,
        );
        for along in [60.0, 86.0, 112.0, 138.0] {
            stage.draw(&line(&[to(along, 2.0), to(along, 28.0)]), 1.4 * s, rgb(0x7a5a44), depth);
        }
        stage.draw(&line(&[hub, to(152.0, 0.0)]), 4.6 * s, rgb(0x6b4a38), depth);
    }
    stage.paint(&ellipse(hub, 9.0 * s, 9.0 * s), rgb(0x4a3530), depth);
}

/// A rock face with a dark mouth, light glimmering inside.
pub(super) fn cave(stage: &mut Stage, at: At, s: f32, depth: f32) {
    let (x, y) = at;
    let mut dice = stage.dice("cave");
    let rock = rgb(0x7d7480);
    let outline: Vec<At> = [
        (-330.0, 14.0),
        (-280.0, -130.0),
        (-170.0, -260.0),
        (-30.0, -320.0),
        (120.0, -280.0),
        (230.0, -170.0),
        (320.0, 14.0),
    ]
    .iter()
    .map(|p| (x + p.0 * s + dice.between(-16.0, 16.0), y + p.1 * s))
    .collect();
    stage.paint_lit(&polygon(&outline), rock, depth);
    for _ in 0..30 {
        let p = (x + dice.between(-220.0, 200.0) * s, y - dice.between(20.0, 230.0) * s);
        let w = dice.between(16.0, 60.0) * s;
        let facet = polygon(&[
            p,
            (p.0 + w, p.1 - w * 0.6),
            (p.0 + w * 1.3, p.1 + w * 0.2),
            (p.0 + w * 0.3, p.1 + w * 0.8),
        ]);
        stage.veil(&facet, if dice.chance(0.5) { rock.lighter(0.35) } else { rock.darker(0.5) }, 0.28);
    }
    let mouth = |k: f32| -> Shape {
        blob(&[
            (x - 96.0 * s * k, y + 8.0),
            (x - 86.0 * s * k, y - 100.0 * s * k),
            (x - 18.0 * s * k, y - 170.0 * s * k),
            (x + 64.0 * s * k, y - 128.0 * s * k),
            (x + 92.0 * s * k, y + 8.0),
        ])
    };
    stage.paint(&mouth(1.12), rock.darker(0.45), depth);
    stage.paint(&mouth(1.0), rgb(0x2b2740), depth);
    stage.paint(&mouth(0.7), rgb(0x1d1a30), depth);
    stage.glow((x, y - 34.0 * s), 110.0 * s, rgb(0xffb35c), 0.35 + 0.4 * stage.light.lamps);
}

/// The long soft shadow a thing throws on the ground.
pub(super) fn shadow(stage: &mut Stage, foot: At, reach: f32) {
    let at = (foot.0 - stage.sun_side * reach * 0.4, foot.1 + 3.0);
    stage.veil(&ellipse(at, reach, reach * 0.09), rgb(0x252c4a), 0.35);
}
