//! Times on the wire: RFC 3339 in UTC with milliseconds, as events have them.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;

/// 0000-01-01T00:00:00Z.
const YEAR_0: i64 = -62_167_219_200_000;

/// `ms` since the epoch as `2026-11-23T10:00:00.123Z`. A time beyond the years that RFC 3339 can write is
/// drawn to the nearest that it can.
pub fn rfc3339(ms: i64) -> String {
    const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
    let nearest = ms.clamp(YEAR_0, Timestamp::MAX.as_millisecond());
    let time = Timestamp::from_millisecond(nearest).unwrap_or(Timestamp::MAX);
    let mut written = String::with_capacity("2026-11-23T10:00:00.123Z".len());
    // Writing into a string cannot fail.
    PRINTER.print_timestamp(&time, &mut written).map(|()| written).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn milliseconds_are_always_written() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(1_763_892_000_123), "2025-11-23T10:00:00.123Z");
        assert_eq!(rfc3339(-1), "1969-12-31T23:59:59.999Z");
        assert!(rfc3339(i64::MAX).starts_with("9999-12-"));
        assert_eq!(
            rfc3339(-99_999_999_999_000),
            "0000-01-01T00:00:00.000Z",
            "a year has four digits and no sign"
        );
        assert_eq!(rfc3339(i64::MIN), "0000-01-01T00:00:00.000Z");
    }
}
