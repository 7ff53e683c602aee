//! Streets: paving in perspective, market stalls, a fountain, a train at a platform.

use super::colour::rgb;
use super::harbour::lamp_post;
use super::shape::{At, curve, ellipse, line, polygon, rect, round_rect};
use super::stage::{HEIGHT, Stage, WIDTH};

/// Cobbles running to a vanishing point, with a pavement and lamps.
pub(super) fn paving(stage: &mut Stage, horizon: f32) {
    let mut dice = stage.dice("paving");
    let top = horizon + 10.0;
    stage.paint_down(&rect(0.0, top, WIDTH, HEIGHT - top), rgb(0xb5a598), rgb(0x6c6270), 0.06);
    let vanish = (WIDTH / 2.0 + dice.between(-140.0, 140.0), top - 40.0);
    let mut rows = Vec::new();
    for i in 0..13 {
        let t = i as f32 / 13.0;
        rows.push(top + 6.0 + (HEIGHT - top) * t * t);
    }
    for (i, y) in rows.iter().enumerate() {
        let t = i as f32 / 13.0;
        stage.draw_veil(&line(&[(0.0, *y), (WIDTH, *y)]), 0.8 + 1.8 * t, rgb(0x3a3346), 0.34);
    }
    for i in -18..=18 {
        let x = vanish.0 + i as f32 * 130.0;
        stage.draw_veil(
            &line(&[(vanish.0 + i as f32 * 22.0, top + 6.0), (x, HEIGHT)]),
            1.3,
            rgb(0x3a3346),
            0.26,
        );
    }
    for pair in rows.windows(2) {
        for _ in 0..6 {
            let (y, high) = (pair[0], pair[1] - pair[0]);
            let x = dice.between(0.0, WIDTH);
            let stone = round_rect(x, y + high * 0.12, high * 2.2, high * 0.76, high * 0.2);
            let tone = if dice.chance(0.5) { rgb(0xd9c9b2) } else { rgb(0x5c5266) };
            stage.veil(&stone, tone, 0.3);
        }
    }
    let side = dice.side();
    stage.glow((vanish.0, top + 60.0), 330.0, rgb(0xffdca0), 0.2 + 0.2 * stage.light.lamps);
    lamp_post(stage, (WIDTH / 2.0 - side * 330.0, top + 84.0), 1.5, 0.05);
    lamp_post(stage, (WIDTH / 2.0 + side * 540.0, HEIGHT - 34.0), 3.1, 0.0);
}

/// Stalls with striped awnings and heaps of fruit.
pub(super) fn market(stage: &mut Stage, at: At, s: f32, depth: f32) {
    let mut dice = stage.dice("market");
    let cloths = [rgb(0xc44f43), rgb(0x3f7a6a), rgb(0xd8963c), rgb(0x46669c)];
    for i in 0..3 {
        let x = at.0 + (i as f32 - 1.0) * 214.0 * s;
        let y = at.1 + if i == 1 { 34.0 } else { 10.0 };
        let cloth = cloths[(dice.count(0, 3) as usize + i) % cloths.len()];
        super::landmarks::shadow(stage, (x, y), 120.0 * s);
        for dx in [-88.0, 88.0] {
            stage.paint(&rect(x + (dx - 4.0) * s, y - 168.0 * s, 8.0 * s, 168.0 * s), rgb(0x6b4a34), depth);
        }
        stage.paint_lit(&rect(x - 92.0 * s, y - 66.0 * s, 184.0 * s, 66.0 * s), rgb(0x9a6f48), depth);
        for k in 0..21 {
            let (col, row) = ((k % 7) as f32, (k / 7) as f32);
            let fruit = cloths[(k / 7 + i) % cloths.len()].lighter(0.15);
            let spot = (x + (-78.0 + 26.0 * col + row * 3.0) * s, y - (70.0 + 9.0 * row) * s);
            stage.paint_lit(&ellipse(spot, 13.0 * s, 11.0 * s), fruit, depth);
        }
        for k in 0..8 {
            let (left, w) = (-104.0 + 26.0 * k as f32, 26.0);
            let tone = if k % 2 == 0 { rgb(0xf4e9d2) } else { cloth };
            let stripe = polygon(&[
                (x + left * 0.8 * s, y - 206.0 * s),
                (x + (left + w) * 0.8 * s, y - 206.0 * s),
                (x + (left + w) * s, y - 150.0 * s),
                (x + left * s, y - 150.0 * s),
            ]);
            stage.paint_lit(&stripe, tone, depth);
            stage.paint(
                &ellipse((x + (left + w / 2.0) * s, y - 150.0 * s), w / 2.0 * s, 9.0 * s),
                tone.darker(0.12),
                depth,
            );
        }
        stage.glow((x, y - 120.0 * s), 120.0 * s, rgb(0xffc766), 0.6 * stage.light.lamps);
    }
}

