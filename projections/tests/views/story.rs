//! A small chapter with everything that can happen to a view: as appends, and as a log filled with them.

mod remembered;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use hydra_events::clock::ManualClock;
use hydra_events::contract::sample;
use hydra_events::log::SqliteLog;
use hydra_events::record::{Append, Draft, EffectMark, EffectRole, EventType, Version};
use hydra_events::vocabulary::CATEGORIES;
use hydra_events::vocabulary::approval::ApprovalEvent;
use hydra_events::vocabulary::chapter::{ChapterEvent, ChapterSource, Fill, PlannedScene};
use hydra_events::vocabulary::cluster::ClusterEvent;
use hydra_events::vocabulary::effect::EffectEvent;
use hydra_events::vocabulary::image::ImageEvent;
use hydra_events::vocabulary::incident::{IncidentEvent, IncidentKind};
use hydra_events::vocabulary::line::LineEvent;
use hydra_events::vocabulary::plan::{PlanEvent, PlannedAction};
use hydra_events::vocabulary::policy::PolicyEvent;
use hydra_events::vocabulary::review::{ReviewEvent, Verdict};
use hydra_events::vocabulary::scene::SceneEvent;
use hydra_events::vocabulary::terms::{
    DecidedBy, Made, Recalled, Score, ScoreName, ShownKind, Shows, WantedImage, WantedLine, WorkKind,
};
use hydra_events::wire::{self, Vocabulary};
use hydra_events::{ContentHash, EventLog, Id, StreamName, Timestamp};

pub const CHAPTER: &str = "chapter-light";
pub const SCENE: &str = "scene-light_1";
pub const KEEPER: &str = "image-light_keeper";
pub const TOWER: &str = "image-light_tower";
pub const LINE: &str = "line-light_1_1";

/// A new log in `folder`, with `appends` in it.
pub async fn log_of(folder: &Path, appends: Vec<Append>) -> Arc<dyn EventLog> {
    let url = format!("sqlite:{}", folder.join("log.db").display());
    let log = SqliteLog::open(&url, Arc::new(ManualClock::at(Timestamp(0)))).unwrap();
    for append in appends {
        log.append(append).await.unwrap();
    }
    Arc::new(log)
}

/// The whole story, an append an event.
pub fn story() -> Vec<Append> {
    let mut teller = Teller::default();
    teller.opening();
    teller.writing();
    teller.queueing();
    teller.keeper_is_drawn_twice();
    teller.tower_goes_missing();
    teller.line_is_spoken();
    teller.closing();
    teller.surroundings();
    teller.remembering();
    teller.appends
}

/// An append to `stream`, at `version`, of an event of this type with any payload.
pub fn raw(stream: &str, version: Version, kind: &str, payload: &str) -> Append {
    let event = Draft { kind: kind.parse().unwrap(), payload: payload.into(), effect: None };
    append(name(stream), version, event)
}

pub fn name(text: &str) -> StreamName {
    text.parse().unwrap()
}

pub fn blob(text: &str) -> ContentHash {
    ContentHash::of(text.as_bytes())
}

fn append(stream: StreamName, expected: Version, event: Draft) -> Append {
    let category = CATEGORIES.iter().find(|category| category.name == stream.category()).unwrap();
    Append {
        meta: sample::meta(&format!("{stream} {expected}")),
        owes: event.effect.as_ref().is_some_and(|mark| mark.role != EffectRole::Close),
        stream,
        expected,
        events: vec![event],
        actor: category.actor.into(),
        code: "0000".into(),
        command: (EventType::new(category.name, "tell", 1), b"{}".to_vec()),
    }
}

#[derive(Default)]
struct Teller {
    versions: BTreeMap<StreamName, Version>,
    appends: Vec<Append>,
}

impl Teller {
    fn tell<E: Vocabulary>(&mut self, stream: &str, event: E) {
        self.tell_of(stream, None, event);
    }

    fn tell_of<E: Vocabulary>(&mut self, stream: &str, effect: Option<EffectMark>, event: E) {
        let stream = name(stream);
        let (kind, payload) = wire::encode(stream.category(), &event).unwrap();
        let version = self.versions.entry(stream.clone()).or_default();
        let mut append = append(stream, *version, Draft { kind, payload, effect });
        append.meta.time = Timestamp(1_000_000 * (1 + self.appends.len() as i64));
        *version += 1;
        self.appends.push(append);
    }

