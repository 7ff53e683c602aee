//! References: provenance, consent, paths, and whether the files are there.

use super::super::*;
use super::{FULL, check_refused, in_profile, read};

fn with_reference(rest: &str) -> String {
    in_profile(&format!("references: {{face_ref: {{{rest}}}}}"))
}

#[test]
fn a_reference_without_provenance_is_refused() {
    let whole = [
        ("file", "file: a.png"),
        ("source", "source: drawn"),
        ("licence", "licence: CC0-1.0"),
        ("consent", "consent: fictional"),
    ];
    for (missing, _) in whole {
        let kept: Vec<&str> =
            whole.iter().filter(|(key, _)| *key != missing).map(|(_, part)| *part).collect();
        check_refused(&with_reference(&kept.join(", ")), (3, 28), &format!("needs `{missing}`"));
    }
}

#[test]
fn a_real_person_needs_a_recorded_consent() {
    let with =
        |consent: &str| with_reference(&format!("file: a.png, source: s, licence: l, consent: {consent}"));
    let needs = "of a real person needs a recorded consent";
    for consent in [
        "real person",
        "{subject: real_person}",
        "{subject: real_person, given_by: her, date: 2025-01-01}",
        "{subject: real_person, given_by: '', date: 2025-01-01, scope: all}",
    ] {
        check_refused(&with(consent), (3, 74), needs);
    }
    check_refused(
        &with("{subject: real_person, given_by: her, date: 2025-02-29, scope: s}"),
        (3, 74),
        "YYYY-MM-DD",
    );
    check_refused(&with("yes"), (3, 74), "says nothing");
    assert!(parse(&with("{subject: fictional}"), "a.yaml").is_ok());
}

#[test]
fn a_profile_from_elsewhere_is_checked_by_the_same_rules() {
    let mut profile = read(FULL).profiles.remove(0);
    let record =
        Consent::RealPerson { given_by: String::new(), date: "2025-01-01".into(), scope: "all".into() };
    profile.references.pose_refs.get_mut("rowing").unwrap().consent = record;
    assert_eq!(profile.check(), Err(ProfileProblem::RealPersonWithoutConsent("given_by")));
    profile.references = References::default();
    profile.voice.speed = 9.0;
    assert_eq!(profile.check(), Err(ProfileProblem::SpeedOutOfRange(9.0)));
}

#[test]
fn paths_stay_inside_the_folder() {
    for path in ["/etc/passwd", "../a.png", "a/../../b.png", "a//b", "'C:\\a.png'", "'C:a'", "./a.png"] {
        let text = with_reference(&format!("file: {path}, source: s, licence: l, consent: fictional"));
        let problems = parse(&text, "a.yaml").unwrap_err();
        assert!(problems[0].message.contains("leaves the folder"), "{path}: {problems:?}");
    }
}

#[test]
fn missing_files_and_links_that_lead_out_are_named() {
    let home = std::env::temp_dir().join(format!("hydra-cast-{}", std::process::id()));
    std::fs::create_dir_all(home.join("faces")).unwrap();
    std::fs::write(home.join("faces/ada.png"), b"x").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc", home.join("coat.png")).unwrap();
    let problems = missing_references(&read(FULL), &home);
    std::fs::remove_dir_all(&home).unwrap();
    let found: Vec<_> = problems.iter().map(|problem| (problem.line, problem.message.as_str())).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].0 == 11 && found[0].1.contains("coat.png"), "{found:?}");
    assert!(found[1].0 == 14 && found[1].1.contains("row.png does not exist"), "{found:?}");
}
