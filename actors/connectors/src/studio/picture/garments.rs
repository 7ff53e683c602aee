//! The cut of each garment, drawn on the torso.

use super::bust::{MIDDLE, Sitter};
use super::clothes::{neck, throat};
use super::colour::{Colour, rgb};
use super::shape::{At, Shape, blob, curve, ellipse, line, polygon, round_rect};
use super::wardrobe::Wardrobe;

fn both(points: &[At]) -> [Shape; 2] {
    [-1.0, 1.0].map(|side| polygon(&points.iter().map(|p| (MIDDLE + side * p.0, p.1)).collect::<Vec<At>>()))
}

/// Cloth of one colour between the two fronts of an open garment.
fn inset(sitter: &mut Sitter, colour: Colour, torso: &Shape, open: f32) {
    sitter.canvas.clip(torso);
    let under = polygon(&[
        (MIDDLE - 58.0, 486.0),
        (MIDDLE - 22.0, 520.0),
        (MIDDLE, 530.0),
        (MIDDLE + 22.0, 520.0),
        (MIDDLE + 58.0, 486.0),
        (MIDDLE + open, 740.0),
        (MIDDLE - open, 740.0),
    ]);
    sitter.paint_down(&under, colour.darker(0.12), colour, 1.0);
    sitter.canvas.unclip();
}

fn buttons(sitter: &mut Sitter, x: f32, from: f32, step: f32, tone: Colour) {
    for i in 0..6 {
        let at = (x, from + step * i as f32);
        sitter.dot((at.0 + 1.5, at.1 + 2.5), 6.6, rgb(0x1d1626), 0.4);
        sitter.dot(at, 6.2, tone, 1.0);
        sitter.dot((at.0 - 1.8, at.1 - 1.8), 2.0, rgb(0xffffff), 0.7);
    }
}

/// See [`Garment`](super::wardrobe::Garment).
pub(super) fn coat(sitter: &mut Sitter, wear: &Wardrobe, torso: &Shape) {
    inset(sitter, wear.second, torso, 34.0 + 50.0 * wear.cut);
    let deep = 590.0 + 70.0 * wear.cut;
    for lapel in both(&[
        (36.0, 470.0),
        (64.0, 476.0),
        (106.0, 540.0),
        (78.0, 556.0),
        (92.0, 574.0),
        (12.0 + 18.0 * wear.cut, deep),
    ]) {
        sitter.paint_lit(&lapel, wear.main.lighter(0.12));
        sitter.draw(&lapel, 2.4, wear.main.darker(0.5), 0.6);
    }
    sitter.draw(&line(&[(MIDDLE + 12.0, deep), (MIDDLE + 16.0, 730.0)]), 3.0, wear.main.darker(0.5), 0.7);
    buttons(sitter, MIDDLE + 34.0, deep + 14.0, 44.0, wear.accent);
    for pocket in both(&[(92.0, 664.0), (142.0, 656.0), (144.0, 672.0), (94.0, 680.0)]) {
        sitter.paint_lit(&pocket, wear.main.darker(0.18));
    }
}

/// See [`Garment`](super::wardrobe::Garment).
pub(super) fn dress(sitter: &mut Sitter, wear: &Wardrobe, torso: &Shape) {
    sitter.canvas.clip(torso);
    let depth = 516.0 + 22.0 * wear.cut;
    let neckline = blob(&[
        (MIDDLE - 76.0, 470.0),
        (MIDDLE - 54.0, depth - 12.0),
        (MIDDLE, depth + 8.0),
        (MIDDLE + 54.0, depth - 12.0),
        (MIDDLE + 76.0, 470.0),
    ]);
    let skin = throat(sitter);
    sitter.paint(&neckline, skin);
    sitter.canvas.unclip();
    neck(sitter);
    sitter.canvas.clip(torso);
    let trim = [
        (MIDDLE - 86.0, 478.0),
        (MIDDLE - 56.0, depth - 8.0),
        (MIDDLE, depth + 10.0),
        (MIDDLE + 56.0, depth - 8.0),
        (MIDDLE + 86.0, 478.0),
    ];
    sitter.draw(&curve(&trim), 11.0, wear.second, 1.0);
    for i in 0..13 {
        let t = i as f32 / 12.0 * 2.0 - 1.0;
        let y = depth + 10.0 - t * t * (depth - 476.0);
        sitter.dot((MIDDLE + t * 82.0, y + 7.0), 6.0, wear.second.lighter(0.3), 1.0);
    }
    let across = 152.0 * sitter.look.build;
    let sash = polygon(&[
        (MIDDLE - across, 672.0),
        (MIDDLE + across, 672.0),
        (MIDDLE + across, 700.0),
        (MIDDLE - across, 700.0),
    ]);
    sitter.paint_lit(&sash, wear.accent);
    for dx in [-64.0, -32.0, 0.0, 32.0, 64.0] {
        sitter.draw(
            &curve(&[(MIDDLE + dx * 0.6, depth + 26.0), (MIDDLE + dx, 610.0), (MIDDLE + dx * 0.9, 670.0)]),
            2.6,
            wear.main.darker(0.5),
            0.35,
        );
    }
    sitter.canvas.unclip();
}

