//! A correlation's document, as far as it can be read without the others.

use super::alias::{self, Alias};
use super::example::{self, Timed};
use super::when::{self, Asked};
use super::{Kind, field, threshold};
use crate::rule::codes::Code;
use crate::rule::diagnostic::Diagnostic;
use crate::rule::document::{Body, Read};
use crate::rule::head::{self, Head, Identity, Shape};
use crate::rule::model::Review;
use crate::rule::reader::{Reader, nearest};
use crate::rule::shape::{self, Key, Takes};
use crate::rule::source::Span;
use crate::rule::syntax::{Entry, Node};
use crate::rule::{review, timespan};

/// The kind of document.
pub(in crate::rule) const SHAPE: Shape = Shape {
    noun: "correlation",
    keys: &[
        head::FIRST,
        &["correlation", "generate", "falsepositives", "level", "tags", "review", "tests", "allow", "custom"],
    ],
    required: &["title", "correlation"],
    id_serves: "flags are identified by the correlation's id; others refer to its name",
};

/// The keys of `correlation`.
pub(in crate::rule) const KEYS: [Key; 7] = [
    (
        "type",
        Takes::Choice(TYPES),
        "What is counted: events, distinct values of a field, the sum of a field; or which rules have to fire, in any \
         order (`temporal`) or in this one (`temporal_ordered`).",
    ),
    ("rules", Takes::Part("rules"), "The rules whose findings are put together, by name or id."),
    (
        "group-by",
        Takes::Part("group_by"),
        "Fields that have to be equal; without one of them an event counts nowhere.",
    ),
    ("timespan", Takes::Part("timespan"), "How long it may take, first to last: `30m`; at most `30d`."),
    (
        "condition",
        Takes::Part("correlation_condition"),
        "How many, or how much; of `temporal`, which of the rules.",
    ),
    ("aliases", Takes::Part("aliases"), "Names for fields that are called otherwise in each rule."),
    (
        "generate",
        Takes::Bool,
        "Whether the rules' own findings become flags too (Sigma; `review.publish` decides).",
    ),
];
const NAMES: [&str; 7] = shape::names_of(&KEYS);
const TYPES: &[&str] = &["event_count", "value_count", "value_sum", "temporal", "temporal_ordered"];

/// Types of Sigma that are not read, and what to do instead.
const REFUSED: &[(&str, &str)] = &[
    (
        "value_avg",
        "a few events may give any average; `value_sum` and `event_count` say how much and how often",
    ),
    ("value_median", "`value_count` counts different values, `value_sum` adds them"),
    (
        "value_percentile",
        "how rare a value is takes all events of a long time; `value_count` counts different values",
    ),
];

/// The lists of a correlation's rules and of its keys, as messages name them.
pub(super) const RULES: &str = "`rules`";
const KEY: &str = "`group-by`";

/// How many rules, and how many keys, a correlation or a filter may name.
const MAX_RULES: usize = 1_000;
const MAX_KEYS: usize = 16;

/// A name with its place.
#[derive(Debug, Clone)]
pub(in crate::rule) struct Name {
    pub(in crate::rule) text: String,
    pub(in crate::rule) span: Span,
}

/// A correlation whose references are still names.
pub(in crate::rule) struct Draft {
    pub(super) identity: Identity,
    pub(super) head: Head,
    pub(super) review: Review,
    pub(super) suppress_ms: Option<u64>,
    pub(super) section: Section,
    pub(super) generate: Option<(bool, Span)>,
    pub(super) tests: Vec<Timed>,
    /// The `correlation` key.
    pub(super) span: Span,
}

/// What stands below `correlation`.
pub(super) struct Section {
    pub(super) rules: Vec<Name>,
    /// Fields and aliases.
    pub(super) keys: Vec<Name>,
    pub(super) aliases: Vec<Alias>,
    pub(super) timespan_ms: u64,
    pub(super) kind: Awaited,
}

/// What must come together: known already, or once the rules are.
pub(super) enum Awaited {
    /// And the place of its condition.
    Known(Kind, Span),
    Temporal(Asked),
    Ordered(Asked),
}

/// What is a correlation's own, while it is read.
#[derive(Default)]
struct Own {
    section: Option<Section>,
    span: Span,
    generate: Option<(bool, Span)>,
    review: (Review, Option<u64>),
    tests: Vec<Timed>,
}

