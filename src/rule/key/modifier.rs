//! The modifiers after `|`: one table of all of them, with what each does.

use super::FieldKey;
use crate::event::TimePart;
use crate::rule::codes::Code;
use crate::rule::diagnostic::Diagnostic;
use crate::rule::encode::{Base64, Utf16};
use crate::rule::model::Comparison;
use crate::rule::reader::{Reader, listed, suggest};
use crate::rule::source::Span;

/// What a test does with its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rule) enum Mode {
    /// No modifier: the whole value.
    Plain,
    Contains,
    StartsWith,
    EndsWith,
    Regex,
    Exists,
    Compare(Comparison),
    /// An address of a network.
    Network,
    Word,
    Phrase,
    /// Words in any order, so many words apart at most.
    Near(u8),
}

impl Mode {
    /// It looks for words: its values are literal.
    pub(in crate::rule) fn is_words(self) -> bool {
        matches!(self, Mode::Word | Mode::Phrase | Mode::Near(_))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rule) enum Modifier {
    Mode(Mode),
    All,
    Cased,
    Expand,
    /// Slips are looked for: more of them with the second.
    Fuzzy(u8),
    /// A flag of `re`.
    Flag(char),
    /// None of the values.
    Neq,
    /// The values name other fields.
    FieldRef,
    /// A dash before a word may be another one, or a slash.
    Windash,
    /// How the values are encoded before Base64.
    Utf16(Utf16),
    Base64(Base64),
    /// A part of a time.
    Part(TimePart),
}

pub(in crate::rule) const MODIFIERS: &[(&str, Modifier)] = &[
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
    ("cidr", Modifier::Mode(Mode::Network)),
    ("neq", Modifier::Neq),
    ("fieldref", Modifier::FieldRef),
    ("windash", Modifier::Windash),
    ("base64", Modifier::Base64(Base64::Whole)),
    ("base64offset", Modifier::Base64(Base64::Within)),
    ("wide", Modifier::Utf16(Utf16::Little)),
    ("utf16le", Modifier::Utf16(Utf16::Little)),
    ("utf16be", Modifier::Utf16(Utf16::Big)),
    ("utf16", Modifier::Utf16(Utf16::Marked)),
    ("minute", Modifier::Part(TimePart::Minute)),
    ("hour", Modifier::Part(TimePart::Hour)),
    ("day", Modifier::Part(TimePart::Day)),
    ("week", Modifier::Part(TimePart::Week)),
    ("month", Modifier::Part(TimePart::Month)),
    ("year", Modifier::Part(TimePart::Year)),
];

/// Reads one modifier into the key; `mode` is the one so far that says how to search. False if it cannot be used.
pub(super) fn read(
    reader: &mut Reader<'_>,
    name: &str,
    span: Span,
    key: &mut FieldKey,
    mode: &mut Option<&'static str>,
) -> bool {
    let Some((name, modifier)) = MODIFIERS.iter().find(|(known, _)| *known == name) else {
        return unknown(reader, name, span);
    };
    let twice = match modifier {
        Modifier::Mode(new) => {
            key.mode = *new;
            mode.replace(name)
        }
        Modifier::All => std::mem::replace(&mut key.all, true).then_some(*name),
        Modifier::Cased => std::mem::replace(&mut key.cased, true).then_some(*name),
        Modifier::Expand => std::mem::replace(&mut key.expand, true).then_some(*name),
        Modifier::Neq => std::mem::replace(&mut key.negated, true).then_some(*name),
        Modifier::FieldRef => std::mem::replace(&mut key.fieldref, true).then_some(*name),
        Modifier::Windash => std::mem::replace(&mut key.windash, true).then_some(*name),
        Modifier::Utf16(_) if key.base64.is_some() => return behind_base64(reader, name, span),
        Modifier::Utf16(utf16) => key.utf16.replace(*utf16).map(Utf16::name),
        Modifier::Base64(base64) => key.base64.replace(*base64).map(Base64::name),
        Modifier::Part(part) => key.part.replace(*part).map(TimePart::name),
        Modifier::Fuzzy(slips) => {
            let before = key.fuzzy.replace(*slips);
            before.map(|before| if before == 1 { "fuzzy1" } else { "fuzzy2" })
        }
        Modifier::Flag(flag) => {
            let twice = key.flags.contains(*flag);
            key.flags.push(*flag);
            twice.then_some(*name)
        }
    };
    let Some(other) = twice else { return true };
    let message = if other == *name {
        format!("`{name}` stands twice")
    } else if matches!(modifier, Modifier::Mode(_) | Modifier::Fuzzy(_)) {
        format!("`{other}` and `{name}` both say how to search; only one can")
    } else {
        format!("of `{other}` and `{name}` only one can stand here")
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
        "ne" | "noteq" | "not_equal" | "notequal" => return fix(reader, found, span, "neq"),
        "ip" | "net" | "network" | "subnet" => return fix(reader, found, span, "cidr"),
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
    let all = || MODIFIERS.iter().map(|(name, _)| *name).filter(|name| name.len() > 1).collect::<Vec<_>>();
    reader.push(if bare { found.help(format!("the modifiers are {}", listed(&all()))) } else { found });
    false
}

fn fix(reader: &mut Reader<'_>, found: Diagnostic, span: Span, name: &str) -> bool {
    reader.push(found.fix(span, name, format!("it is called `{name}`")));
    false
}

/// `base64|wide`: the text has to be encoded first.
fn behind_base64(reader: &mut Reader<'_>, name: &str, span: Span) -> bool {
    let message = format!("`{name}` says how the text is written before `base64`, and stands behind it");
    let found = Diagnostic::new(Code::ModifierConflict, span, message);
    reader.push(
        found.help(format!("modifiers apply from left to right: write `{name}|base64offset|contains`")),
    );
    false
}
