//! From the values of a test to patterns: wildcards, words, regular expressions, entries of lists.

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::key::{FieldKey, Mode};
use super::list::{List, State};
use super::model::{GlobPart, ListEntry, Pattern, PatternKind, Place};
use super::reader::{Reader, suggest};
use super::regex::{self, RegexError, RegexErrorKind};
use super::syntax::{Kind, Node, Plain};
use super::{detection, encode, lint, value};
use crate::event::FieldType;
use crate::text::spelling::Spelling;
use crate::text::token;
use std::sync::Arc;

/// How many patterns one rule may hold, those from lists included.
const MAX_PATTERNS: usize = 1_000_000;

/// The same where values are written in several ways: a few values of a rule become thousands.
const MAX_FORMS: usize = 50_000;

/// A list, and all that its patterns depend on.
#[derive(Debug, PartialEq)]
pub(super) struct Expanded {
    list: Arc<str>,
    mode: Mode,
    fuzzy: Option<u8>,
    cased: bool,
    number: bool,
}

/// Reads all values; all errors are reported. None if there is one.
pub(super) fn read(reader: &mut Reader<'_>, key: &FieldKey, values: &[&Node]) -> Option<Arc<[Pattern]>> {
    let mut parts: Vec<Arc<[Pattern]>> = Vec::new();
    let mut sound = true;
    for node in values {
        let read =
            if key.expand { entries(reader, key, node) } else { one(reader, key, node).map(Arc::from) };
        reader.patterns += read.as_ref().map_or(0, |part| part.len());
        let most = if key.has_forms() { MAX_FORMS } else { MAX_PATTERNS };
        if reader.patterns > most {
            let message = format!("a rule can hold at most {most} values, each way of writing one counted");
            reader.error(Code::TooManyValues, node.span, message);
            return None;
        }
        sound &= read.is_some();
        parts.extend(read);
    }
    if key.all && parts.iter().any(|part| part.is_empty()) {
        // A list that has expired: not all of it can be found.
        return sound.then(Arc::default);
    }
    if parts.len() == 1 {
        return parts.pop().filter(|_| sound);
    }
    sound.then(|| parts.iter().flat_map(|part| part.iter().cloned()).collect())
}

/// A value that is a text, or written as one.
fn text<'n>(reader: &mut Reader<'_>, key: &FieldKey, node: &'n Node) -> Option<&'n str> {
    match &node.kind {
        Kind::Scalar(scalar) if scalar.plain() == Plain::Null => {
            let found =
                Diagnostic::new(Code::NullValue, node.span, "there is no text here: the value is null");
            let written = reader.map.text(node.span);
            let usable = !key.mode.is_words() || holds_word(written);
            let fixed = (!written.is_empty() && usable).then(|| reader.quoted(node.span));
            reader.push(match fixed {
                Some(fixed) => found.fix(node.span, fixed, "quote it if the text is meant"),
                None => {
                    found.help("write the text, or remove the line; a line that begins with `#` is a comment")
                }
            });
            None
        }
        Kind::Scalar(scalar) => Some(&scalar.text),
        Kind::Map(entries) if entries.len() == 1 => {
            let below = format!("{}.{}", key.field, entries[0].key.text);
            if reader.fields.contains(below.split('|').next().unwrap_or_default()) {
                let message = format!("a value of `{}` is a text, found a map", key.written);
                let found = Diagnostic::new(Code::WrongType, node.span, message);
                reader.push(found.help(format!("fields within fields are written with dots: `{below}: …`")));
            } else {
                detection::unquoted_colon(reader, node);
            }
            None
        }
        _ => {
            let message = format!("a value of `{}` is a text, found {}", key.written, node.describe());
            reader.error(Code::WrongType, node.span, message);
            None
        }
    }
}

/// A value as patterns: one, unless it may be written in several ways.
fn one(reader: &mut Reader<'_>, key: &FieldKey, node: &Node) -> Option<Vec<Pattern>> {
    let text = text(reader, key, node)?;
    match key.mode {
        Mode::Regex => expression(reader, key, node, text).map(|one| vec![one]),
        Mode::Network => network(reader, key, node, text).map(|one| vec![one]),
        mode if mode.is_words() => words(reader, key, node, text).map(|one| vec![one]),
        _ if text.is_empty() && key.mode != Mode::Plain => Some(vec![empty(reader, key, node)]),
        _ if text.is_empty() && key.base64.is_some() => {
            reader.error(Code::EmptyValue, node.span, "an empty text leaves nothing in Base64");
            None
        }
        _ if key.base64.is_some() => encoded(reader, key, node, text),
        _ if key.windash => dashed(reader, key, node, text),
        _ => glob(reader, key, node, text).map(|one| vec![one]),
    }
}

