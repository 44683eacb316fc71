//! The canonical text of a number, by which numbers compare as text and become keys.
//!
//! Numbers that are equal have the same canonical text (up to exponents of 40; `1e400` stays in exponent
//! notation and does not equal its 401 digits), and no digit is lost on the way: the text is computed from
//! the digits, never through a float, which would join different ids of 17 digits. So `1.0`, `10e-1` and `1`
//! are all `1`, and `12345678901234567890123` stays what it is.

/// Where plain digits would need more zeros than this, exponent notation is used.
const MAX_ZEROS: i64 = 40;

/// Appends the canonical text of a JSON number: no sign on zero, no exponent, no trailing zeros after the
/// point; beyond 40 added zeros `digits e exponent` (`1e400`).
///
/// A text that is no JSON number is appended as it is.
pub fn push_canonical_number(number: &str, out: &mut String) {
    if is_plain_integer(number) {
        out.push_str(if number == "-0" { "0" } else { number });
        return;
    }
    let (negative, unsigned) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let size = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let mut bytes = whole.bytes().chain(fraction.bytes()).chain(size.bytes());
    if whole.is_empty() || size.is_empty() || !bytes.all(|byte| byte.is_ascii_digit()) {
        out.push_str(number);
        return;
    }
    push_decimal(negative, (whole, fraction), exponent_of(exponent), out);
}

fn is_plain_integer(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The exponent, held within what no record's length can reach.
fn exponent_of(text: &str) -> i64 {
    const LIMIT: i64 = 1 << 60;
    let digits = text.trim_start_matches(['+', '-']);
    let size = digits.parse::<i64>().unwrap_or(LIMIT).min(LIMIT);
    if text.starts_with('-') { -size } else { size }
}

/// Appends digits whose point stands after `whole`, moved by `exponent`.
fn push_decimal(negative: bool, (whole, fraction): (&str, &str), exponent: i64, out: &mut String) {
    let all = || whole.bytes().chain(fraction.bytes());
    let length = whole.len() + fraction.len();
    let leading = all().take_while(|byte| *byte == b'0').count();
    if leading == length {
        out.push('0');
        return;
    }
    let trailing = fraction.bytes().rev().chain(whole.bytes().rev()).take_while(|byte| *byte == b'0').count();
    let count = length - leading - trailing;
    let significant = || all().skip(leading).take(count).map(char::from);
    // The value is 0.SIGNIFICANT × 10^point.
    let point = signed(whole.len()) - signed(leading) + exponent;
    if negative {
        out.push('-');
    }
    if point > signed(count) + MAX_ZEROS || point < -MAX_ZEROS {
        out.extend(significant());
        out.push('e');
        push_integer(point - signed(count), out);
    } else if point <= 0 {
        out.push_str("0.");
        out.extend((0..-point).map(|_| '0'));
        out.extend(significant());
    } else {
        let before = usize::try_from(point).unwrap_or(usize::MAX);
        out.extend(significant().chain(std::iter::repeat('0')).take(before));
        if count > before {
            out.push('.');
            out.extend(significant().skip(before));
        }
    }
}

fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn push_integer(value: i64, out: &mut String) {
    use std::fmt::Write as _;
    // Writing to a String cannot fail.
    let _infallible = write!(out, "{value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_have_one_text() {
        let cases = [
            ("0", "0"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("0e99", "0"),
            ("42", "42"),
            ("1.0", "1"),
            ("10e-1", "1"),
            ("1E3", "1000"),
            ("1e+3", "1000"),
            ("-1.50", "-1.5"),
            ("0.5", "0.5"),
            ("5e-1", "0.5"),
            ("0.00120", "0.0012"),
            ("120.0120", "120.012"),
            ("1.25e1", "12.5"),
            ("100e-2", "1"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("12345678901234567.25", "12345678901234567.25"),
            ("1e400", "1e400"),
            ("10e399", "1e400"),
            ("0.1e401", "1e400"),
            ("-1e-400", "-1e-400"),
            ("1e99999999999999999999", "1e1152921504606846976"),
        ];
        for (number, expected) in cases {
            let mut text = String::new();
            push_canonical_number(number, &mut text);
            assert_eq!(text, expected, "{number}");
            let mut again = String::new();
            push_canonical_number(&text, &mut again);
            assert_eq!(again, text, "canonical text of a canonical text");
        }
    }

    #[test]
    fn what_is_no_number_stays_as_it_is() {
        for text in ["", "x", "-", "1.2.3", "0x10", "1e", "1ex", ".5"] {
            let mut out = String::new();
            push_canonical_number(text, &mut out);
            assert_eq!(out, text);
        }
    }
}
