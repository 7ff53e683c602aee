//! The lives of every entity, through every mould.

#[path = "moulds/approval.rs"]
mod approval;
#[path = "moulds/asset.rs"]
mod asset;
#[path = "moulds/chapter.rs"]
mod chapter;
#[path = "moulds/character.rs"]
mod character;
#[path = "moulds/cluster.rs"]
mod cluster;
#[path = "moulds/embedding.rs"]
mod embedding;
#[path = "moulds/image.rs"]
mod image;
#[path = "moulds/incident.rs"]
mod incident;
#[path = "moulds/knowledge.rs"]
mod knowledge;
#[path = "moulds/line.rs"]
mod line;
#[path = "moulds/memory.rs"]
mod memory;
#[path = "moulds/order.rs"]
mod order;
#[path = "moulds/plan.rs"]
mod plan;
#[path = "moulds/policy.rs"]
mod policy;
#[path = "moulds/report.rs"]
mod report;
#[path = "moulds/review.rs"]
mod review;
#[path = "moulds/scene.rs"]
mod scene;
#[path = "table/table.rs"]
mod table;
