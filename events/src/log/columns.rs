//! The columns of `events`, in the one order in which every store's statements name them.

/// The names, as a literal that statements can be put together from.
macro_rules! columns {
    () => {
        "position, stream, version, type, id, command_id, correlation_id, causation_id, time, actor, code, \
         principal, owner, visibility, trace, owes, effect, role, attempt, codec, data, command, hash"
    };
}
pub(super) use columns;

/// The same names.
pub(super) const COLUMNS: &str = columns!();

/// The name of the `index`-th column.
pub(super) fn name(index: usize) -> &'static str {
    COLUMNS.split(", ").nth(index).unwrap_or_default()
}
