//! Field paths, their types, and the set of fields that a rule set reads.
//!
//! One table ([`FieldTable::canonical`]) gives the type of every field of the canonical event; a
//! configuration may add to it. A field that is in no table is a keyword: rules may name any dotted path.

use super::canonical;
use std::collections::BTreeMap;
use std::fmt;

/// What a field holds, which decides how a rule compares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FieldType {
    /// Prose that people wrote: has views and tokens.
    Text,
    /// An identifier or a word of a closed vocabulary: compared by its canonical text.
    Keyword,
    /// An integer or a decimal number.
    Number,
    /// True or false.
    Bool,
    /// A point in time, RFC 3339 or milliseconds since the epoch.
    Time,
}

impl FieldType {
    /// All types.
    pub const ALL: [FieldType; 5] =
        [FieldType::Text, FieldType::Keyword, FieldType::Number, FieldType::Bool, FieldType::Time];

    /// The name used in configuration and documentation.
    pub fn name(self) -> &'static str {
        match self {
            FieldType::Text => "text",
            FieldType::Keyword => "keyword",
            FieldType::Number => "number",
            FieldType::Bool => "bool",
            FieldType::Time => "time",
        }
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The types of known fields: the canonical ones and those a configuration adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldTable {
    types: BTreeMap<String, FieldType>,
}

impl FieldTable {
    /// The canonical event's fields.
    pub fn canonical() -> FieldTable {
        FieldTable { types: canonical::fields().map(|(path, kind, _)| (path, kind)).collect() }
    }

    /// Adds a field or changes its type.
    pub fn insert(&mut self, path: impl Into<String>, kind: FieldType) {
        self.types.insert(path.into(), kind);
    }

    /// The type of a field; a field in no table is a keyword.
    pub fn type_of(&self, path: &str) -> FieldType {
        self.types.get(path).copied().unwrap_or(FieldType::Keyword)
    }

    /// True if the table has the field.
    pub fn contains(&self, path: &str) -> bool {
        self.types.contains_key(path)
    }

    /// All known fields with their types, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, FieldType)> {
        self.types.iter().map(|(path, kind)| (path.as_str(), *kind))
    }
}

/// A field of a [`FieldSet`], by its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldId(pub u16);

impl FieldId {
    /// `type`, which every field set holds.
    pub const TYPE: FieldId = FieldId(0);
    /// `text`, which every field set holds.
    pub const TEXT: FieldId = FieldId(1);
}

/// The fields that a rule set reads, each with its type; the projection that a decoder performs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSet {
    fields: Vec<(String, FieldType)>,
    /// By path: the index in `fields`.
    ids: BTreeMap<String, u16>,
}

impl Default for FieldSet {
    fn default() -> FieldSet {
        let mut set = FieldSet { fields: Vec::new(), ids: BTreeMap::new() };
        set.intern("type", FieldType::Keyword);
        set.intern("text", FieldType::Text);
        set
    }
}

impl FieldSet {
    /// The id of `path`, added with its type if it is new. None if there are more than 65,536 fields.
    pub fn intern(&mut self, path: &str, kind: FieldType) -> Option<FieldId> {
        if let Some(id) = self.find(path) {
            return Some(id);
        }
        let id = u16::try_from(self.fields.len()).ok()?;
        self.fields.push((path.to_owned(), kind));
        self.ids.insert(path.to_owned(), id);
        Some(FieldId(id))
    }

    /// The id of `path`, if the set holds it.
    pub fn find(&self, path: &str) -> Option<FieldId> {
        self.ids.get(path).copied().map(FieldId)
    }

    /// The dotted path of a field of this set.
    pub fn path(&self, id: FieldId) -> &str {
        &self.fields[usize::from(id.0)].0
    }

    /// The type of a field of this set.
    pub fn type_of(&self, id: FieldId) -> FieldType {
        self.fields[usize::from(id.0)].1
    }

    /// All fields with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FieldId, &str, FieldType)> {
        (0u16..).zip(&self.fields).map(|(id, (path, kind))| (FieldId(id), path.as_str(), *kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_table_holds_each_field_once_and_the_derived_ones() {
        let table = FieldTable::canonical();
        assert_eq!(table.iter().count(), canonical::fields().count());
        for (path, kind) in super::super::derive::DERIVED {
            assert_eq!(table.iter().find(|(known, _)| *known == path), Some((path, kind)));
        }
    }

    #[test]
    fn every_field_set_begins_with_type_and_text() {
        let mut fields = FieldSet::default();
        assert_eq!((fields.find("type"), fields.find("text")), (Some(FieldId::TYPE), Some(FieldId::TEXT)));
        let room = fields.intern("room.id", FieldType::Keyword).unwrap();
        assert_eq!(fields.intern("room.id", FieldType::Text), Some(room), "the first type stays");
        assert_eq!((fields.path(room), fields.type_of(room)), ("room.id", FieldType::Keyword));
    }
}
