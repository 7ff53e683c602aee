//! The Director: plans chapters and follows their scenes, keeps the characters, takes orders for pictures.

pub mod chapter;
pub mod character;
pub mod order;
mod perform;
pub mod plan;
