//! What a characters file may say, what is refused and where, and that what is written reads back.

mod references;

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const FULL: &str = r##"
characters:
  Ada Wren:
    looks: {traits: [grey eyes, tall], clothing: "oilskin coat", palette: ["#1B2A49", "#c9b88f"]}
    style: {lighting: "low sun", mood: "guarded"}
    aliases: [Ada, "The Keeper"]
    outfits: {Sunday Best: "a pressed navy dress"}
    references:
      face_ref: {file: faces/ada.png, source: drawn by the author, licence: CC0-1.0, consent: fictional}
      outfit_refs:
        coat: {file: coat.png, source: museum catalogue, licence: CC-BY-4.0, consent: not a person}
      pose_refs:
        rowing:
          file: row.png
          source: photographed by the author
          licence: own work
          consent: {subject: real_person, given_by: the sitter, date: 2025-02-28, scope: poses in this story}
    voice:
      voice_id: af_bella
      speed: 1.0
      pitch_shift: 2
      emotion_mapping: {angry: {speed: 1.1, pitch: +10}, sad: {speed: 0.9}}
"##;

fn read(text: &str) -> Cast {
    parse(text, "a.yaml").unwrap()
}

/// Checks that `text` has exactly one problem, at that place, whose message holds `part`.
#[track_caller]
fn check_refused(text: &str, place: (usize, usize), part: &str) {
    let problems = parse(text, "a.yaml").unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    let problem = &problems[0];
    assert!(problem.message.contains(part), "{problem}");
    assert_eq!((problem.line, problem.column), place, "{problem}");
}

fn in_profile(line: &str) -> String {
    format!("characters:\n  Ada:\n    {line}\n")
}

#[test]
fn a_full_profile_is_read() {
    let cast = read(FULL);
    let ada = &cast.profiles[0];
    assert_eq!(ada.name, "Ada Wren");
    assert_eq!(ada.looks.palette, ["#1b2a49", "#c9b88f"]);
    assert_eq!(ada.clothing_in("sunday best"), "a pressed navy dress");
    assert_eq!(ada.clothing_in("default"), "oilskin coat");
    assert_eq!(ada.references.all().count(), 3);
    assert_eq!(ada.references.outfit_refs["coat"].consent, Consent::NotAPerson);
    assert!(matches!(ada.references.pose_refs["rowing"].consent, Consent::RealPerson { .. }));
    assert_eq!(ada.check(), Ok(()));
}

#[test]
fn a_profile_is_found_by_name_or_alias_whatever_case_and_spaces() {
    let cast = read(FULL);
    for name in ["ADA WREN", "ada", " the  keeper ", "AdaWren"] {
        assert!(cast.profile_for(name).is_some(), "{name}");
    }
    assert!(cast.profile_for("Adam").is_none());
}

#[test]
fn an_emotion_replaces_what_it_names_and_keeps_the_rest() {
    let cast = read(FULL);
    let voice = |emotion| {
        let setting = cast.profiles[0].voice_for(emotion);
        (setting.speed, setting.pitch_shift)
    };
    assert_eq!(voice("angry"), (1.1, 10));
    assert_eq!(voice("sad"), (0.9, 2));
    assert_eq!(voice("happy"), (1.0, 2));
    assert_eq!(voice("unheard of"), (1.0, 2));
}

#[test]
fn the_list_form_and_json_mean_the_same_as_the_map() {
    let map = read("characters: {Ada: {aliases: [Keeper]}}").profiles;
    assert_eq!(read("characters:\n- name: Ada\n  aliases: [Keeper]\n").profiles, map);
    assert_eq!(read("{\n\t\"characters\": {\"Ada\": {\"aliases\": [\"Keeper\"]}}\n}").profiles, map);
}

#[test]
fn json_escapes_of_half_characters_are_joined() {
    let cast =
        read(r#"{"characters": {"Ada \ud83d\ude00": {"looks": {"clothing": "a \\ud83d \"coat\" \/ é"}}}}"#);
    assert_eq!(cast.profiles[0].name, "Ada 😀");
    assert_eq!(cast.profiles[0].looks.clothing, "a \\ud83d \"coat\" / é");
}

#[test]
fn unknown_keys_are_named_with_a_suggestion() {
    check_refused(&in_profile("look: {}"), (3, 5), "did you mean `looks`?");
    check_refused(&in_profile("looks: {cloth: x, clothing: y}"), (3, 13), "unknown key `cloth`");
    check_refused(&in_profile("voice: {emotions: {}}"), (3, 13), "known are voice_id");
    check_refused("characters: {}\nversion: 1\n", (2, 1), "unknown key `version`");
}

#[test]
fn ranges_are_checked_with_their_units() {
    check_refused(&in_profile("voice: {speed: 5}"), (3, 20), "between 0.25 and 4.0");
    check_refused(&in_profile("voice: {speed: .nan}"), (3, 20), "speed must be a number");
    check_refused(&in_profile("voice: {speed: NaN}"), (3, 20), "speed NaN is out of range");
    check_refused(&in_profile("voice: {speed: \"1\"}"), (3, 20), "not the text \"1\"");
    check_refused(&in_profile("voice: {pitch_shift: -51}"), (3, 26), "between -50 and 100");
    check_refused(&in_profile("voice: {emotion_mapping: {angry: {pitch: 101}}}"), (3, 46), "percent");
    check_refused(&in_profile("voice: {emotion_mapping: {angri: {}}}"), (3, 31), "did you mean `angry`?");
    check_refused(&in_profile("voice: {voice_id: \"a b\"}"), (3, 23), "no voice id");
    check_refused(&in_profile("looks: {palette: [red]}"), (3, 23), "#1b2a49");
}

#[test]
fn an_unquoted_colour_is_a_comment_and_says_so() {
    let text = "characters:\n  Ada:\n    looks:\n      palette:\n        - #1b2a49\n";
    let problems = parse(text, "a.yaml").unwrap_err();
    assert!(problems[0].message.contains("in quotes"), "{problems:?}");
}

#[test]
fn a_name_belongs_to_one_character() {
    check_refused("characters: {Ada: {}, ada: {}}", (1, 23), "taken by Ada");
    check_refused("characters: {Ada: {}, Eve: {aliases: [A da]}}", (1, 39), "taken by Ada");
    check_refused("characters: {Ada: {}, Ada: {}}", (1, 23), "written twice");
    check_refused("characters: {'  ': {}}", (1, 14), "name is empty");
}

#[test]
fn denied_looks_are_refused_with_their_place() {
    check_refused(&in_profile("looks: {clothing: nude}"), (3, 23), "`nude` is not made here");
    check_refused(&in_profile("looks: {traits: [tall, sexy]}"), (3, 28), "`sexy`");
}

#[test]
fn all_problems_of_a_file_come_at_once_and_in_order() {
    let text = "characters:\n  Ada:\n    voice: {speed: 9}\n    look: {}\n  Eve:\n    style: 3\n";
    let lines: Vec<usize> = parse(text, "a.yaml").unwrap_err().iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [3, 4, 6]);
}

