//! Shoulders, neck, and what lies around the neck.

use super::bust::{MIDDLE, Sitter};
use super::cloth;
use super::colour::{Colour, rgb};
use super::garments;
use super::shape::{At, Shape, blob, curve, ellipse, line, polygon};
use super::wardrobe::{Garment, Neckwear, Wardrobe};

/// Half the width of usual shoulders with the arms, in logical units.
pub(super) const SHOULDER: f32 = 216.0;

/// Neck, shoulders and garment.
pub(super) fn body(sitter: &mut Sitter, wear: &Wardrobe) {
    let b = sitter.look.build;
    let torso = torso(b);
    sitter.paint_lit(&torso, wear.main);
    cloth::draw(sitter, &torso, wear.cloth, wear.main, wear.second);
    sitter.canvas.clip(&torso);
    folds(sitter, b, wear.main);
    sitter.canvas.unclip();
    neck(sitter);
    match wear.garment {
        Garment::Coat => garments::coat(sitter, wear, &torso),
        Garment::Dress => garments::dress(sitter, wear, &torso),
        Garment::Uniform => garments::uniform(sitter, wear, &torso),
        Garment::Suit => garments::suit(sitter, wear, &torso),
        Garment::Robe => garments::robe(sitter, wear, &torso),
        Garment::Sweater => garments::sweater(sitter, wear, &torso),
        Garment::Shirt => garments::shirt(sitter, wear, wear.main),
        Garment::Apron => garments::apron(sitter, wear, &torso),
    }
}

fn torso(b: f32) -> Shape {
    let half = [
        (46.0, 468.0),
        (92.0 * b, 492.0),
        (164.0 * b, 528.0),
        (204.0 * b, 590.0),
        (214.0 * b, 680.0),
        (SHOULDER * b, 790.0),
    ];
    let mut points: Vec<At> = half.iter().map(|p| (MIDDLE + p.0, p.1)).collect();
    points.extend(half.iter().rev().map(|p| (MIDDLE - p.0, p.1)));
    blob(&points)
}

fn folds(sitter: &mut Sitter, b: f32, main: Colour) {
    let dark = main.darker(0.5);
    for side in [-1.0, 1.0] {
        let at = |dx: f32, y: f32| (MIDDLE + side * dx * b, y);
        sitter.draw(&curve(&[at(158.0, 604.0), at(150.0, 660.0), at(156.0, 740.0)]), 4.0, dark, 0.6);
        sitter.veil(
            &blob(&[at(156.0, 610.0), at(136.0, 670.0), at(140.0, 760.0), at(158.0, 760.0)]),
            dark,
            0.3,
        );
        sitter.draw(&curve(&[at(196.0, 586.0), at(182.0, 610.0), at(184.0, 640.0)]), 3.4, dark, 0.4);
        sitter.draw(&curve(&[at(110.0, 520.0), at(136.0, 548.0), at(140.0, 580.0)]), 3.0, dark, 0.3);
        sitter.draw(
            &curve(&[at(168.0, 540.0), at(196.0, 596.0), at(214.0, 680.0)]),
            7.0,
            main.lighter(0.4),
            0.35,
        );
    }
    let shadow = -sitter.pose.side;
    let core = blob(&[
        (MIDDLE + shadow * 60.0, 480.0),
        (MIDDLE + shadow * 90.0, 600.0),
        (MIDDLE + shadow * 70.0, 760.0),
        (MIDDLE + shadow * 280.0, 760.0),
        (MIDDLE + shadow * 260.0, 480.0),
    ]);
    sitter.veil(&core, sitter.pose.lamp.fill, 0.26);
    let lit = (MIDDLE + sitter.pose.side * 118.0 * b, 528.0 + 30.0 * sitter.pose.height);
    let (key, strength) = (sitter.pose.lamp.key, 0.5 - 0.2 * main.luma());
    sitter.spot(lit, 150.0, key, strength * sitter.pose.hardness);
}

/// Throat and collar bones, with the shadow of the chin.
pub(super) fn neck(sitter: &mut Sitter) {
    let skin = sitter.look.skin;
    let half = 40.0 * (0.55 + 0.45 * sitter.look.build);
    let shape = blob(&[
        (MIDDLE - half, 380.0),
        (MIDDLE + half, 380.0),
        (MIDDLE + half * 1.02, 462.0),
        (MIDDLE + half * 1.6, 496.0),
        (MIDDLE + 16.0, 538.0),
        (MIDDLE - 16.0, 538.0),
        (MIDDLE - half * 1.6, 496.0),
        (MIDDLE - half * 1.02, 462.0),
    ]);
    let tone = throat(sitter);
    sitter.paint(&shape, tone);
    sitter.canvas.clip(&shape);
    let x = MIDDLE + sitter.pose.turn * 0.5 - sitter.pose.side * 16.0;
    sitter.veil(&ellipse((x, 424.0), 76.0, 50.0), skin.mix(rgb(0x5a2340), 0.7), 0.42);
    sitter.canvas.unclip();
    for side in [-1.0, 1.0] {
        let bone =
            [(MIDDLE + side * 8.0, 512.0), (MIDDLE + side * 34.0, 504.0), (MIDDLE + side * 62.0, 498.0)];
        sitter.draw(&curve(&bone), 2.6, skin.mix(rgb(0x7a3a44), 0.6), 0.45);
    }
}