/// A round fountain with a jet.
pub(super) fn fountain(stage: &mut Stage, at: At, s: f32, depth: f32) {
    let (x, y) = (at.0, at.1 + 40.0);
    let stone = rgb(0xc4b9a8);
    super::landmarks::shadow(stage, (x, y + 14.0), 190.0 * s);
    stage.paint_lit(&ellipse((x, y), 160.0 * s, 40.0 * s), stone.darker(0.15), depth);
    stage.paint_lit(&ellipse((x, y - 20.0 * s), 160.0 * s, 40.0 * s), stone, depth);
    stage.paint_down(&ellipse((x, y - 20.0 * s), 142.0 * s, 32.0 * s), rgb(0x8cc4d6), rgb(0x3d7c9a), depth);
    stage.paint_lit(
        &polygon(&[
            (x - 15.0 * s, y - 14.0 * s),
            (x - 9.0 * s, y - 112.0 * s),
            (x + 9.0 * s, y - 112.0 * s),
            (x + 15.0 * s, y - 14.0 * s),
        ]),
        stone,
        depth,
    );
    stage.paint_lit(&ellipse((x, y - 112.0 * s), 62.0 * s, 15.0 * s), stone.lighter(0.1), depth);
    stage.paint(&ellipse((x, y - 115.0 * s), 53.0 * s, 10.0 * s), rgb(0x8cc4d6), depth);
    for (dx, high) in [(-56.0, 150.0), (-30.0, 178.0), (0.0, 196.0), (30.0, 178.0), (56.0, 150.0)] {
        let jet = curve(&[
            (x, y - 112.0 * s),
            (x + dx * 0.4 * s, y - high * s),
            (x + dx * 1.3 * s, y - 108.0 * s),
            (x + dx * 1.7 * s, y - 30.0 * s),
        ]);
        stage.draw_veil(&jet, 4.0 * s, rgb(0xeaf6fa), 0.6);
    }
}

/// A locomotive with two coaches beside a platform roof.
pub(super) fn train(stage: &mut Stage, at: At, s: f32, depth: f32) {
    let y = at.1 + 46.0;
    let way = -stage.sun_side;
    let body = stage.dice("train").pick(rgb(0x2f5a4a), &[rgb(0x7a2f38), rgb(0x2f456e)]);
    rails(stage, y);
    for i in 1..3 {
        let x = at.0 - way * (190.0 + 330.0 * (i - 1) as f32) * s - way * 110.0 * s;
        stage.paint_lit(&round_rect(x - 155.0 * s, y - 128.0 * s, 310.0 * s, 108.0 * s, 10.0), body, depth);
        stage.paint(
            &round_rect(x - 160.0 * s, y - 138.0 * s, 320.0 * s, 16.0 * s, 7.0),
            rgb(0x4a4650),
            depth,
        );
        stage.paint(&rect(x - 155.0 * s, y - 58.0 * s, 310.0 * s, 6.0 * s), rgb(0xd8b45c), depth);
        for k in 0..6 {
            let pane = round_rect(x + (-138.0 + 48.0 * k as f32) * s, y - 110.0 * s, 36.0 * s, 40.0 * s, 4.0);
            stage.window(&pane, depth, true);
        }
        for dx in [-110.0, -66.0, 66.0, 110.0] {
            wheel(stage, (x + dx * s, y - 14.0 * s), 17.0 * s, depth);
        }
    }
    engine(stage, (at.0 + way * 40.0 * s, y), s, way, depth, body);
}

