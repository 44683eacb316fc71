//! Selections: maps of tests, lists of alternatives, keywords; and the condition over them.

use super::codes::Code;
use super::condition::{self, Named, Names};
use super::diagnostic::Diagnostic;
use super::key::{self, FieldKey, Mode};
use super::model::{Clause, Condition, Demand, Detection, FieldTest, Pattern, Selection, Test, Views};
use super::reader::{Reader, joined, nearest};
use super::source::Span;
use super::syntax::{Entry, Kind, Node};
use super::{legacy, lint, misplaced, pattern, relation};
use crate::event::FieldType;
use crate::text::View;
use std::sync::Arc;

/// How many selections a rule may have.
const MAX_SELECTIONS: usize = 10_000;
/// Words of the condition's grammar that no selection can be named.
pub(super) const RESERVED: &[&str] = &["and", "or", "not", "of", "them", "all", "any", "1"];

/// Reads a detection, or what is like one: a filter, which `noun` then says. None if a part cannot be used, which is
/// then reported.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node, noun: &str) -> Option<Detection> {
    let entries = reader.map(node, &format!("`{noun}`"))?;
    if entries.len() > MAX_SELECTIONS {
        let message = format!("a rule can have at most {MAX_SELECTIONS} selections");
        reader.error(Code::TooManyValues, node.span, message);
        return None;
    }
    let mut selections = Vec::new();
    let mut named = Vec::new();
    let mut sound = true;
    for entry in entries {
        match &*entry.key.text {
            "condition" => {}
            "timeframe" => {
                let message = format!("a {noun} has no time frame");
                let found = Diagnostic::new(Code::UnknownKey, entry.key.span, message);
                reader.push(found.help(legacy::timeframe(reader.map.text(entry.value.span))));
                sound = false;
            }
            name => {
                sound &= name_is_sound(reader, entry);
                let clause = selection(reader, &entry.value, name);
                named.push(Named {
                    name,
                    span: entry.key.span,
                    index: clause.is_some().then_some(selections.len()),
                });
                let span = entry.key.span;
                selections.extend(clause.map(|clause| Selection { name: name.to_owned(), clause, span }));
            }
        }
    }
    sound &= selections.len() == named.len();
    let condition = conditions(reader, node, entries, &named, noun);
    if named.is_empty() {
        reader.error(Code::EmptySelection, node.span, format!("the {noun} has no selection"));
        return None;
    }
    condition.filter(|_| sound).map(|condition| Detection { selections, condition })
}

fn name_is_sound(reader: &mut Reader<'_>, entry: &Entry) -> bool {
    let key = &entry.key;
    let reserved = RESERVED.contains(&&*key.text);
    let sound = !key.text.is_empty() && key.text.chars().all(condition::is_word);
    if sound && !reserved {
        return true;
    }
    if let (Some((name, modifier)), Kind::Map(_)) = (key.text.split_once('|'), &entry.value.kind)
        && !name.is_empty()
        && name.chars().all(condition::is_word)
    {
        let message = format!("`|{modifier}` is a part of the selection's name, and no modifier");
        let found = Diagnostic::new(Code::ModifierOnSelection, key.span, message);
        reader.push(found.help("move it to the field inside that it is meant for, as in `field|contains`"));
        return true;
    }
    let message = if reserved {
        format!("`{}` is a word of the condition's grammar, so no selection can have that name", key.text)
    } else {
        format!("the selection's name `{}` cannot stand in a condition", key.text)
    };
    let found = Diagnostic::new(Code::BadName, key.span, message);
    let fixed: String = key.text.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let looks_like_field = key.text.contains('|');
    let found = if looks_like_field {
        found.help("fields stand one level deeper, inside a named selection")
    } else {
        found.help(format!(
            "use letters, digits, `_` and `-`, such as `{}`",
            if reserved { "selection" } else { &fixed }
        ))
    };
    reader.push(found);
    false
}

