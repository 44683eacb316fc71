//! A cursor over the bytes of one JSON text: strings, numbers and literals as borrowed raw slices,
//! whole values skipped without recursion.
//!
//! Why our own, when JSON libraries abound: a decoder of other people's messages needs four things at once
//! that none of those measured gives. It may not allocate (sonic-rs' lazy iterators allocate a key buffer
//! per object and its `LazyValue` copies strings with escapes), it may not recurse without bound on what it
//! skips (sonic-rs does: a megabyte of `[` overflows the stack and ends the process, a poison record), it
//! must find the end of a string the same way whether it skips or reads it (sonic-rs' skipping takes `\u`
//! and four arbitrary bytes, the closing quote included), and it must say at which byte it gave up without
//! quoting the text. `benches/decode.rs` keeps sonic-rs beside it as the measure of its speed.
//!
//! Lenient where nothing can be misread, because what can be scanned is scanned: raw control characters in
//! strings, unknown escapes (`\'` is `'`), broken `\u` escapes and lone surrogates (U+FFFD), and the
//! `NaN` and `Infinity` that some writers emit (null). Strict in structure and numbers, but for what is skipped.

mod block;
mod key;
mod order;
mod skip;

pub(super) use key::{Head, Key};
pub(super) use order::Order;

use super::decode::{DecodeError, DecodeErrorCode};
use DecodeErrorCode::{InvalidNumber, TooDeep, UnexpectedByte, UnexpectedEnd};

/// Objects and arrays may nest this deep, the event's own object included.
pub(super) const MAX_DEPTH: u32 = 128;

/// The inside of a JSON string, escapes and all.
///
/// In whole words: with a flag in the third it was copied in odd pieces that the processor could not forward, which took
/// longer than finding the string.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawString<'a> {
    /// What stands between the quotes.
    raw: &'a str,
    /// Bytes of it before its first backslash; all if there is none.
    plain: usize,
}

