//! Filters: exclusions that are kept apart from the rules, and added to them when all files are read.
//!
//! A filter is added as it is written: its condition must hold, too, for the rule to fire. So an exclusion says `not`
//! (Sigma's own example forgets it, which is told). Whoever compiles, evaluates or explains a rule sees only the
//! rule's detection, with the filter's selections in it under the filter's name: `known_friends.selection`.

use super::codes::Code;
use super::condition;
use super::correlation::{Name, names, negates, twice};
use super::detection;
use super::diagnostic::Diagnostic;
use super::document::{Body, Read};
use super::head::{self, Head, Identity, Shape};
use super::logsource::{self, Logsource};
use super::model::{Condition, Detection, Rule, Selection, Status};
use super::reader::Reader;
use super::set::{Names, Target};
use super::source::Span;
use super::syntax::{Entry, Kind, Node, Style};
use std::collections::BTreeMap;

/// The kind of document.
pub(super) const SHAPE: Shape = Shape {
    noun: "filter",
    keys: &[head::FIRST, &["logsource", "filter", "falsepositives", "tags", "allow", "custom"]],
    required: &["title", "filter"],
    id_serves: "the filter's name stands before its selections where a rule is explained",
};

/// In the place of that list: all rules of its log source.
const ANY: &str = "any";

/// The list of a filter's rules, as messages name it.
const RULES: &str = "the filter's `rules`";

/// Against how many rules the filters of a set may be held that say `any`, and how many tests all may add, together.
const MAX_ADDED: usize = 10_000_000;

/// A filter, checked by itself.
pub(super) struct Filter {
    name: String,
    status: Status,
    logsource: Logsource,
    rules: Rules,
    detection: Detection,
    /// The `filter` key.
    span: Span,
}

/// To which rules a filter is added.
enum Rules {
    /// All whose log source is within the filter's; and where it says so.
    Any(Span),
    Named(Vec<Name>),
}

#[derive(Default)]
struct Own {
    logsource: Logsource,
    rules: Option<Rules>,
    detection: Option<Detection>,
    span: Span,
}

/// Reads a filter's document.
pub(super) fn read(reader: &mut Reader<'_>, entries: &[Entry], whole: Span) -> Read {
    let mut own = Own::default();
    let head = Head::read(reader, &SHAPE, entries, whole, |reader, known, entry| match known {
        "logsource" => own.logsource = logsource::read(reader, &entry.value),
        "filter" => {
            own.span = entry.key.span;
            (own.rules, own.detection) = section(reader, entry);
        }
        _ => {}
    });
    let identity = head.finish(reader, &SHAPE);
    if head.status == Status::Shadow {
        let message = "a filter is in use or not, never in shadow";
        let place = entries.iter().find(|entry| &*entry.key.text == "status").map(|entry| entry.value.span);
        let found = Diagnostic::new(Code::BadValue, place.unwrap_or(whole), message);
        reader.push(found.help("to try it, put it on a copy of the rule, whose status is `shadow`"));
    }
    let body = identity.clone().and_then(|identity| filter(&head, identity, own));
    Read { identity, body }
}

fn filter(head: &Head, identity: Identity, own: Own) -> Option<Body> {
    let status = head.status;
    let Own { logsource, rules, detection, span } = own;
    let name = identity.name;
    let (rules, detection) = (rules?, detection?);
    Some(Body::Filter(Box::new(Filter { name, status, logsource, rules, detection, span })))
}

/// Reads what stands below `filter`: which rules, and what is like a detection.
fn section(reader: &mut Reader<'_>, of: &Entry) -> (Option<Rules>, Option<Detection>) {
    let Some(entries) = reader.map(&of.value, "`filter`") else { return (None, None) };
    let (rules, own): (Vec<_>, Vec<_>) =
        entries.iter().cloned().partition(|entry| &*entry.key.text == "rules");
    let named = rules.first().map(|entry| self::rules(reader, &entry.value));
    if named.is_none() {
        let found = Diagnostic::new(Code::MissingKey, of.key.span, "the filter has no `rules`");
        reader.push(found.help(
            "it names the rules that it is added to in a list; `rules: any` are all of its log source",
        ));
    }
    let node = Node { span: of.value.span, kind: Kind::Map(own) };
    let detection = detection::read(reader, &node, "filter");
    if detection.as_ref().is_some_and(|detection| !negates(&detection.condition)) {
        inverted(reader, &node);
    }
    (named.flatten(), detection)
}

fn rules(reader: &mut Reader<'_>, node: &Node) -> Option<Rules> {
    match node.scalar() {
        Some(scalar) if &*scalar.text == ANY => Some(Rules::Any(node.span)),
        _ => names(reader, node, RULES).map(Rules::Named),
    }
}

/// A filter without `not` lets a rule fire only where it holds.
fn inverted(reader: &mut Reader<'_>, node: &Node) {
    let Kind::Map(entries) = &node.kind else { return };
    let Some(entry) = entries.iter().find(|entry| &*entry.key.text == "condition") else { return };
    let node = &entry.value;
    let message = "without `not` the rules fire only where the filter holds";
    let found = Diagnostic::new(Code::FilterInverts, node.span, message);
    let fixed = node.scalar().filter(|scalar| scalar.style == Style::Plain && !scalar.alias).map(|scalar| {
        let text = &*scalar.text;
        let one = text.chars().all(condition::is_word);
        if one { format!("not {text}") } else { format!("not ({text})") }
    });
    reader.push(match fixed {
        Some(fixed) => found.fix(node.span, fixed, "exclude what it holds for"),
        None => found.help("to exclude what it holds for, write `not` before it"),
    });
}

