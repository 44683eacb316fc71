//! What values are compared with: numbers, times and their parts, other fields.

use super::Place;
use crate::event::{FieldType, TimePart};
use crate::text::lower;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// What is demanded of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeTest {
    /// What of the time is compared, in UTC; none for all of it, in milliseconds since the epoch.
    pub part: Option<TimePart>,
    /// The relation, the field's time on the left.
    pub comparison: Comparison,
    /// What it is compared with.
    pub bound: i64,
}

impl TimeTest {
    /// True if a time, in milliseconds since the epoch, is in that relation.
    pub fn holds(&self, time: i64) -> bool {
        let value = self.part.map_or(Some(time), |part| part.of(time));
        value.is_some_and(|value| self.comparison.holds(&value, &self.bound))
    }
}

/// Another field that a field is compared with (`fieldref`). Values compare by their canonical text; an empty one is
/// part of none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldTest {
    /// Dotted path of the other field.
    pub other: String,
    /// Its type.
    pub kind: FieldType,
    /// Where in the field's value the other's must stand.
    pub place: Place,
    /// Whether case matters.
    pub cased: bool,
}

impl FieldTest {
    /// True if `other` stands in `value` as it is demanded.
    pub fn holds(&self, value: &str, other: &str) -> bool {
        self.stands(&self.spelt(value), &self.spelt(other))
    }

    /// The other field's values, made ready: each is spelt once, however many values they are held against.
    pub fn others<'v>(&self, values: impl Iterator<Item = &'v str>) -> Others<'_> {
        let most = if self.place == Place::Whole { usize::MAX } else { MOST_PARTS };
        Others { test: self, values: values.take(most).map(|value| self.spelt(value).into_owned()).collect() }
    }

    /// A value without its case, unless that matters.
    fn spelt<'v>(&self, value: &'v str) -> Cow<'v, str> {
        if self.cased { Cow::Borrowed(value) } else { Cow::Owned(value.chars().map(lower).collect()) }
    }

    fn stands(&self, value: &str, other: &str) -> bool {
        match self.place {
            Place::Whole => value == other,
            _ if other.is_empty() => false,
            Place::Start => value.starts_with(other),
            Place::End => value.ends_with(other),
            Place::Anywhere => value.contains(other),
        }
    }
}

/// How many values of the other field are looked for as parts of one: an event of many names in a long text would take seconds.
const MOST_PARTS: usize = 1_000;

/// Values of another field to compare with.
#[derive(Debug)]
pub struct Others<'t> {
    test: &'t FieldTest,
    values: BTreeSet<String>,
}

impl Others<'_> {
    /// True if one of them stands in `value` as it is demanded.
    pub fn stand_in(&self, value: &str) -> bool {
        let value = self.test.spelt(value);
        match self.test.place {
            Place::Whole => self.values.contains(&*value),
            _ => self.values.iter().any(|other| self.test.stands(&value, other)),
        }
    }
}

/// A relation of size: the field's value on the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// No modifier; of parts of times.
    Equal,
    /// `gt`
    Greater,
    /// `gte`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `lte`
    LessOrEqual,
}

impl Comparison {
    /// True if the value is in that relation to the bound.
    pub fn holds<T: PartialOrd>(self, value: &T, bound: &T) -> bool {
        match self {
            Comparison::Equal => value == bound,
            Comparison::Greater => value > bound,
            Comparison::GreaterOrEqual => value >= bound,
            Comparison::Less => value < bound,
            Comparison::LessOrEqual => value <= bound,
        }
    }
}

/// A number to compare with. Integers compare as integers: a float holds no id of 17 digits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number.
    Integer(i128),
    /// Any other, finite.
    Decimal(f64),
}

impl Number {
    /// The number that a text says, if it says one.
    pub fn parse(text: &str) -> Option<Number> {
        if let Ok(integer) = text.parse() {
            return Some(Number::Integer(integer));
        }
        text.parse().ok().filter(|number: &f64| number.is_finite()).map(Number::Decimal)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        #[expect(clippy::cast_precision_loss, reason = "beside a decimal number, an integer is one")]
        let float = |number: &Number| match *number {
            Number::Integer(integer) => integer as f64,
            Number::Decimal(decimal) => decimal,
        };
        match (self, other) {
            (Number::Integer(one), Number::Integer(other)) => Some(one.cmp(other)),
            (one, other) => float(one).partial_cmp(&float(other)),
        }
    }
}
