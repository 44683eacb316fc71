//! A stream of bytes cut into blocks of whole lines.

use std::io::{self, ErrorKind, Read};

/// What a buffer was filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// Whole lines, the first of that number, from 1; the last may lack its line end if the file does.
    Lines(i64),
    /// Nothing: the line of that number, from 1, is beyond the limit and was passed over.
    TooLong(i64),
}

/// Cuts a stream into blocks.
#[derive(Debug)]
pub struct Blocks<R> {
    input: R,
    block_bytes: usize,
    max_line: usize,
    /// Give out lines as soon as they are there: someone may be typing them.
    eager: bool,
    /// The beginning of a line whose end is not read yet.
    carry: Vec<u8>,
    next_line: i64,
    /// An error met after whole lines.
    error: Option<io::Error>,
}

impl<R: Read> Blocks<R> {
    /// Blocks of about `block_bytes` of `input`, whose lines may have up to about `max_line` bytes. An
    /// `eager` one does not wait for more than a line.
    pub fn new(input: R, block_bytes: usize, max_line: usize, eager: bool) -> Blocks<R> {
        Blocks { input, block_bytes, max_line, eager, carry: Vec::new(), next_line: 1, error: None }
    }

    /// Fills `bytes` with the next block; none at the end. Whole lines before an error are given out first.
    pub fn next(&mut self, bytes: &mut Vec<u8>) -> io::Result<Option<Block>> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        bytes.clear();
        bytes.append(&mut self.carry);
        let mut last_end = line_end(bytes, 0);
        loop {
            match last_end {
                Some(end) if self.eager || bytes.len() >= self.block_bytes => {
                    return Ok(Some(self.split(bytes, end)));
                }
                None if bytes.len() > self.max_line => return Ok(Some(self.skip_line(bytes))),
                _ => {}
            }
            let start = bytes.len();
            match (self.read_more(bytes), last_end) {
                (Ok(0), _) => return Ok((!bytes.is_empty()).then(|| self.lines(bytes))),
                (Ok(_), _) => last_end = line_end(bytes, start).or(last_end),
                (Err(error), None) => return Err(error),
                (Err(error), Some(end)) => {
                    let block = self.split(bytes, end);
                    self.carry.clear();
                    self.error = Some(error);
                    return Ok(Some(block));
                }
            }
        }
    }

    /// Gives out the whole lines and keeps the rest.
    fn split(&mut self, bytes: &mut Vec<u8>, end: usize) -> Block {
        self.carry.extend_from_slice(bytes.get(end..).unwrap_or_default());
        bytes.truncate(end);
        self.lines(bytes)
    }

    fn read_more(&mut self, bytes: &mut Vec<u8>) -> io::Result<usize> {
        let start = bytes.len();
        bytes.resize(start + self.block_bytes, 0);
        let room = bytes.get_mut(start..).unwrap_or_default();
        let read = loop {
            match self.input.read(room) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        bytes.truncate(start + read.as_ref().copied().unwrap_or(0));
        read
    }

    fn lines(&mut self, bytes: &[u8]) -> Block {
        let first_line = self.next_line;
        let ends = memchr::memchr_iter(b'\n', bytes).count();
        let unended = usize::from(bytes.last().is_some_and(|byte| *byte != b'\n'));
        self.next_line += i64::try_from(ends + unended).unwrap_or(i64::MAX);
        Block::Lines(first_line)
    }

    /// Passes over the rest of a line whose beginning is in `bytes`.
    fn skip_line(&mut self, bytes: &mut Vec<u8>) -> Block {
        let line = self.next_line;
        self.next_line += 1;
        loop {
            bytes.clear();
            match self.read_more(bytes) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    self.error = Some(error);
                    break;
                }
            }
            if let Some(end) = memchr::memchr(b'\n', bytes) {
                self.carry.extend_from_slice(bytes.get(end + 1..).unwrap_or_default());
                break;
            }
        }
        bytes.clear();
        Block::TooLong(line)
    }
}

/// The place after the last line end at or after `start`.
fn line_end(bytes: &[u8], start: usize) -> Option<usize> {
    let fresh = bytes.get(start..).unwrap_or_default();
    memchr::memrchr(b'\n', fresh).map(|at| start + at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes a few at a time, then perhaps fails.
    struct Slow<'a>(&'a [u8], usize, bool);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() && self.2 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let (now, later) = self.0.split_at(self.0.len().min(self.1).min(buffer.len()));
            buffer[..now.len()].copy_from_slice(now);
            self.0 = later;
            Ok(now.len())
        }
    }

    /// Every line with its number; of lines too long `None`.
    fn lines(mut blocks: Blocks<Slow<'_>>) -> Vec<(i64, Option<String>)> {
        let mut lines = Vec::new();
        let mut bytes = Vec::new();
        while let Some(block) = blocks.next(&mut bytes).unwrap_or(None) {
            match block {
                Block::TooLong(line) => lines.push((line, None)),
                Block::Lines(first) => {
                    let text = str::from_utf8(&bytes).unwrap();
                    let own = text.split_terminator('\n').map(|line| Some(line.to_owned()));
                    lines.extend((first..).zip(own));
                }
            }
        }
        lines
    }

    #[test]
    fn lines_keep_their_numbers_however_the_bytes_come() {
        let text = b"one\n\nthree is long, far too long for this\nfour\nfive";
        let expected = [(1, Some("one")), (2, Some("")), (3, None), (4, Some("four")), (5, Some("five"))];
        let expected = expected.map(|(number, line)| (number, line.map(str::to_owned)));
        for block in 1..12 {
            for piece in 1..20 {
                for eager in [false, true] {
                    let blocks = Blocks::new(Slow(text, piece, false), block, 10, eager);
                    assert_eq!(lines(blocks), expected, "block {block}, piece {piece}, eager {eager}");
                }
            }
        }
    }

    #[test]
    fn whole_lines_before_an_error_are_given_out() {
        let mut blocks = Blocks::new(Slow(b"one\ntwo\nthr", 4, true), 1_000, 1_000, false);
        let mut bytes = Vec::new();
        assert_eq!(blocks.next(&mut bytes).unwrap(), Some(Block::Lines(1)));
        assert_eq!(bytes, b"one\ntwo\n");
        assert!(blocks.next(&mut bytes).is_err());
    }

    #[test]
    fn an_eager_reader_does_not_wait_for_a_full_block() {
        let mut blocks = Blocks::new(Slow(b"one\ntwo\n", 4, false), 1_000, 1_000, true);
        let mut bytes = Vec::new();
        assert_eq!(blocks.next(&mut bytes).unwrap(), Some(Block::Lines(1)));
        assert_eq!(bytes, b"one\n");
    }
}
