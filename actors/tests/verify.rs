//! A log of decided stories: verified when it is whole, and found out when a byte, a record or a decision is not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "verify/changed.rs"]
mod changed;
#[path = "table/samples.rs"]
mod samples;
#[path = "verify/story.rs"]
mod story;

use changed::{carefree, forgetful, turned_round, unwilling};
use hydra_actors::aggregate::Aggregate;
use hydra_actors::registry::{CODE, ENTITIES, EntityType};
use hydra_actors::verify::{Findings, Verifier, compare_event, first_difference};
use hydra_events::record::{Draft, Recorded};
use hydra_events::upcast::Upcaster;
use hydra_events::vocabulary::policy::PolicyCommand;
use hydra_events::{EventLog, StreamName};
use samples::name;
use serde_json::{Value, json};
use story::{Story, picture};

#[tokio::test]
async fn a_log_that_nobody_touched_is_whole_and_a_changed_policy_is_a_fact() {
    let story = picture().await;
    let findings = story.verified().await;
    assert!(findings.is_clean(), "{findings:#?}");
    let head = story.log.head().await.unwrap();
    assert_eq!((findings.events, findings.streams), (head, 3));
    assert_eq!((findings.undecided, findings.reactions_checked), (0, 4));
    assert_eq!(findings.decisions, findings.codes[CODE].decisions);
    assert_eq!(findings.decisions, 15);
}

#[tokio::test]
async fn a_changed_byte_is_found_in_every_column_of_every_record() {
    let story = picture().await;
    let head = story.log.head().await.unwrap();
    let flip_text = |column: &str| format!("{column} = 'x' || substr({column}, 2)");
    let flip_bytes = |column: &str| {
        format!(
            "{column} = CAST(CASE substr(hex({column}), 1, 2) WHEN '00' THEN x'01' ELSE x'00' END || substr({column}, 2) AS BLOB)"
        )
    };
    let texts = ["stream", "type", "actor", "code", "principal", "owner", "trace"].map(flip_text);
    let bytes = ["id", "command_id", "correlation_id", "causation_id", "data", "hash"].map(flip_bytes);
    let numbers =
        ["time = time + 1", "version = version + 1000", "visibility = 3", "owes = 1 - owes", "codec = 2"];
    let changes = texts.into_iter().chain(bytes).chain(numbers.map(str::to_owned));
    for change in changes {
        for position in 1..=head {
            check_found(&story, &change, position).await;
        }
    }
    for change in
        ["role = 'park'", "attempt = attempt + 1", "effect = 'other'", "effect = NULL", "command = NULL"]
    {
        let positions: Vec<u64> = with(&story, change.split(' ').next().unwrap());
        assert!(!positions.is_empty());
        for position in positions {
            check_found(&story, change, position).await;
        }
    }
}

/// The positions of the records that have something in `column`.
fn with(story: &Story, column: &str) -> Vec<u64> {
    let connection = story.store();
    let query = format!("SELECT position FROM events WHERE {column} IS NOT NULL");
    let mut statement = connection.prepare(&query).unwrap();
    let positions = statement.query_map([], |row| row.get::<_, i64>(0)).unwrap();
    positions.map(|position| position.unwrap() as u64).collect()
}

/// Makes a change at `position`, looks whether it is found, and takes it back.
async fn check_found(story: &Story, change: &str, position: u64) {
    let there = format!("WHERE position = {position}");
    let change_it = format!(
        "BEGIN; CREATE TABLE kept AS SELECT * FROM events {there}; UPDATE events SET {change} {there}; COMMIT"
    );
    story.store().execute_batch(&change_it).unwrap();
    let findings = story.verified().await;
    let named = findings.broken.iter().any(|broken| broken.position == position);
    assert!(named, "{change} at {position} was not named: {:?}", findings.broken);
    let take_back = "BEGIN; INSERT OR REPLACE INTO events SELECT * FROM kept; DROP TABLE kept; COMMIT";
    story.store().execute_batch(take_back).unwrap();
}

#[tokio::test]
async fn a_record_that_is_gone_or_moved_is_missed() {
    for (statement, position, stream) in [
        ("DELETE FROM events WHERE position = 4", 4, None),
        ("UPDATE events SET position = 900 WHERE position = 4", 4, None),
        (
            "UPDATE events SET position = -4 WHERE position = (SELECT max(position) FROM events)",
            u64::MAX - 3,
            Some("image-keeper"),
        ),
    ] {
        let story = picture().await;
        story.tamper(statement);
        let findings = story.verified().await;
        let found = findings.broken.iter().find(|broken| broken.position == position);
        let found = found.unwrap_or_else(|| panic!("{statement}: {:?}", findings.broken));
        assert_eq!(found.stream.as_ref().map(StreamName::as_str), stream, "{statement}");
    }
}

