//! What becomes of leases when processes die: their tasks run again, alone, and nobody starves.

use hydra_actors::scheduler::cluster::{ClusterState, Standing};
use hydra_events::vocabulary::cluster::ClusterCommand;
use hydra_events::vocabulary::terms::WorkKind::{Image, Scoring, Speech};

use crate::table::cluster::{Story, check, empty, finish, join, lose, pause, queue, told, with};

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
#[test]
fn a_suspect_that_somebody_is_in_a_hurry_for_still_runs_alone() {
    let mut table = with(&[(Image, 2)]);
    table.then(queue("p", Image, 0));
    table.then(pause());
    table.then(lose("local", Some("a")));
    table.then(join("local", "b", &[(Image, 2)]));
    check(
        &mut table,
        &[
            (queue("p", Image, 9), "queued:p"),
            (queue("q", Image, 0), "queued:q"),
            (ClusterCommand::ResumeQueue {}, "resumed alone:p@b#2"),
        ],
    );
}

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
