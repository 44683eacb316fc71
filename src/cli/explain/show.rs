//! An explanation as text: the condition's parts one below the other, each with its value and the reason.
//!
//! What comes from an event stands between quotes, escaped as in a program, and what comes from a rule as [`visible`] lets it:
//! both may be written by strangers, and a terminal obeys what is written to it. Entries of lists are named, never
//! shown.

use crate::cli::written::{self, pattern};
use crate::engine::MAX_EVIDENCE;
use crate::engine::trace::{Found, Kind, Near, Part, Reason, Trace};
use crate::event::{Batch, DecodeError, FieldId, FieldType, JOINED, Scalar, ValueId};
use crate::flag::rfc3339;
use crate::rule::model::{Comparison, Demand, FieldTest, Number, Pattern, PatternKind, Place};
use crate::rule::model::{Rule, Status, Test, TimeTest, Views};
use crate::ruleset::{DISGUISED, Measure, Order, SKELETON, SQUASHED};
use crate::text::skeleton::{Letter, Reading, Script, Skeleton};
use crate::text::{fold, token, visible};
use std::collections::BTreeMap;
use std::ops::Range;

/// Most characters of a value that are shown.
const MOST_CHARACTERS: usize = 160;

/// Most values of a list that are shown.
const MOST_VALUES: usize = 8;

/// What is said of the rule.
pub(super) fn rule(rule: &Rule) -> String {
    visible(&format!("{}: {} ({}:{})", rule.name, rule.title, rule.origin.file, rule.origin.line)) + "\n"
}

/// What is said of an event.
pub(super) fn event(name: &str, rule: &Rule, trace: &Trace<'_>, batch: &Batch) -> String {
    let verdict = verdict(rule, trace, batch);
    let mut writer = Writer::new(batch, false);
    writer.lines.extend([String::new(), format!("{name}: {verdict}")]);
    writer.part(&trace.condition, 0);
    for (value, name) in &texts(trace) {
        writer.reading(*value, name);
    }
    writer.lines.iter().map(|line| visible(line) + "\n").collect()
}

/// Why the rule fires or does not, cut to what decides it: of an `and` that fails the parts that fail, of an `or` that
/// holds those that hold. Line by line.
pub(in crate::cli) fn brief(rule: &Rule, trace: &Trace<'_>, batch: &Batch) -> Vec<String> {
    if !trace.looks {
        return vec![visible(&verdict(rule, trace, batch))];
    }
    let mut writer = Writer::new(batch, true);
    writer.part(&trace.condition, 0);
    writer.lines.iter().map(|line| visible(line)).collect()
}

/// What is said of a record that is none.
pub(in crate::cli) fn no_event(name: &str, error: DecodeError) -> String {
    format!("\n{}\n", visible(&format!("{name}: no event, {error}")))
}

pub(super) fn verdict(rule: &Rule, trace: &Trace<'_>, batch: &Batch) -> String {
    if rule.status == Status::Retired {
        return "the rule is retired and fires on nothing".to_owned();
    }
    match (trace.fires, trace.looks) {
        (true, _) => "the rule fires".to_owned(),
        (false, true) => "the rule does not fire".to_owned(),
        (false, false) => {
            let kinds = batch.values(0, FieldId::TYPE).filter_map(|(_, kind)| kind.text());
            let kinds: Vec<_> = kinds.take(MOST_VALUES).map(quoted).collect();
            let kinds = if kinds.is_empty() { "missing".to_owned() } else { kinds.join(", ") };
            let own = rule.event_types.join(", ");
            format!("the rule does not look at it: its type is {kinds}, none of {own}")
        }
    }
}

/// The texts that tests read, each once, with what they are called.
pub(super) fn texts(trace: &Trace<'_>) -> BTreeMap<ValueId, String> {
    let mut texts = BTreeMap::new();
    collect(&trace.condition, &mut texts);
    texts
}

fn collect(part: &Part<'_>, texts: &mut BTreeMap<ValueId, String>) {
    match &part.kind {
        Kind::All(parts) | Kind::Any(parts) => parts.iter().for_each(|part| collect(part, texts)),
        Kind::Not(inner) | Kind::Selection(_, inner) => collect(inner, texts),
        Kind::Test(test, reason) if test.kind == FieldType::Text => {
            for (value, number) in reason.values.iter().zip(1..=MOST_VALUES) {
                texts.entry(*value).or_insert_with(|| format!("{}{}", test.path(), nth(reason, number)));
            }
        }
        Kind::Test(..) => {}
    }
}

/// Which of a field's values it is, if there are several.
fn nth(reason: &Reason<'_>, number: usize) -> String {
    if reason.values.len() > 1 { format!(", value {number}") } else { String::new() }
}

struct Writer<'b> {
    batch: &'b Batch,
    /// What is being said stands under an odd number of `not`.
    negated: bool,
    /// Only what decides is said.
    brief: bool,
    lines: Vec<String>,
}

