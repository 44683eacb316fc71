//! Parts of rules in the words of those who wrote them, for output that people read. Entries of lists are named, never
//! shown.

use crate::event::FieldType;
use crate::rule::model::{GlobPart, Pattern, PatternKind, Place, Views};

/// A field with the view that a rule names.
pub(super) fn field(path: &str, kind: FieldType, views: Views) -> String {
    match views {
        Views::Only(view) if kind == FieldType::Text => format!("{path}.{view}"),
        _ => path.to_owned(),
    }
}

/// A pattern as its author knows it; of one from a list its entry.
pub(super) fn pattern(pattern: &Pattern) -> String {
    if let Some(entry) = &pattern.entry {
        return entry.to_string();
    }
    let written = match &pattern.kind {
        PatternKind::Words(text) => format!("the words `{text}`"),
        PatternKind::Fuzzy { text, .. } => format!("the words `{text}`, with slips"),
        PatternKind::Near { text, reach } => format!("the words `{text}` in any order, {reach} words apart"),
        PatternKind::Regex(source) => format!("the expression `{source}`"),
        PatternKind::Network(network) => format!("an address of {network}"),
        PatternKind::Glob { place, parts } => glob(*place, parts),
    };
    if pattern.cased { written + ", in this case" } else { written }
}

fn glob(place: Place, parts: &[GlobPart]) -> String {
    let part = |part: &GlobPart| match part {
        GlobPart::Literal(text) => text.replace('*', "\\*").replace('?', "\\?"),
        GlobPart::AnyCharacter => "?".to_owned(),
        GlobPart::AnyCharacters => "*".to_owned(),
    };
    let text: String = parts.iter().map(part).collect();
    match place {
        Place::Whole => format!("`{text}`"),
        Place::Start => format!("begins with `{text}`"),
        Place::End => format!("ends with `{text}`"),
        Place::Anywhere => format!("`{text}` somewhere in it"),
    }
}
