//! How a character looks, whatever is worn or felt: from the character's identity and traits alone.

use super::colour::Colour;
use super::dice::Dice;
use super::traits::{
    age, beard, build, eye_colour, eyewear, features, hair_colour, height, mark, skin, style,
};
use super::words::words;

/// The words of a bust.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub(super) struct Person<'a> {
    pub character: &'a str,
    pub traits: &'a [String],
    pub clothing: &'a str,
    pub palette: &'a [String],
    pub outfit: &'a str,
    pub expression: &'a str,
}

/// Age as drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Age {
    Child,
    Adult,
    Old,
}

/// Features as drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Features {
    Soft,
    Strong,
}

/// Hair styles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Style {
    Bald,
    Short,
    Tousled,
    Curly,
    Bob,
    Long,
    Bun,
    Ponytail,
    Braids,
}

/// Beards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Beard {
    None,
    Stubble,
    Moustache,
    Goatee,
    Full,
}

/// Before the eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Eyewear {
    None,
    Glasses,
    Patch,
}

/// Marks of the skin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Mark {
    None,
    Freckles,
    Scar,
}

/// A character's constant looks.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub(super) struct Look {
    pub age: Age,
    pub features: Features,
    pub skin: Colour,
    pub hair: Colour,
    pub eyes: Colour,
    pub style: Style,
    pub beard: Beard,
    pub eyewear: Eyewear,
    pub mark: Mark,
    /// Half width of the face; 1 is usual.
    pub face: f32,
    /// Width of the jaw; 1 is usual.
    pub jaw: f32,
    /// Width of the shoulders; 1 is usual.
    pub build: f32,
    /// How much taller than usual, logical units.
    pub rise: f32,
    /// Size of the eyes; 1 is usual.
    pub eye: f32,
    /// Thickness of the brows; 1 is usual.
    pub brow: f32,
    /// Length of the nose; 1 is usual.
    pub nose: f32,
    /// Which way the fringe falls: -1 or 1.
    pub parting: f32,
}

impl Look {
    /// The looks of a person; what the traits leave open comes from the character's name.
    pub fn of(person: &Person) -> Self {
        let name = person.character.trim().to_lowercase();
        let mut dice = Dice::of(&["look", &name], 0);
        let traits = words(&person.traits.join(" "));
        let age = age(person.traits, &traits);
        let features = features(&traits, &words(person.character), &mut dice);
        let skin = skin(&traits, &mut dice);
        let hair = told_apart(hair_colour(person.traits, age, &mut dice), skin);
        let style = style(&traits, features, &mut dice);
        let beard = beard(&traits, age, features, &mut dice);
        let strong = features == Features::Strong;
        let child = age == Age::Child;
        Self {
            age,
            features,
            skin,
            hair,
            eyes: eye_colour(person.traits, &mut dice),
            style,
            beard,
            eyewear: eyewear(&traits),
            mark: mark(&traits, &mut dice),
            face: dice.between(0.94, 1.05) * if child { 1.03 } else { 1.0 },
            jaw: dice.between(0.88, 1.0) + if strong && !child { 0.12 } else { 0.0 },
            build: build(&traits, &mut dice)
                * if child {
                    0.76
                } else if strong {
                    1.07
                } else {
                    0.9
                },
            rise: height(&traits) - if child { 74.0 } else { 0.0 },
            eye: dice.between(0.95, 1.1)
                * if child {
                    1.2
                } else if strong {
                    0.94
                } else {
                    1.07
                },
            brow: dice.between(0.85, 1.2) * if strong { 1.2 } else { 0.85 },
            nose: dice.between(0.86, 1.16) * if child { 0.75 } else { 1.0 },
            parting: dice.side(),
        }
    }
}

/// Hair as light as the skin would be lost on it: it is made darker, or lighter where it is very dark already.
fn told_apart(hair: Colour, skin: Colour) -> Colour {
    let off = hair.luma() - skin.luma();
    if off.abs() > 0.16 {
        hair
    } else if off > 0.0 && hair.luma() > 0.35 {
        hair.lighter(0.34)
    } else if hair.luma() > 0.25 {
        hair.darker(0.42)
    } else {
        hair.lighter(0.25)
    }
}
