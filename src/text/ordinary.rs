//! Ordinary chat, as counts: words and runs of a few of them, with how many messages hold them.
//!
//! So that a rule which would fire on everyone is noticed before it does. Counts and not messages, because what people
//! wrote is theirs, and because a count over a quarter of a million messages says more than any few thousand of
//! them.
//!
//! A table ships. `benches/chitchat/frequency` makes it, and says of what; `ordinary/english.license` says whose it is. The
//! conversations were between adults, in English; other languages, and rooms full of one topic, have other words: what the
//! table does not hold is not thereby rare there. So a platform counts its own messages ([`Counter`]), and its table takes
//! the place of this one.
//!
//! A table is text: a line `# messages` with their number, then of each text a line with how many messages hold it,
//! begin with it and end with it, tabs between, the last two left out where they are few. Texts rise and are [`plain`].

mod count;

pub use count::{Counter, Least};

use super::{fold, token};

/// The table that ships.
static ENGLISH: &str = include_str!("ordinary/english.txt");

/// Begins the line that says how many messages were counted.
const TOTAL: &str = "# messages\t";

/// Most words of a text.
pub const MOST_WORDS: usize = 5;

/// A run of several words is in a table from one message of so many on.
pub const RUN_RATE: u32 = 20_000;

/// Texts of ordinary messages, with their counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample<'a> {
    /// How many messages were counted.
    pub messages: u32,
    /// The texts, rising.
    pub texts: Vec<Said<'a>>,
}

/// A text, and how many messages say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said<'a> {
    /// The text.
    pub text: &'a str,
    /// How many messages hold it.
    pub messages: u32,
    /// How many begin with it; 0 if they are few.
    pub first: u32,
    /// How many end with it; 0 if they are few.
    pub last: u32,
}

/// Why a table cannot be used. It is somebody's traffic, so lines are named by their numbers alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}; `wardline sample` writes such tables")]
pub struct TableError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: TableProblem,
}

/// What is wrong with a line of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TableProblem {
    /// The first line does not say how many messages were counted.
    #[error("expected `# messages`, a tab and how many were counted, at least 1")]
    Total,
    /// Not a text and one to three counts.
    #[error(
        "expected a text and, each after a tab, how many messages hold it, begin with it and end with it"
    )]
    Columns,
    /// Not as texts are counted.
    #[error(
        "expected one to {MOST_WORDS} words in small letters and digits, without accents and signs, single spaces between"
    )]
    Text,
    /// Counts that cannot be.
    #[error(
        "as many messages cannot be: no more begin or end with a text than hold it, and no more hold it than were counted"
    )]
    Counts,
    /// Not after the line before.
    #[error(
        "expected a text after that of the line before; sort the lines by their bytes (`LC_ALL=C sort`), each text once"
    )]
    Order,
}

impl<'a> Sample<'a> {
    /// The sample that ships.
    pub fn english() -> Sample<'static> {
        // A test reads it.
        Sample::parse(ENGLISH).unwrap_or_default()
    }

    /// The sample of a table.
    pub fn parse(table: &'a str) -> Result<Sample<'a>, TableError> {
        let mut lines = (1..).zip(table.lines());
        let total = lines.next().and_then(|(_, line)| line.strip_prefix(TOTAL)?.parse().ok());
        let Some(messages) = total.filter(|total| *total > 0) else {
            return Err(TableError { line: 1, problem: TableProblem::Total });
        };
        let mut sample = Sample { messages, texts: Vec::new() };
        for (line, columns) in lines {
            sample.push(columns).map_err(|problem| TableError { line, problem })?;
        }
        Ok(sample)
    }

    /// About how many bytes a message has: those of its words and a space after each.
    pub fn mean_bytes(&self) -> f64 {
        let words = self.texts.iter().filter(|said| !said.text.contains(' '));
        let bytes = words.map(|said| u64::from(said.messages) * (said.text.len() as u64 + 1)).sum::<u64>();
        #[expect(clippy::cast_precision_loss, reason = "a mean of some dozen bytes")]
        let bytes = bytes as f64;
        bytes / f64::from(self.messages.max(1))
    }

    fn push(&mut self, columns: &'a str) -> Result<(), TableProblem> {
        let said = Said::parse(columns).ok_or(TableProblem::Columns)?;
        let words = said.text.split(' ').count();
        if words > MOST_WORDS || said.text.is_empty() || plain(said.text) != said.text {
            return Err(TableProblem::Text);
        }
        if said.first.max(said.last) > said.messages || !(1..=self.messages).contains(&said.messages) {
            return Err(TableProblem::Counts);
        }
        if self.texts.last().is_some_and(|last| last.text >= said.text) {
            return Err(TableProblem::Order);
        }
        self.texts.push(said);
        Ok(())
    }
}

