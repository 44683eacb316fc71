//! A child process that cannot outlive the tests, its signals and its output.
//!
//! Two guards see to its end. [`Process`] kills its child when dropped, a panic included. And should the
//! test process itself be killed, a tiny shell (the *reaper*) that waits for the end of its standard
//! input, which the operating system closes then, kills the child and removes its directory. The
//! parent-death signal was rejected: it follows the spawning *thread*, and every test is one.
//!
//! Signals are sent by the shell's own `kill`, as calling the system directly would need `unsafe`.

#![expect(clippy::disallowed_methods, reason = "output lies in files that tests read back")]

use super::wait;
use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// A signal, by the name that `kill` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Asks it to stop.
    Term,
    /// Freezes it.
    Stop,
    /// Thaws it.
    Cont,
    /// Asks it to reload.
    Hup,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Term => "TERM",
            Self::Stop => "STOP",
            Self::Cont => "CONT",
            Self::Hup => "HUP",
        }
    }
}

/// A running child with its output in two files.
pub(crate) struct Process {
    name: String,
    child: Child,
    reaper: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Process {
    /// Starts `command`; `NAME.out` and `NAME.err` in `directory` take its output. With `remove`, the
    /// reaper also removes that directory.
    pub(crate) fn spawn(name: &str, mut command: Command, directory: &Path, remove: Option<&Path>) -> Self {
        let stdout = directory.join(format!("{name}.out"));
        let stderr = directory.join(format!("{name}.err"));
        let child = command
            .stdin(Stdio::null())
            .stdout(append(&stdout))
            .stderr(append(&stderr))
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        let reaper = reaper(child.id(), remove);
        Self { name: name.to_owned(), child, reaper, stdout, stderr }
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends `signal` to the child alone.
    pub(crate) fn signal(&self, signal: Signal) {
        let command = format!("kill -{} {}", signal.name(), self.child.id());
        let status = Command::new("sh").args(["-c", &command]).status().expect("sh runs");
        assert!(status.success(), "{command} ({}) failed", self.name);
    }

    /// Whether it has ended, and how.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the child can be asked")
    }

    /// Waits for its end; after `limit` panics with the tail of its output.
    pub(crate) fn wait(&mut self, limit: Duration) -> ExitStatus {
        wait::try_until(limit, || self.ended().ok_or_else(|| "still runs".to_owned()))
            .unwrap_or_else(|last| panic!("{} {last} after {limit:?}\n{}", self.name, self.tail()))
    }

    /// All it has written to standard output so far.
    pub(crate) fn stdout(&self) -> String {
        read(&self.stdout)
    }

    /// All it has written to standard error so far.
    pub(crate) fn stderr(&self) -> String {
        read(&self.stderr)
    }

    /// The last lines of both outputs, for the message of a failing test.
    pub(crate) fn tail(&self) -> String {
        format!("--- {} out\n{}\n--- err\n{}\n", self.name, last(&self.stdout()), last(&self.stderr()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The reaper first: once the child has been waited for, its number may name another process.
        drop(self.reaper.kill().and_then(|()| self.reaper.wait()));
        drop(self.child.kill().and_then(|()| self.child.wait()));
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {})", self.name, self.id())
    }
}

/// Runs `command` to its end and gives its output; panics with it unless it succeeds.
pub(crate) fn run(what: &str, command: &mut Command) -> String {
    run_with(what, command.stdin(Stdio::null()))
}

/// The same with a file as its standard input.
pub(crate) fn run_fed(what: &str, command: &mut Command, input: &Path) -> String {
    run_with(what, command.stdin(File::open(input).expect("the input is there")))
}

fn run_with(what: &str, command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{what}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what} failed: {}\n{text}{errors}", output.status);
    text
}

/// A fresh directory for one test's files, in the build directory; removed when dropped, unless the
/// environment's `WARDLINE_TEST_KEEP` wants to look at it after.
pub(crate) fn directory(name: &str) -> tempfile::TempDir {
    tempfile::Builder::new()
        .prefix(&format!("{name}-"))
        .disable_cleanup(is_kept())
        .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
        .expect("the build directory is writable")
}

fn is_kept() -> bool {
    std::env::var_os("WARDLINE_TEST_KEEP").is_some()
}

fn reaper(child: u32, remove: Option<&Path>) -> Child {
    let remove = remove.filter(|_| !is_kept());
    let script = "read -r _; kill -9 \"$1\" 2>/dev/null; [ -z \"$2\" ] || rm -rf -- \"$2\"";
    Command::new("sh")
        .args(["-c", script, "reaper", &child.to_string()])
        .arg(remove.unwrap_or(Path::new("")))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh runs")
}

fn append(path: &Path) -> File {
    File::options().create(true).append(true).open(path).expect("the test's directory is writable")
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}

fn last(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
