//! Conditions that a report must meet, so that a change of rules which makes them worse is refused before it goes live:
//! `recall(case) >= 0.9`.
//!
//! ```text
//! recall(case)   early(case)   wrong(case)   precision(flag)   per_million(flag)      of all cases
//! recall(case, style=disguised)                                                       of a group: kind, language or style
//! precision(high)   per_million(high)   per_day(high)                                 flags of a level or graver
//! recall(g3)                                                                          events that are labelled so
//! ```
//!
//! A figure that cannot be told, because there is nothing to count, does not meet any condition.

use super::report::{By, Group, Report};
use crate::rule::model::Level;
use std::fmt;
use std::str::FromStr;

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    text: String,
    figure: Figure,
    relation: Relation,
    bound: f64,
}

#[derive(Debug, Clone, PartialEq)]
enum Figure {
    /// Of a group of cases; of all without a filter.
    Group(OfGroup, Option<(By, String)>),
    /// Of flags of a level or graver.
    Level(OfLevel, Level),
    /// Of events that are labelled with an indicator.
    Indicator(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OfGroup {
    Recall,
    Early,
    Wrong,
    Precision,
    PerMillion,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OfLevel {
    Precision,
    PerMillion,
    PerDay,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    AtLeast,
    AtMost,
    MoreThan,
    LessThan,
}

/// What a report says of a condition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// The figure; none if there is nothing to count.
    pub value: Option<f64>,
    /// Whether the condition is met.
    pub met: bool,
}

/// Why a text is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// It is not put together like one.
    #[error(
        "a condition is written like `recall(case) >= 0.9`: a figure, one of `>=`, `<=`, `>`, `<`, and a number"
    )]
    Form,
    /// Not one of the figures.
    #[error(
        "`{0}` is no figure; there are recall(case), early(case), wrong(case), precision(flag), per_million(flag), each also of a \
         group such as `recall(case, language=tl)`; precision, per_million and per_day of a level; and recall of an indicator such \
         as `recall(g3)`"
    )]
    Figure(String),
    /// Not one of the groups.
    #[error("`{0}` names no group; cases are grouped by kind, language or style, as in `style=disguised`")]
    Group(String),
    /// Not a number.
    #[error("`{0}` is no number, such as 0.9 or 90%")]
    Number(String),
}

impl FromStr for Gate {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Gate, GateError> {
        let at = text.find(['<', '>']).ok_or(GateError::Form)?;
        let (figure, rest) = text.split_at(at);
        let relations = [
            (">=", Relation::AtLeast),
            ("<=", Relation::AtMost),
            (">", Relation::MoreThan),
            ("<", Relation::LessThan),
        ];
        let stripped = |(sign, relation)| rest.strip_prefix(sign).map(|bound| (relation, bound));
        let (relation, bound) = relations.into_iter().find_map(stripped).ok_or(GateError::Form)?;
        let (figure, bound) = (figure.trim().parse()?, number(bound.trim())?);
        Ok(Gate { text: text.trim().to_owned(), figure, relation, bound })
    }
}

fn number(text: &str) -> Result<f64, GateError> {
    let (digits, unit) = text.strip_suffix('%').map_or((text, 1.0), |digits| (digits, 100.0));
    let number = digits.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    number.map(|number| number / unit).ok_or_else(|| GateError::Number(text.to_owned()))
}

