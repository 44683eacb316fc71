//! Named lists of literal values that rules take in with `expand: '%name%'`.
//!
//! A list is a value: the shell reads `name.txt` and hands its text over. One entry a line; blank lines and
//! lines that begin with `#` are left out; an entry may have an id of its own, before a tab. Without one its
//! id is its line number. Lists may be confidential, so an entry is shown by its id, never by its text:
//! neither `Debug` nor any diagnostic prints one. Flags show ids, so a table whose first column is no id
//! (spaces, other signs, the entry itself) is refused rather than read, and so is one that gives two entries one id.

use crate::text::fold;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// One entry of a list.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its own id, or its line number.
    pub id: Arc<str>,
    /// What it says; never shown.
    pub text: String,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {}", self.id)
    }
}

/// What is known of a list's edition, if its holder states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// The issuer's name of it.
    pub version: String,
    /// The day on which it was issued, as it is written.
    pub issued: String,
    /// From when on it must not be used, in milliseconds since the epoch.
    pub expires: Option<i64>,
    /// Where in its life it is.
    pub state: State,
}

/// Where in its life an edition of a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// In use.
    Current,
    /// In use, and probably replaced by another.
    Stale,
    /// Not to be used: its entries are gone.
    Expired,
}

/// A named list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    name: Arc<str>,
    entries: Vec<Entry>,
    edition: Option<Edition>,
    /// It lies outside the rules, and nothing states what it is.
    unstated: bool,
}

impl List {
    /// Reads a list's text. A leading `\` takes the special meaning from a leading `#`.
    pub fn parse(name: &str, text: &str) -> Result<List, BadLine> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = (1u32..).zip(text.lines());
        let numbered = |(number, line)| Some(entry(number, line).transpose()?.map(|entry| (number, entry)));
        let entries = lines.filter_map(numbered).collect::<Result<Vec<_>, _>>()?;
        one_id_twice(&entries).map_or(Ok(()), Err)?;
        let entries = entries.into_iter().map(|(_, entry)| entry).collect();
        Ok(List { name: name.into(), entries, edition: None, unstated: false })
    }

    /// A list of which nothing is left: that edition has expired, and its file is gone.
    pub fn none_of(name: &str, edition: Edition) -> List {
        List { name: name.into(), entries: Vec::new(), edition: Some(edition), unstated: false }
    }

    /// The list as that edition of it. Of one that has expired no entry is kept.
    #[must_use]
    pub fn of_edition(mut self, edition: Edition) -> List {
        if edition.state == State::Expired {
            self.entries = Vec::new();
        }
        self.edition = Some(edition);
        self
    }

    /// The list as one that lies outside the rules without saying what it is.
    #[must_use]
    pub fn unstated(self) -> List {
        List { unstated: true, ..self }
    }

    /// Its edition, if its holder states one.
    pub fn edition(&self) -> Option<&Edition> {
        self.edition.as_ref()
    }

    /// Whether it lies outside the rules without saying what it is.
    pub fn is_unstated(&self) -> bool {
        self.unstated
    }

    /// Where in its life it is: current, if nothing is known.
    pub fn state(&self) -> State {
        self.edition.as_ref().map_or(State::Current, |edition| edition.state)
    }

    /// The name by which rules take it in.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Its entries in the order of the file.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// SHA-256 over its name and entries: what a flag states as the list's version.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        let parts = self.entries.iter().flat_map(|entry| [&*entry.id, entry.text.as_str()]);
        for part in std::iter::once(&*self.name).chain(parts) {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        hasher.finalize().into()
    }
}

/// A line that cannot be used; without its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct BadLine {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong with it.
    pub problem: Problem,
}

/// Why a line cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The first column cannot be shown.
    #[error("what stands before the tab is no id: {0}")]
    NoId(&'static str),
    /// An entry of a line above has the same id.
    #[error("its id is that of line {0} too; an entry without an id of its own has its line's number")]
    IdTwice(u32),
}

/// Most bytes of an entry's id.
const MAX_ID: usize = 64;