fn rails(stage: &mut Stage, y: f32) {
    stage.paint_down(&rect(0.0, y - 6.0, WIDTH, 26.0), rgb(0x6f6468), rgb(0x4a424c), 0.0);
    for i in 0..40 {
        stage.paint(&rect(i as f32 * 34.0, y + 2.0, 20.0, 8.0), rgb(0x54392c), 0.0);
    }
    stage.paint(&rect(0.0, y - 1.0, WIDTH, 4.0), rgb(0xb9bcc6), 0.0);
}

fn engine(stage: &mut Stage, foot: At, s: f32, way: f32, depth: f32, body: super::colour::Colour) {
    let (x, y) = foot;
    let span = |from: f32, to: f32| {
        let (a, b) = (x + from * way * s, x + to * way * s);
        (a.min(b), (a - b).abs())
    };
    let (left, wide) = span(-60.0, 150.0);
    stage.paint_down(
        &round_rect(left, y - 108.0 * s, wide, 66.0 * s, 30.0),
        body.lighter(0.25),
        body.darker(0.4),
        depth,
    );
    let (left, wide) = span(-150.0, -50.0);
    stage.paint_lit(&rect(left, y - 158.0 * s, wide, 132.0 * s), body, depth);
    stage.paint(&round_rect(left - 8.0, y - 168.0 * s, wide + 16.0, 14.0 * s, 5.0), rgb(0x33303a), depth);
    stage.window(&round_rect(left + wide * 0.25, y - 140.0 * s, wide * 0.5, 40.0 * s, 4.0), depth, true);
    let (left, wide) = span(-155.0, 170.0);
    stage.paint(&rect(left, y - 46.0 * s, wide, 16.0 * s), rgb(0x9c3b34), depth);
    let (left, wide) = span(100.0, 128.0);
    stage.paint(
        &polygon(&[
            (left, y - 104.0 * s),
            (left - 7.0, y - 166.0 * s),
            (left + wide + 7.0, y - 166.0 * s),
            (left + wide, y - 104.0 * s),
        ]),
        rgb(0x2d2b34),
        depth,
    );
    for i in 0..6 {
        let t = i as f32;
        let puff = (x + (114.0 - t * 34.0) * way * s, y - (186.0 + t * 22.0) * s);
        stage.veil(
            &ellipse(puff, (18.0 + t * 10.0) * s, (14.0 + t * 7.0) * s),
            rgb(0xf2eeee),
            0.6 - t * 0.07,
        );
    }
    for (dx, r) in [(-110.0, 34.0), (-36.0, 34.0), (38.0, 34.0), (112.0, 20.0), (150.0, 20.0)] {
        wheel(stage, (x + dx * way * s, y - r * s), r * s, depth);
    }
    stage.glow((x + 160.0 * way * s, y - 80.0 * s), 70.0 * s, rgb(0xffe2a0), 0.4 + 0.5 * stage.light.lamps);
}

fn wheel(stage: &mut Stage, at: At, r: f32, depth: f32) {
    stage.paint(&ellipse(at, r, r), rgb(0x2a2830), depth);
    stage.paint(&ellipse(at, r * 0.76, r * 0.76), rgb(0x9c3b34), depth);
    stage.paint(&ellipse(at, r * 0.56, r * 0.56), rgb(0x54303a), depth);
    stage.paint(&ellipse(at, r * 0.2, r * 0.2), rgb(0xd8b45c), depth);
}
