//! Legal, but probably not as meant: values that are read otherwise than they look.
//!
//! Few and certain: an author who is warned of everything reads nothing. Texts are looked at closely, because
//! there the slips happen; identifiers and vocabularies only where YAML readers differ over them.

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::key::{FieldKey, Mode};
use super::model::GlobPart;
use super::reader::Reader;
use super::slip::quote;
use super::source::Span;
use super::syntax::{Node, Plain, Scalar, Style};
use super::value;
use crate::event::FieldType;

/// Looks at the values of a test. `whole` is where they stand.
pub(super) fn values(reader: &mut Reader<'_>, key: &FieldKey, values: &[&Node], whole: Span) {
    for node in values {
        let Some(scalar) = node.scalar() else { continue };
        unquoted(reader, key, node, scalar);
        swallowed(reader, node, scalar);
        if !matches!(key.mode, Mode::Word | Mode::Phrase) {
            invisible(reader, node, scalar);
        }
        if !key.expand {
            escapes(reader, key, node, scalar);
            wildcards(reader, key, node, scalar);
        }
    }
    if !key.expand {
        questions(reader, key, values);
        whole_field(reader, key, values, whole);
    }
}

/// Values that YAML readers differ over.
fn unquoted(reader: &mut Reader<'_>, key: &FieldKey, node: &Node, scalar: &Scalar) {
    let Some(what) = scalar.misread() else { return };
    let number = scalar.plain() == Plain::Number && what == "a number";
    let typed = match key.kind {
        FieldType::Text => false,
        FieldType::Keyword => number || matches!(scalar.plain(), Plain::Bool(_)),
        FieldType::Number | FieldType::Bool | FieldType::Time => true,
    };
    if typed || (key.kind != FieldType::Text && key.mode == Mode::Regex) {
        return;
    }
    let message = format!("without quotes some YAML readers take `{}` for {what}", scalar.text);
    let found = Diagnostic::new(Code::Unquoted, node.span, message);
    reader.push(found.fix(node.span, quote(&scalar.text), "quote it"));
}

/// `call me #1`: the rest of the line is a comment.
fn swallowed(reader: &mut Reader<'_>, node: &Node, scalar: &Scalar) {
    if scalar.style != Style::Plain || scalar.explicit || scalar.text.is_empty() {
        return;
    }
    let Some(file) = reader.map.file(node.span.file) else { return };
    let rest = file.text().get(node.span.end as usize..).unwrap_or_default();
    let rest = rest.lines().next().unwrap_or_default();
    let comment = rest.trim_start();
    let meant = comment.strip_prefix('#').is_some_and(|text| text.starts_with(|c: char| c.is_alphanumeric()));
    if !meant || rest.starts_with('#') {
        return;
    }
    let end = node.span.end as usize + rest.trim_end().len();
    let value = Span::new(node.span.file, node.span.start as usize..end);
    let lost = Span::new(node.span.file, end - comment.trim_end().len()..end);
    let message = format!("`#` begins a comment, so the value is only `{}`", scalar.text);
    let fixed = reader.quoted(value);
    let found = Diagnostic::new(Code::SwallowedComment, lost, message);
    let found = found.help("put a space behind the `#` if a comment is meant");
    reader.push(found.fix(value, fixed, "quote the value"));
}

fn invisible(reader: &mut Reader<'_>, node: &Node, scalar: &Scalar) {
    let unseen = |c: char| matches!(c, '\u{a0}' | '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    let Some((at, character)) = scalar.text.char_indices().find(|(_, c)| unseen(*c)) else { return };
    let span = reader.part(node, at..at + character.len_utf8());
    let message = format!("the value holds an invisible character, U+{:04X}", u32::from(character));
    let found = Diagnostic::new(Code::Invisible, span, message);
    let (by, what) = if character == '\u{a0}' { (" ", "make it a space") } else { ("", "remove it") };
    let known = span != node.span;
    reader.push(if known { found.fix(span, by, what) } else { found });
}

/// Backslashes that do something else than they seem to.
fn escapes(reader: &mut Reader<'_>, key: &FieldKey, node: &Node, scalar: &Scalar) {
    if scalar.style == Style::Double
        && let Some((at, character)) =
            scalar.text.char_indices().find(|(_, c)| matches!(c, '\u{8}' | '\u{c}' | '\u{7}' | '\u{b}'))
    {
        let span = reader.part(node, at..at + character.len_utf8());
        let written = reader.map.text(span).to_owned();
        let message = format!("in double quotes `{written}` is a control character");
        let found = Diagnostic::new(Code::Escape, span, message);
        let inner = reader.map.text(node.span).trim_matches('"').to_owned();
        reader.push(found.fix(node.span, quote(&inner), "use single quotes, where a backslash is itself"));
        return;
    }
    if key.kind != FieldType::Text || key.mode == Mode::Regex {
        return;
    }
    let text = &*scalar.text;
    let Some(at) = text.find('\\') else { return };
    if matches!(key.mode, Mode::Word | Mode::Phrase) {
        let span = reader.part(node, at..at + 1);
        let found = Diagnostic::new(
            Code::Escape,
            span,
            "the values of `word` and `phrase` are literal, and need no escapes",
        );
        reader.push(found.help("leave the backslash out"));
        return;
    }
    if let Some(at) = stray(text) {
        let span = reader.part(node, at..at + 1);
        let found =
            Diagnostic::new(Code::Escape, span, "this backslash escapes nothing, and stands for itself");
        let read = value::show(&value::glob(text));
        reader.push(found.help(format!("the value is read as {read}; for a regular expression use `re`")));
    }
}

/// The first backslash before something that needs none.
fn stray(text: &str) -> Option<usize> {
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && !characters.next().is_some_and(|(_, next)| matches!(next, '*' | '?' | '\\')) {
            return Some(at);
        }
    }
    None
}

