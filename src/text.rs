//! Texts and the ways to read them: tokens, folding, views, and spans back to the original.
//!
//! A rule names a phrase once; a [`View`] is one reading of the event's text in which it is searched.
//! Every view maps back to byte spans of the original text, on character boundaries, because a flag
//! shows people what was written, not what we made of it.

pub(crate) mod disguise;
pub mod fold;
pub(crate) mod index;
mod leet;
mod lookalike;
pub(crate) mod near;
pub mod ordinary;
mod reading;
pub(crate) mod skeleton;
pub(crate) mod slips;
pub(crate) mod spelling;
#[expect(clippy::unreadable_literal, reason = "a generated table, not for reading")]
mod table;
pub mod token;
mod visible;
pub mod windows;
pub(crate) mod words;

pub use reading::reading;
pub use table::DIGEST as TABLE_DIGEST;
pub use visible::visible;

use std::fmt;

/// One reading of a text. Ordered from the plain text outwards: a hit is reported in the first that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum View {
    /// The text as it was written.
    Raw,
    /// Lower case, compatibility forms and stray marks undone, one space for any white space.
    Folded,
    /// Folded, with look-alikes and leet undone, and stretched letters.
    Skeleton,
    /// Skeleton without regard to where words end, forwards and backwards.
    Squashed,
    /// Consecutive messages of one sender read as one.
    Joined,
}

impl View {
    /// All views, plainest first.
    pub const ALL: [View; 5] = [View::Raw, View::Folded, View::Skeleton, View::Squashed, View::Joined];

    /// The name used in rules (`text.folded`) and in flags.
    pub fn name(self) -> &'static str {
        match self {
            View::Raw => "raw",
            View::Folded => "folded",
            View::Skeleton => "skeleton",
            View::Squashed => "squashed",
            View::Joined => "joined",
        }
    }

    /// The view of that name.
    pub fn from_name(name: &str) -> Option<View> {
        View::ALL.into_iter().find(|view| view.name() == name)
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A character's simple lower case: always one character, so that letters can be compared one by one.
pub(crate) fn lower(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    character.to_lowercase().next().unwrap_or(character)
}

/// A position in texts, which are bounded to megabytes, also a batch of them; beyond 4 GiB positions saturate.
pub(crate) fn position(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
