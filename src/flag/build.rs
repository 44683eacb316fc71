//! From a finding to a flag.
//!
//! What flags share is made once: [`Template`] for a rule, [`Provenance`] for a rule set, [`FlaggedEvent`] for
//! an event. Everything that a sender states is bounded from the start (`short`); the flag as a whole is
//! made to fit when it is written ([`super::fit`]).

use super::detail::{self, Detail, Found, MOST_FOUND, MOST_PIECES, Piece, Said};
use super::fit;
use super::short::{self, Short};
use super::wire::{Party, Place, Room, Session};
use super::{Before, CaseId, Cut, Entry, EventIdentity, Evidence, Flag, FlagId, ListVersion, RuleHead};
use super::{SCHEMA, Source, Span, Subjects, excerpt, id, rfc3339};
use crate::engine::{self, Finding};
use crate::event::{Batch, Envelope, FieldId, Identity, Part, Person, Pseudonyms, Record, ValueId};
use crate::position::Position;
use crate::ruleset::RuleSet;
use crate::text::View;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

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
    /// The pseudonyms, if they are in use.
    pub pseudonyms: Option<Pseudonyms>,
}

/// What all flags of an event share.
#[derive(Debug, Clone)]
pub struct FlaggedEvent {
    envelope: Envelope,
    source: Source,
    position: Position,
    case_id: CaseId,
    subjects: Subjects,
    lang: Option<String>,
    cut: BTreeSet<Cut>,
}

/// A message that was written before a flagged event.
#[derive(Debug, Clone, Copy)]
pub struct Written<'s> {
    /// Offset of its record.
    pub offset: i64,
    /// Its time, in milliseconds since the epoch.
    pub time: i64,
    /// Its own id; empty if it has none.
    pub id: &'s str,
    /// Id of who wrote it; empty if nobody is named.
    pub sender: &'s str,
    /// Its text, or the end of it.
    pub text: &'s str,
    /// Bytes of its text before that.
    pub skipped: u32,
}

impl FlaggedEvent {
    /// The event of `record`, with what was read of it, under those pseudonyms.
    pub fn new(record: &Record<'_>, envelope: Envelope, pseudonyms: Option<&Pseudonyms>) -> FlaggedEvent {
        let topic = record.topic.clone();
        let position = Position { topic, partition: record.partition, offset: record.offset };
        let identity = identity(&envelope, &position);
        let mut short = Short::to(short::LIMIT);
        let event_id = envelope.id.as_deref().map(|id| short.id(id));
        let payload = record.payload.unwrap_or_default();
        let keyed = pseudonyms.map(|pseudonyms| id::hex(&pseudonyms.record_digest(payload)));
        let source = Source {
            topic: position.topic.to_string(),
            partition: position.partition,
            offset: position.offset,
            event_id: event_id.unwrap_or_else(|| position.to_string()),
            kind: short.id(&envelope.kind),
            record_sha256: keyed.is_none().then(|| id::hex(&Sha256::digest(payload))),
            record_hmac_sha256: keyed,
            lossy: envelope.lossy,
        };
        let case_id = CaseId::of(&case_subjects(&envelope), &identity);
        let subjects = subjects(&envelope, &mut short);
        let lang = envelope.lang.as_deref().map(|lang| short.statement(lang));
        FlaggedEvent { envelope, source, position, case_id, subjects, lang, cut: short.cut }
    }

