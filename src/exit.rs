//! How a command ends: codes that scripts can use.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// The work failed, or something was found.
    Found,
    /// Wrong use or bad input.
    Usage,
    /// Stopped by Ctrl-C.
    Stopped,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Found => 1,
            Self::Usage => 2,
            Self::Stopped => 130,
        }
    }
}

/// Wrong use or bad input, with what to say about it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadInput(pub String);

/// Says what went wrong, if anything, and how the process ends.
pub fn report(result: anyhow::Result<Exit>) -> Exit {
    let error = match result {
        Ok(exit) => return exit,
        Err(error) => error,
    };
    if is_closed_pipe(&error) {
        return Exit::Done;
    }
    let message = format!("{error:#}");
    let line = if message.starts_with("error") { message } else { format!("error: {message}") };
    // Where standard error is gone there is nobody to tell.
    if writeln!(io::stderr(), "{line}").is_err() {
        tracing::debug!("standard error is closed");
    }
    if error.downcast_ref::<BadInput>().is_some() { Exit::Usage } else { Exit::Found }
}

/// What clap has to say: help and version are no failures.
pub fn usage(error: &clap::Error) -> ExitCode {
    if error.print().is_err() {
        tracing::debug!("standard error is closed");
    }
    match error.exit_code() {
        0 => Exit::Done.into(),
        _ => Exit::Usage.into(),
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let closed = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == ErrorKind::BrokenPipe)
    };
    error.chain().any(closed)
}
