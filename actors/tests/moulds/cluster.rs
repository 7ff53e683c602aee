//! The lives of the cluster, through every mould.

use hydra_actors::moulds::Story;
use hydra_events::vocabulary::cluster::{ClusterCommand, QueuePlace};
use hydra_events::vocabulary::terms::WorkKind::{Image, Speech};

use crate::table::cluster::{finish, give_back, join, lose, pause, queue, shift};

hydra_actors::entity_moulds!(stories());

fn stories() -> Vec<Story> {
    vec![
        joined("clean").tell(&queue("p", Image, 0)).tell(&finish("p")),
        joined("tasks wait for each other, by priority and by place")
            .tell(&queue("p", Image, 0))
            .tell(&queue("q", Image, 0))
            .tell(&queue("r", Image, 5))
            .tell(&queue("s", Image, 0))
            .tell(&shift("s", QueuePlace::Front))
            .tell(&finish("p"))
            .tell(&finish("r"))
            .tell(&finish("s"))
            .tell(&finish("q")),
        joined("a lease is returned, once to wait again and once for good")
            .tell(&queue("p", Image, 0))
            .tell(&give_back("p", 1, true))
            .tell(&give_back("p", 2, false)),
        joined("a process dies, and its successor runs what it had alone")
            .tell(&queue("p", Image, 0))
            .tell(&queue("q", Image, 0))
            .tell(&join("local", "b", &[(Image, 1), (Speech, 1)]))
            .tell(&lose("local", None))
            .tell(&finish("p"))
            .tell(&finish("q")),
        joined("every machine is gone and another comes")
            .tell(&queue("p", Image, 0))
            .tell(&lose("local", Some("a")))
            .tell(&join("far", "c", &[(Image, 1)]))
            .tell(&finish("p")),
        joined("a task is closed before anybody has it")
            .tell(&pause())
            .tell(&queue("p", Image, 0))
            .tell(&finish("p"))
            .tell(&ClusterCommand::ResumeQueue {}),
        joined("paused and resumed")
            .tell(&queue("p", Speech, 0))
            .tell(&pause())
            .tell(&queue("q", Speech, 0))
            .tell(&finish("p"))
            .tell(&ClusterCommand::ResumeQueue {})
            .tell(&finish("q")),
    ]
}

fn joined(name: &'static str) -> Story {
    Story::new(name, "cluster-main").tell(&join("local", "a", &[(Image, 1), (Speech, 1)]))
}
