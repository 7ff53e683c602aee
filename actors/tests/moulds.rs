//! The lives of every entity, through every mould.

mod table {
    pub mod picture;
}

mod moulds {
    mod approval;
    mod asset;
    mod chapter;
    mod character;
    mod cluster;
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