/// A scalar's raw form, or the opening of a container, which the cursor has already passed.
///
/// In whole words, like [`RawString`].
#[repr(u64)]
#[derive(Debug, Clone, Copy)]
pub(super) enum Start<'a> {
    Object,
    Array,
    String(RawString<'a>),
    Number(&'a str),
    Bool(bool),
    Null,
}

/// A place in a JSON text.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

type Result<T> = std::result::Result<T, DecodeError>;

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Cursor<'a> {
        Cursor { text, at: 0 }
    }

    /// Byte offset of the next byte to read.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    /// Passes white space and yields the next byte without passing it.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                other => return other.copied(),
            }
        }
    }

    /// Passes `byte` if it is next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let next = self.text.as_bytes().get(self.at) == Some(&byte);
        self.at += usize::from(next);
        next
    }

    /// Passes the start of a value: all of a scalar, the opening bracket of a container.
    #[inline]
    pub(super) fn start(&mut self) -> Result<Start<'a>> {
        match self.peek() {
            Some(b'"') => self.string().map(Start::String),
            Some(b'{') => Ok(self.advance(1, Start::Object)),
            Some(b'[') => Ok(self.advance(1, Start::Array)),
            Some(b'-') if self.rest().starts_with(b"-Infinity") => Ok(self.advance(9, Start::Null)),
            Some(b'-' | b'0'..=b'9') => self.number().map(Start::Number),
            _ => self.literal(),
        }
    }

    /// Inside an object: passes the next key and its colon, or the closing brace (none).
    #[inline]
    pub(super) fn next_key(&mut self, first: bool, order: &mut Order) -> Result<Option<Key>> {
        let (text, from) = (self.text.as_bytes(), self.at);
        if let Some((key, length)) = order.guess(text, from, first) {
            self.at += length;
            return Ok(Some(key));
        }
        let key = self.read_key(first)?;
        if let Some(key) = key {
            order.learn(text, from..self.at, first, key);
        }
        Ok(key)
    }

    /// The same without a guess.
    fn read_key(&mut self, first: bool) -> Result<Option<Key>> {
        if !self.next_member(first, b'}')? {
            return Ok(None);
        }
        if self.peek() != Some(b'"') {
            return Err(self.unexpected());
        }
        let start = self.at + 1;
        self.pass_string()?;
        let end = self.at - 1;
        if self.peek() != Some(b':') {
            return Err(self.unexpected());
        }
        self.at += 1;
        Ok(Some(Key::read(self.text.as_bytes(), start, end)))
    }

    /// A key as it is written.
    #[inline]
    pub(super) fn written(&self, key: Key) -> &'a [u8] {
        self.text.as_bytes().get(key.start..key.end).unwrap_or_default()
    }

    /// The same, to be read.
    pub(super) fn name(&self, key: Key) -> RawString<'a> {
        let raw = self.text.get(key.start..key.end).unwrap_or_default();
        let plain = if key.escaped { memchr::memchr(b'\\', raw.as_bytes()) } else { None };
        RawString { raw, plain: plain.unwrap_or(raw.len()) }
    }

    /// Inside an array: true before the next element, false after the closing bracket.
    #[inline]
    pub(super) fn next_element(&mut self, first: bool) -> Result<bool> {
        self.next_member(first, b']')
    }

    /// Passes a whole value. `depth` containers are open around it.
    #[expect(clippy::inline_always, reason = "called for nearly all members, and nearly all are strings")]
    #[inline(always)]
    pub(super) fn skip(&mut self, depth: u32) -> Result<()> {
        if self.peek() == Some(b'"') {
            return self.pass_string().map(drop);
        }
        self.skip_other(depth)
    }

    fn skip_other(&mut self, depth: u32) -> Result<()> {
        let start = self.start()?;
        self.skip_rest(start, depth)
    }

    /// Passes what is left of a value whose start was passed. `depth` containers are open around it.
    pub(super) fn skip_rest(&mut self, start: Start<'a>, depth: u32) -> Result<()> {
        match start {
            Start::Object => self.skip_container(true, depth),
            Start::Array => self.skip_container(false, depth),
            _ => Ok(()),
        }
    }

    /// Refuses a container that would be the `depth`th one open if that is too deep.
    pub(super) fn check_depth(&self, depth: u32) -> Result<()> {
        if depth > MAX_DEPTH { Err(self.error(TooDeep)) } else { Ok(()) }
    }

    /// After the value: passes white space and NULs (the terminator some writers send along) to the end.
    pub(super) fn finish(&mut self) -> Result<()> {
        while let Some(byte) = self.peek() {
            if byte != 0 {
                return Err(self.error(DecodeErrorCode::TrailingBytes));
            }
            self.at += 1;
        }
        Ok(())
    }

    /// An error of that code at this place.
    pub(super) fn error(&self, code: DecodeErrorCode) -> DecodeError {
        DecodeError { code, offset: self.at }
    }

    /// Passes the comma before the next member of a container, or its closing bracket (false).
    #[inline]
    fn next_member(&mut self, first: bool, close: u8) -> Result<bool> {
        match self.peek() {
            Some(byte) if byte == close => Ok(self.advance(1, false)),
            Some(b',') if !first => Ok(self.advance(1, true)),
            Some(_) if first => Ok(true),
            _ => Err(self.unexpected()),
        }
    }

    /// Passes a string, from its opening quote.
    #[inline]
    fn string(&mut self) -> Result<RawString<'a>> {
        let start = self.at + 1;
        let plain = self.pass_string()? - start;
        let raw = self.text.get(start..self.at - 1).unwrap_or_default();
        Ok(RawString { raw, plain })
    }

    /// The same, and makes nothing of it; yields where its first backslash is, or its closing quote if there is none.
    #[inline]
    fn pass_string(&mut self) -> Result<usize> {
        let bytes = self.text.as_bytes();
        let first = find_quote_or_backslash(bytes, self.at + 1);
        let mut end = first;
        while let Some(b'\\') = bytes.get(end) {
            end = find_quote_or_backslash(bytes, end + 2);
        }
        if end >= bytes.len() {
            self.at = bytes.len();
            return Err(self.error(UnexpectedEnd));
        }
        self.at = end + 1;
        Ok(first)
    }

    /// Passes a number: JSON's grammar, of any length.
    fn number(&mut self) -> Result<&'a str> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut at = start + usize::from(bytes[start] == b'-');
        let whole = digits(bytes, at);
        let leading_zero = whole > 1 && bytes[at] == b'0';
        at += whole;
        let mut valid = whole > 0 && !leading_zero;
        if bytes.get(at) == Some(&b'.') {
            let fraction = digits(bytes, at + 1);
            valid &= fraction > 0;
            at += 1 + fraction;
        }
        if let Some(b'e' | b'E') = bytes.get(at) {
            at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            let exponent = digits(bytes, at);
            valid &= exponent > 0;
            at += exponent;
        }
        if !valid {
            return Err(self.error(InvalidNumber));
        }
        self.at = at;
        Ok(self.text.get(start..at).unwrap_or_default())
    }

    fn literal(&mut self) -> Result<Start<'a>> {
        const LITERALS: [(&[u8], Start<'static>); 5] = [
            (b"true", Start::Bool(true)),
            (b"false", Start::Bool(false)),
            (b"null", Start::Null),
            (b"NaN", Start::Null),
            (b"Infinity", Start::Null),
        ];
        let rest = self.rest();
        let found = LITERALS.iter().find(|(name, _)| rest.starts_with(name));
        let Some((name, start)) = found else {
            return Err(self.unexpected());
        };
        Ok(self.advance(name.len(), *start))
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn advance<T>(&mut self, by: usize, result: T) -> T {
        self.at += by;
        result
    }

    fn unexpected(&self) -> DecodeError {
        let code = if self.at >= self.text.len() { UnexpectedEnd } else { UnexpectedByte };
        self.error(code)
    }
}

