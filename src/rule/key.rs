//! The key of a test: a field, its view, and the modifiers after `|`.

mod fits;
mod modifier;
mod values;

pub(super) use modifier::Mode;
pub(super) use values::{Values, modifiers};

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::encode::{Base64, Utf16};
use super::model::Views;
use super::reader::{Reader, nearest};
use super::source::Span;
use super::synonym;
use super::syntax::Key;
use crate::event::{FieldType, TimePart};
use crate::text::View;

/// A key, understood.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a modifier that stands there or does not")]
pub(super) struct FieldKey {
    /// Dotted path without view; empty for keywords (`'|all'`).
    pub(super) field: String,
    pub(super) kind: FieldType,
    pub(super) views: Views,
    pub(super) mode: Mode,
    pub(super) all: bool,
    pub(super) cased: bool,
    pub(super) expand: bool,
    /// `fuzzy1` or `fuzzy2`, or none.
    pub(super) fuzzy: Option<u8>,
    /// Flags of `re`, such as `i`.
    pub(super) flags: String,
    /// None of the values, not any.
    pub(super) negated: bool,
    /// The values name fields.
    pub(super) fieldref: bool,
    pub(super) windash: bool,
    pub(super) utf16: Option<Utf16>,
    pub(super) base64: Option<Base64>,
    /// The part of a time that is compared.
    pub(super) part: Option<TimePart>,
    /// The key in the file, and the text in it: for fixes.
    pub(super) span: Span,
    pub(super) written: String,
}

impl FieldKey {
    /// The key of keywords: every text field is searched.
    pub(super) fn keywords(span: Span) -> FieldKey {
        FieldKey {
            field: String::new(),
            kind: FieldType::Text,
            views: Views::Automatic,
            mode: Mode::Contains,
            all: false,
            cased: false,
            expand: false,
            fuzzy: None,
            flags: String::new(),
            negated: false,
            fieldref: false,
            windash: false,
            utf16: None,
            base64: None,
            part: None,
            span,
            written: String::new(),
        }
    }

    /// A value stands for several patterns, of which any has to be found.
    pub(super) fn has_forms(&self) -> bool {
        self.windash || self.base64.is_some()
    }

    /// The key without its view, as it would be written.
    fn without_view(&self) -> String {
        let modifiers = self.written.split_once('|').map_or("", |(_, modifiers)| modifiers);
        format!("{}|{modifiers}", self.field)
    }

    /// The key with its way of searching replaced, as it would be written.
    pub(super) fn rewritten(&self, mode: &str) -> String {
        let modes = |part: &&str| {
            !modifier::MODIFIERS
                .iter()
                .any(|(name, m)| name == part && matches!(m, modifier::Modifier::Mode(_)))
        };
        let mut parts = self.written.split('|');
        let field = parts.next().unwrap_or_default();
        let rest: Vec<_> = parts.filter(modes).collect();
        [&[field, mode], rest.as_slice()].concat().join("|")
    }
}

/// Reads a key. None if it cannot be used, which is then reported.
pub(super) fn read(reader: &mut Reader<'_>, key: &Key) -> Option<FieldKey> {
    let (path, modifiers) = match key.text.split_once('|') {
        Some((path, modifiers)) => (path, Some(modifiers)),
        None => (&*key.text, None),
    };
    let mut read = FieldKey::keywords(key.span);
    read.written = key.text.to_string();
    if !path.is_empty() {
        read.mode = Mode::Plain;
        field(reader, key, path, &mut read)?;
    } else if modifiers.is_none() {
        reader.error(Code::BadField, key.span, "a field's name is missing");
        return None;
    }
    let mut sound = true;
    let mut mode = None;
    let mut at = path.len() + 1;
    for name in modifiers.map(|all| all.split('|')).into_iter().flatten() {
        let span = part(reader, key, at, name.len());
        at += name.len() + 1;
        sound &= modifier::read(reader, name, span, &mut read, &mut mode);
    }
    if read.fuzzy.is_some() && mode.is_none() {
        read.mode = Mode::Phrase;
    }
    sound &= fits::consistent(reader, &read, mode.is_some());
    sound.then_some(read)
}

/// The place of a part of the key; the whole key if it is written with escapes.
fn part(reader: &Reader<'_>, key: &Key, at: usize, length: usize) -> Span {
    let written = reader.map.text(key.span);
    let found = super::syntax::locate(written, key.style, &key.text, at..at + length);
    found.map_or(key.span, |range| key.span.within(range))
}

