//! Regular expressions: checked and capped when loaded, searched without allocation.
//!
//! A rule's expression is searched in candidates only, which are short and few, so what counts is the
//! memory of thousands of them and that a search never allocates behind our back. Each is therefore just
//! its NFA (a few kilobytes, against forty for `regex::Regex` with its pool of caches), run by a bounded
//! backtracker whose one cache all of them share in the engine's scratch; texts too long for it go to the
//! Pike VM. Both are linear in the text, but not cheap, some megabytes a second. So where every match begins with
//! one of a few literals, those are looked for first, and the engines begin where one stands: most values for which
//! an expression is proposed are refused by that alone. What begins otherwise is searched from the start of the value,
//! and many such expressions that share a literal cost their number times the text. The plain evaluator uses
//! `regex::Regex`, so a difference shows.

use super::Limits;
use crate::rule;
use regex_automata::nfa::thompson::{self, NFA, WhichCaptures, backtrack, pikevm};
use regex_automata::util::prefilter::Prefilter;
use regex_automata::util::syntax;
use regex_automata::{Input, MatchError, MatchKind};
use regex_syntax::hir::{Hir, HirKind};
use std::collections::HashMap;
use std::ops::Range;

/// Most memory of what finds where an expression may begin: as much as its NFA has.
const STARTS_BYTES: usize = 8 * 1024;

/// A compiled expression, by its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RegexId(u32);

/// All expressions of a rule set, equal ones once.
#[derive(Debug, Default)]
pub(crate) struct Regexes {
    compiled: Vec<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    /// Finds the literals that every match begins with.
    starts: Option<Prefilter>,
    short: backtrack::BoundedBacktracker,
    long: pikevm::PikeVM,
}

/// The state that searches need, kept by the engine.
#[derive(Debug, Default)]
pub(crate) struct RegexCache {
    short: Option<backtrack::Cache>,
    long: Option<pikevm::Cache>,
}

impl Regexes {
    /// The leftmost match.
    pub(crate) fn find(&self, id: RegexId, text: &str, cache: &mut RegexCache) -> Option<Range<usize>> {
        let Compiled { starts, short, long } = &self.compiled[id.0 as usize];
        let mut input = Input::new(text);
        if let Some(starts) = starts {
            // Most texts are refused here, before anything else of the expression is looked at.
            let first = starts.find(text.as_bytes(), input.get_span())?;
            input.set_start(first.start);
        }
        let mut slots = [None; 2];
        let short_cache = cache.short.get_or_insert_with(|| short.create_cache());
        match short.try_search_slots(short_cache, &input, &mut slots) {
            Ok(found) => found?,
            Err(error) => long_search(long, &input, cache, &mut slots, &error)?,
        };
        Some(slots[0]?.get()..slots[1]?.get())
    }
}

/// The backtracker's memory grows with the text; beyond its bound the Pike VM searches in constant memory.
fn long_search(
    long: &pikevm::PikeVM,
    input: &Input<'_>,
    cache: &mut RegexCache,
    slots: &mut [Option<regex_automata::util::primitives::NonMaxUsize>],
    _too_long: &MatchError,
) -> Option<regex_automata::PatternID> {
    let cache = cache.long.get_or_insert_with(|| long.create_cache());
    cache.reset(long);
    long.search_slots(cache, input, slots)
}

/// Collects the expressions of a rule set.
pub(crate) struct RegexBuilder<'a> {
    limits: &'a Limits,
    /// One for all: its tables cost more to set up than most expressions to compile.
    compiler: thompson::Compiler,
    /// By source: its forms (as written, folded) that differ.
    known: HashMap<String, Vec<(Hir, RegexId)>>,
    built: Regexes,
}

/// An expression as it was read: its id, and its syntax tree for the literals that it requires.
pub(crate) struct Parsed {
    pub(crate) id: RegexId,
    pub(crate) hir: Hir,
}

