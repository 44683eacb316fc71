//! Warnings that an author accepts: by a comment that says why, or by the key `allow`.
//!
//! ```text
//!  # wardline: allow common-text counted, never read     before the first key: for the whole rule
//!  title: …
//!  allow: [collision]                                    the same, without a reason
//!  detection:
//!    # wardline: allow R902 topics are short             for what begins on the next line, and all that is in it
//!    topic: …
//! ```
//!
//! Both become a [`Silence`]: a code, and the place in which it is not told. What is said of rules comes from many
//! hands (the parser, the compiler, the counts of ordinary messages), and all of it passes through one
//! [`Silences`], by place alone: nobody who finds something has to know what is accepted. Which silences were of
//! use is remembered, so that one that outlived its reason can be told.
//!
//! The tree of a document holds no comments. They are found in the text, outside of every scalar of the tree.

use super::codes::Code;
use super::diagnostic::{Diagnostic, Severity};
use super::reader::{Reader, suggest};
use super::source::{FileId, SourceFile, SourceMap, Span};
use super::syntax::{Kind, Node};
use super::yaml::{self, Document};
use std::ops::Range;

/// How a comment to us begins.
const MARK: &str = "wardline";

/// Most signs and blanks between `#` and that.
const MOST_BEFORE: usize = 32;

/// Most comments of a document that are read: each is held against all that is told.
const MOST_COMMENTS: usize = 200;

/// How it is written, for advice.
const FORM: &str = "it is written `# wardline: allow CODE reason`";

/// A warning that is not told in a place.
#[derive(Debug, Clone)]
pub(super) struct Silence {
    code: Code,
    /// Where it is not told.
    scope: Span,
    /// Where the silence stands.
    place: Span,
    /// The rule that it belongs to.
    document: Span,
    /// It kept something from being told.
    used: bool,
}

/// All that authors accept.
#[derive(Debug, Clone, Default)]
pub struct Silences(Vec<Silence>);

impl Silences {
    pub(super) fn add(&mut self, code: Code, scope: Span, place: Span, document: Span) {
        self.0.push(Silence { code, scope, place, document, used: false });
    }

    /// What is left to tell. Errors always are.
    pub fn sift(&mut self, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        if !self.0.is_empty() {
            found.retain(|found| !self.hold_back(found));
        }
        found
    }

    fn hold_back(&mut self, found: &Diagnostic) -> bool {
        let mut held = false;
        for silence in self.0.iter_mut().filter(|silence| silence.code == found.code) {
            let holds = covers(silence.scope, found.primary.span);
            silence.used |= holds;
            held |= holds;
        }
        held && found.code.severity() != Severity::Error
    }

    /// Those that kept nothing from being told, once everything is: `told` is what was.
    pub fn stale(&self, map: &SourceMap, told: &[Diagnostic]) -> Vec<Diagnostic> {
        let unused = self.0.iter().filter(|silence| !silence.used && silence.code != Code::StaleAllow);
        unused.map(|silence| stale(map, silence, told)).collect()
    }
}

fn covers(scope: Span, place: Span) -> bool {
    scope.file == place.file && scope.range().contains(&(place.start as usize))
}

fn stale(map: &SourceMap, silence: &Silence, told: &[Diagnostic]) -> Diagnostic {
    let name = silence.code.name();
    let message = format!("`{name}` is allowed here, and nothing of the kind is told");
    let found = Diagnostic::new(Code::StaleAllow, silence.place, message);
    let elsewhere =
        |told: &&Diagnostic| told.code == silence.code && covers(silence.document, told.primary.span);
    match told.iter().find(elsewhere) {
        Some(told) => {
            let line = map.position(told.primary.span).line;
            found.help(format!(
                "it is told of line {line}: put the comment above that line, or before the rule's first key"
            ))
        }
        None => found.help("leave it out, or it will hide the next one"),
    }
}

/// The value of the key `allow`: codes, for the whole rule.
pub(super) fn key(reader: &mut Reader<'_>, node: &Node) {
    let Some(items) = reader.items(node, "`allow`") else { return };
    for node in items {
        let Some(text) = reader.text(node, "an item of `allow`") else { continue };
        match warning(text, node.span, Code::BadValue) {
            Ok(code) => reader.silences.add(code, reader.document, node.span, reader.document),
            Err(found) => reader.push(*found),
        }
    }
}

