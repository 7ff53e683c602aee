//! What the cluster decides.

#[path = "table/stream.rs"]
mod table;

use std::collections::BTreeMap;

use hydra_actors::decider::Decider;
use hydra_actors::scheduler::cluster::{Cluster, ClusterRejection, ClusterState, Standing, grants};
use hydra_events::Id;
use hydra_events::vocabulary::cluster::{ClusterCommand, ClusterEvent, QueuePlace};
use hydra_events::vocabulary::plan::{PlanEvent, PlannedAction};
use hydra_events::vocabulary::terms::WorkKind::{self, Image, Scoring, Speech, Video};
use table::{Stream, Table, name as stream, reactions};

/// A cluster to which one thing happens after the other.
struct Story {
    table: Table,
    state: ClusterState,
}

impl Story {
    fn when(&self, command: ClusterCommand) -> Result<Vec<ClusterEvent>, ClusterRejection> {
        let (stream, policy, meta) = (&self.table.stream, &self.table.policy, table::meta());
        Cluster::decide(&self.state, command, hydra_actors::decider::Given { stream, meta: &meta, policy })
    }

    fn then(&mut self, command: ClusterCommand) -> Vec<ClusterEvent> {
        let events = self.when(command).unwrap();
        events.iter().for_each(|event| Cluster::evolve(&mut self.state, event));
        events
    }
}

fn empty() -> Story {
    Story { table: Table::of("cluster-main"), state: ClusterState::default() }
}

/// A cluster with one process `a` on the machine `local`.
fn with(slots: &[(WorkKind, u32)]) -> Story {
    let mut table = empty();
    table.then(join("local", "a", slots));
    table
}

fn id(name: &str) -> Id {
    Id::derive("task", &[name.as_bytes()])
}

fn join(node: &str, instance: &str, slots: &[(WorkKind, u32)]) -> ClusterCommand {
    let slots: BTreeMap<_, _> = slots.iter().copied().collect();
    ClusterCommand::JoinNode { node: node.into(), instance: instance.into(), slots }
}

fn lose(node: &str, instance: Option<&str>) -> ClusterCommand {
    let (node, instance) = (node.into(), instance.map(str::to_owned));
    ClusterCommand::LoseInstance { node, instance, evidence: "it is dead".into() }
}

fn queue(name: &str, kind: WorkKind, priority: i32) -> ClusterCommand {
    let stream = stream(&format!("image-{name}"));
    ClusterCommand::QueueTask { task: id(name), stream, effect: "render-1".into(), kind, priority }
}

fn finish(name: &str) -> ClusterCommand {
    ClusterCommand::FinishTask { task: id(name) }
}

fn give_back(name: &str, epoch: u64, again: bool) -> ClusterCommand {
    ClusterCommand::ReturnLease { task: id(name), epoch, reason: "refused".into(), again }
}

fn shift(name: &str, to: QueuePlace) -> ClusterCommand {
    ClusterCommand::MoveTask { task: id(name), to }
}

fn pause() -> ClusterCommand {
    ClusterCommand::PauseQueue { reason: "dinner".into() }
}

