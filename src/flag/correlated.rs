//! Flags of correlations: several events that mean something together, each with what was found in it.
//!
//! Such a flag stands alone like any other. Its steps are the events themselves: what a correlation took in of another one is
//! shown by that one's own steps, so that a reviewer reads what was written and not the names of rules. Subjects are those that
//! all steps have in common; whoever belongs to some of the steps alone is named there.

use super::detail::{Concerned, Detail, Found, Past, Someone};
use super::wire::{Evidence, Place, Subjects};
use super::{Before, CaseId, Cut, Flag, FlagId, RuleHead, SCHEMA, rfc3339};
use crate::flag::build::{Provenance, Template};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many steps a flag shows: the first, and the last of the others.
pub const MOST_STEPS: usize = 32;

/// What came together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Correlated {
    /// Type of the correlation: `temporal_ordered` and so on.
    #[serde(rename = "type")]
    pub kind: String,
    /// What its events share, by name.
    pub key: Vec<KeyValue>,
    /// How far apart they may be, in milliseconds: less than this.
    pub timespan_ms: u64,
    /// How many there are.
    pub events: u64,
    /// The events, the first of them first.
    pub steps: Vec<Step>,
    /// Of these left out, because there are too many, or so that the flag fits its topic.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub steps_omitted: u64,
    /// Time of the first, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    pub first_seen: String,
    /// Time of the last, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    pub last_seen: String,
    /// How often the same came together before, since the last flag of this key, and was not told because one had been.
    #[serde(default)]
    pub suppressed: u32,
    /// There were more values than are kept apart, so that the sum may be less than it was.
    #[serde(default, skip_serializing_if = "is_false")]
    pub saturated: bool,
}

/// A field of a group key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyValue {
    /// The field, or the alias.
    pub name: String,
    /// Its value, canonically written; of an id, perhaps its pseudonym.
    pub value: String,
}

/// An event that a correlation's finding is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// The rules that fired on it.
    pub rules: Vec<StepRule>,
    /// Where the finding took it in as a part of another correlation's: the name of that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// Its time, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    pub time: String,
    /// The event's id; its position where it has none.
    pub event_id: String,
    /// The event's type.
    #[serde(rename = "type", default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Where it stands.
    pub source: Place,
    /// Id of who wrote or acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// Id of whom it went to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// Digest of its record, as the flag's `source` has it of the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// What was found in it, where.
    pub evidence: Vec<Evidence>,
}

/// A rule that fired on a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepRule {
    /// Unique id.
    pub id: String,
    /// Short unique name.
    pub name: String,
    /// What people read.
    pub title: String,
    /// Digest of the rule's meaning when it fired; empty of what is not known any more.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// What a correlation found, as far as its flag depends on it.
#[derive(Debug, Clone)]
pub struct Group<'g> {
    /// Type of the correlation.
    pub kind: &'static str,
    /// The group key's canonical bytes.
    pub key_bytes: &'g [u8],
    /// Its platform and tenant; empty if unknown.
    pub platform: &'g str,
    /// See there.
    pub tenant: &'g str,
    /// Its names and values.
    pub key: Vec<(&'g str, &'g str)>,
    /// How far apart the events may be, in milliseconds.
    pub timespan_ms: u64,
    /// How many they are.
    pub events: usize,
    /// When the first of them was, in milliseconds since the epoch.
    pub first: i64,
    /// The last of them, in their order. Never empty.
    pub steps: Vec<Past>,
    /// The digest of the one that completed it.
    pub completing: [u8; 16],
    /// How often it came together before and was not told.
    pub suppressed: u32,
    /// Values had been joined.
    pub saturated: bool,
}

/// Tells what rules are called.
pub trait Names {
    /// The rule or correlation of that id, if it is still there.
    fn head(&self, id: &str) -> Option<&RuleHead>;
}

