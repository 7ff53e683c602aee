//! Decide tables: given events, when a command comes, then events or a rejection.

mod table {
    pub mod cluster;
    pub mod given;
    pub mod picture;
    pub mod story;
    pub mod stream;
}

mod decide {
    mod approval;
    mod asset;
    mod chapter;
    mod character;
    mod cluster;
    mod cluster_deaths;
    mod image;
    mod incident;
    mod line;
    mod order;
    mod plan;
    mod policy;
    mod report;
    mod review;
    mod scene;
}
