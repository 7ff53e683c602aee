//! Approvals, incidents and the policy.

use std::collections::BTreeMap;

use hydra_events::vocabulary::approval::{ApprovalCommand, ApprovalEvent};
use hydra_events::vocabulary::incident::{IncidentCommand, IncidentEvent, IncidentKind};
use hydra_events::vocabulary::policy::{PolicyCommand, PolicyEvent};
use hydra_events::vocabulary::review::Verdict;

use super::samples::{blob, image, person, scores, stream, text};
use super::{Words, words};

pub fn all() -> Vec<Words> {
    vec![
        words("commands", "approval", &approval_commands()),
        words("events", "approval", &approval_events()),
        words("commands", "incident", &incident_commands()),
        words("events", "incident", &incident_events()),
        words("commands", "policy", &policy_commands()),
        words("events", "policy", &policy_events()),
    ]
}

fn approval_commands() -> Vec<ApprovalCommand> {
    vec![
        ApprovalCommand::RequestApproval {
            review: stream("review-lighthouse_keeper_coat_happy_1"),
            image: image(),
            quality_try: 1,
            blob: blob("result"),
            scores: scores(),
            reasons: vec![text("aesthetic is close")],
            default: Verdict::Approve,
            chapter: text("lighthouse"),
        },
        ApprovalCommand::AnswerApproval { verdict: Verdict::Reject, by: person(), note: text("too dark") },
        ApprovalCommand::WithdrawApproval { reason: text("made again") },
    ]
}

fn approval_events() -> Vec<ApprovalEvent> {
    let review = || stream("review-lighthouse_keeper_coat_happy_1");
    vec![
        ApprovalEvent::ApprovalRequested {
            review: review(),
            image: image(),
            quality_try: 1,
            blob: blob("result"),
            scores: scores(),
            reasons: vec![text("aesthetic is close")],
            default: Verdict::Reject,
            chapter: text("lighthouse"),
        },
        ApprovalEvent::ApprovalAnswered {
            review: review(),
            quality_try: 1,
            verdict: Verdict::Approve,
            by: person(),
            note: String::new(),
        },
        ApprovalEvent::ApprovalWithdrawn { reason: text("made again") },
    ]
}

fn incident_commands() -> Vec<IncidentCommand> {
    let (kind, reason) = (IncidentKind::EffectParked, text("five attempts failed"));
    vec![
        IncidentCommand::OpenIncident { kind, subject: image(), reason },
        IncidentCommand::ResolveIncident { how: text("retried"), only: Some(IncidentKind::Stalled) },
    ]
}

fn incident_events() -> Vec<IncidentEvent> {
    let (kind, reason) = (IncidentKind::DeliveryParked, text("an unknown event"));
    vec![
        IncidentEvent::IncidentOpened { kind, subject: image(), reason, occurrence: 2 },
        IncidentEvent::IncidentResolved { how: text("retried") },
    ]
}

fn values() -> BTreeMap<String, f64> {
    BTreeMap::from([(text("attempts_max"), 5.0), (text("likeness_min"), 0.35)])
}

fn policy_commands() -> Vec<PolicyCommand> {
    vec![
        PolicyCommand::RecordDefaults { values: values() },
        PolicyCommand::SetPolicy { key: text("likeness_min"), value: 0.4 },
    ]
}

fn policy_events() -> Vec<PolicyEvent> {
    vec![
        PolicyEvent::DefaultsRecorded { values: values() },
        PolicyEvent::PolicySet { key: text("likeness_min"), from: 0.35, to: 0.4 },
    ]
}
