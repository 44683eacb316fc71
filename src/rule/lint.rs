//! Legal, but probably not as meant: values that are read otherwise than they look.
//!
//! Few and certain: an author who is warned of everything reads nothing. Texts are looked at closely, because
//! there the slips happen; identifiers and vocabularies only where YAML readers differ over them.

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::key::{FieldKey, Mode};
use super::list::{List, State};
use super::model::GlobPart;
use super::reader::{Reader, listed, nearest};
use super::slip::quote;
use super::source::Span;
use super::syntax::{Kind, Node, Plain, Scalar, Style};
use super::{pattern, regex, value};
use crate::event::{FieldType, vocabulary};
use crate::text::token;

/// Looks at the values of a test. `whole` is where they stand.
pub(super) fn values(reader: &mut Reader<'_>, key: &FieldKey, values: &[&Node], whole: Span) {
    for node in values {
        let Some(scalar) = node.scalar() else { continue };
        unquoted(reader, key, node, scalar);
        swallowed(reader, node, scalar);
        run_together(reader, key, node, scalar);
        unknown_word(reader, key, node, scalar);
        if !key.mode.is_words() {
            invisible(reader, node, scalar);
        }
        if !key.expand {
            escapes(reader, key, node, scalar);
            wildcards(reader, key, node, scalar);
        }
    }
    if !key.expand {
        questions(reader, key, values);
        placeholders(reader, key, values, whole);
    }
    whole_field(reader, key, values, whole);
    lone_words(reader, key, values);
    if key.mode == Mode::Regex {
        empty_matches(reader, key, values);
    }
}

/// A value that holds what was meant to be another item, or a field's name: a blank or an indentation is missing.
fn run_together(reader: &mut Reader<'_>, key: &FieldKey, node: &Node, scalar: &Scalar) {
    if scalar.style != Style::Plain || scalar.alias {
        return;
    }
    let written = reader.map.text(node.span);
    let mut further = written.lines().skip(1);
    let glued = key.mode.is_words() && written.starts_with('-');
    if glued || further.any(|line| line.trim_start().starts_with('-')) {
        let message = "a `-` in this value begins no item of a list, but is a part of the text";
        let found = Diagnostic::new(Code::RunTogether, node.span, message);
        reader.push(found.help(
            "items begin in one column, with `- ` before each; quote the text if the `-` belongs to it",
        ));
        return;
    }
    let field = scalar.text.split_once(':').map(|(field, _)| field);
    let named = |field: &&str| {
        let path = field.split('|').next().unwrap_or_default();
        field.contains('|') && !field.contains(' ') || reader.fields.contains(path)
    };
    if let Some(field) = field.filter(|_| key.field.is_empty()).filter(named) {
        let message = format!("this is a text that is looked for, not the field `{field}` and a value");
        let found = Diagnostic::new(Code::RunTogether, node.span, message);
        reader.push(found.help("a field stands on a line of its own, one level deeper, with `: ` behind it"));
    }
}

/// A word that a field never holds, of which the words are known.
fn unknown_word(reader: &mut Reader<'_>, key: &FieldKey, node: &Node, scalar: &Scalar) {
    let text = &*scalar.text;
    if !reader.chat || key.mode != Mode::Plain || key.expand || text.contains(['*', '?', '%']) {
        return;
    }
    let Some(known) = vocabulary(&key.field) else { return };
    if text.is_empty() || known.iter().any(|word| word.eq_ignore_ascii_case(text)) {
        return;
    }
    let message = format!("`{}` is never `{text}`", key.field);
    let found = Diagnostic::new(Code::UnknownValue, node.span, message);
    let found = found.help(format!("it is one of {}", listed(&known)));
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    // Another number is another age: that is no slip.
    let near = nearest(text, known.iter().copied().filter(|word| digits(word) == digits(text)));
    let mut ends = known.iter().copied().filter(|word| word.rsplit('.').next() == Some(text));
    let meant = near.or_else(|| ends.next().filter(|_| ends.next().is_none()));
    reader.push(match meant {
        Some(meant) => found.fix(node.span, meant, format!("did you mean `{meant}`?")),
        None => found,
    });
}

/// A list that is old, has expired, or says nothing of itself.
pub(super) fn list(reader: &mut Reader<'_>, list: &List, node: &Node) {
    let name = list.name();
    let found = match list.edition() {
        Some(edition) if edition.state == State::Expired => {
            let message = format!("the list `{name}` has expired: none of its entries is looked for");
            let found = Diagnostic::new(Code::ExpiredList, node.span, message);
            found.help("replace it, and its manifest with it, by the edition that may be used now")
        }
        Some(edition) if edition.state == State::Stale => {
            let message = format!("the list `{name}` is old: it was issued on {}", edition.issued);
            let found = Diagnostic::new(Code::StaleList, node.span, message);
            found.help("ask its issuer for the edition of this month")
        }
        None if list.is_unstated() => {
            let message = format!("nothing says whose the list `{name}` is, and until when it may be used");
            let found = Diagnostic::new(Code::NoManifest, node.span, message);
            found.help(format!("state it in `{name}.manifest.toml` beside the list"))
        }
        _ => return,
    };
    reader.push(found);
}

