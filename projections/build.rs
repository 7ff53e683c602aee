//! Tells the tests whether a Qdrant is named for them, because a test is listed as ignored or not before it runs.

use std::env;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(qdrant_is_named)");
    println!("cargo::rerun-if-env-changed=HYDRA_TEST_QDRANT");
    if env::var_os("HYDRA_TEST_QDRANT").is_some() {
        println!("cargo::rustc-cfg=qdrant_is_named");
    }
}
