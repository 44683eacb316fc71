//! The rules that ship: sound, tested, mild, blind to nationality; and on the bundled trace they notice
//! exactly what the generator put there.
#![expect(clippy::expect_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "reads the files that it checks")]

use super::bench::Bench;
use super::files::below;
use super::golden::assert_file;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use wardline::engine::{self, Scratch, lint};
use wardline::event::{Batch, Decoder, FieldTable, Mapping};
use wardline::generate::{Generator, Label, LoadRules, LoadTraffic, Settings};
use wardline::rule::list::{List, Lists};
use wardline::rule::model::{Condition, Expectation, Level, Rule, Status};
use wardline::rule::{Correlation, Diagnostic, SourceMap, load};
use wardline::ruleset::{Limits, RuleSet};
use wardline::text::ordinary::Sample;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("readable")
}

fn lists() -> Lists {
    let mut lists = Lists::default();
    for path in below(&root().join("lists"), "txt") {
        let name = path.file_stem().expect("has a name").to_string_lossy().into_owned();
        lists.insert(List::parse(&name, &text(&path)).expect("a list"));
    }
    lists
}

/// Loads rules and correlations; any diagnostic at all, warnings included, fails.
fn loaded(map: &SourceMap) -> (Vec<Rule>, Vec<Correlation>) {
    let loaded = load(map, &FieldTable::canonical(), &lists());
    let told = told(map, &loaded.diagnostics);
    assert!(told.is_empty(), "{told:#?}");
    (loaded.rules, loaded.correlations)
}

fn rules_of(map: &SourceMap) -> Vec<Rule> {
    loaded(map).0
}

/// Diagnostics with their places.
fn told(map: &SourceMap, diagnostics: &[Diagnostic]) -> Vec<String> {
    let told = diagnostics.iter().map(|found| {
        let at = map.position(found.primary.span);
        let file = map.file(found.primary.span.file).map_or("", |file| file.name());
        format!("{file}:{}:{}: {}", at.line, at.column, found.message)
    });
    told.collect()
}

fn bundled_files() -> SourceMap {
    let mut map = SourceMap::default();
    for path in below(&root(), "yml") {
        map.add(&path.display().to_string(), &text(&path));
    }
    map
}

fn bundled() -> Vec<Rule> {
    rules_of(&bundled_files())
}

/// The rules in one set, ready to judge events.
struct Judge {
    rules: RuleSet,
    decoder: Decoder,
    batch: Batch,
    scratch: Scratch,
}

impl Judge {
    fn new(rules: Vec<Rule>) -> Judge {
        let rules = RuleSet::compile(rules, &Limits::default()).expect("compiles");
        let decoder = Decoder::new(rules.fields(), &Mapping::canonical(), None);
        Judge { rules, decoder, batch: Batch::default(), scratch: Scratch::new() }
    }

    /// Names of the rules that fire on an event; none if it cannot be decoded.
    fn fired(&mut self, payload: &[u8]) -> Option<BTreeSet<String>> {
        self.batch.clear();
        self.decoder.decode(0, payload, &mut self.batch).ok()?;
        let findings = engine::evaluate(&self.rules, &self.batch, &mut self.scratch);
        Some(findings.iter().map(|found| self.rules.rule(found.rule).name.clone()).collect())
    }

    fn rule(&self, name: &str) -> &Rule {
        self.rules.rules().iter().find(|rule| rule.name == name).expect("fired")
    }

    /// How grave a rule's findings are.
    fn level(&self, name: &str) -> Level {
        self.rule(name).level
    }

    /// Whether a rule publishes flags for reviewers.
    fn publishes(&self, name: &str) -> bool {
        let rule = self.rule(name);
        rule.status != Status::Shadow && rule.review.publish
    }
}

/// Runs the tests of the rules in files, as their authors do; what fails is shown.
fn assert_tests_pass(bench: &Bench, paths: &[&str]) {
    let output = bench.command(&[&["test"], paths].concat()).output().expect("runs");
    let told = [output.stdout, output.stderr].map(|told| String::from_utf8_lossy(&told).into_owned());
    assert!(output.status.success(), "{}", told.concat());
}

#[test]
fn every_bundled_rule_passes_its_own_tests() {
    let rules = root();
    assert_tests_pass(&Bench::new(), &[rules.to_str().expect("UTF-8")]);
}

