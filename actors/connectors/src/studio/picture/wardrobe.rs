//! What is worn: kind from the words, colours from the palette and the outfit, cut from the outfit.

use super::cloth::{self, Cloth};
use super::colour::{Colour, rgb};
use super::dice::Dice;
use super::look::Person;
use super::words::{mentions, words};

/// Kinds of garment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Garment {
    Coat,
    Dress,
    Uniform,
    Suit,
    Robe,
    Sweater,
    Shirt,
    Apron,
}

/// Kinds of hat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Hat {
    None,
    Cap,
    Brim,
    Beanie,
    Crown,
}

/// Around the neck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Neckwear {
    None,
    Scarf,
    Tie,
    Pendant,
}

/// What a person wears.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Wardrobe {
    /// Over the body.
    pub garment: Garment,
    /// What it is made of.
    pub cloth: Cloth,
    /// Around the neck.
    pub neckwear: Neckwear,
    /// On the head.
    pub hat: Hat,
    /// Colour of the garment.
    pub main: Colour,
    /// Colour of what shows under it and of trimmings.
    pub second: Colour,
    /// Colour of buttons, scarf, tie.
    pub accent: Colour,
    /// Depth of the neckline, 0..1.
    pub cut: f32,
}

impl Wardrobe {
    /// Reads the clothing words; what they leave open comes from character and outfit.
    pub fn of(person: &Person) -> Self {
        let name = person.character.trim().to_lowercase();
        let outfit = person.outfit.trim().to_lowercase();
        let mut dice = Dice::of(&["wardrobe", &name, &outfit], 0);
        let found = words(&[person.clothing, person.outfit].join(" "));
        let garment = garment(&found, &mut dice);
        let hat_words = words(&[person.clothing, person.outfit, &person.traits.join(" ")].join(" "));
        let [main, second, accent] = colours(person, &outfit, &mut dice);
        let neckwear = neckwear(&found, garment, &mut dice);
        let cloth = cloth::read(&found, &mut dice);
        Self { garment, cloth, neckwear, hat: hat_named(&hat_words), main, second, accent, cut: dice.unit() }
    }
}

fn garment(found: &[String], dice: &mut Dice) -> Garment {
    use Garment::{Apron, Coat, Dress, Robe, Shirt, Suit, Sweater, Uniform};
    let named: [(&[&str], Garment); 8] = [
        (&["apron", "overalls", "dungaree"], Apron),
        (&["uniform", "captain", "officer", "police", "soldier", "naval", "navy uniform", "guard"], Uniform),
        (
            &[
                "coat", "jacket", "parka", "oilskin", "raincoat", "anorak", "cloak", "cape", "trench",
                "armour", "armor",
            ],
            Coat,
        ),
        (&["dress", "gown", "blouse", "skirt", "corset"], Dress),
        (&["robe", "kimono", "tunic", "habit", "cassock", "toga"], Robe),
        (&["suit", "blazer", "tuxedo", "waistcoat", "vest", "formal"], Suit),
        (&["sweater", "jumper", "pullover", "hoodie", "cardigan", "wool", "knit"], Sweater),
        (&["shirt", "tee", "linen", "casual"], Shirt),
    ];
    let by_hash = dice.pick(Shirt, &[Sweater, Coat, Suit]);
    named.iter().find(|(stems, _)| mentions(found, stems)).map_or(by_hash, |(_, garment)| *garment)
}

fn hat_named(found: &[String]) -> Hat {
    let named: [(&[&str], Hat); 4] = [
        (&["crown", "tiara", "diadem"], Hat::Crown),
        (&["beanie", "woolly", "knitted cap"], Hat::Beanie),
        (&["cap", "beret", "helmet", "sou"], Hat::Cap),
        (&["hat", "fedora", "bonnet"], Hat::Brim),
    ];
    named.iter().find(|(stems, _)| mentions(found, stems)).map_or(Hat::None, |(_, hat)| *hat)
}

fn neckwear(found: &[String], garment: Garment, dice: &mut Dice) -> Neckwear {
    let pendant = dice.chance(0.4);
    if mentions(found, &["scarf", "shawl", "muffler", "bandana"]) {
        Neckwear::Scarf
    } else if mentions(found, &["tie", "necktie", "cravat"]) || garment == Garment::Suit {
        Neckwear::Tie
    } else if mentions(found, &["necklace", "pendant", "amulet", "medal", "pearl"])
        || (garment == Garment::Dress && pendant)
    {
        Neckwear::Pendant
    } else {
        Neckwear::None
    }
}

/// Main, second and accent colour. A colour named with the clothes is the main one; a given palette is kept, and
/// another outfit than the everyday one takes it up at another colour.
fn colours(person: &Person, outfit: &str, dice: &mut Dice) -> [Colour; 3] {
    let palette: Vec<Colour> =
        person.palette.iter().take(16).filter_map(|text| Colour::parse(text)).collect();
    let named = words(person.clothing).iter().find_map(|word| Colour::parse(word));
    let sets: [[u32; 3]; 7] = [
        [0x3c659f, 0xe9e0cd, 0xd9a13b],
        [0x8c3a42, 0xe3cfa8, 0x2f5a6a],
        [0x3f7560, 0xefe3c8, 0xc66b4a],
        [0xc2922f, 0x4a4660, 0xefe3c8],
        [0x5f4b86, 0xe6d6c6, 0xd98aa0],
        [0x2f7f86, 0xf0dcc0, 0xd97b33],
        [0x76503a, 0xd9c7a0, 0x6f8f7a],
    ];
    let set = sets[dice.count(0, 6) as usize].map(rgb);
    let thrown = dice.count(0, 5) as usize;
    let turn = if outfit.is_empty() || outfit == "everyday" || named.is_some() { 0 } else { thrown };
    let at = |i: usize| match palette.len() {
        0 => set[i],
        1 if i == 0 => {
            palette[0].mix(if turn % 2 == 0 { palette[0].darker(0.2) } else { palette[0].lighter(0.25) }, 0.4)
        }
        1 => set[i],
        2 if i == 2 => set[2],
        n => palette[(i + turn) % n],
    };
    match named {
        Some(main) => [main, other_than(main, &[at(0), at(1), set[1]]), at(2)],
        None => [at(0), at(1), at(2)],
    }
}

/// The first colour that can be told from `main`, else the last.
fn other_than(main: Colour, choice: &[Colour; 3]) -> Colour {
    let far = |c: &&Colour| {
        let (r, g, b) = (c.r - main.r, c.g - main.g, c.b - main.b);
        r * r + g * g + b * b > 0.12
    };
    choice.iter().find(far).copied().unwrap_or(choice[2])
}