    /// The flag of a finding on this event, with its evidence; `all` says whether that is all there may be.
    pub fn flag(
        &self,
        template: &Template,
        provenance: &Provenance,
        evidence: Vec<Evidence>,
        all: bool,
    ) -> Flag {
        let identity = identity(&self.envelope, &self.position);
        let mut cut = self.cut.clone();
        if !all {
            cut.insert(Cut::Evidence);
        }
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
            subjects: self.subjects.clone(),
            lang: self.lang.clone(),
            evidence,
            correlation: None,
            context: Vec::new(),
            evidence_omitted: 0,
            cut,
            source: self.source.clone(),
            ruleset: provenance.ruleset.clone(),
            text_tables: provenance.text_tables.clone(),
            lists: template.lists.clone(),
            pseudonym_key: provenance.pseudonyms.as_ref().map(|pseudonyms| pseudonyms.key_id().to_owned()),
        }
    }

    /// What a flag of a correlation may say of this event later on. `found` are the rules that fired, each with its digest and
    /// evidence; `context` is what was written before, the oldest first.
    pub fn detail<'f>(
        &self,
        found: impl IntoIterator<Item = (&'f RuleHead, Vec<Evidence>)>,
        context: &[Before],
    ) -> Detail {
        let place = Place::from(&self.position);
        let mut cut = self.cut.clone();
        let found = found.into_iter().enumerate().map(|(number, (rule, mut evidence))| {
            let most = if number < MOST_FOUND { MOST_PIECES } else { 0 };
            if evidence.len() > most {
                evidence.truncate(most);
                cut.insert(Cut::Evidence);
            }
            evidence.iter_mut().for_each(fit::shorten);
            let evidence = evidence.into_iter().map(|evidence| Piece::of(evidence, &place)).collect();
            Found { rule: rule.id.clone(), digest: rule.digest.clone(), evidence }
        });
        let found = found.collect();
        Detail {
            time_source: self.envelope.time_source.name().to_owned(),
            lang: self.lang.clone().unwrap_or_default(),
            cut: detail::cut_numbers(&cut),
            found,
            context: context.iter().map(Said::of).collect(),
            ..Detail::new(&self.source, &self.subjects, self.case_id)
        }
    }

    /// The event's time, in milliseconds since the epoch.
    pub fn time(&self) -> i64 {
        self.envelope.time
    }

    /// 128 bits that tell the event from all others.
    pub fn digest(&self) -> [u8; 16] {
        identity(&self.envelope, &self.position).digest()
    }

    /// The platform and the tenant; empty if unknown.
    pub fn place(&self) -> (&str, &str) {
        (&self.envelope.platform, &self.envelope.tenant)
    }

    /// A finding's evidence as the flag shows it; what was found over several messages, message by message.
    pub fn evidence(&self, rules: &RuleSet, batch: &Batch, finding: &Finding<'_>) -> Vec<Evidence> {
        let mut siblings = Siblings { batch, row: finding.row, field: None, values: Vec::new() };
        let mut pieces = Vec::with_capacity(finding.evidence.len());
        for found in finding.evidence {
            let text = batch.value(found.value).text().unwrap_or_default();
            let piece = |event_id, source, field: &str, shown| Evidence {
                event_id,
                source,
                field: field.to_owned(),
                view: found.view.name().to_owned(),
                edits: found.edits.into(),
                entry: found.entry.map(|entry| Entry::from(rules.entry(entry))),
                ..shown
            };
            if found.view == View::Joined {
                pieces.extend(batch.parts(found.value).filter_map(|part| {
                    let (position, shown) = (self.position_at(part.offset), shown_of(part, text, found)?);
                    Some(piece(event_id(part.id, &position), Place::from(&position), "text", shown))
                }));
            } else {
                let index = siblings.index(found.field, found.value);
                let shown = Evidence { index, ..shown(text, found.start..found.end) };
                let field = rules.fields().path(found.field);
                pieces.push(piece(self.source.event_id.clone(), Place::from(&self.position), field, shown));
            }
        }
        pieces
    }

    /// A message of the event's partition that was written before, as the flag shows it.
    pub fn before(&self, written: &Written<'_>) -> Before {
        let Written { offset, time, id, sender, text, skipped } = *written;
        let position = self.position_at(offset);
        Before {
            event_id: event_id(id, &position),
            source: Place::from(&position),
            time: rfc3339(time),
            sender: (!sender.is_empty()).then(|| Short::to(short::LIMIT).id(sender)),
            text: text.to_owned(),
            text_offset: skipped,
        }
    }

    /// Where another record of the same partition stands.
    fn position_at(&self, offset: i64) -> Position {
        Position { offset, ..self.position.clone() }
    }
}

fn event_id(own: &str, position: &Position) -> String {
    if own.is_empty() { position.to_string() } else { Short::to(short::LIMIT).id(own) }
}

