//! The list against ordinary drama, everyday words, and disguises.

use proptest::prelude::*;

use super::*;

#[track_caller]
fn check_passes(text: &str) {
    assert_eq!(check(text), Ok(()), "{text}");
}

#[track_caller]
fn check_denied(text: &str, term: &str, category: Category, at: usize) {
    assert_eq!(check(text), Err(Refusal { term: term.to_owned(), category, at }), "{text}");
}

#[test]
fn ordinary_drama_passes() {
    for text in [
        "They kiss under the lighthouse lamp and hold each other until morning.",
        "He stabs the captain; blood runs over the deck, and the captain dies.",
        "The surgeon undressed the wound, then stitched it. She screams in pain.",
        "Two bodies lie in the snow. The widow weeps; her child takes her hand.",
        "A headless statue, a hanged man in the distance, crows over the battlefield.",
        "She loved him, and he loved her sister. They married in the spring.",
        "I'll kill you! he shouted, and fired the gun.",
        "Corpse of a soldier, gore on the blade, a severed rope.",
        "A mother nurses the sick girl through the fever.",
        "",
    ] {
        check_passes(text);
    }
}

#[test]
fn everyday_words_that_contain_a_listed_one_pass() {
    for text in [
        "Essex, Sussex and Middlesex",
        "the cockpit of the seaplane",
        "her therapist took grapes and drapes",
        "Scunthorpe, Penistone and Dickens",
        "an analyst of the canal assembles classic assassins",
        "shitake, titmouse, cocktail, peacock, hancock",
        "a rapeseed field in bloom",
        "undressing the wound by candlelight",
        "visible to the naked eye, a bottomless pit",
        "the opposite sex; same-sex parents",
        "sextant, sexton, sextet, bisexual, asexual",
        "blue tits at the feeder, roast chicken breasts",
        "Mr. Gore in a Gore-Tex jacket",
        "skyscraper, scrape, trapeze, drape",
        "S. E. X. Thompson signed page 5, room 3e",
        "I am a big s a d bear",
        "stealing nudges, denuded hills",
        "she is like her father; a face swapping glances",
    ] {
        check_passes(text);
    }
}

#[test]
fn every_category_is_denied_with_its_place() {
    check_denied("a portrait, nude, by the sea", "nude", Category::Nudity, 12);
    check_denied("Éva in a SEX scene", "sex", Category::Sexual, 10);
    check_denied("a sexy\nteen", "sexy teen", Category::Minors, 2);
    check_denied("torture-porn lighting", "torture porn", Category::Gore, 0);
    check_denied("extreme   gore everywhere", "extreme gore", Category::Gore, 0);
    check_denied("a hero in the likeness of a film star", "in the likeness of", Category::Likeness, 7);
    check_denied("make a deepfake", "deepfake", Category::Likeness, 7);
}

#[test]
fn disguises_are_taken_off() {
    for text in [
        "n\u{fa}de",
        "ＮＵＤＥ",
        "nu\u{200b}de",
        "nu\u{ad}de",
        "NuD3",
        "n.u.d.e",
        "n u d e",
        "nu-de",
        "n_u_d_e",
        "nud\u{435}",
        "n*u*d*e",
        "a n-u-d-e figure",
    ] {
        assert_eq!(check(text).map_err(|refusal| refusal.term), Err("nude".to_owned()), "{text}");
    }
    for text in ["$ex", "s3x", "5ex!", "s e x", "S-E-X"] {
        assert_eq!(check(text).map_err(|refusal| refusal.term), Err("sex".to_owned()), "{text}");
    }
    assert_eq!(check("10licon").map_err(|refusal| refusal.term), Err("lolicon".to_owned()));
}

#[test]
fn every_listed_term_is_denied_and_every_allowed_phrase_passes() {
    for term in terms::DENIED.iter() {
        assert!(check(&term.phrase()).is_err(), "{}", term.phrase());
    }
    for phrase in terms::ALLOWED.iter() {
        check_passes(&phrase.phrase());
    }
}

#[test]
fn an_allowed_phrase_covers_only_itself() {
    check_denied("to the naked eye she stood naked", "naked", Category::Nudity, 27);
}

#[test]
fn the_list_is_well_formed() {
    let sections: Vec<&str> =
        terms::LIST.lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']')).collect();
    for section in &sections {
        assert!(*section == "allowed" || terms::category(section).is_some(), "{section}");
    }
    assert_eq!(sections.len(), 6);
    for term in terms::DENIED.iter().chain(terms::ALLOWED.iter()) {
        let folded: Vec<String> = fold::words(&term.phrase()).into_iter().map(|word| word.plain).collect();
        assert_eq!(folded, term.words, "written as the gate sees it");
    }
}

#[test]
fn a_changed_list_has_a_new_version() {
    let hash = blake3::hash(terms::LIST.as_bytes()).to_hex();
    assert_eq!((VERSION, &hash[..16]), (1, "9a9db4813d88b8c7"), "raise VERSION, then pin the new hash");
}

proptest! {
    #[test]
    fn any_text_is_answered_at_a_character(text in "\\PC{0,60}( sex )?") {
        if let Err(refusal) = check(&text) {
            prop_assert!(text.is_char_boundary(refusal.at));
        }
    }
}
