//! The processor's part of a block ([`super::block`]) with AVX-512, where one register holds a block: one look-up
//! classifies it, one instruction brings its letters together, so that each is compared with the one before it, and where
//! words begin and end is found for all of them at once, as how many letters are kept up to there.
//!
//! It takes VBMI and VBMI2, which are later than the rest of AVX-512. On a processor without them the tests leave this
//! form out, and say so.

use super::ascii::Before;
use super::avx2;
use super::block::{self, BLOCK, Bounds, Done, Run, Set};
use super::{Stream, Word};
use crate::text::position;
use crate::text::skeleton::{Byte, Plain, byte, is_telling};
use std::arch::x86_64::{
    __m512i, __mmask16, _bzhi_u64, _mm512_add_epi8, _mm512_add_epi32, _mm512_castsi512_si128,
    _mm512_castsi512_si256, _mm512_cmpneq_epi8_mask, _mm512_cvtepu8_epi32, _mm512_extracti64x4_epi64,
    _mm512_mask_expand_epi32, _mm512_mask_loadu_epi8, _mm512_mask_mov_epi8, _mm512_maskz_compress_epi8,
    _mm512_maskz_set1_epi8, _mm512_movepi8_mask, _mm512_mullo_epi64, _mm512_permutex2var_epi8,
    _mm512_permutex2var_epi32, _mm512_permutexvar_epi8, _mm512_set1_epi8, _mm512_set1_epi32,
    _mm512_set1_epi64, _mm512_setr_epi32, _mm512_storeu_si512, _mm512_test_epi8_mask, _pdep_u64,
};

/// Numbers of 32 bits in a register.
const LANES: u32 = 16;

/// Proof that the processor has what this takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx512(());