/// An empty text, which every value holds. It is legal Sigma, and as good as `*`.
fn empty(reader: &mut Reader<'_>, key: &FieldKey, node: &Node) -> Pattern {
    let found = Diagnostic::new(Code::AlwaysTrue, node.span, "an empty text is found in every value");
    reader.push(found.help("remove it; a field that is there but empty is a plain value of `''`"));
    whole(key, vec![GlobPart::AnyCharacters])
}

fn network(reader: &mut Reader<'_>, key: &FieldKey, node: &Node, text: &str) -> Option<Pattern> {
    let Some(network) = super::network::parse(text) else {
        let found = Diagnostic::new(Code::BadNetwork, node.span, format!("`{text}` is no network"));
        reader.push(found.help(
            "write an address and how many of its bits count, such as `10.0.0.0/8` or `2001:db8::/32`",
        ));
        return None;
    };
    Some(Pattern { kind: PatternKind::Network(network), cased: key.cased, entry: None })
}

/// A text in Base64.
fn encoded(reader: &mut Reader<'_>, key: &FieldKey, node: &Node, text: &str) -> Option<Vec<Pattern>> {
    let base64 = key.base64?;
    let Some(literal) = encode::literal(text) else {
        let message = format!("`{}` encodes a text, and a wildcard has no code", base64.name());
        let found = Diagnostic::new(Code::WildcardEncoded, node.span, message);
        reader
            .push(found.help("write `\\*` or `\\?` for the sign itself; `contains` finds the code anywhere"));
        return None;
    };
    let ways = if key.windash { dashes(reader, node, text)? } else { vec![value::literal(&literal)] };
    let forms = ways.iter().flat_map(|parts| base64.forms(&spelt(parts), key.utf16));
    let forms: Vec<_> = forms.map(|form| whole(key, value::literal(&form))).collect();
    if forms.is_empty() {
        let message = format!("`{text}` is too short to be told in Base64 from what stands beside it");
        reader.error(Code::EmptyValue, node.span, message);
        return None;
    }
    Some(forms)
}

/// A glob without wildcards as a text.
fn spelt(parts: &[GlobPart]) -> String {
    let literal = |part: &GlobPart| match part {
        GlobPart::Literal(text) => text.clone(),
        GlobPart::AnyCharacter | GlobPart::AnyCharacters => String::new(),
    };
    parts.iter().map(literal).collect()
}

/// A text whose dashes may be others.
fn dashed(reader: &mut Reader<'_>, key: &FieldKey, node: &Node, text: &str) -> Option<Vec<Pattern>> {
    let ways = dashes(reader, node, text)?;
    Some(ways.into_iter().map(|parts| whole(key, parts)).collect())
}

fn dashes(reader: &mut Reader<'_>, node: &Node, text: &str) -> Option<Vec<Vec<GlobPart>>> {
    let ways = encode::dashed(&value::glob(text));
    if ways.is_none() {
        let most = encode::MOST_DASHES;
        let message =
            format!("`windash` writes at most {most} dashes of a value in all ways, and here are more");
        let found = Diagnostic::new(Code::TooManyValues, node.span, message);
        reader.push(found.help("look for its parts in values of their own, with `all`"));
    }
    ways
}

fn whole(key: &FieldKey, parts: Vec<GlobPart>) -> Pattern {
    value::glob_pattern(place(key.mode), parts, key.cased, None)
}

fn glob(reader: &mut Reader<'_>, key: &FieldKey, node: &Node, text: &str) -> Option<Pattern> {
    fits_type(reader, key, node, text)?;
    let number = node.scalar().is_some_and(|scalar| scalar.plain() == Plain::Number);
    let parts = if is_number(key, text) || number && compared_whole(key) {
        value::literal(&value::number(text))
    } else {
        value::glob(text)
    };
    Some(value::glob_pattern(place(key.mode), parts, key.cased, None))
}

/// True for a plain value of a number field: events hold numbers in one writing.
fn is_number(key: &FieldKey, text: &str) -> bool {
    key.kind == FieldType::Number && compared_whole(key) && finite(text).is_some()
}

/// True where a value is compared with a field that is no prose.
fn compared_whole(key: &FieldKey) -> bool {
    key.mode == Mode::Plain && key.kind != FieldType::Text
}

