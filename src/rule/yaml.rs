//! From text to spanned trees: YAML events of `saphyr-parser`, bounded, with recovery.
//!
//! A file is cut at its `---` lines first (YAML gives them no other meaning, not even inside quotes), so a
//! slip in one document hides nothing in the next. Within a document the scanner stops at its first error;
//! the slips that people make most (an unquoted value that begins with `@`, `*` or a backquote, a second
//! colon in a line, a regex in double quotes) are reported, blotted out in a copy by one character of the
//! same place, and the copy is read again: later errors of the document are then told at the same time, and
//! all spans stay true. Serde-based YAML readers were rejected because they keep no spans.
//!
//! A hostile file is held in bounds: depth, number of nodes, and what its aliases expand to.

use super::codes::Code;
use super::diagnostic::{Diagnostic, Severity};
use super::slip::{self, Slip, anchor, duplicate, pasted};
use super::source::{FileId, SourceFile, Span};
use super::syntax::{Entry, Key, Kind, Node, Scalar, Style};
use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks, Tag};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// How deep maps and lists may be nested.
const MAX_DEPTH: usize = 32;
/// How many nodes a document may hold, those that aliases expand to included.
const MAX_NODES: usize = 200_000;
/// How many slips of a file are repaired before reading on is given up.
const MAX_REPAIRS: usize = 200;
/// The largest document, in bytes, that is read again after a slip.
const MAX_REPAIRED_BYTES: usize = 64 << 10;

/// A document, and whether all of it could be read.
pub(super) struct Document {
    pub(super) node: Node,
    /// The bytes of the file that it takes, comments before and behind it included.
    pub(super) range: Range<usize>,
    /// False if a part was blotted out or dropped: worth judging further, not worth using.
    pub(super) sound: bool,
    /// The bytes of the file that were blotted out: what is said of them is not about what was written.
    pub(super) blots: Vec<usize>,
}

impl Document {
    /// True if a blotted byte lies in the span.
    pub(super) fn blotted(&self, span: Span) -> bool {
        self.blots.iter().any(|at| span.range().contains(at))
    }
}

/// Reads all documents of a file. Documents that cannot be read are left out and reported; false if there are some.
pub(super) fn documents(id: FileId, file: &SourceFile, out: &mut Vec<Diagnostic>) -> (Vec<Document>, bool) {
    let mut pieces = cut(file.text());
    pieces.retain(|piece| file.text().get(piece.clone()).is_some_and(has_content));
    let mut repairs = MAX_REPAIRS;
    let read: Vec<_> =
        pieces.into_iter().map(|piece| read(id, file.text(), piece, &mut repairs, out)).collect();
    let whole = !read.iter().any(Vec::is_empty);
    (read.into_iter().flatten().collect(), whole)
}

/// The byte ranges of a text's documents, cut at lines that begin with `---`.
pub(super) fn cut(text: &str) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut at = start;
    for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
        let rest = line.strip_prefix("---");
        if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n'])) {
            pieces.push(start..at);
            start = at + 3;
        }
        at += line.len();
    }
    pieces.push(start..at);
    pieces
}

/// True unless a piece holds nothing but blank lines, comments and directives.
pub(super) fn has_content(piece: &str) -> bool {
    let lines = piece.lines().map(str::trim);
    lines.into_iter().any(|line| !line.is_empty() && !line.starts_with(['#', '%']))
}

