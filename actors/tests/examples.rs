//! The examples are what the documentation says they are, and their own parsers take them.

use std::collections::BTreeSet;
use std::path::Path;

use hydra_actors::cast::{Cast, match_cast, missing_references, parse};
use hydra_actors::{gate, request};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(FOLDER).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn cast_of(stem: &str) -> Cast {
    let name = format!("{stem}.characters.yaml");
    parse(&read(&name), &name).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// The cues of a script: capital lines after a blank one and before a spoken one.
fn cues(script: &str) -> Vec<String> {
    let lines: Vec<&str> = script.lines().collect();
    let is_cue = |window: &[&str]| {
        let [before, line, after] = window else {
            return false;
        };
        let name = line.split('(').next().unwrap_or_default();
        let speaks = name.chars().any(char::is_alphabetic) && !name.chars().any(char::is_lowercase);
        let apart = before.is_empty() && !after.is_empty() && !line.starts_with(['!', '>', '.']);
        apart && (speaks || line.starts_with('@'))
    };
    let name = |line: &str| line.split(['(', '^']).next().unwrap_or_default().trim().replace('@', "");
    lines.windows(3).filter(|window| is_cue(window)).map(|window| name(window[1])).collect()
}

fn scenes(script: &str) -> usize {
    script.lines().filter(|line| line.starts_with("INT") || line.starts_with("EXT")).count()
}

/// Checks that script and cast name the same people, and that every line of the script passes the gate.
#[track_caller]
fn check_script(stem: &str, speakers: usize) -> (usize, usize) {
    let script = read(&format!("{stem}.fountain"));
    let cues = cues(&script);
    let names: BTreeSet<String> = cues.iter().map(|cue| cue.to_uppercase()).collect();
    assert_eq!(names.len(), speakers, "{names:?}");
    let names: Vec<_> = names.into_iter().map(|name| (name.to_lowercase(), name)).collect();
    let cast = cast_of(stem);
    assert_eq!(match_cast(&cast, &names), []);
    assert_eq!(missing_references(&cast, Path::new(FOLDER)), []);
    assert_eq!(gate::check(&script), Ok(()));
    (scenes(&script), cues.len())
}

#[test]
fn the_lighthouse_is_a_short_chapter() {
    let (scenes, lines) = check_script("lighthouse", 4);
    assert_eq!((scenes, lines), (8, 66));
    assert_eq!(request::slug("Lighthouse").as_deref(), Some("lighthouse"));
}

#[test]
fn the_market_uses_most_of_the_format() {
    check_script("market", 5);
    let script = read("market.fountain");
    for sign in [
        "^",
        "(V.O.)",
        "(O.S.)",
        "(CONT'D)",
        "(beat)",
        "[[",
        "/*",
        "\n# ",
        "\n## ",
        "\n= ",
        "\n~",
        "\n> **",
        "TO:",
        "\n!",
        "\n@",
        "\n.PLATFORM",
        "#2-A#",
        "_**",
        "\\*",
        "\n===\n",
        "\n  \n",
    ] {
        assert!(script.contains(sign), "{sign:?}");
    }
}

#[test]
fn the_archipelago_is_a_long_chapter() {
    let (scenes, lines) = check_script("archipelago", 12);
    assert_eq!((scenes, lines), (44, 685));
}

#[test]
fn a_night_is_two_hundred_pictures_of_twenty_one_characters() {
    let cast = cast_of("night");
    assert_eq!(cast.profiles.len(), 21);
    let orders = request::parse(&read("night.json"), "night.json").unwrap();
    assert_eq!(request::total_images(&orders), 200);
    for order in &orders {
        let profile = cast.profile_for(&order.character).unwrap();
        assert!(profile.outfits.contains_key(&order.outfit), "{} has no {}", order.character, order.outfit);
        assert_eq!(order.prompts.len(), 3);
    }
    let ordered: BTreeSet<_> = orders.iter().map(|order| order.character.as_str()).collect();
    assert_eq!(ordered.len(), 21);
}