impl<'a> RegexBuilder<'a> {
    pub(crate) fn new(limits: &'a Limits) -> RegexBuilder<'a> {
        let config = thompson::Config::new()
            .nfa_size_limit(Some(limits.regex_bytes))
            .which_captures(WhichCaptures::Implicit)
            .shrink(false);
        let mut compiler = thompson::Compiler::new();
        compiler.configure(config);
        RegexBuilder { limits, compiler, known: HashMap::new(), built: Regexes::default() }
    }

    /// Compiles an expression as it is written. An error says why it cannot be, without its text.
    pub(crate) fn raw(&mut self, source: &str) -> Result<Parsed, String> {
        let hir = parse(source, false)?;
        self.add(source, hir)
    }

    /// Compiles an expression's folded form, if it has one.
    pub(crate) fn folded(&mut self, source: &str) -> Result<Option<Parsed>, String> {
        let hir = rule::regex::folded(&parse(source, true)?);
        hir.map(|hir| self.add(source, hir)).transpose()
    }

    /// Compiles a form of an expression, or finds it among those compiled.
    fn add(&mut self, source: &str, hir: Hir) -> Result<Parsed, String> {
        let readings = self.known.get(source).map_or(&[][..], Vec::as_slice);
        if let Some((_, id)) = readings.iter().find(|(known, _)| *known == hir) {
            return Ok(Parsed { id: *id, hir });
        }
        check_repeats(&hir, self.limits)?;
        let compiled = self.compile(&hir)?;
        let id =
            RegexId(u32::try_from(self.built.compiled.len()).map_err(|_| "too many regular expressions")?);
        self.built.compiled.push(compiled);
        self.known.entry(source.to_owned()).or_default().push((hir.clone(), id));
        Ok(Parsed { id, hir })
    }

    fn compile(&self, hir: &Hir) -> Result<Compiled, String> {
        let limit = self.limits.regex_bytes;
        let too_large =
            |_| format!("the regular expression compiles to more than {limit} bytes; shorten its repeats");
        let nfa: NFA = self.compiler.build_from_hir(hir).map_err(too_large)?;
        let starts = starts(hir);
        let config = backtrack::Config::new().prefilter(starts.clone());
        let short = backtrack::Builder::new().configure(config).build_from_nfa(nfa.clone());
        let config = pikevm::Config::new().prefilter(starts.clone());
        let long = pikevm::Builder::new().configure(config).build_from_nfa(nfa);
        Ok(Compiled { starts, short: short.map_err(too_large)?, long: long.map_err(too_large)? })
    }

    /// The collected expressions.
    pub(crate) fn finish(self) -> Regexes {
        self.built
    }
}

/// What finds the literals that every match begins with, if there are some and it is small.
fn starts(hir: &Hir) -> Option<Prefilter> {
    let starts = Prefilter::from_hir_prefix(MatchKind::LeftmostFirst, hir);
    starts.filter(|starts| starts.memory_usage() <= STARTS_BYTES)
}

fn parse(source: &str, any_case: bool) -> Result<Hir, String> {
    let config = syntax::Config::new().case_insensitive(any_case);
    syntax::parse_with(source, &config).map_err(|error| syntax_error(&error))
}

/// What is wrong with the expression's syntax, without its text: it may come from a confidential list.
fn syntax_error(error: &regex_syntax::Error) -> String {
    let (kind, at) = match error {
        regex_syntax::Error::Parse(error) => (error.kind().to_string(), error.span().start.offset),
        regex_syntax::Error::Translate(error) => (error.kind().to_string(), error.span().start.offset),
        _ => return "the regular expression cannot be read".to_owned(),
    };
    format!("the regular expression cannot be read at byte {at}: {kind}")
}

fn check_repeats(hir: &Hir, limits: &Limits) -> Result<(), String> {
    let count = repeats(hir);
    if count <= u64::from(limits.regex_repeat) {
        return Ok(());
    }
    Err(format!(
        "the regular expression repeats up to {count} times (nested counts multiplied); at most {} are allowed",
        limits.regex_repeat
    ))
}

/// The greatest product of counts along any nesting of bounded repeats.
fn repeats(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Repetition(repetition) => {
            let own = repetition.max.unwrap_or(repetition.min).max(1);
            u64::from(own).saturating_mul(repeats(&repetition.sub))
        }
        HirKind::Capture(capture) => repeats(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().map(repeats).max().unwrap_or(1),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_short_and_long_texts_alike() {
        let limits = Limits::default();
        let mut builder = RegexBuilder::new(&limits);
        let id = builder.folded(r"\bage\b.{0,9}\?").unwrap().unwrap().id;
        let regexes = builder.finish();
        let mut cache = RegexCache::default();
        assert_eq!(regexes.find(id, "your age now?", &mut cache), Some(5..13));
        assert_eq!(regexes.find(id, "your pages?", &mut cache), None);
        let long = format!("{} age ?", "a ".repeat(400_000));
        assert_eq!(regexes.find(id, &long, &mut cache), Some(800_001..800_006));
    }

    #[test]
    fn equal_forms_are_compiled_once() {
        let limits = Limits::default();
        let mut builder = RegexBuilder::new(&limits);
        for source in ["age", "age", "ag(e)", "\\d", "\\d"] {
            builder.raw(source).unwrap();
            builder.folded(source).unwrap();
        }
        let known: Vec<_> = ["age", "ag(e)", "\\d"].map(|source| builder.known[source].len()).into();
        assert_eq!((known, builder.finish().compiled.len()), (vec![1, 2, 1], 4));
    }

    #[test]
    fn what_costs_too_much_is_refused_with_the_reason() {
        let limits = Limits { regex_bytes: 4096, regex_repeat: 100, ..Limits::default() };
        let cases = [
            ("a(b", "cannot be read at byte 1: unclosed group"),
            ("(a{20}){10}", "repeats up to 200 times"),
            (r"\w{50}", "more than 4096 bytes"),
        ];
        for (source, expected) in cases {
            let error = RegexBuilder::new(&limits).raw(source).map(|_| ()).unwrap_err();
            assert!(error.contains(expected), "{source}: {error}");
        }
    }
}
