//! Exceptions: what a rule is not to flag for a while, who answers for that, and until when.
//!
//! An exception is a filter that ends by itself. It could be written into the condition, but there nobody sees whose it is, nor
//! that its time is up; tuning a rule under pressure leaves filters behind that outlive their reason by years. Whether it has ended
//! is decided by the event's time, not by a clock, so that a replay flags what the run did. The last day counts: `expires: 2027-01-31`
//! holds until that day is over, in UTC.

use super::codes::Code;
use super::detection;
use super::diagnostic::Diagnostic;
use super::model::{
    Clause, Comparison, Condition, Demand, Detection, Exception, Rule, Selection, Test, TimeTest, Views,
};
use super::reader::Reader;
use super::shape::{Key, Takes, names};
use super::syntax::Node;
use crate::event::{DAY_MS, FieldType, RESOLVED, Scalar, parse_day, parse_time};

/// The keys of an exception: all of them have to be there.
pub(super) const KEYS: &[Key] = &[
    ("name", Takes::Text, "What it is called, by itself among those of the rule."),
    ("owner", Takes::Text, "Who answers for it."),
    ("expires", Takes::Text, "The last day on which it holds, in UTC: `2027-01-31`."),
    ("reason", Takes::Text, "Why it is needed."),
    ("when", Takes::Part("selection"), "Where the rule does not fire: a selection."),
];

/// No exception is meant to hold that long.
const LAST_YEAR: &str = "2100-01-01";

/// An exception as it was read, with what it leaves out.
pub(super) struct Read {
    pub(super) exception: Exception,
    clause: Clause,
}

/// Reads the list of exceptions; those that cannot be used are reported.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Vec<Read> {
    let Some(items) = reader.items(node, "`exceptions`") else { return Vec::new() };
    let read: Vec<Read> = items.iter().filter_map(|item| exception(reader, item)).collect();
    for (at, later) in read.iter().enumerate() {
        let name = &later.exception.name;
        if let Some(first) = read.iter().take(at).find(|read| read.exception.name == *name) {
            let message = format!("another exception has the name `{name}`");
            let found = Diagnostic::new(Code::BadException, later.exception.span, message);
            reader.push(found.related(first.exception.span, "first here"));
        }
    }
    read
}

fn exception(reader: &mut Reader<'_>, node: &Node) -> Option<Read> {
    let entries = reader.map(node, "an exception")?;
    let (mut name, mut owner, mut expires, mut reason, mut clause) = (None, None, None, None, None);
    let mut seen = Vec::new();
    for entry in entries {
        let value = &entry.value;
        seen.push(&*entry.key.text);
        match &*entry.key.text {
            "name" => name = reader.text(value, "`name`").map(|text| (text.to_owned(), value.span)),
            "owner" => owner = reader.text(value, "`owner`").map(str::to_owned),
            "expires" => expires = expiry(reader, value),
            "reason" => reason = reader.text(value, "`reason`").map(str::to_owned),
            "when" => clause = detection::selection(reader, value, "when"),
            _ => reader.unknown_key(entry, "an exception", &names(KEYS)),
        }
    }
    let missing: Vec<_> =
        names(KEYS).into_iter().filter(|key| !seen.contains(key)).map(|key| format!("`{key}`")).collect();
    if !missing.is_empty() {
        let message = format!("the exception has no {}", missing.join(", no "));
        let found = Diagnostic::new(Code::BadException, node.span, message);
        reader.push(found.help(
            "an exception is `{name: …, owner: …, expires: 2027-01-31, reason: …, when: {room.id: r1}}`",
        ));
    }
    let (name, span) = name?;
    let exception = Exception { name, owner: owner?, expires: expires?, reason: reason?, span };
    Some(Read { exception, clause: clause? })
}

/// The end of the day, or the moment, that is named; in milliseconds since the epoch.
fn expiry(reader: &mut Reader<'_>, node: &Node) -> Option<i64> {
    let text = reader.text(node, "`expires`")?;
    let end = parse_day(text).map(|day| day.saturating_add(DAY_MS));
    let ends = end.or_else(|| parse_time(Scalar::Text(text)));
    if ends.is_none() || ends > parse_day(LAST_YEAR) {
        let message = format!("`expires` takes a day before the year 2100, found `{text}`");
        let found = Diagnostic::new(Code::BadException, node.span, message);
        reader.push(found.help(
            "write it as `2027-01-31`; what holds for good is no exception, but a part of the condition",
        ));
        return None;
    }
    ends
}