#[test]
fn no_bundled_rule_finds_too_much_of_ordinary_chat_or_lacks_tests() {
    let map = bundled_files();
    let loaded = load(&map, &FieldTable::canonical(), &lists());
    let loaded_rules = (&*loaded.rules, &*loaded.correlations);
    let by = (&Sample::english(), &Limits::default());
    let told = told(&map, &lint::all(loaded_rules, &map, loaded.diagnostics, loaded.silences, by));
    assert!(told.is_empty(), "{told:#?}");
}

/// What is shown to nobody is found, kept and carried along for the correlations that take it in, or for nothing.
#[test]
fn whatever_is_not_shown_is_a_part_of_something() {
    let (rules, correlations) = loaded(&bundled_files());
    let parts = correlations.iter().flat_map(|correlation| &correlation.parts);
    let parts: BTreeSet<&str> = parts.map(|part| part.id.as_str()).collect();
    let hidden = rules.iter().filter(|rule| !rule.review.publish).map(|rule| (&rule.id, &rule.name));
    let also = correlations.iter().filter(|one| !one.review.publish).map(|one| (&one.id, &one.name));
    let idle: Vec<_> = hidden.chain(also).filter(|(id, _)| !parts.contains(id.as_str())).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn every_example_of_the_language_reference_passes_its_own_tests() {
    let page = text(&root().join("LANGUAGE.md"));
    let (mut map, bench) = (SourceMap::default(), Bench::new());
    for (number, block) in page.split("```yaml\n").skip(1).enumerate() {
        let rule = block.split("```").next().expect("a block has an end");
        assert!(rule.contains("\ntests:"), "example {number} has no tests");
        map.add(&format!("LANGUAGE.md, example {number}"), rule);
        bench.file(&format!("language/{number}.yml"), rule.as_bytes());
    }
    for list in below(&root().join("lists"), "txt") {
        let name = list.file_name().and_then(|name| name.to_str()).expect("UTF-8");
        bench.file(&format!("language/lists/{name}"), text(&list).as_bytes());
    }
    let (rules, correlations) = loaded(&map);
    let documents = page.lines().filter(|line| line.starts_with("title: ")).count();
    let filters = page.lines().filter(|line| *line == "filter:").count();
    assert_eq!(
        rules.len() + correlations.len() + filters,
        documents,
        "outside of yaml blocks there are none"
    );
    assert!(correlations.iter().all(|own| !own.tests.is_empty()), "a correlation has no tests");
    assert_tests_pass(&bench, &["language"]);
}

#[test]
fn every_bundled_rule_is_complete() {
    let taxonomy: BTreeSet<String> = [("g", 10), ("f", 6), ("m", 8)]
        .into_iter()
        .flat_map(|(group, count)| (1..=count).map(move |number| format!("indicator.{group}{number}")))
        .collect();
    let rules = bundled();
    assert!(rules.len() >= 36, "a few dozen rules, not {}", rules.len());
    for own in loaded(&bundled_files()).1 {
        let expects: BTreeSet<_> = own.tests.iter().map(|test| test.expect == Expectation::Match).collect();
        assert_eq!(expects, [false, true].into(), "{} needs a test of either kind", own.name);
        assert!(!own.tags.is_empty() && own.tags.iter().all(|tag| taxonomy.contains(tag)), "{}", own.name);
    }
    for rule in &rules {
        let expects: BTreeSet<_> = rule.tests.iter().map(|test| test.expect == Expectation::Match).collect();
        assert_eq!(expects, [false, true].into(), "{} needs a test of either kind", rule.name);
        assert!(!rule.tags.is_empty() && rule.tags.iter().all(|tag| taxonomy.contains(tag)), "{}", rule.name);
        assert!(!rule.event_types.is_empty() && !rule.allow_unanchored, "{}", rule.name);
    }
    for path in below(&root(), "yml") {
        let text = text(&path);
        let count = |key: &str| text.lines().filter(|line| line.starts_with(key)).count();
        for key in ["description: ", "falsepositives:", "level: "] {
            assert_eq!(count(key), count("title: "), "{key} in {}", path.display());
        }
        // A correlation looks at no events itself.
        assert_eq!(count("logsource: "), count("detection:"), "{}", path.display());
    }
}

#[test]
fn no_bundled_rule_looks_at_a_nationality() {
    for rule in bundled() {
        let mut fields = BTreeSet::new();
        for selection in &rule.detection.selections {
            fields.extend(selection.clause.tests().into_iter().map(|test| test.field.clone()));
        }
        let forbidden =
            |field: &&String| ["country", "tz_offset", "lang"].iter().any(|part| field.contains(part));
        assert_eq!(fields.iter().find(forbidden), None, "{}", rule.name);
        // The hour where somebody is may be a part of a case, and never a flag.
        let hour = fields.iter().any(|field| field.contains("hour_local"));
        assert!(!hour || !rule.review.publish, "{} flags by the hour", rule.name);
        assert!(!matches!(rule.detection.condition, Condition::Not(_)), "{} fires on all else", rule.name);
    }
}

/// A single sign is weak and looks like harmless talk now and then; nothing harmless is flagged by more than that.
#[test]
fn on_the_bundled_trace_risky_events_are_flagged_and_harmless_ones_seldom_and_low() {
    let mut judge = Judge::new(bundled());
    let mut generator = Generator::new(&Settings::bundled()).expect("valid");
    let (mut flags, mut shadow, mut dead, mut weak) = (BTreeMap::<String, u32>::new(), 0, 0, 0);
    for number in 0..Settings::BUNDLED_EVENTS {
        let mut event = Vec::new();
        let label = generator.next_into(&mut event).label;
        let fired = judge.fired(&event);
        let shown = || format!("event {number}, {label:?}: {}", String::from_utf8_lossy(&event));
        assert_eq!(fired.is_none(), label == Label::Broken, "{}", shown());
        dead += u32::from(fired.is_none());
        let (published, silent): (Vec<_>, Vec<_>) =
            fired.unwrap_or_default().into_iter().partition(|name| judge.publishes(name));
        let risky = matches!(label, Label::Risk(_));
        assert!(!risky || !published.is_empty(), "{}", shown());
        let grave = published.iter().find(|name| judge.level(name) > Level::Low);
        assert!(risky || grave.is_none(), "{grave:?} {}", shown());
        weak += u64::from(!risky && !published.is_empty());
        shadow += silent.len();
        for name in published {
            *flags.entry(name).or_default() += 1;
        }
    }
    assert!(weak * 100 <= Settings::BUNDLED_EVENTS, "{weak} harmless events have a weak sign");
    let total: u32 = flags.values().sum();
    let lines: Vec<_> = flags.iter().map(|(name, count)| format!("{name} {count}")).collect();
    let pinned = format!("{}\nflags {total}\nweak {weak}\nshadow {shadow}\ndead {dead}\n", lines.join("\n"));
    assert_file("tests/integration/bundled_rules/flags.txt", &pinned);
}

#[test]
fn benign_traffic_with_phrases_hits_the_load_rules_and_no_other_that_is_grave() {
    let load_rules = LoadRules::new(200, 5).expect("in range");
    let mut map = SourceMap::default();
    let documents: Vec<_> = (0..load_rules.count()).map(|index| load_rules.yaml(index)).collect();
    map.add("load.yml", &documents.join("---\n"));
    let mut judge = Judge::new(bundled().into_iter().chain(rules_of(&map)).collect());
    let load = Some(LoadTraffic { rules: load_rules, share: 0.1 });
    let settings = Settings { flagged: 0.0, bad: 0.0, load, seed: 3, ..Settings::default() };
    let mut generator = Generator::new(&settings).expect("valid");
    for _ in 0..5_000 {
        let mut event = Vec::new();
        let expected = match generator.next_into(&mut event).label {
            Label::Load(rule) => Some(load_rules.name(rule)),
            _ => None,
        };
        let mut fired = judge.fired(&event).expect("readable");
        fired.retain(|name| {
            judge.publishes(name) && (judge.level(name) > Level::Low || name.starts_with("load_"))
        });
        assert_eq!(fired, expected.into_iter().collect(), "{}", String::from_utf8_lossy(&event));
    }
}

/// Those are not bundled; but a fuzz target is only built by CI, and with rules that do not compile it finds nothing.
#[test]
fn the_rules_of_the_fuzz_target_compile() {
    let mut lists = Lists::default();
    lists.insert(List::parse("apps", "AppOne\nApp Two\n").expect("a list"));
    let mut map = SourceMap::default();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/targets/scan.yml");
    map.add("scan.yml", &text(&path));
    let loaded = load(&map, &FieldTable::canonical(), &lists);
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    let compiled = RuleSet::compile(loaded.rules, &Limits::default());
    assert!(compiled.is_ok(), "{:?}", compiled.err());
}
