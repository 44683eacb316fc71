//! From checked rules to a rule set, all rules' errors at once.
//!
//! Two passes. The first turns each rule into a tree over shared tests and chooses its anchor. The second
//! knows which tests are anchors and enters only their literals and exact values into the lanes and the
//! index: a filter's literals cost nothing until a rule asks for the filter. Long lists are entered even
//! where they are no anchor, so that a list is never tried entry by entry.

use super::anchor::{self, Quality, Score, Tests};
use super::blame::{self, Known};
use super::enter::Entered;
use super::looks::Looks;
use super::pattern::{self, Proposal};
use super::regexes::RegexBuilder;
use super::types::EventTypes;
use super::{
    CompileCode, CompileError, Demand, EntryId, ExactIndex, Groups, Limits, NetworkIndex, Node, Pattern,
    PatternId, PatternTest, RuleIndex, RuleSet, Test, TestId, digest, order,
};
use crate::event::{FieldId, FieldSet, JOINED, intern_read};
use crate::rule::Rule;
use crate::rule::model::{self, Clause, Condition, ListEntry, Status};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// From so many patterns on, a test is entered into the lanes, whatever they are, whether or not it is an anchor. Words are
/// entered of every test, where texts of the field are looked through for such words anyway.
pub(crate) const LONG_LIST: usize = 16;

/// Event types whose purpose is to carry text: as good as every event to a rule about texts.
const MESSAGES: [&str; 3] = ["chat.message", "chat.edited", "transcript.segment"];

/// Compiles rules; see [`RuleSet::compile`].
pub(super) fn compile(rules: Vec<Rule>, limits: &Limits) -> Result<RuleSet, Vec<CompileError>> {
    let mut builder = Builder::new(&rules, limits);
    for (index, rule) in rules.iter().enumerate() {
        builder.add(index, rule);
    }
    builder.finish(rules)
}

/// A failure of the rule in hand.
type Failure = (CompileCode, String);

struct Builder<'a> {
    fields: FieldSet,
    entries: BTreeMap<ListEntry, EntryId>,
    types: EventTypes,
    tests: Vec<Test>,
    tests_by_key: HashMap<[u8; 32], TestId>,
    scores: Vec<Option<Score>>,
    patterns: Vec<Pattern>,
    proposals: Vec<Proposal>,
    regexes: RegexBuilder<'a>,
    limits: &'a Limits,
    conditions: Vec<Option<Node>>,
    selects: Vec<(u32, RuleIndex)>,
    by_type: Vec<(u32, RuleIndex)>,
    always: Vec<RuleIndex>,
    errors: Vec<CompileError>,
}