impl<'b> Writer<'b> {
    fn new(batch: &'b Batch, brief: bool) -> Writer<'b> {
        Writer { batch, negated: false, brief, lines: Vec::new() }
    }

    /// A line about a part that holds or does not.
    fn judged(&mut self, holds: bool, depth: usize, what: &str) {
        let sign = if holds { "yes" } else { "no " };
        self.lines.push(format!("  {sign}  {:1$}{what}", "", 2 * depth));
    }

    /// A line about the part above.
    fn said(&mut self, depth: usize, what: &str) {
        self.lines.push(format!("       {:1$}{what}", "", 2 * depth));
    }

    fn part(&mut self, part: &Part<'_>, depth: usize) {
        match &part.kind {
            Kind::All(parts) => self.parts(part.holds, depth, "all of", parts),
            Kind::Any(parts) => self.parts(part.holds, depth, "any of", parts),
            Kind::Not(inner) => {
                self.judged(part.holds, depth, "not");
                self.negated = !self.negated;
                self.part(inner, depth + 1);
                self.negated = !self.negated;
            }
            Kind::Selection(name, inner) => {
                self.judged(part.holds, depth, name);
                self.part(inner, depth + 1);
            }
            Kind::Test(test, reason) => {
                self.judged(part.holds, depth, &demanded(test));
                self.reason(test, reason, part.holds, depth + 1);
            }
        }
    }

    fn parts(&mut self, holds: bool, depth: usize, what: &str, parts: &[Part<'_>]) {
        self.judged(holds, depth, what);
        for part in parts {
            if self.brief && part.holds != holds {
                self.judged(part.holds, depth + 1, &in_short(part));
            } else {
                self.part(part, depth + 1);
            }
        }
    }

    fn reason(&mut self, test: &Test, reason: &Reason<'_>, holds: bool, depth: usize) {
        for found in &reason.found {
            let line = self.found(found, reason);
            self.said(depth, &line);
        }
        if reason.found.len() >= MAX_EVIDENCE {
            self.said(depth, &format!("only the first {MAX_EVIDENCE} are shown"));
        }
        if reason.values.is_empty() && test.path() == JOINED {
            self.said(depth, "no message before it is read as one with it");
        } else if reason.values.is_empty() {
            self.said(depth, &format!("the event has no {}", test.field));
        } else if !holds {
            self.values(test, reason, depth);
        }
        // How near it came matters where it had to be found.
        if !self.negated {
            reason.near.iter().for_each(|near| self.said(depth, &nearly(near)));
            left_out(test).into_iter().filter(|_| !holds).for_each(|line| self.said(depth, &line));
        }
    }

    /// What the values are in which nothing was found. Texts are shown with their readings.
    fn values(&mut self, test: &Test, reason: &Reason<'_>, depth: usize) {
        for value in reason.values.iter().take(MOST_VALUES) {
            match self.batch.value(*value) {
                Scalar::Null => self.said(depth, "it is null"),
                Scalar::Composite => self.said(depth, "it is an object or an empty list"),
                _ if test.kind == FieldType::Text => {}
                scalar => self.said(depth, &format!("it is {}", quoted(scalar.text().unwrap_or_default()))),
            }
        }
        if let Some(more) = reason.values.len().checked_sub(MOST_VALUES + 1) {
            self.said(depth, &format!("and {} more values", more + 1));
        }
    }

    fn found(&self, found: &Found, reason: &Reason<'_>) -> String {
        let text = self.batch.value(found.value).text().unwrap_or_default();
        let matched = text.get(found.span.clone()).unwrap_or_default();
        let entry = found.entry.as_ref().map(|entry| format!(", by {entry}")).unwrap_or_default();
        let value = reason.values.iter().position(|value| *value == found.value).unwrap_or_default();
        let (value, Range { start, end }) = (nth(reason, value + 1), &found.span);
        let slips = match found.edits {
            0 => String::new(),
            1 => ", with one slip".to_owned(),
            slips => format!(", with {slips} slips"),
        };
        format!("found {} at bytes {start}..{end}{value}, {}{slips}{entry}", quoted(matched), found.view)
    }

    /// How a text was read.
    fn reading(&mut self, value: ValueId, name: &str) {
        let Some(text) = self.batch.value(value).text() else { return };
        self.lines.extend([String::new(), format!("  {name}")]);
        for (name, reading) in readings(text) {
            self.lines.push(format!("    {name:8}  {}", quoted(&reading)));
        }
    }
}

/// How a text is read, each reading with the name of its view.
pub(super) fn readings(text: &str) -> Vec<(&'static str, String)> {
    let folded = fold::fold(text);
    let words: Vec<String> = token::normals(&folded).collect();
    let mut readings = vec![("raw", text.to_owned()), ("folded", folded), ("words", words.join(" "))];
    for spelt in Reading::ALL.map(|reading| spelt(text, reading)) {
        if readings.iter().all(|(_, known)| *known != spelt) {
            readings.push(("skeleton", spelt));
        }
    }
    readings
}

/// What a part is, without what is in it.
fn in_short(part: &Part<'_>) -> String {
    match &part.kind {
        Kind::All(_) => "all of …".to_owned(),
        Kind::Any(_) => "any of …".to_owned(),
        Kind::Not(inner) => format!("not {}", in_short(inner)),
        Kind::Selection(name, _) => (*name).to_owned(),
        Kind::Test(test, _) => demanded(test),
    }
}

/// A letter of a skeleton. `i` and `l` are of one class, and shown as they are written.
fn shown(letter: &Letter) -> char {
    if letter.written == 'l' { 'l' } else { letter.class }
}

/// The words of a text as a skeleton spells them.
fn spelt(text: &str, reading: Reading) -> String {
    let skeleton = Skeleton::of(text, reading, Script::Own);
    let word = |word: &Range<u32>| skeleton.letters_of(word).iter().map(shown).collect::<String>();
    skeleton.words().iter().map(word).collect::<Vec<_>>().join(" ")
}

/// A text of an event, cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}

/// The same without quotes, for tools.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What a test demands, in short.
pub(super) fn demanded(test: &Test) -> String {
    let field = written::field(&test.field, test.kind, test.views);
    match &test.demand {
        Demand::Exists(true) => format!("{field} is there"),
        Demand::Exists(false) => format!("{field} is not there"),
        Demand::Null => format!("{field} is null or not there"),
        Demand::Compare(comparison, bound) => format!("{field} {} {}", sign(*comparison), number(*bound)),
        Demand::Time(time) => at(&field, time),
        Demand::Field(other) => refers(&field, other),
        Demand::AnyOf(patterns) | Demand::AllOf(patterns) if patterns.len() == 1 => {
            format!("{field}: {}", pattern(&patterns[0]))
        }
        Demand::AnyOf(patterns) if patterns.is_empty() => {
            format!("{field}: nothing, since the list has expired")
        }
        Demand::AnyOf(patterns) => format!("{field}: one of {} patterns", patterns.len()),
        Demand::AllOf(patterns) => format!("{field}: each of {} patterns", patterns.len()),
    }
}

/// What is demanded of a time.
fn at(field: &str, time: &TimeTest) -> String {
    let sign = sign(time.comparison);
    match time.part {
        Some(part) => format!("the {} of {field} {sign} {}", part.name(), time.bound),
        None => format!("{field} {sign} {}", rfc3339(time.bound)),
    }
}

/// What is demanded of a field by another.
fn refers(field: &str, other: &FieldTest) -> String {
    let how = match other.place {
        Place::Whole => "is",
        Place::Start => "begins with",
        Place::End => "ends with",
        Place::Anywhere => "holds",
    };
    format!("{field} {how} what {} is", other.other)
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
    }
}

fn number(number: Number) -> String {
    match number {
        Number::Integer(integer) => integer.to_string(),
        Number::Decimal(decimal) => decimal.to_string(),
    }
}

/// In which views a phrase was not looked for, and why.
fn left_out(of: &Test) -> Option<String> {
    let (Demand::AnyOf(all) | Demand::AllOf(all)) = &of.demand else { return None };
    let [Pattern { kind, cased: false, entry: None }] = &all[..] else { return None };
    let (text, order) = (kind.words()?, Order::of(kind));
    if of.kind != FieldType::Text || of.views != Views::Automatic && of.path() != JOINED {
        return None;
    }
    let Measure { letters, words, views } = Measure::of(text, of.views, order)?;
    let needs = match (views.skeleton, views.squashed, views.disguised) {
        (_, _, true) => return None,
        (_, true, _) if of.path() == JOINED => return None,
        _ if of.path() == JOINED => {
            format!("over several messages: for that it needs {DISGUISED} letters in two words")
        }
        (true, _, _) if !order.is_row() => return None,
        (false, _, _) if !order.is_row() => {
            format!("in the view skeleton: for that it needs {SKELETON} letters")
        }
        (_, true, _) if letters >= DISGUISED => "backwards: for that it needs two words".to_owned(),
        (_, true, _) => format!("backwards: for that it needs {DISGUISED} letters in two words"),
        (true, _, _) => format!("in the view squashed: for that it needs {SQUASHED} letters"),
        _ => {
            format!("in the views skeleton and squashed: for that it needs {SKELETON} and {SQUASHED} letters")
        }
    };
    let words = if words == 1 { "1 word".to_owned() } else { format!("{words} words") };
    Some(format!("with {letters} letters in {words} it is not looked for {needs}"))
}

/// How near a phrase came.
pub(super) fn nearly(near: &Near<'_>) -> String {
    let name = pattern(near.pattern);
    let (together, words) = (near.together, near.words);
    let in_any_order = matches!(near.pattern.kind, PatternKind::Near { .. });
    if near.present == words {
        let how = if in_any_order { "further apart" } else { "not one after the other" };
        return format!("near: {name}: all {words} are there, but {how}");
    }
    let how = if in_any_order { "that near" } else { "in a row" };
    format!("near: {name}: {together} of {words} {how}, {} anywhere", near.present)
}
