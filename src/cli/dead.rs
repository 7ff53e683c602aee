//! `hydra dead`.

#[cfg(feature = "full")]
use std::path::PathBuf;

use clap::Subcommand;

/// `hydra dead`.
#[derive(Debug, Subcommand)]
pub enum Dead {
    /// List what was given up or set aside, oldest first, and then the commands that were refused.
    List,
    /// Show one of them whole: the stream's state, what failed and how often; of a command what came with it.
    Show {
        /// The stream, its file in the output folder, or a refused command.
        asset: String,
    },
    /// Try it again. A chapter that closed without it opens again.
    Retry {
        /// The stream, its file in the output folder, or a refused command; when absent everything but commands.
        asset: Option<String>,
        /// Everything that is missing.
        #[arg(long, conflicts_with = "asset")]
        all: bool,
        /// Send a refused command with what stands in this file instead.
        #[cfg(feature = "full")]
        #[arg(long, value_name = "FILE", requires = "asset")]
        payload: Option<PathBuf>,
    },
    /// Give it up for good.
    Drop {
        /// The stream, its file in the output folder, or a refused command.
        asset: String,
    },
}

#[cfg(feature = "full")]
impl Dead {
    /// What it is about.
    pub fn asset(&self) -> Option<&str> {
        match self {
            Self::List => None,
            Self::Show { asset } | Self::Drop { asset } => Some(asset),
            Self::Retry { asset, .. } => asset.as_deref(),
        }
    }
}