/// What evidence shows of a text, and nothing else of it.
fn shown(text: &str, span: Range<u32>) -> Evidence {
    let excerpt = excerpt::around(text, span.start as usize..span.end as usize, excerpt::LIMIT);
    Evidence {
        span: Span { start: span.start, end: span.end },
        excerpt_offset: u32::try_from(excerpt.start).unwrap_or(u32::MAX),
        excerpt: text.get(excerpt).map(str::to_owned),
        ..Evidence::default()
    }
}

/// The same of one message of a joined text; none if nothing was found in it.
fn shown_of(part: Part<'_>, joined: &str, found: &engine::Evidence) -> Option<Evidence> {
    let (first, last) = part.span;
    let (start, end) = (found.start.max(first), found.end.min(last));
    let mut shown =
        shown(joined.get(first as usize..last as usize)?, start.checked_sub(first)?..end.checked_sub(first)?);
    for at in [&mut shown.span.start, &mut shown.span.end, &mut shown.excerpt_offset] {
        *at = at.saturating_add(part.skipped);
    }
    (start < end).then_some(shown)
}

/// The values of the field that was asked for last.
struct Siblings<'b> {
    batch: &'b Batch,
    row: usize,
    field: Option<FieldId>,
    values: Vec<ValueId>,
}

impl Siblings<'_> {
    /// Which of its field's values that one is, if there are several.
    fn index(&mut self, field: FieldId, value: ValueId) -> Option<u32> {
        if self.field != Some(field) {
            self.field = Some(field);
            self.values.clear();
            let scalars = self.batch.values(self.row, field).filter(|(_, value)| value.text().is_some());
            self.values.extend(scalars.map(|(value, _)| value));
        }
        let several = self.values.len() > 1;
        let index = self.values.binary_search(&value).ok().filter(|_| several)?;
        u32::try_from(index).ok()
    }
}

fn identity<'a>(envelope: &'a Envelope, position: &'a Position) -> EventIdentity<'a> {
    match envelope.identity() {
        Identity::Own { platform, tenant, kind, id, edited } => {
            EventIdentity::Named { platform, tenant, kind, id, edited }
        }
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

fn subjects(envelope: &Envelope, short: &mut Short) -> Subjects {
    let stated = |id: &str, short: &mut Short| (!id.is_empty()).then(|| short.id(id));
    let room = Room {
        id: envelope.room.id.as_deref().map(|id| short.id(id)),
        kind: envelope.room.kind.as_deref().map(|kind| short.statement(kind)),
        topic: envelope.room.topic.as_deref().map(|topic| short.statement(topic)),
    };
    let session_id = envelope.session.as_deref().map(|id| short.id(id));
    let session = Session { id: session_id, host: party(&envelope.host, short) };
    Subjects {
        platform: stated(&envelope.platform, short),
        tenant: stated(&envelope.tenant, short),
        sender: party(&envelope.sender, short),
        recipient: party(&envelope.recipient, short),
        room: (room != Room::default()).then_some(room),
        session: (session != Session::default()).then_some(session),
    }
}

fn party(person: &Person, short: &mut Short) -> Option<Party> {
    let party = Party {
        id: person.id.as_deref().map(|id| short.id(id)),
        name: person.name.as_deref().map(|name| short.statement(name)),
        age_band: person.age_band.as_deref().map(|band| short.statement(band)),
        country: person.country.as_deref().map(|country| short.statement(country)),
        account_age_days: person.account_age_days.as_deref().and_then(|days| days.parse().ok()),
    };
    (party != Party::default()).then_some(party)
}

/// Headers of a flag's message: `CloudEvents` in Kafka's binary mode.
pub fn headers(flag: &Flag) -> super::Headers {
    vec![
        ("ce_specversion", "1.0".into()),
        ("ce_id", String::from(flag.flag_id).into()),
        ("ce_source", "/wardline".into()),
        ("ce_type", format!("wardline.flag.{SCHEMA}").into()),
        ("ce_subject", String::from(flag.case_id).into()),
        ("ce_time", flag.time.clone().into()),
        ("content-type", "application/json".into()),
    ]
}
