//! A parser for Fountain, the plain-text screenplay syntax (fountain.io/syntax, version 1.1).
//!
//! Parsing is total: whatever is malformed is shown as action, never dropped, and what looks like
//! a slip of the writer becomes a [`Problem`] with its place. Where the specification is silent,
//! this is decided here:
//!
//! - A line left with nothing but notes or boneyard is as if it were not there inside dialogue,
//!   and counts as an empty line around headings, transitions and names.
//! - A removed note or boneyard joins what stands before and behind it, also over several lines.
//! - `!`, `>`, `#`, `===` act on any line and end a dialogue; `~` and `=` act on any line and do
//!   not. Inside dialogue `#` and `=` need a space behind them, so that `#1` can be spoken.
//! - Lyrics inside dialogue belong to the speaker.
//! - Uppercase needs one uppercase letter and no lowercase one; scripts without case need `@`.
//! - A line that begins like a heading, or ends in `TO:`, is never a name.
//! - The title page may follow empty lines if its first key is a customary one; `FADE IN:` opens none.
//!
//! The caller has checked UTF-8. Line ends are LF, CRLF or CR; a byte order mark is skipped.

mod body;
mod classify;
mod element;
mod emphasis;
mod hidden;
mod lines;
mod place;
mod problem;
mod title_page;

use serde::Serialize;

pub(crate) use classify::{HeadingPrefix, heading_prefix};
pub use element::{Element, Kind, Side, TitleField};
pub use emphasis::{Span, emphasis, marked, plain};
pub use problem::{PROBLEMS_MAX, Problem, Severity};

use problem::Findings;

/// The largest screenplay that is read, in bytes (2 MiB; a feature film has about 200 KiB).
pub const TEXT_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Why a text is not parsed at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is over [`TEXT_BYTES_MAX`].
    #[error("the screenplay has {bytes} bytes, at most {TEXT_BYTES_MAX} are read: split it into chapters")]
    TooLarge {
        /// Its size in bytes.
        bytes: usize,
    },
}

/// A parsed screenplay: everything the writer wrote, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Screenplay {
    /// The fields of the title page, in order; empty when there is none.
    pub title_page: Vec<TitleField>,
    /// Everything else, ordered by its place, notes and boneyard included.
    pub elements: Vec<Element>,
    /// What is probably not as the writer meant it, ordered by its place.
    pub problems: Vec<Problem>,
}

/// Checks that a text is small enough to be parsed.
///
/// # Errors
/// [`Error::TooLarge`] over [`TEXT_BYTES_MAX`] bytes.
pub fn check_size(text: &str) -> Result<(), Error> {
    match text.len() {
        0..=TEXT_BYTES_MAX => Ok(()),
        bytes => Err(Error::TooLarge { bytes }),
    }
}

/// Parses a screenplay; total, and linear in the length of the text.
#[must_use]
pub fn parse(text: &str) -> Screenplay {
    let mut findings = Findings::default();
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let hidden = hidden::scan(text, start, &mut findings);
    let lines = lines::split(text, start, &hidden);
    let (mut title_page, body_start) = title_page::read(&lines);
    let mut elements = body::read(&lines, body_start, &mut findings);
    elements.extend(hidden.into_iter().map(|part| part.into_element(text)));
    elements.sort_by_key(|element| element.source.start);
    place::fields(text, &mut title_page);
    place::elements(text, &mut elements);
    Screenplay { title_page, elements, problems: findings.into_problems(text) }
}