impl Avx512 {
    pub(super) fn detect() -> Option<Avx512> {
        let has_all = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("avx512vbmi2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
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

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vbmi,avx512vbmi2,bmi1,bmi2,popcnt")]
fn push(stream: &mut Stream, text: &[u8], before: &mut Before) -> Plain {
    block::push(stream, text, before, |stream, rest, before| push_block(stream, rest, before))
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vbmi,avx512vbmi2,bmi1,bmi2,popcnt")]
#[inline]
fn push_block(stream: &mut Stream, rest: &[u8], before: &mut Before) -> Done {
    let (written, there) = load_padded(rest);
    let [low, high] = &ENTRIES;
    // By the low seven bits, which say nothing of what is no ASCII.
    let entries = _mm512_permutex2var_epi8(load(low), written, load(high));
    let (others, strange) = (_mm512_movepi8_mask(entries), _mm512_movepi8_mask(written));
    let of_kind = |kind| others & !strange & _mm512_test_epi8_mask(entries, _mm512_set1_epi8(kind));
    let symbols = of_kind(SYMBOL) | strange;
    let (exclamations, separators) = (of_kind(EXCLAMATION), of_kind(SEPARATOR));
    let Run { length, within } = Run::of(symbols, exclamations, separators, there);
    let (letters, separators) = (!others & within, (separators | exclamations) & within);
    let base = position(stream.bytes.len());
    let kept = push_letters(stream, entries, letters, &mut before.last);
    let bounds = Bounds::of(letters, separators, before.open.is_some());
    if bounds.ends.count_ones() < LANES {
        push_words(bounds, kept, base, &mut before.open, &mut stream.words);
    } else {
        bounds.push_words(kept, base, &mut before.open, &mut stream.words);
    }
    Done { length: length as usize, telling: of_kind(TELLING) & within }
}

/// Appends the classes of the letters that are not like the letter before: these.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi2,popcnt")]
#[inline]
fn push_letters(stream: &mut Stream, entries: __m512i, letters: Set, last: &mut u8) -> Set {
    // One after another, each beside the one before it.
    let classes = _mm512_maskz_compress_epi8(letters, entries);
    let moved = _mm512_permutexvar_epi8(load(&BEFORE), classes);
    let before = _mm512_mask_mov_epi8(moved, 1, _mm512_set1_epi8(last.cast_signed()));
    let differ = _mm512_cmpneq_epi8_mask(classes, before) & _bzhi_u64(Set::MAX, letters.count_ones());
    let start = stream.bytes.len();
    stream.bytes.extend_from_slice(&store(_mm512_maskz_compress_epi8(differ, classes)));
    stream.bytes.truncate(start + differ.count_ones() as usize);
    if differ != 0 {
        // A letter that is left out is like it.
        *last = stream.bytes.last().copied().unwrap_or_default();
    }
    _pdep_u64(differ, letters)
}

/// [`Bounds::push_words`] of fewer words than lanes, all at once.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vbmi,avx512vbmi2,popcnt")]
#[inline]
fn push_words(bounds: Bounds, kept: Set, base: u32, open: &mut Option<u32>, words: &mut Vec<Word>) {
    let ranks = ranks(kept);
    let places = |set, from: u32| {
        let ranks = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(set, ranks));
        _mm512_add_epi32(_mm512_cvtepu8_epi32(ranks), _mm512_set1_epi32(from.cast_signed()))
    };
    // A letter that is not kept begins its word at the one before. The open word is the first.
    let (starts, ends) = (places(bounds.starts, base.wrapping_sub(1)), places(bounds.ends, base));
    let first = _mm512_set1_epi32(open.unwrap_or_default().cast_signed());
    let starts = _mm512_mask_expand_epi32(first, __mmask16::MAX << u32::from(open.is_some()), starts);
    let half = |turns| _mm512_permutex2var_epi32(starts, load(turns), ends);
    let (closed, begun) = (bounds.ends.count_ones(), bounds.starts.count_ones() + u32::from(open.is_some()));
    let before = words.len();
    words.extend_from_slice(&as_words(TURNS.each_ref().map(half)));
    *open = (begun > closed).then(|| words[before + closed as usize].start);
    words.truncate(before + closed as usize);
}

/// Of each byte how many of a set there are up to it.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vbmi")]
#[inline]
fn ranks(set: Set) -> __m512i {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    let ones = _mm512_maskz_set1_epi8(set, 1);
    let in_eight = _mm512_mullo_epi64(ones, _mm512_set1_epi64(EACH.cast_signed()));
    // How many of each eight there are, then of all eights before each.
    let twos = set - ((set >> 1) & (EACH * 0x55));
    let fours = (twos & (EACH * 0x33)) + ((twos >> 2) & (EACH * 0x33));
    let eights = (fours + (fours >> 4)) & (EACH * 0x0F);
    let before = eights.wrapping_mul(EACH << 8);
    let before = _mm512_permutexvar_epi8(load(&EIGHTHS), _mm512_set1_epi64(before.cast_signed()));
    _mm512_add_epi8(in_eight, before)
}

/// A text's first bytes, and which of a block these are; where there are none, what is not plain.
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
#[inline]
#[expect(unsafe_code, reason = "a copy of the bytes costs as much as half of what is done with them")]
fn load_padded(text: &[u8]) -> (__m512i, Set) {
    let there = _bzhi_u64(Set::MAX, position(text.len().min(BLOCK)));
    // SAFETY: no byte is read but those of `text`: what the mask leaves out is not touched.
    let bytes = unsafe { _mm512_mask_loadu_epi8(_mm512_set1_epi8(-1), there, text.as_ptr().cast()) };
    (bytes, there)
}

/// Places of starts and ends in turns, as words.
#[target_feature(enable = "avx512f")]
#[inline]
#[expect(unsafe_code, reason = "the compiler makes many instructions of taking numbers out one by one")]
fn as_words(places: [__m512i; 2]) -> [Word; LANES as usize] {
    let mut words = [Word { start: 0, end: 0 }; LANES as usize];
    let (eights, _) = words.as_chunks_mut::<8>();
    for (eight, places) in eights.iter_mut().zip(places) {
        // SAFETY: eight words are sixteen numbers of 32 bits one after another, as `Word` is laid out.
        unsafe { _mm512_storeu_si512(eight.as_mut_ptr().cast(), places) }
    }
    words
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
const EXCLAMATION: i8 = 8;

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
        Byte::Symbol(_) if one == block::EXCLAMATION => EXCLAMATION,
        Byte::Symbol(_) => SYMBOL,
        Byte::Dropped => 0,
    };
    let telling = if is_telling(one) { TELLING } else { 0 };
    (OTHER | kind | telling).cast_unsigned()
}

/// By place: the one before. That of the first is of no use, and nothing asks for it.
static BEFORE: [u8; BLOCK] = {
    let (mut places, mut at) = ([0; BLOCK], 1u8);
    while (at as usize) < BLOCK {
        places[at as usize] = at - 1;
        at += 1;
    }
    places
};

/// By place: which eight it is in.
static EIGHTHS: [u8; BLOCK] = {
    let (mut places, mut at) = ([0; BLOCK], 0u8);
    while (at as usize) < BLOCK {
        places[at as usize] = at / 8;
        at += 1;
    }
    places
};

/// By place of a number, which has four bytes: the next of the first list and the next of the second, in turns.
static TURNS: [[u8; BLOCK]; 2] = [turns(0), turns(8)];

const fn turns(first: u8) -> [u8; BLOCK] {
    const SECOND: u8 = 16;
    let (mut places, mut at) = ([0; BLOCK], 0u8);
    while at < 8 {
        places[8 * at as usize] = first + at;
        places[8 * at as usize + 4] = SECOND + first + at;
        at += 1;
    }
    places
}
