//! Keys of a rule that stand among the selections, because they are indented too far.
//!
//! Read as selections they give errors that lead nowhere (a test's event would be a text without quotes), so what was said of
//! them is taken back and the one thing said that helps. And a `condition` that stands in a selection, likewise.

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::reader::Reader;
use super::syntax::{Entry, Kind, Node};

/// Keys whose values could be no selection: by what they hold, where they hold a map or a list.
const KEYS: &[(&str, &[&str])] = &[
    ("title", &[]),
    ("id", &[]),
    ("name", &[]),
    ("status", &[]),
    ("description", &[]),
    ("level", &[]),
    ("logsource", &["product", "category", "service", "definition"]),
    ("review", &["score", "queue", "publish"]),
    ("tests", &["expect"]),
];

/// Tells of the keys among the selections of `detection`, of which `said` diagnostics were there before it was read.
pub(super) fn tell(reader: &mut Reader<'_>, detection: &Node, said: usize) {
    let Kind::Map(entries) = &detection.kind else { return };
    for entry in entries.iter().filter(|entry| is_key(entry)) {
        let whole = entry.key.span.to(entry.value.span).range();
        let about = reader.out.split_off(said);
        let inside = |found: &Diagnostic| whole.contains(&(found.primary.span.start as usize));
        let (own, mut others): (Vec<_>, Vec<_>) = about.into_iter().partition(inside);
        reader.out.append(&mut others);
        // One that is of use in the condition is what it seems.
        if own.is_empty() {
            continue;
        }
        let message = format!("`{}` is a key of the rule, and stands among the selections", entry.key.text);
        let found = Diagnostic::new(Code::UnknownKey, entry.key.span, message);
        reader.push(found.help("indent it like `detection`"));
    }
}

/// The key `condition` inside a selection, and the selection's name.
pub(super) fn condition(detection: &Node) -> Option<(&Entry, &str)> {
    let Kind::Map(entries) = &detection.kind else { return None };
    entries.iter().find_map(|selection| {
        let Kind::Map(entries) = &selection.value.kind else { return None };
        let inside = entries.iter().find(|entry| &*entry.key.text == "condition")?;
        Some((inside, &*selection.key.text))
    })
}

fn is_key(entry: &Entry) -> bool {
    let known = KEYS.iter().find(|(key, _)| *key == &*entry.key.text);
    known.is_some_and(|(_, inside)| match &entry.value.kind {
        Kind::Scalar(_) => inside.is_empty(),
        Kind::Map(entries) => holds(entries, inside),
        Kind::Sequence(items) => {
            items.iter().any(|item| matches!(&item.kind, Kind::Map(entries) if holds(entries, inside)))
        }
    })
}

fn holds(entries: &[Entry], keys: &[&str]) -> bool {
    entries.iter().any(|entry| keys.contains(&&*entry.key.text))
}
