//! From checked rules to a rule set, all rules' errors at once.
//!
//! Two passes. The first turns each rule into a tree over shared tests and chooses its anchor. The second
//! knows which tests are anchors and enters only their literals and exact values into the lanes and the
//! index: a filter's literals cost nothing until a rule asks for the filter. Long lists are entered even
//! where they are no anchor, so that a list is never tried entry by entry.

use super::anchor::{self, Quality};
use super::enter::Entered;
use super::pattern::{self, Proposal};
use super::regexes::RegexBuilder;
use super::types::EventTypes;
use super::{
    CompileCode, CompileError, Demand, EntryId, ExactIndex, Groups, Limits, Node, Pattern, PatternId,
    PatternTest, RuleIndex, RuleSet, Test, TestId, digest,
};
use crate::event::{FieldId, FieldSet, FieldType};
use crate::rule::Rule;
use crate::rule::model::{self, Clause, Condition, ListEntry, Status};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// From so many patterns on, a test is entered into the lanes whether or not it is an anchor.
const LONG_LIST: usize = 16;

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
    field_ids: HashMap<String, FieldId>,
    entries: BTreeMap<ListEntry, EntryId>,
    types: EventTypes,
    tests: Vec<Test>,
    tests_by_key: HashMap<Vec<u8>, TestId>,
    qualities: Vec<Option<Quality>>,
    patterns: Vec<Pattern>,
    proposals: Vec<Proposal>,
    regexes: RegexBuilder<'a>,
    conditions: Vec<Option<Node>>,
    selects: Vec<(u32, RuleIndex)>,
    by_type: Vec<(u32, RuleIndex)>,
    always: Vec<RuleIndex>,
    errors: Vec<CompileError>,
}

