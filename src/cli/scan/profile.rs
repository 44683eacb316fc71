//! A profile for people: what all rules share, then the slowest rules, then the slowest patterns.
//!
//! A pattern is named by its rules, its field and its own text, cut where it is long; one from a list by its entry only.

use crate::cli::rules::count;
use crate::cli::written;
use crate::engine::profile::{self, Cost, Profile};
use crate::ruleset::{Demand, PatternId, RuleIndex, RuleSet};
use crate::text::visible;
use indicatif::HumanCount;
use std::time::Duration;

/// Most columns of a pattern's own text.
const MOST_COLUMNS: usize = 60;

/// The profile as text, at most so many `rows` of rules and of patterns.
pub(super) fn text(profile: &Profile, rules: &RuleSet, rows: usize) -> String {
    let total = profile.nanos();
    let shared = profile.shared_nanos();
    let mut lines = vec![
        format!("profile: {} in the engine, all threads together", time(total)),
        format!(
            "  {} ({}) shared by all rules: texts read and searched, candidates handed out",
            time(shared),
            share(shared, total)
        ),
    ];
    let rule_name = |rule: &RuleIndex| visible(&rules.rule(*rule).name);
    let table = Table { rows, total, all: rules.rules().len() };
    lines
        .extend(table.lines("rule", &profile.rules(), |rule, cost| (Some(cost.candidates), rule_name(rule))));
    let namer = Namer { rules, askers: profile::askers(rules) };
    let table = Table { all: rules.patterns().len(), ..table };
    lines.extend(table.lines("pattern", &profile.patterns(), |id, cost| {
        // Of a pattern that is tried anyway, a zero would say that it is rare.
        let candidates = rules.pattern(*id).proposed.then_some(cost.candidates);
        (candidates, namer.pattern(*id))
    }));
    lines.join("\n") + "\n"
}

/// How a table is cut, and what its shares are of.
struct Table {
    rows: usize,
    total: u64,
    /// Rules or patterns in all.
    all: usize,
}

impl Table {
    /// The table of `ranked`, whose candidates and names `describe` tells.
    fn lines<I>(
        &self,
        what: &str,
        ranked: &[(I, Cost)],
        describe: impl Fn(&I, &Cost) -> (Option<u64>, String),
    ) -> Vec<String> {
        let cells = ["time", "share", "candidates", "verifications", "matches"].map(str::to_owned);
        let mut lines = vec![line(&cells, what)];
        lines.extend(ranked.iter().take(self.rows).map(|(id, cost)| {
            let (candidates, name) = describe(id, cost);
            let number = |number| HumanCount(number).to_string();
            let cells = [
                time(cost.nanos),
                share(cost.nanos, self.total),
                candidates.map_or_else(|| "-".to_owned(), number),
                number(cost.verifications),
                number(cost.matches),
            ];
            line(&cells, &name)
        }));
        let rest = ranked.len().saturating_sub(self.rows);
        if rest > 0 {
            lines.push(format!("  … and {} that took no longer", count(rest, what)));
        }
        let idle = self.all.saturating_sub(ranked.len());
        if idle > 0 {
            lines.push(format!("  {} never asked for", count(idle, what)));
        }
        lines
    }
}

fn line([time, share, candidates, verifications, matches]: &[String; 5], name: &str) -> String {
    format!("  {time:>9}  {share:>7}  {candidates:>13}  {verifications:>13}  {matches:>13}  {name}")
}

/// Names patterns.
struct Namer<'r> {
    rules: &'r RuleSet,
    /// By test.
    askers: Vec<Vec<RuleIndex>>,
}

impl Namer<'_> {
    fn pattern(&self, id: PatternId) -> String {
        let pattern = self.rules.pattern(id);
        let Demand::Patterns(test) = &self.rules.tests[pattern.test.0 as usize].demand else {
            return String::new();
        };
        let fields = self.rules.fields();
        let field = written::field(fields.path(pattern.field), fields.type_of(pattern.field), test.views);
        let one = test.written.get((id.0 - test.patterns.start) as usize);
        let listed = one.is_some_and(|pattern| pattern.entry.is_some());
        let written = visible(&one.map(written::pattern).unwrap_or_default());
        let width = if listed { usize::MAX } else { MOST_COLUMNS };
        let written = console::truncate_str(&written, width, "…");
        format!("{}: {}: {written}", self.rules_of(&self.askers[pattern.test.0 as usize]), visible(&field))
    }

    /// The rules that ask for a test, in short.
    fn rules_of(&self, askers: &[RuleIndex]) -> String {
        let name = askers.first().map(|rule| visible(&self.rules.rule(*rule).name)).unwrap_or_default();
        match askers.len() {
            0 | 1 => name,
            more => format!("{name} and {} more", more - 1),
        }
    }
}