/// See [`Garment`](super::wardrobe::Garment).
pub(super) fn uniform(sitter: &mut Sitter, wear: &Wardrobe, torso: &Shape) {
    sitter.canvas.clip(torso);
    let gold = rgb(0xd8b04c);
    sitter.draw(&line(&[(MIDDLE, 512.0), (MIDDLE, 730.0)]), 3.2, wear.main.darker(0.55), 0.8);
    for dx in [-42.0, 42.0] {
        buttons(sitter, MIDDLE + dx, 560.0, 36.0, gold);
    }
    let strap = [(MIDDLE - 150.0, 520.0), (MIDDLE + 60.0, 740.0)];
    if wear.cut > 0.5 {
        sitter.draw(&line(&strap), 20.0, rgb(0x6a4630), 1.0);
        sitter.draw(&line(&strap), 13.0, rgb(0x86603f), 1.0);
    }
    sitter.canvas.unclip();
    for collar in both(&[(2.0, 528.0), (34.0, 464.0), (62.0, 472.0), (52.0, 516.0), (8.0, 548.0)]) {
        sitter.paint_lit(&collar, wear.main.darker(0.14));
        sitter.draw(&collar, 3.4, gold, 0.95);
    }
    let b = sitter.look.build;
    for board in both(&[(98.0 * b, 492.0), (172.0 * b, 528.0), (160.0 * b, 548.0), (92.0 * b, 512.0)]) {
        sitter.paint_lit(&board, wear.accent.mix(gold, 0.5));
        sitter.draw(&board, 3.0, gold, 1.0);
    }
    for (i, tone) in [wear.second, wear.accent, gold].into_iter().enumerate() {
        sitter.paint(&round_rect(MIDDLE + 72.0 + 20.0 * i as f32, 584.0, 18.0, 12.0, 2.0), tone);
    }
}

/// See [`Garment`](super::wardrobe::Garment).
pub(super) fn suit(sitter: &mut Sitter, wear: &Wardrobe, torso: &Shape) {
    inset(sitter, rgb(0xefe9dc).mix(wear.second, 0.25), torso, 44.0);
    for lapel in
        both(&[(40.0, 470.0), (70.0, 480.0), (100.0, 556.0), (70.0, 566.0), (84.0, 582.0), (14.0, 660.0)])
    {
        sitter.paint_lit(&lapel, wear.main.lighter(0.1));
        sitter.draw(&lapel, 2.2, wear.main.darker(0.5), 0.6);
    }
    for collar in both(&[(4.0, 524.0), (36.0, 466.0), (52.0, 476.0), (46.0, 524.0)]) {
        sitter.paint_lit(&collar, rgb(0xf6f1e6));
        sitter.draw(&collar, 1.8, rgb(0x6a6478), 0.5);
    }
    buttons(sitter, MIDDLE + 12.0, 676.0, 40.0, wear.accent);
    sitter.paint_lit(
        &polygon(&[
            (MIDDLE + 96.0, 604.0),
            (MIDDLE + 110.0, 584.0),
            (MIDDLE + 122.0, 600.0),
            (MIDDLE + 136.0, 588.0),
            (MIDDLE + 140.0, 606.0),
        ]),
        wear.accent,
    );
}

/// See [`Garment`](super::wardrobe::Garment).
pub(super) fn robe(sitter: &mut Sitter, wear: &Wardrobe, torso: &Shape) {
    sitter.canvas.clip(torso);
    let skin = throat(sitter);
    sitter.paint_lit(&polygon(&[(MIDDLE - 48.0, 476.0), (MIDDLE + 48.0, 476.0), (MIDDLE, 560.0)]), skin);
    for (side, tone) in [(1.0, wear.second), (-1.0, wear.second.lighter(0.12))] {
        let band = polygon(&[
            (MIDDLE + side * 40.0, 462.0),
            (MIDDLE + side * 76.0, 474.0),
            (MIDDLE + side * 26.0, 590.0),
            (MIDDLE - side * 66.0, 740.0),
            (MIDDLE - side * 112.0, 740.0),
            (MIDDLE - side * 6.0, 560.0),
        ]);
        sitter.paint_lit(&band, tone);
        sitter.draw(&band, 2.4, wear.accent, 0.9);
    }
    for i in 0..7 {
        let at = (MIDDLE + 50.0 - 16.0 * i as f32, 516.0 + 32.0 * i as f32);
        sitter.veil(&ellipse(at, 5.0, 5.0), wear.accent, 0.9);
    }
    let across = 152.0 * sitter.look.build;
    let belt = polygon(&[
        (MIDDLE - across, 690.0),
        (MIDDLE + across, 690.0),
        (MIDDLE + across, 730.0),
        (MIDDLE - across, 730.0),
    ]);
    sitter.paint_lit(&belt, wear.accent);
    sitter.canvas.unclip();
}

