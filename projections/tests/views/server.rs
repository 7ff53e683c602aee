//! The server that the tests of a store are given, and what is one test's there.

use std::env;
use std::ffi::OsStr;
use std::io::Write;
use std::process;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

/// The URL of the server called `name`, such as `redis`, when there is one. Required, its absence is a failure.
pub fn named(name: &str) -> Option<String> {
    static SKIPPED: Once = Once::new();
    let variable = format!("HYDRA_TEST_{}", name.to_uppercase());
    let found = env::var_os(&variable).and_then(|url| url.into_string().ok());
    if found.is_none() {
        SKIPPED.call_once(|| skip(name, &variable));
    }
    found
}

/// Says that nothing is tested; fails where it must be. Past the capture of the test's output: a run without a server
/// must not look like one with.
fn skip(name: &str, variable: &str) {
    let required = env::var_os("HYDRA_TEST_REQUIRE");
    let required = required.as_deref().and_then(OsStr::to_str).unwrap_or_default();
    let demanded = required.split([',', ' ']).any(|word| word == name);
    assert!(!demanded, "HYDRA_TEST_REQUIRE names {name}, and {variable} is not set");
    let said = format!("ignored: views in {name} are not tested, because {variable} is not set\n");
    std::io::stderr().write_all(said.as_bytes()).unwrap();
}

/// What nothing else on the servers is called: `begin`, this process and a number of the test's own, with `between` in
/// between.
pub fn fresh(begin: &str, between: char) -> String {
    static PLACES: AtomicU32 = AtomicU32::new(0);
    let number = PLACES.fetch_add(1, Ordering::SeqCst);
    format!("{begin}{between}{}{between}{number}", process::id())
}

/// `url` with an option more.
pub fn with(url: &str, option: &str) -> String {
    let join = if url.contains('?') { '&' } else { '?' };
    format!("{url}{join}{option}")
}

/// Does `work` to its end where nobody can wait for it otherwise: while something is dropped.
pub fn finish(work: impl Future<Output = ()> + Send) {
    std::thread::scope(|scope| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        scope.spawn(move || runtime.block_on(work));
    });
}
