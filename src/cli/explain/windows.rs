//! A correlation's windows in words: what each event did to them, and what is lacking in the end.
//!
//! Of events it says names and times, of group keys the values; nothing that anybody wrote.

use super::show::quoted;
use crate::cli::sequence::{Found, Met};
use crate::correlate::trace::{Change, Lacks, Standing, Taken, Why};
use crate::correlate::window::Item;
use crate::correlate::{Compiled, CorrelationIndex, Firing, GroupKey, Trigger};
use crate::flag::correlated::Names;
use crate::flag::rfc3339;
use crate::text::visible;
use crate::worker::stage::Program;
use std::fmt::Write;

/// Tells of the windows of a correlation.
pub(in crate::cli) struct Windows<'p> {
    program: &'p Program,
    pub(super) rule: &'p Compiled,
    /// What events are called, by offset from 1.
    pub(in crate::cli) labels: Vec<String>,
}

impl<'p> Windows<'p> {
    pub(in crate::cli) fn new(
        program: &'p Program,
        index: CorrelationIndex,
        labels: Vec<String>,
    ) -> Windows<'p> {
        Windows { program, rule: program.correlations().get(index), labels }
    }

    /// What is said of the correlation.
    pub(super) fn head(&self) -> Vec<String> {
        let own = &self.rule.correlation;
        let parts: Vec<&str> = (0u16..).zip(&own.parts).map(|(part, _)| self.part(part)).collect();
        let keys: Vec<&str> = own.keys.iter().map(|key| key.name.as_str()).collect();
        let mut what = format!(
            "{} of {}, by {}, within {}",
            self.rule.kind_name(),
            parts.join(", "),
            keys.join(", "),
            span(own.timespan_ms)
        );
        if let Some(silence) = own.suppress_ms {
            let _infallible = write!(what, "; then silent for {}", span(silence));
        }
        if self.rule.shadow {
            what += "; shadow";
        } else if !own.review.publish {
            what += "; not published";
        }
        let place = format!("{}:{}", own.origin.file, own.origin.line);
        [format!("{}: {} ({place})", own.name, own.title), what].iter().map(|line| visible(line)).collect()
    }

    /// What an event did.
    pub(in crate::cli) fn event(&self, label: &str, met: &Met) -> Vec<String> {
        let names: Vec<&str> = met.parts.iter().map(|found| self.part(number(found.part))).collect();
        let found = if names.is_empty() { "nothing that counts".to_owned() } else { names.join(", ") };
        let mut lines = vec![format!("{label}, {}: {found}", rfc3339(met.time))];
        lines.extend(met.parts.iter().filter_map(|found| self.without_key(found)));
        lines.extend(met.changes.iter().flat_map(|change| self.change(change)));
        lines.iter().map(|line| visible(line)).collect()
    }

    fn without_key(&self, found: &Found) -> Option<String> {
        let part = self.part(number(found.part));
        let lacks = found.lacks.join(" and no ");
        (!lacks.is_empty()).then(|| format!("  {part} counts for nobody: the event has no {lacks}"))
    }

    fn change(&self, change: &Change) -> Vec<String> {
        let Change { key, taken, anew, dropped, firings, standing } = change;
        let mut lines = vec![format!("  of {}", key_text(key))];
        let mut said = |what: String| lines.push(format!("    {what}"));
        if *anew {
            said("what had come before is over: the window begins anew".to_owned());
        }
        if let Some(why) = self.not_taken(*taken, standing) {
            said(format!("does not count: {why}"));
        }
        for (item, why) in dropped {
            said(format!("let go: {}, {}", self.item(item), self.let_go(*why)));
        }
        for firing in firings {
            said(self.fired(firing));
            said(told(firing, standing));
        }
        if firings.is_empty() || !standing.counted.is_empty() {
            said(format!("counts now: {}", self.counted(standing)));
            said(self.lacks(standing));
        }
        lines
    }

    fn not_taken(&self, taken: Taken, standing: &Standing) -> Option<String> {
        Some(match taken {
            Taken::Taken => return None,
            Taken::Duplicate => "the same event is there already".to_owned(),
            Taken::BelowFloor => {
                let floor = standing.floor.as_ref().map(|floor| self.label(floor.offset));
                format!("it is not after {}, with which the correlation fired", floor.unwrap_or_default())
            }
            Taken::NoValue => {
                let field = self.rule.counted().map_or("the field", |(field, _)| field);
                let what = if matches!(self.rule.trigger, Trigger::Sum(_)) { "number" } else { "value" };
                format!("it has no {what} in {field}")
            }
            Taken::TooOld => format!("it is {} or more older than others", self.span()),
            Taken::Superfluous => "what is there serves as well".to_owned(),
        })
    }

    fn let_go(&self, why: Why) -> String {
        match why {
            Why::BelowFloor => "not after what fired".to_owned(),
            Why::TooOld => format!("{} or more older than others", self.span()),
            Why::Superfluous => "a later one serves as well".to_owned(),
            Why::NothingBefore => "which follows nothing".to_owned(),
            Why::Joined => "joined with the one before it, for there are so many".to_owned(),
        }
    }

    fn span(&self) -> String {
        span(self.rule.correlation.timespan_ms)
    }

    fn fired(&self, firing: &Firing) -> String {
        let step = |step: &crate::correlate::Step| {
            let parts: Vec<&str> = step.parts.iter().map(|part| self.part(*part)).collect();
            format!("{} ({})", self.label(step.at.order.offset), parts.join(", "))
        };
        let steps: Vec<String> = firing.steps.iter().map(step).collect();
        let more = firing.events.saturating_sub(steps.len());
        let more = if more > 0 { format!("{more} events and ") } else { String::new() };
        format!("the correlation fires: {more}{}", steps.join(", "))
    }

    /// What counts, each event with its part, and with its value where values are added.
    fn counted(&self, standing: &Standing) -> String {
        let mut items: Vec<String> = standing.counted.iter().map(|item| self.item(item)).collect();
        // An event with several values.
        items.dedup();
        if items.is_empty() { "nothing".to_owned() } else { items.join(", ") }
    }

    fn item(&self, item: &Item) -> String {
        let label = self.label(item.at.order.offset);
        match self.rule.trigger {
            Trigger::Events(_) | Trigger::Values(_) => label,
            Trigger::Sum(_) => format!("{label} ({})", decimal(item.value.into())),
            Trigger::Scores(_) => {
                format!("{label} ({}, {})", self.part(item.part), decimal(item.value.into()))
            }
            Trigger::Parts(_) | Trigger::Ordered(_) => format!("{label} ({})", self.part(item.part)),
        }
    }

    /// What is lacking.
    fn lacks(&self, standing: &Standing) -> String {
        let parts = |parts: &[u16]| parts.iter().map(|part| self.part(*part)).collect::<Vec<_>>().join(", ");
        let lacks = match &standing.lacks {
            Lacks::Number { there, wanted } => match self.rule.counted() {
                Some((field, _)) => format!("{there} of {wanted} values of {field}"),
                None => format!("{there} of {wanted} events"),
            },
            Lacks::Sum { there, wanted } => format!("{} of {}", decimal(*there), decimal(*wanted)),
            Lacks::Parts { parts: all, enough: None } => format!("lacks some of {}", parts(all)),
            Lacks::Parts { parts: all, enough: Some(enough) } if *enough < all.len() => {
                format!("lacks {enough} of {}", parts(all))
            }
            Lacks::Parts { parts: all, .. } if matches!(self.rule.trigger, Trigger::Ordered(_)) => {
                format!("lacks, in this order: {}", parts(all))
            }
            Lacks::Parts { parts: all, .. } => format!("lacks {}", parts(all)),
        };
        let before = standing.before.map(|time| format!("; the rest has to come before {}", rfc3339(time)));
        lacks + &before.unwrap_or_default()
    }

    /// How all windows stand in the end.
    pub(in crate::cli) fn end<'k>(
        &self,
        standings: impl Iterator<Item = (&'k GroupKey, Standing)>,
    ) -> Vec<String> {
        let mut lines = Vec::new();
        for (key, standing) in standings {
            lines.push(format!("  of {}", key_text(key)));
            lines.push(format!("    counts: {}", self.counted(&standing)));
            lines.push(format!("    {}", self.lacks(&standing)));
            let until = |until| format!("    if it fires before {}, no flag comes of it", rfc3339(until));
            lines.extend(standing.silent_until.map(until));
        }
        if lines.is_empty() {
            lines.push("  nothing counts for anybody".to_owned());
        }
        lines.iter().map(|line| visible(line)).collect()
    }

    /// The name of a part.
    pub(super) fn part(&self, part: u16) -> &str {
        let id = self.rule.correlation.parts.get(usize::from(part)).map_or("", |part| part.id.as_str());
        self.program.head(id).map_or(id, |head| &*head.name)
    }

    /// What an event is called.
    pub(in crate::cli) fn label(&self, offset: i64) -> String {
        let index = usize::try_from(offset).ok().and_then(|offset| offset.checked_sub(1));
        index.and_then(|index| self.labels.get(index)).cloned().unwrap_or_default()
    }
}