impl<'a> Builder<'a> {
    fn new(rules: &[Rule], limits: &'a Limits) -> Builder<'a> {
        let fields = FieldSet::default();
        let field_ids = fields.iter().map(|(id, path, _)| (path.to_owned(), id)).collect();
        Builder {
            fields,
            field_ids,
            entries: entries(rules),
            types: EventTypes::default(),
            tests: Vec::new(),
            tests_by_key: HashMap::new(),
            qualities: Vec::new(),
            patterns: Vec::new(),
            proposals: Vec::new(),
            regexes: RegexBuilder::new(limits),
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
        let mut texts = false;
        let node = self.condition(index, &rule.detection.condition, &rule.detection, &mut texts);
        if self.errors.len() == before {
            self.select(index, rule, &node, texts, &types);
        }
        self.conditions.push(Some(node));
    }

    fn error(&mut self, rule: usize, (code, message): Failure) {
        self.errors.push(CompileError { rule, code, message });
    }

    /// Decides what makes the rule a candidate.
    fn select(&mut self, index: usize, rule: &Rule, node: &Node, texts: bool, types: &[u32]) {
        let Ok(own) = u32::try_from(index).map(RuleIndex) else {
            return self.error(index, too_many("rules"));
        };
        if let Some(anchor) = anchor::choose(node, &|test| self.qualities[test.0 as usize]) {
            self.selects.extend(anchor.tests.iter().map(|test| (test.0, own)));
            return;
        }
        let rare_type = !rule.event_types.is_empty()
            && !rule.event_types.iter().any(|kind| MESSAGES.contains(&kind.as_str()));
        if texts && !rule.allow_unanchored && !rare_type {
            return self.error(index, unanchored());
        }
        if rule.event_types.is_empty() {
            self.always.push(own);
        } else {
            self.by_type.extend(types.iter().map(|kind| (*kind, own)));
        }
    }

    fn condition(
        &mut self,
        rule: usize,
        condition: &Condition,
        detection: &model::Detection,
        texts: &mut bool,
    ) -> Node {
        match condition {
            Condition::Selection(index) => self.clause(rule, &detection.selections[*index].clause, texts),
            Condition::Not(inner) => Node::Not(Box::new(self.condition(rule, inner, detection, texts))),
            Condition::All(parts) => {
                Node::All(parts.iter().map(|part| self.condition(rule, part, detection, texts)).collect())
            }
            Condition::Any(parts) => {
                Node::Any(parts.iter().map(|part| self.condition(rule, part, detection, texts)).collect())
            }
        }
    }

    fn clause(&mut self, rule: usize, clause: &Clause, texts: &mut bool) -> Node {
        match clause {
            Clause::Test(test) => {
                *texts |= test.kind == FieldType::Text;
                match self.test(test) {
                    Ok(id) => Node::Test(id),
                    Err(failure) => {
                        self.error(rule, failure);
                        Node::Any(Box::default())
                    }
                }
            }
            Clause::All(parts) => {
                Node::All(parts.iter().map(|part| self.clause(rule, part, texts)).collect())
            }
            Clause::Any(parts) => {
                Node::Any(parts.iter().map(|part| self.clause(rule, part, texts)).collect())
            }
        }
    }

    /// The test's id: an equal test's, if another rule has one.
    fn test(&mut self, test: &model::Test) -> Result<TestId, Failure> {
        let key = digest::key(test);
        if let Some(id) = self.tests_by_key.get(&key) {
            return Ok(*id);
        }
        let field = self.field(&test.field, test.kind)?;
        let id = TestId(u32::try_from(self.tests.len()).map_err(|_| too_many("tests"))?);
        let (demand, quality) = match &test.demand {
            model::Demand::Exists(present) => (Demand::Exists(*present), None),
            model::Demand::Null => (Demand::Null, None),
            model::Demand::Compare(comparison, bound) => (Demand::Compare(*comparison, *bound), None),
            model::Demand::AnyOf(patterns) => self.patterns(test, field, id, patterns, false)?,
            model::Demand::AllOf(patterns) => self.patterns(test, field, id, patterns, true)?,
        };
        self.tests.push(Test { field, demand });
        self.qualities.push(quality);
        self.tests_by_key.insert(key, id);
        Ok(id)
    }

    fn field(&mut self, path: &str, kind: FieldType) -> Result<FieldId, Failure> {
        if let Some(id) = self.field_ids.get(path) {
            return Ok(*id);
        }
        let id = self.fields.intern(path, kind).ok_or_else(|| too_many("fields"))?;
        self.field_ids.insert(path.to_owned(), id);
        Ok(id)
    }

    fn patterns(
        &mut self,
        test: &model::Test,
        field: FieldId,
        id: TestId,
        patterns: &[model::Pattern],
        all: bool,
    ) -> Result<(Demand, Option<Quality>), Failure> {
        let start = self.patterns.len();
        let place = pattern::Field { kind: test.kind, views: test.views };
        for one in patterns {
            let compiled = pattern::compile(one, place, &mut self.regexes);
            let (matcher, proposal) = compiled.map_err(|(code, message)| (code, about(one, message)))?;
            let entry = one.entry.as_ref().and_then(|entry| self.entries.get(entry).copied());
            self.patterns.push(Pattern { field, test: id, entry, matcher, proposed: false });
            self.proposals.push(proposal);
        }
        let range = index(start)?..index(self.patterns.len())?;
        let (quality, trigger) = self.quality(start, all);
        let test = PatternTest { all, patterns: range, loose: Box::default(), trigger };
        Ok((Demand::Patterns(test), quality))
    }

    /// How well the patterns from `start` on select together; for `all`, by which one.
    fn quality(&self, start: usize, all: bool) -> (Option<Quality>, Option<PatternId>) {
        let mut own = (0u32..).zip(&self.proposals).skip(start).map(|(id, one)| (quality(one), id));
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
        for (test, anchor) in self.tests.iter_mut().zip(anchors) {
            if let Demand::Patterns(test) = &mut test.demand {
                if anchor || test.patterns.len() >= LONG_LIST {
                    entered.enter(test.patterns.clone(), &mut self.patterns, &self.proposals);
                }
                let own = test.patterns.clone().map(PatternId);
                test.loose = own.filter(|id| !self.patterns[id.0 as usize].proposed).collect();
            }
        }
        let Entered { plans, substring, token, exact } = entered;
        let lanes = substring.finish().and_then(|substring| Ok((substring, token.finish()?)));
        let Ok((substring, token)) = lanes else {
            let (code, message) = too_many("literals");
            return Err(vec![CompileError { rule: 0, code, message }]);
        };
        let digests: Vec<_> = rules.iter().map(digest::of_rule).collect();
        Ok(RuleSet {
            digest: digest::of_set(&digests),
            digests,
            fields: self.fields,
            entries: self.entries.into_keys().collect(),
            exact: ExactIndex::new(plans.len(), exact),
            plans,
            selects: Groups::new(self.tests.len(), self.selects),
            tests: self.tests,
            patterns: self.patterns,
            regexes: self.regexes.finish(),
            conditions: self.conditions,
            by_type: Groups::new(self.types.len(), self.by_type),
            types: self.types,
            always: self.always,
            substring,
            token,
            rules,
        })
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
        Proposal::Exact(_) => Some(Quality::EXACT),
        Proposal::Substring(literals) | Proposal::Tokens(literals) => {
            literals.iter().map(String::len).min().map(Quality::literal)
        }
    }
}

fn index(length: usize) -> Result<u32, Failure> {
    u32::try_from(length).map_err(|_| too_many("patterns"))
}

fn too_many(what: &str) -> Failure {
    (CompileCode::TooMany, format!("the rule set holds too many {what}"))
}

fn unanchored() -> Failure {
    let message = "nothing selects the events worth evaluating: the rule needs a literal of at least 3 bytes \
                   or an exact keyword in every alternative, or `allow_unanchored: true`";
    (CompileCode::Unanchored, message.to_owned())
}

/// Names the list entry that a failure is about, never its text.
fn about(pattern: &model::Pattern, message: String) -> String {
    match &pattern.entry {
        Some(entry) => format!("{message} (in entry {} of list {})", entry.entry, entry.list),
        None => message,
    }
}
