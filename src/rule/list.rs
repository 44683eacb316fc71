//! Named lists of literal values that rules take in with `expand: '%name%'`.
//!
//! A list is a value: the shell reads `name.txt` and hands its text over. One entry a line; blank lines and
//! lines that begin with `#` are left out; an entry may have an id of its own, before a tab. Without one its
//! id is its line number. Lists may be confidential, so an entry is shown by its id, never by its text:
//! neither `Debug` nor any diagnostic prints one.

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

/// A named list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    name: Arc<str>,
    entries: Vec<Entry>,
}

impl List {
    /// Reads a list's text. A leading `\` takes the special meaning from a leading `#`.
    pub fn parse(name: &str, text: &str) -> List {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = (1u32..).zip(text.lines());
        let entries = lines.filter_map(|(number, line)| entry(number, line));
        List { name: name.into(), entries: entries.collect() }
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

fn entry(number: u32, line: &str) -> Option<Entry> {
    if line.trim().is_empty() || line.starts_with('#') {
        return None;
    }
    let (id, text) = match line.split_once('\t') {
        Some((id, text)) if !id.trim().is_empty() => (id.trim().into(), text),
        _ => (number.to_string().into(), line),
    };
    let text = text.strip_prefix('\\').filter(|rest| rest.starts_with('#')).unwrap_or(text).trim();
    (!text.is_empty()).then(|| Entry { id, text: text.to_owned() })
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
            List::parse("apps", "\u{feff}# apps\nAppOne\r\n\n  AppTwo  \na3\tApp Three\n\\#tag\n\tx\n");
        let entries: Vec<_> = list.entries().iter().map(|e| (&*e.id, e.text.as_str())).collect();
        assert_eq!(
            entries,
            [("2", "AppOne"), ("4", "AppTwo"), ("a3", "App Three"), ("6", "#tag"), ("7", "x")]
        );
    }

    #[test]
    fn the_digest_tells_contents_and_their_bounds_apart() {
        let digests = ["a\tbc", "ab\tc", "a\tbc\n", "a\tbd"].map(|text| List::parse("l", text).digest());
        assert_ne!(digests[0], digests[1]);
        assert_eq!(digests[0], digests[2]);
        assert_ne!(digests[0], digests[3]);
    }

    #[test]
    fn debug_output_shows_no_entry_text() {
        let mut lists = Lists::default();
        lists.insert(List::parse("apps", "AppOne\n"));
        assert!(!format!("{lists:?}").contains("AppOne"));
    }
}
