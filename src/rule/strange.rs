//! Fields in the events of tests that are in no table and resemble one that is: the rule looks for the known one, and the
//! test says nothing.

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::key;
use super::reader::Reader;
use super::source::Span;
use super::syntax::{Entry, Kind, Node};
use std::collections::BTreeSet;

/// Tells of such fields in an event.
pub(super) fn fields(reader: &mut Reader<'_>, event: &Node) {
    let Kind::Map(entries) = &event.kind else { return };
    walk(reader, "", &mut Vec::new(), entries, &mut BTreeSet::new());
}

/// Looks at the entries below the path `above`, whose keys are `keys`. What was told of a key is not told twice.
fn walk(
    reader: &mut Reader<'_>,
    above: &str,
    keys: &mut Vec<Span>,
    entries: &[Entry],
    told: &mut BTreeSet<Span>,
) {
    for entry in entries {
        let name = &entry.key.text;
        let path = if above.is_empty() { name.to_string() } else { format!("{above}.{name}") };
        keys.push(entry.key.span);
        match &entry.value.kind {
            Kind::Map(below) => walk(reader, &path, keys, below, told),
            _ if reader.fields.contains(&path) || name.contains('|') => {}
            _ => tell(reader, &path, keys, told),
        }
        keys.pop();
    }
}

fn tell(reader: &mut Reader<'_>, path: &str, keys: &[Span], told: &mut BTreeSet<Span>) {
    let Some(meant) = key::meant(reader, path) else { return };
    let mut pairs = keys.iter().zip(path.split('.')).zip(meant.split('.'));
    let differing = pairs.find(|((_, own), meant)| own != meant);
    let alike = keys.len() == path.split('.').count() && keys.len() == meant.split('.').count();
    // The part that differs, if the rest stands as it should.
    let part = differing.filter(|_| alike).map(|((span, _), meant)| (*span, meant));
    let span = part.map_or_else(|| keys.last().copied().unwrap_or_default(), |(span, _)| span);
    if !told.insert(span) {
        return;
    }
    let message = format!("no table has the field `{path}`, and no rule about `{meant}` finds it");
    let found = Diagnostic::new(Code::UnknownFieldInTest, span, message);
    let question = format!("did you mean `{meant}`?");
    reader.push(match (part, keys) {
        (Some((span, name)), _) => found.fix(span, name, question),
        // A whole path stands only at the top.
        (None, [_]) => found.fix(span, meant, question),
        (None, _) => found.help(question),
    });
}
