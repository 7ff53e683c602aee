//! What a chapter is understood to be: its identity, its story and its problems.

#[path = "screenplay/identity.rs"]
mod identity;
#[path = "screenplay/problems.rs"]
mod problems;
#[path = "screenplay/story.rs"]
mod story;
