//! Everything a stage needs that does not change with the records: compiled rules, how events are read, and what
//! flags say about the rules. Immutable, shared by all workers, swapped whole when the rules change.

use super::tail::MOST_BEFORE;
use crate::correlate::{Compiled, CorrelationIndex, Correlations, Harvest};
use crate::event::{Decoder, EnvelopeReader, FieldSet, FieldTable, JOINED, Mapping, Pseudonyms, intern_read};
use crate::flag::build::{Provenance, Template};
use crate::flag::correlated::Names;
use crate::flag::{ListVersion, RuleHead, id};
use crate::rule::Correlation;
use crate::rule::list::{List, Lists, State};
use crate::rule::model::{Demand, Rule, Status};
use crate::ruleset::{RuleIndex, RuleSet};
use crate::text::TABLE_DIGEST;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// How events are read: plain pieces that a configuration or a command line supplies.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Types of fields.
    pub fields: FieldTable,
    /// A platform's own names.
    pub mapping: Mapping,
    /// Fields whose values are replaced by pseudonyms.
    pub pseudonyms: Option<Pseudonyms>,
    /// How many of a room's last messages a flag shows; at most [`MOST_BEFORE`].
    pub context: usize,
}

impl Default for Reading {
    fn default() -> Reading {
        let (fields, mapping) = (FieldTable::canonical(), Mapping::canonical());
        Reading { fields, mapping, pseudonyms: None, context: 0 }
    }
}

/// A rule set made ready to run.
#[derive(Debug)]
pub struct Program {
    pub(super) rules: RuleSet,
    /// Those of the rules, and those that context is told by.
    pub(super) fields: FieldSet,
    pub(super) context: usize,
    pub(super) decoder: Decoder,
    pub(super) envelopes: EnvelopeReader,
    pub(super) provenance: Provenance,
    pub(super) correlations: Correlations,
    pub(super) harvest: Harvest,
    /// Reads what the harvest looks at, of events that rules fired on: one in a hundred or fewer.
    pub(super) gleaner: Decoder,
    duties: Vec<Duty>,
    /// By correlation.
    correlation_duties: Vec<Duty>,
    heads: HashMap<String, Arc<RuleHead>>,
    lists: Vec<ListInUse>,
    expires: Option<i64>,
}

/// A list that rules were loaded with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListInUse {
    /// Its name.
    pub name: Arc<str>,
    /// The issuer's name of its edition, if its holder states one.
    pub version: Option<String>,
    /// How many entries are looked for.
    pub entries: usize,
    /// From when on it must not be used, in milliseconds since the epoch.
    pub expires: Option<i64>,
}

impl ListInUse {
    fn of(list: &List) -> ListInUse {
        let edition = list.edition();
        ListInUse {
            name: Arc::clone(list.name()),
            version: edition.map(|edition| edition.version.clone()),
            entries: list.entries().len(),
            expires: edition.and_then(|edition| edition.expires),
        }
    }
}

/// What is done about a rule's findings.
#[derive(Debug)]
pub(super) struct Duty {
    pub(super) template: Template,
    pub(super) shadow: bool,
    pub(super) publish: bool,
}

impl Program {
    /// Makes `rules` ready to run over events that are read as `reading` says. `lists` are those that the rules
    /// were loaded with.
    pub fn new(rules: RuleSet, lists: &Lists, reading: &Reading) -> Program {
        let correlations = Correlations::default();
        let harvest = Harvest::default();
        Program::of(rules, (correlations, harvest), lists, reading, &FieldSet::default())
    }

    /// The same with correlations of the rules' findings.
    pub fn correlating(
        rules: RuleSet,
        correlations: Vec<Correlation>,
        lists: &Lists,
        reading: &Reading,
    ) -> Result<Program, TooManyFields> {
        let correlations = Correlations::new(correlations, &rules);
        let mut fields = FieldSet::default();
        let harvest =
            Harvest::new(&correlations, &rules, &reading.fields, &mut fields).ok_or(TooManyFields)?;
        Ok(Program::of(rules, (correlations, harvest), lists, reading, &fields))
    }

    fn of(
        rules: RuleSet,
        (correlations, harvest): (Correlations, Harvest),
        lists: &Lists,
        reading: &Reading,
        harvested: &FieldSet,
    ) -> Program {
        let Reading { mapping, pseudonyms, .. } = reading;
        let mut fields = rules.fields().clone();
        // A set that is full has 65,536 fields; then there is no context.
        let room = reading.context > 0 && intern_read(&mut fields).is_some();
        let pseudonyms = pseudonyms.as_ref();
        let duties = (0u32..).zip(rules.rules()).map(|(index, rule)| {
            let digest = rules.rule_digest(RuleIndex(index)).to_string();
            Duty::of(rule, digest, lists)
        });
        let duties: Vec<Duty> = duties.collect();
        let correlation_duties = of_correlations(&correlations, &duties);
        let all = duties.iter().chain(&correlation_duties).map(|duty| &duty.template.rule);
        let heads = all.map(|head| (head.id.clone(), Arc::clone(head))).collect();
        let ruleset = match correlations.digest() {
            None => rules.digest().to_string(),
            Some(digest) => id::hex(&id::joined(&[rules.digest().bytes(), &digest])),
        };
        Program {
            duties,
            correlation_duties,
            heads,
            correlations,
            harvest,
            gleaner: Decoder::new(harvested, mapping, pseudonyms),
            decoder: Decoder::new(&fields, mapping, pseudonyms),
            fields,
            context: if room { reading.context.min(MOST_BEFORE) } else { 0 },
            envelopes: EnvelopeReader::new(mapping, pseudonyms),
            provenance: Provenance {
                ruleset,
                text_tables: TABLE_DIGEST.to_owned(),
                pseudonyms: pseudonyms.cloned(),
            },
            lists: lists.iter().map(ListInUse::of).collect(),
            expires: lists
                .iter()
                .filter(|list| list.state() != State::Expired)
                .filter_map(|list| list.edition()?.expires)
                .min(),
            rules,
        }
    }

