//! `hydra knowledge`.

use std::path::PathBuf;

use clap::Subcommand;

/// What is done with documents.
#[derive(Debug, Subcommand)]
pub enum Knowledge {
    /// Keep documents, plain text or Markdown; each is named after its file, and the same name again replaces it.
    ///
    /// A document is split into passages along its headings and paragraphs, which `hydra memory similar` finds. Whoever fills
    /// in a scene without dialogue is told those nearest to it. Runs until they can be found, with whatever else is owed,
    /// unless a running Hydra takes them.
    Add {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// List them.
    List,
    /// Forget a document: it is not found any more, and no chapter planned from now on is told of it.
    ///
    /// Its text stays in the content store, where what was written with it refers to it.
    Forget {
        /// The document, as `hydra knowledge list` names it.
        document: String,
    },
}
