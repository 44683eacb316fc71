//! From a finding to a flag, and from a flag to bytes that fit.
//!
//! What flags share is made once: [`Template`] for a rule, [`Provenance`] for a rule set, [`FlaggedEvent`] for
//! an event. The bytes are bounded whatever the sender wrote: a flag beyond the limit is cut in steps, what a reviewer
//! misses least first, and never dropped.

use super::wire::{Party, Place, Room, Session};
use super::{CaseId, Entry, EventIdentity, Evidence, Flag, FlagId, ListVersion, RuleHead};
use super::{SCHEMA, Source, Span, Subjects, excerpt, id, rfc3339};
use crate::engine::Finding;
use crate::event::{Batch, Envelope, Identity, Person, Record};
use crate::position::Position;
use crate::ruleset::RuleSet;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Most bytes of a name or a topic that a flag shows.
const NAME_LIMIT: usize = 256;

/// Bytes around a match that remain when a flag has to be cut.
const SHORT_EXCERPT: usize = 96;

/// What all flags of a rule share.
#[derive(Debug, Clone)]
pub struct Template {
    /// The rule.
    pub rule: Arc<RuleHead>,
    /// Weight, 0 to 100.
    pub score: u32,
    /// The reviewers' queue.
    pub queue: String,
    /// The lists that the rule takes in.
    pub lists: Vec<ListVersion>,
}

/// What all flags of a rule set share.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// Digest of the rule set.
    pub ruleset: String,
    /// Digest of the tables by which texts are folded.
    pub text_tables: String,
    /// Id of the key of pseudonyms, if they are in use.
    pub pseudonym_key: Option<String>,
}

/// What all flags of an event share.
#[derive(Debug, Clone)]
pub struct FlaggedEvent {
    envelope: Envelope,
    source: Source,
    position: Position,
    case_id: CaseId,
}

impl FlaggedEvent {
    /// The event of `record`, with what was read of it.
    pub fn new(record: &Record<'_>, envelope: Envelope) -> FlaggedEvent {
        let topic = record.topic.clone();
        let position = Position { topic, partition: record.partition, offset: record.offset };
        let identity = identity(&envelope, &position);
        let event_id = envelope.id.clone().unwrap_or_else(|| position.to_string());
        let source = Source {
            topic: position.topic.to_string(),
            partition: position.partition,
            offset: position.offset,
            event_id,
            kind: envelope.kind.clone(),
            record_sha256: id::hex(&Sha256::digest(record.payload.unwrap_or_default())),
            lossy: envelope.lossy,
        };
        let case_id = CaseId::of(&case_subjects(&envelope), &identity);
        FlaggedEvent { envelope, source, position, case_id }
    }

    /// The flag of a finding on this event.
    pub fn flag(&self, template: &Template, provenance: &Provenance, evidence: Vec<Evidence>) -> Flag {
        let identity = identity(&self.envelope, &self.position);
        Flag {
            schema: SCHEMA,
            flag_id: FlagId::of_event(&template.rule.id, &identity),
            case_id: self.case_id,
            time: rfc3339(self.envelope.time),
            time_source: self.envelope.time_source.name().to_owned(),
            rule: RuleHead::clone(&template.rule),
            score: template.score,
            queue: template.queue.clone(),
            shadow: None,
            subjects: subjects(&self.envelope),
            lang: self.envelope.lang.as_deref().map(|lang| clip(lang, NAME_LIMIT)),
            evidence,
            evidence_omitted: 0,
            source: self.source.clone(),
            ruleset: provenance.ruleset.clone(),
            text_tables: provenance.text_tables.clone(),
            lists: template.lists.clone(),
            pseudonym_key: provenance.pseudonym_key.clone(),
        }
    }

    /// A finding's evidence as the flag shows it.
    pub fn evidence(&self, rules: &RuleSet, batch: &Batch, finding: &Finding<'_>) -> Vec<Evidence> {
        let shown = finding.evidence.iter().map(|found| {
            let text = batch.value(found.value).text().unwrap_or_default();
            let span = found.start as usize..found.end as usize;
            let excerpt = excerpt::around(text, span, excerpt::LIMIT);
            Evidence {
                event_id: self.source.event_id.clone(),
                source: Place::from(&self.position),
                field: rules.fields().path(found.field).to_owned(),
                view: found.view.name().to_owned(),
                span: Span { start: found.start, end: found.end },
                excerpt_offset: u32::try_from(excerpt.start).unwrap_or(u32::MAX),
                excerpt: text.get(excerpt).map(str::to_owned),
                entry: found.entry.map(|entry| Entry::from(rules.entry(entry))),
            }
        });
        shown.collect()
    }
}

fn identity<'a>(envelope: &'a Envelope, position: &'a Position) -> EventIdentity<'a> {
    match envelope.identity() {
        Identity::Own { platform, tenant, kind, id } => EventIdentity::Named { platform, tenant, kind, id },
        Identity::Position => EventIdentity::At(position),
    }
}

