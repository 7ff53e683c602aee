//! A log that grows by decisions, as a host would append them, and how to change it behind the log's back.

use std::sync::Arc;

use hydra_actors::aggregate::wire_command;
use hydra_actors::decider::Given;
use hydra_actors::policy::Policy;
use hydra_actors::registry::{CODE, entity};
use hydra_actors::steward::policy::defaults;
use hydra_actors::verify::{Findings, Verifier};
use hydra_events::clock::ManualClock;
use hydra_events::log::SqliteLog;
use hydra_events::record::{Append, Meta, OutcomeOf, Recorded, Visibility};
use hydra_events::vocabulary::effect::EffectCommand;
use hydra_events::vocabulary::image::ImageCommand;
use hydra_events::vocabulary::policy::PolicyCommand;
use hydra_events::vocabulary::review::ReviewCommand;
use hydra_events::vocabulary::terms::{DecidedBy, Score, ScoreName};
use hydra_events::wire::Vocabulary;
use hydra_events::{EventLog, Id, Timestamp};
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use super::samples::{hash, made, name, shows};

/// A log that grows by decisions, as a host would append them.
pub struct Story {
    folder: TempDir,
    pub log: SqliteLog,
    policy: (u64, Policy),
    commands: usize,
}

impl Story {
    pub async fn begin() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("log.db").display());
        let log = SqliteLog::open(&url, Arc::new(ManualClock::at(Timestamp(1_000_000)))).unwrap();
        let mut story = Self { folder, log, policy: (0, Policy::default()), commands: 0 };
        story.tell("policy-main", &PolicyCommand::RecordDefaults { values: defaults() }).await;
        story
    }

    /// Decides a command from outside and records what follows.
    pub async fn tell<C: Vocabulary>(&mut self, stream: &str, command: &C) -> Vec<Recorded> {
        self.commands += 1;
        let id = Id::of_outside("story", &self.commands.to_string());
        self.record(stream, command, id, id, None).await
    }

    /// Decides a command because of `event`.
    pub async fn react<C: Vocabulary>(
        &mut self,
        event: &Recorded,
        actor: &str,
        stream: &str,
        command: &C,
    ) -> Vec<Recorded> {
        let kind = wire_command(&name(stream), command).unwrap().kind;
        let id = Id::of_reaction(event.id, actor, stream, kind.as_str(), 0);
        self.record(stream, command, id, event.id, None).await
    }

    /// Tries `effect` under `epoch` and reports `command` as its outcome.
    pub async fn perform<C: Vocabulary>(
        &mut self,
        stream: &str,
        effect: &str,
        epoch: u64,
        command: &C,
    ) -> Vec<Recorded> {
        let (worker, instance) = ("worker".into(), "instance".into());
        let start =
            EffectCommand::StartAttempt { effect: effect.into(), worker, instance, epoch, alone: false };
        let started = self.tell(stream, &start).await;
        let outcome = OutcomeOf { effect: effect.into(), attempt: 1, epoch };
        let id = Id::of_outcome(stream, effect, 1, epoch);
        self.record(stream, command, id, started[0].id, Some(outcome)).await
    }

    async fn record<C: Vocabulary>(
        &mut self,
        stream: &str,
        command: &C,
        id: Id,
        causation_id: Id,
        outcome: Option<OutcomeOf>,
    ) -> Vec<Recorded> {
        let stream = name(stream);
        let entity = entity(stream.category()).unwrap();
        let mut aggregate = (entity.fresh)();
        let before = self.log.read_stream(&stream, 0, 1_000).await.unwrap();
        before.iter().for_each(|event| aggregate.evolve(event).unwrap());
        let meta = Meta {
            command_id: id,
            correlation_id: id,
            causation_id,
            time: Timestamp(1_000_000 + self.commands as i64),
            principal: "tester".into(),
            owner: "household".into(),
            visibility: Visibility::Household,
            trace: Some("00-trace".into()),
            policy: self.policy.0,
            outcome,
            next: None,
        };
        let command = wire_command(&stream, command).unwrap();
        let given = Given { stream: &stream, meta: &meta, policy: &self.policy.1 };
        let events = aggregate.decide(&command, given).unwrap();
        let (expected, owes, actor) = (before.len() as u64, aggregate.owes(), entity.actor.into());
        let command = (command.kind, command.payload);
        let append = Append {
            stream: stream.clone(),
            expected,
            events,
            actor,
            code: CODE.into(),
            owes,
            command,
            meta,
        };
        let recorded = self.log.append(append).await.unwrap();
        if stream.category() == "policy" {
            let policy = aggregate.state()["state"]["policy"].clone();
            self.policy = (recorded.last().unwrap().version, serde_json::from_value(policy).unwrap());
        }
        recorded
    }

    /// Changes the store behind the log's back.
    pub fn tamper(&self, statement: &str) {
        let changed = self.store().execute(statement, []).unwrap();
        assert!(changed > 0, "{statement} changed nothing");
    }

    pub fn store(&self) -> Connection {
        let store = Connection::open(self.folder.path().join("log.db")).unwrap();
        store.execute_batch("PRAGMA synchronous = OFF").unwrap();
        store
    }

    pub async fn verified(&self) -> Findings {
        Verifier::today().run(&self.log).await.unwrap()
    }
}

