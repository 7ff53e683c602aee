//! Composing a place in the open: sky, backdrop, ground, landmarks on the thirds, plants, a dark near frame.

use super::place::{Backdrop, Ground, Landmark, Outside};
use super::shape::At;
use super::stage::{Stage, WIDTH};
use super::{harbour, land, landmarks, plants, sky, stonework, street, town, water, weather};

/// Draws the whole scene.
pub(super) fn draw(stage: &mut Stage, outside: &Outside) {
    let mut dice = stage.dice("horizon");
    let horizon = match outside.ground {
        Ground::Water | Ground::Quay => dice.between(350.0, 405.0),
        Ground::Street => dice.between(430.0, 465.0),
        Ground::Grass | Ground::Sand | Ground::Snow => dice.between(395.0, 455.0),
    };
    sky::draw(stage, horizon);
    backdrop(stage, outside.backdrop, horizon);
    sky::haze_band(stage, horizon, 46.0, 0.5);
    let main_side = -stage.sun_side * if dice.chance(0.75) { 1.0 } else { -1.0 };
    ground(stage, outside, horizon, main_side);
    for (i, landmark) in outside.landmarks.iter().enumerate().rev() {
        let at = slot(&mut dice, i, main_side, horizon, *landmark);
        let scale = if i == 0 { dice.between(0.95, 1.1) } else { dice.between(0.62, 0.74) };
        let depth = if i == 0 { 0.06 } else { 0.24 };
        place_landmark(stage, *landmark, at, scale, depth);
    }
    plants::near_ground(stage, outside.ground, horizon);
    plants::frame(stage, outside.ground, outside.backdrop, -main_side);
    weather::draw(stage, horizon);
}

fn backdrop(stage: &mut Stage, backdrop: Backdrop, horizon: f32) {
    match backdrop {
        Backdrop::Mountains => land::mountains(stage, horizon),
        Backdrop::Hills => land::hills(stage, horizon),
        Backdrop::Skyline => town::skyline(stage, horizon),
        Backdrop::Forest => plants::forest(stage, horizon),
        Backdrop::Open => land::far_shore(stage, horizon),
        Backdrop::Dunes => land::dunes(stage, horizon),
    }
}

fn ground(stage: &mut Stage, outside: &Outside, horizon: f32, main_side: f32) {
    match outside.ground {
        Ground::Water => {
            water::draw(stage, horizon);
            if !afloat(outside.landmarks.first().copied()) {
                land::headland(stage, horizon, main_side);
            }
        }
        Ground::Quay => {
            water::draw(stage, horizon);
            harbour::quay(stage);
        }
        Ground::Grass => land::meadow(stage, horizon),
        Ground::Sand => land::sand(stage, horizon),
        Ground::Snow => land::snow(stage, horizon),
        Ground::Street => street::paving(stage, horizon),
    }
}

/// True for what floats or spans the water itself.
fn afloat(landmark: Option<Landmark>) -> bool {
    matches!(landmark, Some(Landmark::Ship | Landmark::Boats | Landmark::Bridge))
}

/// Where the n-th landmark stands: the first on a third, the others on the far side, smaller and further back.
fn slot(dice: &mut super::dice::Dice, i: usize, main_side: f32, horizon: f32, landmark: Landmark) -> At {
    let (x, y) = match i {
        0 => (WIDTH / 2.0 + main_side * dice.between(190.0, 260.0), horizon + dice.between(60.0, 85.0)),
        1 => (WIDTH / 2.0 - main_side * dice.between(240.0, 400.0), horizon + dice.between(22.0, 36.0)),
        _ => (WIDTH / 2.0 - main_side * dice.between(-20.0, 120.0), horizon + dice.between(12.0, 20.0)),
    };
    (x, if afloat(Some(landmark)) { y + 12.0 } else { y })
}

fn place_landmark(stage: &mut Stage, landmark: Landmark, at: At, scale: f32, depth: f32) {
    match landmark {
        Landmark::Lighthouse => landmarks::lighthouse(stage, at, scale * 1.1, depth),
        Landmark::House => landmarks::house(stage, at, scale * 1.15, depth),
        Landmark::Church => stonework::church(stage, at, scale, depth),
        Landmark::Castle => stonework::castle(stage, at, scale, depth),
        Landmark::Mill => landmarks::mill(stage, at, scale, depth),
        Landmark::Cave => landmarks::cave(stage, at, scale, depth),
        Landmark::Ship => harbour::ship(stage, at, scale, depth),
        Landmark::Boats => harbour::boats(stage, at, scale, depth),
        Landmark::Bridge => harbour::bridge(stage, at, scale, depth),
        Landmark::Train => street::train(stage, at, scale, depth),
        Landmark::Market => street::market(stage, at, scale, depth),
        Landmark::Fountain => street::fountain(stage, at, scale, depth),
        Landmark::Houses => town::row(stage, at, scale, depth),
        Landmark::Factory => town::factory(stage, at, scale, depth),
        Landmark::Pines => plants::pines(stage, at, scale, depth),
        Landmark::Trees => plants::trees(stage, at, scale, depth),
        Landmark::Palms => plants::palms(stage, at, scale, depth),
        Landmark::Garden => plants::garden(stage, at, scale, depth),
        Landmark::Graves => stonework::graves(stage, at, scale, depth),
    }
}
