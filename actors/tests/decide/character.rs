//! What makes a character, and which references it may not have.

use hydra_actors::director::character::{Character, CharacterRejection, Status};
use hydra_events::vocabulary::character::{CharacterCommand, CharacterEvent, Consent, Reference};

use crate::table::story::{check, decided};
use crate::table::stream::{hash as blob, owed, state as folded};

fn reference(consent: Consent) -> Reference {
    let (source, licence) = ("drawn by the author, 2025".to_owned(), "CC0-1.0".to_owned());
    Reference { purpose: "face".into(), blob: blob("face"), source, licence, consent }
}

fn agreed(given_by: &str, date: &str, scope: &str) -> Consent {
    Consent::RealPerson { given_by: given_by.into(), date: date.into(), scope: scope.into() }
}

fn define(profile: &str, references: Vec<Reference>) -> CharacterCommand {
    CharacterCommand::DefineCharacter { name: "Nell".into(), profile: blob(profile), references }
}

fn defined(profile: &str, references: Vec<Reference>, edition: u32) -> CharacterEvent {
    CharacterEvent::CharacterDefined { name: "Nell".into(), profile: blob(profile), references, edition }
}

#[track_caller]
fn lacks(reference: Reference, missing: &str) {
    let refused =
        CharacterRejection::Provenance { purpose: reference.purpose.clone(), missing: missing.into() };
    check::<Character>(&[], define("one", vec![reference]), Err(refused));
}

#[test]
fn a_character_is_defined_once_and_again_when_anything_changes() {
    let first = defined("one", vec![], 1);
    check::<Character>(&[], define("one", vec![]), Ok(vec![first.clone()]));
    check::<Character>(std::slice::from_ref(&first), define("one", vec![]), Ok(vec![]));
    check::<Character>(
        std::slice::from_ref(&first),
        define("two", vec![]),
        Ok(vec![defined("two", vec![], 2)]),
    );
    let face = vec![reference(Consent::Fictional {})];
    check::<Character>(&[first], define("one", face.clone()), Ok(vec![defined("one", face, 2)]));
}

#[test]
fn an_earlier_definition_can_come_back_as_a_new_edition() {
    let events = [defined("one", vec![], 1), defined("two", vec![], 2)];
    check::<Character>(&events, define("one", vec![]), Ok(vec![defined("one", vec![], 3)]));
    let Status::Defined(now) = folded::<Character>(&events).status else { panic!("it is defined") };
    assert_eq!((now.edition, now.profile), (2, blob("two")));
    assert_eq!(owed::<Character>(&events), Vec::<String>::new());
}

#[test]
fn a_character_without_a_name_is_refused() {
    let command =
        CharacterCommand::DefineCharacter { name: " ".into(), profile: blob("one"), references: vec![] };
    check::<Character>(&[], command, Err(CharacterRejection::NoName));
}

#[test]
fn a_real_person_without_a_recorded_consent_is_refused() {
    let refused = CharacterRejection::ConsentUnrecorded { purpose: "face".into() };
    let command = define("one", vec![reference(Consent::Fictional {}), reference(Consent::Unrecorded {})]);
    check::<Character>(&[], command, Err(refused));
}

#[test]
fn a_consent_says_who_when_and_for_what() {
    lacks(reference(agreed("", "2025-01-01", "portraits")), "the name of who consented");
    lacks(reference(agreed("A. Person", " ", "portraits")), "the date of the consent");
    lacks(reference(agreed("A. Person", "2025-01-01", "")), "the scope of the consent");
    let all = "the name of who consented, the date of the consent, the scope of the consent";
    lacks(reference(agreed("", "", "")), all);
    let complete = define("one", vec![reference(agreed("A. Person", "2025-01-01", "portraits"))]);
    assert_eq!(decided::<Character>(&[], complete).map(|events| events.len()), Ok(1));
}

#[test]
fn a_reference_says_where_it_is_from_and_under_which_licence() {
    let fictional = || reference(Consent::Fictional {});
    lacks(Reference { source: "".into(), ..fictional() }, "a source");
    lacks(Reference { licence: "".into(), ..fictional() }, "a licence");
    lacks(Reference { purpose: "".into(), source: "".into(), ..fictional() }, "a purpose, a source");
}

#[test]
fn a_refusal_says_in_words_what_is_missing() {
    let command = define("one", vec![Reference { licence: "".into(), ..reference(Consent::Fictional {}) }]);
    let said = decided::<Character>(&[], command).unwrap_err().to_string();
    assert_eq!(said, "the reference \"face\" lacks a licence: nothing is used whose origin is not recorded");
}
