//! Fields that a correlation names: as keys, as what is counted, as what is added.

use crate::event::FieldType;
use crate::rule::codes::Code;
use crate::rule::diagnostic::Diagnostic;
use crate::rule::key;
use crate::rule::reader::Reader;
use crate::rule::syntax::{Key, Node};
use crate::text::View;

use super::Addend;

/// The pseudo-field of a rule's score.
const SCORE: &str = "rule.score";

/// A field, its type and, of a text, the view that is named.
struct Field {
    path: String,
    kind: FieldType,
    view: Option<View>,
}

/// Reads a field without modifiers.
fn read(reader: &mut Reader<'_>, node: &Node, what: &str) -> Option<Field> {
    let text = reader.text(node, what)?;
    if text.contains('|') {
        let message = format!("{what} takes a field, which has no modifiers here");
        reader.push(Diagnostic::new(Code::BadField, node.span, message).help("leave them out"));
        return None;
    }
    let is_text = |path: &str| reader.fields.contains(path) && reader.fields.type_of(path) == FieldType::Text;
    let viewed = text.rsplit_once('.').filter(|(base, _)| is_text(base));
    let viewed = viewed.and_then(|(base, view)| Some((base, View::from_name(view)?)));
    let (path, view) = viewed.map_or((text, None), |(base, view)| (base, Some(view)));
    let span = reader.part(node, 0..path.len());
    let style = node.scalar()?.style;
    let read = key::read(reader, &Key { text: path.into(), span, style })?;
    Some(Field { path: read.field, kind: read.kind, view })
}

/// A field whose value is a key: its path.
pub(super) fn key(reader: &mut Reader<'_>, node: &Node, what: &str) -> Option<String> {
    let Field { path, kind, .. } = read(reader, node, what)?;
    if kind != FieldType::Text {
        return Some(path);
    }
    let message = format!("`{path}` is a text, and what people write is no key");
    let found = Diagnostic::new(Code::TextKey, node.span, message);
    let id = path.rsplit_once('.').map(|(base, _)| format!("{base}.id"));
    let id = id.filter(|id| reader.fields.contains(id));
    reader.push(match id {
        Some(id) => found.fix(node.span, &*id, format!("take `{id}`")),
        None => found.help("take an id, such as `sender.id`, `room.id` or `pair.id`"),
    });
    None
}

/// A field whose different values are counted; of a text the view in which two are equal.
pub(super) fn counted(reader: &mut Reader<'_>, node: &Node) -> Option<(String, Option<View>)> {
    let Field { path, kind, view } = read(reader, node, "`field`")?;
    if kind != FieldType::Text || view.is_some_and(|view| view != View::Joined) {
        return Some((path, view));
    }
    let message = format!("`{path}` is a text: say in which view of a message two are equal");
    let found = Diagnostic::new(Code::CountedText, node.span, message);
    reader.push(found.fix(node.span, format!("{path}.folded"), "without regard to case, accents and fonts"));
    None
}

/// What a sum adds: a numeric field, or the score of rules.
pub(super) fn addend(reader: &mut Reader<'_>, node: &Node) -> Option<Addend> {
    if node.scalar().is_some_and(|scalar| &*scalar.text == SCORE) {
        return Some(Addend::RuleScore);
    }
    let Field { path, kind, .. } = read(reader, node, "`field`")?;
    if kind == FieldType::Number {
        return Some(Addend::Field(path));
    }
    let message = format!("`{path}` is a {kind}, and only numbers add up");
    let found = Diagnostic::new(Code::SumOfNoNumber, node.span, message);
    reader.push(if reader.fields.contains(&path) {
        found.help("`value_count` counts different values; `rule.score` adds the scores of rules")
    } else {
        found.help("if it is a number, add it to the configuration's fields as one")
    });
    None
}
