//! One value against its kind: units are resolved, words and bounds checked.
//!
//! What passes here is normal: durations are whole milliseconds, sizes whole bytes, so that the typed
//! configuration is read from it without a second parser. Messages repeat a value only for kinds that
//! hold no secret.

use super::keys::Kind;
use jiff::Timestamp;
use std::net::SocketAddr;
use toml::Value;

/// Checks `value` against `kind` and gives its normal form, or says what was expected and found.
pub(super) fn check(kind: Kind, value: &Value) -> Result<Value, String> {
    match kind {
        Kind::Bool => value.as_bool().map(Value::Boolean).ok_or_else(|| wrong("true or false", value)),
        Kind::Integer { least, most } => integer(value, least, most),
        Kind::Ratio => ratio(value),
        Kind::Texts { least } => texts(value, least),
        Kind::Paths => texts(value, 1),
        _ => text(kind, value.as_str().ok_or_else(|| wrong("a text in quotes", value))?),
    }
}

fn text(kind: Kind, text: &str) -> Result<Value, String> {
    match kind {
        Kind::Group { needed } => group(text, needed),
        Kind::Instance => instance(text),
        Kind::Choice(words) if !words.contains(&text) => Err(choice(words, text)),
        Kind::Duration { least, most } => duration(text, least, most).map(Value::Integer),
        Kind::Size { least, most } => size(text, least, most).map(Value::Integer),
        Kind::Start => start(text),
        Kind::Address => address(text),
        Kind::Topic => topic(text),
        Kind::Filter => filter(text),
        _ => Ok(Value::String(text.to_owned())),
    }
}

fn wrong(expected: &str, found: &Value) -> String {
    format!("expected {expected}, found {}", article(found))
}

fn article(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a decimal number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a time without quotes",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}

fn choice(words: &[&str], found: &str) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("{word:?}")).collect();
    match super::keys::nearest(found, words.iter().copied()) {
        Some(meant) => format!("unknown word {found:?}; did you mean {meant:?}?"),
        None => format!("unknown word {found:?}; expected one of {}", quoted.join(", ")),
    }
}

fn integer(value: &Value, least: i64, most: i64) -> Result<Value, String> {
    let number = value.as_integer().ok_or_else(|| wrong("a whole number", value))?;
    if (least..=most).contains(&number) {
        return Ok(Value::Integer(number));
    }
    Err(format!("{number} is outside {least} to {most}"))
}

fn ratio(value: &Value) -> Result<Value, String> {
    let number = match value {
        Value::Float(number) => *number,
        Value::Integer(0) => 0.0,
        Value::Integer(1) => 1.0,
        _ => return Err(wrong("a number from 0 to 1", value)),
    };
    if (0.0..=1.0).contains(&number) {
        return Ok(Value::Float(number));
    }
    Err(format!("{number} is outside 0 to 1"))
}

fn texts(value: &Value, least: usize) -> Result<Value, String> {
    let list = value.as_array().ok_or_else(|| wrong("a list of texts", value))?;
    if list.len() < least {
        return Err("must not be empty".to_owned());
    }
    match list.iter().find(|item| item.as_str().is_none_or(str::is_empty)) {
        Some(Value::String(_)) => Err("holds an empty text".to_owned()),
        Some(item) => Err(format!("expected a list of texts, found {} in it", article(item))),
        None => Ok(value.clone()),
    }
}

/// Milliseconds to a unit.
const TIME_UNITS: &[(&str, i64)] =
    &[("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
/// Bytes to a unit.
const SIZE_UNITS: &[(&str, i64)] = &[("B", 1), ("KiB", 1_024), ("MiB", 1_024 * 1_024)];

fn duration(text: &str, least: i64, most: i64) -> Result<i64, String> {
    measured(text, TIME_UNITS, "a duration such as \"250ms\" or \"5m\"", least, most)
}

fn size(text: &str, least: i64, most: i64) -> Result<i64, String> {
    measured(text, SIZE_UNITS, "a size such as \"900KiB\" or \"1MiB\"", least, most)
}

fn measured(text: &str, units: &[(&str, i64)], expected: &str, least: i64, most: i64) -> Result<i64, String> {
    let number = parse_measure(text, units).ok_or_else(|| format!("expected {expected}, found {text:?}"))?;
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    Err(format!("{text:?} is outside {} to {}", show(least, units), show(most, units)))
}

fn parse_measure(text: &str, units: &[(&str, i64)]) -> Option<i64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<i64>().ok()?.checked_mul(*factor)
}

/// A measure in the greatest unit that divides it.
fn show(number: i64, units: &[(&str, i64)]) -> String {
    let fitting = units.iter().rev().find(|(_, factor)| number != 0 && number % factor == 0);
    let (unit, factor) = fitting.unwrap_or(&units[0]);
    format!("{}{unit}", number / factor)
}

/// A duration in milliseconds as the configuration writes it.
pub(super) fn show_duration(milliseconds: i64) -> String {
    show(milliseconds, TIME_UNITS)
}

/// A size in bytes as the configuration writes it.
pub(super) fn show_size(bytes: i64) -> String {
    show(bytes, SIZE_UNITS)
}

fn start(text: &str) -> Result<Value, String> {
    if matches!(text, "earliest" | "latest") || text.parse::<Timestamp>().is_ok() {
        return Ok(Value::String(text.to_owned()));
    }
    Err(format!(
        "expected \"earliest\", \"latest\" or a time such as \"2026-01-31T00:00:00Z\", found {text:?}"
    ))
}

fn address(text: &str) -> Result<Value, String> {
    if text.is_empty() || text.parse::<SocketAddr>().is_ok() {
        return Ok(Value::String(text.to_owned()));
    }
    Err(format!("expected an IP address and a port such as \"0.0.0.0:9464\", found {text:?}"))
}

/// Whether it is a name by Kafka's own rule for topics and members: 1 to 249 letters, digits, dots, underscores and
/// hyphens.
pub fn is_kafka_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    !text.is_empty() && text.len() <= 249 && text.chars().all(allowed) && text != "." && text != ".."
}