fn time(nanos: u64) -> String {
    format!("{:.1?}", Duration::from_nanos(nanos))
}

fn share(part: u64, total: u64) -> String {
    let tenths = u128::from(part) * 1_000 / u128::from(total.max(1));
    format!("{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::profile::Profiler;
    use crate::event::{FieldTable, Record};
    use crate::rule::list::List;
    use crate::rule::{self, Lists, SourceMap};
    use crate::ruleset::Limits;
    use crate::worker::stage::{MatchStage, Program, Reading, Settings};
    use std::cell::Cell;
    use std::sync::Arc;

    const RULES: &str = r"
{title: t, id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a02, name: app, detection: {s: {text|word|expand: '%apps%'}, condition: s}}
---
{title: t, id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a03, name: app_now, detection: {s: {text|word|expand: '%apps%'}, f: {text.folded|re: 'some (time|day),? (but not )?(to|any)(day|one) then'}, condition: s and not f}}
---
{title: t, id: 6f1f2a52-3c55-4a8e-9f6e-0b7f7a1d1a04, name: idle, detection: {s: {text|contains: absent}, condition: s}}
";

    fn profiled(rows: usize) -> String {
        let mut lists = Lists::default();
        lists.insert(List::parse("apps", "first\tAppOne\nsecond\tAppTwo\n").unwrap());
        let mut map = SourceMap::default();
        map.add("rules.yml", RULES);
        let loaded = rule::load(&map, &FieldTable::canonical(), &lists);
        assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
        let rules = RuleSet::compile(loaded.rules, &Limits::default()).unwrap();
        let program = Arc::new(Program::new(rules, &lists, &Reading::default()));
        let looks = Cell::new(0);
        let mut profiler = Profiler::new(program.rules(), || looks.replace(looks.get() + 1_000));
        let mut stage = MatchStage::new(Arc::clone(&program), Settings::default());
        let payload = Some(&br#"{"text":"see you on AppOne or AppTwo"}"#[..]);
        let topic = Arc::from("t");
        let record = Record { topic: &topic, partition: 0, offset: 0, timestamp: None, key: None, payload };
        stage.run_profiled(&[record], 0, &mut profiler);
        text(&profiler.into_profile(), program.rules(), rows)
    }

    #[test]
    fn the_slowest_rules_and_patterns_are_shown() {
        let expected = "\
profile: 16.0µs in the engine, all threads together
  2.0µs (12.5 %) shared by all rules: texts read and searched, candidates handed out
       time    share     candidates  verifications        matches  rule
      7.0µs   43.7 %              1              2              1  app
      7.0µs   43.7 %              1              1              1  app_now
  1 rule never asked for
       time    share     candidates  verifications        matches  pattern
      3.0µs   18.7 %              1              1              1  app and 1 more: text: apps#first
      2.0µs   12.5 %              1              1              1  app and 1 more: text: apps#second
      1.0µs    6.2 %              -              1              0  app_now: text.folded: the expression `some (time|day),? (but not )?(to|any)(day|o…
  1 pattern never asked for
";
        assert_eq!(profiled(20), expected);
    }

    #[test]
    fn what_is_not_shown_is_counted() {
        let expected = "\
profile: 16.0µs in the engine, all threads together
  2.0µs (12.5 %) shared by all rules: texts read and searched, candidates handed out
       time    share     candidates  verifications        matches  rule
      7.0µs   43.7 %              1              2              1  app
  … and 1 rule that took no longer
  1 rule never asked for
       time    share     candidates  verifications        matches  pattern
      3.0µs   18.7 %              1              1              1  app and 1 more: text: apps#first
  … and 2 patterns that took no longer
  1 pattern never asked for
";
        assert_eq!(profiled(1), expected);
    }
}
