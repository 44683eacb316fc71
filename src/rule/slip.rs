//! What a YAML scanner's error means to the author, and how to read on after it.
//!
//! The scanner says what it did not expect; the author wants to know what to type. Each slip that people
//! make is recognised by the text at the place of the error, not by the scanner's words alone.

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::source::{FileId, Span};
use super::yaml::ReadError;
use std::ops::Range;

/// An error in the author's words.
pub(super) struct Slip {
    pub(super) diagnostic: Diagnostic,
    /// The byte of the piece that, blotted out by an `x`, lets reading go on.
    pub(super) repair: Option<usize>,
}

/// Explains an error in `text`, a piece of a file that begins at byte `base`.
pub(super) fn explain(id: FileId, base: usize, text: &str, error: &ReadError) -> Slip {
    let place = Place { id, base, text, at: error.at.min(text.len()) };
    if error.limit {
        return place.stop(Code::YamlLimit, &error.info);
    }
    let info = error.info.as_str();
    if info.contains("recursion limit") {
        return place.stop(Code::YamlLimit, "maps and lists are nested too deep");
    }
    match place.rest().chars().next() {
        Some(first @ ('@' | '`' | '%')) => place.reserved(first),
        Some('*') if info.contains("anchor") => place.star(),
        Some(_) if info.contains("tab") => place.tab(),
        Some(':') if info.contains("mapping values") => place.second_colon(),
        Some('"') if info.contains("escape") => place.escape(),
        _ if info.contains("trailing content") => place.trailing(),
        Some('"' | '\'') => {
            let mut slip = place.stop(Code::YamlSyntax, "the quote that opens here is never closed");
            slip.diagnostic = slip.diagnostic.help("close it at the end of the value");
            slip
        }
        _ if info.contains("flow")
            || info.contains("node content")
            || info.contains("',' or")
            || info.contains("':' indicator") =>
        {
            place.bracket(info)
        }
        _ => place.other(info),
    }
}

struct Place<'a> {
    id: FileId,
    base: usize,
    text: &'a str,
    at: usize,
}

