//! Protocol Buffers messages written and read field by field, without a message in between.
//!
//! Every hit reads the windows of its key and writes them again. Generated messages own every name, digest and number they hold,
//! which took more time than all that is done with them. These few lines write the same bytes; a test holds them to it.

use prost::Message;

/// The bytes that a stretch of others is, or a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'b> {
    Number(u64),
    Bytes(&'b [u8]),
    /// Eight or four bytes, which nothing here uses: of a later version.
    Fixed,
}

/// Wire types.
const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const LENGTH: u64 = 2;
const FIXED32: u64 = 5;

/// Appends fields to a message. Fields that have their default value are left out, as the format asks.
#[derive(Debug)]
pub(super) struct Writer<'b>(pub(super) &'b mut Vec<u8>);

impl Writer<'_> {
    /// A number; signed ones as [`zigzag`], or as they are.
    pub(super) fn number(&mut self, tag: u64, number: u64) {
        if number != 0 {
            self.some_number(tag, number);
        }
    }

    /// A number that is written though it be 0.
    pub(super) fn some_number(&mut self, tag: u64, number: u64) {
        self.varint(tag << 3 | VARINT);
        self.varint(number);
    }

    /// Bytes or text.
    pub(super) fn bytes(&mut self, tag: u64, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.some_bytes(tag, bytes);
        }
    }

    /// Bytes or text, one of several or written though it be empty.
    pub(super) fn some_bytes(&mut self, tag: u64, bytes: &[u8]) {
        self.varint(tag << 3 | LENGTH);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// Numbers, packed.
    pub(super) fn numbers(&mut self, tag: u64, numbers: impl IntoIterator<Item = u64>) {
        let mut numbers = numbers.into_iter().peekable();
        if numbers.peek().is_some() {
            self.message(tag, |writer| numbers.for_each(|number| writer.varint(number)));
        }
    }

    /// A message, one of several or written though it be empty.
    pub(super) fn message(&mut self, tag: u64, write: impl FnOnce(&mut Writer<'_>)) {
        self.varint(tag << 3 | LENGTH);
        let start = self.0.len();
        // Most are short, and their length a byte.
        self.0.push(0);
        write(self);
        let length = self.0.len() - start - 1;
        if let Ok(short) = u8::try_from(length)
            && short < 0x80
        {
            self.0[start] = short;
            return;
        }
        // The length is written behind it, and then moved before it.
        let end = self.0.len();
        self.varint(length as u64);
        let more = self.0.len() - end;
        self.0[start..].rotate_right(more);
        self.0.remove(start + more);
    }

    /// The same of a message that knows how it is written.
    pub(super) fn generated(&mut self, tag: u64, message: &impl Message) {
        self.varint(tag << 3 | LENGTH);
        // The buffer grows as it has to.
        let _infallible = message.encode_length_delimited(self.0);
    }

    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(low_seven(number) | 0x80);
            number >>= 7;
        }
        self.0.push(low_seven(number));
    }
}

fn low_seven(number: u64) -> u8 {
    (number & 0x7f).to_le_bytes()[0]
}

/// Reads the fields of a message, each with its tag. None at what is damaged.
#[derive(Debug, Clone)]
pub(super) struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Reader<'b> {
        Reader { rest: bytes }
    }

    fn field(&mut self) -> Option<(u64, Value<'b>)> {
        let key = self.varint().filter(|key| key >> 3 != 0)?;
        let value = match key & 7 {
            VARINT => Value::Number(self.varint()?),
            LENGTH => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            FIXED64 => self.take(8).map(|_| Value::Fixed)?,
            FIXED32 => self.take(4).map(|_| Value::Fixed)?,
            _ => return None,
        };
        Some((key >> 3, value))
    }

    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first()?;
            // The tenth has room for one bit.
            if shift == 63 && *byte > 1 {
                return None;
            }
            self.rest = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                return Some(number);
            }
        }
        None
    }
}

impl<'b> Iterator for Reader<'b> {
    type Item = Option<(u64, Value<'b>)>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.rest.is_empty()).then(|| self.field())
    }
}

/// Reads packed numbers. None at what is damaged.
#[derive(Debug, Clone)]
pub(super) struct Packed<'b>(Reader<'b>);

impl<'b> Packed<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Packed<'b> {
        Packed(Reader::new(bytes))
    }

    /// How many are left.
    pub(super) fn count_left(&self) -> usize {
        self.0.rest.iter().filter(|byte| **byte < 0x80).count()
    }
}

impl<'b> Iterator for Packed<'b> {
    type Item = Option<Value<'b>>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.0.rest.is_empty()).then(|| self.0.varint().map(Value::Number))
    }
}

impl<'b> Value<'b> {
    /// The number; 0 if it is something else.
    pub(super) fn number(self) -> u64 {
        match self {
            Value::Number(number) => number,
            Value::Bytes(_) | Value::Fixed => 0,
        }
    }

    /// A number of 32 bits.
    pub(super) fn short(self) -> u32 {
        let [a, b, c, d, ..] = self.number().to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }

    /// A signed number, as [`zigzag`] writes it.
    pub(super) fn signed(self) -> i64 {
        let number = self.number();
        (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
    }

    /// The bytes; none if it is something else.
    pub(super) fn bytes(self) -> &'b [u8] {
        match self {
            Value::Bytes(bytes) => bytes,
            Value::Number(_) | Value::Fixed => &[],
        }
    }
}

/// A signed number so that small ones are short.
pub(super) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}
