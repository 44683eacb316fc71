//! A pattern compiled for the views in which it is read, and what selects it.

use super::coarse::{Coarse, Order};
use super::glob::{Glob, Letters};
use super::literal;
use super::regexes::{RegexBuilder, RegexId};
use super::stream::{Depth, StreamLiteral};
use super::tokens::Sequence;
use super::{CompileCode, EntryId, Limits};
use crate::event::{FieldId, FieldType};
use crate::rule::model::{self, GlobPart, PatternKind, Place, Views};
use crate::text::skeleton::{Reading, Script};
use crate::text::{View, fold, lower};
use ipnet::IpNet;

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
    /// Proposed by a lane or an index; if not, it is tried on every value.
    pub(crate) proposed: bool,
}

/// How a pattern reads a value: in each view that it is read in.
#[derive(Debug)]
pub(crate) enum Matcher {
    Glob(Forms<Glob>),
    Words(Words),
    Regex(Forms<RegexId>),
    Network(IpNet),
}

/// Words: the form for each of the plain views, and what stands for all the others.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) plain: Forms<Sequence>,
    pub(crate) coarse: Option<Coarse>,
}

/// The form of a pattern for each view, none for a view that it is not read in.
#[derive(Debug)]
pub(crate) struct Forms<T> {
    pub(crate) raw: Option<T>,
    pub(crate) folded: Option<T>,
}

impl<T> Forms<T> {
    fn each(&self) -> impl Iterator<Item = &T> {
        self.raw.iter().chain(&self.folded)
    }
}

/// What proposes a pattern for a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Proposal {
    /// Nothing: it has to be tried.
    None,
    /// Nothing: it is found in no text, as a phrase that is too short to be joined.
    Never,
    /// A value that is this, in lower case.
    Exact(String),
    /// A value that is an address of this network.
    Network(IpNet),
    /// One of these in the substring lane.
    Substring(Vec<String>),
    /// One of these literals of words.
    Words(WordLiterals),
}

/// What selects a pattern of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WordLiterals {
    /// In the stream; it finds what any view holds.
    pub(crate) stream: Vec<StreamLiteral>,
    /// Bytes of the shortest that a plain view looks for, as it is written, folded; none if it is read in no such view.
    written: Option<usize>,
    /// The readings that it is looked for in.
    pub(crate) depth: Depth,
    /// Of words near each other each that is long enough to be looked up, as the stream holds it in whatever view it stands:
    /// where one is nowhere, the pattern is not.
    pub(crate) words: Vec<Vec<StreamLiteral>>,
}

/// Which plain views a pattern is read in.
#[derive(Debug, Clone, Copy)]
struct PlainViews {
    raw: bool,
    folded: bool,
}

/// A field as a pattern sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub(crate) kind: FieldType,
    pub(crate) views: Views,
    /// [`Limits::slips`].
    pub(crate) slips: bool,
}

/// Compiles a pattern for a field.
pub(crate) fn compile(
    pattern: &model::Pattern,
    field: Field,
    regexes: &mut RegexBuilder<'_>,
) -> Result<(Matcher, Proposal), (CompileCode, String)> {
    match &pattern.kind {
        PatternKind::Words(text) | PatternKind::Fuzzy { text, .. } | PatternKind::Near { text, .. } => {
            Ok(words(text, Order::of(&pattern.kind), pattern.cased, field))
        }
        PatternKind::Glob { place, parts } => {
            Ok(glob(*place, parts, pattern.cased, reading(pattern, field)?, field.kind))
        }
        PatternKind::Network(network) => Ok((Matcher::Network(*network), Proposal::Network(*network))),
        PatternKind::Regex(source) => {
            regex(source, reading(pattern, field)?, regexes).map_err(|message| (CompileCode::Regex, message))
        }
    }
}

/// What the substring lane holds of a test's pattern, for people: nothing of words, which are looked up as they are.
pub(crate) fn searched_by(pattern: &model::Pattern, test: &model::Test, limits: &Limits) -> Vec<String> {
    let field = Field { kind: test.kind, views: test.views, slips: limits.slips };
    match compile(pattern, field, &mut RegexBuilder::new(limits)) {
        Ok((_, Proposal::Substring(literals))) => literals,
        _ => Vec::new(),
    }
}

/// The views in which parts of words are searched.
fn reading(pattern: &model::Pattern, field: Field) -> Result<PlainViews, (CompileCode, String)> {
    match views(pattern.cased, field) {
        Views::Automatic => Ok(PlainViews { raw: true, folded: true }),
        Views::Only(View::Raw) => Ok(PlainViews { raw: true, folded: false }),
        Views::Only(View::Folded) => Ok(PlainViews { raw: false, folded: true }),
        Views::Only(view) => Err((
            CompileCode::View,
            format!("only words are searched in the view `{view}`; use `word` or `phrase`, or another view"),
        )),
    }
}

/// The views that are meant: what is no text or minds case is read as it is written.
fn views(cased: bool, field: Field) -> Views {
    if field.kind != FieldType::Text || cased { Views::Only(View::Raw) } else { field.views }
}