#[tokio::test]
async fn a_damaged_record_gets_the_name_of_its_stream_and_the_other_streams_are_decided_again() {
    let story = picture().await;
    story.tamper("UPDATE events SET codec = 9 WHERE stream = 'review-keeper' AND version = 2");
    let findings = story.verified().await;
    assert_eq!(findings.broken.len(), 1, "{:?}", findings.broken);
    assert_eq!(findings.broken[0].stream, Some(name("review-keeper")));
    assert!(findings.divergences.is_empty(), "{:?}", findings.divergences);
    assert!(findings.undecided > 0 && findings.decisions > 5);
}

#[tokio::test]
async fn a_decision_whose_last_event_cannot_be_read_is_not_blamed_on_todays_code() {
    for damage in ["UPDATE events SET codec = 9", "DELETE FROM events"] {
        let story = picture().await;
        story.tamper(&format!("{damage} WHERE type = 'review.review_rejected.v1'"));
        let findings = story.verified().await;
        assert!(!findings.broken.is_empty());
        assert!(findings.divergences.is_empty() && findings.owes.is_empty(), "{damage}: {findings:#?}");
    }
}

#[tokio::test]
async fn an_event_altered_with_its_whole_chain_is_found_by_deciding_again() {
    let story = picture().await;
    forge(&story, "review-keeper", |event| {
        let text = String::from_utf8(event.payload.clone()).unwrap();
        event.payload = text.replace("\"duration_ms\":3", "\"duration_ms\":4").into_bytes();
    })
    .await;
    let findings = story.verified().await;
    assert_eq!(findings.broken, []);
    let first = &findings.divergences[0];
    assert_eq!(
        (first.field.as_str(), &first.recorded, &first.decided),
        ("duration_ms", &json!(4), &json!(3))
    );
    assert_eq!((first.actor.as_str(), first.event.as_str()), ("curator", "review.picture_scored.v1"));
}

#[tokio::test]
async fn a_reaction_altered_with_its_whole_chain_is_found_by_reacting_again() {
    let story = picture().await;
    forge(&story, "review-keeper", |event| {
        let altered = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes)
                .replace("\"chapter\":\"lighthouse\"", "\"chapter\":\"lighthous3\"")
                .into_bytes()
        };
        for bytes in [Some(&mut event.payload), event.command.as_mut()].into_iter().flatten() {
            *bytes = altered(bytes);
        }
    })
    .await;
    let findings = story.verified().await;
    assert_eq!((findings.broken.len(), findings.divergences.len()), (0, 0));
    let first = &findings.reactions[0];
    assert_eq!((first.field.as_str(), &first.recorded), ("chapter", &json!("lighthous3")));
    assert_eq!(first.command, "review.open_review.v1");
}

/// Alters every event of a stream and chains it anew, as somebody would who knows the format.
async fn forge(story: &Story, stream: &str, alter: impl Fn(&mut Recorded)) {
    let events = story.log.read_stream(&name(stream), 0, 1_000).await.unwrap();
    let connection = story.store();
    let mut previous = hydra_events::record::chain::GENESIS;
    for mut event in events {
        alter(&mut event);
        event.hash = hydra_events::record::chain::hash(&previous, &event);
        previous = event.hash;
        let values =
            rusqlite::params![event.payload, event.command, event.hash.as_slice(), event.position as i64];
        let statement = "UPDATE events SET data = ?1, command = ?2, hash = ?3 WHERE position = ?4";
        assert_eq!(connection.execute(statement, values).unwrap(), 1);
    }
}

#[tokio::test]
async fn a_comparison_turned_round_is_found_and_named() {
    let story = picture().await;
    let findings = run_with(&story, "review", turned_round).await;
    assert_eq!(findings.broken, []);
    let first = &findings.divergences[0];
    assert_eq!((first.actor.as_str(), first.stream.as_str()), ("curator", "review-keeper"));
    assert_eq!((first.event.as_str(), first.field.as_str()), ("review.review_rejected.v1", "type"));
    assert_eq!(first.decided, json!("review.review_approved.v1"));
    let recorded = story.log.scan(first.position - 1, 1).await.unwrap().remove(0).unwrap();
    assert_eq!(recorded.kind.as_str(), first.event);
    assert_eq!(
        findings.divergences.len(),
        2,
        "what was approved is rejected now: {:?}",
        findings.divergences
    );
    assert_eq!(findings.codes[CODE].divergences, 2);
}

