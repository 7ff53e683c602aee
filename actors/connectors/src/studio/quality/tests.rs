//! Damage done on purpose must lower the score it concerns, the more the worse.

use super::super::picture::{BACKGROUND_SIZE, BUST_SIZE, PictureBrief, Subject, render};
use super::{MeasureError, Measured, PIXELS_MAX, measure};

/// An opaque test picture.
#[derive(Clone)]
struct Picture {
    w: usize,
    h: usize,
    rgb: Vec<[u8; 3]>,
}

impl Picture {
    fn of(w: usize, h: usize, colour: impl Fn(f64, f64) -> [f64; 3]) -> Self {
        let at = |i: usize| colour((i % w) as f64 / w as f64, (i / w) as f64 / h as f64);
        let rgb = (0..w * h).map(|i| at(i).map(|c| c.clamp(0.0, 255.0) as u8)).collect();
        Self { w, h, rgb }
    }

    fn png(&self) -> Vec<u8> {
        let bytes: Vec<u8> = self.rgb.iter().flatten().copied().collect();
        png(self.w as u32, self.h as u32, png::ColorType::Rgb, &bytes)
    }

    fn each(&self, change: impl Fn(usize, f64) -> f64) -> Self {
        let rgb = self.rgb.iter().enumerate();
        let rgb =
            rgb.map(|(i, p)| p.map(|c| change(i, f64::from(c)).round().clamp(0.0, 255.0) as u8)).collect();
        Self { rgb, ..*self }
    }

    fn blurred(&self, reach: usize) -> Self {
        self.gathered(|x, y| {
            let xs = x.saturating_sub(reach)..(x + reach + 1).min(self.w);
            (xs, y.saturating_sub(reach)..(y + reach + 1).min(self.h))
        })
    }

    fn shrunk(&self, by: usize) -> Self {
        let (w, h) = (self.w / by, self.h / by);
        let blocks = self.gathered(|x, y| {
            let (left, top) = (x / by * by, y / by * by);
            (left..(left + by).min(self.w), top..(top + by).min(self.h))
        });
        let rgb = (0..w * h).map(|i| blocks.rgb[(i / w * by) * self.w + i % w * by]).collect();
        Self { w, h, rgb }
    }

    fn gathered(
        &self,
        area: impl Fn(usize, usize) -> (std::ops::Range<usize>, std::ops::Range<usize>),
    ) -> Self {
        let mean = |i: usize| {
            let (xs, ys) = area(i % self.w, i / self.w);
            let count = (xs.len() * ys.len()) as u32;
            let mut sum = [0_u32; 3];
            for y in ys {
                for x in xs.clone() {
                    for (total, c) in sum.iter_mut().zip(self.rgb[y * self.w + x]) {
                        *total += u32::from(c);
                    }
                }
            }
            sum.map(|total| (total / count) as u8)
        };
        Self { rgb: (0..self.w * self.h).map(mean).collect(), ..*self }
    }
}

fn png(w: u32, h: u32, color: png::ColorType, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, w, h);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header().unwrap().write_image_data(bytes).unwrap();
    out
}

