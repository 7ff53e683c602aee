//! Reading the traits of a character; what they leave open is thrown by the character's own dice.

use super::colour::{Colour, rgb};
use super::dice::Dice;
use super::look::{Age, Beard, Eyewear, Features, Mark, Style};
use super::words::{mentions, words};

/// Age as the traits tell.
pub(super) fn age(texts: &[String], traits: &[String]) -> Age {
    let grey = texts.iter().map(|text| words(text)).any(|found| {
        mentions(&found, &["grey", "gray", "white", "silver"])
            && mentions(&found, &["hair", "haired", "beard", "bearded"])
    });
    if mentions(traits, &["child", "boy", "girl", "kid", "toddler"]) {
        Age::Child
    } else if mentions(traits, &["old", "elder", "elderly", "aged", "grandm", "grandf", "ancient", "wrinkl"])
        || grey
    {
        Age::Old
    } else {
        Age::Adult
    }
}

/// Features from the traits, else from words in the name, else by chance.
pub(super) fn features(traits: &[String], name: &[String], dice: &mut Dice) -> Features {
    let by_hash = if dice.chance(0.5) { Features::Soft } else { Features::Strong };
    for found in [traits, name] {
        if mentions(
            found,
            &["woman", "girl", "lady", "female", "she", "her", "mother", "sister", "aunt", "queen", "grandm"],
        ) {
            return Features::Soft;
        }
        if mentions(
            found,
            &[
                "man",
                "boy",
                "male",
                "he",
                "his",
                "father",
                "brother",
                "uncle",
                "king",
                "beard",
                "moustache",
                "grandf",
            ],
        ) {
            return Features::Strong;
        }
    }
    by_hash
}

/// Skin.
pub(super) fn skin(traits: &[String], dice: &mut Dice) -> Colour {
    let by_hash = dice
        .pick(rgb(0xf3cdb0), &[rgb(0xe8b994), rgb(0xd79f78), rgb(0xb97d56), rgb(0x8d5a3c), rgb(0xf6d8c4)]);
    let named: [(&[&str], u32); 4] = [
        (&["pale", "fair", "porcelain", "albino"], 0xf9dfd0),
        (&["tanned", "tan", "olive", "weathered", "bronzed"], 0xd7a077),
        (&["brown-skinned", "dark", "swarthy"], 0x9d6846),
        (&["ebony", "black-skinned"], 0x6e4531),
    ];
    let dark_hair_only =
        mentions(traits, &["dark"]) && mentions(traits, &["hair"]) && !mentions(traits, &["skin"]);
    let found = named.iter().find(|(stems, _)| mentions(traits, stems));
    match found {
        Some((_, tone)) if !dark_hair_only => rgb(*tone),
        Some(_) | None => by_hash,
    }
}

/// Hair, grey with age unless it is named.
pub(super) fn hair_colour(traits: &[String], age: Age, dice: &mut Dice) -> Colour {
    let usual = [rgb(0x3b2a26), rgb(0x6a432c), rgb(0x8f5a34), rgb(0xc79a55), rgb(0x9a4428), rgb(0x2b2733)];
    let by_hash = dice.pick(rgb(0x4a3228), &usual);
    let named = traits
        .iter()
        .filter(|t| mentions(&words(t), &["hair", "beard", "haired", "curls", "braid", "bun"]))
        .find_map(|text| {
            let found = words(text);
            let named: [(&[&str], u32); 8] = [
                (&["blond", "blonde", "fair", "golden", "straw"], 0xd9b162),
                (&["red", "ginger", "auburn", "copper"], 0xb2502c),
                (&["grey", "gray", "silver", "ash"], 0xa9adb5),
                (&["white", "snow"], 0xe6e4df),
                (&["black", "raven", "jet"], 0x2b2830),
                (&["brown", "chestnut", "hazel"], 0x694329),
                (&["dark"], 0x38282a),
                (&["light"], 0xbf9560),
            ];
            let by_name = named.iter().find(|(stems, _)| mentions(&found, stems)).map(|(_, hex)| rgb(*hex));
            by_name.or_else(|| Colour::parse(text))
        });
    match (named, age) {
        (Some(colour), Age::Child | Age::Adult | Age::Old) => colour,
        (None, Age::Old) => by_hash.mix(rgb(0xc9ccd2), 0.75),
        (None, Age::Child | Age::Adult) => by_hash,
    }
}

