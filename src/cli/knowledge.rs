//! `hydra knowledge`.

use std::path::PathBuf;

use clap::Subcommand;

/// What is done with documents.
#[derive(Debug, Subcommand)]
pub enum Knowledge {
    /// Keep documents, plain text or Markdown; each is named after its file, and the same name again replaces it.
    ///
    /// A document is split into passages along its headings and paragraphs. A scene without dialogue that is filled in is
    /// written with the passages nearest to it, and `hydra memory similar` finds them.
    Add {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// List them.
    List,
    /// Forget a document: nothing new is written with it. What it said stays in the log.
    Forget {
        /// The document, as `hydra knowledge list` names it.
        document: String,
    },
}
