//! What an order may say, how counts and prompts combine, and which ids are harmless.

use proptest::prelude::*;

use super::*;

const ORDER: &str = r#"{"character": "Ada", "scene": "Harbour", "emotion": "happy", "outfit": "coat""#;

/// Checks that the order with `rest` added has one problem that holds `part`.
#[track_caller]
fn check_refused(rest: &str, part: &str) {
    let problems = parse(&format!("{ORDER}, {rest}}}"), "orders.json").unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].message.contains(part), "{problems:?}");
}

#[test]
fn one_order_or_a_list_in_json_or_yaml() {
    let one = parse(&format!("{ORDER}}}"), "a.json").unwrap();
    assert_eq!((one[0].count, one[0].priority, one[0].prompts.len()), (1, 0, 0));
    assert_eq!(parse(&format!("[{ORDER}}}]"), "a.json").unwrap(), one);
    let yaml = "- character: Ada\n  scene: Harbour\n  emotion: happy\n  outfit: coat\n";
    assert_eq!(parse(yaml, "a.yaml").unwrap(), one);
    let json = serde_json::to_string(&one).unwrap();
    assert_eq!(parse(&json, "a.json").unwrap(), one);
}

#[test]
fn count_is_the_number_of_pictures_and_prompts_take_turns() {
    let orders =
        parse(&format!("{ORDER}, \"count\": 5, \"prompts\": [\"at dawn\", \"at noon\"]}}"), "a.json")
            .unwrap();
    let prompts: Vec<_> = (0..5).filter_map(|picture| orders[0].prompt_for(picture)).collect();
    assert_eq!(prompts, ["at dawn", "at noon", "at dawn", "at noon", "at dawn"]);
    assert_eq!(total_images(&orders), 5);
    assert_eq!(parse(&format!("{ORDER}}}"), "a.json").unwrap()[0].prompt_for(0), None);
}

#[test]
fn what_an_order_may_not_say() {
    check_refused("\"priorty\": 1", "did you mean `priority`?");
    check_refused("\"priority\": 101", "from -100 to 100");
    check_refused("\"count\": 0", "from 1 to 50");
    check_refused("\"count\": 51", "from 1 to 50");
    check_refused("\"count\": 99999999999", "from 1 to 50");
    check_refused("\"count\": 2.5", "from 1 to 50");
    check_refused(
        "\"prompts\": [\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\"]",
        "at most 10",
    );
    check_refused("\"prompts\": [\"naked on the beach\"]", "`naked` is not made here (nudity), at byte 0");
    check_refused("\"prompts\": [null]", "a prompt is empty");
    check_refused("\"prompts\": \"one\"", "must be a list");
    check_refused("\"chapter\": \"a/b\"", "holds '/'");
}

#[test]
fn an_order_from_elsewhere_is_checked_by_the_same_rules() {
    let order = parse(&format!("{ORDER}}}"), "a.json").unwrap().remove(0);
    assert_eq!(order.check(), Ok(()));
    let check = |change: fn(&mut PortraitRequest)| {
        let mut changed = order.clone();
        change(&mut changed);
        changed.check().unwrap_err().to_string()
    };
    assert!(check(|order| order.count = 0).contains("from 1 to 50"));
    assert!(check(|order| order.priority = -101).contains("from -100 to 100"));
    assert!(check(|order| order.emotion = "hapy".into()).contains("did you mean `happy`?"));
    assert!(check(|order| order.scene = "...".into()).contains("scene is empty"));
    assert!(check(|order| order.chapter = Some("..".into())).contains("holds '.'"));
    assert!(check(|order| order.prompts = vec!["n.u.d.e".into()]).contains("nudity"));
    assert!(check(|order| order.prompts = vec!["a".into(); 11]).contains("11 prompts"));
}

#[test]
fn problems_have_their_place() {
    let text = "- character: Ada\n  scene: Harbour\n  emotion: cheerful\n  outfit: coat\n- scene: x\n";
    let problems = parse(text, "a.yaml").unwrap_err();
    let places: Vec<_> = problems.iter().map(|problem| (problem.line, problem.column)).collect();
    assert_eq!(places, [(3, 12), (5, 3), (5, 3), (5, 3)]);
    assert!(problems[0].message.ends_with(
        "known are neutral, happy, sad, angry, afraid, surprised, tender, tired, determined, amused"
    ));
    assert_eq!(parse("{\"a\":\n ]", "a.json").unwrap_err()[0].line, 2);
    assert!(parse("[]", "a.json").unwrap_err()[0].message.contains("empty"));
    assert!(parse("hello", "a.yaml").unwrap_err()[0].message.contains("must be a map"));
}

#[test]
fn at_most_a_thousand_orders() {
    let list = |count| format!("[{}]", vec![format!("{ORDER}}}"); count].join(","));
    assert_eq!(parse(&list(1000), "a.json").unwrap().len(), 1000);
    assert!(parse(&list(1001), "a.json").unwrap_err()[0].message.contains("at most 1000"));
}

#[test]
fn ids_that_would_leave_a_folder_or_break_a_subject_are_refused() {
    for id in ["", ".", "..", "a.b", "a/b", "a\\b", "a b", "*", ">", "a\n", "a\0", "é", &"a".repeat(101)] {
        assert!(check_id(id).is_err(), "{id:?}");
    }
    for id in ["a", "Lighthouse", "keeper_coat-happy_1", &"a".repeat(100)] {
        assert_eq!(check_id(id), Ok(()), "{id}");
    }
}

#[test]
fn titles_get_ids() {
    for (title, id) in [
        ("Lighthouse", "lighthouse"),
        ("The Old Harbour!", "the_old_harbour"),
        ("  ../../etc/passwd ", "etc_passwd"),
        ("Café d'Été > *", "cafe_dete"),
        ("Smørrebrød & Straße", "smorrebrod_strasse"),
        ("INT. KITCHEN - NIGHT", "int_kitchen_-_night"),
        ("scene-1_a", "scene-1_a"),
    ] {
        assert_eq!(slug(title).as_deref(), Some(id));
    }
    assert_eq!(slug("..."), None);
    assert_eq!(slug(""), None);
}

#[test]
fn titles_whose_letters_are_lost_stay_apart() {
    assert_ne!(slug("灯台"), slug("灯火"));
    assert!(slug("灯台").is_some_and(|id| id.starts_with("t_")));
    assert_ne!(slug(&"a".repeat(200)), slug(&"a".repeat(201)));
}

proptest! {
    #[test]
    fn a_slug_is_an_id_and_its_own_slug(title in "\\PC{0,150}") {
        if let Some(id) = slug(&title) {
            prop_assert_eq!(check_id(&id), Ok(()));
            prop_assert_eq!(slug(&id), Some(id));
        }
    }
}