fn read(
    id: FileId,
    text: &str,
    piece: Range<usize>,
    repairs: &mut usize,
    out: &mut Vec<Diagnostic>,
) -> Vec<Document> {
    let before = out.len();
    let base = piece.start;
    let original = text.get(piece.clone()).unwrap_or_default();
    let mut copy = Cow::Borrowed(original);
    let mut blots = Vec::new();
    loop {
        let mut builder = Builder::new(id, base, &copy, out);
        let Err(error) = builder.run() else {
            let nodes = builder.documents;
            let sound = !out[before..].iter().any(|found| found.severity() == Severity::Error);
            let ends = nodes.iter().skip(1).map(|next| next.span.start as usize).chain([piece.end]);
            let ends: Vec<_> = ends.collect();
            let starts = std::iter::once(base).chain(ends.iter().copied());
            let ranges = starts.zip(ends.iter()).map(|(start, end)| start..*end);
            let document = |(node, range)| Document { node, range, sound, blots: blots.clone() };
            return nodes.into_iter().zip(ranges).map(document).collect();
        };
        let Slip { diagnostic, repair } = slip::explain(id, base, original, &error);
        // A value may hold the same slip twice; one fix repairs both.
        let told = |other: &Diagnostic| other.message == diagnostic.message && other.fix == diagnostic.fix;
        if diagnostic.fix.is_none() || !out[before..].iter().any(told) {
            out.push(diagnostic);
        }
        let unblotted =
            repair.filter(|at| copy.as_bytes().get(*at).is_some_and(|b| b.is_ascii() && *b != b'x'));
        let Some(at) = unblotted.filter(|_| *repairs > 0 && original.len() <= MAX_REPAIRED_BYTES) else {
            return Vec::new();
        };
        *repairs -= 1;
        blots.push(base + at);
        copy.to_mut().replace_range(at..=at, "x");
    }
}

/// An error of reading: the scanner's, by byte in the piece, or a limit.
pub(super) struct ReadError {
    /// Byte in the piece.
    pub(super) at: usize,
    /// The scanner's words, or ours for a limit.
    pub(super) info: String,
    /// True if it is a limit of ours.
    pub(super) limit: bool,
}

/// A collection that is being filled.
struct Open {
    node: Node,
    anchor: usize,
    key: Option<Key>,
    /// The keys so far, to find one that stands twice.
    keys: BTreeMap<Arc<str>, Span>,
    /// The key could not be used; its value is dropped.
    skip: bool,
}

struct Builder<'a> {
    id: FileId,
    base: usize,
    text: &'a str,
    /// Byte of each character, where the text is not ASCII.
    index: Option<Vec<u32>>,
    stack: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    /// Anchors of values without quotes to which no alias has referred, with what was written.
    unused: BTreeMap<usize, Span>,
    /// The keys of another rule are dropped, and that was told.
    pasted: bool,
    nodes: usize,
    documents: Vec<Node>,
    out: &'a mut Vec<Diagnostic>,
    pending: Vec<Diagnostic>,
}

