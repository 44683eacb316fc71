//! Passing a container that nobody asked for: where its strings end and its brackets pair, nothing else.
//!
//! Most of an event is not read, so what is skipped is not parsed: a block of bytes becomes three masks, the
//! quotes among them say which bytes lie in strings, and only brackets outside strings are looked at, one by one.
//! Commas, colons, numbers and names in there are taken as they come: no string or bracket is misread by it, and
//! what is skipped says nothing about an event. Rejected: counting brackets of both kinds by population counts,
//! which is little faster and takes `{"a":[}]` for whole.

use super::block::{self, BLOCK};
use super::{Cursor, Result};
use crate::event::decode::DecodeErrorCode::{UnexpectedByte, UnexpectedEnd};

/// What is known between blocks.
#[derive(Debug, Default)]
struct State {
    /// All ones if the last byte lay in a string.
    in_string: u64,
    /// One if the last byte was a backslash that escapes the next.
    escaping: u64,
    /// For each open bracket a bit: a curly one. The innermost is the lowest.
    curly: u128,
    /// Open brackets, of which the container's own is the first.
    open: u32,
}

impl Cursor<'_> {
    /// Passes what is left of a container whose opening bracket was passed. `depth` containers are open around it.
    pub(super) fn skip_container(&mut self, object: bool, depth: u32) -> Result<()> {
        self.check_depth(depth + 1)?;
        let mut state = State { curly: u128::from(object), open: 1, ..State::default() };
        loop {
            let rest = self.rest();
            let Some(block) = rest.first_chunk::<BLOCK>() else {
                return self.skip_tail(state, depth);
            };
            let brackets = state.brackets(block);
            if self.pair(&mut state, brackets, depth)? {
                return Ok(());
            }
            self.at += BLOCK;
        }
    }

    /// The same in what is less than a block before the record's end.
    #[cold]
    fn skip_tail(&mut self, mut state: State, depth: u32) -> Result<()> {
        let mut block = [0; BLOCK];
        let rest = self.rest();
        block[..rest.len()].copy_from_slice(rest);
        let brackets = state.brackets(&block);
        if self.pair(&mut state, brackets, depth)? {
            return Ok(());
        }
        self.at = self.text.len();
        Err(self.error(UnexpectedEnd))
    }

    /// Looks at the brackets of the block that begins here. True, and passed, if the container's own is among them.
    #[inline]
    fn pair(&mut self, state: &mut State, mut brackets: u64, depth: u32) -> Result<bool> {
        let start = self.at;
        while brackets != 0 {
            let at = start + brackets.trailing_zeros() as usize;
            brackets &= brackets - 1;
            let byte = self.text.as_bytes()[at];
            let curly = u128::from(byte & 0x20 != 0);
            if let b'{' | b'[' = byte {
                state.open += 1;
                self.at = at + 1;
                self.check_depth(depth + state.open)?;
                state.curly = state.curly << 1 | curly;
            } else if state.curly & 1 == curly {
                state.open -= 1;
                state.curly >>= 1;
                if state.open == 0 {
                    self.at = at + 1;
                    return Ok(true);
                }
            } else {
                self.at = at;
                return Err(self.error(UnexpectedByte));
            }
        }
        self.at = start;
        Ok(false)
    }
}

impl State {
    /// The brackets of the next block that stand outside strings.
    #[inline]
    fn brackets(&mut self, block: &[u8; BLOCK]) -> u64 {
        let masks = block::masks(block);
        let quotes = masks.quotes & !self.escaped(masks.backslashes);
        let within = up_to(quotes) ^ self.in_string;
        self.in_string = if within >> 63 == 1 { u64::MAX } else { 0 };
        masks.brackets & !within
    }

    /// The bytes that a backslash before them escapes.
    #[inline]
    fn escaped(&mut self, backslashes: u64) -> u64 {
        if backslashes == 0 {
            return std::mem::take(&mut self.escaping);
        }
        let (mut escaped, mut left) = (self.escaping, backslashes & !self.escaping);
        self.escaping = 0;
        while left != 0 {
            let at = left & left.wrapping_neg();
            // The byte after; if it is a backslash itself, it escapes nothing.
            escaped |= at << 1;
            self.escaping = at >> 63;
            left &= !(at | at << 1);
        }
        escaped
    }
}

/// Bit n says whether an odd number of the bits up to n are set.
#[inline]
fn up_to(mask: u64) -> u64 {
    [1, 2, 4, 8, 16, 32].into_iter().fold(mask, |mask, shift| mask ^ mask << shift)
}