    /// The lists that the rules were loaded with, by name.
    pub fn lists(&self) -> &[ListInUse] {
        &self.lists
    }

    /// When the first of the lists that are in use must not be used any more, in milliseconds since the epoch.
    pub fn expires(&self) -> Option<i64> {
        self.expires
    }

    /// The compiled rules.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// What flags say about each rule and correlation, in their order.
    pub fn heads(&self) -> impl Iterator<Item = &Arc<RuleHead>> {
        self.duties.iter().chain(&self.correlation_duties).map(|duty| &duty.template.rule)
    }

    /// The correlations.
    pub fn correlations(&self) -> &Correlations {
        &self.correlations
    }

    /// Whether there are any.
    pub fn has_correlations(&self) -> bool {
        !self.correlations.is_empty()
    }

    pub(super) fn correlation_duty(&self, correlation: CorrelationIndex) -> &Duty {
        &self.correlation_duties[correlation.0 as usize]
    }

    /// Whether what is made of a message depends on those before it: because a rule reads joined texts, or flags show
    /// context.
    pub fn remembers(&self) -> bool {
        self.context > 0 || self.fields.find(JOINED).is_some()
    }

    /// Digest of the rule set, as flags state it.
    pub fn digest(&self) -> &str {
        &self.provenance.ruleset
    }

    pub(super) fn duty(&self, rule: RuleIndex) -> &Duty {
        &self.duties[rule.0 as usize]
    }
}

/// More fields than a set can hold: 65,536.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the rules and correlations name more than 65,536 fields")]
pub struct TooManyFields;

impl Names for Program {
    fn head(&self, id: &str) -> Option<&RuleHead> {
        self.heads.get(id).map(|head| &**head)
    }
}

/// What is done about what correlations find. Of lists they name those of their rules.
fn of_correlations(correlations: &Correlations, duties: &[Duty]) -> Vec<Duty> {
    let mut lists: HashMap<&str, Vec<ListVersion>> = HashMap::new();
    for Duty { template, .. } in duties {
        lists.insert(&template.rule.id, template.lists.clone());
    }
    let mut of_correlations = Vec::new();
    for (_, compiled) in correlations.iter() {
        let Compiled { correlation, shadow, .. } = compiled;
        let parts = correlation.parts.iter().filter_map(|part| lists.get(part.id.as_str())).flatten();
        let mut own: Vec<ListVersion> = parts.cloned().collect();
        own.sort_by(|one, other| one.list.cmp(&other.list));
        own.dedup();
        lists.insert(&correlation.id, own.clone());
        let rule = Arc::new(RuleHead {
            id: correlation.id.clone(),
            name: correlation.name.as_str().into(),
            title: correlation.title.clone(),
            level: correlation.level,
            tags: correlation.tags.clone(),
            digest: id::hex(&compiled.digest()),
        });
        let (score, queue) = (compiled.score(), correlation.review.queue.clone());
        let template = Template { rule, score, queue, lists: own };
        of_correlations.push(Duty { template, shadow: *shadow, publish: correlation.review.publish });
    }
    of_correlations
}

impl Duty {
    fn of(rule: &Rule, digest: String, lists: &Lists) -> Duty {
        let head = RuleHead {
            id: rule.id.clone(),
            name: rule.name.as_str().into(),
            title: rule.title.clone(),
            level: rule.level,
            tags: rule.tags.clone(),
            digest,
        };
        let template = Template {
            rule: Arc::new(head),
            score: rule.review.score.unwrap_or_else(|| rule.level.score()),
            queue: rule.review.queue.clone(),
            lists: list_versions(rule, lists),
        };
        Duty { template, shadow: rule.status == Status::Shadow, publish: rule.review.publish }
    }
}

/// The lists that a rule takes in, with the versions in use, by name.
fn list_versions(rule: &Rule, lists: &Lists) -> Vec<ListVersion> {
    let mut names = BTreeSet::new();
    for selection in &rule.detection.selections {
        for test in selection.clause.tests() {
            if let Demand::AnyOf(patterns) | Demand::AllOf(patterns) = &test.demand {
                let entries = patterns.iter().filter_map(|pattern| pattern.entry.as_ref());
                names.extend(entries.map(|entry| Arc::clone(&entry.list)));
            }
        }
    }
    let used = names.into_iter().filter_map(|name| lists.get(&name));
    let version = |list: &List| ListVersion {
        list: list.name().to_string(),
        digest: id::hex(&list.digest()),
        version: list.edition().map(|edition| edition.version.clone()),
    };
    used.map(version).collect()
}