impl<'a> Builder<'a> {
    fn new(id: FileId, base: usize, text: &'a str, out: &'a mut Vec<Diagnostic>) -> Builder<'a> {
        let bytes = text.char_indices().map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX));
        let index = (!text.is_ascii()).then(|| bytes.collect());
        let (stack, documents, pending) = (Vec::new(), Vec::new(), Vec::new());
        let (anchors, unused) = (BTreeMap::new(), BTreeMap::new());
        let (nodes, pasted) = (0, false);
        Builder { id, base, text, index, stack, anchors, unused, pasted, nodes, documents, out, pending }
    }

    /// Reads the piece. What the tree's parts are told about is kept only if the whole could be read:
    /// otherwise the piece is read again.
    fn run(&mut self) -> Result<(), ReadError> {
        let mut parser = Parser::new_from_str(self.text);
        while let Some(next) = parser.next_event() {
            match next {
                Ok((event, marks)) => self.event(event, marks)?,
                Err(error) => {
                    let (at, info) = (self.byte(error.marker().index()), error.info().to_owned());
                    return Err(ReadError { at, info, limit: false });
                }
            }
        }
        self.swallowed();
        self.out.append(&mut self.pending);
        Ok(())
    }

    /// `&now come here`: what begins with `&` names the value, and is no part of it.
    fn swallowed(&mut self) {
        for (_, span) in std::mem::take(&mut self.unused) {
            let start = (span.start as usize).saturating_sub(self.base);
            let written = self.text.get(start..start + span.range().len()).unwrap_or_default();
            self.pending.push(anchor(written, span));
        }
    }

    fn event(&mut self, event: Event<'_>, marks: Marks) -> Result<(), ReadError> {
        let range = self.byte(marks.start.index())..self.byte(marks.end.index());
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), range)
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(Kind::Sequence(Vec::new()), anchor, tag.as_deref(), range)
            }
            Event::MappingStart(anchor, tag) => {
                self.open(Kind::Map(Vec::new()), anchor, tag.as_deref(), range)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range),
            Event::Alias(anchor) => self.alias(anchor, range),
            Event::DocumentStart(_) => {
                self.anchors.clear();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn byte(&self, character: usize) -> usize {
        match &self.index {
            Some(index) => index.get(character).map_or(self.text.len(), |at| *at as usize),
            None => character.min(self.text.len()),
        }
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.id, self.base + range.start..self.base + range.end.max(range.start))
    }

    fn count(&mut self, nodes: usize, at: usize) -> Result<(), ReadError> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            let info = format!("the document holds more than {MAX_NODES} values, aliases expanded");
            return Err(ReadError { at, info, limit: true });
        }
        Ok(())
    }

    fn open(
        &mut self,
        kind: Kind,
        anchor: usize,
        tag: Option<&Tag>,
        range: Range<usize>,
    ) -> Result<(), ReadError> {
        self.count(1, range.start)?;
        if self.stack.len() >= MAX_DEPTH {
            let info = format!("maps and lists are nested more than {MAX_DEPTH} deep");
            return Err(ReadError { at: range.start, info, limit: true });
        }
        self.tag(tag, false, range.clone());
        let start = range.start + prefix(self.text.get(range.clone()).unwrap_or_default());
        let span = self.span(start..range.end);
        let node = Node { span, kind };
        self.stack.push(Open { node, anchor, key: None, keys: BTreeMap::new(), skip: false });
        Ok(())
    }

    fn close(&mut self, range: Range<usize>) -> Result<(), ReadError> {
        let Some(mut open) = self.stack.pop() else { return Ok(()) };
        let flow = self.text.get(range.clone()).is_some_and(|end| end == "]" || end == "}");
        let end = if flow { Some(self.span(range)) } else { last_span(&open.node) };
        open.node.span = end.map_or(open.node.span, |end| open.node.span.to(end));
        self.place(open.node, open.anchor)
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        range: Range<usize>,
    ) -> Result<(), ReadError> {
        self.count(1, range.start)?;
        let style = style_of(style);
        self.tag(tag, style == Style::Plain, range.clone());
        let written = self.text.get(range.clone()).unwrap_or_default();
        let inline = !matches!(style, Style::Literal | Style::Folded);
        // An empty plain scalar is marked at whatever follows it.
        let empty = text.is_empty() && style == Style::Plain;
        let start = if inline && !empty { range.start + prefix(written) } else { range.start };
        let end = if empty { range.start } else { range.start + written.trim_end().len() };
        let span = self.span(start..end.max(start));
        if anchor != 0 && style == Style::Plain && written.starts_with('&') {
            self.unused.insert(anchor, self.span(range.start..range.start + written.trim_end().len()));
        }
        let explicit = tag.is_some();
        let scalar = Scalar { text: text.into(), style, explicit, alias: false };
        self.place(Node { span, kind: Kind::Scalar(scalar) }, anchor)
    }

    fn alias(&mut self, anchor: usize, range: Range<usize>) -> Result<(), ReadError> {
        let Some(node) = self.anchors.get(&anchor) else {
            let info = "an alias stands inside the value that it names".to_owned();
            return Err(ReadError { at: range.start, info, limit: true });
        };
        self.unused.remove(&anchor);
        let (size, depth) = (size(node), depth(node));
        let mut node = node.clone();
        self.count(size, range.start)?;
        if self.stack.len() + depth > MAX_DEPTH {
            let info = format!("maps and lists are nested more than {MAX_DEPTH} deep");
            return Err(ReadError { at: range.start, info, limit: true });
        }
        node.span = self.span(range);
        if let Kind::Scalar(scalar) = &mut node.kind {
            scalar.alias = true;
        }
        self.place(node, 0)
    }

    /// Puts a finished node where it belongs.
    fn place(&mut self, node: Node, anchor: usize) -> Result<(), ReadError> {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
            self.count(size(&node), (node.span.start as usize).saturating_sub(self.base))?;
        }
        let Some(open) = self.stack.last_mut() else {
            self.documents.push(node);
            return Ok(());
        };
        match &mut open.node.kind {
            Kind::Sequence(items) => items.push(node),
            Kind::Map(_) if open.skip => open.skip = false,
            Kind::Map(entries) => match open.key.take() {
                Some(key) => entries.push(Entry { key, value: node }),
                None => self.key(node),
            },
            Kind::Scalar(_) => {}
        }
        Ok(())
    }

    fn key(&mut self, node: Node) {
        let outermost = self.stack.len() == 1;
        let Some(open) = self.stack.last_mut() else { return };
        let Kind::Scalar(scalar) = node.kind else {
            open.skip = true;
            let message = "a key must be a plain word, not a list or a map";
            self.pending.push(Diagnostic::new(Code::YamlFeature, node.span, message));
            return;
        };
        let key = Key { text: scalar.text, span: node.span, style: scalar.style };
        if let Some(first) = open.keys.insert(key.text.clone(), key.span) {
            let begins = outermost && matches!(&*key.text, "title" | "detection" | "correlation");
            if begins && !self.pasted {
                self.pending.push(pasted(&key, first, self.text, self.base));
            } else if !self.pasted {
                self.pending.push(duplicate(&key, first));
            }
            self.pasted |= begins;
        }
        if &*key.text == "<<" {
            let message = "merge keys (`<<`) are not part of the rule language";
            let found = Diagnostic::new(Code::YamlFeature, key.span, message);
            self.pending.push(found.help("write the keys out, or give the whole value by an alias"));
            open.skip = true;
            return;
        }
        open.key = Some(key);
    }

    fn tag(&mut self, tag: Option<&Tag>, plain: bool, range: Range<usize>) {
        let Some(tag) = tag.filter(|tag| !(tag.is_yaml_core_schema() && tag.suffix == "str")) else { return };
        let written = self.text.get(range.clone()).unwrap_or_default().trim_end();
        let span = self.span(range.start..range.start + written.len());
        let written = Some(written).filter(|_| plain);
        self.pending.push(slip::tag(&tag.to_string(), written, span));
    }
}

