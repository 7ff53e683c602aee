//! The ten expressions as numbers for brows, lids and mouth.

use super::words::{mentions, words};

/// Shapes of a mouth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mouth {
    /// Closed, at rest.
    Calm,
    /// Open smile with teeth.
    Laugh,
    /// Corners down.
    Frown,
    /// Teeth shown, square.
    Grit,
    /// Trembling line, slightly open.
    Wobble,
    /// Round and open.
    Round,
    /// Small closed smile.
    Soft,
    /// Slack, slightly open.
    Slack,
    /// Pressed together.
    Firm,
    /// One corner up.
    Smirk,
}

/// What else the face shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Nothing.
    None,
    /// A tear.
    Tear,
    /// A drop of sweat.
    Sweat,
    /// Shadows under the eyes.
    Bags,
    /// A crease between the brows.
    Crease,
}

/// A face's state; brow values are logical units upwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Expression {
    /// Inner end of the brows.
    pub brow_inner: f32,
    /// Outer end of the brows.
    pub brow_outer: f32,
    /// How much higher the right brow is.
    pub brow_skew: f32,
    /// Opening of the eyes, 1 is usual.
    pub open: f32,
    /// How far the lower lids rise, 0..1.
    pub lower: f32,
    /// Size of the iris, 1 is usual.
    pub iris: f32,
    /// Downward look.
    pub down: f32,
    /// Redness of the cheeks, 0..1.
    pub blush: f32,
    /// Mouth.
    pub mouth: Mouth,
    /// Something more.
    pub sign: Sign,
}

const NEUTRAL: Expression = Expression {
    brow_inner: 0.0,
    brow_outer: 0.0,
    brow_skew: 0.0,
    open: 0.95,
    lower: 0.0,
    iris: 1.0,
    down: 0.0,
    blush: 0.3,
    mouth: Mouth::Calm,
    sign: Sign::None,
};

/// Reads an expression word; unknown words are neutral.
pub(super) fn read(text: &str) -> Expression {
    let found = words(text);
    TABLE.iter().find(|(stems, _)| mentions(&found, stems)).map_or(NEUTRAL, |(_, expression)| *expression)
}

const TABLE: &[(&[&str], Expression)] = &[
    (
        &["happy", "joy", "glad", "laugh", "delight", "cheer", "smil"],
        Expression {
            brow_inner: 7.0,
            brow_outer: 5.0,
            open: 0.72,
            lower: 0.6,
            blush: 0.7,
            mouth: Mouth::Laugh,
            ..NEUTRAL
        },
    ),
    (
        &["sad", "griev", "sorrow", "cry", "crying", "melanch", "upset"],
        Expression {
            brow_inner: 14.0,
            brow_outer: -8.0,
            open: 0.7,
            down: 4.0,
            mouth: Mouth::Frown,
            sign: Sign::Tear,
            ..NEUTRAL
        },
    ),
    (
        &["angry", "anger", "furious", "rage", "annoy"],
        Expression {
            brow_inner: -15.0,
            brow_outer: 10.0,
            open: 0.8,
            lower: 0.35,
            iris: 0.86,
            blush: 0.5,
            mouth: Mouth::Grit,
            sign: Sign::Crease,
            ..NEUTRAL
        },
    ),
    (
        &["afraid", "fear", "scared", "terrified", "anxious", "worried", "nervous"],
        Expression {
            brow_inner: 17.0,
            brow_outer: 0.0,
            open: 1.24,
            iris: 0.66,
            blush: 0.0,
            mouth: Mouth::Wobble,
            sign: Sign::Sweat,
            ..NEUTRAL
        },
    ),
    (
        &["surprised", "surprise", "shock", "astonish", "amazed", "startled"],
        Expression {
            brow_inner: 19.0,
            brow_outer: 18.0,
            open: 1.36,
            iris: 0.8,
            mouth: Mouth::Round,
            ..NEUTRAL
        },
    ),
    (
        &["tender", "love", "loving", "gentle", "warm", "affection", "kind"],
        Expression {
            brow_inner: 7.0,
            brow_outer: -2.0,
            open: 0.6,
            lower: 0.3,
            iris: 1.08,
            down: 2.0,
            blush: 1.0,
            mouth: Mouth::Soft,
            ..NEUTRAL
        },
    ),
    (
        &["tired", "weary", "exhaust", "sleepy", "bored"],
        Expression {
            brow_inner: 3.0,
            brow_outer: -8.0,
            open: 0.4,
            down: 3.0,
            blush: 0.0,
            mouth: Mouth::Slack,
            sign: Sign::Bags,
            ..NEUTRAL
        },
    ),
    (
        &["determined", "determination", "resolute", "stern", "serious", "focus", "brave"],
        Expression {
            brow_inner: -11.0,
            brow_outer: 5.0,
            open: 0.9,
            lower: 0.25,
            mouth: Mouth::Firm,
            ..NEUTRAL
        },
    ),
    (
        &["amused", "amuse", "smirk", "playful", "teasing", "wry", "ironic"],
        Expression {
            brow_inner: 2.0,
            brow_outer: 3.0,
            brow_skew: 13.0,
            open: 0.7,
            lower: 0.4,
            blush: 0.45,
            mouth: Mouth::Smirk,
            ..NEUTRAL
        },
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ten_expressions_differ_in_mouth() {
        let names = [
            "neutral",
            "happy",
            "sad",
            "angry",
            "afraid",
            "surprised",
            "tender",
            "tired",
            "determined",
            "amused",
        ];
        for (i, a) in names.iter().enumerate() {
            for b in &names[i + 1..] {
                assert_ne!(read(a).mouth, read(b).mouth, "{a} and {b}");
            }
        }
    }

    #[test]
    fn an_unknown_expression_is_neutral() {
        assert_eq!(read("quizzaciously"), NEUTRAL);
    }
}
