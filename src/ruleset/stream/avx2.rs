//! The processor's part of a block ([`super::block`]) with AVX2, which nearly every x86-64 server has.
//!
//! A byte is in a set if the set's table, looked up by the byte's low four bits, has the bit that its high four say.
//! The tables are made of what [`byte`] says, so what is a letter is said once. `pext` would compress without a table,
//! but takes hundreds of cycles on some processors.

use super::Stream;
use super::ascii::Before;
use super::block::{self, BLOCK, Bounds, Done, EXCLAMATION, Run, Set};
use crate::text::position;
use crate::text::skeleton::{Byte, Plain, byte, is_telling};
use std::arch::x86_64::{
    __m128i, __m256i, _mm_cvtsi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_shuffle_epi8,
    _mm256_alignr_epi8, _mm256_and_si256, _mm256_blendv_epi8, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8,
    _mm256_extract_epi64, _mm256_movemask_epi8, _mm256_permute2x128_si256, _mm256_set_epi64x,
    _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_srli_epi16,
};

/// Proof that the processor has what this takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx2(());

impl Avx2 {
    pub(super) fn detect() -> Option<Avx2> {
        let has_all = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt");
        has_all.then_some(Avx2(()))
    }

    /// [`Stream::push_plain`] by blocks.
    #[inline]
    #[expect(unsafe_code, reason = "the compiler cannot know what was detected")]
    pub(super) fn push(self, stream: &mut Stream, text: &[u8], before: &mut Before) -> Plain {
        let Avx2(()) = self;
        // SAFETY: there is no `Avx2` unless the processor has all that `push` is compiled for.
        unsafe { push(stream, text, before) }
    }
}

#[target_feature(enable = "avx2,bmi1,lzcnt,popcnt")]
fn push(stream: &mut Stream, text: &[u8], before: &mut Before) -> Plain {
    block::push(stream, text, before, |stream, rest, before| push_block(stream, rest, before))
}

#[target_feature(enable = "avx2,bmi1,lzcnt,popcnt")]
#[inline]
fn push_block(stream: &mut Stream, rest: &[u8], before: &mut Before) -> Done {
    let block = match rest.first_chunk() {
        Some(bytes) => classify(bytes, Set::MAX),
        None => classify(&padded(rest), (1 << rest.len()) - 1),
    };
    let start = stream.bytes.len();
    let kept = block.kept(&mut before.last);
    let bounds = Bounds::of(block.letters, block.separators, before.open.is_some());
    bounds.push_words(kept, position(start), &mut before.open, &mut stream.words);
    stream.bytes.extend_from_slice(&[0; BLOCK]);
    compress(&block.classes, kept, &mut stream.bytes[start..]);
    stream.bytes.truncate(start + kept.count_ones() as usize);
    Done { length: block.length, telling: block.telling }
}

/// Fewer bytes than a block's, and after them what is not plain.
#[inline]
fn padded(rest: &[u8]) -> [u8; BLOCK] {
    let mut bytes = [u8::MAX; BLOCK];
    bytes[..rest.len()].copy_from_slice(rest);
    bytes
}

/// What the bytes of a block are.
#[derive(Debug, Clone, Copy)]
struct Block {
    /// The class of each that is a letter.
    classes: [u8; BLOCK],
    /// How many bytes there are, to the first that is not plain. The sets are of these.
    length: usize,
    letters: Set,
    separators: Set,
    /// Tell of sequences.
    telling: Set,
    /// The class is that of the byte before.
    like_last: Set,
    /// The class is that of the byte before that.
    like_last_but_one: Set,
}

impl Block {
    /// The letters that are not like the letter before, and what that is for the next block.
    #[target_feature(enable = "avx2,bmi1,lzcnt")]
    #[inline]
    fn kept(&self, last: &mut u8) -> Set {
        let letters = self.letters;
        let (near, next) = (letters << 1, letters << 2);
        // Nearly every letter has another beside it, or beyond one separator.
        let like = letters & (near & self.like_last | !near & next & self.like_last_but_one);
        let mut kept = letters & !like;
        let mut far = letters & !near & !next;
        while far != 0 {
            let first = far & far.wrapping_neg();
            if self.class(first) == self.last(letters & (first - 1)).unwrap_or(*last) {
                kept ^= first;
            }
            far ^= first;
        }
        *last = self.last(letters).unwrap_or(*last);
        kept
    }