/// Values that YAML readers differ over.
fn unquoted(reader: &mut Reader<'_>, key: &FieldKey, node: &Node, scalar: &Scalar) {
    let Some(what) = scalar.misread() else { return };
    let number = scalar.plain() == Plain::Number && what == "a number";
    if number && key.kind == FieldType::Keyword && key.mode == Mode::Plain {
        return renumbered(reader, node, scalar);
    }
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

/// `1.10`: without quotes a number, which is not told apart from `1.1`.
fn renumbered(reader: &mut Reader<'_>, node: &Node, scalar: &Scalar) {
    let number = value::number(&scalar.text);
    if number == *scalar.text {
        return;
    }
    let message = format!("without quotes this is the number `{number}`");
    let found = Diagnostic::new(Code::Unquoted, node.span, message);
    reader.push(found.fix(node.span, quote(&scalar.text), "quote it if these very signs are meant"));
}

/// `- remember: tell nobody` in a list of alternatives: one entry, no known field, and prose for a value. Told once,
/// with a fix for all: a list of both texts and such maps would be an error.
pub(super) fn prose_fields(reader: &mut Reader<'_>, items: &[Node]) {
    let spans: Vec<Span> = items.iter().filter(|item| is_prose(reader, item)).map(|item| item.span).collect();
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return };
    let whole = first.to(*last);
    let mut fixed = reader.map.text(whole).to_owned();
    for span in spans.iter().rev() {
        let (start, end) = ((span.start - whole.start) as usize, (span.end - whole.start) as usize);
        fixed.replace_range(start..end, &reader.quoted(*span));
    }
    let message = "the colon makes this a field and its value";
    let mut found = Diagnostic::new(Code::UnquotedColon, *first, message);
    for span in spans.iter().skip(1) {
        found = found.related(*span, "");
    }
    reader.push(found.fix(whole, fixed, "quote what is a text"));
}

fn is_prose(reader: &Reader<'_>, item: &Node) -> bool {
    let Kind::Map(entries) = &item.kind else { return false };
    let [entry] = entries.as_slice() else { return false };
    let key = &*entry.key.text;
    let plain = |value: &Scalar| value.style == Style::Plain && !value.alias && value.text.contains(' ');
    entry.value.scalar().is_some_and(plain)
        && entry.key.style == Style::Plain
        && !key.contains(['|', '.'])
        && !reader.fields.contains(key)
}

/// `call me #1`: the rest of the line is a comment.
fn swallowed(reader: &mut Reader<'_>, node: &Node, scalar: &Scalar) {
    if scalar.style != Style::Plain || scalar.explicit || scalar.alias || scalar.text.is_empty() {
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
    if key.mode.is_words() {
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
        mode if mode.is_words() => {
            let Some(at) = scalar.text.find('*') else { return };
            let span = reader.part(node, at..at + 1);
            let message = format!("`*` is no wildcard in `{}`, and is left out like any sign", key.written);
            let found = Diagnostic::new(Code::LiteralStar, span, message);
            reader.push(found.help("for a wildcard use `contains`, for alternatives a list of values"));
        }
        _ => {}
    }
}

/// A `?` at the end of a phrase, or before a blank: a question, not a wildcard. Told once for all values if one
/// fix serves them all.
fn questions(reader: &mut Reader<'_>, key: &FieldKey, values: &[&Node]) {
    let searched = matches!(key.mode, Mode::Plain | Mode::Contains | Mode::StartsWith | Mode::EndsWith);
    if !searched || key.kind != FieldType::Text {
        return;
    }
    let asks = |node: &&&Node| node.scalar().is_some_and(|scalar| !asked(&scalar.text).is_empty());
    let marked: Vec<&Node> = values.iter().filter(asks).copied().collect();
    let by_phrase = fits_phrase(key, values);
    for group in marked.chunks(if by_phrase { marked.len().max(1) } else { 1 }) {
        question(reader, key, group, by_phrase);
    }
}

/// One diagnostic for the question marks of some values.
fn question(reader: &mut Reader<'_>, key: &FieldKey, values: &[&Node], by_phrase: bool) {
    let place = |node: &Node| {
        let at = *asked(&node.scalar()?.text).first()?;
        Some(reader.part(node, at..at + 1))
    };
    let mut places = values.iter().filter_map(|node| place(node));
    let (Some(span), Some(node)) = (places.next(), values.first()) else { return };
    let message = "`?` stands for exactly one character here, not for a question mark";
    let mut found = Diagnostic::new(Code::QuestionMark, span, message);
    for span in places {
        found = found.related(span, "");
    }
    let read = node.scalar().map(|scalar| value::show(&value::glob(&scalar.text))).unwrap_or_default();
    let found = found.help(format!("the value is read as {read}; write `\\?` for the sign itself"));
    reader.push(if by_phrase { phrase(key, found) } else { escaped(reader, node, found) });
}

/// Offers to take the question marks for themselves.
fn escaped(reader: &Reader<'_>, node: &Node, found: Diagnostic) -> Diagnostic {
    let Some(scalar) = node.scalar() else { return found };
    let escape = match scalar.style {
        Style::Plain | Style::Single => "\\",
        Style::Double => "\\\\",
        Style::Literal | Style::Folded => return found,
    };
    let mut fixed = reader.map.text(node.span).to_owned();
    for at in asked(&scalar.text).into_iter().rev() {
        let span = reader.part(node, at..at + 1);
        if span == node.span && fixed.len() > 1 {
            return found;
        }
        fixed.insert_str((span.start - node.span.start) as usize, escape);
    }
    found.fix(node.span, fixed, "take it for a question mark")
}

/// The question marks of a text that are neither escaped nor inside a word.
fn asked(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut escaped = false;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        if character == '?' && !escaped && next.is_none_or(|next| matches!(next, ' ' | '!' | '?' | '*')) {
            found.push(at);
        }
        escaped = character == '\\' && !escaped;
    }
    found
}