fn entry(line: u32, written: &str) -> Result<Option<Entry>, BadLine> {
    if written.trim().is_empty() || written.starts_with('#') {
        return Ok(None);
    }
    let (id, text) = match written.split_once('\t') {
        Some((id, text)) if !id.trim().is_empty() => (Some(id.trim()), text),
        _ => (None, written),
    };
    let text = text.strip_prefix('\\').filter(|rest| rest.starts_with('#')).unwrap_or(text).trim();
    if text.is_empty() {
        return Ok(None);
    }
    if let Some(problem) = id.and_then(|id| problem(id, text)) {
        return Err(BadLine { line, problem: Problem::NoId(problem) });
    }
    let id = id.map_or_else(|| line.to_string().into(), Arc::from);
    Ok(Some(Entry { id, text: text.to_owned() }))
}

/// The first line whose entry has the id of one before it.
fn one_id_twice(entries: &[(u32, Entry)]) -> Option<BadLine> {
    let mut ids: Vec<(&str, u32)> = entries.iter().map(|(line, entry)| (&*entry.id, *line)).collect();
    ids.sort_unstable();
    let twice = ids.windows(2).filter_map(|pair| match pair {
        [(id, first), (next, line)] if id == next => Some((*line, *first)),
        _ => None,
    });
    twice.min().map(|(line, first)| BadLine { line, problem: Problem::IdTwice(first) })
}

/// Why an entry's id cannot be shown.
fn problem(id: &str, text: &str) -> Option<&'static str> {
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    let letters =
        |text: &str| fold::fold(text).chars().filter(|one| one.is_alphanumeric()).collect::<String>();
    if id.len() > MAX_ID {
        Some("it is longer than 64 bytes")
    } else if !plain {
        Some("it holds other signs than letters, digits, `.`, `_` and `-`")
    } else if letters(id) == letters(text) {
        Some("it is the entry itself, which flags must not show")
    } else {
        None
    }
}

/// The lists that rules may name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lists {
    lists: BTreeMap<Arc<str>, List>,
}

impl Lists {
    /// Adds a list. A list of the same name is replaced and given back.
    pub fn insert(&mut self, list: List) -> Option<List> {
        self.lists.insert(list.name.clone(), list)
    }

    /// The list of that name.
    pub fn get(&self, name: &str) -> Option<&List> {
        self.lists.get(name)
    }

    /// All lists by name.
    pub fn iter(&self) -> impl Iterator<Item = &List> {
        self.lists.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_have_ids_and_comments_are_left_out() {
        let list =
            List::parse("apps", "\u{feff}# apps\nAppOne\r\n\n  AppTwo  \na3\tApp Three\n\\#tag\n\tx\n")
                .unwrap();
        let entries: Vec<_> = list.entries().iter().map(|e| (&*e.id, e.text.as_str())).collect();
        assert_eq!(
            entries,
            [("2", "AppOne"), ("4", "AppTwo"), ("a3", "App Three"), ("6", "#tag"), ("7", "x")]
        );
    }

    #[test]
    fn a_first_column_that_is_no_id_of_its_own_is_refused() {
        let long = format!("{}\tx", "a".repeat(65));
        let cases = [
            ("ok\tx\nsecret term\tcategory", 2, "other signs"),
            ("AppOne\tapp one", 1, "the entry itself"),
            ("ÄppOne\tx", 1, "other signs"),
            (&*long, 1, "longer than 64"),
            ("a1\tsecret\n\na2\tx\na1\ty\na2\tz\na1\tz", 4, "that of line 1"),
            ("3\tsecret\nx\ny", 3, "that of line 1"),
        ];
        for (text, line, problem) in cases {
            let error = List::parse("l", text).unwrap_err();
            assert_eq!(error.line, line, "{text}");
            let message = error.to_string();
            assert!(message.contains(problem) && !message.contains("secret"), "{message}");
        }
        assert!(List::parse("l", "App.One-1_b\tAppOne").is_ok());
    }

    #[test]
    fn the_digest_tells_contents_and_their_bounds_apart() {
        let digests =
            ["a\tbc", "ab\tc", "a\tbc\n", "a\tbd"].map(|text| List::parse("l", text).unwrap().digest());
        assert_ne!(digests[0], digests[1]);
        assert_eq!(digests[0], digests[2]);
        assert_ne!(digests[0], digests[3]);
    }

    #[test]
    fn debug_output_shows_no_entry_text() {
        let mut lists = Lists::default();
        lists.insert(List::parse("apps", "AppOne\n").unwrap());
        assert!(!format!("{lists:?}").contains("AppOne"));
    }
}