    /// The class of the last of a set.
    #[target_feature(enable = "avx2,bmi1,lzcnt")]
    #[inline]
    fn last(&self, set: Set) -> Option<u8> {
        (set != 0).then(|| self.classes[63 - set.leading_zeros() as usize])
    }

    /// The class of the first of a set.
    #[target_feature(enable = "avx2,bmi1,lzcnt")]
    #[inline]
    fn class(&self, set: Set) -> u8 {
        self.classes[set.trailing_zeros() as usize % BLOCK]
    }
}

/// Writes the classes of a set, together.
#[target_feature(enable = "avx2,popcnt")]
#[inline]
fn compress(classes: &[u8; BLOCK], set: Set, out: &mut [u8]) {
    let mut end = 0;
    for (eight, bits) in classes.as_chunks::<8>().0.iter().zip(set.to_le_bytes()) {
        let order = _mm_cvtsi64_si128(ORDERS[usize::from(bits)]);
        let packed = _mm_shuffle_epi8(_mm_cvtsi64_si128(i64::from_le_bytes(*eight)), order);
        out[end..end + 8].copy_from_slice(&_mm_cvtsi128_si64(packed).to_le_bytes());
        end += bits.count_ones() as usize;
    }
}

/// By a set of eight bytes: the places of its bytes, one after another.
static ORDERS: [i64; 256] = orders();

const fn orders() -> [i64; 256] {
    let mut orders = [0; 256];
    let mut set = 0;
    while set < 256 {
        let (mut order, mut count, mut place) = ([0; 8], 0, 0u8);
        while place < 8 {
            if set >> place & 1 == 1 {
                order[count] = place;
                count += 1;
            }
            place += 1;
        }
        orders[set] = i64::from_le_bytes(order);
        set += 1;
    }
    orders
}

#[target_feature(enable = "avx2,bmi1")]
#[inline]
fn classify(bytes: &[u8; BLOCK], there: Set) -> Block {
    let (halves, _) = bytes.as_chunks::<32>();
    let halves = [load(&halves[0]), load(&halves[1])];
    let bits = halves.map(|half| high_bits(half));
    let set = |table| both(halves, bits, table);
    let (separators, exclamations) = (set(SEPARATORS), set(EXCLAMATIONS));
    let Run { length, within } = Run::of(!set(PLAIN), exclamations, separators, there);
    let classes = halves.map(|half| classes(half));
    Block {
        length: length as usize,
        letters: set(LETTERS) & within,
        separators: (separators | exclamations) & within,
        telling: set(TELLING) & within,
        like_last: like::<15>(classes),
        like_last_but_one: like::<14>(classes),
        classes: store(classes),
    }
}

/// A table of a set, or of anything else, by the low four bits of a byte.
type Table = [i64; 2];

#[target_feature(enable = "avx2")]
#[inline]
fn look_up(table: Table, bytes: __m256i) -> __m256i {
    let table: __m128i = _mm_set_epi64x(table[1], table[0]);
    _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(table), bytes)
}

/// Of each byte the bit that stands in a table for its high four bits; none unless it is ASCII.
#[target_feature(enable = "avx2")]
#[inline]
fn high_bits(bytes: __m256i) -> __m256i {
    look_up(BITS, _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(0x0F)))
}

/// The bytes that are in the set of a table.
#[target_feature(enable = "avx2")]
#[inline]
fn both(halves: [__m256i; 2], bits: [__m256i; 2], table: Table) -> Set {
    let outside = |half, bits| {
        let inside = _mm256_and_si256(look_up(table, half), bits);
        mask(_mm256_cmpeq_epi8(inside, _mm256_setzero_si256()))
    };
    !(outside(halves[0], bits[0]) | outside(halves[1], bits[1]) << 32)
}

#[target_feature(enable = "avx2")]
#[inline]
fn mask(bytes: __m256i) -> Set {
    Set::from(_mm256_movemask_epi8(bytes).cast_unsigned())
}

