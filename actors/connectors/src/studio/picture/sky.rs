//! The sky: gradient, sun or moon with its light, stars and clouds.

use super::canvas::Ink;
use super::colour::{Colour, rgb};
use super::dice::Dice;
use super::light::{Hour, Weather};
use super::shape::{At, ellipse, puffs};
use super::stage::{HEIGHT, Stage, WIDTH};

/// Fills the whole stage with sky down to the horizon (and beyond, in its colour).
pub(super) fn draw(stage: &mut Stage, horizon: f32) {
    let sun = sun_place(stage, horizon);
    gradient(stage, horizon, sun);
    if stage.light.hour == Hour::Night {
        stars(stage, horizon);
    }
    if matches!(stage.light.weather, Weather::Fair | Weather::Snow) {
        disc(stage, sun);
    }
    clouds(stage, horizon);
}

/// Where the sun or moon stands: its column from the layout, its height from the hour.
pub(super) fn sun_place(stage: &Stage, horizon: f32) -> At {
    let mut dice = stage.dice("sun column");
    let x = WIDTH / 2.0 + stage.sun_side * dice.between(150.0, 400.0);
    let rise = dice.between(0.9, 1.1);
    let height = match stage.light.hour {
        Hour::Day => 0.76,
        Hour::Dawn => 0.24,
        Hour::Dusk => 0.15,
        Hour::Night => 0.68,
    };
    (x, horizon * (1.0 - height * rise))
}

fn gradient(stage: &mut Stage, horizon: f32, sun: At) {
    let light = stage.light.clone();
    let (glow, reach) = match light.hour {
        Hour::Day => (0.5, 240.0),
        Hour::Dawn => (0.65, 330.0),
        Hour::Dusk => (0.75, 330.0),
        Hour::Night => (0.5, 250.0),
    };
    let glow = if light.weather == Weather::Fair { glow } else { glow * 0.4 };
    let (centre, scale) = stage.canvas.place(sun);
    let ((_, ground), _) = stage.canvas.place((0.0, horizon));
    let reach2 = (reach * scale) * (reach * scale);
    let bright = light.grade(light.sun);
    let (data, width) = stage.canvas.pixels();
    for (y, row) in data.chunks_exact_mut(width * 4).enumerate() {
        let down = (y as f32 / ground.max(1.0)).min(1.0);
        let base = if down < 0.55 {
            light.top.mix(light.mid, down / 0.55)
        } else {
            light.mid.mix(light.horizon, (down - 0.55) / 0.45)
        };
        let base = light.grade(base);
        let dy = y as f32 - centre.1;
        let dy2 = dy * dy * 1.6 + reach2;
        for (x, pixel) in row.chunks_exact_mut(4).enumerate() {
            let dx = (x as f32 - centre.0) * 0.8;
            let near = reach2 / (dx * dx + dy2);
            let share = glow * near * near;
            let blend = |from: f32, to: f32| ((from + (to - from) * share) * 255.0 + 0.5) as u8;
            pixel.copy_from_slice(&[
                blend(base.r, bright.r),
                blend(base.g, bright.g),
                blend(base.b, bright.b),
                255,
            ]);
        }
    }
}

fn stars(stage: &mut Stage, horizon: f32) {
    let mut dice = stage.dice("stars");
    let clear = if stage.light.weather == Weather::Fair { 1.0 } else { 0.25 };
    for _ in 0..190 {
        let at = (dice.between(0.0, WIDTH), dice.between(0.0, horizon * 0.9));
        let size = if dice.chance(0.12) { dice.between(1.5, 2.4) } else { dice.between(0.7, 1.3) };
        let fade = (1.0 - at.1 / horizon) * dice.between(0.5, 1.0) * clear;
        stage.shine(&ellipse(at, size, size), rgb(0xfdf6dc), fade);
    }
}

fn disc(stage: &mut Stage, sun: At) {
    let (radius, colour) = match stage.light.hour {
        Hour::Day => (34.0, rgb(0xfffbe6)),
        Hour::Dawn => (44.0, rgb(0xfff3d0)),
        Hour::Dusk => (54.0, rgb(0xffe9a8)),
        Hour::Night => (38.0, rgb(0xf6f1dc)),
    };
    stage.glow(sun, radius * 3.2, stage.light.sun, 0.55);
    stage.shine(&ellipse(sun, radius, radius), colour, 1.0);
    if stage.light.hour == Hour::Night {
        for (dx, dy, r) in [(-10.0, -8.0, 8.0), (11.0, 4.0, 6.0), (-4.0, 14.0, 5.0), (14.0, -14.0, 4.0)] {
            stage.shine(&ellipse((sun.0 + dx, sun.1 + dy), r, r * 0.9), rgb(0xcfcbbd), 0.6);
        }
    }
}

