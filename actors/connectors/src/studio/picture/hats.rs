//! Hats. Points are widths of the cheek across and heights down.

use super::bust::{MIDDLE, Sitter};
use super::colour::{Colour, rgb};
use super::shape::{At, blob, curve, ellipse, line, polygon};
use super::wardrobe::{Hat, Wardrobe};

/// Draws what is worn on the head.
pub(super) fn draw(sitter: &mut Sitter, wear: &Wardrobe) {
    match wear.hat {
        Hat::None => {}
        Hat::Beanie => beanie(sitter, wear.accent),
        Hat::Cap => cap(sitter, wear.main),
        Hat::Brim => brim(sitter, wear),
        Hat::Crown => crown(sitter),
    }
}

fn to(sitter: &Sitter, points: &[At]) -> Vec<At> {
    let w = sitter.cheek();
    points.iter().map(|p| (MIDDLE + p.0 * w, p.1)).collect()
}

/// A mirrored outline: the given right half from top to bottom.
fn dome(sitter: &Sitter, half: &[At]) -> Vec<At> {
    let mut points = to(sitter, half);
    let left: Vec<At> = half.iter().rev().map(|p| (-p.0, p.1)).collect();
    points.extend(to(sitter, &left));
    points
}

fn beanie(sitter: &mut Sitter, tone: Colour) {
    let body = blob(&dome(sitter, &[(0.4, 116.0), (0.98, 158.0), (1.12, 226.0)]));
    sitter.paint_lit(&body, tone);
    let rim = curve(&to(sitter, &[(-1.08, 224.0), (-0.4, 206.0), (0.4, 206.0), (1.08, 224.0)]));
    sitter.draw(&rim, 32.0, tone.darker(0.2), 1.0);
    for i in 0..13 {
        let t = i as f32 / 12.0 * 2.0 - 1.0;
        let y = 204.0 + t * t * 20.0;
        let rib = line(&to(sitter, &[(t * 1.08, y - 12.0), (t * 1.1, y + 13.0)]));
        sitter.draw(&rib, 2.6, tone.darker(0.55), 0.5);
    }
}

fn cap(sitter: &mut Sitter, tone: Colour) {
    let body = blob(&dome(sitter, &[(0.5, 110.0), (1.31, 155.0), (1.16, 196.0)]));
    sitter.paint_lit(&body, tone.lighter(0.06));
    let band = polygon(&dome(sitter, &[(1.1, 186.0), (1.08, 218.0)]));
    sitter.paint_lit(&band, tone.darker(0.3));
    let peak = blob(&dome(sitter, &[(0.0, 205.0), (0.96, 212.0), (0.66, 244.0), (0.0, 252.0)]));
    sitter.paint_lit(&peak, rgb(0x2c2a36));
    let gleam = curve(&to(sitter, &[(-0.7, 236.0), (0.0, 244.0), (0.7, 236.0)]));
    sitter.draw(&gleam, 2.6, rgb(0x8a8ea6), 0.7);
    sitter.paint_lit(&ellipse((MIDDLE, 178.0), 15.0, 18.0), rgb(0xd8b04c));
    let cord = line(&to(sitter, &[(-1.06, 216.0), (1.06, 216.0)]));
    sitter.draw(&cord, 3.4, rgb(0xd8b04c), 0.9);
}

fn brim(sitter: &mut Sitter, wear: &Wardrobe) {
    let body = blob(&dome(sitter, &[(0.0, 108.0), (0.4, 96.0), (0.87, 126.0), (0.94, 204.0)]));
    sitter.paint_lit(&body, wear.accent.darker(0.2));
    let band = polygon(&dome(sitter, &[(0.94, 178.0), (0.96, 206.0)]));
    sitter.paint_lit(&band, wear.second);
    let rim = blob(&dome(sitter, &[(0.0, 208.0), (0.9, 200.0), (1.72, 220.0), (0.9, 236.0), (0.0, 240.0)]));
    sitter.paint_lit(&rim, wear.accent.darker(0.12));
}

fn crown(sitter: &mut Sitter) {
    let gold = rgb(0xdcb24a);
    let points = polygon(&dome(sitter, &[(0.0, 100.0), (0.5, 158.0), (0.98, 116.0), (0.82, 198.0)]));
    sitter.paint_lit(&points, gold);
    let band = polygon(&dome(sitter, &[(0.84, 180.0), (0.82, 204.0)]));
    sitter.paint_lit(&band, gold.lighter(0.25));
    for (dx, tone) in [(-0.56, 0x3f7a9a), (0.0, 0xb0304a), (0.56, 0x3f8a5a)] {
        let stone = ellipse((MIDDLE + dx * sitter.cheek(), 192.0), 8.0, 8.0);
        sitter.paint_lit(&stone, rgb(tone));
    }
}
