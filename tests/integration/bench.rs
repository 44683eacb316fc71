//! A directory with rules, a list and whatever a test writes, and the binary as people run it there.
#![expect(clippy::expect_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "tests write the files that commands read")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Two rules, one of a list.
pub(crate) const RULES: &str = "
title: Asks an age
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a03
name: ask_age
detection:
  phrases: {text|phrase: how old are you}
  condition: phrases
level: high
tests:
  - {name: hit, expect: match, event: {text: 'so, HOW old are you?'}}
---
title: Names an app
id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a04
name: names_app
detection:
  app: {'text|expand|word': '%apps%'}
  condition: app
level: low
";

/// The directory, removed when it is dropped.
pub(crate) struct Bench {
    directory: TempDir,
}

impl Bench {
    /// One with the rules and their list.
    pub(crate) fn new() -> Bench {
        let bench = Bench { directory: TempDir::new().expect("a temporary directory") };
        bench.file("rules/a.yml", RULES.as_bytes());
        bench.file("rules/lists/apps.txt", b"AppOne\na2\tAppTwo\n");
        bench
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("below the directory")).expect("a directory");
        fs::write(&path, content).expect("a file");
        path
    }

    /// What the command ends with: exit code, standard output and standard error.
    pub(crate) fn ran(&self, arguments: &[&str]) -> (u8, String, String) {
        let output = self.command(arguments).output().expect("the command runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let code = output.status.code().and_then(|code| u8::try_from(code).ok());
        (code.expect("it ends by itself"), text(output.stdout), text(output.stderr))
    }

    /// The command with these arguments, run in the directory without environment and input.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wardline"));
        command.args(arguments).current_dir(self.directory.path()).env_clear().stdin(Stdio::null());
        command
    }
}
