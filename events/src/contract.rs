//! The clauses every log and content store must pass.
