//! Water: the sky turned over, a path of light under the sun, strokes of waves.

use super::canvas::Ink;
use super::colour::rgb;
use super::light::Weather;
use super::shape::{curve, ellipse, rect};
use super::sky::sun_place;
use super::stage::{HEIGHT, Stage, WIDTH};

/// Water from the horizon to the lower edge.
pub(super) fn draw(stage: &mut Stage, horizon: f32) {
    let light = stage.light.clone();
    let deep = rgb(0x1d4f6e).through(light.ambient);
    let far = light.grade(light.horizon.mix(light.mid, 0.45).mix(deep, 0.25));
    let near = light.grade(light.top.mix(deep, 0.62));
    let all = rect(0.0, horizon, WIDTH, HEIGHT - horizon);
    stage.canvas.fill(&all, Ink::Blend { from: (far, 1.0, (0.0, horizon)), to: (near, 1.0, (0.0, HEIGHT)) });
    sun_path(stage, horizon);
    waves(stage, horizon);
}

fn sun_path(stage: &mut Stage, horizon: f32) {
    let strength = if stage.light.weather == Weather::Fair { 0.75 } else { 0.25 };
    let x = sun_place(stage, horizon).0;
    let mut dice = stage.dice("sun path");
    let colour = stage.light.sun;
    stage.glow((x, horizon + 8.0), 190.0, colour, 0.42 * strength);
    for i in 0..44 {
        let t = i as f32 / 44.0;
        let y = horizon + 3.0 + (HEIGHT - horizon) * t * t * 0.95;
        let spread = 26.0 + 110.0 * t;
        let at = (x + dice.between(-spread, spread), y);
        let stroke = ellipse(at, dice.between(10.0, 34.0) * (0.5 + t), 1.0 + 2.6 * t);
        stage.shine(&stroke, colour, strength * (0.85 - 0.55 * t));
    }
}

fn waves(stage: &mut Stage, horizon: f32) {
    let mut dice = stage.dice("waves");
    let crest = stage.light.horizon.mix(stage.light.mid, 0.3).lighter(0.15);
    let trough = stage.light.top.darker(0.3);
    for i in 0..130 {
        let t = i as f32 / 130.0;
        let y = horizon + 4.0 + (HEIGHT - horizon) * t * t + dice.between(-3.0, 3.0);
        let x = dice.between(-60.0, WIDTH + 60.0);
        let half = dice.between(14.0, 60.0) * (0.35 + t * 1.3);
        let lift = 1.0 + 5.0 * t;
        let line = curve(&[
            (x - half, y),
            (x - half * 0.4, y - lift),
            (x + half * 0.3, y + lift * 0.4),
            (x + half, y - lift * 0.3),
        ]);
        let (colour, alpha) = if dice.chance(0.55) { (crest, 0.4) } else { (trough, 0.34) };
        let colour = stage.light.grade(colour);
        stage.canvas.stroke(&line, 0.8 + 3.0 * t, colour, alpha);
    }
}