fn conditions(
    reader: &mut Reader<'_>,
    node: &Node,
    entries: &[Entry],
    named: &[Named<'_>],
    noun: &str,
) -> Option<Condition> {
    let Some(entry) = entries.iter().find(|entry| &*entry.key.text == "condition") else {
        missing_condition(reader, node, named, noun);
        return None;
    };
    let nodes = match &entry.value.kind {
        Kind::Sequence(items) if !items.is_empty() => items.iter().collect(),
        _ => vec![&entry.value],
    };
    let scope = Names { all: named, noun: "selection" };
    let mut used = vec![false; named.len()];
    let mut read = Vec::new();
    for node in nodes {
        let text = reader.text(node, "`condition`");
        read.push(text.and_then(|text| condition::read(reader, node, text, &scope, &mut used)));
    }
    let mut read: Vec<_> = read.into_iter().collect::<Option<_>>()?;
    condition::report_unused(reader, named, &used);
    if read.len() == 1 { read.pop() } else { Some(Condition::Any(read)) }
}

fn missing_condition(reader: &mut Reader<'_>, node: &Node, named: &[Named<'_>], noun: &str) {
    if let Some((entry, name)) = misplaced::condition(node) {
        let message = format!("this `condition` stands in the selection `{name}`, and is taken for a field");
        let found = Diagnostic::new(Code::MissingKey, entry.key.span, message);
        return reader.push(found.help(format!("indent it like `{name}`")));
    }
    let meant = named.iter().find(|one| nearest(one.name, std::iter::once("condition")).is_some());
    if let Some(meant) = meant {
        let message = format!("the {noun} has no `condition`");
        let found = Diagnostic::new(Code::MissingKey, meant.span, message);
        return reader.push(found.fix(meant.span, "condition", "did you mean `condition`?"));
    }
    let span = named.first().map_or(node.span.start_point(), |first| first.span);
    let found = Diagnostic::new(Code::MissingKey, span, format!("the {noun} has no `condition`"));
    let found = match named {
        [only] => {
            let not = if noun == "filter" { "not " } else { "" };
            let line = format!("condition: {not}{}", only.name);
            match reader.line_before(span, &line) {
                Some(fixed) => found.fix(span.start_point(), fixed, "add it"),
                None => found.help(format!("add `{line}`")),
            }
        }
        _ => found.help("add `condition:` with the selections' names, joined by `and`, `or`, `not`"),
    };
    reader.push(found);
}

/// Reads a selection; its name is for messages.
pub(super) fn selection(reader: &mut Reader<'_>, node: &Node, name: &str) -> Option<Clause> {
    match &node.kind {
        Kind::Map(entries) if !entries.is_empty() => map(reader, entries),
        Kind::Sequence(items) if !items.is_empty() => list(reader, items),
        Kind::Scalar(_) if !node.is_null() => keywords(reader, &FieldKey::keywords(node.span), &[node]),
        _ => {
            let message = match &node.kind {
                Kind::Sequence(_) => {
                    format!("the selection `{name}` is an empty list, so it could never match")
                }
                _ => format!("the selection `{name}` demands nothing, so it would match every event"),
            };
            reader.error(Code::EmptySelection, node.span, message);
            None
        }
    }
}

/// A map: all of its entries.
fn map(reader: &mut Reader<'_>, entries: &[Entry]) -> Option<Clause> {
    let clauses: Vec<_> = entries.iter().map(|entry| test(reader, entry)).collect();
    joined(clauses, Clause::All)
}

/// A list: any of its items. Texts among them are keywords.
fn list(reader: &mut Reader<'_>, items: &[Node]) -> Option<Clause> {
    let words: Vec<_> = items.iter().filter(|item| item.scalar().is_some()).collect();
    let mut clauses = Vec::new();
    if let Some(first) = words.first() {
        clauses.push(keywords(reader, &FieldKey::keywords(first.span), &words));
    } else {
        lint::prose_fields(reader, items);
    }
    for item in items {
        match &item.kind {
            Kind::Scalar(_) => {}
            Kind::Map(entries) if !entries.is_empty() => {
                clauses.push(list_map(reader, item, entries, !words.is_empty()));
            }
            _ => {
                let message =
                    format!("an alternative is a map of fields or a text, found {}", item.describe());
                reader.error(Code::WrongType, item.span, message);
                clauses.push(None);
            }
        }
    }
    joined(clauses, Clause::Any)
}

