//! The Scheduler: admits heavy work to the machines, one lease at a time, and does what was planned when it is due.

pub mod cluster;
mod perform;
pub mod plan;