/// A sunset over waves, a lit ball on a checked floor, stripes of foliage.
fn pictures() -> Vec<Picture> {
    let sunset = Picture::of(640, 400, |x, y| {
        let sun = (-((x - 0.66).powi(2) + (y - 0.4).powi(2)) * 60.0).exp();
        let wave =
            if y > 0.55 { ((y * 90.0).sin() * 22.0 + (x * 40.0 + y * 200.0).sin() * 18.0) * y } else { 0.0 };
        let ship = if (x - 0.3).abs() < 0.05 && (y - 0.5).abs() < 0.12 { -90.0 } else { 0.0 };
        [
            120.0 + 130.0 * sun + 60.0 * y + wave + ship,
            80.0 + 110.0 * sun + wave + ship,
            150.0 - 60.0 * y + wave + ship,
        ]
    });
    let ball = Picture::of(600, 450, |x, y| {
        let (dx, dy) = ((x - 0.4) * 1.33, y - 0.42);
        let distance = (dx * dx + dy * dy).sqrt();
        let checked = ((x * 12.0) as i32 + (y * 9.0) as i32) % 2 == 0;
        match (distance < 0.22, checked && y > 0.5) {
            (true, _) => [225.0 - 700.0 * distance + 90.0 * dx, 110.0 - 300.0 * distance, 60.0 + 80.0 * dy],
            (false, true) => [70.0, 74.0, 96.0 + 30.0 * x],
            (false, false) => [196.0 - 70.0 * y, 190.0 - 60.0 * y, 150.0 + 30.0 * x],
        }
    });
    let leaves = Picture::of(512, 512, |x, y| {
        let leaf = (x * 26.0 + (y * 11.0).sin() * 3.0).sin() * (y * 21.0 + (x * 9.0).cos() * 4.0).sin();
        let leaf = if leaf > 0.15 { 1.0 } else { 0.35 * leaf };
        let shade = 60.0 * (1.0 - y);
        if y < 0.35 {
            [110.0 + shade, 160.0 + shade, 205.0]
        } else {
            [70.0 + 50.0 * leaf, 110.0 + 70.0 * leaf + shade, 60.0]
        }
    });
    vec![sunset, ball, leaves]
}

fn measured(picture: &Picture) -> Measured {
    measure(&picture.png()).unwrap()
}

/// Each step of the damage must score lower than the one before, on every test picture.
fn check_falls(what: &str, score: fn(&Measured) -> f64, damage: fn(&Picture, usize) -> Picture) {
    for (i, picture) in pictures().iter().enumerate() {
        let mut before = score(&measured(picture));
        for step in 1..=3 {
            let now = score(&measured(&damage(picture, step)));
            assert!(now < before, "{what}, picture {i}, step {step}: {now} is not below {before}");
            before = now;
        }
    }
}

/// Noise in -1..1 that depends on the pixel alone.
fn noise(i: usize) -> f64 {
    let mixed =
        (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed >> 40) as f64 / 8_388_608.0 - 1.0
}

#[test]
fn blur_lowers_the_technical_score() {
    check_falls("blur", |m| m.technical, |p, step| p.blurred(step).blurred(step));
}

#[test]
fn noise_lowers_the_technical_score() {
    check_falls("noise", |m| m.technical, |p, step| p.each(|i, c| c + noise(i) * 16.0 * step as f64));
}

#[test]
fn crushed_contrast_lowers_both_scores() {
    let damage: fn(&Picture, usize) -> Picture =
        |p, step| p.each(|_, c| 128.0 + (c - 128.0) * 0.45_f64.powi(step as i32));
    check_falls("contrast", |m| m.technical, damage);
    check_falls("contrast", |m| m.aesthetic, damage);
}

#[test]
fn overexposure_lowers_the_technical_score() {
    check_falls("overexposure", |m| m.technical, |p, step| p.each(|_, c| c + 60.0 * step as f64));
}

#[test]
fn underexposure_lowers_the_technical_score() {
    check_falls("underexposure", |m| m.technical, |p, step| p.each(|_, c| c * 0.42_f64.powi(step as i32)));
}

#[test]
fn strong_downscaling_lowers_the_technical_score() {
    check_falls("downscaling", |m| m.technical, |p, step| p.shrunk(4 << step));
}

#[test]
fn a_flat_colour_scores_far_below_a_picture() {
    let flat = measured(&Picture::of(640, 400, |_, _| [90.0, 140.0, 190.0]));
    for picture in pictures() {
        let real = measured(&picture);
        assert!(flat.technical < real.technical * 0.6, "{flat:?} against {real:?}");
        assert!(flat.aesthetic < real.aesthetic * 0.6, "{flat:?} against {real:?}");
    }
}

#[test]
fn losing_all_colour_lowers_the_aesthetic_score() {
    for picture in pictures() {
        let grey: Vec<u8> = picture
            .rgb
            .iter()
            .map(|p| ((u32::from(p[0]) + u32::from(p[1]) + u32::from(p[2])) / 3) as u8)
            .collect();
        let grey =
            measure(&png(picture.w as u32, picture.h as u32, png::ColorType::Grayscale, &grey)).unwrap();
        assert!(grey.aesthetic < measured(&picture).aesthetic);
    }
}

