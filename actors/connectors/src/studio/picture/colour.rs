//! Colours as three numbers in 0..1 (sRGB, not linear: a drawing is mixed by eye), and their names.

use tiny_skia::Color;

/// An opaque colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Colour {
    /// Red, 0..1.
    pub r: f32,
    /// Green, 0..1.
    pub g: f32,
    /// Blue, 0..1.
    pub b: f32,
}

/// The colour `0xRRGGBB`.
pub(super) const fn rgb(hex: u32) -> Colour {
    Colour {
        r: ((hex >> 16) & 255) as f32 / 255.0,
        g: ((hex >> 8) & 255) as f32 / 255.0,
        b: (hex & 255) as f32 / 255.0,
    }
}

impl Colour {
    /// This colour moved towards `other` by `share` (0..1).
    pub fn mix(self, other: Self, share: f32) -> Self {
        let s = share.clamp(0.0, 1.0);
        Self {
            r: self.r + (other.r - self.r) * s,
            g: self.g + (other.g - self.g) * s,
            b: self.b + (other.b - self.b) * s,
        }
    }

    /// Component-wise product, as a filter before a lamp would do.
    pub fn through(self, filter: Self) -> Self {
        Self { r: self.r * filter.r, g: self.g * filter.g, b: self.b * filter.b }
    }

    /// Towards a warm white.
    pub fn lighter(self, share: f32) -> Self {
        self.mix(rgb(0xfffaf0), share)
    }

    /// Towards a cool near-black, so that shadows keep colour.
    pub fn darker(self, share: f32) -> Self {
        self.mix(rgb(0x14122a), share)
    }

    /// Perceived lightness, 0..1 (Rec. 709 weights).
    pub fn luma(self) -> f32 {
        0.2126 * self.r + 0.7152 * self.g + 0.0722 * self.b
    }

    /// More (`factor` > 1) or less vivid, at the same lightness.
    pub fn vivid(self, factor: f32) -> Self {
        let grey = self.luma();
        let spread = |c: f32| (grey + (c - grey) * factor).clamp(0.0, 1.0);
        Self { r: spread(self.r), g: spread(self.g), b: spread(self.b) }
    }

    /// For the rasteriser, with an opacity in 0..1.
    pub fn ink(self, alpha: f32) -> Color {
        let fit = |c: f32| c.clamp(0.0, 1.0);
        Color::from_rgba(fit(self.r), fit(self.g), fit(self.b), fit(alpha)).unwrap_or(Color::TRANSPARENT)
    }

    /// Reads `#rgb`, `#rrggbb` or a colour word anywhere in the text; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        match text.strip_prefix('#') {
            Some(digits) => parse_hex(digits),
            None => text
                .split(|c: char| !c.is_alphanumeric())
                .rev()
                .find_map(|word| NAMES.iter().find(|(name, _)| *name == word))
                .map(|(_, hex)| rgb(*hex)),
        }
    }
}

fn parse_hex(digits: &str) -> Option<Colour> {
    let value = u32::from_str_radix(digits, 16).ok()?;
    match digits.len() {
        3 => {
            let (r, g, b) = ((value >> 8) & 15, (value >> 4) & 15, value & 15);
            Some(rgb((r * 17) << 16 | (g * 17) << 8 | (b * 17)))
        }
        6 => Some(rgb(value)),
        8 => Some(rgb(value >> 8)),
        _ => None,
    }
}

/// Colour words, mixed for this palette: a named `red` is a storybook red, not pure primary.
const NAMES: &[(&str, u32)] = &[
    ("red", 0xb8393a),
    ("crimson", 0xa3243b),
    ("maroon", 0x6e2433),
    ("burgundy", 0x722f3a),
    ("scarlet", 0xc8372d),
    ("orange", 0xd97b33),
    ("rust", 0xa65a34),
    ("copper", 0xb06a3c),
    ("amber", 0xd9a13b),
    ("gold", 0xcfa445),
    ("golden", 0xcfa445),
    ("yellow", 0xe2c04e),
    ("mustard", 0xc2992f),
    ("ochre", 0xb98435),
    ("sand", 0xd3bd92),
    ("beige", 0xd6c6a5),
    ("cream", 0xeee3c8),
    ("ivory", 0xf0ead6),
    ("white", 0xe9e6df),
    ("silver", 0xb9bec6),
    ("grey", 0x7d838c),
    ("gray", 0x7d838c),
    ("slate", 0x556273),
    ("charcoal", 0x3c414b),
    ("black", 0x2a2b33),
    ("green", 0x4d8253),
    ("olive", 0x77793d),
    ("sage", 0x8fa283),
    ("moss", 0x66733a),
    ("emerald", 0x2c7f5c),
    ("mint", 0x9fd0b6),
    ("teal", 0x2f7f86),
    ("turquoise", 0x44a8a6),
    ("cyan", 0x4fb0c4),
    ("blue", 0x3c659f),
    ("navy", 0x27395f),
    ("indigo", 0x3d3a7c),
    ("sky", 0x83b5d8),
    ("violet", 0x6f4f96),
    ("purple", 0x6b4383),
    ("lavender", 0xa899cb),
    ("plum", 0x74416a),
    ("magenta", 0xa9437f),
    ("pink", 0xd98aa0),
    ("rose", 0xc66b80),
    ("coral", 0xde7c65),
    ("peach", 0xe9b08d),
    ("brown", 0x77533a),
    ("tan", 0xb8936a),
    ("khaki", 0x9e936a),
    ("bronze", 0x8f6b3a),
    ("chestnut", 0x6f4029),
];
