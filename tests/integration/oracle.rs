//! The engine against the plain evaluator: generated rules over generated events must give the same
//! findings, spans included.
//!
//! Rules and events draw on one small vocabulary (letters that change length when folded, marks, invisible
//! characters, apostrophes, scripts without word spaces), and events also quote the rules' own literals in
//! altered spelling, so that patterns hit often and just miss often.
//!
//! The seed is fixed. `WARDLINE_ORACLE_SEED` (a number) and `WARDLINE_ORACLE_CASES` explore further.
#![expect(clippy::disallowed_methods, reason = "the seed and the number of cases may be overridden")]

mod generate;

use generate::{
    Case, case, disguised, holding_itself, long_text, misspelt, near_each_other, with_slips, written_rule,
};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use proptest::{prop_assert, prop_assert_eq};
use std::cell::{Cell, RefCell};
use wardline::engine::trace::Tracer;
use wardline::engine::{Scratch, evaluate, plain};
use wardline::event::{Batch, Decoder, FieldTable, Mapping};
use wardline::rule::{self, Lists, SourceMap};
use wardline::ruleset::{Limits, RuleSet};
use wardline::text::View;

/// Cases by default: each is up to a dozen rules over some tens of events.
const CASES: u32 = 2_000;
/// Fewest (rule, event) pairs that the default number of cases has to cover.
const MIN_PAIRS: usize = 200_000;

/// What the engine found, in the plain evaluator's terms.
fn engine_findings(rules: &RuleSet, batch: &Batch, scratch: &mut Scratch) -> Vec<plain::Finding> {
    let found = evaluate(rules, batch, scratch);
    let evidence = |one: &wardline::engine::Evidence| plain::Evidence {
        field: one.field,
        value: one.value,
        start: one.start as usize,
        end: one.end as usize,
        view: one.view,
        edits: one.edits,
        entry: one.entry.map(|entry| rules.entry(entry).clone()),
    };
    let finding = |one: wardline::engine::Finding<'_>| plain::Finding {
        row: one.row,
        rule: one.rule.0 as usize,
        evidence: one.evidence.iter().map(evidence).collect(),
    };
    found.iter().map(finding).collect()
}

#[derive(Default)]
struct Tally {
    pairs: Cell<usize>,
    findings: Cell<usize>,
    evidence: Cell<usize>,
    skeleton: Cell<usize>,
    squashed: Cell<usize>,
    misspelt: Cell<usize>,
    several: Cell<usize>,
}

impl Tally {
    fn add(&self, case: &Case, findings: &[plain::Finding]) {
        self.pairs.set(self.pairs.get() + case.rules.len() * case.events.len());
        self.findings.set(self.findings.get() + findings.len());
        let evidence = findings.iter().map(|finding| finding.evidence.len());
        self.evidence.set(self.evidence.get() + evidence.sum::<usize>());
        let pieces = || findings.iter().flat_map(|finding| &finding.evidence);
        self.misspelt.set(self.misspelt.get() + pieces().filter(|piece| piece.edits > 0).count());
        self.several.set(self.several.get() + pieces().filter(|piece| piece.edits > 1).count());
        self.skeleton
            .set(self.skeleton.get() + pieces().filter(|piece| piece.view == View::Skeleton).count());
        self.squashed
            .set(self.squashed.get() + pieces().filter(|piece| piece.view == View::Squashed).count());
    }
}

fn check(case: &Case, scratch: &mut Scratch) -> Result<Vec<plain::Finding>, TestCaseError> {
    let rules = RuleSet::compile(case.rules.clone(), &Limits::default());
    let rules = rules.map_err(|errors| TestCaseError::fail(format!("{errors:?}")))?;
    let decoder = Decoder::new(rules.fields(), &Mapping::canonical(), None);
    let mut all = Vec::new();
    // Two batches: what the first leaves behind must not disturb the second.
    for events in case.events.chunks(case.events.len().div_ceil(2).max(1)) {
        let mut batch = Batch::default();
        for (record, event) in (0..).zip(events) {
            let outcome = decoder.decode(record, event.to_string().as_bytes(), &mut batch);
            outcome.map_err(|error| TestCaseError::fail(error.to_string()))?;
        }
        let expected = plain::evaluate(rules.rules(), rules.fields(), &batch);
        let found = engine_findings(&rules, &batch, scratch);
        if found != expected {
            return Err(TestCaseError::fail(format!("engine: {found:#?}\nplain: {expected:#?}")));
        }
        all.extend(expected);
    }
    Ok(all)
}

/// Runs `check` on so many cases of a strategy, drawn by a seed. All share one scratch: what one rule set leaves behind must
/// not disturb the next.
fn explore<S: Strategy>(
    seed: [u8; 32],
    cases: u32,
    strategy: &S,
    check: impl Fn(S::Value, &mut Scratch) -> Result<(), TestCaseError>,
) {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 4_000, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let scratch = RefCell::new(Scratch::new());
    let outcome =
        TestRunner::new_with_rng(config, rng).run(strategy, |case| check(case, &mut scratch.borrow_mut()));
    if let Err(error) = outcome {
        panic!("seed {seed:?}: {error}");
    }
}

/// What was found in cases that all agree.
fn tally(seed: [u8; 32], cases: u32, strategy: &impl Strategy<Value = Case>) -> Tally {
    let tally = Tally::default();
    explore(seed, cases, strategy, |case, scratch| {
        let findings = check(&case, scratch)?;
        tally.add(&case, &findings);
        Ok(())
    });
    tally
}

