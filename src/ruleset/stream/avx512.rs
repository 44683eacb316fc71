//! The processor's part of a block ([`super::block`]) with AVX-512, where one register holds a block: one look-up
//! classifies it, comparisons give its sets, and one instruction compresses the letters that are kept.
//!
//! It takes VBMI and VBMI2, which are later than the rest of AVX-512. On a processor without them the tests leave this
//! form out, and say so; it has been checked under an emulator that has them.

use super::Stream;
use super::ascii::Before;
use super::avx2;
use super::block::{self, BLOCK, Block, Set};
use crate::text::skeleton::{Byte, Plain, byte, is_telling};
use std::arch::x86_64::{
    __m512i, _mm512_castsi512_si256, _mm512_cmpeq_epi8_mask, _mm512_extracti64x4_epi64,
    _mm512_maskz_compress_epi8, _mm512_movepi8_mask, _mm512_permutex2var_epi8, _mm512_permutexvar_epi8,
    _mm512_set1_epi8, _mm512_setr_epi32, _mm512_test_epi8_mask,
};

/// Proof that the processor has what this takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx512(());

impl Avx512 {
    pub(super) fn detect() -> Option<Avx512> {
        let has_all = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("avx512vbmi2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt");
        has_all.then_some(Avx512(()))
    }

    /// [`Stream::push_plain`] by blocks.
    #[inline]
    #[expect(unsafe_code, reason = "the compiler cannot know what was detected")]
    pub(super) fn push(self, stream: &mut Stream, text: &[u8], before: &mut Before) -> Plain {
        let Avx512(()) = self;
        // SAFETY: there is no `Avx512` unless the processor has all that `push` is compiled for.
        unsafe { push(stream, text, before) }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi1,lzcnt,popcnt")]
fn push(stream: &mut Stream, text: &[u8], before: &mut Before) -> Plain {
    let compress = |block: &Block<_>, set, out: &mut _| compress(block.register, set, out);
    block::push(stream, text, before, |bytes| classify(bytes), compress)
}

/// Writes the classes of a set, together.
#[target_feature(enable = "avx512f,avx512vbmi2")]
#[inline]
fn compress(classes: __m512i, set: Set, out: &mut [u8]) {
    out.copy_from_slice(&store(_mm512_maskz_compress_epi8(set, classes)));
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,bmi1")]
#[inline]
fn classify(bytes: &[u8; BLOCK]) -> Block<__m512i> {
    let written = load(bytes);
    let [low, high] = &ENTRIES;
    // By the low seven bits.
    let entries = _mm512_permutex2var_epi8(load(low), written, load(high));
    let letters = !_mm512_movepi8_mask(entries);
    let others = |kind| !letters & _mm512_test_epi8_mask(entries, _mm512_set1_epi8(kind));
    let ends = others(SYMBOL) | _mm512_movepi8_mask(written);
    // Those before the first that is not plain.
    let within = !ends & ends.wrapping_sub(1);
    Block {
        length: ends.trailing_zeros() as usize,
        letters: letters & within,
        separators: others(SEPARATOR) & within,
        telling: others(TELLING) & within,
        like_last: like(entries, &BEFORE[0]),
        like_last_but_one: like(entries, &BEFORE[1]),
        classes: store(entries),
        register: entries,
    }
}

/// The bytes that are like the one that stands at the place given for them.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn like(entries: __m512i, places: &[u8; BLOCK]) -> Set {
    _mm512_cmpeq_epi8_mask(entries, _mm512_permutexvar_epi8(load(places), entries))
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load(bytes: &[u8; BLOCK]) -> __m512i {
    // By fours, of which the compiler makes one load: of eights it does not.
    let (fours, _) = bytes.as_chunks::<4>();
    let four = |place: usize| i32::from_le_bytes(fours[place]);
    _mm512_setr_epi32(
        four(0),
        four(1),
        four(2),
        four(3),
        four(4),
        four(5),
        four(6),
        four(7),
        four(8),
        four(9),
        four(10),
        four(11),
        four(12),
        four(13),
        four(14),
        four(15),
    )
}

#[target_feature(enable = "avx512f")]
#[inline]
fn store(bytes: __m512i) -> [u8; BLOCK] {
    avx2::store([_mm512_castsi512_si256(bytes), _mm512_extracti64x4_epi64::<1>(bytes)])
}

/// No letter; the other bits say what else.
const OTHER: i8 = i8::MIN;
const SEPARATOR: i8 = 1;
const SYMBOL: i8 = 2;
const TELLING: i8 = 4;

/// What a byte of ASCII is: the class of a letter, which is ASCII too, or [`OTHER`].
static ENTRIES: [[u8; BLOCK]; 2] = entries();

const fn entries() -> [[u8; BLOCK]; 2] {
    let mut entries = [[0; BLOCK]; 2];
    let mut at = 0u8;
    while at < 128 {
        entries[at as usize / BLOCK][at as usize % BLOCK] = entry(at);
        at += 1;
    }
    entries
}

const fn entry(one: u8) -> u8 {
    let kind = match byte(one) {
        Byte::Letter(class) => {
            assert!(class.is_ascii() && !is_telling(one));
            return class;
        }
        Byte::Separator => SEPARATOR,
        Byte::Symbol(_) => SYMBOL,
        Byte::Dropped => 0,
    };
    let telling = if is_telling(one) { TELLING } else { 0 };
    (OTHER | kind | telling).cast_unsigned()
}

/// By place: the one before, and the one before that. Those of the first are of no use, and nothing asks for them.
static BEFORE: [[u8; BLOCK]; 2] = [places_before(1), places_before(2)];

const fn places_before(distance: u8) -> [u8; BLOCK] {
    let mut places = [0; BLOCK];
    let mut at = 0u8;
    while (at as usize) < BLOCK {
        places[at as usize] = at.wrapping_sub(distance) % 64;
        at += 1;
    }
    places
}