/// See [`Garment`](super::wardrobe::Garment).
pub(super) fn sweater(sitter: &mut Sitter, wear: &Wardrobe, torso: &Shape) {
    sitter.canvas.clip(torso);
    for i in 0..4 {
        let y = 566.0 + 30.0 * i as f32 + 10.0 * wear.cut;
        let tone = if i % 2 == 0 { wear.second } else { wear.accent };
        for k in 0..17 {
            let x = MIDDLE - 240.0 + 30.0 * k as f32 + if i % 2 == 0 { 0.0 } else { 15.0 };
            let stitch = polygon(&[(x - 9.0, y), (x, y - 8.0), (x + 9.0, y), (x, y + 8.0)]);
            sitter.veil(&stitch, tone, 0.85);
        }
    }
    for k in 0..24 {
        let x = MIDDLE - 230.0 + 20.0 * k as f32;
        sitter.draw(&line(&[(x, 690.0), (x, 730.0)]), 4.0, wear.main.darker(0.4), 0.4);
    }
    sitter.canvas.unclip();
    let roll = [
        (MIDDLE - 52.0, 486.0),
        (MIDDLE - 34.0, 512.0),
        (MIDDLE, 522.0),
        (MIDDLE + 34.0, 512.0),
        (MIDDLE + 52.0, 486.0),
    ];
    sitter.draw(&curve(&roll), 32.0, wear.main.darker(0.25), 1.0);
    sitter.draw(&curve(&roll), 27.0, wear.main.lighter(0.12), 1.0);
    for i in 0..11 {
        let t = i as f32 / 10.0 * 2.0 - 1.0;
        let (x, y) = (MIDDLE + t * 52.0, 522.0 - t * t * 34.0);
        sitter.draw(&line(&[(x, y - 10.0), (x - t * 5.0, y + 10.0)]), 2.2, wear.main.darker(0.4), 0.5);
    }
}

/// See [`Garment`](super::wardrobe::Garment).
pub(super) fn shirt(sitter: &mut Sitter, wear: &Wardrobe, main: Colour) {
    let deep = 536.0 + 30.0 * wear.cut;
    sitter.draw(&line(&[(MIDDLE + 1.0, deep), (MIDDLE + 3.0, 730.0)]), 2.6, main.darker(0.5), 0.6);
    for collar in both(&[(2.0, deep), (34.0, 464.0), (60.0, 472.0), (68.0, 520.0), (40.0, 546.0)]) {
        sitter.paint_lit(&collar, main.lighter(0.3));
        sitter.draw(&collar, 2.2, main.darker(0.5), 0.6);
    }
    buttons(sitter, MIDDLE + 2.0, deep + 24.0, 38.0, wear.second);
    sitter.draw(
        &polygon(&[
            (MIDDLE + 66.0, 596.0),
            (MIDDLE + 126.0, 596.0),
            (MIDDLE + 122.0, 664.0),
            (MIDDLE + 96.0, 676.0),
            (MIDDLE + 70.0, 664.0),
        ]),
        2.6,
        main.darker(0.5),
        0.5,
    );
}

/// See [`Garment`](super::wardrobe::Garment).
pub(super) fn apron(sitter: &mut Sitter, wear: &Wardrobe, torso: &Shape) {
    shirt(sitter, wear, wear.main);
    sitter.canvas.clip(torso);
    for strap in both(&[(70.0, 480.0), (92.0, 486.0), (104.0, 600.0), (82.0, 600.0)]) {
        sitter.paint_lit(&strap, wear.second.darker(0.1));
    }
    let bib = round_rect(MIDDLE - 108.0, 590.0, 216.0, 160.0, 14.0);
    sitter.paint_lit(&bib, wear.second);
    sitter.draw(&bib, 3.0, wear.second.darker(0.4), 0.6);
    let pocket = round_rect(MIDDLE - 52.0, 640.0, 104.0, 90.0, 10.0);
    sitter.paint_lit(&pocket, wear.accent);
    sitter.canvas.unclip();
    for dx in [-93.0, 93.0] {
        sitter.dot((MIDDLE + dx, 602.0), 8.0, rgb(0xd8b04c), 1.0);
    }
}
