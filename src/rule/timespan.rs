//! Spans of time: one whole number and one unit of `s m h d w`, such as `30m`.
//!
//! Strict on purpose: a reader of `1h30m` or `90` would have to guess, and other tools of Sigma guess differently.
//! What was probably meant is offered as a fix.

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::reader::Reader;
use super::syntax::Node;

/// Units with their milliseconds, and how else they are written.
const UNITS: &[(char, u64, &[&str])] = &[
    ('s', 1_000, &["sec", "secs", "second", "seconds"]),
    ('m', 60_000, &["min", "mins", "minute", "minutes"]),
    ('h', 3_600_000, &["hr", "hrs", "hour", "hours"]),
    ('d', 86_400_000, &["day", "days"]),
    ('w', 604_800_000, &["week", "weeks"]),
];

/// The longest span of a window or of silence after it, in milliseconds: 30 days.
const LONGEST: u64 = 30 * 86_400_000;

/// Reads a span of at least one second and at most 30 days, in milliseconds.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node, what: &str) -> Option<u64> {
    let millis = unbounded(reader, node, what)?;
    let wrong = match millis {
        0 => "is nothing",
        1..=LONGEST => return Some(millis),
        _ => "is more than 30 days",
    };
    let written = reader.map.text(node.span);
    let message = format!("{what} takes a span of time from `1s` to `30d`, and `{written}` {wrong}");
    reader.error(Code::BadTimespan, node.span, message);
    None
}

/// Reads a span of any length, none included.
pub(super) fn unbounded(reader: &mut Reader<'_>, node: &Node, what: &str) -> Option<u64> {
    let text = reader.text(node, what)?;
    let found = parse(text);
    if found.is_none() {
        let message = format!("{what} takes a span of time such as `30m`, not `{text}`");
        let found = Diagnostic::new(Code::BadTimespan, node.span, message);
        reader.push(match meant(text) {
            Some(meant) => found.fix(node.span, &*meant, format!("did you mean `{meant}`?")),
            None => found.help("it is one whole number and one unit: `s`, `m`, `h`, `d` or `w`"),
        });
    }
    found
}

fn parse(text: &str) -> Option<u64> {
    let (unit, millis, _) = UNITS.iter().find(|(unit, ..)| text.ends_with(*unit))?;
    let digits = text.strip_suffix(*unit)?;
    let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse::<u64>().ok().filter(|_| whole)?.checked_mul(*millis)
}

/// The span that `1h30m`, `5 minutes` or `2H` say, as it is written.
fn meant(text: &str) -> Option<String> {
    let mut rest = text;
    let (mut total, mut smallest) = (0_u64, None);
    while !rest.trim_start().is_empty() {
        rest = rest.trim_start();
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at_checked(digits)?;
        let after = after.trim_start();
        let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (word, behind) = after.split_at_checked(end)?;
        let (unit, millis, _) = UNITS.iter().find(|(unit, _, long)| is_unit(word, *unit, long))?;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(*millis)?)?;
        smallest = Some(smallest.map_or((*unit, *millis), |(kept, least)| {
            if *millis < least { (*unit, *millis) } else { (kept, least) }
        }));
        rest = behind;
    }
    smallest.map(|(unit, millis)| format!("{}{unit}", total / millis))
}

fn is_unit(word: &str, unit: char, long: &[&str]) -> bool {
    // `M` is a month to some.
    let one = word != "M" && word.len() == 1 && word.starts_with([unit, unit.to_ascii_uppercase()]);
    one || long.contains(&&*word.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_and_one_unit() {
        let cases = [
            ("0s", Some(0)),
            ("30s", Some(30_000)),
            ("30m", Some(1_800_000)),
            ("1h", Some(3_600_000)),
            ("007d", Some(604_800_000)),
            ("2w", Some(1_209_600_000)),
            ("30", None),
            ("m", None),
            ("-5m", None),
            ("+5m", None),
            ("1.5h", None),
            ("5 m", None),
            ("5M", None),
            ("1h30m", None),
            ("99999999999999999999s", None),
            ("18446744073709551615w", None),
            ("banana", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn what_was_meant_is_read_where_it_is_certain() {
        let cases = [
            ("1h30m", Some("90m")),
            ("1h 30s", Some("3630s")),
            ("5 minutes", Some("5m")),
            ("2H", Some("2h")),
            ("1 day", Some("1d")),
            ("5M", None),
            ("5", None),
            ("1.5h", None),
            ("h", None),
            ("banana", None),
            ("99999999999999999999h1s", None),
        ];
        for (text, expected) in cases {
            assert_eq!(meant(text).as_deref(), expected, "{text}");
        }
    }
}
