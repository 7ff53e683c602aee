//! Furniture. `at` is the middle of the foot; scale 1 fits the back wall of a room.

use super::colour::{Colour, rgb};
use super::rooms::Piece;
use super::shape::{At, arch, blob, curve, ellipse, line, polygon, rect, round_rect};
use super::stage::Stage;

/// Draws one piece; `wood` is the colour of the room's wood.
pub(super) fn draw(stage: &mut Stage, piece: Piece, at: At, s: f32, wood: Colour) {
    let mut pen = Pen { stage, at, s, wood };
    match piece {
        Piece::Shelf => pen.shelf(),
        Piece::Fireplace => pen.fireplace(),
        Piece::Picture => pen.picture(),
        Piece::Clock => pen.clock(),
        Piece::Cupboard => pen.cupboard(),
        Piece::Stove => pen.stove(),
        Piece::Plant => pen.plant(),
        Piece::Bed => pen.bed(rgb(0x8c4a5a)),
        Piece::WhiteBed => pen.bed(rgb(0xdfe9ea)),
        Piece::Table => pen.table(),
        Piece::Desk => pen.desk(),
        Piece::Sofa => pen.seat(190.0),
        Piece::Armchair => pen.seat(104.0),
        Piece::Barrel => pen.barrel(),
        Piece::Counter => pen.counter(),
        Piece::Blackboard => pen.blackboard(),
        Piece::Pews => pen.pews(),
        Piece::Altar => pen.altar(),
        Piece::Column => pen.column(),
        Piece::Lens => pen.lens(),
        Piece::Bench => pen.bench(),
        Piece::Workbench => pen.workbench(),
        Piece::Chest => pen.chest(),
    }
}

/// Offsets in the piece's own units around its foot.
pub(super) struct Pen<'a> {
    /// Where it is drawn.
    pub stage: &'a mut Stage,
    /// Middle of the foot.
    pub at: At,
    /// Size.
    pub s: f32,
    /// Wood of the room.
    pub wood: Colour,
}