fn field(reader: &mut Reader<'_>, key: &Key, path: &str, read: &mut FieldKey) -> Option<()> {
    let span = part(reader, key, 0, path.len());
    if path.contains(char::is_whitespace) || path.split('.').any(str::is_empty) {
        let message =
            format!("`{path}` is no field: a field is a dotted path without spaces, such as `sender.id`");
        reader.error(Code::BadField, span, message);
        return None;
    }
    path.clone_into(&mut read.field);
    read.kind = reader.fields.type_of(path);
    if reader.fields.contains(path) {
        return Some(());
    }
    let with_view = path.rsplit_once('.').and_then(|(base, view)| Some((base, View::from_name(view)?)));
    if let Some((base, view)) = with_view.filter(|(base, _)| reader.fields.contains(base)) {
        return viewed(reader, base, view, span, read);
    }
    if let Some(base) = text_above(reader, path) {
        return below_text(reader, base, path, span);
    }
    match with_view {
        Some((base, view)) => unknown_base(reader, base, view, span),
        None => resembling(reader, path, span),
    }
    Some(())
}

/// The known text field that the path leads below.
fn text_above<'p>(reader: &Reader<'_>, path: &'p str) -> Option<&'p str> {
    let bases = path.match_indices('.').filter_map(|(at, _)| path.get(..at));
    let is_text =
        |base: &&str| reader.fields.contains(base) && reader.fields.type_of(base) == FieldType::Text;
    bases.into_iter().find(is_text)
}

/// `text.fold`: a text has views and what the tables say, and nothing else.
fn below_text(reader: &mut Reader<'_>, base: &str, path: &str, span: Span) -> Option<()> {
    let name = path.get(base.len() + 1..).unwrap_or_default();
    let found = Diagnostic::new(Code::UnknownView, span, format!("the text `{base}` has no view `{name}`"));
    let fields = reader.fields;
    let mut below: Vec<&str> = View::ALL.into_iter().map(View::name).collect();
    below.extend(fields.iter().filter_map(|(field, _)| field.strip_prefix(base)?.strip_prefix('.')));
    let meant = nearest(name, below.into_iter());
    reader.push(if let Some(view) = meant {
        found.fix(span, format!("{base}.{view}"), format!("did you mean `{base}.{view}`?"))
    } else {
        let joined = if base == "text" { ", `text.joined`" } else { "" };
        let views = format!("`{base}.raw`, `{base}.folded`, `{base}.skeleton`{joined} and `{base}.squashed`");
        found.help(format!("its views are {views}; `{base}` alone reads those that are safe"))
    });
    None
}

/// `message.folded`: only a text has views, and this field is not known to be one.
fn unknown_base(reader: &mut Reader<'_>, base: &str, view: View, span: Span) {
    let message =
        format!("no table has the field `{base}`, so `{base}.{view}` is no view of it, but a keyword");
    let found = Diagnostic::new(Code::UnknownField, span, message);
    reader.push(match meant(reader, base) {
        Some(known) => found.fix(span, format!("{known}.{view}"), format!("did you mean `{known}.{view}`?")),
        None => found.help("add it to the configuration's fields as a text if it is meant"),
    });
}

/// `text.folded` and its like.
fn viewed(reader: &mut Reader<'_>, base: &str, view: View, span: Span, read: &mut FieldKey) -> Option<()> {
    let kind = reader.fields.type_of(base);
    if kind != FieldType::Text {
        let message = format!("`{base}` is a {kind}, and only a text has the view `{view}`");
        reader.push(Diagnostic::new(Code::ViewOnOtherType, span, message).fix(
            span,
            base,
            "leave the view out",
        ));
        return None;
    }
    if view == View::Joined && base != "text" {
        let message =
            format!("`{base}` has no view `{view}`: only messages follow one another, and `text` is theirs");
        reader.push(Diagnostic::new(Code::UnknownView, span, message).fix(span, base, "leave the view out"));
        return None;
    }
    base.clone_into(&mut read.field);
    read.kind = kind;
    read.views = Views::Only(view);
    Some(())
}

fn resembling(reader: &mut Reader<'_>, path: &str, span: Span) {
    let Some(near) = meant(reader, path) else { return };
    let message = format!("no table has the field `{path}`, so it is read as a keyword");
    let found = Diagnostic::new(Code::UnknownField, span, message);
    let label = format!("did you mean `{near}`?");
    reader.push(found.fix(span, near, label));
}

/// The known field that a name which is none resembles, or, in a rule about chat, is usually called so elsewhere.
pub(super) fn meant(reader: &Reader<'_>, path: &str) -> Option<String> {
    let near = reader.fields.iter().map(|(name, _)| name).find(|known| one_slip(path, known));
    let named = || synonym::meant(reader.fields, path).filter(|_| reader.chat);
    near.map(str::to_owned).or_else(named)
}

/// True if one part of the path is a known field's with a slip. Short parts differ too easily: `ip` is not `id`.
fn one_slip(path: &str, known: &str) -> bool {
    let pairs = path.split('.').zip(known.split('.'));
    let mut differing = pairs.filter(|(part, known)| part != known);
    let Some((part, known_part)) = differing.next() else { return false };
    let same_length = path.split('.').count() == known.split('.').count();
    let near = known_part.len() > 3 && nearest(part, std::iter::once(known_part)).is_some();
    same_length && near && differing.next().is_none()
}
