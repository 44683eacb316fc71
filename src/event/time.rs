//! Event time: reading it, and what replaces it where it cannot be believed.
//!
//! Correlations live in event time, so a bad clock on a sender's side must neither blind a window (a time far
//! in the past is only late) nor advance it (a time in the future would expire everyone's state). A time that
//! is missing, unreadable, or later than what the log and the worker know by more than a tolerance is replaced by
//! the earlier of those two, and marked.

use super::Scalar;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::ops::RangeInclusive;

/// How much later than record and clock an event may say it is, in milliseconds.
pub const FUTURE_TOLERANCE_MS: i64 = 5 * 60 * 1000;

/// Where an event's resolved time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TimeSource {
    /// The event itself.
    Event,
    /// The record's own time stamp: the event's was missing, unreadable or in the future.
    Record,
    /// The worker's clock: the same, and the record had no time stamp or a later one.
    Clock,
}

impl TimeSource {
    /// The name used in flags (`time_source`).
    pub fn name(self) -> &'static str {
        match self {
            TimeSource::Event => "event",
            TimeSource::Record => "record",
            TimeSource::Clock => "clock",
        }
    }
}

/// When a record was read: what an event's own time is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The record's time stamp in milliseconds since the epoch, if it has one.
    pub record: Option<i64>,
    /// The worker's clock, the same.
    pub now: i64,
}

impl Moment {
    /// The time of an event, in milliseconds since the epoch, and where it comes from. `event` is what the event
    /// says, if that was readable.
    pub fn resolve(self, event: Option<i64>) -> (i64, TimeSource) {
        let (known, source) = match self.record {
            Some(record) if record <= self.now => (record, TimeSource::Record),
            _ => (self.now, TimeSource::Clock),
        };
        match event {
            Some(event) if event <= known.saturating_add(FUTURE_TOLERANCE_MS) => (event, TimeSource::Event),
            _ => (known, source),
        }
    }
}

/// A part of a time, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TimePart {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// Of the month, 1 to 31.
    Day,
    /// Of the year by ISO 8601, 1 to 53.
    Week,
    /// 1 to 12.
    Month,
    /// Such as 2026.
    Year,
}

impl TimePart {
    /// All parts, the smallest first.
    pub const ALL: [TimePart; 6] =
        [TimePart::Minute, TimePart::Hour, TimePart::Day, TimePart::Week, TimePart::Month, TimePart::Year];

    /// The name that rules use.
    pub fn name(self) -> &'static str {
        match self {
            TimePart::Minute => "minute",
            TimePart::Hour => "hour",
            TimePart::Day => "day",
            TimePart::Week => "week",
            TimePart::Month => "month",
            TimePart::Year => "year",
        }
    }

    /// The values that it takes.
    pub fn range(self) -> RangeInclusive<i64> {
        match self {
            TimePart::Minute => 0..=59,
            TimePart::Hour => 0..=23,
            TimePart::Day => 1..=31,
            TimePart::Week => 1..=53,
            TimePart::Month => 1..=12,
            TimePart::Year => -9999..=9999,
        }
    }

    /// The part of a time in milliseconds since the epoch. None if that is no time of the calendar.
    pub fn of(self, time: i64) -> Option<i64> {
        let date = TimeZone::UTC.to_datetime(Timestamp::from_millisecond(time).ok()?);
        Some(match self {
            TimePart::Minute => date.minute().into(),
            TimePart::Hour => date.hour().into(),
            TimePart::Day => date.day().into(),
            TimePart::Week => date.date().iso_week_date().week().into(),
            TimePart::Month => date.month().into(),
            TimePart::Year => date.year().into(),
        })
    }
}

/// Milliseconds of a day.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The first moment of a day, in UTC, in milliseconds since the epoch: `2026-01-31`. None if it is written otherwise.
pub fn parse_day(text: &str) -> Option<i64> {
    let is_day = text.len() == "2026-01-31".len() && text.contains('-');
    parse_calendar(text).filter(|_| is_day)
}

/// Milliseconds since the epoch of a value: RFC 3339 (UTC where the offset is missing), or a number since the epoch,
/// whose unit its size tells: seconds up to the year 5138, then milliseconds, microseconds, nanoseconds. In a string
/// such a number has at least nine digits, for `2025` and `20251123` are dates. None if it is none of these.
pub fn parse_time(value: Scalar<'_>) -> Option<i64> {
    match value {
        Scalar::Number(digits) => parse_epoch(digits, 1),
        Scalar::Text(text) => {
            let text = text.trim();
            parse_epoch(text, LEAST_DIGITS).or_else(|| parse_calendar(text))
        }
        Scalar::Bool(_) | Scalar::Null | Scalar::Composite => None,
    }
}

