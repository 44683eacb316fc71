//! What the default file says, line by line: for each table and key the words that stand before it.
//!
//! The reference page and the schema are both made of these words, so that there is one place to write them.

use super::DEFAULT;

/// A piece of the default file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told<'a> {
    /// A table's head.
    Table(&'a str),
    /// What a table is for, or the file, in paragraphs; and settings that could be in it.
    Paragraphs(Vec<String>, Vec<&'a str>),
    /// A key of a table, its default as it is written, and what it is for.
    Key(String, &'a str, String),
}

/// The whole file in pieces.
pub(super) fn told() -> Vec<Told<'static>> {
    let mut reader = Reader::default();
    DEFAULT.lines().for_each(|line| reader.line(line));
    reader.told
}

#[derive(Default)]
struct Reader {
    told: Vec<Told<'static>>,
    table: &'static str,
    comment: String,
    examples: Vec<&'static str>,
}

impl Reader {
    fn line(&mut self, written: &'static str) {
        if let Some(table) = written.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            self.table = table;
            self.told.push(Told::Table(table));
            self.paragraphs();
        } else if let Some((key, default)) = written.split_once(" = ").filter(|_| !written.starts_with('#')) {
            let comment = std::mem::take(&mut self.comment);
            self.told.push(Told::Key(format!("{}.{key}", self.table), default, comment.trim().to_owned()));
        } else if written.is_empty() {
            self.paragraphs();
        } else if let Some(example) = example(written) {
            self.examples.push(example);
        } else {
            self.comment.push_str(written.trim_start_matches('#').trim());
            self.comment.push(if written == "#" { '\n' } else { ' ' });
        }
    }

    fn paragraphs(&mut self) {
        let comment = std::mem::take(&mut self.comment);
        let paragraphs = comment.lines().map(str::trim).filter(|paragraph| !paragraph.is_empty());
        let paragraphs: Vec<_> = paragraphs.map(str::to_owned).collect();
        let examples = std::mem::take(&mut self.examples);
        if !(paragraphs.is_empty() && examples.is_empty()) {
            self.told.push(Told::Paragraphs(paragraphs, examples));
        }
    }
}

/// A commented-out setting, as it would be written.
fn example(written: &str) -> Option<&str> {
    written.strip_prefix("# ").filter(|rest| rest.starts_with('"') && rest.contains("\" = "))
}
