//! The Artist: has pictures drawn, again with another seed when the review rejects one, and supplies whoever asked.

pub mod image;
mod perform;