    fn opening(&mut self) {
        let values = BTreeMap::from([("image.tries".to_owned(), 3.0), ("review.aesthetic".to_owned(), 5.5)]);
        self.tell("policy-main", PolicyEvent::DefaultsRecorded { values });
        self.tell("policy-main", PolicyEvent::PolicySet { key: "image.tries".into(), from: 3.0, to: 2.0 });
        let source = ChapterSource {
            stem: "light".into(),
            screenplay: blob("screenplay"),
            cast: blob("cast"),
            fill: Fill::No,
            candidates: 1,
        };
        self.tell(CHAPTER, ChapterEvent::ChapterRequested { title: "Light".into(), source, revision: 1 });
        let scenes = vec![PlannedScene { scene: name(SCENE), spec: blob("spec") }];
        self.tell(
            CHAPTER,
            ChapterEvent::ChapterPlanned { plan: blob("plan"), scenes, dropped: Vec::new(), revision: 1 },
        );
    }

    fn writing(&mut self) {
        let (chapter, spec) = (name(CHAPTER), blob("spec"));
        self.tell(SCENE, SceneEvent::SceneOpened { chapter: chapter.clone(), spec, revision: 1, draft: 1 });
        let wanted = |image: &str| {
            let (brief, shows) = (blob(image), shows(image));
            WantedImage { image: name(image), brief, shows, recalled: None }
        };
        let mut written = |draft, images: Vec<WantedImage>, released: Vec<StreamName>| {
            let line = WantedLine { line: name(LINE), speech: blob("speech"), character: "keeper".into() };
            let event = SceneEvent::SceneWritten {
                chapter: chapter.clone(),
                script: blob("script"),
                images,
                lines: vec![line],
                placeholders: 0,
                draft,
                released,
                recalled: None,
            };
            self.tell(SCENE, event);
        };
        let all = vec![wanted(KEEPER), wanted(TOWER)];
        written(1, [all.clone(), vec![wanted("image-light_boat")]].concat(), Vec::new());
        written(2, all, vec![name("image-light_boat")]);
    }

    fn queueing(&mut self) {
        let join = |instance: &str| ClusterEvent::NodeJoined {
            node: "desk".into(),
            instance: instance.into(),
            slots: BTreeMap::from([(WorkKind::Image, 1)]),
        };
        self.tell("cluster-main", join("desk-1"));
        self.tell("cluster-main", join("desk-2"));
        for stream in [KEEPER, TOWER, LINE] {
            let (kind, effect) = (WorkKind::Image, "render_1".to_owned());
            let queued = ClusterEvent::TaskQueued {
                task: task(stream),
                stream: name(stream),
                effect,
                kind,
                priority: 0,
            };
            self.tell("cluster-main", queued);
        }
        self.tell("cluster-main", granted(KEEPER, 1));
        self.tell("cluster-main", granted(TOWER, 2));
        let (instance, evidence) = ("desk-2".to_owned(), "no heartbeat".to_owned());
        self.tell(
            "cluster-main",
            ClusterEvent::LeaseLost {
                task: task(TOWER),
                epoch: 2,
                instance: instance.clone(),
                evidence: evidence.clone(),
            },
        );
        self.tell("cluster-main", ClusterEvent::InstanceLost { node: "desk".into(), instance, evidence });
        self.tell("cluster-main", ClusterEvent::TaskMoved { task: task(LINE), rank: -1 });
        self.tell("cluster-main", ClusterEvent::LeaseFinished { task: task(KEEPER), epoch: 1 });
        self.tell("cluster-main", ClusterEvent::QueuePaused { reason: "day".into() });
    }

