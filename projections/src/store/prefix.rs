//! What the names of all that is ours on a shared server begin with.

/// Where a URL names none.
pub(super) const PREFIX: &str = "hydra";
const LENGTH_MAX: usize = 40;

/// Whether `text` may be a prefix, or what it would have to be.
pub(super) fn check(text: &str) -> Result<(), String> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    if (1..=LENGTH_MAX).contains(&text.len()) && text.bytes().all(fits) {
        return Ok(());
    }
    Err(format!("prefix {text:?} is not 1 to {LENGTH_MAX} of a-z, 0-9, _ and -"))
}
