//! Whether the files a cast refers to are there. The only part of the cast that looks at a disk.

use std::path::Path;

use super::{Cast, CastProblem, PlacedReference};

/// References whose file is missing, is no plain file, or leads out of `folder` through a link.
///
/// `folder` is the one the characters file lies in.
#[must_use]
pub fn missing_references(cast: &Cast, folder: &Path) -> Vec<CastProblem> {
    let problem = |reference: &PlacedReference, message| CastProblem {
        file: cast.file.clone(),
        line: reference.line,
        column: reference.column,
        message,
    };
    let wrong = |reference| wrong_with(reference, folder).map(|message| problem(reference, message));
    cast.references.iter().filter_map(wrong).collect()
}

fn wrong_with(reference: &PlacedReference, folder: &Path) -> Option<String> {
    let path = folder.join(&reference.file);
    let (Ok(home), Ok(real)) = (folder.canonicalize(), path.canonicalize()) else {
        return Some(format!("the reference {} does not exist", path.display()));
    };
    if !real.starts_with(&home) {
        return Some(format!("the reference {} leads out of the folder of this file", path.display()));
    }
    (!real.is_file()).then(|| format!("the reference {} is no file", path.display()))
}