impl<'a> Builder<'a> {
    fn new(rules: &[Rule], limits: &'a Limits) -> Builder<'a> {
        Builder {
            fields: FieldSet::default(),
            entries: entries(rules),
            types: EventTypes::default(),
            tests: Vec::new(),
            tests_by_key: HashMap::new(),
            scores: Vec::new(),
            patterns: Vec::new(),
            proposals: Vec::new(),
            regexes: RegexBuilder::new(limits),
            limits,
            conditions: Vec::with_capacity(rules.len()),
            selects: Vec::new(),
            by_type: Vec::new(),
            always: Vec::new(),
            errors: Vec::new(),
        }
    }

    fn add(&mut self, index: usize, rule: &Rule) {
        if rule.status == Status::Retired {
            self.types.skip_rule();
            self.conditions.push(None);
            return;
        }
        let types = self.types.add_rule(&rule.event_types);
        let before = self.errors.len();
        let mut draft = Draft::new(index, rule);
        let node = self.condition(&mut draft, &rule.detection.condition);
        if self.errors.len() == before {
            self.select(&draft, &node, &types);
        }
        self.conditions.push(Some(node));
    }

    fn error(&mut self, rule: Option<usize>, (code, message): Failure) {
        self.errors.push(CompileError { rule, code, message, help: None, place: None });
    }

    /// Decides what makes the rule a candidate.
    fn select(&mut self, draft: &Draft<'_>, node: &Node, types: &[u32]) {
        let rule = draft.rule;
        let Ok(own) = u32::try_from(draft.index).map(RuleIndex) else {
            return self.error(Some(draft.index), too_many("rules"));
        };
        if anchor::score(node, self).is_some() {
            let mut tests = BTreeSet::new();
            anchor::collect(node, self, &mut tests);
            let tests = tests.iter().filter(|test| self.clause_of(**test).is_none());
            let pairs: Vec<_> = tests.map(|test| (test.0, own)).collect();
            self.selects.extend(pairs);
            return;
        }
        let rare_type = !rule.event_types.is_empty()
            && !rule.event_types.iter().any(|kind| MESSAGES.contains(&kind.as_str()));
        if draft.texts && !rule.allow_unanchored && !rare_type {
            let error = blame::unanchored(draft.index, rule, &Judged { builder: self, draft });
            return self.errors.push(error);
        }
        if rule.event_types.is_empty() {
            self.always.push(own);
        } else {
            self.by_type.extend(types.iter().map(|kind| (*kind, own)));
        }
    }

    fn condition(&mut self, draft: &mut Draft<'_>, condition: &Condition) -> Node {
        match condition {
            Condition::Selection(index) => self.selection(draft, *index),
            Condition::Not(inner) => Node::Not(Box::new(self.condition(draft, inner))),
            Condition::All(parts) => {
                Node::All(parts.iter().map(|part| self.condition(draft, part)).collect())
            }
            Condition::Any(parts) => {
                Node::Any(parts.iter().map(|part| self.condition(draft, part)).collect())
            }
        }
    }

    /// A selection, compiled when it is first asked for.
    fn selection(&mut self, draft: &mut Draft<'_>, index: usize) -> Node {
        if let Some(test) = draft.shared[index] {
            return Node::Test(test);
        }
        let clause = &draft.rule.detection.selections[index].clause;
        let node = self.clause(draft.index, clause);
        draft.scores[index] = anchor::score(&node, self);
        if draft.uses[index] < 2 {
            return node;
        }
        let shared = match node {
            Node::Test(test) => Ok(test),
            node => self.add_test(FieldId::TEXT, Demand::Clause(node), draft.scores[index]),
        };
        match shared {
            Ok(test) => {
                draft.shared[index] = Some(test);
                Node::Test(test)
            }
            Err(failure) => {
                self.error(Some(draft.index), failure);
                Node::Any(Box::default())
            }
        }
    }

    fn add_test(&mut self, field: FieldId, demand: Demand, score: Option<Score>) -> Result<TestId, Failure> {
        let id = TestId(u32::try_from(self.tests.len()).map_err(|_| too_many("tests"))?);
        self.tests.push(Test { field, demand });
        self.scores.push(score);
        Ok(id)
    }

    fn clause(&mut self, rule: usize, clause: &Clause) -> Node {
        match clause {
            Clause::Test(test) => match self.test(test) {
                Ok(id) => Node::Test(id),
                Err(failure) => {
                    self.error(Some(rule), failure);
                    Node::Any(Box::default())
                }
            },
            Clause::Not(inner) => Node::Not(Box::new(self.clause(rule, inner))),
            Clause::All(parts) => Node::All(parts.iter().map(|part| self.clause(rule, part)).collect()),
            Clause::Any(parts) => Node::Any(parts.iter().map(|part| self.clause(rule, part)).collect()),
        }
    }

    /// The test's id: an equal test's, if another rule has one.
    fn test(&mut self, test: &model::Test) -> Result<TestId, Failure> {
        let key = digest::key(test);
        if let Some(id) = self.tests_by_key.get(&key) {
            return Ok(*id);
        }
        let field = self.field(test).ok_or_else(|| too_many("fields"))?;
        let id = TestId(u32::try_from(self.tests.len()).map_err(|_| too_many("tests"))?);
        let (demand, quality) = match &test.demand {
            model::Demand::Exists(present) => (Demand::Exists(*present), None),
            model::Demand::Null => (Demand::Null, None),
            model::Demand::Compare(comparison, bound) => (Demand::Compare(*comparison, *bound), None),
            model::Demand::Time(time) => (Demand::Time(*time), None),
            model::Demand::Field(test) => {
                let other = self.fields.intern(&test.other, test.kind);
                let other = other.ok_or_else(|| too_many("fields"))?;
                (Demand::Field { other, test: test.clone() }, None)
            }
            model::Demand::AnyOf(patterns) => self.patterns(test, field, id, patterns, false)?,
            model::Demand::AllOf(patterns) => self.patterns(test, field, id, patterns, true)?,
        };
        let id = self.add_test(field, demand, quality.map(|quality| Score { quality, tests: 1 }))?;
        self.tests_by_key.insert(key, id);
        Ok(id)
    }

    /// The field whose values a test looks at; with a joined text comes what it is joined by.
    fn field(&mut self, test: &model::Test) -> Option<FieldId> {
        if test.path() == JOINED {
            intern_read(&mut self.fields)?;
        }
        self.fields.intern(test.path(), test.kind)
    }

    fn patterns(
        &mut self,
        test: &model::Test,
        field: FieldId,
        id: TestId,
        patterns: &Arc<[model::Pattern]>,
        all: bool,
    ) -> Result<(Demand, Option<Quality>), Failure> {
        let start = self.patterns.len();
        let place = pattern::Field { kind: test.kind, views: test.views, slips: self.limits.slips };
        for one in patterns.iter() {
            let compiled = pattern::compile(one, place, &mut self.regexes);
            let (matcher, proposal) = compiled.map_err(|(code, message)| (code, about(one, message)))?;
            let entry = one.entry.as_ref().and_then(|entry| self.entries.get(entry).copied());
            self.patterns.push(Pattern { field, test: id, entry, matcher, proposed: false });
            self.proposals.push(proposal);
        }
        let range = index(start)?..index(self.patterns.len())?;
        let (quality, trigger) = self.quality(start, all);
        let test = PatternTest {
            all,
            patterns: range,
            loose: Box::default(),
            trigger,
            written: Arc::clone(patterns),
            views: test.views,
        };
        Ok((Demand::Patterns(test), quality))
    }

    /// How well the patterns from `start` on select together; for `all`, by which one.
    fn quality(&self, start: usize, all: bool) -> (Option<Quality>, Option<PatternId>) {
        let first = u32::try_from(start).unwrap_or(u32::MAX);
        let own = self.proposals.get(start..).unwrap_or_default();
        let mut own = own.iter().zip(first..).map(|(one, id)| (quality(one), id));
        if !all && start == self.proposals.len() {
            // Nothing is looked for, as of a list that has expired: nothing is found.
            return (Some(Quality::EXACT), None);
        }
        if !all {
            let qualities: Option<Vec<Quality>> = own.map(|(quality, _)| quality).collect();
            return (qualities.and_then(|qualities| qualities.into_iter().min()), None);
        }
        let best =
            own.next().map(|first| own.fold(first, |best, next| if next.0 > best.0 { next } else { best }));
        best.map_or((None, None), |(quality, id)| (quality, Some(PatternId(id))))
    }

    fn finish(mut self, rules: Vec<Rule>) -> Result<RuleSet, Vec<CompileError>> {
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        let mut anchors = vec![false; self.tests.len()];
        for (test, _) in &self.selects {
            anchors[*test as usize] = true;
        }
        let mut entered = Entered::new(self.fields.iter().count());
        for (test, anchor) in self.tests.iter().zip(anchors) {
            if let Demand::Patterns(test) = &test.demand
                && (anchor || test.patterns.len() >= LONG_LIST)
            {
                entered.enter(test.patterns.clone(), &mut self.patterns, &self.proposals);
            }
        }
        for test in &self.tests {
            if let Demand::Patterns(test) = &test.demand {
                entered.enter_words(test.patterns.clone(), &mut self.patterns, &self.proposals);
            }
        }
        for test in &mut self.tests {
            if let Demand::Patterns(test) = &mut test.demand {
                let own = test.patterns.clone().map(PatternId);
                test.loose = own.filter(|id| !self.patterns[id.0 as usize].proposed).collect();
            }
        }
        order::order(&mut self.tests, &mut self.conditions);
        let Entered { plans, substring, stream, exact, networks } = entered;
        let digests: Vec<_> = rules.iter().map(digest::of_rule).collect();
        Ok(RuleSet {
            digest: digest::of_set(&digests),
            digests,
            fields: self.fields,
            entries: self.entries.into_keys().collect(),
            exact: ExactIndex::new(plans.len(), exact),
            networks: NetworkIndex::new(plans.len(), networks),
            plans,
            selects: Groups::new(self.tests.len(), self.selects),
            tests: self.tests,
            patterns: self.patterns,
            regexes: self.regexes.finish(),
            conditions: self.conditions,
            by_type: Groups::new(self.types.len(), self.by_type),
            types: self.types,
            always: self.always,
            substring: substring.substrings(&self.limits.windows),
            stream: stream.stream(),
            rules,
        })
    }
}

/// What is known of a rule while it is compiled.
struct Draft<'a> {
    index: usize,
    rule: &'a Rule,
    /// It looks for a text.
    texts: bool,
    /// By selection: how often the condition asks for it.
    uses: Vec<usize>,
    /// By selection: how well it selects, once it is compiled.
    scores: Vec<Option<Score>>,
    /// By selection: the test that stands for it, if it is asked for more than once.
    shared: Vec<Option<TestId>>,
}

