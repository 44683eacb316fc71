//! A pattern compiled for the views in which it is read, and what selects it.

use super::glob::{Glob, Letters, lower};
use super::literal;
use super::regexes::{RegexBuilder, RegexId};
use super::tokens::Sequence;
use super::{CompileCode, EntryId};
use crate::event::{FieldId, FieldType};
use crate::rule::model::{self, GlobPart, PatternKind, Place, Views};
use crate::text::{View, fold};

/// A pattern of a test, by its index. Patterns of one test have consecutive indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PatternId(pub(crate) u32);

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) field: FieldId,
    pub(crate) test: super::TestId,
    pub(crate) entry: Option<EntryId>,
    pub(crate) matcher: Matcher,
    /// Proposed by a lane or the exact index; if not, it is tried on every value.
    pub(crate) proposed: bool,
}

/// How a pattern reads a value: in each view that it is read in.
#[derive(Debug)]
pub(crate) enum Matcher {
    Glob(Forms<Glob>),
    Tokens(Forms<Sequence>),
    Regex(Forms<RegexId>),
}

/// The form of a pattern for each view, none for a view that it is not read in.
#[derive(Debug)]
pub(crate) struct Forms<T> {
    pub(crate) raw: Option<T>,
    pub(crate) folded: Option<T>,
}

/// What proposes a pattern for a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Proposal {
    /// Nothing: it has to be tried.
    None,
    /// A value that is this, in lower case.
    Exact(String),
    /// One of these in the substring lane.
    Substring(Vec<String>),
    /// One of these in the token lane.
    Tokens(Vec<String>),
}

/// Which views a pattern is read in.
#[derive(Debug, Clone, Copy)]
struct Reading {
    raw: bool,
    folded: bool,
}

/// A field as a pattern sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub(crate) kind: FieldType,
    pub(crate) views: Views,
}

/// Compiles a pattern for a field.
pub(crate) fn compile(
    pattern: &model::Pattern,
    field: Field,
    regexes: &mut RegexBuilder<'_>,
) -> Result<(Matcher, Proposal), (CompileCode, String)> {
    let reading = reading(pattern, field)?;
    match &pattern.kind {
        PatternKind::Glob { place, parts } => Ok(glob(*place, parts, pattern.cased, reading, field.kind)),
        PatternKind::Words(text) => Ok(sequence(text, pattern.cased, reading)),
        PatternKind::Regex(source) => {
            regex(source, reading, regexes).map_err(|message| (CompileCode::Regex, message))
        }
    }
}

fn reading(pattern: &model::Pattern, field: Field) -> Result<Reading, (CompileCode, String)> {
    if field.kind != FieldType::Text || pattern.cased {
        return Ok(Reading { raw: true, folded: false });
    }
    match field.views {
        Views::Automatic => Ok(Reading { raw: true, folded: true }),
        Views::Only(View::Raw) => Ok(Reading { raw: true, folded: false }),
        Views::Only(View::Folded) => Ok(Reading { raw: false, folded: true }),
        Views::Only(view) => {
            Err((CompileCode::View, format!("the view `{view}` is not searched yet; use raw or folded")))
        }
    }
}

fn glob(
    place: Place,
    parts: &[GlobPart],
    cased: bool,
    reading: Reading,
    kind: FieldType,
) -> (Matcher, Proposal) {
    let raw = reading.raw.then(|| {
        if cased {
            Glob::new(place, parts, Letters::Exact)
        } else {
            Glob::new(place, &map_literals(parts, |text| text.chars().map(lower).collect()), Letters::Lowered)
        }
    });
    let folded = reading.folded.then(|| map_literals(parts, fold::fold));
    // A literal of nothing but dropped characters says nothing in the folded view.
    let folded = folded.filter(|parts| !parts.contains(&GlobPart::Literal(String::new())));
    let folded = folded.map(|parts| Glob::new(place, &parts, Letters::Exact));
    (Matcher::Glob(Forms { raw, folded }), glob_proposal(place, parts, kind))
}

fn map_literals(parts: &[GlobPart], map: impl Fn(&str) -> String) -> Vec<GlobPart> {
    let one = |part: &GlobPart| match part {
        GlobPart::Literal(text) => GlobPart::Literal(map(text)),
        other => other.clone(),
    };
    parts.iter().map(one).collect()
}

/// The whole value of a keyword is looked up; anything else is selected by its longest literal.
fn glob_proposal(place: Place, parts: &[GlobPart], kind: FieldType) -> Proposal {
    if let (Place::Whole, [GlobPart::Literal(text)], true) = (place, parts, kind != FieldType::Text) {
        return Proposal::Exact(text.chars().map(lower).collect());
    }
    let literals = parts.iter().filter_map(|part| match part {
        GlobPart::Literal(text) => literal::substring(text),
        _ => None,
    });
    match literals.max_by_key(String::len) {
        Some(longest) => Proposal::Substring(vec![longest]),
        None => Proposal::None,
    }
}

fn sequence(text: &str, cased: bool, reading: Reading) -> (Matcher, Proposal) {
    let raw = reading.raw.then(|| Sequence::raw(text, cased)).flatten();
    let folded = reading.folded.then(|| Sequence::folded(text)).flatten();
    let mut literals: Vec<String> = raw.iter().chain(&folded).map(Sequence::literal).collect();
    literals.dedup();
    let long = literals.iter().all(|literal| literal.trim_matches(' ').len() >= literal::MIN_LITERAL);
    let proposal = if long { Proposal::Tokens(literals) } else { Proposal::None };
    (Matcher::Tokens(Forms { raw, folded }), proposal)
}

fn regex(
    source: &str,
    reading: Reading,
    regexes: &mut RegexBuilder<'_>,
) -> Result<(Matcher, Proposal), String> {
    let raw = if reading.raw { Some(regexes.raw(source)?) } else { None };
    let folded = if reading.folded { regexes.folded(source)? } else { None };
    let required: Option<Vec<Vec<String>>> =
        raw.iter().chain(&folded).map(|parsed| literal::of_regex(&parsed.hir)).collect();
    let proposal = match required.map(|sets| sets.concat()) {
        Some(mut literals) => {
            literals.sort_unstable();
            literals.dedup();
            Proposal::Substring(literals)
        }
        None => Proposal::None,
    };
    let forms = Forms { raw: raw.map(|parsed| parsed.id), folded: folded.map(|parsed| parsed.id) };
    Ok((Matcher::Regex(forms), proposal))
}
