//! What a map of the rule language may hold: its keys, each with what it takes and what it is for.
//!
//! One table a map, where the map is read. The parser finds keys and misspelt ones by it, and the JSON Schema that
//! editors complete by ([`mod@super::schema`]) is made from it, so neither can know a key that the other does not.

/// A key: its name, what it takes, what it is for.
pub(super) type Key = (&'static str, Takes, &'static str);

/// What a key takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Takes {
    /// It is for people, or for other tools: not read.
    Anything,
    /// A text that is not empty; numbers and booleans are taken as they stand.
    Text,
    /// An id or a short name.
    Name,
    /// A list of texts.
    Texts,
    /// True or false.
    Bool,
    /// A whole number within these bounds.
    Whole { least: u32, most: u32 },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A level.
    Level,
    /// What stands under this name in the schema, for it is no plain value.
    Part(&'static str),
}

/// The names of a table's keys, in order, as a constant.
pub(super) const fn names_of<const N: usize>(keys: &[Key; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut at = 0;
    while at < N {
        names[at] = keys[at].0;
        at += 1;
    }
    names
}

/// The names of a table's keys, in order.
pub(super) fn names(keys: &[Key]) -> Vec<&'static str> {
    keys.iter().map(|(name, ..)| *name).collect()
}
