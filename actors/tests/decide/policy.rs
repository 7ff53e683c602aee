//! What the policy decides.

use std::collections::BTreeMap;

use hydra_actors::policy::PolicyKey;
use hydra_actors::steward::policy::{PolicyKeeper, PolicyRejection, defaults};
use hydra_events::vocabulary::policy::{PolicyCommand, PolicyEvent};

use crate::table::stream::{Stream, Table, name, state};

fn set(key: &str, value: f64) -> PolicyCommand {
    PolicyCommand::SetPolicy { key: key.into(), value }
}

fn was_set(key: &str, from: f64, to: f64) -> PolicyEvent {
    PolicyEvent::PolicySet { key: key.into(), from, to }
}

fn values(values: &[(&str, f64)]) -> BTreeMap<String, f64> {
    values.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect()
}

fn decide(given: &[PolicyEvent], when: PolicyCommand) -> Result<Vec<PolicyEvent>, PolicyRejection> {
    Table::of("policy-main").decide::<PolicyKeeper>(given, when)
}

#[test]
fn only_keys_without_a_value_get_their_default() {
    let all = PolicyCommand::RecordDefaults { values: defaults() };
    assert_eq!(decide(&[], all.clone()).unwrap(), [PolicyEvent::DefaultsRecorded { values: defaults() }]);
    assert_eq!(decide(&[PolicyEvent::DefaultsRecorded { values: defaults() }], all.clone()).unwrap(), []);
    let known = PolicyEvent::DefaultsRecorded { values: values(&[("attempts", 9.0)]) };
    let mut new = defaults();
    new.remove("attempts");
    assert_eq!(decide(&[known], all).unwrap(), [PolicyEvent::DefaultsRecorded { values: new }]);
}

#[test]
fn a_value_is_set_once_and_then_in_force() {
    assert_eq!(decide(&[], set("attempts", 7.0)).unwrap(), [was_set("attempts", 5.0, 7.0)]);
    assert_eq!(decide(&[], set("attempts", 5.0)).unwrap(), []);
    let given = [PolicyEvent::DefaultsRecorded { values: defaults() }, was_set("attempts", 5.0, 7.0)];
    assert_eq!(decide(&given, set("attempts", 7.0)).unwrap(), []);
    assert_eq!(decide(&given, set("attempts", 5.0)).unwrap(), [was_set("attempts", 7.0, 5.0)]);
    assert_eq!(state::<PolicyKeeper>(&given).policy.count(PolicyKey::Attempts), 7);
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_and_all_others() {
    let refused = decide(&[], set("retry_delay", 1.0)).unwrap_err();
    assert_eq!(refused, PolicyRejection::UnknownKey { key: "retry_delay".into(), nearest: "retry_delay_ms" });
    for key in PolicyKey::ALL {
        assert!(refused.to_string().contains(key.facts().name), "{refused}");
    }
    for (typed, meant) in [("atempts", "attempts"), ("style", "style_min"), ("image_try", "image_tries")] {
        let refused = decide(&[], set(typed, 1.0)).unwrap_err();
        assert_eq!(refused, PolicyRejection::UnknownKey { key: typed.into(), nearest: meant });
    }
    let values = values(&[("attempt", 1.0)]);
    let refused = decide(&[], PolicyCommand::RecordDefaults { values }).unwrap_err();
    assert_eq!(refused, PolicyRejection::UnknownKey { key: "attempt".into(), nearest: "attempts" });
}

#[test]
fn a_value_out_of_range_is_refused_with_the_range() {
    for (key, value, shown) in [
        ("attempts", 0.0, "attempts cannot be 0: 1 to 100 is its range"),
        ("likeness_min", 1.5, "likeness_min cannot be 1.5: -1 to 1 is its range"),
        ("attempts", f64::NAN, "attempts cannot be NaN: 1 to 100 is its range"),
        ("attempts", f64::INFINITY, "attempts cannot be inf: 1 to 100 is its range"),
    ] {
        let refused = decide(&[], set(key, value)).unwrap_err();
        assert!(refused.to_string().starts_with(shown), "{refused}");
        let values = values(&[(key, value)]);
        assert!(decide(&[], PolicyCommand::RecordDefaults { values }).is_err());
    }
}

#[test]
fn there_is_only_one_policy() {
    let other = Table::of("policy-second").decide::<PolicyKeeper>(&[], set("attempts", 7.0));
    assert_eq!(other, Err(PolicyRejection::OtherStream(name("policy-second"))));
}

#[test]
fn a_key_of_a_newer_hydra_is_kept() {
    let given = [PolicyEvent::DefaultsRecorded { values: values(&[("power_budget_w", 900.0)]) }];
    assert_eq!(state::<PolicyKeeper>(&given).policy.values["power_budget_w"], 900.0);
}

#[test]
fn values_survive_a_crash_and_owe_nothing() {
    let mut policy = Stream::<PolicyKeeper>::of("policy-main");
    policy.tell(&PolicyCommand::RecordDefaults { values: defaults() }).unwrap();
    policy.tell(&set("style_min", 0.1)).unwrap();
    policy.crash();
    assert_eq!(policy.tell(&set("style_min", 0.1)).unwrap(), Vec::<String>::new());
    assert_eq!(policy.active(), Vec::<String>::new());
}