/// The class of each byte that is a letter.
#[target_feature(enable = "avx2")]
#[inline]
fn classes(bytes: __m256i) -> __m256i {
    let [digits, first, second] = CLASSES.map(|table| look_up(table, bytes));
    // The bit that tells the halves of the alphabet apart, and the one that tells letters from digits, highest.
    let letters = _mm256_blendv_epi8(first, second, _mm256_slli_epi16::<3>(bytes));
    _mm256_blendv_epi8(digits, letters, _mm256_slli_epi16::<1>(bytes))
}

/// The bytes that are like the one `16 - SHIFT` before.
#[target_feature(enable = "avx2")]
#[inline]
fn like<const SHIFT: i32>([low, high]: [__m256i; 2]) -> Set {
    let before_low = _mm256_permute2x128_si256::<0x08>(low, low);
    let before_high = _mm256_permute2x128_si256::<0x21>(low, high);
    let low = _mm256_cmpeq_epi8(low, _mm256_alignr_epi8::<SHIFT>(low, before_low));
    let high = _mm256_cmpeq_epi8(high, _mm256_alignr_epi8::<SHIFT>(high, before_high));
    mask(low) | mask(high) << 32
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(bytes: &[u8; 32]) -> __m256i {
    let (eights, _) = bytes.as_chunks::<8>();
    let eight = |place: usize| i64::from_le_bytes(eights[place]);
    _mm256_set_epi64x(eight(3), eight(2), eight(1), eight(0))
}

#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn store(halves: [__m256i; 2]) -> [u8; BLOCK] {
    let mut bytes = [0; BLOCK];
    let (eights, _) = bytes.as_chunks_mut::<8>();
    for (half, eights) in halves.into_iter().zip(eights.as_chunks_mut::<4>().0) {
        *eights = [
            _mm256_extract_epi64::<0>(half),
            _mm256_extract_epi64::<1>(half),
            _mm256_extract_epi64::<2>(half),
            _mm256_extract_epi64::<3>(half),
        ]
        .map(i64::to_le_bytes);
    }
    bytes
}

/// What a byte may be.
#[derive(Clone, Copy)]
enum Kind {
    Letter,
    Separator,
    Exclamation,
    /// One of these, or dropped.
    Plain,
    Telling,
}

impl Kind {
    const fn has(self, one: u8) -> bool {
        match self {
            Kind::Letter => matches!(byte(one), Byte::Letter(_)),
            Kind::Separator => matches!(byte(one), Byte::Separator),
            Kind::Exclamation => one == EXCLAMATION,
            Kind::Plain => one == EXCLAMATION || !matches!(byte(one), Byte::Symbol(_)),
            Kind::Telling => is_telling(one),
        }
    }
}

const LETTERS: Table = members(Kind::Letter);
const SEPARATORS: Table = members(Kind::Separator);
const EXCLAMATIONS: Table = members(Kind::Exclamation);
const PLAIN: Table = members(Kind::Plain);
const TELLING: Table = members(Kind::Telling);
/// By the high four bits of a byte: their bit.
const BITS: Table = table([1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0]);
/// Of digits, and of the halves of the alphabet in lower case.
const CLASSES: [Table; 3] = [row(b'0'), row(0x60), row(b'p')];

const fn members(kind: Kind) -> Table {
    let mut bytes = [0; 16];
    let mut at = 0u8;
    while at < 128 {
        if kind.has(at) {
            bytes[(at & 0x0F) as usize] |= 1 << (at >> 4);
        }
        at += 1;
    }
    table(bytes)
}

const fn row(first: u8) -> Table {
    let mut bytes = [0; 16];
    let mut low = 0u8;
    while low < 16 {
        if let Byte::Letter(class) = byte(first | low) {
            bytes[low as usize] = class;
        }
        low += 1;
    }
    table(bytes)
}

const fn table(bytes: [u8; 16]) -> Table {
    let (eights, _) = bytes.as_chunks::<8>();
    [i64::from_le_bytes(eights[0]), i64::from_le_bytes(eights[1])]
}