impl Place<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.id, self.base + range.start..self.base + range.end)
    }

    /// The value that begins here, to the end of its line.
    fn value(&self, from: usize) -> Range<usize> {
        let rest = self.text.get(from..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let value = line.split(" #").next().unwrap_or_default().trim_end();
        let start = self.text.get(..from).unwrap_or_default();
        // In `[a, @b]` the value ends before the bracket or the comma.
        let flow = start.rsplit('\n').next().unwrap_or_default().contains(['[', '{']);
        let end = if flow { value.find([',', ']', '}']).unwrap_or(value.len()) } else { value.len() };
        from..from + end.max(1).min(rest.len())
    }

    fn quoted(&self, range: &Range<usize>) -> String {
        quote(self.text.get(range.clone()).unwrap_or_default())
    }

    fn stop(&self, code: Code, message: &str) -> Slip {
        let end = self.at + self.rest().chars().next().map_or(0, char::len_utf8);
        let diagnostic = Diagnostic::new(code, self.span(self.at..end), message);
        Slip { diagnostic, repair: None }
    }

    fn reserved(&self, first: char) -> Slip {
        let range = self.value(self.at);
        let message = format!("a value cannot begin with `{first}` unless it is quoted");
        let found = Diagnostic::new(Code::YamlSyntax, self.span(range.clone()), message);
        let diagnostic = found.fix(self.span(range.clone()), self.quoted(&range), "quote the value");
        Slip { diagnostic, repair: Some(self.at) }
    }

    fn star(&self) -> Slip {
        let range = self.value(self.at);
        let message = "a value that begins with `*` is an alias in YAML, and there is no such anchor";
        let found = Diagnostic::new(Code::YamlSyntax, self.span(range.clone()), message);
        let found = found.help("if `*` is meant as a wildcard, quote the value");
        let diagnostic = found.fix(self.span(range.clone()), self.quoted(&range), "quote the value");
        Slip { diagnostic, repair: Some(self.at) }
    }

    fn tab(&self) -> Slip {
        let before = self.text.get(..self.at).unwrap_or_default();
        let ahead = self.rest().find('\t').map(|offset| self.at + offset);
        let at = ahead.or_else(|| before.rfind('\t')).unwrap_or(self.at);
        let rest = self.text.get(at..).unwrap_or_default();
        let end = at + rest.len() - rest.trim_start_matches('\t').len();
        let message = "a tab cannot indent a line in YAML";
        let found = Diagnostic::new(Code::YamlSyntax, self.span(at..end), message);
        let spaces = "  ".repeat(end - at);
        let diagnostic = found.fix(self.span(at..end), spaces, "indent by spaces");
        Slip { diagnostic, repair: None }
    }

    fn second_colon(&self) -> Slip {
        let line_start =
            self.text.get(..self.at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let line = self.text.get(line_start..self.at).unwrap_or_default();
        let repair = Some(self.at);
        let Some(key) = line.find(": ").filter(|_| !line.trim_start().starts_with('#')) else {
            let indent = line.len() - line.trim_start().len();
            let span = self.span(line_start + indent..self.at);
            let found = Diagnostic::new(Code::YamlSyntax, span, "this key does not belong where it stands");
            let help = "keys of one map are indented alike; the line above already has a value, which ends with its line";
            return Slip { diagnostic: found.label("indented deeper than the key above").help(help), repair };
        };
        let start = line_start + key + 2;
        let blank = self.text.get(start..).map_or(0, |rest| rest.len() - rest.trim_start_matches(' ').len());
        let range = self.value(start + blank);
        let message = "a value that holds a colon followed by a space must be quoted";
        let found = Diagnostic::new(Code::YamlSyntax, self.span(range.clone()), message);
        let diagnostic = found.fix(self.span(range.clone()), self.quoted(&range), "quote the value");
        Slip { diagnostic, repair }
    }

    /// A backslash in double quotes that begins no escape: mostly a regex.
    fn escape(&self) -> Slip {
        let mut inside = self.rest().char_indices().skip(1);
        let mut bad = None;
        while let Some((offset, character)) = inside.next() {
            if character == '"' {
                break;
            }
            let known = "0abt\tnvfre \"/\\N_LPxuU\n\r";
            if character == '\\' && inside.next().is_none_or(|(_, next)| !known.contains(next)) {
                bad = Some(self.at + offset);
                break;
            }
        }
        let Some(bad) = bad else {
            return self.stop(Code::YamlSyntax, "an escape in this double-quoted value cannot be read");
        };
        let end = bad + self.text.get(bad..).map_or(1, |rest| rest.chars().take(2).map(char::len_utf8).sum());
        let escape = self.text.get(bad..end).unwrap_or_default();
        let message = format!("`{escape}` means nothing in double quotes");
        let found = Diagnostic::new(Code::YamlSyntax, self.span(bad..end), message);
        let mut diagnostic = found.help("in single quotes backslashes stand for themselves");
        if let Some(whole) = self.double_quoted() {
            let inner = self.text.get(whole.start + 1..whole.end - 1).unwrap_or_default();
            diagnostic = diagnostic.fix(self.span(whole), quote(inner), "use single quotes");
        }
        Slip { diagnostic, repair: Some(bad) }
    }

    /// The double-quoted value that begins here, if it ends in the same line and escapes no quote.
    fn double_quoted(&self) -> Option<Range<usize>> {
        let line = self.rest().lines().next()?;
        let close = line.get(1..)?.find('"')?;
        let inner = line.get(1..=close)?;
        (!inner.ends_with('\\')).then_some(self.at..self.at + close + 2)
    }

    /// Text behind a closing quote: mostly an apostrophe that closed it.
    fn trailing(&self) -> Slip {
        let message = "there is text after the closing quote";
        let help = "a quote inside quotes is doubled: `''`";
        let before = self.text.get(..self.at).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let closing = before.trim_end().len().saturating_sub(1);
        let line = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default().trim_end();
        let quote_sign = before.get(closing..=closing).filter(|sign| matches!(*sign, "'" | "\""));
        let opening = quote_sign.and_then(|sign| line.find(sign)).map(|at| start + at);
        let whole = opening.filter(|at| *at < closing).map(|at| at..start + line.len());
        let ends_quoted =
            |range: &Range<usize>| quote_sign.is_some_and(|sign| line.ends_with(sign)) && range.end > self.at;
        let Some(whole) = whole.filter(ends_quoted) else {
            let mut slip = self.stop(Code::YamlSyntax, message);
            slip.diagnostic = slip.diagnostic.help(help);
            return slip;
        };
        let inner = self.text.get(whole.start + 1..whole.end - 1).unwrap_or_default();
        let found = Diagnostic::new(
            Code::YamlSyntax,
            self.span(closing..closing + 1),
            "this quote ends the value, and there is text after it",
        );
        let fixed = quote(&inner.replace("''", "'"));
        Slip {
            diagnostic: found.fix(self.span(whole), fixed, "double the quote inside"),
            repair: Some(closing),
        }
    }

    /// A list or map in brackets that is not closed: points at its opening.
    fn bracket(&self, info: &str) -> Slip {
        let message = "this bracket is not closed, or a comma is missing behind it";
        let help = "quote values that hold brackets, braces, commas or colons";
        let mut open = Vec::new();
        for (at, character) in self.text.get(..self.at).unwrap_or_default().char_indices() {
            match character {
                '[' | '{' => open.push(at),
                ']' | '}' => drop(open.pop()),
                _ => {}
            }
        }
        let Some(at) = open.pop() else { return self.other(info) };
        let found = Place { at, ..*self }.stop(Code::YamlSyntax, message);
        Slip { diagnostic: found.diagnostic.help(help), repair: None }
    }

    fn other(&self, info: &str) -> Slip {
        let (message, help) = match info {
            _ if info.contains("block mapping") || info.contains("expected key") => (
                "this line's indentation fits no line above",
                "keys of one map, and the items of one list, are indented alike",
            ),
            _ if info.contains("block collection") || info.contains("'-' indicator") => (
                "expected another item of the list above",
                "begin it with `- `, or indent the line like the list's key",
            ),
            _ if info.contains("block sequence entries") => (
                "a list cannot begin on its key's line",
                "begin the list on the next line, or write `[a, b]`",
            ),
            _ if info.contains("bracket") => {
                ("a closing bracket without an opening one", "quote values that hold brackets")
            }
            _ if info.contains("unprintable") => ("a control character cannot stand here", "remove it"),
            _ => {
                let mut slip = self.stop(Code::YamlSyntax, &format!("not YAML: {info}"));
                slip.diagnostic = slip.diagnostic.help("quoting the value often helps");
                return slip;
            }
        };
        let mut slip = self.stop(Code::YamlSyntax, message);
        slip.diagnostic = slip.diagnostic.help(help);
        slip
    }
}

/// `text` in single quotes.
pub(super) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
