//! The Steward: asks people what the measures leave open, remembers what went wrong, and keeps the policy.

pub mod approval;
pub mod incident;
pub mod policy;
pub mod stall;
