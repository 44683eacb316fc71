//! An index of one text's words, made when so many things are looked for in it that it pays.
//!
//! A text that holds what many rules look for then costs its length and theirs, and not their product.

/// So many searches of a text are made without an index.
pub(crate) const UNINDEXED: usize = 8;

/// Keys of words, each with the word's place.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Searches of this text so far.
    searches: usize,
    /// Empty before it is needed.
    entries: Vec<(u64, u32)>,
}

impl Index {
    /// Makes ready for another text.
    pub(crate) fn clear(&mut self) {
        self.searches = 0;
        self.entries.clear();
    }

    /// Counts a search; true if it is one of so many that it should be made with the index.
    pub(crate) fn pays(&mut self) -> bool {
        self.searches += 1;
        self.searches > UNINDEXED
    }

    /// Fills it, unless it is filled: the key of each word, in order.
    pub(crate) fn make(&mut self, keys: impl Iterator<Item = u64>) {
        if self.entries.is_empty() {
            self.entries.extend(keys.zip(0..));
            self.entries.sort_unstable();
        }
    }

    /// The words with keys from `least` to `most`; those of one key rising.
    pub(crate) fn between(&self, least: u64, most: u64) -> &[(u64, u32)] {
        let start = self.entries.partition_point(|(key, _)| *key < least);
        let end = self.entries.partition_point(|(key, _)| *key <= most);
        self.entries.get(start..end).unwrap_or_default()
    }

    /// One of a text that was searched without it, and of a text whose next search makes it.
    #[cfg(test)]
    pub(crate) fn either_way() -> [Index; 2] {
        [0, UNINDEXED].map(|searches| Index { searches, entries: Vec::new() })
    }
}