fn told(firing: &Firing, standing: &Standing) -> String {
    let until = standing.silent_until.map(rfc3339);
    match (firing.silent, until) {
        (true, Some(until)) => {
            format!("no flag comes of it: there was one, and the key is silent until {until}")
        }
        (true, None) => "no flag comes of it: there was one not long ago".to_owned(),
        (false, until) => {
            let before = match firing.suppressed {
                0 => String::new(),
                count => format!(" and of {count} before"),
            };
            let silent = until.map(|until| format!("; the key is silent until {until}"));
            format!("a flag comes of it{before}{}", silent.unwrap_or_default())
        }
    }
}

fn key_text(key: &GroupKey) -> String {
    let pairs: Vec<String> =
        key.parts().pairs.iter().map(|(name, value)| format!("{name} {}", quoted(value))).collect();
    pairs.join(", ")
}

/// Parts are far fewer.
pub(super) fn number(part: usize) -> u16 {
    u16::try_from(part).unwrap_or(u16::MAX)
}

/// A span of time as rules write it.
fn span(ms: u64) -> String {
    let units = [('w', 604_800_000), ('d', 86_400_000), ('h', 3_600_000), ('m', 60_000), ('s', 1_000)];
    let unit = units.into_iter().find(|(_, length)| ms > 0 && ms.is_multiple_of(*length));
    unit.map_or_else(|| format!("{ms} ms"), |(unit, length)| format!("{}{unit}", ms / length))
}

/// A number of millionths.
pub(super) fn decimal(micros: i128) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let (whole, fraction) = (micros.unsigned_abs() / 1_000_000, micros.unsigned_abs() % 1_000_000);
    let fraction = format!("{fraction:06}");
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_numbers_read_as_they_are_written() {
        let spans =
            [(1_800_000, "30m"), (86_400_000, "1d"), (90_000, "90s"), (1_209_600_000, "2w"), (5, "5 ms")];
        for (ms, expected) in spans {
            assert_eq!(span(ms), expected);
        }
        for (micros, expected) in [(0, "0"), (40_000_000, "40"), (-500_000, "-0.5"), (19_990_000, "19.99")] {
            assert_eq!(decimal(micros), expected);
        }
    }
}
