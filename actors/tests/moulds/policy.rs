//! The life of the policy, through every mould.

use hydra_actors::moulds::Story;
use hydra_actors::policy::PolicyKey;
use hydra_events::vocabulary::policy::PolicyCommand;

hydra_actors::entity_moulds!(stories());

fn stories() -> Vec<Story> {
    let default = |key: &PolicyKey| (key.facts().name.to_owned(), key.facts().default);
    let values = PolicyKey::ALL.iter().map(default).collect();
    let set = PolicyCommand::SetPolicy { key: PolicyKey::AestheticMin.facts().name.into(), value: 0.1 + 0.2 };
    vec![
        Story::new("defaults, then another", "policy-main")
            .tell(&PolicyCommand::RecordDefaults { values })
            .tell(&set),
    ]
}
