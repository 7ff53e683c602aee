//! Arguments of the commands about the views.

use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};
use hydra_connectors::calendar;
use hydra_events::Timestamp;
use hydra_events::record::Position;

/// `hydra rebuild`.
#[derive(Debug, Args)]
pub struct Rebuild {
    /// The view: procedural, short_term, associative or long_term.
    pub view: String,
    /// Compare it row by row with what is there, and name the rows that differ.
    #[arg(long)]
    pub compare: bool,
    /// Keep what the view was before, for `--roll-back`; otherwise it goes.
    #[arg(long)]
    pub keep_old: bool,
    /// Replace also the view of another log: whoever fills that one is told to look for another place.
    #[arg(long)]
    pub take_over: bool,
    /// Go back to what the last `--keep-old` has kept. Events it has not seen are added to it.
    #[arg(long, conflicts_with_all = ["compare", "keep_old", "take_over"])]
    pub roll_back: bool,
}

/// `hydra audit`.
#[derive(Debug, Args)]
pub struct Audit {
    /// The views: procedural, short_term, associative or long_term; all of them when absent.
    pub views: Vec<String>,
    /// So many rows of each view, chosen at random, instead of all of them.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub sample: Option<u32>,
    /// Replace each row that differs by what the log says. No other row is touched.
    #[arg(long)]
    pub repair: bool,
}

/// `hydra memory`.
#[derive(Debug, Args)]
pub struct Memory {
    /// What is asked.
    #[command(subcommand)]
    pub question: Question,
    /// As it was then: a position of the log, or a moment such as 2026-11-22T02:13:00+01:00.
    #[arg(long, global = true, value_name = "POSITION|TIME")]
    pub at: Option<Moment>,
}

/// What the memories are asked.
#[derive(Debug, Subcommand)]
pub enum Question {
    /// What a chapter is being made with: the scene at hand, the prompts of the last hour, who does what.
    Context {
        /// The chapter, as `hydra chapters` names it.
        chapter: String,
    },
    /// Every picture and line of a character, and what became of each try.
    History {
        /// The character: its name, or its key.
        character: String,
    },
    /// What a character, or anything else the log names, is connected with.
    Neighbours {
        /// A character by name, a stream, a file in the output folder, or any node such as `place-harbour`.
        node: String,
    },
    /// How two of them are connected: a shortest way through the story.
    Path {
        /// Where it begins.
        from: String,
        /// Where it ends.
        to: String,
    },
    /// What is most like a text, or like something that was made: characters, approved pictures, lines, passages.
    Similar {
        /// A text, a stream, or a file in the output folder.
        like: String,
        /// Among what.
        #[arg(long, value_enum, default_values_t = [Kin::Characters, Kin::Images, Kin::Dialogue, Kin::Knowledge])]
        among: Vec<Kin>,
        /// Only of this chapter.
        #[arg(long)]
        chapter: Option<String>,
        /// Only of this character, by its key.
        #[arg(long)]
        character: Option<String>,
        /// Only with this emotion.
        #[arg(long)]
        emotion: Option<String>,
        /// How many of each.
        #[arg(short = 'n', long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1_000))]
        limit: u16,
    },
    /// What was told to whoever wrote the prompt of a picture or the missing lines of a scene, as it was recorded then.
    Recalled {
        /// The stream of a picture or a scene, or a picture in the output folder.
        asset: String,
    },
    /// What a picture, a line or a file came from: prompts, seeds, engines, attempts, reviews, scores, approvals.
    Provenance {
        /// A stream, a file in the output folder, or a content hash.
        asset: String,
    },
}

/// What can be like something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kin {
    /// Characters, as they are defined.
    Characters,
    /// Approved pictures.
    Images,
    /// Lines.
    Dialogue,
    /// Passages of the documents that `hydra knowledge` keeps.
    Knowledge,
}

/// A moment in the history of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// When it ended at this position.
    Position(Position),
    /// At this time.
    Time(Timestamp),
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(position) => Ok(Self::Position(position)),
            Err(_) => calendar::moment(text)
                .map(Self::Time)
                .map_err(|error| format!("a position is a whole number, and {error}")),
        }
    }
}