/// The detection but for what the exceptions leave out.
pub(super) fn applied(mut detection: Detection, exceptions: Vec<Read>) -> (Detection, Vec<Exception>) {
    let mut parts = vec![detection.condition];
    let mut kept = Vec::new();
    for Read { exception, clause } in exceptions {
        parts.push(Condition::Not(Box::new(Condition::Selection(detection.selections.len()))));
        detection.selections.push(Selection {
            name: format!("exception {}", exception.name),
            clause: Clause::All(vec![before(&exception), clause]),
            span: exception.span,
        });
        kept.push(exception);
    }
    detection.condition = if let [_] = parts.as_slice() { parts.remove(0) } else { Condition::All(parts) };
    (detection, kept)
}

/// True of events before it ends.
fn before(exception: &Exception) -> Clause {
    let Exception { expires: bound, span, .. } = *exception;
    let demand = Demand::Time(TimeTest { part: None, comparison: Comparison::Less, bound });
    let (field, kind, views) = (RESOLVED.to_owned(), FieldType::Time, Views::Automatic);
    Clause::Test(Test { field, kind, views, demand, span })
}

/// Exceptions whose time is up `now`, in milliseconds since the epoch: they leave nothing out any more.
pub fn expired(rules: &[Rule], now: i64) -> Vec<Diagnostic> {
    let all = rules.iter().flat_map(|rule| &rule.exceptions);
    let over = all.filter(|exception| exception.expires <= now);
    let told = over.map(|exception| {
        let message =
            format!("the exception `{}` has ended: the rule flags again what it left out", exception.name);
        let found = Diagnostic::new(Code::ExpiredException, exception.span, message);
        found.help(format!("ask {} whether it is still needed; else remove it", exception.owner))
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::FieldTable;
    use crate::rule::{Lists, Loaded, SourceMap};

    fn load(exceptions: &str) -> Loaded {
        let rule = format!(
            "title: t\nid: t\nexceptions: {exceptions}\ndetection:\n  s: {{text|phrase: keep it secret}}\n  condition: s\n"
        );
        let mut map = SourceMap::default();
        map.add("t.yml", &rule);
        crate::rule::load(&map, &FieldTable::canonical(), &Lists::default())
    }

    const PLAY: &str =
        "[{name: play, owner: a@example.org, expires: 2027-01-31, reason: a play, when: {room.id: r1}}]";

    #[test]
    fn an_exception_is_a_filter_that_ends_with_its_last_day() {
        let loaded = load(PLAY);
        assert_eq!(loaded.diagnostics, []);
        let rule = &loaded.rules[0];
        let expires = rule.exceptions[0].expires;
        assert_eq!(Some(expires), parse_time(Scalar::Text("2027-02-01")));
        assert!(matches!(&rule.detection.condition, Condition::All(parts) if parts.len() == 2));
        assert_eq!(expired(&loaded.rules, expires - 1), []);
        let told = expired(&loaded.rules, expires);
        assert_eq!(told.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::ExpiredException]);
    }

    #[test]
    fn what_nobody_answers_for_is_no_exception() {
        let cases = [
            ("{}", "`exceptions` takes a list, found a map"),
            ("[{name: play}]", "the exception has no `owner`, no `expires`, no `reason`, no `when`"),
            (
                "[{name: p, owner: a, expires: never, reason: r, when: {room.id: r1}}]",
                "`expires` takes a day before the year 2100, found `never`",
            ),
            (
                "[{name: p, owner: a, expires: 2999-01-01, reason: r, when: {room.id: r1}}]",
                "`expires` takes a day before the year 2100, found `2999-01-01`",
            ),
            (
                "[{name: p, owner: a, expires: 2027-01-31, reason: r, when: {}}]",
                "the selection `when` demands nothing, so it would match every event",
            ),
            (
                "[&e {name: p, owner: a, expires: 2027-01-31, reason: r, when: {room.id: r1}}, *e]",
                "another exception has the name `p`",
            ),
            (
                "[{name: p, owner: a, expires: 2027-01-31, reason: r, when: {room.id: r1}, until: x}]",
                "an exception has no key `until`",
            ),
        ];
        for (exceptions, expected) in cases {
            let messages: Vec<_> =
                load(exceptions).diagnostics.into_iter().map(|found| found.message).collect();
            assert_eq!(messages, [expected], "{exceptions}");
        }
    }
}
