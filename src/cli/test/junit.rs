//! What became of tests as the XML of `JUnit`, which CI servers show: a suite for each file, a test case for each test, the rule
//! or correlation as its class.
//!
//! A known miss or false positive is told as skipped, with its note, as other test runners tell of failures that are
//! expected: it is seen and does not break the build. Times are left out: all tests run as one batch, and none
//! has a time of its own. Written by hand, because the form has six elements and no crate for it is in use
//! elsewhere here.

use super::report::{Report, details};
use super::verdict::Verdict;
use crate::rule::model::Expectation;

impl Report<'_> {
    /// The whole document.
    pub(super) fn junit(&self) -> String {
        let verdicts: Vec<_> = self.verdicts.iter().collect();
        let file = |verdict: &&Verdict<'_>| verdict.trial.subject.file().to_owned();
        let suites: String =
            verdicts.chunk_by(|one, other| file(one) == file(other)).map(|of_file| suite(of_file)).collect();
        let numbers = numbers(&verdicts);
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"wardline\" {numbers}>\n{suites}</testsuites>\n"
        )
    }
}

fn numbers(verdicts: &[&Verdict<'_>]) -> String {
    let failed = verdicts.iter().filter(|verdict| !verdict.passed()).count();
    let skipped = verdicts.iter().filter(|verdict| known(verdict)).count();
    format!("tests=\"{}\" failures=\"{failed}\" errors=\"0\" skipped=\"{skipped}\"", verdicts.len())
}

fn known(verdict: &Verdict<'_>) -> bool {
    Expectation::ALL.into_iter().any(|expectation| verdict.is(expectation))
}

fn suite(verdicts: &[&Verdict<'_>]) -> String {
    let file = verdicts.first().map(|verdict| attribute(verdict.trial.subject.file())).unwrap_or_default();
    let cases: String = verdicts.iter().map(|verdict| case(verdict)).collect();
    format!("  <testsuite name=\"{file}\" {}>\n{cases}  </testsuite>\n", numbers(verdicts))
}

fn case(verdict: &Verdict<'_>) -> String {
    let (subject, test) = (verdict.trial.subject, verdict.trial.test);
    let head = format!(
        "    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\"",
        attribute(test.name()),
        attribute(subject.name()),
        attribute(subject.file()),
        test.line()
    );
    let expect = test.expect().name();
    if let (Some(problem), Some(details)) = (&verdict.problem, details(verdict)) {
        let (problem, details) = (attribute(problem), text(&details.join("\n")));
        return format!(
            "{head}>\n      <failure type=\"{expect}\" message=\"{problem}\">{details}</failure>\n    </testcase>\n"
        );
    }
    if known(verdict) {
        let note = test.note().map(|note| format!(": {note}")).unwrap_or_default();
        let message = attribute(&format!("{expect}{note}"));
        return format!("{head}>\n      <skipped message=\"{message}\"/>\n    </testcase>\n");
    }
    format!("{head}/>\n")
}

/// A text as the content of an element.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // XML has no way to write these at all.
            '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}' => {
                out.extend(character.escape_default());
            }
            // Unescaped, a reader takes it for a line end.
            '\r' => out.push_str("&#13;"),
            character => out.push(character),
        }
    }
    out
}

/// A text as the value of an attribute, in which readers take white space for spaces.
fn attribute(value: &str) -> String {
    text(value).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_escaped() {
        let cases = [
            ("a<b & c>\"d\"", "a&lt;b &amp; c&gt;&quot;d&quot;"),
            ("one\ntwo\tthree\r", "one&#10;two&#9;three&#13;"),
            ("\u{1b}[1m \0 \u{ffff} ü", "\\u{1b}[1m \\u{0} \\u{ffff} ü"),
        ];
        for (value, expected) in cases {
            assert_eq!(attribute(value), expected);
        }
    }
}
