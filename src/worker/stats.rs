//! What a batch did, as a plain value that adds up.
//!
//! The core counts, the shell shows: metrics, `scan`'s summary and the demo's display are all sums of these
//! values. Counters are by name, not by index, so that sums hold across a swap of the rule set.

use crate::flag::RuleHead;
use crate::rule::model::Level;
use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::sync::Arc;
use std::time::Duration;

/// Counts of one batch, or the sum of many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchStats {
    /// Records given, of any kind.
    pub records: u64,
    /// Bytes of their payloads.
    pub bytes: u64,
    /// Records decoded and evaluated.
    pub events: u64,
    /// Of these, events with invalid UTF-8 or broken escapes, read with replacement characters.
    pub lossy: u64,
    /// Records without a payload, skipped.
    pub tombstones: u64,
    /// Records that could not be decoded, by the error's code; each is a dead letter.
    pub decode_errors: BTreeMap<&'static str, u64>,
    /// Dead letters that only refer to their record, because it is too large to be copied.
    pub dead_by_reference: u64,
    /// Flags cut to the size limit.
    pub flags_cut: u64,
    /// Messages forgotten for lack of room before their time, that later ones might have been joined with.
    pub tail_evicted: u64,
    /// Hits given to correlations, one for each group key of an event.
    pub hits: u64,
    /// Hits folded into windows of correlations.
    pub folded: u64,
    /// Of the hits given, those whose event was in the windows already.
    pub repeated: u64,
    /// How often a rule fired on an event that lacks a field by which a correlation groups.
    pub without_key: u64,
    /// Events that stand for more group keys than one event may.
    pub keys_cut: u64,
    /// What each rule did, by its name; only rules that fired.
    pub rules: BTreeMap<Arc<str>, RuleStats>,
    /// Of how many group keys windows are kept, by who folds hits.
    pub window_keys: Option<u64>,
    /// Correlations whose windows begin anew because they mean something else now, to be reported once each.
    pub restarted: Vec<Arc<str>>,
    /// Rules that began to publish too much in this batch, to be reported once each.
    pub floods: Vec<Arc<str>>,
    /// Greatest time from a record's own time stamp to its evaluation, in milliseconds.
    pub delay_ms: Option<i64>,
}

/// What a rule did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleStats {
    /// The rule's level.
    pub level: Level,
    /// Events that it fired on.
    pub findings: u64,
    /// Findings published to the review topic.
    pub flags: u64,
    /// Findings published to the shadow topic because the rule is a shadow rule.
    pub shadow: u64,
    /// Findings sent to the shadow topic because the rule published too much.
    pub diverted: u64,
    /// Findings not published, as the rule asks.
    pub unpublished: u64,
    /// Events that it gave to correlations.
    pub hits: u64,
    /// Findings of a correlation not published, because the same was a short while before.
    pub suppressed: u64,
    /// Windows of a correlation that came to hold more values than are kept apart.
    pub saturated: u64,
}

/// Time spent by a worker on a batch, by phase.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// Waiting for records and taking them.
    pub poll: Duration,
    /// The match stage.
    pub evaluate: Duration,
    /// Handing messages to the producer.
    pub publish: Duration,
}

impl BatchStats {
    /// What a rule did.
    pub(super) fn rule(&mut self, rule: &RuleHead) -> &mut RuleStats {
        let fresh = || RuleStats { level: rule.level, ..RuleStats::default() };
        self.rules.entry(Arc::clone(&rule.name)).or_insert_with(fresh)
    }

    /// Dead letters written: one for each decode error.
    pub fn dead_letters(&self) -> u64 {
        self.decode_errors.values().sum()
    }

    /// Flags for the review topic, over all rules.
    pub fn flags(&self) -> u64 {
        self.rules.values().map(|rule| rule.flags).sum()
    }

    /// Flags for the shadow topic, over all rules.
    pub fn shadow(&self) -> u64 {
        self.rules.values().map(|rule| rule.shadow + rule.diverted).sum()
    }

    /// Findings over all rules, published or not.
    pub fn findings(&self) -> u64 {
        self.rules.values().map(|rule| rule.findings).sum()
    }

    /// Flags for the review topic by level, the gravest first; levels without one are left out.
    pub fn flags_by_level(&self) -> Vec<(Level, u64)> {
        let of = |level| self.rules.values().filter(move |rule| rule.level == level).map(|rule| rule.flags);
        let sums = Level::ALL.into_iter().rev().map(|level| (level, of(level).sum()));
        sums.filter(|(_, flags)| *flags > 0).collect()
    }
}

impl AddAssign<&BatchStats> for BatchStats {
    fn add_assign(&mut self, other: &BatchStats) {
        self.records += other.records;
        self.bytes += other.bytes;
        self.events += other.events;
        self.lossy += other.lossy;
        self.tombstones += other.tombstones;
        self.dead_by_reference += other.dead_by_reference;
        self.flags_cut += other.flags_cut;
        self.tail_evicted += other.tail_evicted;
        self.hits += other.hits;
        self.folded += other.folded;
        self.repeated += other.repeated;
        self.without_key += other.without_key;
        self.keys_cut += other.keys_cut;
        for (code, count) in &other.decode_errors {
            *self.decode_errors.entry(code).or_default() += count;
        }
        for (name, stats) in &other.rules {
            *self.rules.entry(Arc::clone(name)).or_default() += stats;
        }
        self.window_keys = other.window_keys.or(self.window_keys);
        self.restarted.extend(other.restarted.iter().cloned());
        self.floods.extend(other.floods.iter().cloned());
        self.delay_ms = self.delay_ms.max(other.delay_ms);
    }
}

impl AddAssign<&RuleStats> for RuleStats {
    /// Sums the counts; the level is the other's, the later word on the rule.
    fn add_assign(&mut self, other: &RuleStats) {
        self.level = other.level;
        self.findings += other.findings;
        self.flags += other.flags;
        self.shadow += other.shadow;
        self.diverted += other.diverted;
        self.unpublished += other.unpublished;
        self.hits += other.hits;
        self.suppressed += other.suppressed;
        self.saturated += other.saturated;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(rule: &str, level: Level, flags: u64) -> BatchStats {
        let stats = RuleStats { level, findings: flags, flags, ..RuleStats::default() };
        BatchStats {
            records: 2,
            bytes: 10,
            events: 1,
            decode_errors: BTreeMap::from([("no_object", 1)]),
            rules: BTreeMap::from([(Arc::from(rule), stats)]),
            floods: vec![Arc::from(rule)],
            delay_ms: Some(7),
            ..BatchStats::default()
        }
    }

    #[test]
    fn sums_add_up_by_name() {
        let mut sum = one("a", Level::Low, 1);
        sum += &one("b", Level::High, 2);
        sum += &one("a", Level::High, 3);
        assert_eq!((sum.records, sum.events, sum.dead_letters()), (6, 3, 3));
        assert_eq!((sum.flags(), sum.findings()), (6, 6));
        assert_eq!(sum.rules["a"].flags, 4);
        assert_eq!(sum.flags_by_level(), [(Level::High, 6)]);
        assert_eq!(sum.floods.len(), 3);
        assert_eq!(sum.delay_ms, Some(7));
    }

    #[test]
    fn nothing_is_neutral() {
        let mut sum = BatchStats::default();
        sum += &one("a", Level::Low, 1);
        let mut other = sum.clone();
        other += &BatchStats::default();
        assert_eq!(sum, one("a", Level::Low, 1));
        assert_eq!(other, sum);
    }
}
