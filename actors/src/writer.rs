//! The Writer: makes of every planned scene its finished dialogue, with the pictures and lines it wants.

pub mod briefs;
mod perform;
mod placeholders;
pub mod recall;
pub mod scene;
pub mod script;
pub mod spec;