    fn keeper_is_drawn_twice(&mut self) {
        self.request(KEEPER);
        self.attempt(KEEPER, "render_1", 1);
        let lost = EffectEvent::AttemptLost {
            effect: "render_1".into(),
            attempt: 1,
            evidence: "the process is gone".into(),
            counts: true,
        };
        self.tell_of(KEEPER, mark("render_1", EffectRole::Postpone, 1), lost);
        self.attempt(KEEPER, "render_1", 2);
        self.drawn(KEEPER, 1);
        let reasons = vec!["too dark".to_owned()];
        let by = DecidedBy::Policy {};
        self.tell(KEEPER, ImageEvent::ImageRejected { quality_try: 1, reasons, by });
        let (note, requesters) = ("another seed".to_owned(), Vec::new());
        self.tell(KEEPER, ImageEvent::RenderReopened { quality_try: 2, note, requesters });
        self.attempt(KEEPER, "render_2", 1);
        self.drawn(KEEPER, 2);
        self.asked();
        let approved = ImageEvent::ImageApproved {
            quality_try: 2,
            made: made("keeper 2"),
            seed: 2,
            scores: scores(),
            by: DecidedBy::Person { name: "Ada".into() },
            policy: 2,
            shows: shows(KEEPER),
            chapter: "light".into(),
        };
        self.tell(KEEPER, approved);
        self.supplied(KEEPER, "keeper 2");
    }

    /// The review is undecided, and a person answers.
    fn asked(&mut self) {
        let scored = ReviewEvent::PictureScored { quality_try: 2, scores: scores(), duration_ms: 40 };
        self.tell("review-light_keeper", scored);
        let (review, image) = (name("review-light_keeper"), name(KEEPER));
        let (default, by) = (Verdict::Approve, DecidedBy::Person { name: "Ada".into() });
        let requested = ApprovalEvent::ApprovalRequested {
            review: review.clone(),
            image,
            quality_try: 2,
            blob: blob("keeper 2"),
            scores: scores(),
            reasons: vec!["aesthetic".into()],
            default,
            chapter: "light".into(),
        };
        self.tell("approval-light_keeper", requested);
        let (verdict, note) = (Verdict::Approve, "lovely".to_owned());
        let answered = ApprovalEvent::ApprovalAnswered { review, quality_try: 2, verdict, by, note };
        self.tell("approval-light_keeper", answered);
    }

    fn tower_goes_missing(&mut self) {
        self.request(TOWER);
        self.attempt(TOWER, "render_1", 1);
        let reason = "the engine is down".to_owned();
        let parked =
            EffectEvent::EffectParked { effect: "render_1".into(), attempts: 1, reason: reason.clone() };
        self.tell_of(TOWER, mark("render_1", EffectRole::Park, 1), parked);
        self.tell(TOWER, ImageEvent::ImageMissing { requesters: vec![name(SCENE)], reason: reason.clone() });
        self.tell(SCENE, SceneEvent::SceneAssetMissing { asset: name(TOWER), reason: reason.clone() });
        let (kind, subject) = (IncidentKind::EffectParked, name(TOWER));
        self.tell(
            "incident-light_tower",
            IncidentEvent::IncidentOpened { kind, subject, reason, occurrence: 1 },
        );
    }

    fn line_is_spoken(&mut self) {
        let requested = LineEvent::LineRequested {
            scene: name(SCENE),
            chapter: "light".into(),
            speech: blob("speech"),
            character: "keeper".into(),
            take: 1,
        };
        self.tell_of(LINE, mark("speak_1", EffectRole::Open, 0), requested);
        self.attempt(LINE, "speak_1", 1);
        let spoken = LineEvent::LineSpoken {
            scene: name(SCENE),
            chapter: "light".into(),
            character: "keeper".into(),
            made: made("line 1"),
            voice: "low".into(),
            length_ms: 1_200,
            take: 1,
        };
        self.tell_of(LINE, mark("speak_1", EffectRole::Close, 1), spoken);
        self.supplied(LINE, "line 1");
    }

