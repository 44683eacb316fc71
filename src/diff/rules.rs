//! What became of the rules.

use crate::correlate::Compiled;
use crate::rule::correlation::TimedExample;
use crate::rule::model::{Example, Level, Review, Status};
use crate::ruleset::{RuleIndex, RuleSet};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A rule or correlation, as far as a change of it is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// Unique id: what makes it the same rule in both sets.
    pub id: String,
    /// Short unique name.
    pub name: String,
    /// What people read.
    pub title: String,
    /// How grave it is.
    pub level: Level,
    /// Stage in its life.
    pub status: Status,
    /// Free tags.
    pub tags: Vec<String>,
    /// What becomes of findings.
    pub review: Review,
    /// Of a correlation: for how long a key that fired is silent, in milliseconds.
    pub suppress_ms: Option<u64>,
    /// Digest of what it finds by its own, but for the contents of lists; of a correlation its own words.
    own: String,
    /// The same with what it takes in: entries of lists, or what parts find.
    whole: String,
    /// Its own tests, as far as they can be told apart.
    tests: String,
    /// Whether it is a correlation.
    correlation: bool,
}

impl Card {
    /// Of a rule of a set.
    pub fn of_rule(rules: &RuleSet, index: RuleIndex) -> Card {
        let rule = rules.rule(index);
        // Wherever they stand.
        let tests = rule.tests.iter().map(|test| Example { line: 0, ..test.clone() });
        Card {
            id: rule.id.clone(),
            name: rule.name.clone(),
            title: rule.title.clone(),
            level: rule.level,
            status: rule.status,
            tags: rule.tags.clone(),
            review: rule.review.clone(),
            suppress_ms: None,
            own: rules.meaning(index).to_string(),
            whole: rules.findings_digest(index).to_string(),
            tests: format!("{:?}", tests.collect::<Vec<_>>()),
            correlation: false,
        }
    }

    /// Of a correlation.
    pub fn of_correlation(compiled: &Compiled) -> Card {
        let one = &compiled.correlation;
        let own = format!("{:?} {:?} {:?} {}", one.kind, one.parts, one.keys, one.timespan_ms);
        let tests = one.tests.iter().map(|test| TimedExample { line: 0, ..test.clone() });
        Card {
            id: one.id.clone(),
            name: one.name.clone(),
            title: one.title.clone(),
            level: one.level,
            status: one.status,
            tags: one.tags.clone(),
            review: one.review.clone(),
            suppress_ms: one.suppress_ms,
            whole: format!("{own} {:?}", compiled.meaning),
            own,
            tests: format!("{:?}", tests.collect::<Vec<_>>()),
            correlation: true,
        }
    }

    fn named(&self) -> Named {
        Named {
            id: self.id.clone(),
            name: self.name.clone(),
            title: self.title.clone(),
            level: self.level.name(),
        }
    }
}

/// A rule as the comparison names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Unique id.
    pub id: String,
    /// Short unique name; the new one where it changed.
    pub name: String,
    /// What people read.
    pub title: String,
    /// How grave it is.
    pub level: &'static str,
}

/// A rule that is in both sets, and differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Which.
    #[serde(flatten)]
    pub rule: Named,
    /// In what.
    pub changes: Vec<Change>,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What of it.
    pub what: What,
    /// What it was, if a word says that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// What of a rule changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// What it finds.
    Meaning,
    /// The entries of lists that it takes in.
    Lists,
    /// What the rules find that it joins.
    Parts,
    /// How grave it is.
    Level,
    /// Its stage of life.
    Status,
    /// How much a finding weighs.
    Score,
    /// Whether findings are flags.
    Publish,
    /// Whose queue they go to.
    Queue,
    /// For how long it is silent.
    Suppress,
    /// Its tags.
    Tags,
    /// Its name.
    Name,
    /// What people read.
    Title,
    /// Its own tests.
    Tests,
}

impl What {
    /// In words, for people.
    pub fn words(self) -> &'static str {
        match self {
            What::Meaning => "what it finds",
            What::Lists => "entries of its lists",
            What::Parts => "what its parts find",
            What::Level => "level",
            What::Status => "status",
            What::Score => "score",
            What::Publish => "publish",
            What::Queue => "queue",
            What::Suppress => "suppress",
            What::Tags => "tags",
            What::Name => "name",
            What::Title => "title",
            What::Tests => "its own tests",
        }
    }
}

/// What became of the rules, each in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RuleDiff {
    /// In the new set alone.
    pub added: Vec<Named>,
    /// In the old set alone.
    pub removed: Vec<Named>,
    /// In both, and different.
    pub changed: Vec<Changed>,
    /// How many are in both, and the same.
    pub unchanged: u64,
}

impl RuleDiff {
    /// Compares two sets.
    pub fn of(old: &[Card], new: &[Card]) -> RuleDiff {
        let (old, new) = (by_id(old), by_id(new));
        let mut diff = RuleDiff::default();
        for id in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
            match (old.get(id).copied(), new.get(id).copied()) {
                (Some(one), Some(other)) => diff.both(one, other),
                (Some(one), None) => diff.removed.push(one.named()),
                (None, other) => diff.added.extend(other.map(Card::named)),
            }
        }
        let by_name = |one: &Named, other: &Named| one.name.cmp(&other.name);
        diff.added.sort_by(by_name);
        diff.removed.sort_by(by_name);
        diff.changed.sort_by(|one, other| by_name(&one.rule, &other.rule));
        diff
    }

    /// Whether anything is different.
    pub fn is_any(&self) -> bool {
        !(self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty())
    }

    fn both(&mut self, one: &Card, other: &Card) {
        let changes = changes(one, other);
        if changes.is_empty() {
            self.unchanged += 1;
        } else {
            self.changed.push(Changed { rule: other.named(), changes });
        }
    }
}

fn by_id(cards: &[Card]) -> BTreeMap<&str, &Card> {
    cards.iter().map(|card| (card.id.as_str(), card)).collect()
}

/// How a card says something.
type Wording<'w> = &'w dyn Fn(&Card) -> String;

fn changes(one: &Card, other: &Card) -> Vec<Change> {
    let mut changes = Vec::new();
    if one.own != other.own || one.correlation != other.correlation {
        changes.push(Change { what: What::Meaning, from: None, to: None });
    } else if one.whole != other.whole {
        let what = if one.correlation { What::Parts } else { What::Lists };
        changes.push(Change { what, from: None, to: None });
    }
    let status = |card: &Card| card.status.name().to_owned();
    let score = |card: &Card| card.review.score.unwrap_or(card.level.score()).to_string();
    let suppress =
        |card: &Card| card.suppress_ms.map_or_else(|| "none".to_owned(), |ms| format!("{} s", ms / 1000));
    let worded: [(What, Wording<'_>); 9] = [
        (What::Level, &|card| card.level.name().to_owned()),
        (What::Status, &status),
        (What::Score, &score),
        (What::Publish, &|card| card.review.publish.to_string()),
        (What::Queue, &|card| card.review.queue.clone()),
        (What::Suppress, &suppress),
        (What::Tags, &|card| card.tags.join(" ")),
        (What::Name, &|card| card.name.clone()),
        (What::Title, &|card| card.title.clone()),
    ];
    for (what, of) in worded {
        let (from, to) = (of(one), of(other));
        if from != to {
            changes.push(Change { what, from: Some(from), to: Some(to) });
        }
    }
    if one.tests != other.tests {
        changes.push(Change { what: What::Tests, from: None, to: None });
    }
    changes
}
