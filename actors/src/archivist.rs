//! The Archivist: keeps files as long as something refers to them, and writes the report of a chapter.

pub mod asset;
mod perform;
pub mod report;