#[test]
fn odd_pictures_are_measured_without_harm() {
    let clear = measure(&png(40, 40, png::ColorType::Rgba, &[0; 40 * 40 * 4])).unwrap();
    assert_eq!((clear.technical, clear.aesthetic, clear.details["coverage"]), (0.0, 0.0, 0.0));
    for (w, h) in [(1, 1), (2, 1), (1, 3), (3, 3), (9, 2), (11, 11), (300, 1)] {
        let bytes: Vec<u8> = (0..w * h * 2).map(|i| (i * 37 % 251) as u8 | 128).collect();
        let odd = measure(&png(w, h, png::ColorType::GrayscaleAlpha, &bytes)).unwrap();
        assert!(
            (0.0..=100.0).contains(&odd.technical) && (0.0..=10.0).contains(&odd.aesthetic),
            "{w}x{h}: {odd:?}"
        );
    }
}

#[test]
fn transparent_pixels_do_not_count() {
    let solid: Vec<u8> = pictures()[1].rgb.iter().flat_map(|p| [p[0], p[1], p[2], 255]).collect();
    let mut veiled = solid.clone();
    for row in veiled.chunks_exact_mut(600 * 4) {
        row[..200 * 4].fill(0);
    }
    let mut garish = veiled.clone();
    for row in garish.chunks_exact_mut(600 * 4) {
        row[..200 * 4].chunks_exact_mut(4).for_each(|pixel| pixel.copy_from_slice(&[255, 0, 255, 0]));
    }
    let [veiled, garish] =
        [veiled, garish].map(|bytes| measure(&png(600, 450, png::ColorType::Rgba, &bytes)).unwrap());
    assert_eq!(veiled, garish);
    assert_eq!(veiled.details["coverage"], 0.667);
}

#[test]
fn what_is_no_png_is_refused() {
    assert!(matches!(measure(b"GIF89a"), Err(MeasureError::NotPng)));
    let whole = pictures()[0].png();
    assert!(matches!(measure(&whole[..whole.len() / 2]), Err(MeasureError::Undecodable(_))));
}

#[test]
fn a_picture_of_too_many_pixels_is_refused_by_its_header() {
    let mut out = Vec::new();
    let side = PIXELS_MAX as u32 / 1000;
    let mut encoder = png::Encoder::new(&mut out, side, 1001);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_compression(png::Compression::Fastest);
    encoder.write_header().unwrap().write_image_data(&vec![7; side as usize * 1001]).unwrap();
    assert!(matches!(measure(&out), Err(MeasureError::TooManyPixels { .. })));
}

#[test]
fn the_studio_own_pictures_mostly_pass_the_usual_gates_and_seeds_differ() {
    let subjects = [
        (
            Subject::Background {
                place: "lighthouse".into(),
                time_of_day: "dusk".into(),
                interior: String::new(),
            },
            BACKGROUND_SIZE,
        ),
        (
            Subject::Background {
                place: "kitchen".into(),
                time_of_day: "day".into(),
                interior: String::new(),
            },
            BACKGROUND_SIZE,
        ),
        (
            Subject::Bust {
                character: "mara".into(),
                traits: vec!["red hair".into()],
                clothing: "coat".into(),
                palette: vec![],
                outfit: String::new(),
                expression: "happy".into(),
            },
            BUST_SIZE,
        ),
    ];
    for (subject, size) in subjects {
        let brief =
            PictureBrief { subject, lighting: String::new(), mood: String::new(), prompt: String::new() };
        let [one, two] = [1, 2].map(|seed| measure(&render(&brief, seed, size).unwrap()).unwrap());
        assert!(one.technical >= 70.0 && one.aesthetic >= 6.5, "{brief:?}: {one:?}");
        assert_ne!((one.technical, one.aesthetic), (two.technical, two.aesthetic));
    }
}
