//! The fields to read, compiled into a trie over the keys that lead to them.
//!
//! Built once per rule set from its field set, the mapping and the pseudonyms; walked once per event. A node
//! is an object's key; its targets are the fields that the value there feeds, with the rank of that source
//! among the field's sources. A node mostly has few keys, which are compared one after another: for the handful that a
//! rule set names this is faster than hashing each key of the record. Many are searched by halves. Most keys of a record
//! lead nowhere, and of a few this is told by their first bytes, as numbers.

use super::derive::Derived;
use super::json::Head;
use super::mapping::is_below;
use super::{FieldId, FieldSet, Mapping, Pseudonyms};

/// A field fed by a place in the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    /// The field.
    pub(super) field: FieldId,
    /// Which of the field's sources this is; a lower rank wins.
    pub(super) rank: u8,
    /// The rank of null, an object or an empty array here: below any value where another source, a constant or
    /// a default could give one, so that an empty source does not hide a full one.
    pub(super) empty_rank: u8,
    /// What is done to the value.
    pub(super) treatment: Treatment,
}

/// Most keys of a node that are compared one after another.
const FEW: usize = 16;

/// The rank below any value's.
pub(super) const EMPTY: u8 = u8::MAX;

impl Target {
    /// A target of that rank whose value is stored as it is.
    pub(super) fn plain(field: FieldId, rank: u8) -> Target {
        Target { field, rank, empty_rank: EMPTY, treatment: Treatment::Plain }
    }
}

/// What is done to a value before it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// Nothing.
    Plain,
    /// It is a `type`, which the mapping may rename.
    Rename,
    /// It is an id to be replaced by its pseudonym.
    Pseudonym,
}

/// A place in events that leads to fields.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    /// The fields that a value here feeds.
    pub(super) targets: Vec<Target>,
    /// By name.
    children: Vec<(Box<str>, Node)>,
    /// How their names begin.
    heads: Vec<Head>,
    /// Some child has children: only then can a key with dots lead anywhere.
    has_paths: bool,
}

impl Node {
    /// The trie of all fields but the derived ones.
    pub(super) fn compile(
        fields: &FieldSet,
        mapping: &Mapping,
        pseudonyms: Option<&Pseudonyms>,
        derived: &Derived,
    ) -> Node {
        let named = pseudonyms.map_or(&[][..], Pseudonyms::fields);
        let hidden: Vec<String> = named.iter().flat_map(|path| mapping.sources_below(path)).collect();
        // What stands within a hidden field is hidden with it.
        let hides = |source: &str| hidden.iter().any(|path| path == source || is_below(source, path));
        let mut places = Vec::new();
        for (field, path, _) in fields.iter().filter(|(field, ..)| !derived.supplies(*field)) {
            let sources = mapping.sources_of(path);
            let only = sources.len() == 1 && !mapping.has_default(path);
            for (rank, source) in (0u8..).zip(sources) {
                let treatment = match path {
                    "type" => Treatment::Rename,
                    _ if hides(&source) => Treatment::Pseudonym,
                    _ => Treatment::Plain,
                };
                let empty_rank = if only { rank } else { EMPTY };
                places.push((source, Target { field, rank, empty_rank, treatment }));
            }
        }
        Node::of(places)
    }

    fn of(mut places: Vec<(String, Target)>) -> Node {
        places.sort_by(|(one, _), (other, _)| one.split('.').cmp(other.split('.')));
        let mut root = Node::default();
        for (path, target) in places {
            root.grow(&path).targets.push(target);
        }
        root
    }

    /// True if keys below this place lead to fields.
    pub(super) fn has_children(&self) -> bool {
        !self.children.is_empty()
    }

    /// Where `key` leads. A flat key that contains dots is read as a path.
    pub(super) fn child(&self, key: &str) -> Option<&Node> {
        let direct = self.named(key);
        if direct.is_some() || !self.has_paths || !key.as_bytes().contains(&b'.') {
            return direct;
        }
        key.split('.').try_fold(self, Node::named)
    }

    fn named(&self, name: &str) -> Option<&Node> {
        self.plain_child(Head::of(name.as_bytes()), name.as_bytes())
    }

    /// Where a key leads that is no path, given how it begins.
    #[inline]
    pub(super) fn plain_child(&self, head: Head, key: &[u8]) -> Option<&Node> {
        if self.children.len() > FEW {
            let found = self.children.binary_search_by(|(name, _)| name.as_bytes().cmp(key));
            return found.ok().map(|index| &self.children[index].1);
        }
        let mut all = self.heads.iter().zip(&self.children);
        let is_it = |(own, (name, _)): &(&Head, &(Box<str>, Node))| **own == head && name.as_bytes() == key;
        all.find(is_it).map(|(_, (_, node))| node)
    }

    /// The node at the end of a path. Paths come in order, so what is known of one is its parent's last child.
    fn grow(&mut self, path: &str) -> &mut Node {
        let mut segments = path.split('.').peekable();
        let mut node = self;
        while let Some(segment) = segments.next() {
            node.has_paths |= segments.peek().is_some();
            if node.children.last().is_none_or(|(name, _)| **name != *segment) {
                node.children.push((segment.into(), Node::default()));
                node.heads.push(Head::of(segment.as_bytes()));
            }
            let last = node.children.len() - 1;
            node = &mut node.children[last].1;
        }
        node
    }
}