#[test]
fn what_is_no_plain_document_is_refused() {
    check_refused("", (1, 1), "empty");
    check_refused("characters: {A: &x {}, B: *x}", (1, 17), "anchors");
    check_refused("characters: {}\n---\na: b\n", (2, 1), "second document");
    check_refused("characters: !!map {}", (1, 13), "tags");
    check_refused(&"[".repeat(40), (1, 17), "nested");
    check_refused(&" ".repeat(FILE_BYTES_MAX + 1), (1, 1), "at most 1048576");
    check_refused("{}", (1, 1), "no `characters:` here");
}

#[test]
fn at_most_two_hundred_characters() {
    let file = |count| {
        let names: Vec<String> = (0..count).map(|i| format!("N{i}: {{}}")).collect();
        format!("characters: {{{}}}", names.join(", "))
    };
    assert_eq!(read(&file(200)).profiles.len(), 200);
    check_refused(&file(201), (1, 13), "characters has 201 entries");
}

#[test]
fn a_script_and_a_cast_that_differ_are_told_apart() {
    let cast = read("characters: {Ada Wren: {}, Tomas: {}, Ghost: {}}");
    let script = [("ada", "ADA WREN"), ("thomas", "THOMAS"), ("extra", "SAILOR")];
    let script: Vec<_> = script.map(|(id, name)| (id.to_owned(), name.to_owned())).to_vec();
    let said: Vec<String> = match_cast(&cast, &script).iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "THOMAS has no profile and gets a default one, did you mean Tomas?",
            "SAILOR has no profile and gets a default one",
            "the profile of Tomas is not used by the script, did you mean THOMAS?",
            "the profile of Ghost is not used by the script",
        ]
    );
}

#[test]
fn default_profiles_are_stable_valid_and_varied() {
    let ids: Vec<String> = (0..40).map(|i| format!("person_{i}")).collect();
    let profiles: Vec<Profile> = ids.iter().map(|id| default_profile(id, "Name")).collect();
    assert!(profiles.iter().all(|profile| profile.check().is_ok()));
    let looks: BTreeSet<String> = profiles.iter().map(|profile| format!("{:?}", profile.looks)).collect();
    assert_eq!(looks.len(), 40);
    let ada = default_profile("ada", "Ada");
    assert_eq!(ada, default_profile("ada", "Ada"));
    assert_eq!(blake3::hash(&serde_json::to_vec(&ada).unwrap()).to_hex()[..16], *"d538f3d2266f2a54");
}

#[test]
fn a_written_file_reads_back_as_the_default_profiles() {
    let names = [("ada", "ADA"), ("o_hara", "O'HARA \"RED\""), ("twin", "ada"), ("nobody", "\u{7}")];
    let names: Vec<_> = names.map(|(id, name)| (id.to_owned(), name.to_owned())).to_vec();
    let cast = read(&write_yaml(&names));
    assert_eq!(cast.profiles, [default_profile("ada", "ADA"), default_profile("o_hara", "O'HARA \"RED\"")]);
    assert_eq!(read(&write_yaml(&[])).profiles, []);
}

#[test]
fn a_profile_keeps_through_json_and_has_a_schema() {
    let profile = read(FULL).profiles.remove(0);
    let json = serde_json::to_value(&profile).unwrap();
    assert_eq!(json["references"]["face_ref"]["consent"]["subject"], "fictional");
    assert_eq!(serde_json::from_value::<Profile>(json).unwrap(), profile);
    let schema = serde_json::to_value(schemars::schema_for!(Profile)).unwrap();
    assert!(schema["properties"]["voice"].is_object());
}

proptest! {
    #[test]
    fn any_text_is_answered_without_a_panic(text in "[a-z:{}\\[\\], \n\"'#&*!|>-]{0,80}") {
        if let Err(problems) = parse(&text, "a.yaml") {
            prop_assert!(!problems.is_empty());
        }
    }

    #[test]
    fn any_names_written_read_back(names in proptest::collection::vec("\\PC{0,20}", 0..8)) {
        let names: Vec<_> = names.iter().enumerate().map(|(i, name)| (format!("c{i}"), name.clone())).collect();
        prop_assert!(parse(&write_yaml(&names), "a.yaml").is_ok());
    }
}
