//! Ordinary chat, as counts: words and runs of a few of them, with how many messages hold them.
//!
//! So that a rule which would fire on everyone is noticed before it does. Counts and not messages, because what people
//! wrote is theirs, and because a count over a quarter of a million messages says more than any few thousand of
//! them. `benches/chitchat/frequency` makes the table, and says of what; `ordinary/english.license` says whose it is. The conversations were between adults, in English; other
//! languages, and rooms full of one topic, have other words: what the table does not hold is not thereby rare there.

/// The table: a line a text.
static ENGLISH: &str = include_str!("ordinary/english.txt");

/// Begins the line that says how many messages were counted.
const TOTAL: &str = "# messages\t";

/// Texts of ordinary messages, with their counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample<'a> {
    /// How many messages were counted.
    pub messages: u32,
    /// The texts, rising.
    pub texts: Vec<Said<'a>>,
}

/// A text of small letters, digits and single spaces, and how many messages say it.
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

impl<'a> Sample<'a> {
    /// The sample that ships.
    pub fn english() -> Sample<'static> {
        Sample::parse(ENGLISH)
    }

    /// The sample of a table: a line `# messages` with their number, and of each text a line with its counts, tabs between.
    /// Other lines are passed over.
    pub fn parse(table: &'a str) -> Sample<'a> {
        let total = table.lines().find_map(|line| line.strip_prefix(TOTAL)?.parse().ok());
        let texts = table.lines().filter_map(Said::parse).collect();
        Sample { messages: total.unwrap_or_default(), texts }
    }
}

impl<'a> Said<'a> {
    fn parse(line: &'a str) -> Option<Said<'a>> {
        let mut columns = line.split('\t');
        let text = columns.next().filter(|text| text.bytes().all(is_plain))?;
        let messages = columns.next()?.parse().ok()?;
        let mut place = || columns.next().and_then(|count| count.parse().ok()).unwrap_or_default();
        Some(Said { text, messages, first: place(), last: place() })
    }
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_table_is_as_it_was_made() {
        let digest = Sha256::digest(ENGLISH);
        let hex = digest.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        assert_eq!(hex, include_str!("ordinary/english.sha256").trim(), "run benches/chitchat/frequency");
    }

    #[test]
    fn the_table_is_whole() {
        let sample = Sample::english();
        assert_eq!(sample.texts.len() + 1, ENGLISH.lines().count());
        assert!(sample.texts.is_sorted_by(|one, other| one.text < other.text));
        for said in &sample.texts {
            let counts = [said.first, said.last, said.messages, sample.messages];
            assert!(said.messages > 0 && counts[..2].iter().all(|count| *count <= said.messages), "{said:?}");
            assert!(said.messages <= sample.messages, "{said:?}");
            assert!(said.text.split(' ').all(|word| !word.is_empty()), "{said:?}");
        }
    }

    #[test]
    fn lines_and_their_columns() {
        let sample = Sample::parse("# messages\t50\nhi\t20\t15\nhi there\t9\t\t8\nno count\nHi\t3\n");
        let said = |text, messages, first, last| Said { text, messages, first, last };
        assert_eq!(
            sample,
            Sample { messages: 50, texts: vec![said("hi", 20, 15, 0), said("hi there", 9, 0, 8)] }
        );
    }
}
