//! How often four bytes in a row stand in ordinary chat.
//!
//! Whoever looks for a literal by four of its bytes had better take four that few messages hold. The counts are those of
//! the [sample](super::ordinary), by a hash of the bytes, each rounded down to a power of two of which the table has
//! the exponent: 16 KiB in all. Those that ship are made beforehand, since to count anew takes longer than to compile a small
//! rule set; `tests/integration/text_tables.rs` writes them and holds the table to the sample. What no text of the sample
//! holds counts as rare.

use super::ordinary::Sample;
use std::borrow::Cow;
use std::fmt;

/// Bytes of a window.
pub const WINDOW: usize = 4;
/// Counters, as a power of two.
const BITS: u32 = 14;

static ENGLISH: &[u8; 1 << BITS] = include_bytes!("ordinary/windows.bin");

/// How often windows come in ordinary chat.
#[derive(Clone, PartialEq, Eq)]
pub struct Windows {
    /// Powers of two, by the window's hash.
    exponents: Cow<'static, [u8]>,
}

impl Default for Windows {
    /// Those of the sample that ships.
    fn default() -> Windows {
        Windows { exponents: Cow::Borrowed(ENGLISH) }
    }
}

impl fmt::Debug for Windows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Windows").finish_non_exhaustive()
    }
}

impl Windows {
    /// Those of a sample.
    pub fn of(sample: &Sample<'_>) -> Windows {
        let mut counts = vec![1u64; 1 << BITS];
        for said in &sample.texts {
            for window in said.text.as_bytes().array_windows::<WINDOW>() {
                counts[bucket(u32::from_le_bytes(*window))] += u64::from(said.messages);
            }
        }
        let exponents = counts.into_iter().map(|count| u8::try_from(count.ilog2()).unwrap_or(u8::MAX));
        Windows { exponents: exponents.collect() }
    }

    /// The table as it ships.
    pub fn table(&self) -> &[u8] {
        &self.exponents
    }

    /// About how often a window, its first byte lowest, comes in as many messages as the sample counts; at least 1.
    pub(crate) fn occurrences(&self, window: u32) -> u64 {
        1 << self.exponents[bucket(window)].min(63)
    }
}

fn bucket(window: u32) -> usize {
    (window.wrapping_mul(0x9E37_79B1) >> (u32::BITS - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_often_counts_more() {
        let windows = Windows::default();
        let count = |text: &[u8; WINDOW]| windows.occurrences(u32::from_le_bytes(*text));
        assert!(count(b"the ") > count(b"lamp") && count(b"lamp") > count(b"xyzq"));
    }

    #[test]
    fn other_chat_has_other_counts() {
        let sample = Sample::parse("# messages\t1000\nxyzq\t900\n").unwrap();
        let windows = Windows::of(&sample);
        assert_eq!(windows.occurrences(u32::from_le_bytes(*b"xyzq")), 512);
        assert_eq!(windows.occurrences(u32::from_le_bytes(*b"the ")), 1);
    }
}
