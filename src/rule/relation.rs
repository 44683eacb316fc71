//! Tests that relate a field to something: to whether it is there, to numbers and times (`gt` and its like, parts of times), and
//! to other fields (`fieldref`).

use super::codes::Code;
use super::detection::of;
use super::diagnostic::Diagnostic;
use super::key::{self, FieldKey, Mode};
use super::model::{Clause, Comparison, Demand, FieldTest, Number, TimeTest, Views};
use super::pattern::{finite, place};
use super::reader::{Reader, joined};
use super::syntax::{Key, Node, Scalar};
use super::value;
use crate::event::{self, FieldType, TimePart, parse_time};

/// Reads the values of such a test. None if one cannot be used, which is then reported.
pub(super) fn read(reader: &mut Reader<'_>, key: &FieldKey, values: &[&Node]) -> Option<Clause> {
    if key.fieldref {
        let tests = values.iter().map(|node| Some(of(key, Demand::Field(field(reader, key, node)?))));
        return joined(tests.collect(), if key.all { Clause::All } else { Clause::Any });
    }
    match (key.mode, key.part) {
        (Mode::Exists, _) => {
            let node = single(reader, key, values)?;
            let value = reader.bool(node, "`exists`", Code::NotABool)?;
            Some(of(key, Demand::Exists(value)))
        }
        (Mode::Compare(comparison), None) if key.kind != FieldType::Time => {
            let number = single(reader, key, values).and_then(|node| number(reader, node, key))?;
            Some(of(key, Demand::Compare(comparison, number)))
        }
        (Mode::Compare(comparison), part) => {
            let node = single(reader, key, values)?;
            let bound = match part {
                Some(part) => number_of(reader, node, key, part)?,
                None => time(reader, node, key)?,
            };
            Some(of(key, Demand::Time(TimeTest { part, comparison, bound })))
        }
        (_, part) => {
            let part = part?;
            let tests = values.iter().map(|node| {
                let bound = one_of(reader, node, key, part)?;
                Some(of(
                    key,
                    Demand::Time(TimeTest { part: Some(part), comparison: Comparison::Equal, bound }),
                ))
            });
            joined(tests.collect(), if key.all { Clause::All } else { Clause::Any })
        }
    }
}

fn single<'n>(reader: &mut Reader<'_>, key: &FieldKey, values: &[&'n Node]) -> Option<&'n Node> {
    if let [only] = values {
        return Some(only);
    }
    let span = values
        .first()
        .map_or(key.span, |first| values.last().map_or(first.span, |last| first.span.to(last.span)));
    reader.error(Code::OneValueOnly, span, format!("`{}` takes one value, not a list", key.written));
    None
}

/// What stands there, for a message.
fn shown(node: &Node) -> String {
    let text = node.scalar().map(|scalar: &Scalar| &*scalar.text).filter(|text| !text.is_empty());
    text.map_or_else(|| node.describe().to_owned(), |text| format!("`{text}`"))
}

/// The number that a comparison compares with.
fn number(reader: &mut Reader<'_>, node: &Node, key: &FieldKey) -> Option<Number> {
    let text = node.scalar().map(|scalar| &*scalar.text).filter(|text| finite(text).is_some());
    let number = text.and_then(|text| Number::parse(&value::number(text)));
    if number.is_none() {
        let message = format!("`{}` compares with a number, found {}", key.written, shown(node));
        let found = Diagnostic::new(Code::NotANumber, node.span, message);
        let is_time =
            node.scalar().is_some_and(|scalar| parse_time(event::Scalar::Text(&scalar.text)).is_some());
        let help =
            format!("times are compared where `{}` is declared as a time in the configuration", key.field);
        reader.push(if is_time && key.kind == FieldType::Keyword { found.help(help) } else { found });
    }
    number
}

/// The time that a comparison compares with, in milliseconds since the epoch.
fn time(reader: &mut Reader<'_>, node: &Node, key: &FieldKey) -> Option<i64> {
    // A number of few digits is a date, `20270131`, with quotes or without.
    let time = node.scalar().and_then(|scalar| parse_time(event::Scalar::Text(&scalar.text)));
    if time.is_none() {
        let message = format!("`{}` compares with a time, found {}", key.written, shown(node));
        let found = Diagnostic::new(Code::NotATime, node.span, message);
        reader
            .push(found.help("write it as `2026-01-31T18:00:00Z`; a date alone is its first moment in UTC"));
    }
    time
}

/// The whole number that a part of a time is compared with.
fn number_of(reader: &mut Reader<'_>, node: &Node, key: &FieldKey, part: TimePart) -> Option<i64> {
    let number = node.scalar().and_then(|scalar| scalar.text.trim().parse().ok());
    if number.is_none() {
        let message = format!("`{}` compares with a whole number, found {}", key.written, shown(node));
        let (least, most) = part.range().into_inner();
        let found = Diagnostic::new(Code::NotANumber, node.span, message);
        reader.push(if part == TimePart::Year {
            found.help("a year is a number such as 2026")
        } else {
            found.help(format!("`{}` is a number from {least} to {most}, in UTC", part.name()))
        });
    }
    number
}

/// The same where the part has to be that number.
fn one_of(reader: &mut Reader<'_>, node: &Node, key: &FieldKey, part: TimePart) -> Option<i64> {
    let number = number_of(reader, node, key, part)?;
    if part.range().contains(&number) {
        return Some(number);
    }
    let (least, most) = part.range().into_inner();
    let message =
        format!("`{}` is a number from {least} to {most}, so it can never be {number}", part.name());
    reader.error(Code::BadValue, node.span, message);
    None
}

/// The field that a value names.
fn field(reader: &mut Reader<'_>, key: &FieldKey, node: &Node) -> Option<FieldTest> {
    let path = reader.text(node, "`fieldref`")?;
    if path.contains('|') {
        let message = format!("`fieldref` takes the name of a field, and `{path}` has modifiers");
        reader.error(Code::BadField, node.span, message);
        return None;
    }
    let style = node.scalar()?.style;
    let other = key::read(reader, &Key { text: path.into(), span: node.span, style })?;
    if other.views != Views::Automatic {
        let message = format!("`fieldref` compares what was written, so `{path}` cannot name a view");
        let found = Diagnostic::new(Code::ModifierInView, node.span, message);
        reader.push(found.fix(node.span, other.field, "leave the view out"));
        return None;
    }
    Some(FieldTest { other: other.field, kind: other.kind, place: place(key.mode), cased: key.cased })
}
