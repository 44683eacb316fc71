//! Reading the truth line by line, with all that is wrong with it at once.

use super::{Case, CaseIndex, Event, Known, KnownCase, Line, Truth, Wrong, milliseconds};
use std::borrow::Cow;
use std::collections::hash_map::{Entry, HashMap};

/// Wrong lines told at most: whoever has more has named another file.
const MOST_WRONG: usize = 100;

/// Takes lines in their order.
#[derive(Debug, Default)]
pub struct Reader {
    truth: Truth,
    /// Lines of events, until every case is known: they may stand before it.
    waiting: Vec<(usize, Event<'static>)>,
    wrong: Vec<Wrong>,
    lines: usize,
}

impl Reader {
    /// Takes the next line; empty ones say nothing.
    pub fn line(&mut self, line: &[u8]) {
        self.lines += 1;
        if line.trim_ascii().is_empty() {
            return;
        }
        match serde_json::from_slice::<Line<'_>>(line) {
            Ok(Line::Case(case)) => self.case(case),
            Ok(Line::Event(event)) => self.waiting.push((self.lines, event.into_owned())),
            Err(_) => self.wrong(Wrong::NoLabel { line: self.lines }),
        }
    }

    /// How many lines it took.
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// The truth, when all lines were taken; or what is wrong with them, as far as a person wants to know.
    pub fn finish(mut self) -> Result<Truth, Vec<Wrong>> {
        let mut places: HashMap<CaseIndex, u32> = HashMap::new();
        for (line, event) in std::mem::take(&mut self.waiting) {
            let Some(case) = self.truth.names.get(&*event.case).copied() else {
                self.wrong(Wrong::Unknown { line });
                continue;
            };
            let place = places.entry(case).and_modify(|place| *place += 1).or_insert(1);
            if event.stage.is_some() {
                let first = &mut self.truth.cases[case.0 as usize].first_risk_place;
                *first = first.or(Some(*place));
            }
            let known =
                Known { case, place: *place, stage: boxed(event.stage), resembles: boxed(event.resembles) };
            if self.truth.events.insert(event.event.into(), known).is_some() {
                self.wrong(Wrong::Twice { line, what: "event" });
            }
        }
        if self.wrong.is_empty() { Ok(self.truth) } else { Err(self.wrong) }
    }

    fn case(&mut self, case: Case<'_>) {
        let line = self.lines;
        // As many cases as a trace can have do not fit in memory.
        let index = CaseIndex(u32::try_from(self.truth.cases.len()).unwrap_or(u32::MAX));
        if self.truth.names.insert(case.case.as_ref().into(), index).is_some() {
            return self.wrong(Wrong::Twice { line, what: "case" });
        }
        let mut time = |key, text: &Option<Cow<'_, str>>| {
            let read = text.as_deref().map(milliseconds);
            if read == Some(None) {
                self.wrong.push(Wrong::Time { line, key });
            }
            read.flatten()
        };
        let start_ms = time("start", &case.start);
        let first_risk_ms = time("first_risk", &case.first_risk);
        let harm_ms = time("harm", &case.harm);
        let known =
            KnownCase { label: case.into_owned(), start_ms, first_risk_ms, harm_ms, first_risk_place: None };
        let mut twice = all_new(&mut self.truth.rooms, &known.label.rooms, index, "room");
        twice = twice.or(all_new(&mut self.truth.sessions, &known.label.sessions, index, "session"));
        self.truth.cases.push(known);
        if let Some(what) = twice {
            self.wrong(Wrong::Twice { line, what });
        }
    }

    fn wrong(&mut self, wrong: Wrong) {
        if self.wrong.len() < MOST_WRONG {
            self.wrong.push(wrong);
        }
    }
}

/// Enters names; tells what they are if one is there already.
fn all_new(
    known: &mut HashMap<Box<str>, CaseIndex>,
    names: &[Cow<'_, str>],
    index: CaseIndex,
    what: &'static str,
) -> Option<&'static str> {
    let mut twice = None;
    for name in names {
        match known.entry(name.as_ref().into()) {
            Entry::Vacant(place) => drop(place.insert(index)),
            Entry::Occupied(_) => twice = Some(what),
        }
    }
    twice
}

fn boxed(text: Option<Cow<'_, str>>) -> Option<Box<str>> {
    text.map(Into::into)
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

impl Case<'_> {
    fn into_owned(self) -> Case<'static> {
        Case {
            case: owned(self.case),
            risk: self.risk,
            kind: owned(self.kind),
            language: owned(self.language),
            style: owned(self.style),
            rooms: self.rooms.into_iter().map(owned).collect(),
            sessions: self.sessions.into_iter().map(owned).collect(),
            events: self.events,
            start: self.start.map(owned),
            first_risk: self.first_risk.map(owned),
            harm: self.harm.map(owned),
        }
    }
}

impl Event<'_> {
    fn into_owned(self) -> Event<'static> {
        Event {
            event: owned(self.event),
            case: owned(self.case),
            stage: self.stage.map(owned),
            resembles: self.resembles.map(owned),
        }
    }
}