impl Pen<'_> {
    /// A point in the piece's units.
    pub fn to(&self, dx: f32, dy: f32) -> At {
        (self.at.0 + dx * self.s, self.at.1 + dy * self.s)
    }

    /// A lit block.
    pub fn block(&mut self, dx: f32, dy: f32, w: f32, h: f32, tone: Colour) {
        let (x, y) = self.to(dx, dy);
        self.stage.paint_lit(&round_rect(x, y, w * self.s, h * self.s, 3.0 * self.s), tone, 0.0);
    }

    /// A dark opening.
    pub fn dark(&mut self, dx: f32, dy: f32, w: f32, h: f32) {
        let (x, y) = self.to(dx, dy);
        self.stage.veil(&rect(x, y, w * self.s, h * self.s), rgb(0x20161e), 0.5);
    }

    /// A lit round.
    pub fn round(&mut self, dx: f32, dy: f32, rx: f32, ry: f32, tone: Colour) {
        let centre = self.to(dx, dy);
        self.stage.paint_lit(&ellipse(centre, rx * self.s, ry * self.s), tone, 0.0);
    }

    /// The shadow on the floor.
    pub fn shadow(&mut self, reach: f32) {
        let at = self.to(-self.stage.sun_side * reach * 0.2, 1.0);
        self.stage.veil(&ellipse(at, reach * self.s, reach * 0.1 * self.s), rgb(0x1c1424), 0.42);
    }

    /// A warm light.
    pub fn light(&mut self, dx: f32, dy: f32, reach: f32, strength: f32) {
        let at = self.to(dx, dy);
        self.stage.glow(at, reach * self.s, rgb(0xffc46a), strength);
    }

    fn shelf(&mut self) {
        self.shadow(92.0);
        self.block(-82.0, -318.0, 164.0, 318.0, self.wood.darker(0.12));
        let spines = [0xa6433f, 0x3f6a8a, 0xc9973f, 0x4a7a58, 0x7a5488, 0xd6c4a0, 0x8a5a3a].map(rgb);
        let mut dice = self.stage.dice("books");
        for row in 0..4 {
            let floor = -252.0 + 78.0 * row as f32;
            self.dark(-74.0, floor - 58.0, 148.0, 62.0);
            let mut x = -72.0;
            while x < 58.0 {
                let (w, h) = (dice.between(8.0, 17.0), dice.between(36.0, 54.0));
                let tone = spines[dice.count(0, 6) as usize];
                if dice.chance(0.88) {
                    self.block(x, floor + 4.0 - h, w, h, tone);
                    self.block(x + 1.5, floor - h + 12.0, w - 3.0, 3.0, rgb(0xe6cf8c));
                }
                x += w + 1.0;
            }
            self.block(-80.0, floor + 3.0, 160.0, 8.0, self.wood.lighter(0.15));
        }
        self.block(-88.0, -328.0, 176.0, 14.0, self.wood.lighter(0.2));
    }

    fn fireplace(&mut self) {
        self.shadow(130.0);
        self.block(-62.0, -400.0, 124.0, 220.0, rgb(0xa98a74));
        self.block(-112.0, -190.0, 224.0, 190.0, rgb(0x9a6a58));
        for row in 0..6 {
            for i in 0..5 {
                let shift = if row % 2 == 0 { 0.0 } else { 21.0 };
                self.block(
                    -108.0 + 42.0 * i as f32 + shift,
                    -180.0 + 30.0 * row as f32,
                    38.0,
                    26.0,
                    rgb(0xb07a62),
                );
            }
        }
        self.block(-128.0, -206.0, 256.0, 22.0, self.wood);
        let (x, y) = self.to(-70.0, -138.0);
        self.stage.paint(&arch(x, y, 140.0 * self.s, 138.0 * self.s), rgb(0x2a1a1e), 0.0);
        for (dx, h, tone) in [
            (-24.0, 70.0, 0xe2662c),
            (22.0, 62.0, 0xe2662c),
            (0.0, 92.0, 0xf0902f),
            (-6.0, 58.0, 0xffd35a),
            (12.0, 42.0, 0xffe99a),
        ] {
            let points = [
                (dx - 22.0, -14.0),
                (dx - 12.0, -h * 0.55),
                (dx + 4.0, -h),
                (dx + 13.0, -h * 0.5),
                (dx + 22.0, -14.0),
            ];
            let flame = blob(&points.map(|p| self.to(p.0, p.1)));
            self.stage.shine(&flame, rgb(tone), 0.95);
        }
        self.block(-44.0, -18.0, 88.0, 14.0, rgb(0x5a3a2a));
        self.light(0.0, -60.0, 240.0, 0.75);
        self.round(-84.0, -226.0, 15.0, 20.0, rgb(0x4a7a86));
        self.block(70.0, -246.0, 10.0, 40.0, rgb(0xe8dcc0));
        self.light(75.0, -250.0, 46.0, 0.8);
    }

    fn picture(&mut self) {
        self.block(-62.0, -352.0, 124.0, 96.0, rgb(0xc49a4e));
        let (x, y) = self.to(-52.0, -342.0);
        let (w, h) = (104.0 * self.s, 76.0 * self.s);
        self.stage.paint_down(&rect(x, y, w, h), rgb(0x9cc4d6), rgb(0xf0d9a8), 0.0);
        let hill = blob(&[
            (x, y + h),
            (x + 2.0, y + h * 0.62),
            (x + w * 0.4, y + h * 0.46),
            (x + w - 2.0, y + h * 0.7),
            (x + w, y + h),
        ]);
        self.stage.paint(&hill, rgb(0x5f8a5c), 0.0);
        self.stage.paint(&ellipse((x + w * 0.7, y + h * 0.3), 8.0, 8.0), rgb(0xfff0b8), 0.0);
    }

    fn clock(&mut self) {
        self.round(0.0, -330.0, 42.0, 42.0, self.wood.lighter(0.15));
        self.round(0.0, -330.0, 33.0, 33.0, rgb(0xf4ecd8));
        let (hub, hour, minute) = (self.to(0.0, -330.0), self.to(-13.0, -342.0), self.to(6.0, -354.0));
        self.stage.draw(&line(&[hour, hub, minute]), 3.2 * self.s, rgb(0x3a2c30), 0.0);
    }

    fn cupboard(&mut self) {
        self.shadow(96.0);
        self.block(-84.0, -270.0, 168.0, 270.0, self.wood.lighter(0.1));
        for dx in [-76.0, 4.0] {
            self.block(dx, -258.0, 72.0, 110.0, self.wood.lighter(0.24));
            self.block(dx, -140.0, 72.0, 124.0, self.wood.lighter(0.24));
            self.dark(dx + 10.0, -248.0, 52.0, 90.0);
        }
        for (i, tone) in [0xd9cfb8, 0x6a94a8, 0xc47a4e, 0xd9cfb8, 0x7aa07a].into_iter().enumerate() {
            self.round(-58.0 + 29.0 * i as f32, -172.0 - 38.0 * (i % 2) as f32, 11.0, 13.0, rgb(tone));
        }
        for dx in [-10.0, 10.0] {
            self.round(dx, -84.0, 4.0, 4.0, rgb(0xd8b45c));
        }
        self.block(-92.0, -282.0, 184.0, 15.0, self.wood.lighter(0.3));
    }

    fn stove(&mut self) {
        self.shadow(110.0);
        self.block(36.0, -420.0, 26.0, 290.0, rgb(0x4a4e5c));
        self.block(-94.0, -132.0, 188.0, 132.0, rgb(0x5a6070));
        self.block(-102.0, -142.0, 204.0, 15.0, rgb(0x3a3e4a));
        self.block(-80.0, -108.0, 84.0, 66.0, rgb(0x3a3e4a));
        let (x, y) = self.to(-70.0, -92.0);
        self.stage.shine(&round_rect(x, y, 64.0 * self.s, 36.0 * self.s, 6.0), rgb(0xf0883a), 0.95);
        self.light(-38.0, -74.0, 120.0, 0.6);
        for dx in [26.0, 52.0, 78.0] {
            self.round(dx, -92.0, 8.0, 8.0, rgb(0xd8b45c));
        }
        self.block(-84.0, -186.0, 66.0, 46.0, rgb(0xb8623c));
        self.round(-51.0, -186.0, 36.0, 8.0, rgb(0xd9854e));
        let steam =
            [(-50.0, -196.0), (-62.0, -226.0), (-42.0, -252.0), (-56.0, -284.0)].map(|p| self.to(p.0, p.1));
        self.stage.draw_veil(&curve(&steam), 7.0 * self.s, rgb(0xf4f0ea), 0.45);
        for (i, tone) in [0xc47a3c, 0x8a8e9c, 0xb85a44].into_iter().enumerate() {
            let dx = -84.0 + 48.0 * i as f32;
            self.block(dx - 2.0, -330.0, 4.0, 34.0, rgb(0x4a3a34));
            self.round(dx, -284.0, 18.0, 16.0, rgb(tone));
        }
    }

    fn plant(&mut self) {
        self.shadow(52.0);
        let mut dice = self.stage.dice("plant");
        for i in 0..13 {
            let lean = (i as f32 - 6.0) * 11.0 + dice.between(-5.0, 5.0);
            let high = 150.0 - lean.abs() * 0.9 + dice.between(-14.0, 14.0);
            let tip = self.to(lean * 1.35, -62.0 - high * 0.72);
            let (left, right) = (
                self.to(lean * 0.5 - 11.0, -62.0 - high * 0.4),
                self.to(lean * 0.5 + 11.0, -62.0 - high * 0.36),
            );
            let leaf = blob(&[self.to(0.0, -54.0), left, tip, right]);
            self.stage.paint_lit(&leaf, rgb(0x3f7a4c).mix(rgb(0x86a84e), dice.unit() * 0.7), 0.0);
        }
        let pot =
            polygon(&[self.to(-34.0, -62.0), self.to(34.0, -62.0), self.to(25.0, 0.0), self.to(-25.0, 0.0)]);
        self.stage.paint_lit(&pot, rgb(0xbd6a44), 0.0);
        self.block(-39.0, -70.0, 78.0, 15.0, rgb(0xcf7c52));
    }

    fn bed(&mut self, blanket: Colour) {
        self.shadow(190.0);
        self.block(-176.0, -150.0, 22.0, 150.0, self.wood);
        self.block(156.0, -92.0, 20.0, 92.0, self.wood);
        self.block(-160.0, -46.0, 322.0, 30.0, self.wood.lighter(0.1));
        self.block(-158.0, -82.0, 318.0, 42.0, rgb(0xf0e8da));
        let cover = blob(&[
            self.to(-70.0, -94.0),
            self.to(40.0, -106.0),
            self.to(156.0, -90.0),
            self.to(162.0, -34.0),
            self.to(40.0, -28.0),
            self.to(-74.0, -34.0),
        ]);
        self.stage.paint_down(&cover, blanket.lighter(0.16), blanket.darker(0.2), 0.0);
        for dx in [-24.0, 36.0, 96.0] {
            let fold = [self.to(dx, -96.0), self.to(dx + 10.0, -64.0), self.to(dx + 2.0, -34.0)];
            self.stage.draw_veil(&curve(&fold), 3.0, blanket.darker(0.5), 0.4);
        }
        self.round(-112.0, -92.0, 44.0, 20.0, rgb(0xfbf6ec));
    }

    /// A table with fruit and candle.
    pub fn table(&mut self) {
        self.shadow(150.0);
        for dx in [-112.0, 98.0] {
            self.block(dx, -96.0, 16.0, 96.0, self.wood);
        }
        self.block(-136.0, -110.0, 272.0, 18.0, self.wood.lighter(0.28));
        self.dark(-124.0, -92.0, 248.0, 8.0);
        self.round(-56.0, -124.0, 36.0, 15.0, rgb(0xe0d3ba));
        for (dx, tone) in [(-74.0, 0xc4483c), (-54.0, 0xd9953c), (-36.0, 0x8fae4a)] {
            self.round(dx, -136.0, 14.0, 14.0, rgb(tone));
        }
        self.block(30.0, -142.0, 26.0, 32.0, rgb(0x5a8aa0));
        self.block(86.0, -150.0, 10.0, 40.0, rgb(0xf0e6cc));
        let flame = self.to(91.0, -160.0);
        self.stage.shine(&ellipse(flame, 4.0 * self.s, 9.0 * self.s), rgb(0xffe08a), 1.0);
        self.light(91.0, -160.0, 110.0, 0.35 + 0.5 * self.stage.light.lamps);
    }

    fn desk(&mut self) {
        self.shadow(160.0);
        self.block(-140.0, -104.0, 88.0, 104.0, self.wood);
        self.block(60.0, -104.0, 80.0, 104.0, self.wood);
        for dy in [-92.0, -60.0, -28.0] {
            self.block(-132.0, dy, 72.0, 24.0, self.wood.lighter(0.16));
            self.round(-96.0, dy + 12.0, 4.0, 4.0, rgb(0xd8b45c));
        }
        self.block(-152.0, -120.0, 304.0, 19.0, self.wood.lighter(0.28));
        for (i, tone) in [0xa6433f, 0x3f6a8a, 0xc9973f].into_iter().enumerate() {
            self.block(
                -136.0 + 4.0 * i as f32,
                -134.0 - 13.0 * i as f32,
                76.0 - 8.0 * i as f32,
                13.0,
                rgb(tone),
            );
        }
        let sheet = polygon(&[
            self.to(-30.0, -122.0),
            self.to(34.0, -122.0),
            self.to(44.0, -114.0),
            self.to(-38.0, -114.0),
        ]);
        self.stage.paint(&sheet, rgb(0xf4ecd8), 0.0);
        self.block(96.0, -178.0, 6.0, 58.0, rgb(0x8a6a34));
        let shade = polygon(&[
            self.to(78.0, -204.0),
            self.to(120.0, -204.0),
            self.to(134.0, -172.0),
            self.to(64.0, -172.0),
        ]);
        self.stage.paint_lit(&shade, rgb(0x3f7a62), 0.0);
        self.light(99.0, -160.0, 150.0, 0.3 + 0.55 * self.stage.light.lamps);
    }

    fn seat(&mut self, half: f32) {
        let cloth =
            self.stage.dice("seat").pick(rgb(0x9a4a4a), &[rgb(0x3f6f74), rgb(0xb5833c), rgb(0x5f5a8e)]);
        self.shadow(half * 1.2);
        for dx in [-half + 8.0, half - 20.0] {
            self.block(dx, -16.0, 12.0, 16.0, self.wood.darker(0.2));
        }
        let (x, y) = self.to(-half, -168.0);
        self.stage.paint_lit(
            &round_rect(x, y, half * 2.0 * self.s, 150.0 * self.s, 34.0 * self.s),
            cloth,
            0.0,
        );
        self.block(-half + 14.0, -82.0, half * 2.0 - 28.0, 46.0, cloth.lighter(0.16));
        self.block(-half - 12.0, -108.0, 34.0, 94.0, cloth.darker(0.1));
        self.block(half - 22.0, -108.0, 34.0, 94.0, cloth.darker(0.1));
        let (x, y) = self.to(-half * 0.6, -128.0);
        self.stage.paint_lit(
            &round_rect(x, y, 54.0 * self.s, 48.0 * self.s, 12.0 * self.s),
            rgb(0xe0bf78),
            0.0,
        );
    }
}