/// Reads a correlation's document.
pub(in crate::rule) fn read(reader: &mut Reader<'_>, entries: &[Entry], whole: Span) -> Read {
    let mut own = Own::default();
    let head = Head::read(reader, &SHAPE, entries, whole, |reader, known, entry| match known {
        "correlation" => {
            own.span = entry.key.span;
            own.section = section(reader, entry, &mut own.generate);
        }
        "generate" => own.generate = generate(reader, entry),
        "review" => own.review = review::with_suppress(reader, &entry.value),
        "tests" => own.tests = example::read(reader, &entry.value),
        _ => {}
    });
    let identity = head.finish(reader, &SHAPE);
    let body = identity.clone().and_then(|identity| draft(head, identity, own));
    Read { identity, body }
}

fn draft(head: Head, identity: Identity, own: Own) -> Option<Body> {
    let (review, suppress_ms) = own.review;
    head.title.as_ref()?;
    Some(Body::Correlation(Box::new(Draft {
        identity,
        head,
        review,
        suppress_ms,
        section: own.section?,
        generate: own.generate,
        tests: own.tests,
        span: own.span,
    })))
}

fn generate(reader: &mut Reader<'_>, entry: &Entry) -> Option<(bool, Span)> {
    let value = reader.bool(&entry.value, "`generate`", Code::WrongType)?;
    Some((value, entry.key.span))
}

/// Reads what stands below `correlation`. All of it, whatever is wrong with parts.
fn section(reader: &mut Reader<'_>, of: &Entry, generates: &mut Option<(bool, Span)>) -> Option<Section> {
    let entries = reader.map(&of.value, "`correlation`")?;
    for entry in entries.iter().filter(|entry| !NAMES.contains(&&*entry.key.text)) {
        reader.unknown_key(entry, "`correlation`", &NAMES);
    }
    let found = Found { entries, at: of.key.span };
    if let Some(entry) = entries.iter().find(|entry| &*entry.key.text == "generate") {
        *generates = generate(reader, entry);
    }
    let kind = found.needed(reader, "type", "it says what must come together, such as `temporal_ordered`");
    let kind = kind.and_then(|node| kind_of(reader, node));
    let kind = kind.and_then(|kind| awaited(reader, &found, kind));
    let rules = found.needed(reader, "rules", "it names the rules whose findings are taken, in a list");
    let rules = rules.and_then(|node| names(reader, node, RULES));
    let aliases = found.value("aliases").map_or(Some(Vec::new()), |node| alias::read(reader, node));
    let help = "it says what the findings must share, such as `group-by: [sender.id, recipient.id]`; without a key \
                everybody's would be thrown together";
    let keys = found.needed(reader, "group-by", help);
    let keys = keys.and_then(|node| keys_of(reader, node, aliases.as_deref()));
    let help = "it says how far apart the findings may be, such as `timespan: 30m`";
    let timespan = found.needed(reader, "timespan", help);
    let timespan = timespan.and_then(|node| timespan::read(reader, node, "`timespan`"));
    Some(Section { rules: rules?, keys: keys?, aliases: aliases?, timespan_ms: timespan?, kind: kind? })
}

/// The entries below `correlation`, to be found by key.
struct Found<'n> {
    entries: &'n [Entry],
    at: Span,
}

impl<'n> Found<'n> {
    fn value(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|entry| &*entry.key.text == key).map(|entry| &entry.value)
    }

    /// The value of a key that must be there.
    fn needed(&self, reader: &mut Reader<'_>, key: &str, help: &str) -> Option<&'n Node> {
        let value = self.value(key);
        let misspelt = |entry: &Entry| nearest(&entry.key.text, NAMES.into_iter()) == Some(key);
        if value.is_none() && !self.entries.iter().any(misspelt) {
            let message = format!("the correlation has no `{key}`");
            reader.push(Diagnostic::new(Code::MissingKey, self.at, message).help(help));
        }
        value
    }
}

