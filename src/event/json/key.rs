//! Keys of objects, as they are compared.

/// A key: where it stands, and what is known of it.
#[derive(Debug, Clone, Copy)]
pub(in crate::event) struct Key {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Of the key as it is written.
    pub(super) head: Head,
    /// Written with escapes.
    pub(super) escaped: bool,
    /// With dots.
    pub(super) dotted: bool,
}

/// The first bytes of a name as a number: mostly they tell it from the others of a node, and a number is compared faster
/// than a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::event) struct Head(u64);

impl Head {
    /// Of a name.
    pub(in crate::event) fn of(name: &[u8]) -> Head {
        Head(name.iter().take(8).rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}

impl Key {
    /// Whether it means what is written, and is no path.
    #[inline]
    pub(in crate::event) fn is_plain(self) -> bool {
        !self.escaped && !self.dotted
    }

    /// How it begins, as it is written.
    #[inline]
    pub(in crate::event) fn head(self) -> Head {
        self.head
    }

    /// The key that stands there in a text.
    pub(super) fn read(text: &[u8], start: usize, end: usize) -> Key {
        let name = text.get(start..end).unwrap_or_default();
        let (escaped, dotted) = (name.contains(&b'\\'), name.contains(&b'.'));
        Key { start, end, head: Head::of(name), escaped, dotted }
    }
}
