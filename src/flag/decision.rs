//! A reviewer's verdict on a flag, as it is written to the topic of decisions: one JSON object.
//!
//! Decisions are made elsewhere, by whatever tool reviewers use, so reading them is forgiving where nothing is lost
//! (further keys) and says what is wrong elsewhere, without repeating what was written: a note is about people.

use super::FlagId;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A reviewer's verdict on a flag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// The flag that was judged.
    pub flag_id: FlagId,
    /// What the reviewer found.
    pub verdict: Verdict,
    /// Who judged: a pseudonym that the reviewers' own tool gives, never a name or an address.
    #[schemars(length(min = 1))]
    pub reviewer: String,
    /// When it was judged, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub time: String,
    /// Why, in the reviewer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What a reviewer found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(into = "&str", try_from = "String")]
#[schemars(with = "String", extend("enum" = Verdict::ALL.map(Verdict::name)))]
pub enum Verdict {
    /// The flag was right.
    TruePositive,
    /// The flag was wrong.
    FalsePositive,
    /// It cannot be told from what is there.
    Unsure,
    /// Somebody else has to judge, or to act at once.
    Escalated,
}

impl Verdict {
    /// All verdicts.
    pub const ALL: [Verdict; 4] =
        [Verdict::TruePositive, Verdict::FalsePositive, Verdict::Unsure, Verdict::Escalated];

    /// The name used in decisions.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::TruePositive => "true_positive",
            Verdict::FalsePositive => "false_positive",
            Verdict::Unsure => "unsure",
            Verdict::Escalated => "escalated",
        }
    }
}

impl From<Verdict> for &str {
    fn from(verdict: Verdict) -> &'static str {
        verdict.name()
    }
}

impl TryFrom<String> for Verdict {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Verdict, &'static str> {
        let found = Verdict::ALL.into_iter().find(|verdict| verdict.name() == text);
        found.ok_or("a verdict is `true_positive`, `false_positive`, `unsure` or `escalated`")
    }
}

/// Why bytes are no decision. Holds nothing of what they say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// They are no JSON.
    #[error("a decision is JSON; line {line}, column {column} is not")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// They are JSON, but no object.
    #[error("a decision is a JSON object")]
    NotAnObject,
    /// A key is missing or holds something else.
    #[error("the decision cannot be read: {0}")]
    Key(String),
    /// The time is none.
    #[error("the decision's `time` is no RFC 3339 time, such as 2026-11-23T10:00:00Z")]
    Time,
    /// Nobody is named.
    #[error("the decision's `reviewer` is empty")]
    Reviewer,
}

impl Decision {
    /// Reads a decision.
    pub fn parse(bytes: &[u8]) -> Result<Decision, DecisionError> {
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|error| DecisionError::NotJson { line: error.line(), column: error.column() })?;
        if !value.is_object() {
            return Err(DecisionError::NotAnObject);
        }
        // All keys hold texts, and of another type serde's words repeat no text.
        let decision: Decision =
            serde_json::from_value(value).map_err(|error| DecisionError::Key(error.to_string()))?;
        if decision.time.parse::<Timestamp>().is_err() {
            return Err(DecisionError::Time);
        }
        if decision.reviewer.trim().is_empty() {
            return Err(DecisionError::Reviewer);
        }
        Ok(decision)
    }

    /// Writes a decision.
    pub fn to_json(&self) -> String {
        // A struct of texts cannot fail to be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The schema of a decision.
pub fn schema() -> Value {
    let about = "A reviewer's verdict on a flag, for the topic of decisions.";
    crate::schema::of::<Decision>("decision", "Wardline decision", about)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";

    fn parse(verdict: &str, reviewer: &str, time: &str) -> Result<Decision, DecisionError> {
        let text = format!(
            r#"{{"flag_id":"{ID}","verdict":"{verdict}","reviewer":"{reviewer}","time":"{time}","tool":"x"}}"#
        );
        Decision::parse(text.as_bytes())
    }

    #[test]
    fn every_verdict_reads_back() {
        for verdict in Verdict::ALL {
            let read = parse(verdict.name(), "r-17", "2026-11-23T10:00:00Z").unwrap();
            assert_eq!(read.verdict, verdict);
            assert_eq!(Decision::parse(read.to_json().as_bytes()), Ok(read));
        }
    }

    #[test]
    fn what_is_wrong_is_told_without_what_was_written() {
        let told = |bytes: &str| Decision::parse(bytes.as_bytes()).unwrap_err().to_string();
        let cases = [
            (told("{\"note\": oh}"), "a decision is JSON; line 1, column 10 is not"),
            (told("\"about Ann\""), "a decision is a JSON object"),
            (told("{}"), "the decision cannot be read: missing field `flag_id`"),
            (
                told(r#"{"flag_id": "about Ann"}"#),
                "the decision cannot be read: an id is 32 lower-case hexadecimal digits",
            ),
            (
                told(r#"{"note": ["about Ann"]}"#),
                "the decision cannot be read: invalid type: sequence, expected a string",
            ),
            (
                parse("about Ann", "r", "2026-11-23T10:00:00Z").unwrap_err().to_string(),
                "the decision cannot be read: a verdict is `true_positive`, `false_positive`, `unsure` or `escalated`",
            ),
            (
                parse("unsure", "r", "yesterday").unwrap_err().to_string(),
                "the decision's `time` is no RFC 3339 time, such as 2026-11-23T10:00:00Z",
            ),
            (
                parse("unsure", " ", "2026-11-23T10:00:00Z").unwrap_err().to_string(),
                "the decision's `reviewer` is empty",
            ),
        ];
        for (found, expected) in cases {
            assert_eq!(found, expected);
        }
    }
}