/// The warning of that number or name, or what is wrong with it, as a diagnostic of the code `wrong`.
fn warning(text: &str, span: Span, wrong: Code) -> Result<Code, Box<Diagnostic>> {
    let known = Code::find(text);
    if let Some(code) = known.filter(|code| code.severity() != Severity::Error) {
        return Ok(code);
    }
    let message = match known {
        Some(_) => format!("`{text}` is an error, which cannot be allowed"),
        None => format!("`{text}` is no warning"),
    };
    let found = Diagnostic::new(wrong, span, message);
    let found = found.help("it takes the numbers or names of warnings, as `wardline check` shows them");
    let warnings = Code::ALL.iter().filter(|code| code.severity() != Severity::Error);
    let names = warnings.map(|code| code.name());
    Err(Box::new(if known.is_none() { suggest(found, span, text, names) } else { found }))
}

/// Reads the comments of a document. One that cannot be read is told, and holds nothing back.
pub(super) fn comments(reader: &mut Reader<'_>, id: FileId, file: &SourceFile, document: &Document) {
    let found = marked(file.text(), document.range.clone());
    if found.is_empty() {
        return;
    }
    let mut scalars = Vec::new();
    collect(&document.node, &mut scalars);
    if let Some(first) = found.get(MOST_COMMENTS) {
        let message =
            format!("a rule can have {MOST_COMMENTS} comments to wardline, and the others do nothing");
        reader.push(Diagnostic::new(Code::BadComment, Span::new(id, first.clone()), message));
    }
    for comment in found.into_iter().take(MOST_COMMENTS) {
        if !scalars.iter().any(|scalar| scalar.contains(&comment.start)) {
            read(reader, id, file.text(), document, comment);
        }
    }
}

/// Tells of comments that stand in no rule: before a line of `---`, mostly.
pub(super) fn strays(reader: &mut Reader<'_>, id: FileId, text: &str) {
    for piece in yaml::cut(text) {
        if text.get(piece.clone()).is_some_and(yaml::has_content) {
            continue;
        }
        for comment in marked(text, piece) {
            let message = "this comment stands in no rule, and so does nothing";
            let found = Diagnostic::new(Code::BadComment, Span::new(id, comment), message);
            reader.push(found.help("put it behind the line of `---`, before the rule's first key"));
        }
    }
}

/// What may be comments to us in a part of a text: from `#` to the end of the line.
fn marked(text: &str, part: Range<usize>) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let begins = |at: usize| {
        // Few enough that a file full of signs is read in one pass.
        let rest = bytes.iter().skip(at + 1).take(MOST_BEFORE + MARK.len());
        let rest = rest.skip_while(|byte| matches!(byte, b'#' | b' ' | b'\t')).take(MARK.len());
        (at == part.start || bytes[at - 1].is_ascii_whitespace())
            && rest.map(u8::to_ascii_lowercase).eq(MARK.bytes())
    };
    let signs = memchr::memchr_iter(b'#', bytes.get(part.clone()).unwrap_or_default());
    let starts = signs.map(|at| part.start + at).filter(|at| begins(*at) && is_to_us(text, *at));
    starts.map(|at| at..at + text.get(at..).unwrap_or_default().lines().next().map_or(0, str::len)).collect()
}