impl FromStr for Figure {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Figure, GateError> {
        let unknown = || GateError::Figure(text.to_owned());
        let (name, rest) = text.split_once('(').ok_or(GateError::Form)?;
        let arguments = rest.trim().strip_suffix(')').ok_or(GateError::Form)?;
        let (of, filter) = match arguments.split_once(',') {
            Some((of, filter)) => (of.trim(), Some(group(filter.trim())?)),
            None => (arguments.trim(), None),
        };
        let figure = match (name.trim(), of) {
            ("recall", "case") => Figure::Group(OfGroup::Recall, filter),
            ("early", "case") => Figure::Group(OfGroup::Early, filter),
            ("wrong", "case") => Figure::Group(OfGroup::Wrong, filter),
            ("precision", "flag") => Figure::Group(OfGroup::Precision, filter),
            ("per_million", "flag") => Figure::Group(OfGroup::PerMillion, filter),
            _ if filter.is_some() => return Err(unknown()),
            ("recall", indicator) if indicator.ends_with(|c: char| c.is_ascii_digit()) => {
                Figure::Indicator(indicator.to_owned())
            }
            (name, level) => {
                let of_level = match name {
                    "precision" => OfLevel::Precision,
                    "per_million" => OfLevel::PerMillion,
                    "per_day" => OfLevel::PerDay,
                    _ => return Err(unknown()),
                };
                Figure::Level(of_level, Level::from_name(level).ok_or_else(unknown)?)
            }
        };
        Ok(figure)
    }
}

fn group(text: &str) -> Result<(By, String), GateError> {
    let by = text.split_once('=').and_then(|(by, name)| {
        let by = match by.trim() {
            "kind" => By::Kind,
            "language" => By::Language,
            "style" => By::Style,
            _ => return None,
        };
        Some((by, name.trim().to_owned()))
    });
    by.ok_or_else(|| GateError::Group(text.to_owned()))
}

impl fmt::Display for Gate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl Gate {
    /// Whether a report meets it.
    pub fn judge(&self, report: &Report) -> Verdict {
        let value = self.figure.of(report);
        let met = value.is_some_and(|value| match self.relation {
            Relation::AtLeast => value >= self.bound,
            Relation::AtMost => value <= self.bound,
            Relation::MoreThan => value > self.bound,
            Relation::LessThan => value < self.bound,
        });
        Verdict { value, met }
    }
}

impl Figure {
    fn of(&self, report: &Report) -> Option<f64> {
        match self {
            Figure::Group(figure, filter) => {
                let (by, name) = filter.as_ref().map_or((By::All, ""), |(by, name)| (*by, name.as_str()));
                let group = report.groups.iter().find(|group| group.by == by && group.name == name)?;
                figure.of(group)
            }
            Figure::Level(figure, level) => figure.of(report, *level),
            Figure::Indicator(name) => {
                report.indicators.iter().find(|row| row.indicator == *name)?.recall.value()
            }
        }
    }
}

impl OfGroup {
    fn of(self, group: &Group) -> Option<f64> {
        match self {
            OfGroup::Recall => group.recall.value(),
            OfGroup::Early => group.early.value(),
            OfGroup::Wrong => group.wrong.value(),
            OfGroup::Precision => group.precision.value(),
            OfGroup::PerMillion => group.per_million,
        }
    }
}

impl OfLevel {
    fn of(self, report: &Report, level: Level) -> Option<f64> {
        let or_graver = report.thresholds.iter().find(|row| row.level == level.name())?;
        match self {
            OfLevel::Precision => or_graver.precision.value(),
            OfLevel::PerMillion => or_graver.per_million,
            OfLevel::PerDay => or_graver.per_day,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_condition_is_told_why() {
        let cases = [
            ("recall(case)", "a condition is written like"),
            ("recall case >= 1", "a condition is written like"),
            ("recall(everything) >= 0.9", "`recall(everything)` is no figure"),
            ("per_day(case) < 9", "`per_day(case)` is no figure"),
            ("precision(high, language=tl) >= 0.9", "is no figure"),
            ("recall(case, colour=red) >= 0.9", "`colour=red` names no group"),
            ("recall(case) >= much", "`much` is no number"),
            ("recall(case) >= inf", "`inf` is no number"),
        ];
        for (text, expected) in cases {
            let error = text.parse::<Gate>().expect_err(text).to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_share_may_be_written_as_percent() {
        for text in ["recall(case) >= 90%", "recall( case )>=0.9", " recall(case) >= .9 "] {
            let gate: Gate = text.parse().expect(text);
            assert!((gate.bound - 0.9).abs() < 1e-9 && gate.relation == Relation::AtLeast, "{text}");
        }
    }
}