fn wildcards(reader: &mut Reader<'_>, key: &FieldKey, node: &Node, scalar: &Scalar) {
    match key.mode {
        Mode::Plain | Mode::Contains | Mode::StartsWith | Mode::EndsWith => {
            let parts = value::glob(&scalar.text);
            if key.mode == Mode::Contains
                && !parts.is_empty()
                && parts.iter().all(|part| *part == GlobPart::AnyCharacters)
            {
                let message = "this matches every value";
                let found = Diagnostic::new(Code::AlwaysTrue, node.span, message);
                reader.push(found.help("`exists: true` says that the field is there"));
            }
        }
        Mode::Word | Mode::Phrase => {
            let Some(at) = scalar.text.find('*') else { return };
            let span = reader.part(node, at..at + 1);
            let message = format!("`*` is no wildcard in `{}`, and is left out like any sign", key.written);
            let found = Diagnostic::new(Code::QuestionMark, span, message);
            reader.push(found.help("for a wildcard use `contains`, for alternatives a list of values"));
        }
        _ => {}
    }
}

/// A `?` at the end of a phrase, or before a blank: a question, not a wildcard. Told once for all values.
fn questions(reader: &mut Reader<'_>, key: &FieldKey, values: &[&Node]) {
    let searched = matches!(key.mode, Mode::Plain | Mode::Contains | Mode::StartsWith | Mode::EndsWith);
    if !searched || key.kind != FieldType::Text {
        return;
    }
    let marked = values.iter().filter_map(|node| Some((*node, question(&node.scalar()?.text)?)));
    let mut marked =
        marked.map(|(node, at)| (node, reader.part(node, at..at + 1))).collect::<Vec<_>>().into_iter();
    let Some((node, span)) = marked.next() else { return };
    let message = "`?` stands for exactly one character here, not for a question mark";
    let mut found = Diagnostic::new(Code::QuestionMark, span, message);
    for (_, span) in marked {
        found = found.related(span, "");
    }
    let read = node.scalar().map(|scalar| value::show(&value::glob(&scalar.text))).unwrap_or_default();
    let found = found.help(format!("the value is read as {read}; write `\\?` for the sign itself"));
    reader.push(by_phrase(key, found));
}

/// The first question mark of a text that is neither escaped nor inside a word.
fn question(text: &str) -> Option<usize> {
    let mut escaped = false;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        if character == '?' && !escaped && next.is_none_or(|next| matches!(next, ' ' | '!' | '?' | '*')) {
            return Some(at);
        }
        escaped = character == '\\' && !escaped;
    }
    None
}

/// A plain value must equal the whole field: in prose that is rarely meant.
fn whole_field(reader: &mut Reader<'_>, key: &FieldKey, values: &[&Node], whole: Span) {
    if key.mode != Mode::Plain || key.kind != FieldType::Text {
        return;
    }
    let bare = |node: &&&Node| {
        node.scalar().is_some_and(|scalar| !scalar.text.is_empty() && !scalar.text.contains(['*', '?']))
    };
    let Some(first) = values.iter().find(bare) else { return };
    let span = if values.len() == 1 { first.span } else { key.span };
    let message = format!("`{}` must equal the whole value, not be found in it", key.written);
    let found = Diagnostic::new(Code::WholeField, span, message);
    let found = if span == first.span { found } else { found.related(whole, "each of these") };
    reader.push(by_phrase(key, found));
}

/// Offers `phrase` in place of the key's way of searching.
fn by_phrase(key: &FieldKey, found: Diagnostic) -> Diagnostic {
    if key.written.is_empty() || key.field.is_empty() {
        return found.help("keywords are searched as `contains`; name a field to use `phrase`");
    }
    found.fix(key.span, key.rewritten("phrase"), "look for these words in a row")
}
