//! Pages whose commands are run as they stand: what they print is what the page says.
//!
//! A block ```` ```yaml PATH ```` is written to that file. In a block ```` ```console ````, a line that begins with `$ ` is a command, and what follows
//! is what it printed, on both outputs. With `BLESS` set, the page is written anew.
#![expect(clippy::expect_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "copies the rules that the pages speak of")]

use super::files::below;
use super::golden::assert_file;
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A directory with the bundled rules, in which commands are run.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        let place = Place(TempDir::new().expect("a directory"));
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for ending in ["yml", "txt"] {
            for file in below(&root.join("rules"), ending) {
                let name = file.strip_prefix(root).expect("below the root");
                place.write(&name.to_string_lossy(), &fs::read(&file).expect("readable"));
            }
        }
        place
    }

    fn write(&self, name: &str, content: &[u8]) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("below the directory")).expect("a directory");
        fs::write(path, content).expect("written");
    }

    /// What a command prints.
    fn run(&self, command: &str) -> String {
        let binary = Path::new(env!("CARGO_BIN_EXE_wardline")).parent().expect("in a directory");
        let path = env::var("PATH").expect("there is one");
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1; {command}")])
            .current_dir(self.0.path())
            .env("PATH", format!("{}:{path}", binary.display()))
            .output()
            .expect("a shell");
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

/// The page as it should be: its commands run one after another.
fn as_run(page: &str) -> String {
    let place = Place::new();
    let mut out = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        let block = |lines: &mut std::str::Lines<'_>| -> Vec<String> {
            lines.take_while(|line| *line != "```").map(str::to_owned).collect()
        };
        if let Some(name) = line.strip_prefix("```yaml ") {
            let text = block(&mut lines).join("\n") + "\n";
            place.write(name, text.as_bytes());
            out.push_str(&text);
        } else if line == "```console" {
            let lines = block(&mut lines);
            for command in lines.iter().filter_map(|line| line.strip_prefix("$ ")) {
                out.extend(["$ ", command, "\n", &place.run(command)]);
                if !out.ends_with('\n') {
                    out.push('\n');
                }
            }
        } else {
            continue;
        }
        out.push_str("```\n");
    }
    out
}

#[test]
fn a_rules_life_is_as_its_page_tells() {
    const PAGE: &str = "rules/LIFE.md";
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE)).expect("a page");
    let run = as_run(&page);
    assert!(run.matches("\n$ wardline ").count() >= 8, "the page has its commands");
    assert_file(PAGE, &run);
}