/// A map in a list. Among keywords it is mostly a text with a colon that was not quoted.
fn list_map(reader: &mut Reader<'_>, item: &Node, entries: &[Entry], among_words: bool) -> Option<Clause> {
    if among_words && entries.len() == 1 && !entries[0].key.text.contains(['|', '.']) {
        unquoted_colon(reader, item);
        return None;
    }
    map(reader, entries)
}

/// `- note: bring cash` where a text is meant.
pub(super) fn unquoted_colon(reader: &mut Reader<'_>, item: &Node) {
    let message = "the colon makes this a map, where a text is expected";
    let fixed = reader.quoted(item.span);
    let found = Diagnostic::new(Code::WrongType, item.span, message);
    reader.push(found.fix(item.span, fixed, "quote the text"));
}

/// One entry of a map: a field and what is demanded of it.
fn test(reader: &mut Reader<'_>, entry: &Entry) -> Option<Clause> {
    let values: Vec<_> = match &entry.value.kind {
        Kind::Sequence(items) => items.iter().collect(),
        _ => vec![&entry.value],
    };
    let key = key::read(reader, &entry.key);
    if values.is_empty() {
        let message = format!("the list of `{}` is empty, so it could never match", entry.key.text);
        reader.error(Code::EmptySelection, entry.value.span, message);
        return None;
    }
    let key = key?;
    if key.field.is_empty() {
        return keywords(reader, &key, &values);
    }
    let clause = match key.mode {
        Mode::Exists | Mode::Compare(_) => relation::read(reader, &key, &values),
        _ if key.fieldref || key.part.is_some() => relation::read(reader, &key, &values),
        _ => texts(reader, &key, &values, entry.value.span),
    };
    clause.map(|clause| if key.negated { differs(&key, clause) } else { clause })
}

/// The field is there, and so are those that it is compared with, and it is none of that (`neq`).
fn differs(key: &FieldKey, clause: Clause) -> Clause {
    let whole = FieldKey { views: Views::Automatic, ..key.clone() };
    let mut parts = vec![of(&whole, Demand::Exists(true))];
    for test in clause.tests() {
        if let Demand::Field(FieldTest { other, kind, .. }) = &test.demand {
            let (field, kind, views) = (other.clone(), *kind, Views::Automatic);
            let null = Test { field, kind, views, demand: Demand::Null, span: key.span };
            parts.push(Clause::Not(Box::new(Clause::Test(null))));
        }
    }
    parts.push(Clause::Not(Box::new(clause)));
    Clause::All(parts)
}

/// A test of the key's field.
pub(super) fn of(key: &FieldKey, demand: Demand) -> Clause {
    let (field, kind, views) = (key.field.clone(), key.kind, key.views);
    Clause::Test(Test { field, kind, views, demand, span: key.span })
}

/// Texts to be searched; a null among plain values means an absent field.
fn texts(reader: &mut Reader<'_>, key: &FieldKey, values: &[&Node], whole: Span) -> Option<Clause> {
    let (nulls, texts): (Vec<&Node>, Vec<&Node>) =
        values.iter().copied().partition(|node| key.mode == Mode::Plain && !key.expand && node.is_null());
    let mut clauses = Vec::new();
    if !nulls.is_empty() {
        clauses.push(Some(of(key, Demand::Null)));
    }
    if !texts.is_empty() {
        lint::values(reader, key, &texts, whole);
        clauses.extend(found_all(reader, key, &texts));
    }
    joined(clauses, if key.all { Clause::All } else { Clause::Any })
}

/// The tests for values that are texts: one, unless all have to be found and may each be written in several ways.
fn found_all(reader: &mut Reader<'_>, key: &FieldKey, texts: &[&Node]) -> Vec<Option<Clause>> {
    if !(key.all && key.has_forms()) {
        return vec![pattern::read(reader, key, texts).map(|patterns| found(key, patterns))];
    }
    let any = FieldKey { all: false, ..key.clone() };
    let each = texts.iter().map(|node| pattern::read(reader, key, &[*node]));
    each.map(|patterns| patterns.map(|patterns| found(&any, patterns))).collect()
}

