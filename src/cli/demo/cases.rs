//! How far the cases of a trace have been told, and what was found in each.
//!
//! The figures of the summary are not reckoned here, but by [`crate::backtest`] from what is kept here ([`Cases::kept`]).

use super::CAUGHT;
use super::known::Known;
use super::shown::Shown;
use crate::event::DAY_MS;
use crate::flag::FlagId;
use crate::truth::{CaseIndex, KnownCase, Truth};
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Flagged cases that are kept for the display.
const MOST_SHOWN: usize = 24;
/// Harmless cases that are kept for the display.
const MOST_LEFT_ALONE: usize = 200;
/// A case is left alone if so long after its last event nothing was found in it.
const CALM: Duration = Duration::from_secs(1);

/// All that is known of cases.
#[derive(Debug, Default)]
pub(super) struct Cases {
    truth: Option<Arc<Truth>>,
    /// Event times of the first event and of the latest.
    span_ms: Option<(i64, i64)>,
    told: BTreeMap<CaseIndex, Told>,
    /// Flagged cases, the latest first, each with its gravest flag.
    shown: VecDeque<Shown>,
    /// Distinct cases, as flags name them, with a flag that catches.
    caught: BTreeSet<crate::flag::CaseId>,
    /// Harmless cases that came to their end and look like others, the latest first, and when that was.
    ended: VecDeque<(CaseIndex, Duration)>,
    /// Every flag once: delivery is at least once.
    known: HashSet<FlagId>,
    kept: Vec<Kept>,
}

/// What was played of a case.
#[derive(Debug, Default)]
struct Told {
    events: u64,
    resembles: BTreeSet<Box<str>>,
    /// Flags below those that catch.
    signs: u64,
    caught: bool,
}

/// A flag, as far as figures depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) rule: String,
    pub(super) event: Box<str>,
    pub(super) case: Option<CaseIndex>,
    pub(super) time_ms: i64,
    pub(super) shadow: bool,
}

/// A harmless case that looks like others and was left alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct LeftAlone<'a> {
    pub(super) index: CaseIndex,
    pub(super) case: &'a KnownCase,
    pub(super) events: u64,
    pub(super) resembles: &'a BTreeSet<Box<str>>,
    pub(super) signs: u64,
}

impl Cases {
    /// Of a trace with this truth, if there is one.
    pub(super) fn new(truth: Option<Arc<Truth>>) -> Cases {
        Cases { truth, ..Cases::default() }
    }

    pub(super) fn truth(&self) -> Option<&Truth> {
        self.truth.as_deref()
    }

    /// An event was sent at time `now` since the start.
    pub(super) fn sent(&mut self, known: Known, now: Duration) {
        if let Some(time) = known.time_ms {
            let (first, last) = self.span_ms.unwrap_or((time, time));
            self.span_ms = Some((first.min(time), last.max(time)));
        }
        let (Some(index), Some(truth)) = (known.case, &self.truth) else { return };
        let told = self.told.entry(index).or_default();
        told.events += 1;
        told.resembles.extend(known.resembles);
        let label = &truth.case(index).label;
        if !label.risk && told.events == label.events && !told.resembles.is_empty() {
            self.ended.push_front((index, now));
            self.ended.truncate(MOST_LEFT_ALONE);
        }
    }

    /// A flag was read from a topic.
    pub(super) fn flag(&mut self, shown: &Shown, shadow: bool) {
        if shown.flag_id.is_some_and(|id| !self.known.insert(id)) {
            return;
        }
        let Shown { rule, event, case, time_ms, .. } = shown.clone();
        self.kept.push(Kept { rule, event, case, time_ms, shadow });
        if shadow {
            return;
        }
        let caught = shown.level >= CAUGHT;
        if caught {
            self.caught.extend(shown.case_id);
        }
        if let Some(told) = shown.case.and_then(|case| self.told.get_mut(&case)) {
            told.caught |= caught;
            told.signs += u64::from(!caught);
        }
        if shown.is_case() {
            self.show(shown);
        }
    }

    /// The flag stands for its case, unless a graver one does.
    fn show(&mut self, shown: &Shown) {
        let same = self.shown.iter().position(|other| {
            other.case_id == shown.case_id && (shown.case_id.is_some() || other.rule == shown.rule)
        });
        if let Some(same) = same {
            if self.shown[same].level > shown.level {
                return;
            }
            self.shown.remove(same);
        }
        self.shown.push_front(shown.clone());
        self.shown.truncate(MOST_SHOWN);
    }

    /// Flagged cases, the latest first; after all that catch, those that build up.
    pub(super) fn shown(&self) -> impl Iterator<Item = &Shown> {
        let of = |caught| self.shown.iter().filter(move |shown| (shown.level >= CAUGHT) == caught);
        of(true).chain(of(false))
    }

    /// How many cases have a flag that catches.
    pub(super) fn caught(&self) -> usize {
        self.caught.len()
    }

    /// How many cases have begun.
    pub(super) fn begun(&self) -> usize {
        self.told.len()
    }