impl<'a> Said<'a> {
    fn parse(line: &'a str) -> Option<Said<'a>> {
        let (text, counts) = line.split_once('\t')?;
        let mut counts = counts.split('\t');
        let messages = counts.next()?.parse().ok()?;
        let mut place = || match counts.next() {
            None | Some("") => Some(0),
            Some(count) => count.parse().ok(),
        };
        let (first, last) = (place()?, place()?);
        counts.next().is_none().then_some(Said { text, messages, first, last })
    }
}

/// A text as tables hold it: its words folded, without apostrophes, single spaces between. Of such a text it is the text
/// itself.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    push_plain(text, &mut plain);
    plain
}

/// Appends a text as tables hold it, after a space unless it is the first.
fn push_plain(text: &str, plain: &mut String) {
    let folded = fold::fold(text);
    for token in token::tokens(&folded) {
        if !plain.is_empty() {
            plain.push(' ');
        }
        token.push_normal(&folded, plain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_table_is_as_it_was_made() {
        let digest = Sha256::digest(ENGLISH);
        let hex = digest.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        assert_eq!(hex, include_str!("ordinary/english.sha256").trim(), "run benches/chitchat/frequency");
    }

    #[test]
    fn the_table_that_ships_is_a_table() {
        let sample = Sample::parse(ENGLISH).unwrap();
        assert_eq!(sample.texts.len() + 1, ENGLISH.lines().count());
        assert_eq!(sample, Sample::english());
    }

    #[test]
    fn lines_and_their_columns() {
        let sample = Sample::parse("# messages\t50\nhi\t20\t15\nhi there\t9\t\t8\nпривет\t3\n").unwrap();
        let said = |text, messages, first, last| Said { text, messages, first, last };
        let texts = vec![said("hi", 20, 15, 0), said("hi there", 9, 0, 8), said("привет", 3, 0, 0)];
        assert_eq!(sample, Sample { messages: 50, texts });
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_line() {
        use TableProblem::{Columns, Counts, Order, Text, Total};
        let cases = [
            ("", 1, Total),
            ("hi\t3\n", 1, Total),
            ("# messages\t0\n", 1, Total),
            ("# messages\tmany\n", 1, Total),
            ("# messages\t50\nhi\n", 2, Columns),
            ("# messages\t50\nhi\t3\nho\tthree\n", 3, Columns),
            ("# messages\t50\nhi\t3\t2\t1\t1\n", 2, Columns),
            ("# messages\t50\nhi\t\n", 2, Columns),
            ("# messages\t50\n\n", 2, Columns),
            ("# messages\t50\nHi\t3\n", 2, Text),
            ("# messages\t50\n\t3\n", 2, Text),
            ("# messages\t50\nhi  you\t3\n", 2, Text),
            ("# messages\t50\nhi!\t3\n", 2, Text),
            ("# messages\t50\ndon't\t3\n", 2, Text),
            ("# messages\t50\nhí\t3\n", 2, Text),
            ("# messages\t50\na b c d e f\t3\n", 2, Text),
            ("# messages\t50\nhi\t0\n", 2, Counts),
            ("# messages\t50\nhi\t51\n", 2, Counts),
            ("# messages\t50\nhi\t3\t4\n", 2, Counts),
            ("# messages\t50\nhi\t3\t\t4\n", 2, Counts),
            ("# messages\t50\nhi\t3\nhi\t3\n", 3, Order),
            ("# messages\t50\nhi\t3\nha\t3\n", 3, Order),
        ];
        for (table, line, problem) in cases {
            assert_eq!(Sample::parse(table), Err(TableError { line, problem }), "{table:?}");
        }
    }

    proptest! {
        #[test]
        fn a_plain_text_is_itself(text: String) {
            let once = plain(&text);
            prop_assert_eq!(plain(&once), once);
        }
    }
}