/// Patterns that have to be found. Those of the view joined may as well stand in the message alone: a rule says them
/// once.
fn found(key: &FieldKey, patterns: Arc<[Pattern]>) -> Clause {
    let demand = if key.all && !patterns.is_empty() { Demand::AllOf } else { Demand::AnyOf };
    if key.views != Views::Only(View::Joined) {
        return of(key, demand(patterns));
    }
    let alone = FieldKey { views: Views::Automatic, ..key.clone() };
    let either = |patterns: Arc<[Pattern]>| {
        let tests = [&alone, key].map(|key| of(key, Demand::AnyOf(Arc::clone(&patterns))));
        Clause::Any(tests.into())
    };
    if key.all && !patterns.is_empty() {
        Clause::All(patterns.iter().map(|one| either([one.clone()].into())).collect())
    } else {
        either(patterns)
    }
}

/// Texts without a field: searched in every text field.
fn keywords(reader: &mut Reader<'_>, key: &FieldKey, values: &[&Node]) -> Option<Clause> {
    let span = values.first().map_or(key.span, |first| first.span);
    lint::values(reader, key, values, span);
    let patterns = pattern::read(reader, key, values)?;
    let all_fields = reader.fields.iter().filter(|(_, kind)| *kind == FieldType::Text);
    let fields: Vec<_> = all_fields.map(|(path, _)| path.to_owned()).collect();
    let anywhere = |patterns: Arc<[Pattern]>| {
        let tests = fields.iter().map(|field| {
            let demand = Demand::AnyOf(patterns.clone());
            let (field, kind, views) = (field.clone(), FieldType::Text, key.views);
            Clause::Test(Test { field, kind, views, demand, span: key.span })
        });
        Clause::Any(tests.collect())
    };
    if !key.all || patterns.is_empty() {
        return Some(anywhere(patterns));
    }
    Some(Clause::All(patterns.iter().map(|one| anywhere(Arc::from([one.clone()]))).collect()))
}

#[cfg(test)]
mod tests {
    use crate::event::{FieldTable, FieldType, TimePart};
    use crate::rule::list::{Edition, List, Lists, State};
    use crate::rule::model::{Clause, Demand, Pattern, PatternKind, Place, Test, Views};
    use crate::rule::source::SourceMap;
    use crate::rule::value;
    use crate::text::token;
    use std::sync::Arc;

    fn clause(clause: &Clause) -> String {
        let grouped = |parts: &[Clause], word: &str| {
            format!("({})", parts.iter().map(self::clause).collect::<Vec<_>>().join(word))
        };
        match clause {
            Clause::Test(one) => test(one),
            Clause::Not(inner) => format!("not {}", self::clause(inner)),
            Clause::All(parts) => grouped(parts, " and "),
            Clause::Any(parts) => grouped(parts, " or "),
        }
    }

    fn test(test: &Test) -> String {
        let view = match test.views {
            Views::Automatic => String::new(),
            Views::Only(view) => format!(".{view}"),
        };
        let patterns = |patterns: &[Pattern]| patterns.iter().map(pattern).collect::<Vec<_>>().join("; ");
        let demand = match &test.demand {
            Demand::Exists(value) => format!("exists {value}"),
            Demand::Null => "null".to_owned(),
            Demand::Compare(comparison, number) => format!("{comparison:?} {number:?}"),
            Demand::Time(time) => {
                let part = time.part.map_or("", TimePart::name);
                format!("{part} {:?} {}", time.comparison, time.bound)
            }
            Demand::Field(other) => {
                let cased = if other.cased { " cased" } else { "" };
                format!("{:?} {}{cased}", other.place, other.other)
            }
            Demand::AnyOf(all) => format!("any [{}]", patterns(all)),
            Demand::AllOf(all) => format!("all [{}]", patterns(all)),
        };
        format!("{}{view} {demand}", test.field)
    }

