//! The Curator: has pictures measured, decides by policy, and lets a person decide where the measure cannot.

mod judge;
mod perform;
pub mod review;
pub mod round;
