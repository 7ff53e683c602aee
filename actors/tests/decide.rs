//! Decide tables: given events, when a command comes, then events or a rejection.

#[path = "decide/approval.rs"]
mod approval;
#[path = "decide/asset.rs"]
mod asset;
#[path = "decide/chapter.rs"]
mod chapter;
#[path = "decide/character.rs"]
mod character;
#[path = "decide/cluster.rs"]
mod cluster;
#[path = "decide/cluster_deaths.rs"]
mod cluster_deaths;
#[path = "decide/embedding.rs"]
mod embedding;
#[path = "decide/image.rs"]
mod image;
#[path = "decide/incident.rs"]
mod incident;
#[path = "decide/knowledge.rs"]
mod knowledge;
#[path = "decide/line.rs"]
mod line;
#[path = "decide/memory.rs"]
mod memory;
#[path = "decide/order.rs"]
mod order;
#[path = "decide/plan.rs"]
mod plan;
#[path = "decide/policy.rs"]
mod policy;
#[path = "decide/report.rs"]
mod report;
#[path = "decide/review.rs"]
mod review;
#[path = "decide/scene.rs"]
mod scene;
#[path = "table/table.rs"]
mod table;
