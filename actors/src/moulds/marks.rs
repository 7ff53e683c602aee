//! What the marks on events must tell about each effect.

use std::collections::{BTreeMap, BTreeSet};

use hydra_events::record::{EffectMark, EffectRole, Recorded};

use crate::aggregate::Aggregate;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Open,
    Parked,
    Closed,
}

/// Each effect is opened once, tried with rising ordinals, and closed once.
pub(super) fn check(story: &str, log: &[Recorded]) {
    let mut effects: BTreeMap<&str, (Standing, u32)> = BTreeMap::new();
    for event in log {
        let Some(EffectMark { effect, role, attempt }) = &event.effect else { continue };
        let place = || format!("{story}: {} of {effect:?} at version {}", event.kind, event.version);
        let known = effects.get(effect.as_str()).copied();
        let standing = match (known.map(|(standing, _)| standing), role) {
            (None, EffectRole::Open) | (Some(Standing::Parked), EffectRole::Unpark) => Standing::Open,
            (Some(Standing::Open), EffectRole::Attempt | EffectRole::Postpone) => Standing::Open,
            (Some(Standing::Open), EffectRole::Park) => Standing::Parked,
            (Some(Standing::Open | Standing::Parked), EffectRole::Close) => Standing::Closed,
            (before, _) => panic!("{} comes when it stands at {before:?}", place()),
        };
        let last = known.map_or(0, |(_, last)| last);
        let rises = match role {
            EffectRole::Attempt => *attempt > last,
            EffectRole::Open
            | EffectRole::Postpone
            | EffectRole::Park
            | EffectRole::Unpark
            | EffectRole::Close => *attempt >= last,
        };
        assert!(rises, "{}: attempt {attempt} after {last}", place());
        effects.insert(effect, (standing, *attempt));
    }
}

/// The effects a stream owes, parked ones included.
pub(super) fn owed(loaded: &dyn Aggregate) -> BTreeSet<String> {
    let active = loaded.obligations().into_iter().map(|owed| owed.key);
    active.chain(loaded.parked().into_iter().map(|(key, ..)| key)).collect()
}

/// An event that changes what is owed by `before` to `after` does so for one effect, and says which.
pub(super) fn check_change(
    story: &str,
    event: &Recorded,
    before: &BTreeSet<String>,
    after: &BTreeSet<String>,
) {
    let opened = after.difference(before).map(|key| (key.as_str(), EffectRole::Open));
    let closed = before.difference(after).map(|key| (key.as_str(), EffectRole::Close));
    let changes: Vec<_> = opened.chain(closed).collect();
    let mark = event.effect.as_ref().map(|mark| (mark.effect.as_str(), mark.role));
    let marked: Vec<_> =
        mark.into_iter().filter(|(_, role)| matches!(role, EffectRole::Open | EffectRole::Close)).collect();
    assert_eq!(changes, marked, "{story}: what {} at version {} opens and closes", event.kind, event.version);
}
