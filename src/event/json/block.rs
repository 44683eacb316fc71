//! Sixty-four bytes of JSON at once: where its quotes, backslashes and brackets stand, as bit masks.
//!
//! By the vectors that every processor of the target has, so that nothing is chosen at run time: on x86-64 SSE2,
//! on aarch64 NEON. Wider ones were not worth a choice: a skipped object is mostly one or two blocks.

use wide::u8x16;

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;

/// Where bytes of three kinds stand: bit n is byte n of the block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Masks {
    /// `"`
    pub(super) quotes: u64,
    /// `\`
    pub(super) backslashes: u64,
    /// `{`, `}`, `[`, `]`
    pub(super) brackets: u64,
}

/// The masks of a block.
#[inline]
pub(super) fn masks(block: &[u8; BLOCK]) -> Masks {
    let (chunks, _) = block.as_chunks::<16>();
    let mut masks = Masks::default();
    for (shift, chunk) in (0..).step_by(16).zip(chunks) {
        let chunk = u8x16::new(*chunk);
        // `[` and `]` differ from `{` and `}` by one bit, and nothing else becomes these by setting it.
        let curly = chunk | u8x16::splat(0x20);
        masks.quotes |= bits(equal(chunk, b'"')) << shift;
        masks.backslashes |= bits(equal(chunk, b'\\')) << shift;
        masks.brackets |= bits(equal(curly, b'{') | equal(curly, b'}')) << shift;
    }
    masks
}

/// The quotes and backslashes of sixteen bytes.
#[inline]
pub(super) fn quotes_and_backslashes(chunk: &[u8; 16]) -> u64 {
    let chunk = u8x16::new(*chunk);
    bits(equal(chunk, b'"') | equal(chunk, b'\\'))
}

#[inline]
fn equal(chunk: u8x16, byte: u8) -> u8x16 {
    chunk.simd_eq(u8x16::splat(byte))
}

#[inline]
fn bits(mask: u8x16) -> u64 {
    u64::from(mask.to_bitmask())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every byte at every place, among bytes that are nearly those looked for.
    #[test]
    fn each_kind_is_found_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for place in 0..BLOCK {
                let mut block: [u8; BLOCK] = std::array::from_fn(|at| b"\"\\{}[]:,"[at % 8] ^ 1);
                block[place] = byte;
                let expected = |wanted: &[u8]| {
                    let bits = (0u32..).zip(&block).filter(|(_, byte)| wanted.contains(byte));
                    bits.fold(0, |mask, (at, _)| mask | 1 << at)
                };
                let (quotes, backslashes) = (expected(b"\""), expected(b"\\"));
                let masks = Masks { quotes, backslashes, brackets: expected(b"{}[]") };
                assert_eq!(super::masks(&block), masks, "{byte} at {place}");
                let first = block.first_chunk().unwrap();
                assert_eq!(
                    quotes_and_backslashes(first),
                    (quotes | backslashes) & 0xFFFF,
                    "{byte} at {place}"
                );
            }
        }
    }
}
