//! What the cluster grants, to whom, in what order and why.

use hydra_actors::scheduler::cluster::{Cluster, ClusterRejection};
use hydra_events::vocabulary::cluster::{ClusterCommand, ClusterEvent, QueuePlace};
use hydra_events::vocabulary::plan::{PlanEvent, PlannedAction};
use hydra_events::vocabulary::terms::WorkKind::{Image, Speech, Video};

use crate::table::cluster::{
    Story, check, empty, finish, give_back, id, join, lose, pause, queue, shift, with,
};
use crate::table::stream::{Stream, Table, name, reactions};

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
            (queue("q", Image, 3), "queued:q"),
            (queue("q", Image, 3), ""),
            (queue("q", Image, 2), ""),
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
fn who_is_in_more_of_a_hurry_moves_a_waiting_task_forward() {
    let mut table = with(&[(Image, 1)]);
    for name in ["running", "first", "second", "third"] {
        table.then(queue(name, Image, 0));
    }
    check(
        &mut table,
        &[
            (queue("running", Image, 5), ""),
            (queue("third", Image, 5), "queued:third"),
            (queue("second", Image, 5), "queued:second"),
            (finish("running"), "finished#1 granted:third@a#2"),
            (finish("third"), "finished#2 granted:second@a#3"),
            (finish("second"), "finished#3 granted:first@a#4"),
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
    assert_eq!(other.when(pause()), Err(ClusterRejection::OtherStream(name("cluster-second"))));
}

#[test]
fn plans_pause_and_resume_the_queue() {
    let fired = |action| PlanEvent::PlanFired { due: hydra_events::Timestamp(1), action };
    let resumed = reactions::<Cluster, _>("plan-night", &fired(PlannedAction::ResumeQueue {}));
    assert_eq!(resumed, [(name("cluster-main"), ClusterCommand::ResumeQueue {})]);
    let paused = reactions::<Cluster, _>("plan-day", &fired(PlannedAction::PauseQueue {}));
    let reason = "planned by plan-day".to_owned();
    assert_eq!(paused, [(name("cluster-main"), ClusterCommand::PauseQueue { reason })]);
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