fn glob(
    place: Place,
    parts: &[GlobPart],
    cased: bool,
    reading: PlainViews,
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

fn words(text: &str, order: Order, cased: bool, field: Field) -> (Matcher, Proposal) {
    let views = views(cased, field);
    let raw = matches!(views, Views::Automatic | Views::Only(View::Raw));
    let folded = matches!(views, Views::Automatic | Views::Only(View::Folded));
    let ordered = |sequence: Sequence| match order {
        Order::Row { .. } => Some(sequence),
        Order::Any { reach } => sequence.within(reach),
    };
    let raw = if raw { Sequence::raw(text, cased).and_then(ordered) } else { None };
    let folded = if folded { Sequence::folded(text).and_then(ordered) } else { None };
    let coarse = Coarse::new(text, views, order, field.slips);
    let plain = Forms { raw, folded };
    let stream = stream_literals(text, order, &plain, coarse.as_ref());
    let written = plain.each().map(|sequence| folded_length(sequence.looked_up())).min();
    let literals = WordLiterals {
        written,
        stream,
        depth: match &coarse {
            None => Depth::Plain,
            Some(coarse) if coarse.reads(Reading::Sequences) => Depth::Sequences,
            Some(_) => Depth::Symbols,
        },
        words: if order.is_row() { Vec::new() } else { each_word(&plain, coarse.as_ref()) },
    };
    let proposal = match views {
        Views::Only(View::Joined) if coarse.is_none() => Proposal::Never,
        _ if literals.are_long() => Proposal::Words(literals),
        _ => Proposal::None,
    };
    (Matcher::Words(Words { plain, coarse }), proposal)
}

/// What the stream holds wherever the words stand in any view: of those in a row all that `text` has, else one.
fn stream_literals(
    text: &str,
    order: Order,
    plain: &Forms<Sequence>,
    coarse: Option<&Coarse>,
) -> Vec<StreamLiteral> {
    let texts = match order {
        Order::Row { .. } => vec![text.to_owned(), fold::fold(text)],
        Order::Any { .. } => plain.each().map(|sequence| sequence.looked_up().concat()).collect(),
    };
    let mut literals = coarse.map(Coarse::literals).unwrap_or_default();
    for text in &texts {
        add_words(text, &mut literals);
    }
    literals
}

/// Adds what the stream holds of a text's words as words.
fn add_words(text: &str, literals: &mut Vec<StreamLiteral>) {
    for script in [Script::Other, Script::Latin] {
        let words = StreamLiteral::words(text, script);
        // What is found wherever a word begins is found where it is a word.
        let known = |words: &StreamLiteral| literals.iter().any(|known| known.covers(words));
        literals.extend(words.filter(|words| !known(words)));
    }
}

/// What the stream holds of each word that is long enough, if the words are as many in every view.
fn each_word(plain: &Forms<Sequence>, coarse: Option<&Coarse>) -> Vec<Vec<StreamLiteral>> {
    let plain_counts = plain.each().map(|sequence| sequence.tokens().len());
    let mut counts = plain_counts.chain(coarse.into_iter().flat_map(Coarse::word_counts));
    let words = counts.next().filter(|first| *first > 1 && counts.all(|count| count == *first));
    (0..words.unwrap_or_default()).filter_map(|word| one_word(word, plain, coarse)).collect()
}

/// What the stream holds of a word; none if any of it is too short to be looked up.
fn one_word(word: usize, plain: &Forms<Sequence>, coarse: Option<&Coarse>) -> Option<Vec<StreamLiteral>> {
    let mut stream: Vec<_> = coarse.into_iter().flat_map(|coarse| coarse.of_word(word)).collect();
    let mut written = usize::MAX;
    for token in plain.each().filter_map(|sequence| sequence.tokens().get(word..=word)) {
        written = written.min(folded_length(token));
        add_words(&token.concat(), &mut stream);
    }
    let mut lengths = stream.iter().map(StreamLiteral::len).chain([written]);
    lengths.all(|length| length >= literal::MIN_LITERAL).then_some(stream)
}

/// Bytes of words folded, with a space between each two.
fn folded_length(words: &[Box<str>]) -> usize {
    words.iter().map(|word| fold::fold(word).len() + 1).sum::<usize>().saturating_sub(1)
}

impl WordLiterals {
    /// Long enough to select by.
    fn are_long(&self) -> bool {
        self.written.or_else(|| self.looked_up()).is_some_and(|shortest| shortest >= literal::MIN_LITERAL)
    }

    /// Bytes of the shortest in the stream, which are fewer where letters are doubled; none if there are no words.
    fn looked_up(&self) -> Option<usize> {
        self.stream.iter().map(StreamLiteral::len).min()
    }

    /// How well they select.
    pub(super) fn quality(&self) -> Option<usize> {
        self.written.into_iter().chain(self.looked_up()).min().map(|shortest| shortest + 2)
    }
}

fn regex(
    source: &str,
    reading: PlainViews,
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