impl Group<'_> {
    /// The id of the flag.
    pub fn flag_id(&self, rule_id: &str) -> FlagId {
        FlagId::of_group(rule_id, self.key_bytes, &self.completing)
    }

    /// The flag.
    pub fn flag(mut self, template: &Template, provenance: &Provenance, names: &impl Names) -> Flag {
        let steps = std::mem::take(&mut self.steps);
        let unseen = self.events - steps.len();
        let mut past: Vec<Past> = steps.into_iter().flat_map(events).collect();
        let mut cut: BTreeSet<Cut> = past.iter().flat_map(cuts).collect();
        let steps_omitted = limit(&mut past) + unseen;
        let (no_step, no_detail) = (Past::default(), Detail::default());
        let last = past.last().unwrap_or(&no_step);
        let (place, shown) = (last.place(), last.detail.as_ref().unwrap_or(&no_detail));
        if steps_omitted > 0 {
            cut.insert(Cut::Steps);
        }
        let first = past.first().map_or(self.first, |step| step.time.min(self.first));
        Flag {
            schema: SCHEMA,
            flag_id: self.flag_id(&template.rule.id),
            case_id: self.case(&past),
            time: last.written_time(),
            time_source: shown.time_source.clone(),
            rule: RuleHead::clone(&template.rule),
            score: template.score,
            queue: template.queue.clone(),
            shadow: None,
            subjects: self.subjects(&past),
            lang: (!shown.lang.is_empty()).then(|| shown.lang.clone()),
            evidence: Vec::new(),
            correlation: Some(Correlated {
                kind: self.kind.to_owned(),
                key: self.key.iter().map(|(name, value)| key_value(name, value)).collect(),
                timespan_ms: self.timespan_ms,
                events: self.events as u64,
                steps: past.iter().map(|step| written(step, names)).collect(),
                steps_omitted: steps_omitted as u64,
                first_seen: rfc3339(first),
                last_seen: last.written_time(),
                suppressed: self.suppressed,
                saturated: self.saturated,
            }),
            context: context(&past),
            evidence_omitted: 0,
            cut,
            source: shown.source(&place),
            ruleset: provenance.ruleset.clone(),
            text_tables: provenance.text_tables.clone(),
            lists: template.lists.clone(),
            pseudonym_key: provenance.pseudonyms.as_ref().map(|pseudonyms| pseudonyms.key_id().to_owned()),
        }
    }

    /// The case of all steps if they are of one, else that of what they have in common.
    fn case(&self, past: &[Past]) -> CaseId {
        let cases: BTreeSet<Option<CaseId>> =
            past.iter().map(|step| step.detail.as_ref().and_then(Detail::case_id)).collect();
        match cases.first() {
            Some(Some(case)) if cases.len() == 1 => *case,
            _ => CaseId::of_group(self.key_bytes),
        }
    }

    /// What all steps have in common, as the last of them has it.
    fn subjects(&self, past: &[Past]) -> Subjects {
        let all: Vec<&Concerned> = past.iter().filter_map(concerned).collect();
        let mut common = all.last().map(|last| Subjects::from(*last)).unwrap_or_default();
        let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (common.platform, common.tenant) = (known(self.platform), known(self.tenant));
        keep_common(&mut common.sender, &all, |one| id_of(one.sender.as_ref()));
        keep_common(&mut common.recipient, &all, |one| id_of(one.recipient.as_ref()));
        keep_common(&mut common.room, &all, |one| stated(&one.room));
        keep_common(&mut common.session, &all, |one| stated(&one.session));
        common
    }
}

fn key_value(name: &str, value: &str) -> KeyValue {
    KeyValue { name: name.to_owned(), value: value.to_owned() }
}

fn id_of(someone: Option<&Someone>) -> Option<&str> {
    stated(&someone?.id)
}

fn stated(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// Empties what not all have alike.
fn keep_common<T>(value: &mut Option<T>, all: &[&Concerned], id: impl Fn(&Concerned) -> Option<&str>) {
    if all.windows(2).any(|two| id(two[0]) != id(two[1])) {
        *value = None;
    }
}

fn concerned(step: &Past) -> Option<&Concerned> {
    step.detail.as_ref()?.subjects.as_ref()
}

fn cuts(step: &Past) -> BTreeSet<Cut> {
    step.detail.as_ref().map(Detail::cuts).unwrap_or_default()
}

/// The events that a step is made of: itself, or where a correlation found it, those that it has with it, each with that one's id.
pub fn events(step: Past) -> Vec<Past> {
    let Some(detail) = step.detail.as_ref().filter(|detail| !detail.steps.is_empty()) else {
        return vec![step];
    };
    let by = detail.found.first().map(|found| found.rule.clone()).unwrap_or_default();
    let via = |inner: &Past| Past { via: by.clone(), ..inner.clone() };
    detail.steps.iter().map(via).collect()
}

/// Leaves out what is too much; yields how much that was.
fn limit(past: &mut Vec<Past>) -> usize {
    let omitted = past.len().saturating_sub(MOST_STEPS);
    past.drain(1..=omitted).count()
}

fn written(step: &Past, names: &impl Names) -> Step {
    let via = Some(step.via.as_str()).filter(|via| !via.is_empty());
    let place = step.place();
    let empty = Detail::default();
    let detail = step.detail.as_ref().unwrap_or(&empty);
    let parties = concerned(step).map(|all| (id_of(all.sender.as_ref()), id_of(all.recipient.as_ref())));
    let (sender, recipient) = parties.unwrap_or_default();
    let event_id = detail.id_at(&place);
    let pieces = detail.found.iter().flat_map(|found| &found.evidence);
    let mut evidence: Vec<Evidence> = pieces.map(|piece| piece.evidence(&event_id, &place)).collect();
    evidence.dedup();
    Step {
        rules: detail.found.iter().map(|found| rule(found, names)).collect(),
        via: via.map(|id| names.head(id).map_or(id, |head| &head.name).to_owned()),
        time: step.written_time(),
        kind: detail.kind.clone(),
        source: place,
        sender: sender.map(str::to_owned),
        recipient: recipient.map(str::to_owned),
        record: (!detail.record.is_empty()).then(|| super::id::hex(&detail.record)),
        evidence,
        event_id,
    }
}

fn rule(found: &Found, names: &impl Names) -> StepRule {
    let head = names.head(&found.rule);
    StepRule {
        id: found.rule.clone(),
        name: head.map_or(found.rule.as_str(), |head| &head.name).to_owned(),
        title: head.map(|head| head.title.clone()).unwrap_or_default(),
        digest: found.digest.clone(),
    }
}

/// What was written before the last step; nothing that is a step itself.
fn context(past: &[Past]) -> Vec<Before> {
    let Some(last) = past.last() else { return Vec::new() };
    let place = last.place();
    let said = last.detail.iter().flat_map(|detail| &detail.context);
    let shown = said.map(|said| said.before(&place));
    let is_step = |before: &Before| past.iter().any(|step| step.place() == before.source);
    shown.filter(|before| !is_step(before)).collect()
}
