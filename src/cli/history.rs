//! Arguments of the commands that carry history elsewhere or tell it again.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

/// `hydra export`.
#[derive(Debug, Args)]
pub struct Export {
    /// The tape to make, such as `night.tape`.
    pub file: PathBuf,
    /// The first position; the beginning of the log when absent.
    #[arg(long, value_name = "POSITION", value_parser = clap::value_parser!(u64).range(1..))]
    pub from: Option<u64>,
    /// The last position; the end of the log when absent.
    #[arg(long, value_name = "POSITION", value_parser = clap::value_parser!(u64).range(1..))]
    pub to: Option<u64>,
    /// Put the files on it too that the events name: pictures, voices, texts.
    #[arg(long)]
    pub with_content: bool,
}

/// `hydra import`.
#[derive(Debug, Args)]
pub struct Import {
    /// The tape.
    pub file: PathBuf,
    /// Only check the tape and say what is on it.
    #[arg(long)]
    pub check: bool,
}

/// `hydra replay`.
#[derive(Debug, Args)]
pub struct Replay {
    /// The stream, such as `chapter-lighthouse`, or a file in the output folder.
    ///
    /// With `--publish`, which events: a stream or a pattern such as 'image.>'; all of them when absent.
    #[arg(required_unless_present = "publish")]
    pub stream: Option<String>,
    /// As it was at this position of the log.
    #[arg(long, value_name = "POSITION", conflicts_with_all = ["version", "publish"])]
    pub at: Option<u64>,
    /// As it was at this version of its own.
    #[arg(long, value_name = "VERSION", conflicts_with = "publish")]
    pub version: Option<u64>,
    /// Publish the events again on the NATS bus, on subjects of a replay: live subjects stay silent.
    #[arg(long)]
    pub publish: bool,
    /// How the publishing goes.
    #[command(flatten)]
    pub publishing: Publishing,
}

/// `hydra replay --publish`.
#[derive(Debug, Args)]
pub struct Publishing {
    /// The first position.
    #[arg(long, value_name = "POSITION", requires = "publish", default_value_t = 1)]
    pub from: u64,
    /// The last position; the end of the log as it is now when absent.
    #[arg(long, value_name = "POSITION", requires = "publish")]
    pub to: Option<u64>,
    /// How many times as fast as it happened, such as 10 or 0.5; `max` is without any pause.
    #[arg(long, value_name = "TIMES", requires = "publish", default_value = "1")]
    pub speed: Speed,
    /// The longest pause: where nothing happened for longer, the replay goes on after so many seconds.
    #[arg(long, value_name = "SECONDS", requires = "publish", default_value_t = 10.0, value_parser = seconds)]
    pub longest_pause: f64,
    /// The name of the replay in its subjects, so that one can listen before it begins; a new one when absent.
    #[arg(long, value_name = "NAME", requires = "publish")]
    pub session: Option<String>,
}

/// How fast history is told again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// So many times as fast as it happened.
    Times(f64),
    /// Without any pause.
    Max,
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.parse::<f64>()) {
            ("max", _) => Ok(Self::Max),
            (_, Ok(times)) if times.is_finite() && times > 0.0 => Ok(Self::Times(times)),
            _ => Err("a speed is a number above 0, such as 10, or max".to_owned()),
        }
    }
}

/// Seconds that a pause may last.
fn seconds(text: &str) -> Result<f64, String> {
    const DAY: f64 = 86_400.0;
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=DAY).contains(&seconds) => Ok(seconds),
        Ok(_) | Err(_) => Err(format!("a pause is a number of seconds from 0 to {DAY}")),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    #[test]
    fn a_speed_is_a_number_above_nothing_or_max() {
        for (text, speed) in [
            ("10", Some(Speed::Times(10.0))),
            ("0.5", Some(Speed::Times(0.5))),
            ("max", Some(Speed::Max)),
            ("0", None),
            ("-1", None),
            ("inf", None),
            ("NaN", None),
            ("fast", None),
        ] {
            assert_eq!(text.parse().ok(), speed, "{text}");
        }
    }

    #[test]
    fn a_replay_shows_one_stream_or_publishes_and_the_options_are_not_mixed() {
        for (line, good) in [
            ("replay chapter-x", true),
            ("replay chapter-x --version 3", true),
            ("replay", false),
            ("replay --publish", true),
            ("replay --publish image.> --from 3 --to 9 --speed max --session s", true),
            ("replay --publish --at 3", false),
            ("replay --publish --version 3", false),
            ("replay chapter-x --speed 3", false),
            ("replay chapter-x --session s", false),
            ("replay --publish --longest-pause -1", false),
        ] {
            let words = ["hydra"].into_iter().chain(line.split(' '));
            let parsed = Cli::try_parse_from(words);
            assert_eq!(parsed.is_ok(), good, "{line}: {parsed:?}");
            assert!(parsed.map_or(true, |cli| matches!(cli.command, Command::Replay(_))));
        }
    }
}
