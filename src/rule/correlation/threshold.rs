//! The condition of a correlation that counts or adds: `gt` or `gte`, and of which field.
//!
//! Only what a further event can bring about is read: that there are fewer than three, or exactly three, is known no
//! sooner than when the window closes, and a stream does not wait for that.

use super::{Bound, Kind, MAX_EVENTS, MAX_VALUES, field};
use crate::rule::codes::Code;
use crate::rule::diagnostic::Diagnostic;
use crate::rule::model::Number;
use crate::rule::reader::Reader;
use crate::rule::syntax::{Entry, Node};

/// A condition as it is written.
pub(super) struct Criterion<'n> {
    /// `gt`, not `gte`.
    above: bool,
    number: &'n Node,
    field: Option<&'n Node>,
}

/// Reads the condition's map. `field` says whether it names a field; if it does not, why not.
pub(super) fn criterion<'n>(
    reader: &mut Reader<'_>,
    node: &'n Node,
    field: Result<(), &str>,
) -> Option<Criterion<'n>> {
    let entries = map(reader, node)?;
    let (mut bounds, mut named, mut sound) = (Vec::new(), None, true);
    for entry in entries {
        match &*entry.key.text {
            "gt" | "gte" => bounds.push(entry),
            "field" if field.is_ok() => named = Some(&entry.value),
            _ => {
                useless(reader, entry, field);
                sound = false;
            }
        }
    }
    match bounds.as_slice() {
        [one] => {
            let above = &*one.key.text == "gt";
            sound.then_some(Criterion { above, number: &one.value, field: named })
        }
        [] if sound => {
            let found = Diagnostic::new(Code::MissingKey, node.span, "the condition has no `gte`");
            reader.push(found.help("it says from how many on: `gte: 3`, or `gt: 2`, which is the same"));
            None
        }
        [_, second, ..] => {
            let message = "`gt` and `gte` both stand here; only one can";
            reader.error(Code::BadValue, second.key.span, message);
            None
        }
        [] => None,
    }
}

fn map<'n>(reader: &mut Reader<'_>, node: &'n Node) -> Option<&'n [Entry]> {
    if node.scalar().is_none() {
        return reader.map(node, "`condition`");
    }
    let message = format!("`condition` takes a map here, found {}", node.describe());
    let found = Diagnostic::new(Code::WrongType, node.span, message);
    reader.push(found.help("such as `{gte: 3}`; names of rules stand in the condition of a `temporal`"));
    None
}

/// A key that the condition does not have.
fn useless(reader: &mut Reader<'_>, entry: &Entry, field: Result<(), &str>) {
    let (key, span) = (&*entry.key.text, entry.key.span);
    match (key, field) {
        ("lt" | "lte" | "eq" | "neq", _) => {
            let message = format!("`{key}` is known only when the window closes, and a stream does not wait");
            let found = Diagnostic::new(Code::WindowMustClose, span, message);
            reader.push(found.help("only `gt` and `gte` can be met by a further event; leave it out"));
        }
        ("field", Err(why)) => {
            let found = Diagnostic::new(Code::UnknownKey, span, "this condition has no `field`");
            reader.push(found.help(why));
        }
        (_, Ok(())) => reader.unknown_key(entry, "the condition", &["field", "gt", "gte"]),
        (_, Err(_)) => reader.unknown_key(entry, "the condition", &["gt", "gte"]),
    }
}

impl Criterion<'_> {
    /// From how many on.
    pub(super) fn count(&self, reader: &mut Reader<'_>) -> Option<u64> {
        let what = if self.above { "`gt`" } else { "`gte`" };
        let text = reader.text(self.number, what)?;
        let whole = text.bytes().all(|byte| byte.is_ascii_digit());
        let count = text
            .parse()
            .ok()
            .filter(|_| whole)
            .and_then(|count: u64| if self.above { count.checked_add(1) } else { Some(count) });
        match count {
            None => {
                let message = format!("{what} takes a whole number here, not `{text}`");
                reader.error(Code::BadValue, self.number.span, message);
                None
            }
            Some(0) => {
                let message = "every key reaches a count of 0, also one without events";
                let found = Diagnostic::new(Code::BadValue, self.number.span, message);
                reader.push(found.fix(self.number.span, "1", "from the first on"));
                None
            }
            count => count,
        }
    }

    /// `count`, if no more than `most` can come together.
    pub(super) fn reachable(&self, reader: &mut Reader<'_>, most: u64, of: &str) -> Option<u64> {
        let count = self.count(reader)?;
        if count <= most {
            return Some(count);
        }
        let message = format!("this is never reached: {of}");
        reader.error(Code::NeverReached, self.number.span, message);
        None
    }

    /// What a sum must reach.
    fn bound(&self, reader: &mut Reader<'_>) -> Option<Bound> {
        let what = if self.above { "`gt`" } else { "`gte`" };
        let text = reader.text(self.number, what)?;
        let number = Number::parse(text);
        if number.is_none() {
            let message = format!("{what} takes a number, not `{text}`");
            reader.error(Code::BadValue, self.number.span, message);
        }
        number.map(if self.above { Bound::Above } else { Bound::AtLeast })
    }

    fn field(&self, reader: &mut Reader<'_>, whole: &Node, example: &str) -> Option<&Node> {
        if self.field.is_none() {
            let found = Diagnostic::new(Code::MissingKey, whole.span, "the condition has no `field`");
            reader.push(found.help(example));
        }
        self.field
    }
}

/// The condition of `event_count`.
pub(super) fn event_count(reader: &mut Reader<'_>, node: &Node) -> Option<Kind> {
    let why = "`event_count` counts events; `value_count` counts different values of a field";
    let of = format!("no more than {MAX_EVENTS} events are kept of a key");
    let at_least = criterion(reader, node, Err(why))?.reachable(reader, MAX_EVENTS, &of)?;
    Some(Kind::EventCount { at_least })
}

/// The condition of `value_count`.
pub(super) fn value_count(reader: &mut Reader<'_>, node: &Node) -> Option<Kind> {
    let criterion = criterion(reader, node, Ok(()))?;
    let example = "it says whose different values are counted, such as `{field: recipient.id, gte: 5}`";
    let field = criterion.field(reader, node, example);
    let at_least = criterion.reachable(
        reader,
        MAX_VALUES,
        &format!("no more than {MAX_VALUES} different values are kept of a key"),
    );
    let (field, view) = field::counted(reader, field?)?;
    Some(Kind::ValueCount { field, view, at_least: at_least? })
}

/// The condition of `value_sum`.
pub(super) fn value_sum(reader: &mut Reader<'_>, node: &Node) -> Option<Kind> {
    let criterion = criterion(reader, node, Ok(()))?;
    let example =
        "it says what is added, such as `{field: payment.amount_minor, gte: 5000}`, or `rule.score`";
    let field = criterion.field(reader, node, example);
    let bound = criterion.bound(reader);
    let addend = field::addend(reader, field?)?;
    Some(Kind::ValueSum { addend, bound: bound? })
}
