//! What the cloth of a garment is like: its weave or its print, over the whole torso.

use super::bust::{MIDDLE, Sitter};
use super::colour::Colour;
use super::dice::Dice;
use super::shape::{Shape, curve, ellipse, line};
use super::words::mentions;

/// Kinds of cloth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Cloth {
    Plain,
    Striped,
    Checked,
    Dotted,
    Knitted,
    Flowered,
    Woven,
}

/// Reads the cloth from the words of the clothes; what they leave open is thrown.
pub(super) fn read(found: &[String], dice: &mut Dice) -> Cloth {
    let named: [(&[&str], Cloth); 7] = [
        (&["plain", "leather", "oilskin", "raincoat", "armour", "armor", "silk", "satin"], Cloth::Plain),
        (&["stripe", "striped", "pinstripe", "ticking"], Cloth::Striped),
        (&["check", "checked", "plaid", "tartan", "gingham"], Cloth::Checked),
        (&["dotted", "spotted", "polka", "dots"], Cloth::Dotted),
        (&["knit", "knitted", "sweater", "jumper", "pullover", "cardigan", "aran"], Cloth::Knitted),
        (&["flower", "floral", "embroider", "printed", "kimono"], Cloth::Flowered),
        (&["tweed", "wool", "woollen", "canvas", "linen", "corduroy", "smock", "sackcloth"], Cloth::Woven),
    ];
    let thrown =
        dice.pick(Cloth::Plain, &[Cloth::Plain, Cloth::Woven, Cloth::Woven, Cloth::Striped, Cloth::Dotted]);
    named.iter().find(|(stems, _)| mentions(found, stems)).map_or(thrown, |(_, cloth)| *cloth)
}

/// Draws the cloth inside the torso.
pub(super) fn draw(sitter: &mut Sitter, torso: &Shape, cloth: Cloth, main: Colour, second: Colour) {
    let print = if apart(main, second) { second } else { contrast(main) };
    sitter.canvas.clip(torso);
    match cloth {
        Cloth::Plain => {}
        Cloth::Striped => stripes(sitter, print),
        Cloth::Checked => checks(sitter, print),
        Cloth::Dotted => dots(sitter, print),
        Cloth::Knitted => knit(sitter, main),
        Cloth::Flowered => flowers(sitter, print),
        Cloth::Woven => weave(sitter, main),
    }
    sitter.canvas.unclip();
}

fn apart(a: Colour, b: Colour) -> bool {
    (a.luma() - b.luma()).abs() > 0.16
}

/// The same colour, as much lighter or darker as is needed to be seen on itself.
fn contrast(main: Colour) -> Colour {
    if main.luma() > 0.45 { main.darker(0.42) } else { main.lighter(0.38) }
}

/// Lines that follow the shoulders down.
fn stripes(sitter: &mut Sitter, print: Colour) {
    for i in -8..=8 {
        let x = i as f32 * 27.0;
        let lean = x * 0.12;
        let down = [(MIDDLE + x * 0.82, 470.0), (MIDDLE + x, 580.0), (MIDDLE + x + lean, 740.0)];
        sitter.draw(&curve(&down), 6.0, print, 0.5);
    }
}

fn checks(sitter: &mut Sitter, print: Colour) {
    for i in -6..=6 {
        let x = i as f32 * 38.0;
        sitter.draw(&line(&[(MIDDLE + x * 0.9, 470.0), (MIDDLE + x * 1.05, 740.0)]), 10.0, print, 0.34);
        sitter.draw(
            &line(&[(MIDDLE + x * 0.9 + 12.0, 470.0), (MIDDLE + x * 1.05 + 12.0, 740.0)]),
            2.0,
            print,
            0.5,
        );
    }
    for i in 0..7 {
        let y = 500.0 + i as f32 * 38.0;
        let bow = [(MIDDLE - 230.0, y + 16.0), (MIDDLE, y), (MIDDLE + 230.0, y + 16.0)];
        sitter.draw(&curve(&bow), 10.0, print, 0.34);
    }
}

fn dots(sitter: &mut Sitter, print: Colour) {
    for row in 0..8 {
        for i in -7..=7 {
            let shift = if row % 2 == 0 { 0.0 } else { 16.0 };
            let at = (MIDDLE + i as f32 * 32.0 + shift, 492.0 + row as f32 * 30.0);
            sitter.dot(at, 5.0, print, 0.6);
        }
    }
}

/// Ribs of small arcs, as a hand-knitted pullover has.
fn knit(sitter: &mut Sitter, main: Colour) {
    let (dark, light) = (main.darker(0.4), main.lighter(0.34));
    for i in -10..=10 {
        let x = MIDDLE + i as f32 * 22.0;
        for k in 0..15 {
            let y = 476.0 + k as f32 * 18.0;
            let loops = [(x - 8.0, y), (x, y + 9.0), (x + 8.0, y)];
            sitter.draw(&curve(&loops), 2.6, dark, 0.4);
            sitter.draw(&curve(&[(x - 6.0, y - 3.0), (x, y + 4.0)]), 2.0, light, 0.4);
        }
    }
}

fn flowers(sitter: &mut Sitter, print: Colour) {
    let mut dice = Dice::of(&["flowers"], 5);
    for row in 0..5 {
        for i in -4..=4 {
            let at = (
                MIDDLE + i as f32 * 54.0 + if row % 2 == 0 { 0.0 } else { 27.0 } + dice.between(-6.0, 6.0),
                498.0 + row as f32 * 50.0 + dice.between(-6.0, 6.0),
            );
            for petal in 0..5 {
                let angle = petal as f32 * 1.2566;
                let (x, y) = (at.0 + libm::cosf(angle) * 8.0, at.1 + libm::sinf(angle) * 8.0);
                sitter.veil(&ellipse((x, y), 5.6, 5.6), print, 0.7);
            }
            sitter.dot(at, 3.6, print.darker(0.35), 0.85);
        }
    }
}

/// Short slanted threads.
fn weave(sitter: &mut Sitter, main: Colour) {
    let (dark, light) = (main.darker(0.45), main.lighter(0.36));
    for row in 0..13 {
        for i in -10..=10 {
            let (x, y) = (MIDDLE + i as f32 * 22.0, 474.0 + row as f32 * 20.0);
            let lean = if (row + i) % 2 == 0 { 5.0 } else { -5.0 };
            sitter.draw(&line(&[(x - lean, y), (x + lean, y + 10.0)]), 2.2, dark, 0.3);
            sitter.draw(&line(&[(x - lean + 4.0, y), (x + lean + 4.0, y + 10.0)]), 1.8, light, 0.3);
        }
    }
}