#[tokio::test]
async fn an_event_that_is_no_longer_decided_is_found_and_named() {
    let story = picture().await;
    let findings = run_with(&story, "image", forgetful).await;
    let [only] = findings.divergences.as_slice() else { panic!("{:?}", findings.divergences) };
    assert_eq!((only.event.as_str(), only.field.as_str()), ("image.image_supplied.v1", "events"));
    assert_eq!(only.recorded, json!(["image.image_approved.v1", "image.image_supplied.v1"]));
    assert_eq!(only.decided, json!(["image.image_approved.v1"]));
}

#[tokio::test]
async fn a_decision_that_is_refused_today_is_found_and_named() {
    let story = picture().await;
    let findings = run_with(&story, "policy", unwilling).await;
    let first = &findings.divergences[0];
    assert_eq!((first.position, first.field.as_str()), (1, "rejection"));
    assert_eq!(first.decided, json!("Unwilling: not today"));
    assert_eq!(findings.divergences.len(), 2, "{:?}", findings.divergences);
}

#[tokio::test]
async fn another_opinion_on_what_is_owed_is_listed_apart() {
    let story = picture().await;
    let findings = run_with(&story, "image", carefree).await;
    assert_eq!((findings.broken.len(), findings.divergences.len()), (0, 0));
    assert!(!findings.is_clean());
    assert!(findings.owes.iter().all(|differs| differs.recorded && !differs.decided), "{:?}", findings.owes);
    assert_eq!(findings.owes[0].stream, name("image-keeper"));
}

/// Verifies with another decider for one category.
async fn run_with(story: &Story, category: &str, fresh: fn() -> Box<dyn Aggregate>) -> Findings {
    let replaced = |entity: &EntityType| match entity.category == category {
        true => EntityType { fresh, ..*entity },
        false => *entity,
    };
    Verifier::with(ENTITIES.iter().map(replaced).collect()).run(&story.log).await.unwrap()
}

#[test]
fn the_first_difference_is_named_by_its_path() {
    for (recorded, decided, found) in [
        (json!({"a": 1}), json!({"a": 1}), None),
        (json!({"a": {"b": [1, 2]}}), json!({"a": {"b": [1, 3]}}), Some(("a.b[1]", json!(2), json!(3)))),
        (json!({"a": [1]}), json!({"a": [1, 2]}), Some(("a[1]", json!(null), json!(2)))),
        (json!({"a": 1, "b": 1}), json!({"a": 1}), Some(("b", json!(1), json!(null)))),
        (json!({"a": 1}), json!({"a": 1, "c": 1}), Some(("c", json!(null), json!(1)))),
        (json!("x"), json!({"a": 1}), Some(("payload", json!("x"), json!({"a": 1})))),
    ] {
        let difference = first_difference(&recorded, &decided);
        let got = difference.map(|d| (d.field, d.recorded, d.decided));
        assert_eq!(got, found.map(|(field, recorded, decided)| (field.to_owned(), recorded, decided)));
    }
}

#[tokio::test]
async fn a_field_that_an_upcaster_added_is_not_compared() {
    const STEPS: &[Upcaster] = &[Upcaster {
        name: "policy.policy_set",
        from: 1,
        step: |mut value| {
            value["because"] = json!("unknown");
            value
        },
    }];
    let mut story = Story::begin().await;
    let set = PolicyCommand::SetPolicy { key: "attempts".into(), value: 7.0 };
    let recorded = story.tell("policy-main", &set).await.remove(0);
    let decided = |payload: Value| Draft {
        kind: "policy.policy_set.v2".parse().unwrap(),
        payload: payload.to_string().into_bytes(),
        effect: None,
    };
    let same = decided(json!({"key": "attempts", "from": 5.0, "to": 7.0, "because": "asked"}));
    assert_eq!(compare_event(&recorded, &same, STEPS), None);
    let other = decided(json!({"key": "attempts", "from": 5.0, "to": 8.0, "because": "asked"}));
    assert_eq!(compare_event(&recorded, &other, STEPS).map(|d| d.field), Some("to".into()));
}