pub fn scores(technical: f64) -> ReviewCommand {
    let score =
        |name, value| Score { name, value: Some(value), metric: "studio".into(), version: "1".into() };
    let scores = vec![score(ScoreName::Technical, technical), score(ScoreName::Aesthetic, 8.0)];
    ReviewCommand::AcceptScores { scores, duration_ms: 3 }
}

/// One picture from its request to its approval: rejected by the policy once, approved by a changed policy then.
pub async fn picture() -> Story {
    let mut story = Story::begin().await;
    let request = ImageCommand::RequestImage {
        requester: name("scene-lighthouse_1"),
        chapter: "lighthouse".into(),
        brief: hash("brief"),
        shows: shows(),
        priority: 0,
        recalled: None,
    };
    story.tell("image-keeper", &request).await;
    let rejected = reviewed(&mut story, 1, 20.0).await;
    let payload: Value = serde_json::from_slice(&rejected.payload).unwrap();
    let reasons = serde_json::from_value(payload["reasons"].clone()).unwrap();
    let reject = ImageCommand::RejectImage { quality_try: 1, reasons, by: DecidedBy::Policy {} };
    story.react(&rejected, "artist", "image-keeper", &reject).await;
    story.tell("policy-main", &PolicyCommand::SetPolicy { key: "technical_min".into(), value: 10.0 }).await;
    let approved = reviewed(&mut story, 2, 20.0).await;
    let payload: Value = serde_json::from_slice(&approved.payload).unwrap();
    let scores = serde_json::from_value(payload["scores"].clone()).unwrap();
    let approve = ImageCommand::ApproveImage { quality_try: 2, scores, by: DecidedBy::Policy {} };
    story.react(&approved, "artist", "image-keeper", &approve).await;
    story
}

/// Draws and measures a try; returns what ended its review.
async fn reviewed(story: &mut Story, quality_try: u32, technical: f64) -> Recorded {
    let made = made(&format!("picture {quality_try}"));
    let render = format!("render-{quality_try}");
    let accept = ImageCommand::AcceptRender { made: made.clone(), seed: 42 };
    let rendered = story.perform("image-keeper", &render, 1, &accept).await.pop().unwrap();
    let open = ReviewCommand::OpenReview {
        image: name("image-keeper"),
        quality_try,
        blob: made.blob,
        brief: hash("brief"),
        shows: shows(),
        chapter: "lighthouse".into(),
    };
    story.react(&rendered, "curator", "review-keeper", &open).await;
    let score = format!("score-{quality_try}");
    story.perform("review-keeper", &score, 1, &scores(technical)).await.pop().unwrap()
}
