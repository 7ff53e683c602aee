//! What the tables, the stories and the performers' tests share.

pub mod cluster;
pub mod desk;
pub mod given;
pub mod picture;
pub mod samples;
pub mod story;
pub mod stream;
pub mod studio;