impl<'a> Draft<'a> {
    fn new(index: usize, rule: &'a Rule) -> Draft<'a> {
        let selections = rule.detection.selections.len();
        let mut uses = vec![0; selections];
        count_uses(&rule.detection.condition, &mut uses);
        let (scores, shared) = (vec![None; selections], vec![None; selections]);
        Draft { index, rule, texts: Looks::of(rule).for_texts(), uses, scores, shared }
    }
}

fn count_uses(condition: &Condition, uses: &mut [usize]) {
    match condition {
        Condition::Selection(index) => uses[*index] += 1,
        Condition::Not(inner) => count_uses(inner, uses),
        Condition::All(parts) | Condition::Any(parts) => {
            for part in parts {
                count_uses(part, uses);
            }
        }
    }
}

impl Tests for Builder<'_> {
    fn score(&self, test: TestId) -> Option<Score> {
        self.scores[test.0 as usize]
    }

    fn clause_of(&self, test: TestId) -> Option<&Node> {
        match &self.tests[test.0 as usize].demand {
            Demand::Clause(node) => Some(node),
            _ => None,
        }
    }
}

/// A rule that nothing selects, with all that is known of its parts.
struct Judged<'a, 'b> {
    builder: &'a Builder<'b>,
    draft: &'a Draft<'a>,
}

