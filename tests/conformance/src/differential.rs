//! The same rules over the same events, by two evaluators: by ours as they are written, by the other lowered to plain Sigma, and as they are
//! written, too, where plain Sigma has all of it.

use crate::generate;
use crate::known;
use crate::lower;
use crate::matcher::Matcher;
use fastrand::Rng;
use rsigma_eval::{Engine, JsonEvent};
use rsigma_parser::parse_sigma_yaml;
use serde_json::Value;
use std::collections::BTreeMap;
use wardline::event::{FieldTable, FieldType};
use wardline::rule::{self, Lists, Rule, SourceMap};
use wardline::ruleset::{Limits, RuleSet};

/// Events that each rule looks at.
const EVENTS: usize = 40;

/// Of a hundred pairs, so many at least have to be findings: else nothing is compared.
const LEAST_FOUND: usize = 10;

/// How many differences are shown.
const SHOWN: usize = 10;

#[derive(Default)]
struct Tally {
    pairs: usize,
    found: usize,
    lowered: usize,
    as_written: usize,
    known: BTreeMap<&'static str, usize>,
    differences: Vec<String>,
}

/// True if both find the same in at least so many pairs.
pub(crate) fn check(pairs: usize, seed: u64) -> bool {
    let mut rng = Rng::with_seed(seed);
    let mut tally = Tally::default();
    for number in 0.. {
        if tally.pairs >= pairs {
            break;
        }
        let rule = generate::rule(&mut rng, number);
        let events: Vec<Value> = (0..EVENTS).map(|_| generate::event(&mut rng)).collect();
        tally.compare(&rule, &events);
    }
    tally.report(pairs)
}

impl Tally {
    fn compare(&mut self, rule: &Value, events: &[Value]) {
        let checked = read(rule);
        let lowered = lower::lower(&checked);
        let lowered =
            lowered.map(|lowered| engine(&lowered).unwrap_or_else(|error| panic!("{lowered}: {error}")));
        // What it refuses as it is written, such as `all` beside a single value, it has lowered.
        let direct = is_plain(rule).then(|| engine(rule).ok()).flatten();
        let compiled = RuleSet::compile(vec![checked], &Limits::default()).expect("it says allow_unanchored");
        let mut ours = Matcher::new(compiled);
        self.lowered += usize::from(lowered.is_some());
        self.as_written += usize::from(direct.is_some());
        for event in events {
            let found = !ours.fired(event).is_empty();
            let materialised = lower::materialised(event, generate::TEXTS);
            let engines = [("lowered", &lowered, &materialised), ("as written", &direct, event)];
            for (how, engine, event) in engines {
                let Some(engine) = engine else { continue };
                self.pairs += 1;
                self.found += usize::from(found);
                let other = !engine.evaluate(&JsonEvent::borrow(event)).is_empty();
                if other != found {
                    self.differ(how, rule, event, found);
                }
            }
        }
    }

    fn differ(&mut self, how: &str, rule: &Value, event: &Value, found: bool) {
        if let Some(known) = known::explained(rule, event) {
            *self.known.entry(known).or_default() += 1;
            return;
        }
        let says = if found { "fires by ours alone" } else { "fires by rsigma-eval alone" };
        self.differences.push(format!("{says}, {how}:\n  {}\n  {event}", rule["detection"]));
    }

    fn report(self, wanted: usize) -> bool {
        for difference in self.differences.iter().take(SHOWN) {
            println!("{difference}");
        }
        println!(
            "pairs: {}, of which findings: {}; rules lowered: {}, as written: {}; differences: {} unexplained",
            self.pairs,
            self.found,
            self.lowered,
            self.as_written,
            self.differences.len()
        );
        for (name, times) in &self.known {
            println!("  {times} times: {name}");
        }
        let right = self.differences.is_empty()
            && self.pairs >= wanted
            && self.found * 100 >= self.pairs * LEAST_FOUND;
        if !right {
            println!("FAILED: wanted no difference in {wanted} pairs, {LEAST_FOUND} % of them findings");
        }
        right
    }
}

/// Our reading of a rule. The generator writes only what can be read.
fn read(document: &Value) -> Rule {
    let mut map = SourceMap::default();
    map.add("generated.yml", &document.to_string());
    let mut fields = FieldTable::canonical();
    fields.insert("seen", FieldType::Time);
    let mut loaded = rule::load(&map, &fields, &Lists::default());
    let errors = loaded.has_errors();
    assert!(!errors, "{document}: {:?}", loaded.diagnostics);
    loaded.rules.pop().expect("one rule")
}

fn engine(document: &Value) -> Result<Engine, String> {
    let collection = parse_sigma_yaml(&document.to_string()).map_err(|error| error.to_string())?;
    let mut engine = Engine::new();
    engine.add_collection(&collection).map_err(|error| error.to_string())?;
    Ok(engine)
}

/// True of a rule without anything of our own, and without parts of times that are compared by size.
fn is_plain(document: &Value) -> bool {
    let text = document["detection"].to_string();
    !["|phrase", "text.", "hour|gte", "month|lt"].iter().any(|own| text.contains(own))
}
