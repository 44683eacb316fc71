//! Everything a stage needs that does not change with the records: compiled rules, how events are read, and what
//! flags say about the rules. Immutable, shared by all workers, swapped whole when the rules change.

use super::tail::MOST_BEFORE;
use crate::event::{Decoder, EnvelopeReader, FieldSet, FieldTable, JOINED, Mapping, Pseudonyms, intern_read};
use crate::flag::build::{Provenance, Template};
use crate::flag::{ListVersion, RuleHead, id};
use crate::rule::list::{List, Lists, State};
use crate::rule::model::{Demand, Rule, Status};
use crate::ruleset::{RuleIndex, RuleSet};
use crate::text::TABLE_DIGEST;
use std::collections::BTreeSet;
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
    duties: Vec<Duty>,
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
        let Reading { mapping, pseudonyms, .. } = reading;
        let mut fields = rules.fields().clone();
        // A set that is full has 65,536 fields; then there is no context.
        let room = reading.context > 0 && intern_read(&mut fields).is_some();
        let pseudonyms = pseudonyms.as_ref();
        let duties = (0u32..).zip(rules.rules()).map(|(index, rule)| {
            let digest = rules.rule_digest(RuleIndex(index)).to_string();
            Duty::of(rule, digest, lists)
        });
        Program {
            duties: duties.collect(),
            decoder: Decoder::new(&fields, mapping, pseudonyms),
            fields,
            context: if room { reading.context.min(MOST_BEFORE) } else { 0 },
            envelopes: EnvelopeReader::new(mapping, pseudonyms),
            provenance: Provenance {
                ruleset: rules.digest().to_string(),
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

    /// What flags say about each rule, in the order of the rules.
    pub fn heads(&self) -> impl Iterator<Item = &Arc<RuleHead>> {
        self.duties.iter().map(|duty| &duty.template.rule)
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
