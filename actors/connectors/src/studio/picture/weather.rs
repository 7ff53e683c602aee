//! What falls in front of everything: rain, snow, fog.

use super::colour::rgb;
use super::light::Weather;
use super::shape::{ellipse, line};
use super::sky::haze_band;
use super::stage::{HEIGHT, Stage, WIDTH};

/// Draws the weather over the finished scene.
pub(super) fn draw(stage: &mut Stage, horizon: f32) {
    match stage.light.weather {
        Weather::Fair | Weather::Grey => {}
        Weather::Rain => rain(stage),
        Weather::Snow => snow(stage),
        Weather::Fog => {
            haze_band(stage, horizon + 10.0, 130.0, 0.62);
            haze_band(stage, horizon + 150.0, 90.0, 0.42);
        }
    }
}

fn rain(stage: &mut Stage) {
    let mut dice = stage.dice("rain");
    for _ in 0..230 {
        let (x, y) = (dice.between(-40.0, WIDTH), dice.between(-40.0, HEIGHT));
        let length = dice.between(16.0, 46.0);
        let drop = line(&[(x, y), (x - length * 0.22, y + length)]);
        stage.draw_veil(&drop, dice.between(0.8, 1.8), rgb(0xe6f0fa), dice.between(0.25, 0.6));
    }
}

fn snow(stage: &mut Stage) {
    let mut dice = stage.dice("snow");
    for _ in 0..260 {
        let at = (dice.between(0.0, WIDTH), dice.between(0.0, HEIGHT));
        let size = if dice.chance(0.15) { dice.between(3.0, 5.5) } else { dice.between(1.0, 2.6) };
        stage.shine(&ellipse(at, size, size), rgb(0xf6f9ff), dice.between(0.5, 0.95));
    }
}