    fn pattern(pattern: &Pattern) -> String {
        let kind = match &pattern.kind {
            PatternKind::Glob { place, parts } => {
                let place = match place {
                    Place::Whole => "is ",
                    Place::Start => "starts ",
                    Place::End => "ends ",
                    Place::Anywhere => "has ",
                };
                format!("{place}{}", value::show(parts))
            }
            PatternKind::Words(text) => {
                format!("words {}", token::normals(text).collect::<Vec<_>>().join("+"))
            }
            PatternKind::Fuzzy { text, slips } => {
                format!("fuzzy {slips} {}", token::normals(text).collect::<Vec<_>>().join("+"))
            }
            PatternKind::Near { text, reach } => {
                format!("within {reach} {}", token::normals(text).collect::<Vec<_>>().join("+"))
            }
            PatternKind::Network(network) => format!("of {network}"),
            PatternKind::Regex(source) => format!("re {source}"),
        };
        let entry = pattern.entry.as_ref().map(|entry| format!(" <{entry}>"));
        format!("{kind}{}{}", if pattern.cased { " cased" } else { "" }, entry.unwrap_or_default())
    }

    /// The selection as it is read.
    fn read(selection: &str) -> String {
        let text = format!("title: t\nid: t\ndetection:\n  s: {selection}\n  condition: s\n");
        let mut map = SourceMap::default();
        map.add("t.yml", &text);
        let mut lists = Lists::default();
        lists.insert(List::parse("apps", "AppOne\nt2\tApp *\n").unwrap());
        let mut fields = FieldTable::canonical();
        for (path, kind) in FieldTable::canonical().iter() {
            if kind == FieldType::Text && !matches!(path, "text" | "room.topic") {
                fields.insert(path, FieldType::Keyword);
            }
        }
        let loaded = crate::rule::load(&map, &fields, &lists);
        let messages =
            || loaded.diagnostics.iter().map(|found| found.message.clone()).collect::<Vec<_>>().join("; ");
        loaded.rules.first().map_or_else(messages, |rule| clause(&rule.detection.selections[0].clause))
    }

    #[test]
    fn rules_share_the_patterns_of_a_list() {
        let rule = |id: char, key: &str| {
            format!("title: t\nid: {id}\ndetection:\n  s: {{{key}: '%apps%'}}\n  condition: s\n")
        };
        let keys = ["text|word|expand", "room.topic|word|expand", "text|contains|expand"];
        let documents: Vec<_> = ('a'..).zip(keys).map(|(id, key)| rule(id, key)).collect();
        let mut map = SourceMap::default();
        map.add("t.yml", &documents.join("---\n"));
        let mut lists = Lists::default();
        lists.insert(List::parse("apps", "AppOne\nAppTwo\n").unwrap());
        let loaded = crate::rule::load(&map, &FieldTable::canonical(), &lists);
        let patterns = loaded.rules.iter().map(|rule| match &rule.detection.selections[0].clause {
            Clause::Test(Test { demand: Demand::AnyOf(patterns), .. }) => Arc::clone(patterns),
            other => panic!("{other:?}"),
        });
        let patterns: Vec<_> = patterns.collect();
        assert!(Arc::ptr_eq(&patterns[0], &patterns[1]));
        assert_ne!(patterns[0], patterns[2]);
    }

