//! The Voice: has lines spoken once their scene is written, and supplies the scene.

pub mod line;
mod perform;
