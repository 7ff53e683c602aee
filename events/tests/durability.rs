//! What was acknowledged survives: a child process appends and says so, and is watched by strace or killed.
//!
//! The child is this test binary, asked for one ignored test by name.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, also in the functions they share")]

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use hydra_events::clock::SystemClock;
use hydra_events::contract::sample;
use hydra_events::log::{EventLog, SqliteLog};
use tempfile::TempDir;
use tokio::task::JoinSet;

const CHILD: &str = "a_child_process_appends_and_says_so";
const FILE: &str = "HYDRA_TEST_CHILD_FILE";
const TASKS: &str = "HYDRA_TEST_CHILD_TASKS";
const APPENDS: &str = "HYDRA_TEST_CHILD_APPENDS";

#[tokio::test]
#[ignore = "run as a child process by the other tests"]
async fn a_child_process_appends_and_says_so() {
    let Some(file) = env::var_os(FILE) else { return };
    let number = |name: &str| env::var_os(name).and_then(|text| text.to_str()?.parse().ok()).unwrap();
    let (tasks, appends) = (number(TASKS), number(APPENDS));
    let url = format!("sqlite:{}", file.to_str().unwrap());
    let log = Arc::new(SqliteLog::open(&url, Arc::new(SystemClock)).unwrap());
    let mut running = JoinSet::new();
    for task in 0..tasks {
        running.spawn(append_and_say_so(Arc::clone(&log), task, appends));
    }
    running.join_all().await;
}

async fn append_and_say_so(log: Arc<SqliteLog>, task: u64, appends: u64) {
    let stream = sample::stream(&format!("task{task}"));
    let start = log.read_stream(&stream, 0, usize::MAX).await.unwrap().len() as u64;
    for version in start..start.saturating_add(appends) {
        say(&format!("sending {task} {version}"));
        let append = sample::small(&stream, version, &format!("{task} {version}"));
        let events = log.append(append).await.unwrap();
        say(&format!("acked {} {task} {}", events[0].position, events[0].version));
    }
}

/// One write, so that the line is whole in the eyes of strace and of a parent that kills.
fn say(line: &str) {
    let mut out = io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

fn child(command: &mut Command, file: &Path, tasks: u64, appends: u64) -> Child {
    command.args(["--exact", CHILD, "--ignored", "--nocapture", "--test-threads=1"]);
    command.env(FILE, file).env(TASKS, tasks.to_string()).env(APPENDS, appends.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn this_binary() -> std::path::PathBuf {
    env::current_exe().unwrap()
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill_at_any_moment() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("log.db");
    let random = RandomState::new();
    let mut acknowledged = BTreeMap::new();
    for round in 0..6_u64 {
        let mut hasher = random.build_hasher();
        hasher.write_u64(round);
        let acks = 1 + hasher.finish() % 60;
        let heard =
            kill_after(acks, child(&mut Command::new(this_binary()), &file, 1 + round % 3 * 4, u64::MAX));
        assert!(heard.len() as u64 >= acks, "round {round} ended after {} of {acks}", heard.len());
        acknowledged.extend(heard);
        let log = SqliteLog::open(&format!("sqlite:{}", file.display()), Arc::new(SystemClock)).unwrap();
        let events = sample::whole(&log).await;
        for (position, (task, version)) in &acknowledged {
            let event = events.get(*position as usize - 1).unwrap_or_else(|| {
                panic!("{position} was acknowledged and is gone: killed after {acks} in round {round}")
            });
            assert_eq!((event.stream.id(), event.version), (format!("task{task}").as_str(), *version));
        }
    }
}

/// Kills the child with SIGKILL once it has acknowledged `acks` appends, and returns everything it acknowledged,
/// by position.
fn kill_after(acks: u64, mut child: Child) -> BTreeMap<u64, (u64, u64)> {
    let mut heard = BTreeMap::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    for line in lines.by_ref() {
        heard.extend(acked(&line));
        if heard.len() as u64 >= acks {
            break;
        }
    }
    child.kill().unwrap();
    // What was in the pipe when it died counts as much.
    heard.extend(lines.filter_map(|line| acked(&line)));
    child.wait().unwrap();
    heard
}

fn acked(line: &str) -> Option<(u64, (u64, u64))> {
    let (_, numbers) = line.split_once("acked ")?;
    let mut numbers = numbers.split(' ').map(|number| number.parse().ok());
    Some((numbers.next()??, (numbers.next()??, numbers.next()??)))
}

#[test]
fn a_sync_of_the_write_ahead_log_completes_between_each_append_and_its_acknowledgement() {
    const APPENDS: usize = 25;
    if !strace_is_here() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let trace = folder.path().join("trace");
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-s", "80", "-e", "trace=fsync,fdatasync,write,pwrite64", "-o"]);
    command.arg(&trace).arg(this_binary());
    let output =
        child(&mut command, &folder.path().join("log.db"), 1, APPENDS as u64).wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let trace = std::fs::read_to_string(&trace).unwrap();
    let between: Vec<String> = calls(&trace).split("sending ").skip(1).map(str::to_owned).collect();
    assert_eq!(between.len(), APPENDS, "{trace}");
    for calls in between {
        let (calls, _) = calls.split_once("acked ").expect("every append is acknowledged");
        let written = calls.rfind("wrote the log").expect("an append is written before its acknowledgement");
        assert!(calls[written..].contains("synced the log"), "acknowledged without a sync: {calls}");
    }
}

fn strace_is_here() -> bool {
    let runs = |done: io::Result<std::process::Output>| done.is_ok_and(|output| output.status.success());
    let here = runs(Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).output());
    let required = env::var_os("HYDRA_TEST_REQUIRE");
    let required = required.as_deref().and_then(OsStr::to_str).unwrap_or_default();
    assert!(
        here || !required.split([',', ' ']).any(|word| word == "strace"),
        "strace is required and missing"
    );
    here
}

/// What the trace says, as one text: what was said when the call began, what was written and synced when it ended.
fn calls(trace: &str) -> String {
    let mut begun: BTreeMap<&str, &str> = BTreeMap::new();
    let mut story = String::new();
    for line in trace.lines() {
        let (thread, call) = line.split_once(' ').unwrap_or_default();
        let call = call.trim_start();
        if let Some(said) =
            ["sending ", "acked "].into_iter().find(|word| call.contains(&format!("\"{word}")))
        {
            story.push_str(said);
        } else if let Some(start) = call.strip_suffix("<unfinished ...>") {
            begun.insert(thread, start);
        } else {
            let whole =
                if call.starts_with("<...") { begun.remove(thread).unwrap_or_default() } else { call };
            story.push_str(told(whole, call));
        }
        story.push('\n');
    }
    story
}

fn told(start: &str, end: &str) -> &'static str {
    let returned = end.rsplit_once(" = ").map_or("", |(_, result)| result);
    match start.contains("log.db-wal>") {
        true if start.starts_with("write(") || start.starts_with("pwrite64(") => "wrote the log",
        true if start.contains("sync(") && returned == "0" => "synced the log",
        true | false => "",
    }
}