fn case_subjects(envelope: &Envelope) -> id::CaseSubjects<'_> {
    id::CaseSubjects {
        platform: &envelope.platform,
        tenant: &envelope.tenant,
        sender: envelope.sender.id.as_deref(),
        recipient: envelope.recipient.id.as_deref(),
        room: envelope.room.id.as_deref(),
        session: envelope.session.as_deref(),
    }
}

fn subjects(envelope: &Envelope) -> Subjects {
    let stated = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let room = Room {
        id: envelope.room.id.clone(),
        kind: envelope.room.kind.as_deref().map(|kind| clip(kind, NAME_LIMIT)),
        topic: envelope.room.topic.as_deref().map(|topic| clip(topic, NAME_LIMIT)),
    };
    let session = Session { id: envelope.session.clone(), host: party(&envelope.host) };
    Subjects {
        platform: stated(&envelope.platform),
        tenant: stated(&envelope.tenant),
        sender: party(&envelope.sender),
        recipient: party(&envelope.recipient),
        room: (room != Room::default()).then_some(room),
        session: (session != Session::default()).then_some(session),
    }
}

fn party(person: &Person) -> Option<Party> {
    let short = |text: &Option<String>| text.as_deref().map(|text| clip(text, NAME_LIMIT));
    let party = Party {
        id: person.id.clone(),
        name: short(&person.name),
        age_band: short(&person.age_band),
        country: short(&person.country),
        account_age_days: person.account_age_days.as_deref().and_then(|days| days.parse().ok()),
    };
    (party != Party::default()).then_some(party)
}

/// The longest start of `text` of at most `limit` bytes that ends on a character boundary.
fn clip(text: &str, limit: usize) -> String {
    text.get(..text.floor_char_boundary(limit)).unwrap_or_default().to_owned()
}

/// What is taken from a flag that is too large, in this order.
const CUTS: [fn(&mut Flag); 4] = [shorten_excerpts, drop_excerpts, drop_evidence, clip_ids];

/// The flag as one line of JSON of at most `limit` bytes, and whether it had to be cut for that. What the rule's
/// author wrote (title, tags) is not cut.
pub fn encode(flag: &mut Flag, limit: usize) -> (Vec<u8>, bool) {
    let mut body = json(flag);
    let mut cut = false;
    for step in CUTS {
        if body.len() <= limit {
            break;
        }
        step(flag);
        cut = true;
        body = json(flag);
    }
    (body, cut)
}

fn json(flag: &Flag) -> Vec<u8> {
    // Writing strings and numbers into memory cannot fail: there is no map with other keys than strings.
    serde_json::to_vec(flag).unwrap_or_default()
}

fn shorten_excerpts(flag: &mut Flag) {
    for evidence in &mut flag.evidence {
        let Some(text) = &evidence.excerpt else {
            continue;
        };
        let offset = evidence.excerpt_offset as usize;
        let within = |at: u32| (at as usize).saturating_sub(offset).min(text.len());
        let shown =
            excerpt::around(text, within(evidence.span.start)..within(evidence.span.end), SHORT_EXCERPT);
        evidence.excerpt_offset = u32::try_from(offset + shown.start).unwrap_or(u32::MAX);
        evidence.excerpt = text.get(shown).map(str::to_owned);
    }
}

fn drop_excerpts(flag: &mut Flag) {
    for evidence in &mut flag.evidence {
        evidence.excerpt = None;
        evidence.excerpt_offset = 0;
    }
}

fn drop_evidence(flag: &mut Flag) {
    let omitted = flag.evidence.len().saturating_sub(1);
    flag.evidence.truncate(1);
    flag.evidence_omitted = u32::try_from(omitted).unwrap_or(u32::MAX);
}

/// Ids that a sender made absurdly long. The flag's own ids were made of the whole ones.
fn clip_ids(flag: &mut Flag) {
    let Subjects { platform, tenant, sender, recipient, room, session } = &mut flag.subjects;
    let (session_id, host) = session.as_mut().map(|session| (&mut session.id, &mut session.host)).unzip();
    let parties = sender.iter_mut().chain(recipient).chain(host.into_iter().flatten());
    let ids = parties.map(|party| &mut party.id).chain(room.iter_mut().map(|room| &mut room.id));
    let stated = ids.chain(session_id).chain([platform, tenant]).filter_map(Option::as_mut);
    let events = flag.evidence.iter_mut().map(|evidence| &mut evidence.event_id);
    let texts = stated.chain(events).chain([&mut flag.source.event_id, &mut flag.source.kind]);
    texts.for_each(|text| *text = clip(text, NAME_LIMIT));
}

/// Headers of a flag's message: `CloudEvents` in Kafka's binary mode.
pub fn headers(flag: &Flag) -> super::Headers {
    vec![
        ("ce_specversion", "1.0".to_owned()),
        ("ce_id", flag.flag_id.to_string()),
        ("ce_source", "/wardline".to_owned()),
        ("ce_type", format!("wardline.flag.{SCHEMA}")),
        ("ce_subject", flag.case_id.to_string()),
        ("ce_time", flag.time.clone()),
        ("content-type", "application/json".to_owned()),
    ]
}