fn kind_of<'n>(reader: &mut Reader<'_>, node: &'n Node) -> Option<&'n str> {
    let text = node.scalar().map(|scalar| &*scalar.text);
    if let Some((name, help)) = REFUSED.iter().find(|(name, _)| text == Some(name)) {
        let message = format!("correlations of the type `{name}` are not supported");
        reader.push(Diagnostic::new(Code::BadValue, node.span, message).help(*help));
        return None;
    }
    let find = |name: &str| TYPES.contains(&name).then_some(());
    reader.choice(node, "`type`", TYPES, find).and(text)
}

/// The condition as the type reads it.
fn awaited(reader: &mut Reader<'_>, found: &Found<'_>, kind: &str) -> Option<Awaited> {
    match kind {
        "temporal" => return when::asked(reader, found.value("condition")).map(Awaited::Temporal),
        "temporal_ordered" => return when::asked(reader, found.value("condition")).map(Awaited::Ordered),
        _ => {}
    }
    let help = match kind {
        "event_count" => "it says from how many on, such as `condition: {gte: 3}`",
        "value_count" => {
            "it says of what and from how many on, such as `condition: {field: recipient.id, gte: 5}`"
        }
        _ => "it says of what and from which sum on, such as `condition: {field: rule.score, gte: 80}`",
    };
    let condition = found.needed(reader, "condition", help)?;
    let read = match kind {
        "event_count" => threshold::event_count(reader, condition),
        "value_count" => threshold::value_count(reader, condition),
        _ => threshold::value_sum(reader, condition),
    };
    read.map(|kind| Awaited::Known(kind, condition.span))
}

/// A list of names, none of them twice.
pub(in crate::rule) fn names(reader: &mut Reader<'_>, node: &Node, key: &str) -> Option<Vec<Name>> {
    let most = if key == KEY { MAX_KEYS } else { MAX_RULES };
    let items = listed(reader, node, key, most)?;
    let what = format!("an item of {key}");
    let read: Vec<_> = items
        .iter()
        .map(|node| Some(Name { text: reader.text(node, &what)?.to_owned(), span: node.span }))
        .collect();
    let read: Vec<_> = read.into_iter().collect::<Option<_>>()?;
    once(reader, &read, key).then_some(read)
}

/// The items of a list that has some, and not too many.
fn listed<'n>(reader: &mut Reader<'_>, node: &'n Node, key: &str, most: usize) -> Option<&'n [Node]> {
    let items = reader.items(node, key)?;
    let message = match items.len() {
        0 => format!("{key} is empty"),
        count if count <= most => return Some(items),
        _ => format!("{key} has more than {most} entries"),
    };
    let code = if items.is_empty() { Code::EmptySelection } else { Code::TooManyValues };
    reader.error(code, node.span, message);
    None
}

/// True if no name stands twice.
fn once(reader: &mut Reader<'_>, names: &[Name], key: &str) -> bool {
    let mut seen = std::collections::BTreeMap::new();
    let mut sound = true;
    for name in names {
        if let Some(first) = seen.insert(name.text.as_str(), name.span) {
            reader.push(twice(name, first, key));
            sound = false;
        }
    }
    sound
}

/// An entry that stands twice in a list in which it counts once.
pub(in crate::rule) fn twice(name: &Name, first: Span, key: &str) -> Diagnostic {
    let message = format!("`{}` stands twice in {key}", name.text);
    let found = Diagnostic::new(Code::Twice, name.span, message).related(first, "first here");
    match key {
        RULES => {
            found.help("\"this rule twice, then another\" is an `event_count` of it, chained into an order")
        }
        _ => found,
    }
}

fn keys_of(reader: &mut Reader<'_>, node: &Node, aliases: Option<&[Alias]>) -> Option<Vec<Name>> {
    let names = names(reader, node, KEY)?;
    let items = reader.items(node, KEY)?;
    let mut sound = true;
    for (name, node) in names.iter().zip(items) {
        // Aliases that could not be read may be among them.
        let is_alias = aliases.is_none_or(|all| all.iter().any(|alias| alias.name.text == name.text));
        sound &= is_alias || field::key(reader, node, KEY).is_some();
    }
    for alias in aliases.into_iter().flatten() {
        if !names.iter().any(|name| name.text == alias.name.text) {
            let message =
                format!("`group-by` does not name the alias `{}`, so it serves nothing", alias.name.text);
            reader.error(Code::BadAlias, alias.name.span, message);
            sound = false;
        }
    }
    sound.then_some(names)
}
