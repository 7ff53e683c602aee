//! Composing a room: shell in one-point perspective, window with its light, furniture, lamp, near shadow.

use super::canvas::Ink;
use super::colour::{Colour, rgb};
use super::place::Room;
use super::rooms::{Furnishing, furnishing};
use super::shape::{ellipse, line, polygon, rect};
use super::stage::{HEIGHT, Stage, WIDTH};
use super::{furniture, windows};

/// Left edge of the back wall.
pub(super) const LEFT: f32 = 170.0;
/// Right edge of the back wall.
pub(super) const RIGHT: f32 = 1110.0;
const TOP: f32 = 74.0;
/// Where back wall and floor meet.
const FOOT: f32 = 486.0;

/// Draws the whole room.
pub(super) fn draw(stage: &mut Stage, room: Room) {
    let mut dice = stage.dice("room");
    let outside = stage.light.clone();
    stage.light = outside.indoors();
    let look = furnishing(room, dice.unit());
    shell(stage, &look);
    let window_x = WIDTH / 2.0 + stage.sun_side * dice.between(90.0, 150.0);
    let panes = windows::panes(look.opening, window_x);
    for pane in &panes {
        windows::view(stage, pane, &outside);
    }
    windows::bars(stage, look.opening, window_x, look.wood);
    furnish_wall(stage, &look, window_x);
    if !matches!(room, Room::Cellar | Room::Chapel | Room::Waiting | Room::Hospital | Room::Workshop) {
        rug(stage, &mut dice);
    }
    windows::shafts(stage, window_x);
    furnish_floor(stage, &look, &mut dice);
    lamp(stage, WIDTH / 2.0 - stage.sun_side * dice.between(200.0, 235.0));
    near_shadow(stage);
}

fn shell(stage: &mut Stage, look: &Furnishing) {
    let wall = look.wall;
    stage.paint_down(&rect(LEFT, TOP, RIGHT - LEFT, FOOT - TOP), wall.lighter(0.12), wall, 0.06);
    let (bright, dim) = (wall.mix(stage.light.sun, 0.06), wall.darker(0.26));
    let (left, right) = if stage.sun_side < 0.0 { (dim, bright) } else { (bright, dim) };
    stage.paint_down(
        &polygon(&[(0.0, 0.0), (LEFT, TOP), (LEFT, FOOT), (0.0, 660.0)]),
        left.lighter(0.05),
        left.darker(0.12),
        0.0,
    );
    stage.paint_down(
        &polygon(&[(WIDTH, 0.0), (RIGHT, TOP), (RIGHT, FOOT), (WIDTH, 660.0)]),
        right.lighter(0.05),
        right.darker(0.12),
        0.0,
    );
    stage.paint_down(
        &polygon(&[(0.0, 0.0), (WIDTH, 0.0), (RIGHT, TOP), (LEFT, TOP)]),
        wall.darker(0.34),
        wall.darker(0.12),
        0.0,
    );
    floor(stage, look.floor);
    wallpaper(stage, look);
    for i in 0..5 {
        let t = i as f32 / 4.0;
        let (far, near) = (LEFT + (RIGHT - LEFT) * t, WIDTH * t);
        stage.draw(&line(&[(far, TOP), (near, 0.0)]), 13.0, look.wood.darker(0.2), 0.0);
    }
    stage.paint(&rect(LEFT, TOP - 3.0, RIGHT - LEFT, 10.0), look.wood, 0.0);
    for (side, x) in [(-1.0, LEFT), (1.0, RIGHT)] {
        stage.veil(
            &rect(x - if side < 0.0 { 0.0 } else { 26.0 }, TOP, 26.0, FOOT - TOP),
            rgb(0x3a2c40),
            0.14,
        );
    }
}

fn floor(stage: &mut Stage, floor: Colour) {
    let ground =
        polygon(&[(LEFT, FOOT), (RIGHT, FOOT), (WIDTH, 660.0), (WIDTH, HEIGHT), (0.0, HEIGHT), (0.0, 660.0)]);
    stage.paint_down(&ground, floor.lighter(0.1), floor.darker(0.24), 0.0);
    let mut dice = stage.dice("floor");
    for i in -6..20 {
        let (far, near) =
            (LEFT + (RIGHT - LEFT) / 14.0 * i as f32, -120.0 + (WIDTH + 240.0) / 14.0 * i as f32);
        let (far2, near2) = (far + (RIGHT - LEFT) / 14.0, near + (WIDTH + 240.0) / 14.0);
        if !(0..14).contains(&i) {
            continue;
        }
        let tone = floor
            .mix(if dice.chance(0.5) { floor.lighter(0.3) } else { floor.darker(0.3) }, dice.unit() * 0.6);
        let board = polygon(&[(far, FOOT), (far2, FOOT), (near2, HEIGHT), (near, HEIGHT)]);
        stage.veil(&board, tone, 0.5);
        stage.draw_veil(&line(&[(far, FOOT), (near, HEIGHT)]), 1.8, rgb(0x2c2028), 0.5);
        let t = dice.between(0.15, 0.85);
        let (x, y) = (far + (near - far) * t, FOOT + (HEIGHT - FOOT) * t);
        let (x2, _) = (far2 + (near2 - far2) * t, y);
        stage.draw_veil(&line(&[(x, y), (x2, y)]), 1.6, rgb(0x2c2028), 0.5);
    }
}