    #[test]
    fn selections_are_read_as_they_mean() {
        let cases = [
            ("{text|contains: a*b}", "text any [has ‘a’, then anything, then ‘b’]"),
            ("{text|startswith: [one, two]}", "text any [starts ‘one’; starts ‘two’]"),
            ("{text|endswith|cased: Two}", "text any [ends ‘Two’ cased]"),
            ("{text|contains|all: [one, two]}", "text all [has ‘one’; has ‘two’]"),
            ("{text.folded|phrase: \"Don't tell\"}", "text.folded any [words Dont+tell]"),
            ("{text.raw|word: one}", "text.raw any [words one]"),
            ("{text|re: a.b}", "text any [re a.b]"),
            ("{text|re|i|s: a.b}", "text any [re (?is)a.b]"),
            ("{text|re|cased: a}", "text any [re a cased]"),
            ("{sender.id: 42}", "sender.id any [is ‘42’]"),
            ("{v: 1.50}", "v any [is ‘1.5’]"),
            ("{v: '1.50'}", "v any [is ‘1.50’]"),
            ("{v: 007}", "v any [is ‘007’]"),
            ("{sender.account_age_days: 30.0}", "sender.account_age_days any [is ‘30’]"),
            ("{payment.amount_minor: ['1e3', +5]}", "payment.amount_minor any [is ‘1000’; is ‘5’]"),
            ("{text.raw: 1.50}", "text.raw any [is ‘1.50’]"),
            ("{session.e2ee: True}", "session.e2ee any [is ‘True’]"),
            ("{sender.id: &n null, payment.rail: *n}", "(sender.id null and payment.rail null)"),
            (
                "{sender.id|exists: &t true, payment.rail|exists: *t}",
                "(sender.id exists true and payment.rail exists true)",
            ),
            ("{sender.id: ['', a\\*]}", "sender.id any [is nothing; is ‘a*’]"),
            ("{sender.id: null}", "sender.id null"),
            ("{sender.id: [null, u1]}", "(sender.id null or sender.id any [is ‘u1’])"),
            ("{sender.id|exists: false}", "sender.id exists false"),
            ("{sender.account_age_days|gte: 30}", "sender.account_age_days GreaterOrEqual Integer(30)"),
            ("{amount|gt: 1e3}", "amount Greater Integer(1000)"),
            ("{amount|lt: 2.5}", "amount Less Decimal(2.5)"),
            ("{platform|expand: '%apps%'}", "platform any [is ‘AppOne’ <apps#1>; is ‘App *’ <apps#t2>]"),
            ("{text|word|expand: '%apps%'}", "text any [words AppOne <apps#1>; words App <apps#t2>]"),
            (
                "{sender.id: u1, room.kind: direct}",
                "(sender.id any [is ‘u1’] and room.kind any [is ‘direct’])",
            ),
            (
                "[{sender.id: u1}, {room.kind: direct}]",
                "(sender.id any [is ‘u1’] or room.kind any [is ‘direct’])",
            ),
            ("[one, two]", "(room.topic any [has ‘one’; has ‘two’] or text any [has ‘one’; has ‘two’])"),
            (
                "{'|all': [one, two]}",
                "((room.topic any [has ‘one’] or text any [has ‘one’]) and (room.topic any [has ‘two’] or text any [has ‘two’]))",
            ),
            ("{'|word': one}", "(room.topic any [words one] or text any [words one])"),
            ("{text|word|fuzzy1: photo}", "text any [fuzzy 1 photo]"),
            ("{text|fuzzy2: [send photos]}", "text any [fuzzy 2 send+photos]"),
            (
                "{text.skeleton|fuzzy1|phrase|all: [photo, video]}",
                "text.skeleton all [fuzzy 1 photo; fuzzy 1 video]",
            ),
            (
                "{text|word|fuzzy1|expand: '%apps%'}",
                "text any [fuzzy 1 AppOne <apps#1>; words App <apps#t2>]",
            ),
            ("{text|near3: a b}", "text any [within 3 a+b]"),
            ("{text.raw|near8|cased: [a B, c d]}", "text.raw any [within 8 a+B cased; within 8 c+d cased]"),
            ("{text|near3: a b c d e}", "`near3` looks at 4 words at a time, and here are 5"),
            ("{text|near3: ...}", "`text|near3` looks for words, and there is no letter or digit here"),
            ("{text.squashed|near3: a b}", "words near each other are not looked for in the view `squashed`"),
            ("{text|near3|word: a b}", "`near3` and `word` both say how to search; only one can"),
            (
                "{sender.account_age_days|near3: a b}",
                "`sender.account_age_days` is a number: only texts and keywords have words",
            ),
        ];
        for (selection, expected) in cases {
            assert_eq!(read(selection), expected, "{selection}");
        }
    }

    #[test]
    fn a_list_that_has_expired_is_found_nowhere_and_leaves_nothing_to_the_others() {
        let edition = |state| Edition {
            version: "1".to_owned(),
            issued: "2026-01-01".to_owned(),
            expires: None,
            state,
        };
        let mut lists = Lists::default();
        lists.insert(List::parse("gone", "blorf\n").unwrap().of_edition(edition(State::Expired)));
        lists.insert(List::parse("apps", "AppOne\n").unwrap());
        let cases = [
            ("text|phrase|expand: '%gone%'", "text any []"),
            ("text|phrase|expand|all: ['%gone%', '%apps%']", "text any []"),
            ("text|phrase|expand: ['%gone%', '%apps%']", "text any [words AppOne <apps#1>]"),
            ("text.joined|phrase|expand|all: '%gone%'", "(text any [] or text.joined any [])"),
        ];
        for (selection, expected) in cases {
            let mut map = SourceMap::default();
            map.add("t.yml", &format!("title: t\nid: t\ndetection:\n  s: {{{selection}}}\n  condition: s\n"));
            let loaded = crate::rule::load(&map, &FieldTable::canonical(), &lists);
            assert_eq!(clause(&loaded.rules[0].detection.selections[0].clause), expected, "{selection}");
        }
    }

