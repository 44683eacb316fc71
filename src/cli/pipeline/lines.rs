//! Lines of a block, and those that are no events.

use crate::file::MAX_LINE_BYTES;

/// A line or record that is no event.
pub(in crate::cli) struct BadLine {
    /// Of a record its partition.
    pub(super) partition: Option<i32>,
    /// The line, from 1, or the record's offset.
    pub(in crate::cli) line: i64,
    /// What is wrong, never what it says.
    pub(in crate::cli) message: String,
}

impl BadLine {
    /// A line of a file.
    pub(in crate::cli) fn new(line: i64, message: String) -> BadLine {
        BadLine { partition: None, line, message }
    }

    pub(in crate::cli) fn too_long(line: i64) -> BadLine {
        BadLine::new(line, format!("line longer than {} MiB", MAX_LINE_BYTES >> 20))
    }

    /// Where it stands.
    pub(in crate::cli) fn place(&self, file: &str) -> String {
        match self.partition {
            Some(partition) => format!("{file}[{partition}]:{}", self.line),
            None => format!("{file}:{}", self.line),
        }
    }
}

/// The lines of a block with their numbers, without line ends; blank ones are passed over (a byte order mark is blank),
/// too long ones bad.
pub(in crate::cli) fn lines<'b>(bytes: &'b [u8], first: i64, bad: &mut Vec<BadLine>) -> Vec<(i64, &'b [u8])> {
    let mut lines = Vec::with_capacity(bytes.len() / 64);
    let mut start = 0;
    for (number, end) in (first..).zip(memchr::memchr_iter(b'\n', bytes).chain([bytes.len()])) {
        let line = bytes.get(start..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        start = end + 1;
        if line.len() > MAX_LINE_BYTES {
            bad.push(BadLine::too_long(number));
        } else if !line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line).trim_ascii().is_empty() {
            lines.push((number, line));
        }
    }
    lines
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_and_numbered() {
        let mut bad = Vec::new();
        let found = lines(b"one\r\n\n  \nfour\r\nfive", 7, &mut bad);
        assert_eq!(found, [(7, &b"one"[..]), (10, b"four"), (11, b"five")]);
        assert!(bad.is_empty());
    }

    #[test]
    fn a_byte_order_mark_is_blank() {
        let mut bad = Vec::new();
        let found = lines(b"\xef\xbb\xbf\n\xef\xbb\xbf{}", 1, &mut bad);
        assert_eq!(found, [(2, &b"\xef\xbb\xbf{}"[..])]);
    }
}