/// Said without what the oracle shares with the engine: a text is made of its own words, and is found by its
/// own letters.
#[test]
fn a_text_holds_itself_in_every_view() {
    explore([7; 32], 400, &holding_itself(), |case, scratch| {
        let found = check(&case, scratch)?;
        let fired: Vec<_> = found.iter().map(|finding| finding.rule).collect();
        prop_assert_eq!(fired, (0..case.rules.len()).collect::<Vec<_>>());
        Ok(())
    });
}

/// Phrases in disguise, in the views that see through it.
#[test]
fn disguised_phrases_are_found_alike() {
    let tally = tally([11; 32], 800, &disguised());
    let (skeleton, squashed, misspelt) = (tally.skeleton.get(), tally.squashed.get(), tally.misspelt.get());
    println!("{skeleton} skeleton, {squashed} squashed, {misspelt} misspelt");
    assert!(skeleton >= 500 && squashed >= 1_000 && misspelt >= 30, "{skeleton}, {squashed}, {misspelt}");
}

/// Slips of the fingers, where squeezed letters part and come together.
#[test]
fn slips_are_found_alike() {
    let misspelt = tally([13; 32], 700, &misspelt()).misspelt.get();
    println!("{misspelt} misspelt");
    assert!(misspelt >= 1_000, "only {misspelt}");
}

/// Slips that were asked for by name.
#[test]
fn slips_by_name_are_found_alike() {
    let tally = tally([19; 32], 1_500, &with_slips());
    let (misspelt, several) = (tally.misspelt.get(), tally.several.get());
    println!("{misspelt} misspelt, {several} with several slips");
    assert!(misspelt >= 3_000 && several >= 500, "{misspelt}, {several}");
}

/// In whatever order, as often as they are asked for.
#[test]
fn words_near_each_other_are_found_alike() {
    let tally = tally([17; 32], 800, &near_each_other());
    let (found, skeleton) = (tally.evidence.get(), tally.skeleton.get());
    println!("{found} pieces, {skeleton} skeleton");
    assert!(found >= 5_000 && skeleton >= 500, "{found}, {skeleton}");
}

/// The engine searches them by another machine than short ones.
#[test]
fn long_texts_are_searched_like_short_ones() {
    explore([3; 32], 16, &long_text(), |case, scratch| check(&case, scratch).map(drop));
}

/// From the text of a rule to its finding: each finds the text that it quotes.
#[test]
fn written_rules_find_what_they_quote() {
    explore([5; 32], 600, &written_rule(), |(yaml, event), scratch| {
        let mut map = SourceMap::default();
        map.add("rule.yml", &yaml);
        let loaded = rule::load(&map, &FieldTable::canonical(), &Lists::default());
        prop_assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
        let case = Case { rules: loaded.rules, events: vec![event] };
        let found = check(&case, scratch)?;
        prop_assert_eq!(found.len(), 1);
        Ok(())
    });
}

/// What `explain` says of a rule is what the engine does with it, and its parts add up to that.
#[test]
fn an_explanation_agrees_with_the_engine() {
    let fired = Cell::new(0);
    explore([9; 32], 100, &case(), |case, scratch| {
        let case = Case { events: case.events.into_iter().take(1).collect(), ..case };
        let found = check(&case, scratch)?;
        fired.set(fired.get() + found.len());
        for (index, rule) in case.rules.iter().enumerate() {
            let tracer = Tracer::new(rule, &Limits::default());
            let tracer = tracer.map_err(|errors| TestCaseError::fail(format!("{errors:?}")))?;
            let decoder = Decoder::new(tracer.fields(), &Mapping::canonical(), None);
            let mut batch = Batch::default();
            let outcome = decoder.decode(0, case.events[0].to_string().as_bytes(), &mut batch);
            outcome.map_err(|error| TestCaseError::fail(error.to_string()))?;
            let trace = tracer.trace(&batch, 0);
            prop_assert_eq!(trace.fires, found.iter().any(|finding| finding.rule == index));
            let adds_up = trace.looks && trace.condition.holds;
            prop_assert_eq!(trace.fires, adds_up, "{:?}", trace);
        }
        Ok(())
    });
    assert!(fired.get() > 50, "only {} findings", fired.get());
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn engine_and_plain_evaluator_agree() {
    let seed = setting("WARDLINE_ORACLE_SEED").unwrap_or(1);
    let cases = setting("WARDLINE_ORACLE_CASES").and_then(|cases| u32::try_from(cases).ok());
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let tally = tally(bytes, cases.unwrap_or(CASES), &case());
    let (pairs, findings, evidence) = (tally.pairs.get(), tally.findings.get(), tally.evidence.get());
    let (skeleton, squashed) = (tally.skeleton.get(), tally.squashed.get());
    println!(
        "{pairs} pairs, {findings} findings, {evidence} pieces, {skeleton} skeleton, {squashed} squashed"
    );
    if cases.is_none() {
        assert!(pairs >= MIN_PAIRS, "only {pairs} pairs");
        assert!(findings * 50 >= pairs && findings * 2 <= pairs, "{findings} findings in {pairs} pairs");
        // What is found by `not` has none.
        assert!(evidence * 7 >= findings, "{evidence} pieces of evidence in {findings} findings");
    }
}