    #[test]
    fn relations_and_ways_of_writing_are_read_as_they_mean() {
        let cases = [
            ("{sender.id|neq: u1}", "(sender.id exists true and not sender.id any [is ‘u1’])"),
            ("{text|contains|neq: [a, b]}", "(text exists true and not text any [has ‘a’; has ‘b’])"),
            ("{sender.id|neq: null}", "(sender.id exists true and not sender.id null)"),
            ("{ip|cidr: 10.0.0.0/8}", "ip any [of 10.0.0.0/8]"),
            (
                "{ip|cidr|neq: ['::1', 192.0.2.0/24]}",
                "(ip exists true and not ip any [of ::1/128; of 192.0.2.0/24])",
            ),
            ("{ip|cidr: 10.0.0/8}", "`10.0.0/8` is no network"),
            ("{text|cidr: 10.0.0.0/8}", "`text` is a text: only keywords hold addresses"),
            ("{v|windash: ' -x'}", "v any [is ‘ -x’; is ‘ /x’; is ‘ –x’; is ‘ —x’; is ‘ ―x’]"),
            (
                "{v|contains|windash|all: ['-x', y]}",
                "(v any [has ‘-x’; has ‘/x’; has ‘–x’; has ‘—x’; has ‘―x’] and v any [has ‘y’])",
            ),
            ("{v|wide|base64offset|contains: cmd}", "v any [has ‘YwBtAGQA’; has ‘MAbQBkA’; has ‘jAG0AZA’]"),
            ("{v|base64: 'a*'}", "`base64` encodes a text, and a wildcard has no code"),
            (r"{v|base64: 'a\*'}", "v any [is ‘YSo=’]"),
            ("{v|base64offset: a}", "v any [is ‘Y’; is ‘h’]"),
            (
                "{v|base64|wide: a}",
                "`wide` says how the text is written before `base64`, and stands behind it",
            ),
            (
                "{v|utf16: a}",
                "`wide` and its like say how a text is written before `base64` or `base64offset`, and none stands here",
            ),
            ("{sender.id|fieldref: recipient.id}", "sender.id Whole recipient.id"),
            (
                "{text|contains|fieldref|cased: [sender.id, room.id]}",
                "(text Anywhere sender.id cased or text Anywhere room.id cased)",
            ),
            (
                "{sender.id|fieldref|neq: recipient.id}",
                "(sender.id exists true and not recipient.id null and not sender.id Whole recipient.id)",
            ),
            (
                "{sender.id|fieldref: text.raw}",
                "`fieldref` compares what was written, so `text.raw` cannot name a view",
            ),
            ("{time|hour|gte: 22}", "time hour GreaterOrEqual 22"),
            ("{time|hour: [22, 23]}", "(time hour Equal 22 or time hour Equal 23)"),
            ("{time|hour: 24}", "`hour` is a number from 0 to 23, so it can never be 24"),
            ("{time|month|neq: 12}", "(time exists true and not time month Equal 12)"),
            ("{seen|week|lt: 2}", "seen week Less 2"),
            ("{text|hour: 2}", "`text` is a text: only times have minutes, hours and days"),
            ("{time|gte: 2026-01-03T22:15:00Z}", "time  GreaterOrEqual 1767478500000"),
            ("{time|lt: 2026-01-03}", "time  Less 1767398400000"),
            ("{time|lt: soon}", "`time|lt` compares with a time, found `soon`"),
            ("{v|contains: ''}", "v any [has anything]"),
        ];
        for (selection, expected) in cases {
            assert_eq!(read(selection), expected, "{selection}");
        }
    }
}
