//! Shares with what they are made of and how sure one can be of them, and the middle of delays.

use schemars::JsonSchema;
use serde::Serialize;

/// So many standard deviations hold 95 % of a normal distribution.
const Z: f64 = 1.959_964;

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(into = "Written")]
pub struct Share {
    /// How many have it.
    pub count: u64,
    /// Of how many.
    pub of: u64,
}

impl Share {
    /// Counts one more, which has it or not.
    pub fn add(&mut self, has: bool) {
        self.count += u64::from(has);
        self.of += 1;
    }

    /// The share; none of nothing.
    #[expect(clippy::cast_precision_loss, reason = "shares of more than 2^53 are none the worse")]
    pub fn value(self) -> Option<f64> {
        (self.of > 0).then(|| self.count as f64 / self.of as f64)
    }

    /// The interval that holds the true share in 95 of 100 cases, by Wilson's score (E. B. Wilson 1927), which stays within 0 and 1 and
    /// is right for few cases as well. Of none or all it is one-sided: as far as 95 of 100 such series would have shown one of the
    /// other kind, which for many is the rule of three (3 / `of`).
    #[expect(clippy::cast_precision_loss, reason = "shares of more than 2^53 are none the worse")]
    pub fn interval(self) -> Option<(f64, f64)> {
        let share = self.value()?;
        let of = self.of as f64;
        let middle = share + Z * Z / (2.0 * of);
        let reach = Z * (share * (1.0 - share) / of + Z * Z / (4.0 * of * of)).sqrt();
        let whole = 1.0 + Z * Z / of;
        let one_sided = 0.05_f64.powf(1.0 / of);
        let (low, high) = match self.count {
            0 => (0.0, 1.0 - one_sided),
            count if count == self.of => (one_sided, 1.0),
            _ => ((middle - reach) / whole, (middle + reach) / whole),
        };
        Some((rounded(low.max(0.0)), rounded(high.min(1.0))))
    }

    /// As people read it: `90.0 % (45 of 50; 78.6–95.7)`.
    pub fn text(self) -> String {
        match self.made_of() {
            Some(made_of) => format!("{} ({made_of})", self.percent()),
            None => "– (none)".to_owned(),
        }
    }

    /// The share alone: `90.0 %`, or `–`.
    pub fn percent(self) -> String {
        self.value().map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0))
    }

    /// What it is made of and the interval: `45 of 50; 78.6–95.7`.
    pub fn made_of(self) -> Option<String> {
        let (low, high) = self.interval()?;
        Some(format!("{} of {}; {:.1}–{:.1}", self.count, self.of, low * 100.0, high * 100.0))
    }
}

/// How it is written for programs. Without anything to count, there are but the two numbers.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Share")]
struct Written {
    /// How many have it.
    count: u64,
    /// Of how many.
    of: u64,
    /// The share, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<f64>,
    /// The least that it may be: this and the greatest hold the true share in 95 of 100 cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    low: Option<f64>,
    /// The greatest that it may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    high: Option<f64>,
}

impl From<Share> for Written {
    fn from(share: Share) -> Written {
        let interval = share.interval();
        Written {
            count: share.count,
            of: share.of,
            share: share.value(),
            low: interval.map(|(low, _)| low),
            high: interval.map(|(_, high)| high),
        }
    }
}

/// The value that a share of the others is not above: 0.5 for the middle one. None of nothing.
pub fn quantile(values: &mut [i64], share: f64) -> Option<i64> {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index, bounded by the length"
    )]
    let index = ((values.len() as f64 * share).ceil() as usize).clamp(1, values.len().max(1)) - 1;
    values.sort_unstable();
    values.get(index).copied()
}

/// Six digits, which are the same on every machine.
fn rounded(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against tables of the Wilson interval, and of the exact bound at both ends.
    #[test]
    fn intervals_are_those_of_the_books() {
        let cases = [
            ((45, 50), (0.786, 0.957)),
            ((1, 10), (0.018, 0.404)),
            ((0, 100), (0.0, 0.03)),
            ((100, 100), (0.97, 1.0)),
            ((0, 2), (0.0, 0.776)),
            ((3, 3), (0.368, 1.0)),
            ((500, 1000), (0.469, 0.531)),
        ];
        for ((count, of), (low, high)) in cases {
            let found = Share { count, of }.interval().unwrap();
            assert!(
                (found.0 - low).abs() < 0.001 && (found.1 - high).abs() < 0.001,
                "{count} of {of}: {found:?}"
            );
        }
        assert_eq!(Share::default().interval(), None);
    }

    #[test]
    fn people_read_the_numbers_behind_a_share() {
        assert_eq!(Share { count: 45, of: 50 }.text(), "90.0 % (45 of 50; 78.6–95.7)");
        assert_eq!(Share::default().text(), "– (none)");
    }

    #[test]
    fn the_middle_of_values() {
        let cases: &[(&[i64], f64, Option<i64>)] = &[
            (&[], 0.5, None),
            (&[7], 0.5, Some(7)),
            (&[3, 1, 2], 0.5, Some(2)),
            (&[4, 1, 2, 3], 0.5, Some(2)),
            (&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9, Some(9)),
        ];
        for (values, share, expected) in cases {
            assert_eq!(quantile(&mut values.to_vec(), *share), *expected);
        }
    }
}