/// Skin below the face: a little in shadow.
pub(super) fn throat(sitter: &Sitter) -> Colour {
    sitter.look.skin.mix(rgb(0x8a4a58), 0.16)
}

/// What lies over the clothes and under the chin.
pub(super) fn over(sitter: &mut Sitter, wear: &Wardrobe) {
    match wear.neckwear {
        Neckwear::None => {}
        Neckwear::Scarf => scarf(sitter, wear.accent),
        Neckwear::Tie => {
            sitter.paint_lit(
                &polygon(&[
                    (MIDDLE - 15.0, 520.0),
                    (MIDDLE + 15.0, 520.0),
                    (MIDDLE + 9.0, 546.0),
                    (MIDDLE - 9.0, 546.0),
                ]),
                wear.accent.darker(0.1),
            );
            sitter.paint_lit(
                &polygon(&[
                    (MIDDLE - 9.0, 546.0),
                    (MIDDLE + 9.0, 546.0),
                    (MIDDLE + 24.0, 690.0),
                    (MIDDLE, 716.0),
                    (MIDDLE - 24.0, 690.0),
                ]),
                wear.accent,
            );
            for y in [580.0, 620.0, 660.0] {
                sitter.draw(
                    &line(&[(MIDDLE - 14.0, y + 12.0), (MIDDLE + 14.0, y - 6.0)]),
                    5.0,
                    wear.accent.lighter(0.4),
                    0.8,
                );
            }
        }
        Neckwear::Pendant => {
            let chain = [
                (MIDDLE - 54.0, 484.0),
                (MIDDLE - 34.0, 516.0),
                (MIDDLE, 536.0),
                (MIDDLE + 34.0, 516.0),
                (MIDDLE + 54.0, 484.0),
            ];
            sitter.draw(&curve(&chain), 3.0, rgb(0xd8b04c), 1.0);
            sitter.paint_lit(&ellipse((MIDDLE, 544.0), 11.0, 13.0), wear.accent.vivid(1.4));
            sitter.draw(&ellipse((MIDDLE, 544.0), 11.0, 13.0), 2.6, rgb(0xd8b04c), 1.0);
            sitter.dot((MIDDLE - 3.0, 539.0), 3.0, rgb(0xffffff), 0.85);
        }
    }
}

fn scarf(sitter: &mut Sitter, tone: Colour) {
    let tail = blob(&[
        (MIDDLE + 26.0, 520.0),
        (MIDDLE + 74.0, 516.0),
        (MIDDLE + 96.0, 620.0),
        (MIDDLE + 92.0, 706.0),
        (MIDDLE + 44.0, 710.0),
        (MIDDLE + 40.0, 620.0),
    ]);
    sitter.paint_lit(&tail, tone.darker(0.1));
    for y in [620.0, 648.0, 676.0] {
        sitter.draw(&line(&[(MIDDLE + 44.0, y), (MIDDLE + 92.0, y - 5.0)]), 7.0, tone.lighter(0.45), 0.75);
    }
    let wrap = blob(&[
        (MIDDLE - 86.0, 466.0),
        (MIDDLE, 490.0),
        (MIDDLE + 86.0, 464.0),
        (MIDDLE + 98.0, 506.0),
        (MIDDLE + 40.0, 544.0),
        (MIDDLE - 44.0, 546.0),
        (MIDDLE - 100.0, 508.0),
    ]);
    sitter.paint_lit(&wrap, tone);
    for (dy, alpha) in [(0.0, 0.5), (16.0, 0.4), (30.0, 0.35)] {
        let fold = [
            (MIDDLE - 88.0, 484.0 + dy * 0.7),
            (MIDDLE - 20.0, 508.0 + dy),
            (MIDDLE + 88.0, 482.0 + dy * 0.7),
        ];
        sitter.draw(&curve(&fold), 3.4, tone.darker(0.5), alpha);
    }
    sitter.paint_lit(
        &blob(&[
            (MIDDLE + 20.0, 500.0),
            (MIDDLE + 62.0, 494.0),
            (MIDDLE + 76.0, 528.0),
            (MIDDLE + 46.0, 550.0),
            (MIDDLE + 18.0, 534.0),
        ]),
        tone.lighter(0.1),
    );
}
