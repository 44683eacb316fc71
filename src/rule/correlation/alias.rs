//! Aliases: a key that different rules read from different fields.
//!
//! ```yaml
//! group-by: [child]
//! aliases: {child: {asks: recipient.id, answers: sender.id}}
//! ```

use super::field;
use super::read::Name;
use super::resolve::Parts;
use crate::rule::codes::Code;
use crate::rule::diagnostic::Diagnostic;
use crate::rule::reader::{Reader, listed};
use crate::rule::syntax::{Entry, Node};

/// An alias as it is written.
pub(super) struct Alias {
    pub(super) name: Name,
    /// Names of rules and the field of each.
    fields: Vec<(Name, String)>,
}

/// Reads `aliases`.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<Alias>> {
    let entries = reader.map(node, "`aliases`")?;
    let aliases: Vec<_> = entries.iter().map(|entry| alias(reader, entry)).collect();
    aliases.into_iter().collect()
}

fn alias(reader: &mut Reader<'_>, entry: &Entry) -> Option<Alias> {
    let name = name(entry);
    let what = format!("the alias `{}`", name.text);
    let entries = reader.map(&entry.value, &what)?;
    let fields: Vec<_> = entries
        .iter()
        .map(|entry| Some((self::name(entry), field::key(reader, &entry.value, &what)?)))
        .collect();
    let fields = fields.into_iter().collect::<Option<_>>()?;
    Some(Alias { name, fields })
}

fn name(entry: &Entry) -> Name {
    Name { text: entry.key.text.to_string(), span: entry.key.span }
}

impl Alias {
    /// The field of each part. Every part must have one, and no other rule.
    pub(super) fn fields(&self, reader: &mut Reader<'_>, parts: &Parts<'_>) -> Option<Vec<String>> {
        let mut fields = vec![None; parts.len()];
        let mut sound = true;
        for (name, field) in &self.fields {
            if let Some(part) = parts.find(&name.text) {
                fields[part] = Some(field.clone());
            } else {
                reader.push(parts.stranger(Code::BadAlias, name));
                sound = false;
            }
        }
        let missing = parts.written().zip(&fields).filter(|(_, field)| field.is_none());
        let missing: Vec<_> = missing.map(|(name, _)| name).collect();
        if sound && !missing.is_empty() {
            let of = listed(&missing);
            let message = format!("the alias `{}` has no field for {of}", self.name.text);
            let found = Diagnostic::new(Code::BadAlias, self.name.span, message);
            reader.push(found.help("it says for each of the rules from which field the key is read"));
        }
        fields.into_iter().collect::<Option<_>>().filter(|_| sound)
    }
}