/// Bytes of the anchor and tag before a value.
fn prefix(written: &str) -> usize {
    let mut rest = written;
    while rest.starts_with(['&', '!']) {
        let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
        rest = rest.get(word..).unwrap_or_default().trim_start();
    }
    if rest.is_empty() { 0 } else { written.len() - rest.len() }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

fn last_span(node: &Node) -> Option<Span> {
    match &node.kind {
        Kind::Scalar(_) => None,
        Kind::Sequence(items) => items.last().map(|item| item.span),
        Kind::Map(entries) => entries.last().map(|entry| entry.key.span.to(entry.value.span)),
    }
}

fn size(node: &Node) -> usize {
    match &node.kind {
        Kind::Scalar(_) => 1,
        Kind::Sequence(items) => 1 + items.iter().map(size).sum::<usize>(),
        Kind::Map(entries) => 1 + entries.iter().map(|entry| size(&entry.value)).sum::<usize>(),
    }
}

fn depth(node: &Node) -> usize {
    match &node.kind {
        Kind::Scalar(_) => 0,
        Kind::Sequence(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Kind::Map(entries) => 1 + entries.iter().map(|entry| depth(&entry.value)).max().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::source::SourceMap;

    /// The documents of a text as `part` and the text of its span, depth first; and the messages.
    fn spans(text: &str) -> (Vec<String>, Vec<String>) {
        let mut map = SourceMap::default();
        let id = map.add("t.yml", text);
        let mut out = Vec::new();
        let (documents, _) = documents(id, map.file(id).unwrap(), &mut out);
        let mut shown = Vec::new();
        for document in &documents {
            show(&map, &document.node, &mut shown);
        }
        (shown, out.into_iter().map(|found| found.message).collect())
    }

    fn show(map: &SourceMap, node: &Node, shown: &mut Vec<String>) {
        let text = map.text(node.span);
        match &node.kind {
            Kind::Scalar(scalar) if *scalar.text == *text => shown.push(text.to_owned()),
            Kind::Scalar(scalar) => shown.push(format!("{:?} from {text:?}", scalar.text)),
            Kind::Sequence(items) => {
                shown.push(format!("list {text:?}"));
                for item in items {
                    show(map, item, shown);
                }
            }
            Kind::Map(entries) => {
                shown.push(format!("map {text:?}"));
                for entry in entries {
                    shown.push(format!("key {:?}", map.text(entry.key.span)));
                    show(map, &entry.value, shown);
                }
            }
        }
    }

    #[test]
    fn every_part_knows_where_it_stands() {
        let cases: &[(&str, &[&str])] = &[
            ("a: b  # c\n", &[r#"map "a: b""#, r#"key "a""#, "b"]),
            ("a: 'b''c' \n", &[r#"map "a: 'b''c'""#, r#"key "a""#, r#""b'c" from "'b''c'""#]),
            (
                "ä: [ü, \"\\t\"]\n",
                &[
                    "map \"ä: [ü, \\\"\\\\t\\\"]\"",
                    "key \"ä\"",
                    "list \"[ü, \\\"\\\\t\\\"]\"",
                    "ü",
                    r#""\t" from "\"\\t\"""#,
                ],
            ),
            (
                "a: |\n  one\n  two\n\nb: >-\n  x\n  y\n",
                &[
                    "map \"a: |\\n  one\\n  two\\n\\nb: >-\\n  x\\n  y\"",
                    r#"key "a""#,
                    r#""one\ntwo\n" from "one\n  two""#,
                    r#"key "b""#,
                    r#""x y" from "x\n  y""#,
                ],
            ),
            (
                "a:\r\n  - b\r\n  - c\r\n",
                &[r#"map "a:\r\n  - b\r\n  - c""#, r#"key "a""#, r#"list "- b\r\n  - c""#, "b", "c"],
            ),
            (
                "a: &x [b]\nc: *x\n",
                &[
                    r#"map "a: &x [b]\nc: *x""#,
                    r#"key "a""#,
                    r#"list "[b]""#,
                    "b",
                    r#"key "c""#,
                    r#"list "*x""#,
                    "b",
                ],
            ),
            ("a: !!str 42\n", &[r#"map "a: !!str 42""#, r#"key "a""#, "42"]),
            (
                "\u{feff}a: 1\n---\n# none\n---\nb: ü\n...\nc: 2\n--- \nd: 3",
                &[
                    r#"map "a: 1""#,
                    r#"key "a""#,
                    "1",
                    "map \"b: ü\"",
                    r#"key "b""#,
                    "ü",
                    r#"map "c: 2""#,
                    r#"key "c""#,
                    "2",
                    r#"map "d: 3""#,
                    r#"key "d""#,
                    "3",
                ],
            ),
            ("a:\nb:\n", &[r#"map "a:\nb""#, r#"key "a""#, "", r#"key "b""#, ""]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            let (shown, messages) = spans(text);
            assert_eq!(
                (shown, messages),
                (expected.iter().map(|&s| s.to_owned()).collect(), vec![]),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_slip_in_one_document_hides_nothing_in_the_next() {
        let (shown, messages) = spans("a: [\n---\nb: @x\nc: `y\n---\nd: 1\n");
        assert_eq!(shown.last().map(String::as_str), Some("1"));
        assert_eq!(
            messages,
            [
                "this bracket is not closed, or a comma is missing behind it",
                "a value cannot begin with `@` unless it is quoted",
                "a value cannot begin with a backquote unless it is quoted",
            ]
        );
    }

    #[test]
    fn hostile_documents_are_held_in_bounds() {
        let bomb: String = ('b'..='i').fold("a: &a [x, x, x, x, x, x, x, x]\n".to_owned(), |text, name| {
            let before = char::from(name as u8 - 1);
            format!("{text}{name}: &{name} [{}]\n", vec![format!("*{before}"); 8].join(", "))
        });
        let cases = [
            (bomb, "the document holds more than 200000 values, aliases expanded"),
            ("[".repeat(100_000), "maps and lists are nested too deep"),
            ("- ".repeat(100_000), "maps and lists are nested more than 32 deep"),
            (
                format!(
                    "a: &a {}1{}\nb: {}*a{}\n",
                    "[".repeat(20),
                    "]".repeat(20),
                    "[".repeat(20),
                    "]".repeat(20)
                ),
                "maps and lists are nested more than 32 deep",
            ),
            ("a: &a [*a]".to_owned(), "an alias stands inside the value that it names"),
        ];
        for (text, expected) in cases {
            assert_eq!(spans(&text), (vec![], vec![expected.to_owned()]));
        }
    }
}