/// Adds filters to the rules that they name, in the order of the files.
pub(super) fn apply(
    reader: &mut Reader<'_>,
    names: &Names,
    rules: &mut [(Rule, Logsource)],
    filters: &[Filter],
) {
    let mut room = MAX_ADDED;
    let looked_at = rules.len();
    for filter in filters.iter().filter(|filter| filter.status != Status::Retired) {
        let chosen = match &filter.rules {
            Rules::Any(span) => any(reader, names, rules, filter, *span),
            Rules::Named(list) => each(reader, names, rules, filter, list),
        };
        let tests = filter.detection.selections.iter().map(|selection| selection.clause.tests().len());
        let added = chosen.len().saturating_mul(tests.sum());
        let held = if matches!(filter.rules, Rules::Any(_)) { looked_at } else { 0 };
        let Some(left) = room.checked_sub(added.saturating_add(held)) else {
            let message = "the filters so far add more to the rules than a rule set can hold";
            return reader.error(Code::TooManyValues, filter.span, message);
        };
        room = left;
        for index in chosen {
            add(&mut rules[index].0, filter);
        }
    }
}

/// All rules of the filter's log source.
fn any(
    reader: &mut Reader<'_>,
    names: &Names,
    rules: &[(Rule, Logsource)],
    filter: &Filter,
    at: Span,
) -> Vec<usize> {
    let within = rules.iter().enumerate().filter(|(_, (_, own))| own.within(&filter.logsource));
    let within: Vec<_> = within.map(|(index, _)| index).collect();
    if within.is_empty() && names.whole() {
        let message = "no rule is of the filter's log source, so it is added to none";
        reader.push(Diagnostic::new(Code::FilterOfNothing, at, message));
    }
    within
}

/// The rules that the filter names, each once.
fn each(
    reader: &mut Reader<'_>,
    names: &Names,
    rules: &[(Rule, Logsource)],
    filter: &Filter,
    list: &[Name],
) -> Vec<usize> {
    let mut chosen = BTreeMap::new();
    for name in list {
        let Some(index) = one(reader, names, rules, filter, name) else { continue };
        if let Some(first) = chosen.insert(index, name.span) {
            reader.push(twice(name, first, RULES));
        }
    }
    chosen.into_keys().collect()
}

/// A rule that the filter names.
fn one(
    reader: &mut Reader<'_>,
    names: &Names,
    rules: &[(Rule, Logsource)],
    filter: &Filter,
    name: &Name,
) -> Option<usize> {
    let index = match names.find(&name.text) {
        Some(Target::Rule(index)) => index,
        Some(Target::Broken) => return None,
        None if name.text == ANY => {
            let message = format!("there is no rule `{ANY}`");
            let found = Diagnostic::new(Code::UnknownRule, name.span, message);
            reader
                .push(found.help("`rules: any`, without brackets, are all rules of the filter's log source"));
            return None;
        }
        None => {
            names.unknown(reader, &name.text, name.span);
            return None;
        }
        Some(Target::Correlation(_) | Target::Filter) => {
            let message =
                format!("`{}` is no detection rule, and only to these a filter is added", name.text);
            let found = Diagnostic::new(Code::FilterOfOther, name.span, message);
            reader.push(found.help("of a correlation, name the rules that it takes in"));
            return None;
        }
    };
    let (rule, logsource) = rules.get(index)?;
    if rule.status == Status::Retired {
        let message = format!("`{}` is no longer in use, so there is nothing to filter", name.text);
        reader.push(Diagnostic::new(Code::FilterOfRetired, name.span, message));
    }
    if !logsource.within(&filter.logsource) {
        let message = format!("`{}` looks at events that are not of the filter's log source", name.text);
        let found = Diagnostic::new(Code::OtherLogsource, name.span, message);
        reader.push(found.help("let the filter's `logsource` say no more than the rule's, or leave it out"));
        return None;
    }
    Some(index)
}

/// The filter's condition beside the rule's own.
fn add(rule: &mut Rule, filter: &Filter) {
    let detection = &mut rule.detection;
    let first = detection.selections.len();
    detection.selections.extend(filter.detection.selections.iter().map(|selection| Selection {
        name: format!("{}.{}", filter.name, selection.name),
        ..selection.clone()
    }));
    let mut parts = match std::mem::replace(&mut detection.condition, Condition::All(Vec::new())) {
        Condition::All(parts) => parts,
        other => vec![other],
    };
    parts.push(shifted(&filter.detection.condition, first));
    detection.condition = Condition::All(parts);
}

/// A condition whose selections stand further back by so many.
fn shifted(condition: &Condition, by: usize) -> Condition {
    let all = |parts: &[Condition]| parts.iter().map(|part| shifted(part, by)).collect();
    match condition {
        Condition::Selection(index) => Condition::Selection(index + by),
        Condition::Not(inner) => Condition::Not(Box::new(shifted(inner, by))),
        Condition::All(parts) => Condition::All(all(parts)),
        Condition::Any(parts) => Condition::Any(all(parts)),
    }
}

#[cfg(test)]
mod tests;
