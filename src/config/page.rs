//! The reference page of the configuration, made from the default file and the table of keys.

use super::keys::{KEYS, Kind};
use super::{DEFAULT, properties, value};

const HEAD: &str = "# Configuration

<!-- generated from src/config/default.toml and the table of keys; `BLESS=1 cargo test --test integration config` rewrites it -->

";

/// The page as Markdown: the default file's own words, and for each key its default and what it may hold.
pub fn reference() -> String {
    let mut page =
        Page { text: HEAD.to_owned(), table: String::new(), comment: String::new(), examples: Vec::new() };
    DEFAULT.lines().for_each(|line| page.line(line));
    page.text.push_str("\n## Properties that are refused\n\n");
    page.text.push_str("| property | why, or what to use |\n|---|---|\n");
    for (name, reason) in properties::owned() {
        line(&mut page.text, format_args!("| `{name}` | {reason} |"));
    }
    page.text
}

struct Page {
    text: String,
    table: String,
    comment: String,
    examples: Vec<String>,
}

impl Page {
    fn line(&mut self, written: &str) {
        if let Some(table) = written.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            self.open(table);
        } else if let Some((key, default)) = written.split_once(" = ").filter(|_| !written.starts_with('#')) {
            self.key(key, default);
        } else if written.is_empty() {
            self.paragraph();
        } else if let Some(example) = example(written) {
            self.examples.push(example.to_owned());
        } else {
            self.comment.push_str(written.trim_start_matches('#').trim());
            self.comment.push(if written == "#" { '\n' } else { ' ' });
        }
    }

    fn open(&mut self, table: &str) {
        table.clone_into(&mut self.table);
        self.text.truncate(self.text.trim_end().len());
        line(&mut self.text, format_args!("\n\n## [{table}]\n"));
        self.paragraph();
    }

    fn key(&mut self, key: &str, default: &str) {
        let path = format!("{}.{key}", self.table);
        let kind = KEYS.iter().find(|(known, _)| *known == path).map(|(_, kind)| *kind);
        let bounds = kind.and_then(bounds).map(|bounds| format!("; {bounds}")).unwrap_or_default();
        line(&mut self.text, format_args!("* **`{key}`** = `{default}`{bounds}. {}", self.comment.trim()));
        self.comment.clear();
    }

    /// What was commented by itself: of the whole file, or of a table; and the examples before it.
    fn paragraph(&mut self) {
        if !self.examples.is_empty() {
            let examples = std::mem::take(&mut self.examples).join("\n");
            line(&mut self.text, format_args!("```toml\n{examples}\n```"));
        }
        for paragraph in self.comment.lines().map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
            line(&mut self.text, format_args!("{paragraph}\n"));
        }
        self.comment.clear();
    }
}

/// A commented-out setting, as it would be written.
fn example(written: &str) -> Option<&str> {
    written.strip_prefix("# ").filter(|rest| rest.starts_with('"') && rest.contains("\" = "))
}

fn bounds(kind: Kind) -> Option<String> {
    match kind {
        Kind::Duration { least, most } => {
            Some(format!("{} to {}", value::show_duration(least), value::show_duration(most)))
        }
        Kind::Size { least, most } => {
            Some(format!("{} to {}", value::show_size(least), value::show_size(most)))
        }
        Kind::Integer { least, most } => Some(format!("{least} to {most}")),
        Kind::Ratio => Some("0 to 1".to_owned()),
        _ => None,
    }
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.push_str(&arguments.to_string());
    text.push('\n');
}
