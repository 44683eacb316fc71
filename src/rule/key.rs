//! The key of a test: a field, its view, and the modifiers after `|`.
//!
//! One table holds every modifier with what it does; what this version does not read yet is in it too, so
//! that its author learns that and not "unknown".

mod values;

pub(super) use values::{Values, modifiers};

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::model::{Comparison, Views};
use super::reader::{Reader, nearest, suggest};
use super::source::Span;
use super::syntax::Key;
use crate::event::FieldType;
use crate::text::View;

/// What a test does with its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// No modifier: the whole value.
    Plain,
    Contains,
    StartsWith,
    EndsWith,
    Regex,
    Exists,
    Compare(Comparison),
    Word,
    Phrase,
    /// Words in any order, so many words apart at most.
    Near(u8),
}

impl Mode {
    /// It looks for words: its values are literal.
    pub(super) fn is_words(self) -> bool {
        matches!(self, Mode::Word | Mode::Phrase | Mode::Near(_))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Modifier {
    Mode(Mode),
    All,
    Cased,
    Expand,
    /// Slips are looked for: more of them with the second.
    Fuzzy(u8),
    /// A flag of `re`.
    Flag(char),
    /// Known, and not read by this version.
    Later,
}

const MODIFIERS: &[(&str, Modifier)] = &[
    ("contains", Modifier::Mode(Mode::Contains)),
    ("startswith", Modifier::Mode(Mode::StartsWith)),
    ("endswith", Modifier::Mode(Mode::EndsWith)),
    ("re", Modifier::Mode(Mode::Regex)),
    ("exists", Modifier::Mode(Mode::Exists)),
    ("gt", Modifier::Mode(Mode::Compare(Comparison::Greater))),
    ("gte", Modifier::Mode(Mode::Compare(Comparison::GreaterOrEqual))),
    ("lt", Modifier::Mode(Mode::Compare(Comparison::Less))),
    ("lte", Modifier::Mode(Mode::Compare(Comparison::LessOrEqual))),
    ("word", Modifier::Mode(Mode::Word)),
    ("phrase", Modifier::Mode(Mode::Phrase)),
    ("near3", Modifier::Mode(Mode::Near(3))),
    ("near8", Modifier::Mode(Mode::Near(8))),
    ("fuzzy1", Modifier::Fuzzy(1)),
    ("fuzzy2", Modifier::Fuzzy(2)),
    ("all", Modifier::All),
    ("cased", Modifier::Cased),
    ("expand", Modifier::Expand),
    ("i", Modifier::Flag('i')),
    ("m", Modifier::Flag('m')),
    ("s", Modifier::Flag('s')),
    ("cidr", Modifier::Later),
    ("fieldref", Modifier::Later),
    ("base64", Modifier::Later),
    ("base64offset", Modifier::Later),
    ("wide", Modifier::Later),
    ("utf16", Modifier::Later),
    ("utf16le", Modifier::Later),
    ("utf16be", Modifier::Later),
    ("windash", Modifier::Later),
    ("neq", Modifier::Later),
    ("minute", Modifier::Later),
    ("hour", Modifier::Later),
    ("day", Modifier::Later),
    ("week", Modifier::Later),
    ("month", Modifier::Later),
    ("year", Modifier::Later),
];

/// Fields that later versions derive from a text.
const LATER_FIELDS: &[&str] = &["obfuscated"];

/// A key, understood.
#[derive(Debug, Clone)]
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
            span,
            written: String::new(),
        }
    }

    /// The key without its view, as it would be written.
    fn without_view(&self) -> String {
        let modifiers = self.written.split_once('|').map_or("", |(_, modifiers)| modifiers);
        format!("{}|{modifiers}", self.field)
    }

    /// The key with its way of searching replaced, as it would be written.
    pub(super) fn rewritten(&self, mode: &str) -> String {
        let modes =
            |part: &&str| !MODIFIERS.iter().any(|(name, m)| name == part && matches!(m, Modifier::Mode(_)));
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
        sound &= modifier(reader, name, span, &mut read, &mut mode);
    }
    if read.fuzzy.is_some() && mode.is_none() {
        read.mode = Mode::Phrase;
    }
    sound &= consistent(reader, &read, mode.is_some());
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
    if LATER_FIELDS.contains(&name) {
        let message = format!("`{path}` is not supported yet");
        reader.error(Code::NotSupportedYet, span, message);
        return None;
    }
    let found = Diagnostic::new(Code::UnknownView, span, format!("the text `{base}` has no view `{name}`"));
    let meant = nearest(name, View::ALL.into_iter().map(View::name));
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
    let known = reader.fields.iter().map(|(name, _)| name).find(|known| one_slip(base, known));
    reader.push(match known {
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
    let Some(near) = reader.fields.iter().map(|(name, _)| name).find(|known| one_slip(path, known)) else {
        return;
    };
    let message = format!("no table has the field `{path}`, so it is read as a keyword");
    let found = Diagnostic::new(Code::UnknownField, span, message);
    reader.push(found.fix(span, near, format!("did you mean `{near}`?")));
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

fn modifier(
    reader: &mut Reader<'_>,
    name: &str,
    span: Span,
    read: &mut FieldKey,
    mode: &mut Option<&'static str>,
) -> bool {
    let Some((name, modifier)) = MODIFIERS.iter().find(|(known, _)| *known == name) else {
        return unknown(reader, name, span);
    };
    let twice = match modifier {
        Modifier::Later => {
            reader.error(Code::NotSupportedYet, span, format!("the modifier `{name}` is not supported yet"));
            return false;
        }
        Modifier::Mode(new) => {
            read.mode = *new;
            mode.replace(name)
        }
        Modifier::All => std::mem::replace(&mut read.all, true).then_some(*name),
        Modifier::Cased => std::mem::replace(&mut read.cased, true).then_some(*name),
        Modifier::Expand => std::mem::replace(&mut read.expand, true).then_some(*name),
        Modifier::Fuzzy(slips) => {
            let before = read.fuzzy.replace(*slips);
            before.map(|before| if before == 1 { "fuzzy1" } else { "fuzzy2" })
        }
        Modifier::Flag(flag) => {
            let twice = read.flags.contains(*flag);
            read.flags.push(*flag);
            twice.then_some(*name)
        }
    };
    let Some(other) = twice else { return true };
    let message = if other == *name {
        format!("`{name}` stands twice")
    } else {
        format!("`{other}` and `{name}` both say how to search; only one can")
    };
    reader.error(Code::ModifierConflict, span, message);
    false
}

fn unknown(reader: &mut Reader<'_>, name: &str, span: Span) -> bool {
    let message = if name.is_empty() {
        "a modifier is missing after `|`".to_owned()
    } else {
        format!("there is no modifier `{name}`")
    };
    let found = Diagnostic::new(Code::UnknownModifier, span, message);
    let meant = match name.to_ascii_lowercase().as_str() {
        "equals" | "eq" | "is" | "exact" => Some("the whole value is compared when there is no modifier"),
        "not" => Some("negation belongs into the condition: `not` and the selection's name"),
        "regex" | "regexp" | "matches" => return fix(reader, found, span, "re"),
        "words" => return fix(reader, found, span, "word"),
        "in" | "any" | "or" => Some("a list of values already means any of them"),
        "nocase" | "ignorecase" => Some("case is ignored unless the key says `cased`"),
        _ => None,
    };
    let names = MODIFIERS.iter().map(|(known, _)| *known).filter(|known| known.len() > 1);
    let found = match meant {
        Some(help) => found.help(help),
        None => suggest(found, span, name, names),
    };
    let bare = found.fix.is_none() && found.help.is_empty();
    let all = "`contains`, `startswith`, `endswith`, `word`, `phrase`, `near3`, `near8`, `fuzzy1`, `fuzzy2`, `re`, `all`, `cased`, `exists`, `gt`, `gte`, `lt`, `lte`, `expand`";
    reader.push(if bare { found.help(format!("the modifiers are {all}")) } else { found });
    false
}

fn fix(reader: &mut Reader<'_>, found: Diagnostic, span: Span, name: &str) -> bool {
    reader.push(found.fix(span, name, format!("it is called `{name}`")));
    false
}

/// Modifiers and field type fit together.
fn consistent(reader: &mut Reader<'_>, read: &FieldKey, has_mode: bool) -> bool {
    let conflict = match read.mode {
        Mode::Exists if read.all || read.cased || read.expand => Some("`exists` stands alone"),
        Mode::Compare(_) if read.all || read.cased || read.expand => Some("a comparison stands alone"),
        mode if read.fuzzy.is_some() && !matches!(mode, Mode::Word | Mode::Phrase) => {
            Some("slips are looked for in words: `fuzzy1` and `fuzzy2` go with `word` and `phrase`")
        }
        _ if read.fuzzy.is_some() && read.cased => {
            Some("slips are looked for where capital letters do not matter, and `cased` says that they do")
        }
        Mode::Regex if read.expand => Some("`expand` takes in literal entries, `re` a regular expression"),
        Mode::Regex if read.cased && read.flags.contains('i') => {
            Some("`i` says that capital letters do not matter, `cased` that they do")
        }
        _ if read.cased && matches!(read.views, Views::Only(view) if view != View::Raw) => {
            Some("only the raw view has capital letters: `cased` needs `.raw`")
        }
        mode if mode != Mode::Regex && !read.flags.is_empty() => {
            Some("`i`, `m` and `s` are flags of `re`; elsewhere case is ignored unless the key says `cased`")
        }
        _ => None,
    };
    if let Some(message) = conflict {
        reader.error(Code::ModifierConflict, read.span, message);
        return false;
    }
    if read.field.is_empty() && has_mode && matches!(read.mode, Mode::Exists | Mode::Compare(_)) {
        reader.error(Code::BadField, read.span, "this modifier needs a field before `|`");
        return false;
    }
    fits_type(reader, read)
}

/// The modifier reads the view that is named.
fn fits_view(reader: &mut Reader<'_>, read: &FieldKey) -> bool {
    let Views::Only(view) = read.views else { return true };
    let what = match read.mode {
        Mode::Near(_) if matches!(view, View::Squashed | View::Joined) => "words near each other",
        _ if read.fuzzy.is_some() && view != View::Skeleton => "slips",
        _ => return true,
    };
    let found = Diagnostic::new(
        Code::ModifierInView,
        read.span,
        format!("{what} are not looked for in the view `{view}`"),
    );
    reader.push(found.fix(read.span, read.without_view(), "leave the view out"));
    false
}

fn fits_type(reader: &mut Reader<'_>, read: &FieldKey) -> bool {
    let (field, kind) = (&read.field, read.kind);
    if !fits_view(reader, read) {
        return false;
    }
    if read.views == Views::Only(View::Joined) && read.mode != Mode::Phrase {
        let message = "only phrases are searched in the view `joined`: use `phrase`";
        let found = Diagnostic::new(Code::WordsOnly, read.span, message);
        let help = "anything else stands in one message: use `text` for it";
        reader.push(if matches!(read.mode, Mode::Regex | Mode::Exists | Mode::Compare(_)) {
            found.help(help)
        } else {
            found.help(help).fix(read.span, read.rewritten("phrase"), "search it as a phrase")
        });
        return false;
    }
    if let Views::Only(view @ (View::Skeleton | View::Squashed)) = read.views
        && !read.mode.is_words()
        && read.mode != Mode::Exists
    {
        let message = format!("only words are searched in the view `{view}`: use `word` or `phrase`");
        let found = Diagnostic::new(Code::WordsOnly, read.span, message);
        let help =
            "letters cannot be told apart there, nor where words begin, so parts of words are found anywhere";
        let found = found.help(help);
        reader.push(if read.mode == Mode::Regex {
            found
        } else {
            found.fix(read.span, read.rewritten("phrase"), "search it as words")
        });
        return false;
    }
    let problem = match (read.mode, kind) {
        (Mode::Compare(_), FieldType::Time) => {
            let message = "comparing times is not supported yet";
            reader.error(Code::NotSupportedYet, read.span, message);
            return false;
        }
        (_, FieldType::Keyword) if read.fuzzy.is_some() => "only texts are searched with slips",
        (Mode::Compare(_), FieldType::Text | FieldType::Bool) => "only numbers can be compared by size",
        (mode, FieldType::Number | FieldType::Bool | FieldType::Time) if mode.is_words() => {
            "only texts and keywords have words"
        }
        _ => return true,
    };
    let article = if kind == FieldType::Number || kind == FieldType::Text { "a" } else { "of type" };
    let found = Diagnostic::new(
        Code::ModifierOnOtherType,
        read.span,
        format!("`{field}` is {article} {kind}: {problem}"),
    );
    reader.push(found);
    false
}