/// One word an event: what happened to which task, where and under which epoch.
fn told(events: &[ClusterEvent]) -> String {
    let words = events.iter().map(|event| match event {
        ClusterEvent::NodeJoined { instance, .. } => format!("joined:{instance}"),
        ClusterEvent::InstanceLost { instance, .. } => format!("lost:{instance}"),
        ClusterEvent::TaskQueued { stream, .. } => format!("queued:{}", stream.id()),
        ClusterEvent::LeaseGranted { stream, instance, epoch, alone, .. } => {
            format!("{}:{}@{instance}#{epoch}", if *alone { "alone" } else { "granted" }, stream.id())
        }
        ClusterEvent::LeaseFinished { epoch, .. } => format!("finished#{epoch}"),
        ClusterEvent::LeaseReturned { epoch, again, .. } => format!("returned#{epoch}:{again}"),
        ClusterEvent::LeaseLost { epoch, .. } => format!("dropped#{epoch}"),
        ClusterEvent::QueuePaused { .. } => "paused".into(),
        ClusterEvent::QueueResumed {} => "resumed".into(),
        ClusterEvent::TaskMoved { rank, .. } => format!("moved:{rank}"),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Lets `steps` happen one after the other; each must be told as expected.
fn check(table: &mut Story, steps: &[(ClusterCommand, &str)]) {
    for (number, (command, expected)) in steps.iter().enumerate() {
        assert_eq!(told(&table.then(command.clone())), *expected, "step {number}: {command:?}");
        assert_eq!(grants(&table.state), [], "step {number} left something to grant");
    }
}

#[test]
fn a_task_waits_for_a_machine_and_a_machine_for_tasks() {
    check(
        &mut empty(),
        &[
            (queue("p", Image, 0), "queued:p"),
            (join("local", "a", &[(Image, 2)]), "joined:a granted:p@a#1"),
            (queue("q", Image, 0), "queued:q granted:q@a#2"),
            (queue("r", Image, 0), "queued:r"),
            (finish("p"), "finished#1 granted:r@a#3"),
        ],
    );
}

#[test]
fn what_was_said_before_changes_nothing() {
    let mut table = with(&[(Image, 1)]);
    check(
        &mut table,
        &[
            (join("local", "a", &[(Image, 1)]), ""),
            (queue("p", Image, 0), "queued:p granted:p@a#1"),
            (queue("p", Image, 9), ""),
            (queue("q", Image, 0), "queued:q"),
            (queue("q", Image, 9), ""),
            (pause(), "paused"),
            (pause(), ""),
            (ClusterCommand::ResumeQueue {}, "resumed"),
            (ClusterCommand::ResumeQueue {}, ""),
            (lose("local", Some("b")), ""),
            (lose("elsewhere", None), ""),
            (lose("local", None), ""),
            (finish("p"), "finished#1 granted:q@a#2"),
            (finish("p"), ""),
            (finish("nobody"), ""),
        ],
    );
}

#[test]
fn priority_comes_before_patience_and_patience_before_all_else() {
    let mut table = with(&[(Image, 1)]);
    for (name, priority) in [("running", 0), ("first", 0), ("second", 0), ("urgent", 5)] {
        table.then(queue(name, Image, priority));
    }
    check(
        &mut table,
        &[
            (finish("running"), "finished#1 granted:urgent@a#2"),
            (finish("urgent"), "finished#2 granted:first@a#3"),
            (finish("first"), "finished#3 granted:second@a#4"),
        ],
    );
}

#[test]
fn each_kind_has_its_own_line() {
    check(
        &mut with(&[(Image, 1), (Speech, 1)]),
        &[
            (queue("p", Image, 0), "queued:p granted:p@a#1"),
            (queue("q", Image, 9), "queued:q"),
            (queue("s", Speech, 0), "queued:s granted:s@a#2"),
            (queue("v", Video, 9), "queued:v"),
            (join("local", "a", &[(Image, 2), (Video, 1)]), "joined:a granted:q@a#3 granted:v@a#4"),
        ],
    );
}

#[test]
fn the_roomiest_machine_is_chosen_and_then_the_first_by_name() {
    let mut table = empty();
    table.then(join("east", "e", &[(Image, 1)]));
    table.then(join("west", "w", &[(Image, 2)]));
    check(
        &mut table,
        &[
            (queue("p", Image, 0), "queued:p granted:p@w#1"),
            (queue("q", Image, 0), "queued:q granted:q@e#2"),
            (queue("r", Image, 0), "queued:r granted:r@w#3"),
            (queue("s", Image, 0), "queued:s"),
        ],
    );
}

#[test]
fn every_grant_says_why() {
    let mut table = with(&[(Image, 2)]);
    table.then(pause());
    for name in ["p", "q", "r"] {
        table.then(queue(name, Image, 5));
    }
    let because = |events: Vec<ClusterEvent>| -> Vec<String> {
        let reasons = events.into_iter().filter_map(|event| match event {
            ClusterEvent::LeaseGranted { because, .. } => Some(because),
            ClusterEvent::NodeJoined { .. }
            | ClusterEvent::InstanceLost { .. }
            | ClusterEvent::TaskQueued { .. }
            | ClusterEvent::LeaseFinished { .. }
            | ClusterEvent::LeaseReturned { .. }
            | ClusterEvent::LeaseLost { .. }
            | ClusterEvent::QueuePaused { .. }
            | ClusterEvent::QueueResumed {}
            | ClusterEvent::TaskMoved { .. } => None,
        });
        reasons.collect()
    };
    assert_eq!(
        because(table.then(ClusterCommand::ResumeQueue {})),
        [
            "first of 3 image tasks by priority 5, slot 1 of 2 on local",
            "first of 2 image tasks by priority 5, slot 2 of 2 on local"
        ]
    );
    table.then(finish("p"));
    table.then(finish("q"));
    table.then(lose("local", Some("a")));
    assert_eq!(
        because(table.then(join("local", "b", &[(Image, 2)]))),
        ["the only image task by priority 5, alone on local because a process died while it had the task"]
    );
}

#[test]
fn a_paused_queue_grants_nothing_until_it_is_resumed() {
    check(
        &mut with(&[(Image, 1)]),
        &[
            (queue("p", Image, 0), "queued:p granted:p@a#1"),
            (pause(), "paused"),
            (queue("q", Image, 0), "queued:q"),
            (finish("p"), "finished#1"),
            (ClusterCommand::ResumeQueue {}, "resumed granted:q@a#2"),
        ],
    );
}

#[test]
fn a_waiting_task_is_closed_without_an_epoch() {
    let mut table = with(&[]);
    check(&mut table, &[(queue("p", Image, 0), "queued:p"), (finish("p"), "finished#0")]);
    assert!(table.state.queue.is_empty(), "a closed task is still in the state");
}

#[test]
fn a_returned_lease_goes_to_the_next_and_its_task_waits_again_or_is_gone() {
    let mut table = with(&[(Image, 1)]);
    check(
        &mut table,
        &[
            (queue("p", Image, 0), "queued:p granted:p@a#1"),
            (queue("q", Image, 0), "queued:q"),
            (give_back("p", 1, true), "returned#1:true granted:p@a#2"),
            (give_back("p", 2, false), "returned#2:false granted:q@a#3"),
            (finish("p"), ""),
        ],
    );
}

#[test]
fn epochs_rise_even_when_a_task_comes_back_after_it_was_closed() {
    check(
        &mut with(&[(Image, 1)]),
        &[
            (queue("p", Image, 0), "queued:p granted:p@a#1"),
            (finish("p"), "finished#1"),
            (queue("p", Image, 0), "queued:p granted:p@a#2"),
        ],
    );
}

#[test]
fn a_successor_gets_nothing_until_its_predecessor_is_known_to_be_dead() {
    check(
        &mut with(&[(Image, 1), (Speech, 1)]),
        &[
            (queue("p", Image, 0), "queued:p granted:p@a#1"),
            (queue("q", Image, 0), "queued:q"),
            (join("local", "b", &[(Image, 1), (Speech, 1)]), "joined:b"),
            (queue("s", Speech, 0), "queued:s granted:s@b#2"),
            (finish("s"), "finished#2"),
            (lose("local", None), "dropped#1 lost:a alone:p@b#3"),
            (finish("p"), "finished#3 granted:q@b#4"),
        ],
    );
}

#[test]
fn what_was_in_flight_on_a_dead_process_runs_alone_one_at_a_time_and_in_its_old_order() {
    let mut table = with(&[(Image, 2)]);
    for name in ["p", "q", "r"] {
        table.then(queue(name, Image, 0));
    }
    let lost = table.then(lose("local", Some("a")));
    assert!(told(&lost).starts_with("dropped#") && told(&lost).ends_with("lost:a"), "{}", told(&lost));
    assert_eq!(lost.len(), 3);
    check(
        &mut table,
        &[
            (join("local", "b", &[(Image, 2)]), "joined:b alone:p@b#3"),
            (queue("s", Image, 9), "queued:s"),
            (finish("p"), "finished#3 granted:s@b#4"),
            (finish("s"), "finished#4 alone:q@b#5"),
            (finish("q"), "finished#5 granted:r@b#6"),
        ],
    );
}

#[test]
fn a_suspect_at_the_head_of_its_line_holds_other_grants_back_until_the_machine_is_idle() {
    let mut table = empty();
    table.then(join("far", "f", &[(Speech, 1)]));
    table.then(queue("suspect", Speech, 0));
    table.then(lose("far", Some("f")));
    check(
        &mut table,
        &[
            (queue("p", Image, 9), "queued:p"),
            (queue("q", Image, 9), "queued:q"),
            (pause(), "paused"),
            (join("local", "a", &[(Image, 2)]), "joined:a"),
            (ClusterCommand::ResumeQueue {}, "resumed granted:p@a#2 granted:q@a#3"),
            (join("local", "a", &[(Image, 2), (Speech, 1)]), "joined:a"),
            (queue("r", Image, 9), "queued:r"),
            (finish("p"), "finished#2"),
            (finish("q"), "finished#3 alone:suspect@a#4"),
            (finish("suspect"), "finished#4 granted:r@a#5"),
        ],
    );
}

/// A cluster in which a machine died with the picture `suspect`, and with no machine left.
fn with_suspect() -> Story {
    let mut table = empty();
    table.then(join("far", "f", &[(Image, 1)]));
    table.then(queue("suspect", Image, 0));
    table.then(lose("far", Some("f")));
    table
}

#[test]
fn where_a_suspect_runs_nothing_else_does() {
    check(
        &mut with_suspect(),
        &[
            (join("east", "e", &[(Image, 2), (Scoring, 1)]), "joined:e alone:suspect@e#2"),
            (queue("x", Scoring, 0), "queued:x"),
            (queue("p", Image, 9), "queued:p"),
            (join("west", "w", &[(Image, 1)]), "joined:w granted:p@w#3"),
            (queue("q", Image, 0), "queued:q"),
            (finish("suspect"), "finished#2 granted:x@e#4 granted:q@e#5"),
        ],
    );
}

#[test]
fn a_suspect_holds_one_machine_back_and_the_others_go_on() {
    check(
        &mut with_suspect(),
        &[
            (join("east", "e", &[(Scoring, 2)]), "joined:e"),
            (join("west", "w", &[(Scoring, 1)]), "joined:w"),
            (queue("x", Scoring, 0), "queued:x granted:x@e#2"),
            (queue("y", Scoring, 0), "queued:y granted:y@e#3"),
            (queue("z", Scoring, 0), "queued:z granted:z@w#4"),
            (pause(), "paused"),
            (join("east", "e", &[(Scoring, 2), (Image, 1)]), "joined:e"),
            (join("west", "w", &[(Scoring, 3), (Image, 1)]), "joined:w"),
            (finish("y"), "finished#3"),
            (queue("p", Image, 0), "queued:p"),
            (ClusterCommand::ResumeQueue {}, "resumed granted:p@w#5"),
            (queue("v", Scoring, 0), "queued:v granted:v@w#6"),
            (finish("x"), "finished#2 alone:suspect@e#7"),
        ],
    );
}

#[test]
fn tasks_are_moved_within_their_priority() {
    let mut table = with(&[(Image, 1)]);
    for (name, priority) in [("running", 0), ("urgent", 5), ("p", 0), ("q", 0), ("r", 0)] {
        table.then(queue(name, Image, priority));
    }
    check(
        &mut table,
        &[
            (shift("r", QueuePlace::Front), "moved:-1"),
            (shift("r", QueuePlace::Front), ""),
            (shift("p", QueuePlace::Back), "moved:1"),
            (shift("p", QueuePlace::Back), ""),
            (shift("urgent", QueuePlace::Back), ""),
            (finish("running"), "finished#1 granted:urgent@a#2"),
            (finish("urgent"), "finished#2 granted:r@a#3"),
            (finish("r"), "finished#3 granted:q@a#4"),
            (finish("q"), "finished#4 granted:p@a#5"),
        ],
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let mut table = with(&[(Image, 1)]);
    table.then(queue("runs", Image, 0));
    table.then(queue("waits", Image, 0));
    let (runs, waits, nobody) = (id("runs"), id("waits"), id("nobody"));
    for (command, rejection) in [
        (join("a.b", "a", &[]), ClusterRejection::BadNode("a.b".into())),
        (give_back("runs", 7, true), ClusterRejection::OtherEpoch { task: runs, asked: 7, actual: 1 }),
        (give_back("waits", 1, true), ClusterRejection::NoLease(waits)),
        (give_back("nobody", 1, false), ClusterRejection::UnknownTask(nobody)),
        (shift("nobody", QueuePlace::Front), ClusterRejection::UnknownTask(nobody)),
        (shift("runs", QueuePlace::Front), ClusterRejection::Running { task: runs, node: "local".into() }),
    ] {
        assert_eq!(table.when(command), Err(rejection));
    }
    let other = Story { table: Table::of("cluster-second"), ..empty() };
    assert_eq!(other.when(pause()), Err(ClusterRejection::OtherStream(stream("cluster-second"))));
}

#[test]
fn plans_pause_and_resume_the_queue() {
    let fired = |action| PlanEvent::PlanFired { due: hydra_events::Timestamp(1), action };
    let resumed = reactions::<Cluster, _>("plan-night", &fired(PlannedAction::ResumeQueue {}));
    assert_eq!(resumed, [(stream("cluster-main"), ClusterCommand::ResumeQueue {})]);
    let paused = reactions::<Cluster, _>("plan-day", &fired(PlannedAction::PauseQueue {}));
    let reason = "planned by plan-day".to_owned();
    assert_eq!(paused, [(stream("cluster-main"), ClusterCommand::PauseQueue { reason })]);
}

#[test]
fn a_snapshot_holds_the_whole_queue() {
    let mut cluster = Stream::<Cluster>::of("cluster-main");
    cluster.tell(&join("local", "a", &[(Image, 1), (Speech, 1)])).unwrap();
    for name in ["p", "q", "r"] {
        cluster.tell(&queue(name, Image, 3)).unwrap();
    }
    cluster.tell(&shift("r", QueuePlace::Front)).unwrap();
    cluster.crash();
    assert_eq!(cluster.tell(&finish("p")).unwrap(), ["lease_finished", "lease_granted"]);
    assert_eq!(cluster.loaded.entity().queue.running().next().unwrap().0, id("r"));
    assert_eq!(cluster.active(), Vec::<String>::new());
}

/// Whatever happens, in whatever order: no slot is given twice, a suspect has its machine to itself, and when
/// everything has finished nothing is left.
#[test]
fn two_thousand_tasks_and_many_deaths_leave_no_task_behind() {
    let mut table = with(&[(Image, 2), (Speech, 1)]);
    table.then(join("big", "b", &[(Image, 3), (Scoring, 2), (Speech, 1)]));
    for number in 0..2_000_u32 {
        let kind = [Image, Speech, Scoring][number as usize % 3];
        table.then(queue(&format!("t{number}"), kind, (number % 7) as i32));
    }
    let mut deaths = 0;
    for turn in 0.. {
        let Some((task, ..)) =
            table.state.queue.running().nth(turn % 2).or(table.state.queue.running().next())
        else {
            break;
        };
        if turn % 50 == 49 {
            deaths += 1;
            let (old, new) = (format!("b{}", deaths - 1), format!("b{deaths}"));
            table.then(lose("big", Some(if deaths == 1 { "b" } else { &old })));
            table.then(join("big", &new, &[(Image, 3), (Scoring, 2), (Speech, 1)]));
        } else {
            table.then(ClusterCommand::FinishTask { task });
        }
        assert_slots_hold(&table.state);
    }
    assert!(table.state.queue.is_empty(), "{} tasks wait for nothing", table.state.queue.len());
    assert!(deaths > 30);
}

fn assert_slots_hold(state: &ClusterState) {
    for (name, node) in &state.nodes {
        let here: Vec<_> = state.queue.running().filter(|(_, _, lease)| lease.node == *name).collect();
        for (kind, slots) in &node.instances[0].slots {
            assert!(here.iter().filter(|(_, task, _)| task.kind == *kind).count() <= *slots as usize);
        }
        let suspects = here.iter().filter(|(_, task, _)| task.standing == Standing::Suspect);
        assert!(suspects.count() == 0 || here.len() == 1, "a suspect has company on {name}");
    }
}
