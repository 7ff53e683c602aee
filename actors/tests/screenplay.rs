//! What a chapter is understood to be: its identity, its story and its problems.

mod screenplay {
    mod identity;
    mod problems;
    mod story;
}
