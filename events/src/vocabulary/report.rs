//! The morning report of a chapter.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::content::ContentHash;
use crate::record::Position;
use crate::stream::StreamName;
use crate::wire::Vocabulary;

/// What may be asked of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportCommand {
    /// The chapter was completed.
    RequestReport {
        /// The chapter.
        chapter: StreamName,
        /// Which completion it is about.
        completion: u32,
        /// The position the report has to have seen.
        position: Position,
    },
    /// It is written.
    AcceptReport {
        /// The report in Markdown, in the content store.
        report: ContentHash,
    },
}

impl Vocabulary for ReportCommand {}

/// What can become of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportEvent {
    /// It is to be written.
    ReportRequested {
        /// The chapter.
        chapter: StreamName,
        /// Which completion it is about.
        completion: u32,
        /// The position the report has to have seen.
        position: Position,
    },
    /// One that was not written yet is no longer of interest: the chapter was completed again.
    ReportSuperseded {
        /// Which completion it was about.
        completion: u32,
    },
    /// It is written.
    ReportCompiled {
        /// Which completion it is about.
        completion: u32,
        /// The report in Markdown, in the content store.
        report: ContentHash,
    },
}

impl Vocabulary for ReportEvent {}