pub(super) fn finite(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// Where a value must stand.
pub(super) fn place(mode: Mode) -> Place {
    match mode {
        Mode::Contains => Place::Anywhere,
        Mode::StartsWith => Place::Start,
        Mode::EndsWith => Place::End,
        _ => Place::Whole,
    }
}

/// A plain value of a number or boolean field that no such field could equal.
fn fits_type(reader: &mut Reader<'_>, key: &FieldKey, node: &Node, text: &str) -> Option<()> {
    if key.mode != Mode::Plain || text.contains(['*', '?']) {
        return Some(());
    }
    let problem = match key.kind {
        FieldType::Number if finite(text).is_none() => "a number",
        // Case is ignored, and YAML writes `True` too.
        FieldType::Bool if !["true", "false"].iter().any(|known| known.eq_ignore_ascii_case(text)) => {
            "`true` or `false`"
        }
        _ => return Some(()),
    };
    let message = format!("`{}` holds {problem}, so it can never equal `{text}`", key.field);
    reader.error(Code::BadValue, node.span, message);
    None
}

fn words(reader: &mut Reader<'_>, key: &FieldKey, node: &Node, text: &str) -> Option<Pattern> {
    if !holds_word(text) {
        let message = format!("`{}` looks for words, and there is no letter or digit here", key.written);
        let found = Diagnostic::new(Code::NoToken, node.span, message);
        reader.push(found.help("use `contains` for signs"));
        return None;
    }
    if let Some(message) = too_many_words(key, text) {
        let found = Diagnostic::new(Code::TooManyWords, node.span, message);
        reader.push(found.help("leave out words that matter least, or look for them in tests of their own"));
        return None;
    }
    if let Some(asked) = key.fuzzy.filter(|asked| Spelling::slips(text, *asked) == 0) {
        too_short(reader, key, node, asked);
        return None;
    }
    Some(Pattern { kind: words_kind(key, text), cased: key.cased, entry: None })
}

/// The words of a value, as the key looks for them.
fn words_kind(key: &FieldKey, text: &str) -> PatternKind {
    let text = text.to_owned();
    match (key.mode, key.fuzzy) {
        (Mode::Near(reach), _) => PatternKind::Near { text, reach },
        (_, Some(slips)) if Spelling::slips(&text, slips) > 0 => PatternKind::Fuzzy { text, slips },
        _ => PatternKind::Words(text),
    }
}

/// A value too short for slips, or of letters in which they are not looked for.
fn too_short(reader: &mut Reader<'_>, key: &FieldKey, node: &Node, asked: u8) {
    let least = if asked == 1 { 5 } else { 8 };
    let message = format!(
        "`fuzzy{asked}` needs {least} Latin letters, not all the same, to tell slips from other words"
    );
    let found = Diagnostic::new(Code::TooShort, node.span, message);
    let without: Vec<&str> = key.written.split('|').filter(|part| !part.starts_with("fuzzy")).collect();
    reader.push(found.help(format!("look for it as it is in a test of its own, by `{}`", without.join("|"))));
}

/// What is wrong with more words than the stretch has in which they have to stand.
fn too_many_words(key: &FieldKey, text: &str) -> Option<String> {
    let Mode::Near(reach) = key.mode else { return None };
    let (words, most) = (token::tokens(text).count(), usize::from(reach) + 1);
    let message = || format!("`near{reach}` looks at {most} words at a time, and here are {words}");
    (words > most).then(message)
}

fn expression(reader: &mut Reader<'_>, key: &FieldKey, node: &Node, text: &str) -> Option<Pattern> {
    if text.is_empty() {
        reader.error(Code::EmptyValue, node.span, "an empty expression is found in every value");
        return None;
    }
    // A block scalar ends with a line break that nobody means to match.
    let text = text.strip_suffix('\n').unwrap_or(text);
    if let Err(error) = regex::check(text) {
        let found = regex_error(reader, node, error);
        reader.push(found);
        return None;
    }
    let kind = PatternKind::Regex(regex::with_flags(text, &key.flags));
    Some(Pattern { kind, cased: key.cased, entry: None })
}

fn regex_error(reader: &Reader<'_>, node: &Node, error: RegexError) -> Diagnostic {
    let span = reader.part(node, error.range);
    let limit = regex::MAX_REPEAT;
    match error.kind {
        RegexErrorKind::Syntax(message) => {
            Diagnostic::new(Code::BadRegex, span, format!("the regular expression cannot be read: {message}"))
        }
        RegexErrorKind::LookAround => {
            let found =
                Diagnostic::new(Code::RegexLookAround, span, "look-ahead and look-behind are not supported");
            found.help(
                "put what must not be there into a selection of its own, and say `not` in the condition",
            )
        }
        RegexErrorKind::BackReference => {
            let found = Diagnostic::new(Code::RegexBackReference, span, "back-references are not supported");
            found.help("spell out the alternatives")
        }
        RegexErrorKind::Repeat => {
            let found = Diagnostic::new(
                Code::RegexTooLarge,
                span,
                format!("repeat counts may be at most {limit}, nested ones multiplied"),
            );
            found.help("a smaller count, or `*` or `+`, usually finds the same")
        }
        RegexErrorKind::Size => {
            let message = "compiled, the regular expression is larger than 4 MiB";
            let found = Diagnostic::new(Code::RegexTooLarge, span, message);
            found.help("use smaller repeat counts, `[a-z]` instead of `\\w`, or `phrase` for a list of texts")
        }
    }
}

/// The entries of the list that a placeholder names. They are literal: wildcards in them are plain signs.
fn entries(reader: &mut Reader<'_>, key: &FieldKey, node: &Node) -> Option<Arc<[Pattern]>> {
    let text = text(reader, key, node)?;
    let name = text.strip_prefix('%').and_then(|rest| rest.strip_suffix('%'));
    let Some(name) = name.filter(|name| !name.is_empty() && !name.contains('%')) else {
        bad_placeholder(reader, node, text);
        return None;
    };
    let lists = reader.lists;
    let Some(list) = lists.get(name) else {
        let found = Diagnostic::new(Code::UnknownList, node.span, format!("no list `{name}` was found"));
        let found = found.help(format!("lists are files; this one would be `lists/{name}.txt`"));
        let at = text.find(name).unwrap_or(0);
        let span = reader.part(node, at..at + name.len());
        let found = suggest(found, span, name, lists.iter().map(|list| &**list.name()));
        reader.push(found);
        return None;
    };
    if list.state() == State::Expired {
        lint::list(reader, list, node);
        return Some(Arc::default());
    }
    if list.entries().is_empty() {
        reader.error(Code::EmptyList, node.span, format!("the list `{name}` holds no entry"));
        return None;
    }
    let number = key.kind == FieldType::Number;
    let way =
        Expanded { list: list.name().clone(), mode: key.mode, fuzzy: key.fuzzy, cased: key.cased, number };
    if let Some((_, known)) = reader.expanded.iter().find(|(known, _)| *known == way) {
        return Some(known.clone());
    }
    lint::list(reader, list, node);
    let long = list.entries().iter().find_map(|entry| Some((&entry.id, too_many_words(key, &entry.text)?)));
    if let Some((id, message)) = long {
        let message = format!("{message} (in entry {id} of the list `{name}`)");
        reader.error(Code::TooManyWords, node.span, message);
        return None;
    }
    let no_network = |entry: &&super::list::Entry| super::network::parse(&entry.text).is_none();
    if let Some(entry) = list.entries().iter().find(no_network).filter(|_| key.mode == Mode::Network) {
        let message = format!("entry {} of the list `{name}` is no network", entry.id);
        reader.error(Code::BadNetwork, node.span, message);
        return None;
    }
    let patterns: Arc<[_]> = list.entries().iter().filter_map(|entry| listed(key, list, entry)).collect();
    if patterns.is_empty() {
        let message = format!("no entry of the list `{name}` holds a word");
        reader.error(Code::NoToken, node.span, message);
        return None;
    }
    reader.expanded.push((way, patterns.clone()));
    Some(patterns)
}

fn bad_placeholder(reader: &mut Reader<'_>, node: &Node, text: &str) {
    let message = "`expand` takes the name of a list between percent signs";
    let found = Diagnostic::new(Code::BadPlaceholder, node.span, message);
    let bare = text.trim_matches('%');
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    reader.push(if !bare.is_empty() && bare.chars().all(plain) {
        found.fix(node.span, format!("'%{bare}%'"), "write it so")
    } else {
        found.help("it stands alone, as in `'%apps%'`: nothing can be put before or behind it")
    });
}

/// An entry of a list as a pattern. None if it holds no word where words are looked for.
fn listed(key: &FieldKey, list: &List, entry: &super::list::Entry) -> Option<Pattern> {
    let shown = ListEntry { list: list.name().clone(), entry: entry.id.clone() };
    if key.mode.is_words() {
        let kind = words_kind(key, &entry.text);
        return holds_word(&entry.text).then_some(Pattern { kind, cased: key.cased, entry: Some(shown) });
    }
    if key.mode == Mode::Network {
        let kind = PatternKind::Network(super::network::parse(&entry.text)?);
        return Some(Pattern { kind, cased: key.cased, entry: Some(shown) });
    }
    let number = is_number(key, &entry.text).then(|| value::number(&entry.text));
    let parts = value::literal(number.as_deref().unwrap_or(&entry.text));
    Some(value::glob_pattern(place(key.mode), parts, key.cased, Some(shown)))
}

pub(super) fn holds_word(text: &str) -> bool {
    token::tokens(text).next().is_some()
}