impl Judged<'_, '_> {
    fn id(&self, test: &model::Test) -> Option<TestId> {
        self.builder.tests_by_key.get(&digest::key(test)).copied()
    }
}

impl Known for Judged<'_, '_> {
    fn selection(&self, index: usize) -> Option<Score> {
        self.draft.scores[index]
    }

    fn test(&self, test: &model::Test) -> Option<Score> {
        self.builder.scores[self.id(test)?.0 as usize]
    }

    fn unproposed(&self, test: &model::Test) -> Option<usize> {
        let Demand::Patterns(patterns) = &self.builder.tests[self.id(test)?.0 as usize].demand else {
            return None;
        };
        let own = patterns.patterns.start as usize..patterns.patterns.end as usize;
        self.builder.proposals.get(own)?.iter().position(|proposal| *proposal == Proposal::None)
    }
}

fn entries(rules: &[Rule]) -> BTreeMap<ListEntry, EntryId> {
    let mut found = BTreeSet::new();
    for selection in rules.iter().flat_map(|rule| &rule.detection.selections) {
        collect_entries(&selection.clause, &mut found);
    }
    found.into_iter().zip((0..).map(EntryId)).collect()
}

fn collect_entries(clause: &Clause, found: &mut BTreeSet<ListEntry>) {
    match clause {
        Clause::Not(inner) => collect_entries(inner, found),
        Clause::All(parts) | Clause::Any(parts) => {
            for part in parts {
                collect_entries(part, found);
            }
        }
        Clause::Test(test) => {
            if let model::Demand::AnyOf(patterns) | model::Demand::AllOf(patterns) = &test.demand {
                found.extend(patterns.iter().filter_map(|pattern| pattern.entry.clone()));
            }
        }
    }
}

fn quality(proposal: &Proposal) -> Option<Quality> {
    match proposal {
        Proposal::None => None,
        Proposal::Never | Proposal::Exact(_) | Proposal::Network(_) => Some(Quality::EXACT),
        Proposal::Substring(literals) => literals.iter().map(String::len).min().map(Quality::literal),
        Proposal::Words(literals) => literals.quality().map(Quality::literal),
    }
}

fn index(length: usize) -> Result<u32, Failure> {
    u32::try_from(length).map_err(|_| too_many("patterns"))
}

fn too_many(what: &str) -> Failure {
    (CompileCode::TooMany, format!("the rule set holds too many {what}"))
}

/// Names the list entry that a failure is about, never its text.
fn about(pattern: &model::Pattern, message: String) -> String {
    match &pattern.entry {
        Some(entry) => format!("{message} (in entry {} of list {})", entry.entry, entry.list),
        None => message,
    }
}
