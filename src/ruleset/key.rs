//! Keys that prefilters look up, and what stands under them.

use super::prefilter::LiteralId;
use crate::text::position;
use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::ops::Range;

/// Bytes that are read at once.
pub(super) const HEAD: usize = 8;

/// A word as a number: short ones are told apart by it, longer ones nearly always.
#[inline]
pub(super) fn number(bytes: &[u8], start: usize, length: usize) -> u64 {
    let first = eight(bytes, start);
    if length <= HEAD {
        return first & lowest(length);
    }
    key(first ^ length as u64, eight(bytes, start + length - HEAD))
}

/// Eight bytes as a number, the first lowest; what is beyond the end is zero.
#[inline]
pub(super) fn eight(bytes: &[u8], start: usize) -> u64 {
    let rest = bytes.get(start..).unwrap_or_default();
    match rest.first_chunk() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => rest.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)),
    }
}

/// The eight bytes before a place as a number, the last lowest; what is before the beginning is zero.
#[inline]
pub(super) fn eight_before(bytes: &[u8], end: usize) -> u64 {
    let rest = bytes.get(..end).unwrap_or_default();
    match rest.last_chunk() {
        Some(chunk) => u64::from_be_bytes(*chunk),
        None => rest.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)),
    }
}

/// The lowest bytes of a number, so many.
#[inline]
pub(super) const fn lowest(count: usize) -> u64 {
    match count {
        0 => 0,
        HEAD.. => u64::MAX,
        _ => u64::MAX >> (64 - 8 * count),
    }
}

/// A key, well mixed in all its bits: the halves of a product laid over each other.
#[inline]
pub(super) fn key(one: u64, other: u64) -> u64 {
    let product = u128::from(one ^ 0x9E37_79B9_7F4A_7C15) * u128::from(other ^ 0xD1B5_4A32_D192_ED03);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
    let (high, low) = ((product >> 64) as u64, product as u64);
    high ^ low
}

/// What stands under each key, behind a bitmap that nearly always says that there is nothing.
///
/// All lies in one array, in the order of keys, and a key's highest bits say where: what stands under another key of
/// the same bits is found too, which whoever asks has to compare anyway.
#[derive(Debug)]
pub(super) struct Posts<P> {
    bitmap: Bitmap,
    /// By the highest bits of keys: the first post, and after all the number of posts.
    starts: Box<[u32]>,
    shift: u32,
    all: Vec<P>,
}

impl<P> Posts<P> {
    /// Buckets, at least.
    const LEAST: usize = 16;

    pub(super) fn new(mut keyed: Vec<(u64, P)>) -> Posts<P> {
        keyed.sort_by_key(|(key, _)| *key);
        let keys = || keyed.chunk_by(|one, other| one.0 == other.0).map(|posts| posts[0].0);
        let count = keys().count();
        let buckets = count.max(Self::LEAST).next_power_of_two();
        let shift = 64 - buckets.trailing_zeros();
        let start = |bucket: usize| keyed.partition_point(|(key, _)| key >> shift < bucket as u64);
        Posts {
            bitmap: Bitmap::new(keys(), count),
            starts: (0..=buckets).map(|bucket| position(start(bucket))).collect(),
            shift,
            all: keyed.into_iter().map(|(_, post)| post).collect(),
        }
    }

    /// False if nothing stands under the key.
    #[inline]
    pub(super) fn may_hold(&self, key: u64) -> bool {
        self.bitmap.may_hold(key)
    }

    /// Where what stands under the key is among all, and under few others, in the order of keys.
    #[inline]
    pub(super) fn range(&self, key: u64) -> Range<u32> {
        let bucket = usize::try_from(key >> self.shift).unwrap_or_default();
        self.starts[bucket]..self.starts[bucket + 1]
    }

    /// What stands under the key, and under few others.
    #[inline]
    pub(super) fn of(&self, key: u64) -> &[P] {
        let Range { start, end } = self.range(key);
        self.all.get(start as usize..end as usize).unwrap_or_default()
    }

    /// All that stands anywhere, in the order of keys.
    #[inline]
    pub(super) fn all(&self) -> &[P] {
        &self.all
    }
}

/// How often each key comes.
pub(super) fn sharing(keys: impl Iterator<Item = u64>) -> HashMap<u64, u32, FixedState> {
    let mut sharing: HashMap<u64, u32, FixedState> = HashMap::default();
    for key in keys {
        *sharing.entry(key).or_default() += 1;
    }
    sharing
}

/// A Bloom filter of two bits a key, both in one word, told by the upper half of the key's bits.
#[derive(Debug)]
pub(super) struct Bitmap {
    /// A power of two of them.
    words: Box<[u64]>,
}

impl Bitmap {
    /// Bits a key, at least: fewer than one key in 150 that is not held passes.
    const BITS: usize = 32;
    /// The least size: two kilobytes.
    const LEAST: usize = 256;

    /// Of those keys, so many different ones.
    pub(super) fn new(keys: impl Iterator<Item = u64>, count: usize) -> Bitmap {
        let words = (count * Self::BITS / 64).max(Self::LEAST).next_power_of_two();
        let mut bitmap = Bitmap { words: vec![0; words].into() };
        for key in keys {
            let (word, bits) = bitmap.place(key);
            bitmap.words[word] |= bits;
        }
        bitmap
    }

    /// False if the key is not among them.
    #[inline]
    pub(super) fn may_hold(&self, key: u64) -> bool {
        let (word, bits) = self.place(key);
        self.words[word] & bits == bits
    }

    /// Its word and its bits there, by shifts that are the same for all sizes: others take three times as long.
    #[inline]
    fn place(&self, key: u64) -> (usize, u64) {
        let word = usize::try_from(key >> 32).unwrap_or_default() & (self.words.len() - 1);
        (word, 1 << (key >> 58) | 1 << (key >> 52 & 63))
    }
}

/// Texts of literals, one after another.
#[derive(Debug, Default)]
pub(super) struct Literals {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Literals {
    pub(super) fn new<L: AsRef<[u8]>>(literals: impl Iterator<Item = L>) -> Literals {
        let mut all = Literals::default();
        for literal in literals {
            all.bytes.extend_from_slice(literal.as_ref());
            all.ends.push(position(all.bytes.len()));
        }
        all
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    #[inline]
    pub(super) fn get(&self, LiteralId(id): LiteralId) -> &[u8] {
        let start = id.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        &self.bytes[start as usize..self.ends[id as usize] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bitmap_of_thousands_lets_few_strangers_pass() {
        let held = (0..10_000).map(|number| key(1, number));
        let bitmap = Bitmap::new(held.clone(), 10_000);
        assert!(held.clone().all(|key| bitmap.may_hold(key)));
        let strangers = (0..100_000).filter(|number| bitmap.may_hold(key(2, *number))).count();
        assert!(strangers < 1_000, "{strangers} of 100,000");
    }
}
