//! Which topics a process needs, and what for.

use super::windows::REPLICATED;
use crate::kafka::settings::Settings;

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// Reads events, and writes dead letters.
    pub events: bool,
    /// Writes hits.
    pub hits: bool,
    /// Reads hits, and reads and writes windows.
    pub windows: bool,
}

impl Needs {
    /// What match workers need, whose rules have correlations or not.
    pub fn matching(correlations: bool) -> Self {
        Self { events: true, hits: correlations, windows: false }
    }

    /// What correlate workers need.
    pub fn correlating() -> Self {
        Self { events: false, hits: true, windows: true }
    }

    /// The needs of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            events: self.events || other.events,
            hits: self.hits || other.hits,
            windows: self.windows || other.windows,
        }
    }
}

/// A topic, and what is done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted<'a> {
    pub(super) name: &'a str,
    pub(super) read: bool,
    pub(super) write: bool,
    /// Its own configuration, if we make it.
    pub(super) configuration: &'static [(&'static str, &'static str)],
}

impl Wanted<'_> {
    /// The configuration of a topic that we make with so many replicas, which is −1 if the cluster decides. Where two can be demanded
    /// to have what is acknowledged, they are: no broker's loss loses any of it.
    pub(super) fn configured(&self, replicas: i32) -> impl Iterator<Item = (&'static str, &'static str)> {
        let replicated = usize::try_from(replicas).is_ok_and(|replicas| replicas >= REPLICATED);
        let durable = replicated.then_some(("min.insync.replicas", "2"));
        self.configuration.iter().copied().chain(durable)
    }
}

/// Who has not folded a hit for a day has other troubles, and hits hold what people wrote.
const HITS: &[(&str, &str)] =
    &[("cleanup.policy", "delete"), ("retention.ms", "86400000"), ("retention.bytes", "-1")];

/// The segment that is being written is never compacted, so that a small one keeps a restore short. And what is deleted is
/// gone after a day, also where little is written.
const WINDOWS: &[(&str, &str)] =
    &[("cleanup.policy", "compact"), ("segment.bytes", "104857600"), ("max.compaction.lag.ms", "86400000")];

/// The topics, what is read first, each once.
pub(super) fn wanted(settings: &Settings, needs: Needs) -> Vec<Wanted<'_>> {
    let topics = &settings.topics;
    let Needs { events, hits, windows } = needs;
    let all = [
        (&topics.input, events, false, &[][..]),
        (&topics.hits, windows, hits, HITS),
        (&topics.flags, false, true, &[][..]),
        (&topics.shadow, false, true, &[][..]),
        (&topics.dead_letters, false, true, &[][..]),
        (&topics.windows, windows, windows, WINDOWS),
    ];
    let mut wanted: Vec<Wanted<'_>> = Vec::new();
    for (name, read, write, configuration) in all.into_iter().filter(|(_, read, write, _)| *read || *write) {
        match wanted.iter_mut().find(|other| other.name == name) {
            Some(other) => (other.read, other.write) = (other.read || read, other.write || write),
            None => wanted.push(Wanted { name, read, write, configuration }),
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::settings::tests::settings;

    #[test]
    fn what_is_made_with_three_replicas_needs_two() {
        let settings = settings("b:1");
        let needed = |replicas| {
            let value = |topic: Wanted<'_>| {
                topic
                    .configured(replicas)
                    .find(|(key, _)| *key == "min.insync.replicas")
                    .map(|(_, value)| value)
            };
            wanted(&settings, Needs::correlating()).into_iter().map(value).collect::<Vec<_>>()
        };
        for (replicas, value) in [(-1, None), (1, None), (2, None), (3, Some("2")), (5, Some("2"))] {
            assert_eq!(needed(replicas), [value; 5], "{replicas}");
        }
    }

    #[test]
    fn who_needs_which_topics() {
        let settings = settings("b:1");
        let told = |needs| {
            let topics = wanted(&settings, needs).into_iter().map(|topic| {
                let read = if topic.read { "r" } else { "" };
                let write = if topic.write { "w" } else { "" };
                format!("{}:{read}{write}", topic.name)
            });
            topics.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(told(Needs::matching(false)), "in:r flags:w shadow:w dead:w");
        assert_eq!(told(Needs::matching(true)), "in:r hits:w flags:w shadow:w dead:w");
        assert_eq!(told(Needs::correlating()), "hits:rw flags:w shadow:w dead:w windows:rw");
        let all = Needs::matching(true).and(Needs::correlating());
        assert_eq!(told(all), "in:r hits:rw flags:w shadow:w dead:w windows:rw");
    }
}