/// Stripes above, panels below.
fn wallpaper(stage: &mut Stage, look: &Furnishing) {
    let stripe = look.wall.lighter(0.35);
    for i in 0..24 {
        let x = LEFT + 8.0 + i as f32 * 39.5;
        stage.veil(&rect(x, TOP + 8.0, 14.0, 262.0), stripe, 0.2);
    }
    let top = FOOT - 142.0;
    stage.paint_down(&rect(LEFT, top, RIGHT - LEFT, 142.0), look.wood.lighter(0.14), look.wood, 0.05);
    stage.paint(&rect(LEFT, top - 6.0, RIGHT - LEFT, 10.0), look.wood.lighter(0.3), 0.04);
    stage.paint(&rect(LEFT, FOOT - 16.0, RIGHT - LEFT, 16.0), look.wood.lighter(0.2), 0.04);
    for i in 0..12 {
        let x = LEFT + 10.0 + i as f32 * 78.0;
        stage.veil(&rect(x, top + 18.0, 62.0, 96.0), rgb(0x2a1c24), 0.2);
        stage.veil(&rect(x + 4.0, top + 22.0, 58.0, 92.0), look.wood.lighter(0.3), 0.35);
    }
    for (wall, near) in [(LEFT, 0.0), (RIGHT, WIDTH)] {
        let side = polygon(&[(wall, top), (wall, FOOT), (near, 660.0), (near, 436.0)]);
        stage.paint_down(&side, look.wood.lighter(0.04), look.wood.darker(0.2), 0.0);
        stage.draw(&line(&[(wall, top - 2.0), (near, 434.0)]), 7.0, look.wood.lighter(0.2), 0.0);
    }
}

fn furnish_wall(stage: &mut Stage, look: &Furnishing, window_x: f32) {
    let away = -stage.sun_side;
    let spots = [WIDTH / 2.0 + away * 330.0, WIDTH / 2.0 + away * 110.0, window_x - away * 240.0];
    for (piece, x) in look.wall_pieces.iter().zip(spots) {
        let x = x.clamp(LEFT + 90.0, RIGHT - 90.0);
        furniture::draw(stage, *piece, (x, FOOT + 4.0), 1.0, look.wood);
    }
}

fn furnish_floor(stage: &mut Stage, look: &Furnishing, dice: &mut super::dice::Dice) {
    let away = -stage.sun_side;
    let spots = [
        ((WIDTH / 2.0 + away * dice.between(150.0, 230.0), 650.0), 1.3),
        ((WIDTH / 2.0 - away * dice.between(370.0, 450.0), 640.0), 1.25),
    ];
    for (piece, (at, scale)) in look.floor_pieces.iter().zip(spots) {
        furniture::draw(stage, *piece, at, scale, look.wood);
    }
}

fn rug(stage: &mut Stage, dice: &mut super::dice::Dice) {
    let cloth = dice.pick(rgb(0x9c3f44), &[rgb(0x35617a), rgb(0x7a5a96), rgb(0x3f7a62)]);
    let x = WIDTH / 2.0 + dice.between(-60.0, 60.0);
    for (k, tone) in
        [(1.0, cloth), (0.9, rgb(0xe3c487)), (0.84, cloth.darker(0.15)), (0.5, rgb(0xd9a86a)), (0.44, cloth)]
    {
        stage.paint_down(&ellipse((x, 602.0), 330.0 * k, 62.0 * k), tone.lighter(0.1), tone.darker(0.1), 0.0);
    }
}

fn lamp(stage: &mut Stage, x: f32) {
    let y = 150.0;
    stage.draw(&line(&[(x, 40.0), (x, y)]), 3.6, rgb(0x3a3038), 0.0);
    stage.paint_lit(
        &polygon(&[(x - 16.0, y - 6.0), (x + 16.0, y - 6.0), (x + 46.0, y + 36.0), (x - 46.0, y + 36.0)]),
        rgb(0xc98a3c),
        0.0,
    );
    let lamps = stage.light.lamps;
    stage.shine(&ellipse((x, y + 36.0), 40.0, 8.0), rgb(0xffe9b0), 0.4 + 0.6 * lamps);
    stage.glow((x, y + 44.0), 300.0, rgb(0xffcf7a), 0.95 * lamps);
    stage.glow((x, 560.0), 420.0, rgb(0xffc46a), 0.46 * lamps);
    stage.glow((x, y + 40.0), 70.0, rgb(0xfff2cc), 0.7 * lamps);
}

fn near_shadow(stage: &mut Stage) {
    let dark = rgb(0x20182c);
    let edge = rect(0.0, 600.0, WIDTH, HEIGHT - 600.0);
    stage.canvas.fill(&edge, Ink::Blend { from: (dark, 0.0, (0.0, 600.0)), to: (dark, 0.36, (0.0, HEIGHT)) });
}