impl<'a> RawString<'a> {
    /// A text that holds no escape.
    pub(super) fn unescaped(raw: &'a str) -> RawString<'a> {
        RawString { raw, plain: raw.len() }
    }

    /// The string it stands for, if that is what is written: without escapes.
    #[inline]
    pub(super) fn written(self) -> Option<&'a str> {
        (self.plain == self.raw.len()).then_some(self.raw)
    }

    /// Appends the string it stands for. True if something in it could not be read and became U+FFFD.
    pub(super) fn unescape_into(self, out: &mut String) -> bool {
        if let Some(written) = self.written() {
            out.push_str(written);
            return false;
        }
        let (plain, mut rest) = self.raw.split_at_checked(self.plain).unwrap_or((self.raw, ""));
        out.push_str(plain);
        let mut lossy = false;
        while let Some((plain, escape)) = rest.split_once('\\') {
            out.push_str(plain);
            let (character, after) = unescape(escape);
            out.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
            lossy |= character.is_none();
            rest = after;
        }
        out.push_str(rest);
        lossy
    }
}

/// The character of an escape, given what follows its backslash, none if it is broken; and what comes after it.
/// An unknown escape stands for its own character.
fn unescape(escape: &str) -> (Option<char>, &str) {
    let mut characters = escape.chars();
    let character = match characters.next() {
        Some('n') => Some('\n'),
        Some('t') => Some('\t'),
        Some('r') => Some('\r'),
        Some('b') => Some('\u{8}'),
        Some('f') => Some('\u{c}'),
        Some('u') => return unescape_unicode(characters.as_str()),
        other => other,
    };
    (character, characters.as_str())
}

/// The character of a `\u` escape, given what follows the `u`: four hexadecimal digits, or two such escapes
/// that form a surrogate pair. None if they are not there, or a surrogate stands alone.
fn unescape_unicode(after_u: &str) -> (Option<char>, &str) {
    let Some((first, rest)) = hex4(after_u) else {
        return (None, after_u);
    };
    let low = rest.strip_prefix("\\u").and_then(hex4);
    match (first, low) {
        (0xD800..=0xDBFF, Some((second @ 0xDC00..=0xDFFF, rest))) => {
            let scalar = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            (char::from_u32(scalar), rest)
        }
        _ => (char::from_u32(first), rest),
    }
}

/// The value of four leading hexadecimal digits, and what comes after them.
fn hex4(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let value = u32::from_str_radix(digits, 16).ok().filter(|_| hexadecimal)?;
    Some((value, rest))
}

fn digits(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Index of the first quote or backslash at or after `from`; the length (or more) if there is none.
///
/// Keys and ids are short, messages long: a few times sixteen bytes first, then memchr's wider vectors.
#[inline]
fn find_quote_or_backslash(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    for _ in 0..3 {
        let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk()) else {
            break;
        };
        let hits = block::quotes_and_backslashes(chunk);
        if hits != 0 {
            return at + hits.trailing_zeros() as usize;
        }
        at += 16;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len())
}