/// Fewest digits before the point of a number since the epoch that is written as a string.
const LEAST_DIGITS: usize = 9;

/// A date and time without an offset is taken as UTC, unless it names a zone: which offset that had is another
/// table's knowledge.
fn parse_calendar(text: &str) -> Option<i64> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant.as_millisecond());
    }
    let civil: DateTime = text.parse().ok().filter(|_| !text.contains('['))?;
    TimeZone::UTC.to_timestamp(civil).ok().map(Timestamp::as_millisecond)
}

/// Decimal digits, `least` of them or more, with a fraction or not.
fn parse_epoch(text: &str, least: usize) -> Option<i64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if whole.len() < least || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let millis = match whole.checked_ilog10().unwrap_or(0) {
        0..11 => whole * 1000 + thousandths(fraction),
        11..14 => whole,
        14..17 => whole / 1000,
        _ => whole / 1_000_000,
    };
    Some(if text.starts_with('-') { -millis } else { millis })
}

/// The first three digits of a fraction, as thousandths.
fn thousandths(fraction: &str) -> i64 {
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    digits.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readable_times() {
        let at = 1_763_892_000_123;
        let texts = [
            "2025-11-23T10:00:00.123Z",
            "2025-11-23T10:00:00.123456789+00:00",
            "2025-11-23T12:00:00.123+02:00",
            "2025-11-23 10:00:00.123",
            "1763892000123",
            "1763892000.123",
            "1763892000.1239",
            "1763892000123456",
            "1763892000123456789",
            " 1763892000123 ",
            "2025-11-23T10:00:00.123Z\n",
            "2025-11-23T11:00:00.123+01:00[Europe/Berlin]",
        ];
        for text in texts {
            assert_eq!(parse_time(Scalar::Text(text)), Some(at), "{text}");
        }
        assert_eq!(parse_time(Scalar::Number("1763892000.123")), Some(at));
        assert_eq!(parse_time(Scalar::Number("1763892000")), Some(at - 123));
        assert_eq!(parse_time(Scalar::Number("-1.5")), Some(-1500));
        assert_eq!(parse_time(Scalar::Number("2025")), Some(2_025_000));
        assert_eq!(parse_time(Scalar::Text("20251123")), Some(1_763_856_000_000), "a date, not 233 days");
        assert_eq!(parse_time(Scalar::Text("-100000000")), Some(-100_000_000_000));
    }

    #[test]
    fn unreadable_times() {
        let texts = [
            "",
            "yesterday",
            "2025-02-30T10:00:00Z",
            "2025-11-23T25:00:00Z",
            "-",
            ".",
            "1e12",
            "99999999999999999999",
            "2025",
            "12345678",
            "-1.5",
            "2025-11-23T10:00:00[America/New_York]",
            "1763892000 123",
        ];
        for text in texts {
            assert_eq!(parse_time(Scalar::Text(text)), None, "{text}");
        }
        for value in [Scalar::Null, Scalar::Bool(true), Scalar::Composite, Scalar::Number("1e300")] {
            assert_eq!(parse_time(value), None);
        }
    }

    #[test]
    fn what_cannot_be_believed_is_replaced() {
        use TimeSource::{Clock, Event, Record};
        let minute = 60_000;
        // event, record, now → resolved
        let cases = [
            (Some(100), Some(200), 300, (100, Event)),
            (Some(-100), Some(200), 300, (-100, Event)),
            (Some(5 * minute), Some(0), 10 * minute, (5 * minute, Event)),
            (Some(5 * minute + 1), Some(0), 10 * minute, (0, Record)),
            (Some(5 * minute + 1), Some(10 * minute), 0, (0, Clock)),
            (Some(5 * minute + 1), None, 0, (0, Clock)),
            (None, Some(200), 300, (200, Record)),
            (None, Some(300), 200, (200, Clock)),
            (None, None, 200, (200, Clock)),
            (Some(i64::MAX), None, i64::MAX, (i64::MAX, Event)),
        ];
        for (event, record, now, expected) in cases {
            assert_eq!(Moment { record, now }.resolve(event), expected, "{event:?} {record:?} {now}");
        }
    }
}
