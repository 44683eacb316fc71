//! The texts that rules are read from, and spans into them.
//!
//! Everything that can be wrong with a rule is told with the place where it stands, so every node of the
//! syntax keeps a [`Span`]: a file of the [`SourceMap`] and a range of bytes. Line and column are computed
//! when somebody asks, from the starts of lines; carrying them in every span was rejected, it triples a
//! span for the sake of the few that are shown. The map is filled by whoever reads files; nothing here does.

use std::ops::Range;
use std::sync::Arc;

/// The largest rule file that is read, in bytes. Larger ones are refused: a rule file is written by people.
pub const MAX_FILE_BYTES: usize = 16 << 20;

/// A file of a [`SourceMap`], by its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct FileId(pub u32);

/// A range of bytes in a file, on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes `range` of `file`.
    pub fn new(file: FileId, range: Range<usize>) -> Span {
        Span { file, start: saturate(range.start), end: saturate(range.end) }
    }

    /// As a range of bytes.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The part of this span `range` bytes from its start, never beyond its end.
    #[must_use]
    pub fn within(self, range: Range<usize>) -> Span {
        let start = (self.start as usize + range.start).min(self.end as usize);
        let end = (self.start as usize + range.end).clamp(start, self.end as usize);
        Span::new(self.file, start..end)
    }

    /// From the start of this span to the end of `other`, of the same file.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start, end: other.end.max(self.start) }
    }

    /// The empty span at the start of this one.
    #[must_use]
    pub fn start_point(self) -> Span {
        Span { end: self.start, ..self }
    }
}

fn saturate(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// A line and a column, both counted from 1; the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// A text with its name.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: Arc<str>,
    text: Arc<str>,
    lines: Vec<u32>,
    invalid: Option<usize>,
}

impl SourceFile {
    fn new(name: &str, text: &str, invalid: Option<usize>) -> SourceFile {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes());
        let lines = std::iter::once(0).chain(breaks.map(|at| saturate(at + 1))).collect();
        SourceFile { name: name.into(), text: text.into(), lines, invalid }
    }

    /// The name as the user wrote it.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first byte of the file that is not valid UTF-8; the text then holds replacement characters.
    pub fn invalid_utf8(&self) -> Option<usize> {
        self.invalid
    }

    /// Line and column of a byte offset; of the end of the text if it lies beyond.
    pub fn position(&self, offset: usize) -> LineColumn {
        let offset = offset.min(self.text.len());
        let line = self.lines.partition_point(|start| *start as usize <= offset).max(1);
        let start = self.lines[line - 1] as usize;
        let before = self.text.get(start..offset).unwrap_or_default();
        LineColumn { line: saturate(line), column: saturate(before.chars().count() + 1) }
    }
}

/// Named texts, by the order in which they were added.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a text. The name is what diagnostics show: the path as the user wrote it.
    pub fn add(&mut self, name: &str, text: &str) -> FileId {
        self.push(SourceFile::new(name, text, None))
    }

    /// Adds a file's bytes. Bytes that are not UTF-8 are replaced and reported when rules are loaded.
    pub fn add_bytes(&mut self, name: &str, bytes: &[u8]) -> FileId {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.add(name, text),
            Err(error) => {
                let text = String::from_utf8_lossy(bytes);
                self.push(SourceFile::new(name, &text, Some(error.valid_up_to())))
            }
        }
    }

    fn push(&mut self, file: SourceFile) -> FileId {
        let id = FileId(saturate(self.files.len()));
        self.files.push(file);
        id
    }

    /// The file of that id, if it is of this map.
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// All files with their ids, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0u32..).zip(&self.files).map(|(id, file)| (FileId(id), file))
    }

    /// Where a span begins.
    pub fn position(&self, span: Span) -> LineColumn {
        let file = self.file(span.file);
        file.map_or(LineColumn { line: 1, column: 1 }, |file| file.position(span.start as usize))
    }

    /// The text of a span; empty if it is not of this map.
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).and_then(|file| file.text.get(span.range())).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let mut map = SourceMap::default();
        let file = map.add("a.yml", "åb: c\n\nlast");
        let cases = [(0, 1, 1), (2, 1, 2), (6, 1, 6), (7, 2, 1), (8, 3, 1), (12, 3, 5), (99, 3, 5)];
        for (offset, line, column) in cases {
            let at = map.position(Span::new(file, offset..offset));
            assert_eq!((at.line, at.column), (line, column), "offset {offset}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_replaced_and_remembered() {
        let mut map = SourceMap::default();
        let file = map.add_bytes("a.yml", b"ab\xffc");
        let file = map.file(file).expect("was added");
        assert_eq!((file.text(), file.invalid_utf8()), ("ab\u{fffd}c", Some(2)));
    }

    #[test]
    fn a_part_never_leaves_its_span() {
        let span = Span::new(FileId(0), 10..20);
        let cases = [(0..3, 10..13), (5..50, 15..20), (90..99, 20..20)];
        for (part, expected) in cases {
            assert_eq!(span.within(part).range(), expected);
        }
    }
}
