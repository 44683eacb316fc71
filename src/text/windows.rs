//! How often four bytes in a row stand in ordinary chat.
//!
//! Whoever looks for a literal by four of its bytes had better take four that few messages hold. The counts are those of
//! the [sample](super::ordinary), by a hash of the bytes, each rounded down to a power of two of which the table has
//! the exponent: 16 KiB in all. They are made beforehand, since to count anew takes longer than to compile a small rule set;
//! `tests/integration/text_tables.rs` writes them and holds the table to the sample. What no text of the sample holds
//! counts as rare.

use super::ordinary::Sample;

/// Bytes of a window.
pub const WINDOW: usize = 4;
/// Counters, as a power of two.
const BITS: u32 = 14;

static TABLE: &[u8; 1 << BITS] = include_bytes!("ordinary/windows.bin");

/// About how often a window, its first byte lowest, comes in as many messages as the sample counts; at least 1.
pub(crate) fn occurrences(window: u32) -> u64 {
    1 << TABLE[bucket(window)].min(63)
}

/// The table of a sample's windows.
pub fn table(sample: &Sample<'_>) -> Vec<u8> {
    let mut counts = vec![1u64; 1 << BITS];
    for said in &sample.texts {
        for window in said.text.as_bytes().array_windows::<WINDOW>() {
            counts[bucket(u32::from_le_bytes(*window))] += u64::from(said.messages);
        }
    }
    counts.into_iter().map(|count| u8::try_from(count.ilog2()).unwrap_or(u8::MAX)).collect()
}

fn bucket(window: u32) -> usize {
    (window.wrapping_mul(0x9E37_79B1) >> (u32::BITS - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_often_counts_more() {
        let count = |text: &[u8; WINDOW]| occurrences(u32::from_le_bytes(*text));
        assert!(count(b"the ") > count(b"lamp") && count(b"lamp") > count(b"xyzq"));
    }
}