fn clouds(stage: &mut Stage, horizon: f32) {
    let mut dice = stage.dice("clouds");
    let count = dice.count(4, 7);
    let sun = sun_place(stage, horizon).0;
    let extra = if stage.light.weather == Weather::Fair { 0 } else { 5 };
    for i in 0..count + extra {
        let depth = i as f32 / (count + extra) as f32;
        let size = dice.between(70.0, 170.0) * (1.15 - 0.6 * depth);
        let mut x = dice.between(-60.0, WIDTH + 60.0);
        if (x - sun).abs() < size * 1.25 + 40.0 {
            x = sun - stage.sun_side * (size * 1.25 + dice.between(60.0, 260.0));
        }
        let at = (x, horizon * (0.1 + 0.68 * depth) + dice.between(-25.0, 25.0));
        cloud(stage, &mut dice, at, size, depth);
    }
    streaks(stage, &mut dice, horizon);
}

fn cloud(stage: &mut Stage, dice: &mut Dice, at: At, size: f32, depth: f32) {
    let light = &stage.light;
    let lit = light.sun.mix(light.horizon, 0.4).mix(rgb(0xffffff), 0.25);
    let lit = if light.hour == Hour::Night { light.mid.mix(light.horizon, 0.75) } else { lit };
    let shade = light.mid.mix(light.haze, 0.45).mix(light.top, 0.12);
    let alpha = 0.9 - 0.35 * depth;
    let lobes = dice.count(4, 6);
    let mut body = vec![((at.0, at.1), size * 1.25, size * 0.13)];
    for i in 0..lobes {
        let t = (i as f32 + 0.5) / lobes as f32;
        let bulge = (4.0 * t * (1.0 - t)) * dice.between(0.7, 1.0);
        let reach = size * (0.16 + 0.26 * bulge);
        body.push(((at.0 + (t - 0.5) * size * 1.9, at.1 - reach * 0.72), reach * 1.25, reach));
    }
    let (lit, shade) = (stage.light.grade(lit), stage.light.grade(shade));
    let from = (lit, alpha, (at.0, at.1 - size * 0.5));
    let to = (shade, alpha * 0.55, (at.0, at.1 + size * 0.14));
    stage.canvas.fill(&puffs(&body), Ink::Blend { from, to });
    let under: Vec<(At, f32, f32)> =
        body.iter().map(|(p, rx, ry)| ((p.0 + size * 0.1, p.1 + ry * 0.5), rx * 0.7, ry * 0.55)).collect();
    let from = (shade, 0.0, (at.0, at.1 - size * 0.45));
    let to = (shade, alpha * 0.45, (at.0, at.1 + size * 0.05));
    stage.canvas.fill(&puffs(&under), Ink::Blend { from, to });
}

fn streaks(stage: &mut Stage, dice: &mut Dice, horizon: f32) {
    let colour = stage.light.horizon.mix(stage.light.sun, 0.4);
    for _ in 0..6 {
        let at = (dice.between(0.0, WIDTH), horizon * dice.between(0.6, 0.93));
        let (rx, ry) = (dice.between(90.0, 260.0), dice.between(2.0, 6.0));
        stage.shine(&ellipse(at, rx, ry), colour, 0.35);
    }
}

/// A soft band of haze lying across the picture at a height.
pub(super) fn haze_band(stage: &mut Stage, y: f32, height: f32, alpha: f32) {
    let colour: Colour = stage.light.grade(stage.light.haze.mix(stage.light.horizon, 0.5));
    let upper = super::shape::rect(0.0, y - height, WIDTH, height);
    let from = (colour, 0.0, (0.0, y - height));
    stage.canvas.fill(&upper, Ink::Blend { from, to: (colour, alpha, (0.0, y)) });
    let lower = super::shape::rect(0.0, y, WIDTH, height.min(HEIGHT - y));
    let to = (colour, 0.0, (0.0, y + height));
    stage.canvas.fill(&lower, Ink::Blend { from: (colour, alpha, (0.0, y)), to });
}