/// Eyes.
pub(super) fn eye_colour(traits: &[String], dice: &mut Dice) -> Colour {
    let by_hash = dice.pick(rgb(0x5a3d28), &[rgb(0x3f6f94), rgb(0x4f7a4c), rgb(0x7a5a30), rgb(0x5c6b7d)]);
    let named = traits
        .iter()
        .filter(|t| mentions(&words(t), &["eye", "eyed", "eyes"]))
        .find_map(|t| Colour::parse(t));
    named.unwrap_or(by_hash)
}

/// Hair style.
pub(super) fn style(traits: &[String], features: Features, dice: &mut Dice) -> Style {
    let by_hash = match features {
        Features::Soft => {
            dice.pick(Style::Long, &[Style::Bob, Style::Bun, Style::Ponytail, Style::Braids, Style::Curly])
        }
        Features::Strong => dice.pick(Style::Short, &[Style::Tousled, Style::Short, Style::Curly]),
    };
    let named: [(&[&str], Style); 8] = [
        (&["bald", "hairless"], Style::Bald),
        (&["curly", "curls", "frizzy", "afro"], Style::Curly),
        (&["ponytail"], Style::Ponytail),
        (&["braid", "plait"], Style::Braids),
        (&["bun", "chignon"], Style::Bun),
        (&["bob"], Style::Bob),
        (&["tousled", "messy", "wild", "spiky", "unkempt"], Style::Tousled),
        (&["cropped", "buzz"], Style::Short),
    ];
    // A clean-shaven person may have a full head of hair.
    if mentions(traits, &["shaved", "shaven"]) && mentions(traits, &["head", "skull", "scalp"]) {
        return Style::Bald;
    }
    if let Some((_, style)) = named.iter().find(|(stems, _)| mentions(traits, stems)) {
        return *style;
    }
    match (mentions(traits, &["hair", "haired"]), mentions(traits, &["long"]), mentions(traits, &["short"])) {
        (true, true, _) => Style::Long,
        (true, false, true) => {
            if features == Features::Soft {
                Style::Bob
            } else {
                Style::Short
            }
        }
        (true, false, false) | (false, _, _) => by_hash,
    }
}

/// Beard.
pub(super) fn beard(traits: &[String], age: Age, features: Features, dice: &mut Dice) -> Beard {
    let by_hash =
        dice.pick(Beard::None, &[Beard::None, Beard::None, Beard::Stubble, Beard::Moustache, Beard::Full]);
    if mentions(traits, &["clean-shaven", "beardless", "clean"]) || age == Age::Child {
        Beard::None
    } else if mentions(traits, &["stubble", "unshaven"]) {
        Beard::Stubble
    } else if mentions(traits, &["goatee"]) {
        Beard::Goatee
    } else if mentions(traits, &["beard"]) {
        Beard::Full
    } else if mentions(traits, &["moustache", "mustache"]) {
        Beard::Moustache
    } else {
        match features {
            Features::Soft => Beard::None,
            Features::Strong => by_hash,
        }
    }
}

/// What is worn before the eyes.
pub(super) fn eyewear(traits: &[String]) -> Eyewear {
    if mentions(traits, &["glasses", "spectacles", "bespectacled"]) {
        Eyewear::Glasses
    } else if mentions(traits, &["eyepatch", "patch", "one-eyed"]) {
        Eyewear::Patch
    } else {
        Eyewear::None
    }
}

/// Marks of the skin.
pub(super) fn mark(traits: &[String], dice: &mut Dice) -> Mark {
    let by_hash = if dice.chance(0.16) { Mark::Freckles } else { Mark::None };
    if mentions(traits, &["scar", "scarred"]) {
        Mark::Scar
    } else if mentions(traits, &["freckle"]) {
        Mark::Freckles
    } else {
        by_hash
    }
}

/// Width of the shoulders, 1 is usual.
pub(super) fn build(traits: &[String], dice: &mut Dice) -> f32 {
    let by_hash = dice.between(0.95, 1.05);
    if mentions(
        traits,
        &["broad", "burly", "stocky", "muscular", "strong", "heavy", "fat", "stout", "sturdy"],
    ) {
        1.12
    } else if mentions(traits, &["slim", "thin", "slender", "lean", "skinny", "gaunt", "frail"]) {
        0.88
    } else {
        by_hash
    }
}

/// How much taller than usual, logical units.
pub(super) fn height(traits: &[String]) -> f32 {
    if mentions(traits, &["tall", "giant", "towering"]) {
        26.0
    } else if mentions(traits, &["short", "small", "tiny", "petite"]) && !mentions(traits, &["hair"]) {
        -30.0
    } else {
        0.0
    }
}
