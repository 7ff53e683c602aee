//! The Archivist: keeps files as long as something refers to them, has what is said in words embedded, writes the report
//! of a chapter, and remembers where a memory was found apart from the log.

pub mod asset;
pub mod embedding;
pub mod knowledge;
pub mod memory;
mod perform;
pub mod report;
