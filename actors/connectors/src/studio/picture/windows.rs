//! Windows of rooms: panes, the world behind them, bars and curtains, and the light they throw.

use super::canvas::Ink;
use super::colour::{Colour, rgb};
use super::indoors::{LEFT, RIGHT};
use super::light::{Hour, Light};
use super::rooms::Opening;
use super::shape::{At, Shape, arch, blob, ellipse, line, polygon, rect};
use super::stage::{Stage, WIDTH};

/// The panes of a window around a column.
pub(super) fn panes(opening: Opening, x: f32) -> Vec<Shape> {
    match opening {
        Opening::Curtained => vec![rect(x - 92.0, 132.0, 184.0, 196.0)],
        Opening::Tall => [-150.0, -48.0, 54.0].iter().map(|dx| rect(x + dx, 110.0, 94.0, 228.0)).collect(),
        Opening::Arched => [-148.0, -48.0, 52.0].iter().map(|dx| arch(x + dx, 100.0, 92.0, 238.0)).collect(),
        Opening::Round => [-86.0, 86.0].iter().map(|dx| ellipse((x + dx, 220.0), 66.0, 66.0)).collect(),
        Opening::Wide => vec![rect(LEFT + 36.0, 112.0, RIGHT - LEFT - 72.0, 214.0)],
        Opening::Slit => vec![arch(x - 56.0, 120.0, 112.0, 120.0)],
    }
}

/// The world behind a pane: sky, far hills, sun or moon light.
pub(super) fn view(stage: &mut Stage, pane: &Shape, outside: &Light) {
    let Some(bounds) = pane.as_ref().map(tiny_skia::Path::bounds) else {
        return;
    };
    let (top, bottom) = (bounds.top(), bounds.bottom());
    let frame = stage.light.shade(rgb(0xe6dcc8), 0.0);
    stage.canvas.stroke(pane, 15.0, frame, 1.0);
    let sky =
        Ink::Blend { from: (outside.mid, 1.0, (0.0, top)), to: (outside.horizon, 1.0, (0.0, bottom - 30.0)) };
    stage.canvas.fill(pane, sky);
    stage.canvas.clip(pane);
    let mut dice = stage.dice("window view");
    for depth in [0.5, 0.25] {
        let mut points = vec![(0.0, bottom - 40.0)];
        for i in 0..9 {
            points.push((i as f32 * 170.0, bottom - dice.between(20.0, 74.0) * (0.4 + depth)));
        }
        points.push((WIDTH, bottom - 30.0));
        let hill = super::shape::under_curve(&points, bottom + 4.0);
        let colour = outside.shade(rgb(0x5c8060), depth);
        stage.canvas.fill(&hill, Ink::Flat(colour, 1.0));
    }
    if outside.hour == Hour::Night {
        for _ in 0..26 {
            let at = (dice.between(LEFT, RIGHT), dice.between(top, bottom - 40.0));
            stage.shine(&ellipse(at, 1.4, 1.4), rgb(0xfdf6dc), 0.9);
        }
    }
    let sun = (bounds.left() + bounds.width() * 0.62, top + bounds.height() * 0.34);
    stage.glow(sun, 130.0, outside.sun, 0.75);
    stage.canvas.unclip();
}

/// Bars, frames and curtains over the panes.
pub(super) fn bars(stage: &mut Stage, opening: Opening, x: f32, wood: Colour) {
    let bar = |stage: &mut Stage, from: At, to: At, width: f32| {
        stage.draw(&line(&[from, to]), width, wood.lighter(0.25), 0.0)
    };
    match opening {
        Opening::Curtained => {
            bar(stage, (x, 134.0), (x, 326.0), 7.0);
            bar(stage, (x - 90.0, 214.0), (x + 90.0, 214.0), 7.0);
            curtains(stage, x);
        }
        Opening::Tall | Opening::Arched => {
            for dx in [-102.0, -2.0, 99.0] {
                bar(stage, (x + dx, 116.0), (x + dx, 336.0), 4.0);
                bar(stage, (x + dx - 46.0, 200.0), (x + dx + 46.0, 200.0), 4.0);
                bar(stage, (x + dx - 46.0, 270.0), (x + dx + 46.0, 270.0), 4.0);
            }
        }
        Opening::Round => {
            for dx in [-86.0, 86.0] {
                stage.draw(&ellipse((x + dx, 220.0), 70.0, 70.0), 10.0, rgb(0xc49a4e), 0.0);
                bar(stage, (x + dx, 156.0), (x + dx, 284.0), 4.0);
            }
        }
        Opening::Wide => {
            for i in 0..7 {
                let at = LEFT + 36.0 + i as f32 * (RIGHT - LEFT - 72.0) / 6.0;
                bar(stage, (at, 112.0), (at, 326.0), 8.0);
            }
            bar(stage, (LEFT + 36.0, 180.0), (RIGHT - 36.0, 180.0), 5.0);
        }
        Opening::Slit => {
            for dx in [-30.0, 0.0, 30.0] {
                bar(stage, (x + dx, 126.0), (x + dx, 238.0), 7.0);
            }
        }
    }
}

fn curtains(stage: &mut Stage, x: f32) {
    let cloth = stage.dice("curtains").pick(rgb(0xa8484a), &[rgb(0x4c7a78), rgb(0xc98f3d), rgb(0x6a5a96)]);
    for side in [-1.0, 1.0] {
        for fold in 0..4 {
            let at = |dx: f32, y: f32| (x + side * dx, y);
            let f = fold as f32 * 17.0;
            let shape = blob(&[
                at(142.0 - f, 116.0),
                at(122.0 - f, 116.0),
                at(116.0 - f * 0.55, 240.0),
                at(112.0 - f * 0.35, 352.0),
                at(140.0 - f * 0.6, 354.0),
                at(136.0 - f * 0.75, 230.0),
            ]);
            stage.paint_lit(&shape, if fold % 2 == 0 { cloth } else { cloth.lighter(0.14) }, 0.0);
        }
    }
    stage.draw(&line(&[(x - 160.0, 116.0), (x + 160.0, 116.0)]), 7.0, rgb(0xb58a48), 0.0);
}

/// Light falling in from the window onto the floor.
pub(super) fn shafts(stage: &mut Stage, x: f32) {
    let strength = match stage.light.hour {
        Hour::Day => 0.3,
        Hour::Dawn | Hour::Dusk => 0.34,
        Hour::Night => 0.14,
    };
    let colour = stage.light.grade(stage.light.sun);
    let away = -stage.sun_side;
    for (dx, wide) in [(-70.0, 58.0), (12.0, 58.0)] {
        let top = x + dx;
        let shape = polygon(&[
            (top, 150.0),
            (top + wide, 150.0),
            (top + wide + away * 330.0 + 70.0, 690.0),
            (top + away * 330.0 - 50.0, 690.0),
        ]);
        let from = (colour, strength, (x, 150.0));
        stage.canvas.fill(&shape, Ink::Blend { from, to: (colour, 0.0, (x + away * 280.0, 680.0)) });
    }
    stage.glow((x, 225.0), 250.0, stage.light.sun, strength);
}
