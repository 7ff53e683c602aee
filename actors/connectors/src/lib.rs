//! The adapters of the ports: what the actors ask for, carried out by real engines.
//!
//! Built in is the studio: engines that need no model, no GPU and no network, so that a laptop makes a real chapter.
//! Each result says which engine made it.

pub mod adapters;
pub mod calendar;
pub mod speech;
pub mod studio;
