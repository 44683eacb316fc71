//! A flag as bytes that fit: whatever the sender wrote, a flag beyond the limit is cut in steps, what a reviewer
//! misses least first, and never dropped.
//!
//! The text around a match goes last: it is what the flag is about. So many matches in one message cost pieces
//! of evidence, not the text of the first.

use super::short::Short;
use super::{Cut, Evidence, Flag, Subjects, excerpt};

/// Bytes around a match that remain when a flag has to be cut.
const SHORT_EXCERPT: usize = 96;

/// Pieces of evidence that remain when a flag has to be cut.
const FEW: usize = 8;

/// Bytes of an id or a name that remain when nothing else helped.
const SHORT_ID: usize = 64;

/// Bytes of a usual flag.
const USUAL: usize = 2_048;

/// What is taken from a flag that is too large, in this order.
const CUTS: [fn(&mut Flag); 6] =
    [drop_context, shorten_excerpts, keep_few, keep_one, shorten_ids, drop_excerpts];

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
    let mut body = Vec::with_capacity(USUAL);
    // Writing strings and numbers into memory cannot fail: there is no map with other keys than strings.
    serde_json::to_writer(&mut body, flag).map(|()| body).unwrap_or_default()
}

fn drop_context(flag: &mut Flag) {
    if !flag.context.is_empty() {
        flag.context.clear();
        flag.cut.insert(Cut::Context);
    }
}

fn shorten_excerpts(flag: &mut Flag) {
    pieces(flag).for_each(shorten);
    flag.cut.insert(Cut::Excerpts);
}

/// All pieces of evidence: the flag's own, and those of its steps.
fn pieces(flag: &mut Flag) -> impl Iterator<Item = &mut Evidence> {
    let steps = flag.correlation.iter_mut().flat_map(|correlation| &mut correlation.steps);
    flag.evidence.iter_mut().chain(steps.flat_map(|step| &mut step.evidence))
}

/// Leaves little of the text around a match.
pub(super) fn shorten(evidence: &mut Evidence) {
    let Some(text) = &evidence.excerpt else {
        return;
    };
    let offset = evidence.excerpt_offset as usize;
    let within = |at: u32| (at as usize).saturating_sub(offset).min(text.len());
    let shown = excerpt::around(text, within(evidence.span.start)..within(evidence.span.end), SHORT_EXCERPT);
    evidence.excerpt_offset = u32::try_from(offset + shown.start).unwrap_or(u32::MAX);
    evidence.excerpt = text.get(shown).map(str::to_owned);
}

fn keep_few(flag: &mut Flag) {
    keep(flag, FEW);
    keep_steps(flag, FEW, 2);
}

fn keep_one(flag: &mut Flag) {
    keep(flag, 1);
    keep_steps(flag, 2, 1);
}

/// Leaves so many steps, the first and the last ones, each with so many pieces of evidence.
fn keep_steps(flag: &mut Flag, most: usize, pieces: usize) {
    let Some(correlation) = &mut flag.correlation else { return };
    let steps = &mut correlation.steps;
    let omitted = steps.len().saturating_sub(most);
    if omitted > 0 {
        steps.drain(1..=omitted);
        correlation.steps_omitted += omitted as u64;
        flag.cut.insert(Cut::Steps);
    }
    for step in steps {
        let omitted = step.evidence.len().saturating_sub(pieces);
        if omitted > 0 {
            step.evidence.truncate(pieces);
            flag.evidence_omitted += u32::try_from(omitted).unwrap_or(u32::MAX);
            flag.cut.insert(Cut::Evidence);
        }
    }
}

fn keep(flag: &mut Flag, most: usize) {
    let omitted = flag.evidence.len().saturating_sub(most);
    if omitted > 0 {
        let own = |one: &Evidence| one.event_id == flag.source.event_id;
        // Of what was found over several messages, something of the flagged one remains.
        if !flag.evidence[..most].iter().any(own)
            && let Some(first) = flag.evidence.iter().position(own)
        {
            flag.evidence.swap(most - 1, first);
        }
        flag.evidence.truncate(most);
        flag.evidence_omitted += u32::try_from(omitted).unwrap_or(u32::MAX);
        flag.cut.insert(Cut::Evidence);
    }
}

/// Makes every id and every statement shorter still.
fn shorten_ids(flag: &mut Flag) {
    let mut short = Short::to(SHORT_ID);
    for evidence in pieces(flag) {
        evidence.event_id = short.id(&evidence.event_id);
    }
    let Subjects { platform, tenant, sender, recipient, room, session } = &mut flag.subjects;
    let mut ids: Vec<&mut String> = vec![&mut flag.source.event_id, &mut flag.source.kind];
    let mut names: Vec<&mut String> = flag.lang.iter_mut().collect();
    if let Some(correlation) = &mut flag.correlation {
        ids.extend(correlation.key.iter_mut().map(|key| &mut key.value));
        for step in &mut correlation.steps {
            ids.extend([&mut step.event_id, &mut step.kind]);
            ids.extend([&mut step.sender, &mut step.recipient].into_iter().flatten());
        }
    }
    ids.extend([platform, tenant].into_iter().flatten());
    let (session_id, host) = session.as_mut().map(|session| (&mut session.id, &mut session.host)).unzip();
    ids.extend(session_id.into_iter().flatten());
    for party in [sender.as_mut(), recipient.as_mut(), host.and_then(Option::as_mut)].into_iter().flatten() {
        ids.extend(&mut party.id);
        names.extend([&mut party.name, &mut party.age_band, &mut party.country].into_iter().flatten());
    }
    if let Some(room) = room {
        ids.extend(&mut room.id);
        names.extend([&mut room.kind, &mut room.topic].into_iter().flatten());
    }
    for id in ids {
        *id = short.id(id);
    }
    for name in names {
        *name = short.statement(name);
    }
    flag.cut.append(&mut short.cut);
}

fn drop_excerpts(flag: &mut Flag) {
    for evidence in pieces(flag) {
        evidence.excerpt = None;
        evidence.excerpt_offset = 0;
    }
    flag.cut.insert(Cut::Excerpts);
}
