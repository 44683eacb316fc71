//! Plain ASCII into the stream: nearly all of nearly all texts, so without a branch for a byte. By blocks where the
//! processor has what that takes (`block`), else byte by byte, which is what the blocks are tested against.

#[cfg(target_arch = "x86_64")]
use super::avx2::Avx2;
#[cfg(target_arch = "x86_64")]
use super::avx512::Avx512;
use super::{Stream, Word};
use crate::text::position;
use crate::text::skeleton::{Byte, Plain, byte, plain_length, tells_sequence};

/// What the bytes before have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Before {
    /// The letter before; 0 if there is none in ASCII.
    pub(super) last: u8,
    /// Where the open word begins.
    pub(super) open: Option<u32>,
}

impl Before {
    /// The letter before.
    pub(super) fn letter(self) -> Option<char> {
        (self.last != 0).then(|| char::from(self.last))
    }
}

/// How plain ASCII is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    Bytes,
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
}

impl Default for Form {
    /// The fastest that this processor has.
    fn default() -> Form {
        Form::blocks().into_iter().find_map(|(_, form)| form).unwrap_or(Form::Bytes)
    }
}

impl Form {
    /// By blocks, fastest first: what that takes, and the form if this processor has it.
    #[cfg(target_arch = "x86_64")]
    fn blocks() -> [(&'static str, Option<Form>); 2] {
        [("AVX-512", Avx512::detect().map(Form::Avx512)), ("AVX2", Avx2::detect().map(Form::Avx2))]
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn blocks() -> [(&'static str, Option<Form>); 0] {
        []
    }

    /// All that this processor has.
    #[cfg(test)]
    pub(super) fn every() -> Vec<Form> {
        let mut forms = vec![Form::Bytes];
        for (taken, form) in Form::blocks() {
            match form {
                Some(form) => forms.push(form),
                None => println!("not tested, since this processor has no {taken}: blocks"),
            }
        }
        forms
    }
}

impl Stream {
    /// Appends the letters, digits, apostrophes and separators that a text begins with; by blocks also exclamation marks that
    /// no letter follows. Changes what is before them to what is before the bytes after them.
    #[inline]
    pub(super) fn push_plain(&mut self, text: &[u8], before: &mut Before) -> Plain {
        // A block costs as much however little of it is plain.
        let by_blocks = !matches!(self.form, Form::Bytes);
        if by_blocks && is_short(text) {
            self.push_bytes(text, before)
        } else {
            self.push_plain_text(text, before)
        }
    }

    /// The same of what is most often plain for long.
    #[inline]
    pub(super) fn push_plain_text(&mut self, text: &[u8], before: &mut Before) -> Plain {
        match self.form {
            Form::Bytes => self.push_bytes(text, before),
            #[cfg(target_arch = "x86_64")]
            Form::Avx2(avx2) => avx2.push(self, text, before),
            #[cfg(target_arch = "x86_64")]
            Form::Avx512(avx512) => avx512.push(self, text, before),
        }
    }

    /// The same, byte by byte.
    fn push_bytes(&mut self, text: &[u8], before: &mut Before) -> Plain {
        let run = &text[..plain_length(text)];
        let (start, first_word) = (self.bytes.len(), self.words.len());
        // One word more than there can be: the one that is open before.
        self.bytes.resize(start + run.len(), 0);
        self.words.resize(first_word + run.len().div_ceil(2) + 1, Word { start: 0, end: 0 });
        let (bytes, words) = (&mut self.bytes[start..], &mut self.words[first_word..]);
        words[0].start = before.open.unwrap_or_default();
        let base = position(start);
        let (mut at, mut done) = (0, 0);
        let (mut last, mut open) = (before.last, usize::from(before.open.is_some()));
        let mut word = words[0].start;
        for written in run {
            let entry = ENTRIES[usize::from(written & 0x7F)];
            let class = entry.to_le_bytes()[0];
            let (letter, separator) = (usize::from(entry >> 8 & 1), usize::from(entry >> 9 & 1));
            bytes[at] = class;
            at += letter & usize::from(class != last);
            last = if letter == 1 { class } else { last };
            let here = base + position(at);
            word = if letter & !open == 1 { here - 1 } else { word };
            // Written at every byte, so that nothing depends on where words end.
            words[done] = Word { start: word, end: here };
            done += separator & open;
            open = (open | letter) & !separator;
        }
        self.bytes.truncate(start + at);
        self.words.truncate(first_word + done);
        *before = Before { last, open: (open == 1).then_some(word) };
        Plain { length: run.len(), open: open == 1, sequences: tells_sequence(run) }
    }
}

/// Whether what is not plain comes within a few bytes.
#[inline]
fn is_short(text: &[u8]) -> bool {
    text.first_chunk::<16>().is_some_and(|head| plain_length(head) < head.len())
}

/// What a byte is: its class, bit 8 if it is a letter, bit 9 if it ends words.
static ENTRIES: [u16; 128] = entries();

const fn entries() -> [u16; 128] {
    let mut entries = [0; 128];
    let mut at = 0u8;
    while at < 128 {
        entries[at as usize] = match byte(at) {
            Byte::Letter(class) => 1 << 8 | class as u16,
            Byte::Separator => 1 << 9,
            Byte::Dropped | Byte::Symbol(_) => 0,
        };
        at += 1;
    }
    entries
}
