//! Whether the modifiers of a key go together, and with its field.

use super::FieldKey;
use super::modifier::Mode;
use crate::event::FieldType;
use crate::rule::codes::Code;
use crate::rule::diagnostic::Diagnostic;
use crate::rule::model::Views;
use crate::rule::reader::Reader;
use crate::text::View;

/// Modifiers and field type fit together.
pub(super) fn consistent(reader: &mut Reader<'_>, read: &FieldKey, has_mode: bool) -> bool {
    if let Some(message) = conflict(read).or_else(|| conflict_of_values(read)) {
        reader.error(Code::ModifierConflict, read.span, message);
        return false;
    }
    let needs_field = match read.mode {
        Mode::Exists | Mode::Compare(_) | Mode::Network => has_mode,
        _ => read.negated || read.fieldref || read.part.is_some(),
    };
    if read.field.is_empty() && needs_field {
        reader.error(Code::BadField, read.span, "this modifier needs a field before `|`");
        return false;
    }
    fits_type(reader, read)
}

/// What is wrong with the modifiers, whatever the field is.
fn conflict(read: &FieldKey) -> Option<&'static str> {
    let plain = !read.all && !read.cased && !read.expand;
    match read.mode {
        Mode::Exists if !plain || read.negated || read.part.is_some() => {
            Some("`exists` stands alone; for the opposite say `false`")
        }
        Mode::Compare(_) if !plain || read.negated => Some("a comparison stands alone"),
        Mode::Network if read.cased => {
            Some("an address has no capital letters: `cased` means nothing to `cidr`")
        }
        _ if read.negated && read.all => {
            Some("`neq` means none of the values already, so `all` says nothing, or something else")
        }
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
    }
}

/// The same of modifiers that say what the values are.
fn conflict_of_values(read: &FieldKey) -> Option<&'static str> {
    let whole_or_part = matches!(read.mode, Mode::Plain | Mode::Contains | Mode::StartsWith | Mode::EndsWith);
    let encoded = read.windash || read.utf16.is_some() || read.base64.is_some();
    if read.utf16.is_some() && read.base64.is_none() {
        return Some(
            "`wide` and its like say how a text is written before `base64` or `base64offset`, and none stands here",
        );
    }
    if encoded && !whole_or_part {
        return Some(
            "`windash`, `base64` and `base64offset` go with `contains`, `startswith`, `endswith` or none",
        );
    }
    if encoded && read.expand {
        return Some(
            "entries of a list are taken as they are: `expand` goes with neither `windash` nor `base64`",
        );
    }
    if read.fieldref && (!whole_or_part || encoded || read.expand || read.part.is_some()) {
        return Some("`fieldref` goes with `contains`, `startswith`, `endswith`, `neq`, `all` and `cased`");
    }
    if read.part.is_some()
        && (!matches!(read.mode, Mode::Plain | Mode::Compare(_)) || encoded || read.expand || read.cased)
    {
        return Some("a part of a time is a number: it goes with `gt`, `gte`, `lt`, `lte` and `neq`");
    }
    None
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
        (_, FieldType::Keyword) if read.fuzzy.is_some() => "only texts are searched with slips",
        (_, FieldType::Text | FieldType::Number | FieldType::Bool) if read.part.is_some() => {
            "only times have minutes, hours and days"
        }
        (Mode::Compare(_), FieldType::Text | FieldType::Bool) => {
            "only numbers and times can be compared by size"
        }
        (Mode::Network, FieldType::Text | FieldType::Number | FieldType::Bool | FieldType::Time) => {
            "only keywords hold addresses"
        }
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