    fn closing(&mut self) {
        let chapter = name(CHAPTER);
        let closed = |closing| SceneEvent::SceneClosed {
            chapter: chapter.clone(),
            revision: 1,
            supplied: 2,
            missing: 1,
            closing,
        };
        self.tell(SCENE, closed(1));
        self.tell(CHAPTER, ChapterEvent::ChapterSceneClosed { scene: name(SCENE), missing: 1 });
        self.tell(SCENE, SceneEvent::SceneReopened { chapter: chapter.clone(), revision: 1 });
        self.tell(CHAPTER, ChapterEvent::ChapterSceneReopened { scene: name(SCENE) });
        self.tell(SCENE, closed(2));
        self.tell(CHAPTER, ChapterEvent::ChapterSceneClosed { scene: name(SCENE), missing: 1 });
        self.tell(CHAPTER, ChapterEvent::ChapterCompleted { missing: 1, completion: 1 });
    }

    fn surroundings(&mut self) {
        let (cron, timezone) = ("0 22 * * *".to_owned(), "Europe/Berlin".to_owned());
        self.tell(
            "plan-night",
            PlanEvent::PlanAdded { cron, timezone, action: PlannedAction::ResumeQueue {} },
        );
        self.tell("plan-night", PlanEvent::PlanScheduled { due: Timestamp(7_000_000) });
        let (due, action) = (Timestamp(7_000_000), PlannedAction::ResumeQueue {});
        self.tell("plan-night", PlanEvent::PlanFired { due, action });
        self.tell("cluster-main", ClusterEvent::QueueResumed {});
    }

    fn request(&mut self, image: &str) {
        let (requester, chapter, brief) = (name(SCENE), "light".to_owned(), blob(image));
        let (shows, priority) = (shows(image), 0);
        let recall = || Recalled { position: 1, facts: blob("facts"), from: vec![name("image-day_keeper")] };
        let recalled = (image == KEEPER).then(recall);
        let requested = ImageEvent::ImageRequested { requester, chapter, brief, shows, priority, recalled };
        self.tell_of(image, mark("render_1", EffectRole::Open, 0), requested);
    }

    fn attempt(&mut self, stream: &str, effect: &str, attempt: u32) {
        let started = EffectEvent::AttemptStarted {
            effect: effect.into(),
            attempt,
            worker: "studio".into(),
            instance: "desk-1".into(),
            epoch: 1,
            alone: false,
        };
        self.tell_of(stream, mark(effect, EffectRole::Attempt, attempt), started);
    }

    fn drawn(&mut self, image: &str, quality_try: u32) {
        let rendered = ImageEvent::ImageRendered {
            quality_try,
            made: made(&format!("keeper {quality_try}")),
            seed: quality_try.into(),
            brief: blob(image),
            shows: shows(image),
            chapter: "light".into(),
        };
        self.tell_of(image, mark(&format!("render_{quality_try}"), EffectRole::Close, 1), rendered);
    }

    fn supplied(&mut self, asset: &str, file: &str) {
        self.tell(SCENE, SceneEvent::SceneAssetSupplied { asset: name(asset), blob: blob(file) });
    }
}

fn mark(effect: &str, role: EffectRole, attempt: u32) -> Option<EffectMark> {
    Some(EffectMark { effect: effect.into(), role, attempt })
}

fn task(stream: &str) -> Id {
    Id::derive("task", &[stream.as_bytes()])
}

fn granted(stream: &str, epoch: u64) -> ClusterEvent {
    ClusterEvent::LeaseGranted {
        task: task(stream),
        stream: name(stream),
        effect: "render_1".into(),
        kind: WorkKind::Image,
        node: "desk".into(),
        instance: format!("desk-{epoch}"),
        epoch,
        alone: false,
        because: "first in the queue".into(),
    }
}

fn shows(image: &str) -> Shows {
    let kind = if image == TOWER { ShownKind::Background } else { ShownKind::Bust };
    let subject = image.rsplit('_').next().unwrap().to_owned();
    Shows { subject, kind, outfit: "coat".into(), expression: String::new(), candidate: 1 }
}

fn made(file: &str) -> Made {
    Made {
        blob: blob(file),
        media_type: "image/png".into(),
        engine: "studio".into(),
        engine_version: "1".into(),
        request: blob("request"),
        response: blob(file),
        duration_ms: 900,
    }
}

fn scores() -> Vec<Score> {
    let score = |name, value| Score { name, value, metric: "plain".into(), version: "1".into() };
    vec![score(ScoreName::Aesthetic, Some(5.25)), score(ScoreName::Likeness, None)]
}
