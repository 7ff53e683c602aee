//! Pieces for work, trade and worship; the other half of the furniture.

use super::colour::rgb;
use super::furniture::Pen;
use super::shape::{blob, curve, ellipse};

impl Pen<'_> {
    /// See [`Piece`](super::rooms::Piece).
    pub fn barrel(&mut self) {
        self.shadow(62.0);
        let body = blob(&[
            self.to(-44.0, -120.0),
            self.to(0.0, -126.0),
            self.to(44.0, -120.0),
            self.to(56.0, -60.0),
            self.to(44.0, 0.0),
            self.to(0.0, 5.0),
            self.to(-44.0, 0.0),
            self.to(-56.0, -60.0),
        ]);
        self.stage.paint_lit(&body, rgb(0x9a6a3c), 0.0);
        for dx in [-28.0, -10.0, 10.0, 28.0] {
            let stave = [self.to(dx * 0.9, -122.0), self.to(dx * 1.2, -60.0), self.to(dx * 0.9, 2.0)];
            self.stage.draw_veil(&curve(&stave), 1.8, rgb(0x3a2418), 0.6);
        }
        for dy in [-98.0, -24.0] {
            let hoop = [self.to(-51.0, dy), self.to(0.0, dy + 8.0), self.to(51.0, dy)];
            self.stage.draw(&curve(&hoop), 6.0 * self.s, rgb(0x5a5e6a), 0.0);
        }
        self.round(0.0, -121.0, 44.0, 9.0, rgb(0xb98650));
    }

    /// See [`Piece`](super::rooms::Piece).
    pub fn counter(&mut self) {
        self.shadow(190.0);
        self.block(-170.0, -112.0, 340.0, 112.0, self.wood.lighter(0.06));
        for i in 0..4 {
            self.block(-158.0 + 80.0 * i as f32, -96.0, 70.0, 80.0, self.wood.lighter(0.2));
        }
        self.block(-182.0, -126.0, 364.0, 18.0, self.wood.lighter(0.34));
        for (i, tone) in [0x4a7a58, 0xa65a34, 0x6a94a8, 0xc9973f, 0x7a3a44].into_iter().enumerate() {
            let dx = -140.0 + 46.0 * i as f32;
            self.block(dx, -166.0, 20.0, 40.0, rgb(tone));
            self.block(dx + 6.0, -184.0, 8.0, 20.0, rgb(tone).lighter(0.2));
        }
        self.round(122.0, -140.0, 30.0, 15.0, rgb(0xd9cfb8));
    }

    /// See [`Piece`](super::rooms::Piece).
    pub fn blackboard(&mut self) {
        self.block(-150.0, -366.0, 300.0, 158.0, self.wood.lighter(0.2));
        self.block(-140.0, -356.0, 280.0, 138.0, rgb(0x2f4f46));
        for (i, wide) in [180.0, 130.0, 210.0, 90.0].into_iter().enumerate() {
            let y = -330.0 + 28.0 * i as f32;
            let chalk =
                [self.to(-118.0, y), self.to(-118.0 + wide * 0.4, y - 5.0), self.to(-118.0 + wide, y + 2.0)];
            self.stage.draw_veil(&curve(&chalk), 3.0, rgb(0xf0ede0), 0.8);
        }
    }

    /// See [`Piece`](super::rooms::Piece).
    pub fn pews(&mut self) {
        for (dy, k) in [(-70.0, 0.85), (0.0, 1.0)] {
            self.block(-150.0 * k, dy - 104.0 * k, 300.0 * k, 50.0 * k, self.wood.lighter(0.14));
            self.block(-150.0 * k, dy - 54.0 * k, 300.0 * k, 16.0 * k, self.wood.lighter(0.3));
            for dx in [-158.0, 138.0] {
                self.block(dx * k, dy - 114.0 * k, 20.0 * k, 114.0 * k, self.wood);
            }
        }
    }

    /// See [`Piece`](super::rooms::Piece).
    pub fn altar(&mut self) {
        self.shadow(110.0);
        self.block(-100.0, -96.0, 200.0, 96.0, rgb(0xe6dcc8));
        self.block(-110.0, -108.0, 220.0, 16.0, rgb(0xf6efe0));
        self.block(-22.0, -92.0, 44.0, 90.0, rgb(0xb0894a));
        self.block(-5.0, -214.0, 10.0, 106.0, rgb(0xc9a048));
        self.block(-30.0, -186.0, 60.0, 10.0, rgb(0xc9a048));
        for dx in [-74.0, -52.0, 46.0, 68.0] {
            self.block(dx, -142.0, 7.0, 34.0, rgb(0xf4ecd8));
            self.light(dx + 3.0, -148.0, 46.0, 0.85);
        }
    }

    /// See [`Piece`](super::rooms::Piece).
    pub fn column(&mut self) {
        self.shadow(58.0);
        let stone = rgb(0xc9bda8);
        self.block(-36.0, -404.0, 72.0, 404.0, stone);
        for dx in [-22.0, -6.0, 10.0] {
            self.dark(dx, -372.0, 3.0, 340.0);
        }
        self.block(-48.0, -34.0, 96.0, 34.0, stone.lighter(0.15));
        self.block(-48.0, -412.0, 96.0, 34.0, stone.lighter(0.15));
    }

    /// See [`Piece`](super::rooms::Piece).
    pub fn lens(&mut self) {
        self.shadow(130.0);
        self.block(-92.0, -74.0, 184.0, 74.0, rgb(0x4f5a6a));
        self.block(-104.0, -86.0, 208.0, 16.0, rgb(0xb58a48));
        self.round(0.0, -220.0, 96.0, 132.0, rgb(0x9cc8cc));
        for k in [0.84, 0.66, 0.48, 0.3] {
            let ring = ellipse(self.to(0.0, -220.0), 96.0 * k * self.s, 132.0 * k * self.s);
            self.stage.draw_veil(&ring, 4.0 * self.s, rgb(0xf4fbf6), 0.7);
        }
        self.light(0.0, -220.0, 230.0, 0.6 + 0.35 * self.stage.light.lamps);
        for dx in [-92.0, 0.0, 92.0] {
            self.block(dx - 4.0, -356.0, 8.0, 272.0, rgb(0xb58a48));
        }
        self.block(-104.0, -366.0, 208.0, 16.0, rgb(0xb58a48));
    }

    /// See [`Piece`](super::rooms::Piece).
    pub fn bench(&mut self) {
        self.shadow(170.0);
        for dx in [-140.0, 122.0] {
            self.block(dx, -62.0, 18.0, 62.0, rgb(0x3f434f));
        }
        for dy in [-140.0, -112.0, -66.0] {
            self.block(-156.0, dy, 312.0, 19.0, self.wood.lighter(0.3));
        }
    }

    /// See [`Piece`](super::rooms::Piece).
    pub fn workbench(&mut self) {
        self.table();
        self.block(-130.0, -330.0, 260.0, 130.0, self.wood.lighter(0.12));
        for (i, tone) in [0x8a92a0, 0xa65a34, 0x8a92a0, 0x4a7a58, 0x8a92a0].into_iter().enumerate() {
            let dx = -110.0 + 50.0 * i as f32;
            self.block(dx, -306.0, 7.0, 66.0, rgb(0xb98650));
            self.block(dx - 9.0, -316.0, 25.0, 18.0, rgb(tone));
        }
    }

    /// See [`Piece`](super::rooms::Piece).
    pub fn chest(&mut self) {
        self.shadow(84.0);
        self.block(-72.0, -62.0, 144.0, 62.0, rgb(0x8a5a34));
        let lid = blob(&[
            self.to(-76.0, -58.0),
            self.to(-68.0, -92.0),
            self.to(0.0, -102.0),
            self.to(68.0, -92.0),
            self.to(76.0, -58.0),
        ]);
        self.stage.paint_lit(&lid, rgb(0xa06c3f), 0.0);
        for dx in [-52.0, 40.0] {
            self.block(dx, -94.0, 12.0, 94.0, rgb(0x5a5e6a));
        }
        self.block(-10.0, -66.0, 20.0, 22.0, rgb(0xd8b45c));
    }
}