    /// Harmless cases that resemble others and were left alone by time `now`, the latest first.
    pub(super) fn left_alone(&self, now: Duration) -> impl Iterator<Item = LeftAlone<'_>> {
        let calm = self.ended.iter().filter(move |(_, ended)| now.saturating_sub(*ended) >= CALM);
        calm.filter_map(|(index, _)| {
            let (told, case) = (self.told.get(index)?, self.truth.as_ref()?.case(*index));
            let Told { events, resembles, signs, caught } = told;
            let left = LeftAlone { index: *index, case, events: *events, resembles, signs: *signs };
            (!caught).then_some(left)
        })
    }

    /// The cases that were told to their ends, as far as labels say how long they are.
    pub(super) fn told(&self) -> BTreeSet<CaseIndex> {
        let Some(truth) = &self.truth else { return BTreeSet::new() };
        let told = self.told.iter().filter(|(index, told)| {
            let events = truth.case(**index).label.events;
            events > 0 && told.events >= events
        });
        told.map(|(index, _)| *index).collect()
    }

    /// Every flag once, in the order of arrival.
    pub(super) fn kept(&self) -> &[Kept] {
        &self.kept
    }

    /// Event times of the first event and of the latest, in milliseconds since the epoch.
    pub(super) fn span_ms(&self) -> Option<(i64, i64)> {
        self.span_ms
    }

    /// A time as the story tells it: `day 2, 21:40`, in UTC.
    pub(super) fn day(&self, ms: i64) -> String {
        let first = self.span_ms.map_or(ms, |(first, _)| first);
        let day = ms.div_euclid(DAY_MS) - first.div_euclid(DAY_MS) + 1;
        let minute = ms.rem_euclid(DAY_MS) / 60_000;
        format!("day {day}, {:02}:{:02}", minute / 60, minute % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::super::shown::Step;
    use super::*;
    use crate::flag::CaseId;
    use crate::rule::model::Level;
    use crate::truth::Reader;

    /// A harmless case of two events, one that nobody counted, and a risky one of one event.
    fn cases() -> Cases {
        let mut reader = Reader::default();
        for line in [
            r#"{"case":"1","risk":false,"events":2}"#,
            r#"{"case":"2","risk":false}"#,
            r#"{"case":"3","risk":true,"events":1}"#,
        ] {
            reader.line(line.as_bytes());
        }
        Cases::new(Some(Arc::new(reader.finish().expect("labels"))))
    }

    fn send(cases: &mut Cases, case: u32, second: u64) {
        let known = Known { case: Some(CaseIndex(case)), time_ms: Some(0), resembles: Some("g3".into()) };
        cases.sent(known, Duration::from_secs(second));
    }

    fn shown(level: Level, case: u32, group: &str) -> Shown {
        let case_id = CaseId::of_group(group.as_bytes());
        let flag_id = FlagId::of_group(level.name(), group.as_bytes(), &[0; 16]);
        Shown {
            level,
            flag_id: Some(flag_id),
            case_id: Some(case_id),
            case: Some(CaseIndex(case)),
            steps: vec![Step::default()],
            ..Shown::default()
        }
    }

    #[test]
    fn a_harmless_case_is_left_alone_when_nothing_caught_it_after_its_end() {
        let mut cases = cases();
        let left = |cases: &Cases, second| cases.left_alone(Duration::from_secs(second)).count();
        send(&mut cases, 0, 1);
        assert_eq!(left(&cases, 9), 0, "it goes on");
        send(&mut cases, 0, 5);
        send(&mut cases, 2, 5);
        assert_eq!((left(&cases, 5), left(&cases, 6)), (0, 1));
        cases.flag(&shown(Level::Low, 0, "a"), false);
        cases.flag(&shown(Level::High, 0, "a"), true);
        assert_eq!(cases.left_alone(Duration::from_secs(6)).map(|left| left.signs).collect::<Vec<_>>(), [1]);
        cases.flag(&shown(Level::Critical, 0, "a"), false);
        assert_eq!((left(&cases, 6), cases.caught()), (0, 1));
    }

    #[test]
    fn cases_are_told_to_their_ends_if_labels_say_where_that_is() {
        let mut cases = cases();
        for case in [0, 1, 2] {
            send(&mut cases, case, 1);
        }
        assert_eq!(cases.told(), [CaseIndex(2)].into());
        assert_eq!(cases.begun(), 3);
        send(&mut cases, 0, 1);
        assert_eq!(cases.told(), [CaseIndex(0), CaseIndex(2)].into());
    }

    #[test]
    fn a_case_is_shown_by_its_gravest_flag_and_every_flag_kept_once() {
        let mut cases = cases();
        let flags = [(Level::Medium, "a"), (Level::High, "b"), (Level::Medium, "c"), (Level::High, "a")];
        for (level, group) in flags.into_iter().chain([(Level::Medium, "b"), (Level::High, "a")]) {
            cases.flag(&shown(level, 2, group), false);
        }
        let levels: Vec<_> = cases.shown().map(|shown| (shown.level, shown.case_id)).collect();
        let of = |group: &str| Some(CaseId::of_group(group.as_bytes()));
        assert_eq!(levels, [(Level::High, of("a")), (Level::High, of("b")), (Level::Medium, of("c"))]);
        assert_eq!(cases.kept().len(), 5);
    }

    #[test]
    fn days_are_counted_from_the_first_event() {
        let mut cases = cases();
        let noon = 10 * DAY_MS + DAY_MS / 2;
        cases.sent(Known { time_ms: Some(noon), ..Known::default() }, Duration::ZERO);
        for (ms, expected) in [(0, "day 1, 12:00"), (DAY_MS / 2, "day 2, 00:00"), (-DAY_MS, "day 0, 12:00")] {
            assert_eq!(cases.day(noon + ms), expected);
        }
    }
}
