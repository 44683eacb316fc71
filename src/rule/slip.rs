//! What a YAML scanner's error means to the author, and how to read on after it.
//!
//! The scanner says what it did not expect; the author wants to know what to type. Each slip that people
//! make is recognised by the text at the place of the error, not by the scanner's words alone.

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::source::{FileId, Span};
use super::syntax::Key;
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
    if let Some(slip) = place.comment_in_brackets() {
        return slip;
    }
    match place.rest().chars().next() {
        Some(first @ ('@' | '`' | '%')) => place.reserved(first),
        Some('*') if info.contains("anchor") => place.star(),
        Some(_) if info.contains("tab") => place.tab(),
        _ if let Some(slip) = place.glued_colon(info) => slip,
        Some(':') if info.contains("mapping values") => place.second_colon(),
        Some('"') if info.contains("escape") => place.escape(),
        _ if info.contains("trailing content") => place.trailing(),
        Some('"' | '\'') => {
            let mut slip = place.stop(Code::YamlSyntax, "the quote that opens here is never closed");
            slip.diagnostic = slip.diagnostic.help("close it at the end of the value");
            slip
        }
        _ if info.contains("flow")
            || info.contains("invalid indentation")
            || info.contains("node content")
            || info.contains("',' or")
            || info.contains("':' indicator") =>
        {
            place.bracket(info)
        }
        _ => place.other(info),
    }
}