fn topic(text: &str) -> Result<Value, String> {
    if is_kafka_name(text) {
        return Ok(Value::String(text.to_owned()));
    }
    Err(format!("{text:?} is no name of a topic: 1 to 249 letters, digits, dots, underscores and hyphens"))
}

/// Transactional ids are `group:instance-worker`: a colon within would let two groups share one.
fn group(text: &str, needed: bool) -> Result<Value, String> {
    if needed && text.is_empty() {
        return Err("must not be empty".to_owned());
    }
    if text.contains(':') {
        return Err(format!(
            "{text:?} holds a colon, which separates group and instance in transactional ids"
        ));
    }
    Ok(Value::String(text.to_owned()))
}

fn instance(text: &str) -> Result<Value, String> {
    if text.is_empty() || is_kafka_name(text) {
        return Ok(Value::String(text.to_owned()));
    }
    Err(format!("{text:?} is no name of a member: letters, digits, dots, underscores and hyphens"))
}

fn filter(text: &str) -> Result<Value, String> {
    super::filter::parse(text).map(|_| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DURATION: Kind = Kind::Duration { least: 5, most: 60_000 };
    const SIZE: Kind = Kind::Size { least: 1, most: 1_048_576 };

    #[test]
    fn units_resolve_to_milliseconds_and_bytes() {
        let cases = [
            (DURATION, "5ms", 5),
            (DURATION, "60 s", 60_000),
            (DURATION, "1m", 60_000),
            (SIZE, "512B", 512),
            (SIZE, "900KiB", 921_600),
            (SIZE, "1MiB", 1_048_576),
        ];
        for (kind, written, normal) in cases {
            assert_eq!(check(kind, &Value::from(written)), Ok(Value::Integer(normal)), "{written}");
        }
    }

    #[test]
    fn what_does_not_fit_is_told_with_what_would() {
        let bounds = Kind::Integer { least: 1, most: 9 };
        let cases: &[(Kind, Value, &str)] = &[
            (DURATION, "4ms".into(), "\"4ms\" is outside 5ms to 1m"),
            (DURATION, "5".into(), "expected a duration such as \"250ms\" or \"5m\", found \"5\""),
            (DURATION, "-5s".into(), "expected a duration such as \"250ms\" or \"5m\", found \"-5s\""),
            (
                DURATION,
                "99999999999999999999s".into(),
                "expected a duration such as \"250ms\" or \"5m\", found \"99999999999999999999s\"",
            ),
            (DURATION, Value::Integer(5), "expected a text in quotes, found a whole number"),
            (SIZE, "2MiB".into(), "\"2MiB\" is outside 1B to 1MiB"),
            (bounds, Value::Integer(10), "10 is outside 1 to 9"),
            (bounds, "3".into(), "expected a whole number, found a text"),
            (Kind::Ratio, Value::Float(1.5), "1.5 is outside 0 to 1"),
            (Kind::Ratio, Value::Float(f64::NAN), "NaN is outside 0 to 1"),
            (Kind::Bool, "true".into(), "expected true or false, found a text"),
            (
                Kind::Choice(&["fail", "continue"]),
                "fial".into(),
                "unknown word \"fial\"; did you mean \"fail\"?",
            ),
            (
                Kind::Choice(&["fail", "continue"]),
                "x".into(),
                "unknown word \"x\"; expected one of \"fail\", \"continue\"",
            ),
            (
                Kind::Address,
                "localhost".into(),
                "expected an IP address and a port such as \"0.0.0.0:9464\", found \"localhost\"",
            ),
            (
                Kind::Topic,
                "a b".into(),
                "\"a b\" is no name of a topic: 1 to 249 letters, digits, dots, underscores and hyphens",
            ),
            (Kind::Texts { least: 1 }, Value::Array(vec![]), "must not be empty"),
            (Kind::Paths, Value::Array(vec![]), "must not be empty"),
            (Kind::Group { needed: true }, "".into(), "must not be empty"),
            (
                Kind::Group { needed: false },
                "a:b".into(),
                "\"a:b\" holds a colon, which separates group and instance in transactional ids",
            ),
            (
                Kind::Instance,
                "a:b".into(),
                "\"a:b\" is no name of a member: letters, digits, dots, underscores and hyphens",
            ),
            (
                Kind::Texts { least: 0 },
                Value::Array(vec![Value::Integer(1)]),
                "expected a list of texts, found a whole number in it",
            ),
            (
                Kind::Filter,
                "info,=".into(),
                "expected a level such as \"info\" or log directives, found \"info,=\"",
            ),
            (
                Kind::Start,
                "yesterday".into(),
                "expected \"earliest\", \"latest\" or a time such as \"2026-01-31T00:00:00Z\", found \"yesterday\"",
            ),
        ];
        for (kind, value, message) in cases {
            assert_eq!(check(*kind, value), Err((*message).to_owned()), "{value}");
        }
    }
}
