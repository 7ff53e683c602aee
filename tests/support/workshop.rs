//! A folder with a screenplay in it, and the real program run there.
//!
//! Nothing of the machine's own settings reaches the program. What it is still doing when a test ends, it does no more.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Three scenes, three characters, eight lines; eight pictures, one of which is usually undecided.
pub const TINY: &str = "\
Title: Tiny

INT. KITCHEN - DAY

ANNA stirs a pot.

ANNA
The soup is hot.

BEN
(happy)
I am hungry.

EXT. GARDEN - NIGHT

Wind.

ANNA
(sad)
It is dark here.

CLARA
Then bring a lamp.

BEN
I have one.

INT. KITCHEN - DAY

ANNA
(happy)
We are home.

CLARA
At last.

BEN
Soup!
";

/// One scene, one character, two lines; three pictures.
pub const SMALL: &str = "\
Title: Small

INT. KITCHEN - DAY

ANNA
The soup is hot.

ANNA
(happy)
The soup is good.
";

/// How long anything may take before the test gives up.
const DEADLINE: Duration = Duration::from_secs(120);
/// How long to wait before looking again.
const LOOK: Duration = Duration::from_millis(20);

/// A folder to work in; relative paths are in it.
pub struct Workshop {
    root: PathBuf,
    _owned: Option<TempDir>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A command that is running; killed when it is dropped.
pub struct Running {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Workshop {
    /// A fresh folder with `screenplay` as `play.fountain`.
    pub fn with(screenplay: &str) -> Self {
        let owned = TempDir::new().unwrap();
        let workshop = Self { root: owned.path().to_owned(), _owned: Some(owned) };
        workshop.write("play.fountain", screenplay);
        workshop
    }

    /// The same folder for every test of one file; made anew by every run of it.
    pub fn shared(name: &str, screenplay: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        fs::create_dir_all(&root).unwrap();
        let workshop = Self { root, _owned: None };
        workshop.write("play.fountain", screenplay);
        workshop
    }

    /// A folder that holds all that this one does.
    pub fn copy(&self) -> Self {
        let owned = TempDir::new().unwrap();
        for (path, bytes) in files(&self.root) {
            let target = owned.path().join(path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(target, bytes).unwrap();
        }
        Self { root: owned.path().to_owned(), _owned: Some(owned) }
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    pub fn write(&self, relative: &str, content: impl AsRef<[u8]>) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative)).unwrap()
    }

    /// The program with `arguments`, not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hydra"));
        command.args(arguments).current_dir(&self.root).stdin(Stdio::null());
        command.args(["--data", "data", "--out", "out"]);
        for name in ["HYDRA_CONFIG", "HYDRA_DATA", "HYDRA_OUT", "HYDRA_LOG", "RUST_LOG"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.start(arguments).end()
    }

    /// Runs the program, which must succeed.
    pub fn done(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {ran:#?}");
        ran
    }

    /// Runs the program, which must succeed, and reads its one line of JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        self.done(&[arguments, &["--json"]].concat()).json()
    }

    /// Starts the program.
    pub fn start(&self, arguments: &[&str]) -> Running {
        let said = TempDir::new_in(&self.root).unwrap().keep();
        let (out, err) = (said.join("out"), said.join("err"));
        let mut command = self.command(arguments);
        command.stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
        Running { child: command.spawn().unwrap(), out, err }
    }

    /// What was made: every file below `out`, by path.
    pub fn made(&self) -> BTreeMap<String, Vec<u8>> {
        files(&self.path("out"))
    }

    /// Every event of the log.
    pub fn events(&self) -> Vec<Value> {
        self.events_from(1)
    }

    /// Every event from a position on.
    pub fn events_from(&self, position: u64) -> Vec<Value> {
        let from = position.to_string();
        let ran = self.done(&["events", "tail", "--from", &from, "--no-follow", "--json"]);
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The last position of the log, read beside whoever writes; 0 while there is none.
    pub fn head(&self) -> u64 {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let Ok(log) = rusqlite::Connection::open_with_flags(self.path("data/log.db"), flags) else {
            return 0;
        };
        let head = "SELECT coalesce(max(position), 0) FROM events";
        log.query_row(head, [], |row| row.get::<_, i64>(0)).map_or(0, |head| head.try_into().unwrap())
    }
}

impl Ran {
    /// Standard output, which must be one line of JSON.
    pub fn json(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "{self:#?}");
        serde_json::from_str(&self.out).unwrap()
    }
}

impl Running {
    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ctrl-C.
    pub fn interrupt(&self) {
        let kill = format!("kill -INT {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits until it ends.
    pub fn end(mut self) -> Ran {
        let mut status: Option<ExitStatus> = None;
        eventually("the command ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        let code = status.and_then(|status| status.code());
        Ran { code, out: fs::read_to_string(&self.out).unwrap(), err: self.said() }
    }

    /// What it said on standard error so far.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.err).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.is_running() {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }
}

/// Looks until `holds`.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < DEADLINE, "waited too long until {what}");
        std::thread::sleep(LOOK);
    }
}

/// Every file below `root`, by its path from there.
pub fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// The events of `kind`, such as `image.image_rendered.v1`.
pub fn of<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["type"] == kind).collect()
}