/// A bracket that is not closed yet.
struct Bracket {
    at: usize,
    /// The sign of the first comment directly in it that was probably meant as text.
    comment: Option<usize>,
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
        // In `[a, @b]` the value ends before the bracket or the comma.
        let flow = !self.open_brackets(from).is_empty();
        let end = if flow { value.find([',', ']', '}']).unwrap_or(value.len()) } else { value.len() };
        from..from + end.max(1).min(rest.len())
    }

    /// The brackets that are open at a byte, outermost first. What is quoted or a comment opens none, nor does a
    /// bracket inside a plain value.
    fn open_brackets(&self, end: usize) -> Vec<Bracket> {
        let mut open: Vec<Bracket> = Vec::new();
        let mut quote = None;
        let (mut comment, mut begins, mut before) = (false, true, ' ');
        for (at, character) in self.text.get(..end).unwrap_or_default().char_indices() {
            let blank = character.is_whitespace();
            match character {
                '\n' => comment = false,
                _ if comment => {}
                _ if quote.is_some() => {
                    let closes = quote == Some(character) && (character, before) != ('"', '\\');
                    quote = quote.filter(|_| !closes);
                }
                '\'' | '"' if begins => quote = Some(character),
                '#' if before.is_whitespace() => {
                    comment = true;
                    if let Some(bracket) = open.last_mut().filter(|_| self.is_meant(at)) {
                        bracket.comment.get_or_insert(at);
                    }
                }
                '[' | '{' if begins || !open.is_empty() => open.push(Bracket { at, comment: None }),
                ']' | '}' => drop(open.pop()),
                _ => {}
            }
            begins = character == '\n'
                || matches!(character, '[' | '{' | ',')
                || blank && (begins || matches!(before, ':' | '-'));
            before = character;
        }
        open
    }

    /// True for the sign of a comment that was probably meant as text, as in `call me #1`.
    fn is_meant(&self, sign: usize) -> bool {
        let next = self.text.get(sign + 1..).and_then(|rest| rest.chars().next());
        let before = self.text.get(..sign).unwrap_or_default();
        before.ends_with(' ') && next.is_some_and(char::is_alphanumeric)
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
        let sign = if first == '`' { "a backquote".to_owned() } else { format!("`{first}`") };
        let message = format!("a value cannot begin with {sign} unless it is quoted");
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
        let message = "a tab cannot indent a line in YAML";
        let Some(blanks) = self.tabbed_blanks() else {
            return self.stop(Code::YamlSyntax, message);
        };
        let span = self.span(blanks.clone());
        let found = Diagnostic::new(Code::YamlSyntax, self.tabs(&blanks), message);
        let diagnostic = found.fix(span, " ".repeat(self.indent_meant(&blanks)), "indent by spaces");
        Slip { diagnostic, repair: None }
    }

    /// The leading blanks, with a tab among them, of the line that the scanner means: that of the error, else the
    /// next that has one, else the last before.
    fn tabbed_blanks(&self) -> Option<Range<usize>> {
        let line_start = self.text.get(..self.at)?.rfind('\n').map_or(0, |at| at + 1);
        let tabbed = |from: usize, to: usize| {
            let text = self.text.get(from..to).unwrap_or_default();
            let mut start = from;
            text.split_inclusive('\n').filter_map(move |line| {
                let blanks = start..start + line.len() - line.trim_start_matches([' ', '\t']).len();
                start += line.len();
                self.text.get(blanks.clone())?.contains('\t').then_some(blanks)
            })
        };
        tabbed(line_start, self.text.len()).next().or_else(|| tabbed(0, line_start).reduce(|_, later| later))
    }

    /// The tabs among a line's leading blanks.
    fn tabs(&self, blanks: &Range<usize>) -> Span {
        let text = self.text.get(blanks.clone()).unwrap_or_default();
        let start = text.find('\t').unwrap_or(0);
        let end = text.rfind('\t').map_or(text.len(), |at| at + 1);
        self.span(blanks.start + start..blanks.start + end)
    }

    /// By how many spaces the line was probably meant to be indented: below a key without a value it belongs to
    /// that; else a tab stands for a level of the lines above.
    fn indent_meant(&self, blanks: &Range<usize>) -> usize {
        let mut levels: Vec<usize> = Vec::new();
        let mut opens = false;
        let above = self.text.get(..blanks.start).unwrap_or_default();
        for line in above.lines().filter(|line| !line.trim().is_empty() && !line.trim().starts_with('#')) {
            let indent = line.len() - line.trim_start_matches([' ', '-']).len();
            levels.retain(|level| *level < indent);
            levels.push(indent);
            opens = line.split(" #").next().is_some_and(|line| line.trim_end().ends_with(':'));
        }
        let written = self.text.get(blanks.clone()).unwrap_or_default();
        let tabs = written.matches('\t').count();
        let level = tabs + (written.len() - tabs) / 2;
        match levels.last() {
            Some(last) if opens => last + 2,
            _ => levels.get(level).or(levels.last()).copied().unwrap_or(0),
        }
    }

    /// `level:low`: without a blank behind its colon a key is none, which the scanner finds out on the next line.
    fn glued_colon(&self, info: &str) -> Option<Slip> {
        let start = self.glued_line(info)?;
        let line = self.text.get(start..)?.lines().next()?;
        let indent = line.len() - line.trim_start_matches([' ', '-']).len();
        let colon = start + line.find(':')?;
        let key = self.text.get(start + indent..colon)?;
        let message = format!("a blank is missing behind the colon of `{key}`");
        let found = Diagnostic::new(Code::YamlSyntax, self.span(start + indent..colon + 1), message);
        let diagnostic = found.fix(self.span(colon..colon + 1), ": ", "put a blank behind the colon");
        Some(Slip { diagnostic, repair: None })
    }

    /// Where the line begins that lacks a blank: that of the error or, where it is no error of its own, the one above.
    fn glued_line(&self, info: &str) -> Option<usize> {
        let start_of = |text: &str| text.rfind('\n').map_or(0, |at| at + 1);
        let own = start_of(self.text.get(..self.at)?);
        let second = info.contains("mapping values");
        let alone = !second || !self.text.get(own..self.at)?.contains(": ");
        if !alone || !second && !info.contains("simple key") {
            return None;
        }
        let mut above = self.text.get(..own)?.trim_end();
        while let Some((more, _)) = above.rsplit_once('\n').filter(|(_, line)| line.trim().starts_with('#')) {
            above = more.trim_end();
        }
        let line = |start: usize| self.text.get(start..).and_then(|rest| rest.lines().next());
        [own, start_of(above)].into_iter().find(|start| line(*start).is_some_and(is_glued))
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
        let value = self.text.get(range.clone()).unwrap_or_default();
        let field = value.split_once(": ").map(|(field, _)| field);
        if let Some(field) = field.filter(|field| !field.contains(' ') && field.contains(['.', '|'])) {
            let help = format!(
                "if `{field}` is a field, it stands on the next line, indented deeper; a text is quoted"
            );
            return Slip { diagnostic: found.help(help), repair };
        }
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
        let Some(Bracket { at, .. }) = self.open_brackets(self.at).pop() else { return self.other(info) };
        let found = Place { at, ..*self }.stop(Code::YamlSyntax, message);
        Slip { diagnostic: found.diagnostic.help(help), repair: None }
    }

    /// `[call me #1, other]`: the comment swallows the bracket's end, and the error shows up lines later.
    fn comment_in_brackets(&self) -> Option<Slip> {
        let at = self.open_brackets(self.at).pop()?.comment?;
        let line = self.text.get(at..)?.lines().next()?.trim_end();
        let before = self.text.get(..at)?;
        let start = before.rfind(['[', '{', ',', '\n'])? + 1;
        let start = start + before.get(start..)?.len() - before.get(start..)?.trim_start().len();
        let end = at + line.find([',', ']', '}']).unwrap_or(line.len());
        let message = "`#` begins a comment here, and the bracket is not closed before it";
        let found = Diagnostic::new(Code::YamlSyntax, self.span(at..at + line.len()), message);
        // What is quoted already was not meant to hold the sign.
        let diagnostic = if before.trim_end().ends_with(['"', '\'']) {
            found.help("close the bracket before the comment, or on a line of its own")
        } else {
            found.fix(self.span(start..end), self.quoted(&(start..end)), "quote the value")
        };
        Some(Slip { diagnostic, repair: None })
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

/// `&now come here`: the word is a name for the value, and no part of it.
pub(super) fn anchor(written: &str, span: Span) -> Diagnostic {
    let name = written.split_whitespace().next().unwrap_or_default();
    let rest = written.get(name.len()..).unwrap_or_default().trim_start();
    let kept = if rest.is_empty() { "nothing".to_owned() } else { format!("only `{rest}`") };
    let message = format!("`{name}` is an anchor in YAML, so the value is {kept}");
    Diagnostic::new(Code::SwallowedAnchor, span, message).fix(span, quote(written), "quote the value")
}

/// `!now come here`: the word says of what type the value is. `written` is the value, if it has no quotes.
pub(super) fn tag(tag: &str, written: Option<&str>, span: Span) -> Diagnostic {
    let text =
        written.filter(|text| text.starts_with('!') && !text.starts_with("!!") && !text.starts_with("!<"));
    let word = text.and_then(|text| text.split_whitespace().next());
    let message = format!("the tag `{}` is not part of the rule language", word.unwrap_or(tag));
    let found = Diagnostic::new(Code::YamlFeature, span, message);
    match text {
        Some(text) => found.fix(span, quote(text), "quote the value if the `!` belongs to it"),
        None => found.help("leave it out"),
    }
}

/// A key that stands twice in a map.
pub(super) fn duplicate(key: &Key, first: Span) -> Diagnostic {
    let message = format!("the key `{}` stands twice in this map", key.text);
    let found = Diagnostic::new(Code::DuplicateKey, key.span, message);
    let help = "join the values into one list, or make a list of two maps for \"one or the other\"";
    found.related(first, "first here").help(help)
}

/// A key that every rule has once: another rule begins here, and its other keys stand twice for the same reason.
pub(super) fn pasted(key: &Key, first: Span, text: &str, base: usize) -> Diagnostic {
    let message = format!("the key `{}` stands twice, as if another rule began here", key.text);
    let found = Diagnostic::new(Code::DuplicateKey, key.span, message).related(first, "first here");
    let before = text.get(..(key.span.start as usize).saturating_sub(base)).unwrap_or_default();
    if &*key.text == "title" && before.ends_with('\n') {
        return found.fix(key.span.start_point(), "---\n", "put a line of `---` between two rules");
    }
    found.help("rules of one file are separated by lines of `---`; a rule has one of each key")
}

/// True of a line that is a key, a colon and a value with nothing between them.
fn is_glued(line: &str) -> bool {
    let line = line.trim().trim_start_matches("- ");
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '|' | '-');
    line.split_once(':').is_some_and(|(key, value)| {
        key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key.chars().all(plain)
            && !value.is_empty()
            && !value.starts_with([' ', '\t', '/', ':'])
    })
}

/// `text` in single quotes.
pub(super) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
