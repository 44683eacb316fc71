//! The condition of `temporal` and `temporal_ordered`: how many rules, or which ones.

use super::resolve::Parts;
use super::threshold;
use super::{MAX_STEPS, When};
use crate::rule::codes::Code;
use crate::rule::condition::{self, Named, Names};
use crate::rule::diagnostic::Diagnostic;
use crate::rule::model::Condition;
use crate::rule::reader::Reader;
use crate::rule::syntax::{Kind, Node};

/// A condition that is read once the rules are known.
pub(super) struct Asked {
    condition: Option<Node>,
}

/// Keeps the condition, if it can be one.
pub(super) fn asked(reader: &mut Reader<'_>, node: Option<&Node>) -> Option<Asked> {
    match node.map(|node| &node.kind) {
        Some(Kind::Sequence(_)) => {
            let found = node.map(|node| node.span).unwrap_or_default();
            let message = "`condition` takes a text or a map, found a list";
            reader.error(Code::WrongType, found, message);
            None
        }
        _ => Some(Asked { condition: node.cloned() }),
    }
}

impl Asked {
    /// What a `temporal` needs.
    pub(super) fn when(&self, reader: &mut Reader<'_>, parts: &Parts<'_>) -> Option<When> {
        let Some(node) = &self.condition else { return Some(When::AtLeast(parts.len())) };
        if let Kind::Map(_) = node.kind {
            return count(reader, node, parts).map(When::AtLeast);
        }
        expression(reader, node, parts).map(When::Holds)
    }

    /// Whether a `temporal_ordered` needs all of its parts, which alone have an order.
    pub(super) fn is_all(&self, reader: &mut Reader<'_>, parts: &Parts<'_>) -> Option<()> {
        if let Some(first) = parts.names().nth(MAX_STEPS) {
            let message = format!("`temporal_ordered` has more than {MAX_STEPS} rules");
            let found = Diagnostic::new(Code::TooManyValues, first.span, message);
            reader.push(found.help("chain a correlation of the first of them with the others"));
            return None;
        }
        let Some(node) = &self.condition else { return Some(()) };
        let all = if let Kind::Map(_) = node.kind {
            count(reader, node, parts)? == parts.len()
        } else {
            let condition = expression(reader, node, parts)?;
            let mut named = Vec::new();
            joins(&condition, &mut named);
            named.sort_unstable();
            named.dedup();
            named.len() == parts.len()
        };
        if !all {
            let message = "an order of some of the rules is no order of all";
            let found = Diagnostic::new(Code::OrderOfSome, node.span, message);
            reader.push(found.help("leave the condition out: each rule, in the order of `rules`"));
        }
        all.then_some(())
    }
}

fn count(reader: &mut Reader<'_>, node: &Node, parts: &Parts<'_>) -> Option<usize> {
    let why = "`temporal` counts rules; `value_count` counts different values of a field";
    let criterion = threshold::criterion(reader, node, Err(why))?;
    let most = parts.len() as u64;
    let of = format!("`rules` names {most}, and each counts once");
    let count = criterion.reachable(reader, most, &of)?;
    usize::try_from(count).ok()
}

/// An expression over the rules as `rules` names them, without `not`.
fn expression(reader: &mut Reader<'_>, node: &Node, parts: &Parts<'_>) -> Option<Condition> {
    let text = reader.text(node, "`condition`")?;
    let named = parts.names().enumerate();
    let named: Vec<_> =
        named.map(|(index, name)| Named { name: &name.text, span: name.span, index: Some(index) }).collect();
    let mut used = vec![false; named.len()];
    let condition = condition::read(reader, node, text, &Names { all: &named, noun: "rule" }, &mut used)?;
    for (name, _) in parts.names().zip(used).filter(|(_, used)| !used) {
        let message = format!("the condition does not use `{}`", name.text);
        let found = Diagnostic::new(Code::UnusedRule, name.span, message);
        reader.push(found.help("use it, or take it out of `rules`"));
    }
    if negates(&condition) {
        let message =
            "that a rule did not fire is known only when the window closes, and a stream does not wait";
        let found = Diagnostic::new(Code::WindowMustClose, node.span, message);
        reader.push(found.help("write what excludes an event into the rule, or into a filter"));
        return None;
    }
    Some(condition)
}

/// True if there is a `not` in it.
pub(in crate::rule) fn negates(condition: &Condition) -> bool {
    match condition {
        Condition::Selection(_) => false,
        Condition::Not(_) => true,
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(negates),
    }
}

/// The parts that must all be there, if it is made of `and` alone; else fewer.
fn joins(condition: &Condition, out: &mut Vec<usize>) {
    match condition {
        Condition::Selection(index) => out.push(*index),
        Condition::All(parts) => parts.iter().for_each(|part| joins(part, out)),
        Condition::Any(parts) if parts.len() == 1 => parts.iter().for_each(|part| joins(part, out)),
        Condition::Not(_) | Condition::Any(_) => {}
    }
}