/// `'%name%'` of a list that there is, without `expand`. A name of no list may be what is looked for. Told once for
/// all values, with a fix if `expand` suits all of them.
fn placeholders(reader: &mut Reader<'_>, key: &FieldKey, values: &[&Node], whole: Span) {
    let spans: Vec<Span> =
        values.iter().filter(|node| names_list(reader, node)).map(|node| node.span).collect();
    let Some(first) = spans.first() else { return };
    let message = "without `expand` this is a text to be looked for, not the list of that name";
    let mut found = Diagnostic::new(Code::Placeholder, *first, message);
    for span in spans.iter().skip(1) {
        found = found.related(*span, "");
    }
    // Beside plain values there may be a null, which no list can be.
    let alone = spans.len() == values.len() && (key.mode != Mode::Plain || *first == whole);
    reader.push(if alone && !key.field.is_empty() && key.mode != Mode::Regex {
        found.fix(key.span, format!("{}|expand", key.written), "take in the list")
    } else {
        found.help("a list stands in a test of its own, such as `text|word|expand: '%name%'`")
    });
}

fn names_list(reader: &Reader<'_>, node: &Node) -> bool {
    let name = node.scalar().and_then(|scalar| scalar.text.strip_prefix('%')?.strip_suffix('%'));
    name.and_then(|name| reader.lists.get(name)).is_some_and(|list| !list.entries().is_empty())
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
    let empty = |node: &&Node| node.scalar().is_some_and(|scalar| scalar.text.is_empty());
    reader.push(if fits_phrase(key, values) {
        phrase(key, found)
    } else if values.iter().any(empty) {
        found.help("use `contains` to look for it anywhere")
    } else {
        found.fix(key.span, key.rewritten("contains"), "look for it anywhere")
    });
}

/// True if `phrase` can take the place of the key's way of searching: it looks anywhere, and for words.
fn fits_phrase(key: &FieldKey, values: &[&Node]) -> bool {
    let anywhere = matches!(key.mode, Mode::Plain | Mode::Contains);
    let words = |node: &&Node| {
        node.scalar().is_some_and(|scalar| pattern::holds_word(&scalar.text) && !scalar.text.contains('*'))
    };
    anywhere && !key.field.is_empty() && !key.written.is_empty() && values.iter().all(words)
}

/// Offers `phrase` in place of the key's way of searching.
fn phrase(key: &FieldKey, found: Diagnostic) -> Diagnostic {
    found.fix(key.span, key.rewritten("phrase"), "look for these words in a row")
}

/// One word, which is near to nothing. Told once for all values, with a fix if all are such.
fn lone_words(reader: &mut Reader<'_>, key: &FieldKey, values: &[&Node]) {
    let is_one = |text: &str| token::tokens(text).count() == 1;
    let lone = values.iter().filter(|node| node.scalar().is_some_and(|scalar| is_one(&scalar.text)));
    let spans: Vec<Span> = lone.map(|node| node.span).collect();
    let (Mode::Near(reach), Some(first), false) = (key.mode, spans.first(), key.expand) else { return };
    let message = format!("`near{reach}` looks for several words, and this is one");
    let mut found = Diagnostic::new(Code::LoneWord, *first, message);
    for span in spans.iter().skip(1) {
        found = found.related(*span, "");
    }
    reader.push(if spans.len() == values.len() {
        found.fix(key.span, key.rewritten("word"), "look for the word")
    } else {
        found.help("put it into a test of its own with `word`")
    });
}

/// Expressions that are found in every value, because nothing in them has to be there.
fn empty_matches(reader: &mut Reader<'_>, key: &FieldKey, values: &[&Node]) {
    for node in values {
        let Some(scalar) = node.scalar().filter(|scalar| !scalar.text.is_empty()) else { continue };
        if regex::is_found_everywhere(&regex::with_flags(&scalar.text, &key.flags)) {
            let message = "this expression may match nothing, so it is found in every value";
            let found = Diagnostic::new(Code::MatchesEmpty, node.span, message);
            reader.push(found.help(
                "let something be in it that has to be there: `+` for `*`, and no `?` behind the whole",
            ));
        }
    }
}