/// True of a comment that says something to us, with the colon or without it, and does not only mention us.
fn is_to_us(text: &str, at: usize) -> bool {
    let line = text.get(at..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let mut words = Words { text: line, at: 0, end: line.len() };
    words.skip(MARK);
    let rest = words.rest().trim_start();
    rest.starts_with(':') || rest.starts_with("allow")
}

/// The places of all keys and scalars.
fn collect(node: &Node, scalars: &mut Vec<Range<usize>>) {
    match &node.kind {
        Kind::Scalar(_) => scalars.push(node.span.range()),
        Kind::Sequence(items) => items.iter().for_each(|item| collect(item, scalars)),
        Kind::Map(entries) => {
            for entry in entries {
                scalars.push(entry.key.span.range());
                collect(&entry.value, scalars);
            }
        }
    }
}

/// Reads a comment to us.
fn read(reader: &mut Reader<'_>, id: FileId, text: &str, document: &Document, comment: Range<usize>) {
    let place = Span::new(id, comment.clone());
    let mut words = Words { text, at: comment.start, end: comment.end };
    words.skip(MARK);
    let named = words.skip(":");
    let verb = words.next();
    let known = text.get(verb) == Some("allow");
    if !(named && known) {
        let found = Diagnostic::new(Code::BadComment, place, "this comment is not understood");
        return reader.push(found.help(FORM));
    }
    let whole = Span::new(id, document.range.clone());
    let Some(scope) = scope(text, document, comment.start) else {
        let found = Diagnostic::new(Code::BadComment, place, "this comment stands above nothing");
        return reader.push(found.help("it is about the line below, or behind which it stands"));
    };
    let scope = Span::new(id, scope);
    loop {
        let word = words.next();
        let (name, span) = (text.get(word.clone()).unwrap_or_default(), Span::new(id, word));
        match warning(name, span, Code::BadComment) {
            Ok(code) => reader.silences.add(code, scope, place, whole),
            Err(_) if name.is_empty() => {
                let found = Diagnostic::new(
                    Code::BadComment,
                    place,
                    "the comment does not say which warning it allows",
                );
                return reader.push(found.help(FORM));
            }
            Err(found) => reader.push(*found),
        }
        if !words.skip(",") {
            break;
        }
    }
    words.skip(":");
    if !words.rest().contains(char::is_alphanumeric) {
        let found = Diagnostic::new(Code::BadComment, place, "the comment does not say why");
        reader.push(
            found.help(
                "who reads the rule next has to know whether it still holds: write the reason behind it",
            ),
        );
    }
}

/// Walks through a comment.
struct Words<'t> {
    text: &'t str,
    at: usize,
    end: usize,
}

impl Words<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    /// Passes a sign with what stands before it, if it comes next.
    fn skip(&mut self, sign: &str) -> bool {
        let rest = self.rest();
        let next = rest.trim_start_matches(['#', ' ', '\t']);
        let found = next.get(..sign.len()).is_some_and(|start| start.eq_ignore_ascii_case(sign));
        if found {
            self.at += rest.len() - next.len() + sign.len();
        }
        found
    }

    /// The next word: letters, digits and `-`.
    fn next(&mut self) -> Range<usize> {
        let rest = self.rest();
        let start = self.at + rest.len() - rest.trim_start().len();
        let word = self.text.get(start..self.end).unwrap_or_default();
        let length = word.find([' ', '\t', ',', ':']).unwrap_or(word.len());
        self.at = start + length;
        start..self.at
    }
}

/// What a comment is about: the whole document if it stands before the first key, else what begins on the line that
/// it is behind, or on the next one.
fn scope(text: &str, document: &Document, at: usize) -> Option<Range<usize>> {
    let first = document.node.span.start as usize;
    if at < first {
        return Some(document.range.clone());
    }
    let start = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let lines = lines(text, start..document.range.end);
    let alone = text.get(start..at)?.trim().is_empty();
    let mut content = lines.skip(usize::from(alone)).filter(|line| is_content(text, line)).peekable();
    let head = content.next()?;
    let indent = |line: &Range<usize>| {
        let line = text.get(line.clone()).unwrap_or_default();
        (line.len() - line.trim_start_matches(' ').len(), line.trim_start().starts_with("- "))
    };
    let (own, item) = indent(&head);
    // Items of a list may stand as far left as the key above them.
    let inside = |line: &Range<usize>| {
        let (depth, is_item) = indent(line);
        depth > own || depth == own && is_item && !item
    };
    let end = content.take_while(inside).last().map_or(head.end, |line| line.end);
    Some(head.start..end)
}

fn lines(text: &str, part: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = part.start;
    text.get(part).unwrap_or_default().split_inclusive('\n').map(move |line| {
        at += line.len();
        at - line.len()..at
    })
}

fn is_content(text: &str, line: &Range<usize>) -> bool {
    let line = text.get(line.clone()).unwrap_or_default().trim_start();
    !line.is_empty() && !line.starts_with('#')
}

#[cfg(test)]
mod tests;
