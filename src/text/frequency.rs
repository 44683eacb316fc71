//! How often words occur in ordinary chat, so that a rule which would fire on everyone is noticed before it does.
//!
//! From the conversations of adults in English; other languages, and rooms full of one topic, have other words. A word
//! that the table does not hold is not thereby rare there.

mod table;

use memchr::memmem;
use table::WORDS;

/// All words of the table, a line each. Most texts are in none, which one search over ten kilobytes tells sooner than
/// fifteen hundred short ones: lists have entries by the ten thousand.
static LINES: [u8; LENGTH] = lines();

const LENGTH: usize = {
    let (mut length, mut at) = (0, 0);
    while at < WORDS.len() {
        length += WORDS[at].0.len() + 1;
        at += 1;
    }
    length
};

const fn lines() -> [u8; LENGTH] {
    let mut lines = [b'\n'; LENGTH];
    let (mut end, mut at) = (0, 0);
    while at < WORDS.len() {
        let word = WORDS[at].0.as_bytes();
        let (_, rest) = lines.split_at_mut(end);
        rest.split_at_mut(word.len()).0.copy_from_slice(word);
        end += word.len() + 1;
        at += 1;
    }
    lines
}

/// Of so many messages the shares are.
pub const MESSAGES: u32 = 100_000;

/// How many messages hold a text, and in which words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Of [`MESSAGES`] ordinary messages so many, at most.
    pub messages: u32,
    /// The commonest words that it stands in, commonest first: at most three.
    pub words: Vec<&'static str>,
}

/// The share of a word, folded and without apostrophes; none if fewer than one message of 2,000 holds it.
pub fn of_word(word: &str) -> Option<Share> {
    let found = WORDS.binary_search_by(|(known, _)| (*known).cmp(word)).ok()?;
    let (word, messages) = WORDS[found];
    Some(Share { messages, words: vec![word] })
}

/// The share of a text that may stand within words. Messages with several such words are counted for each.
pub fn of_part(part: &str) -> Option<Share> {
    memmem::find(&LINES, part.as_bytes())?;
    let mut holding: Vec<_> = WORDS.iter().filter(|(word, _)| word.contains(part)).collect();
    holding.sort_by_key(|(word, messages)| (std::cmp::Reverse(*messages), *word));
    let messages: u32 = holding.iter().map(|(_, messages)| messages).sum();
    let words = holding.iter().take(3).map(|(word, _)| *word).collect();
    (messages > 0).then_some(Share { messages: messages.min(MESSAGES), words })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_holds_words_as_tokens_are() {
        assert!(WORDS.is_sorted_by(|(one, _), (other, _)| one < other));
        for (word, messages) in WORDS {
            assert!(word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{word}");
            assert!((50..=MESSAGES).contains(&messages), "{word}");
        }
    }

    #[test]
    fn words_and_parts() {
        let lines = str::from_utf8(&LINES).unwrap().lines();
        assert!(lines.eq(WORDS.iter().map(|(word, _)| *word)));
        let share = |share: Option<Share>| share.map(|share| share.words.join(" "));
        assert_eq!(share(of_word("you")).as_deref(), Some("you"));
        assert_eq!(share(of_word("zebra")), None);
        assert_eq!(share(of_part("guag")).as_deref(), Some("language languages"));
        assert_eq!(share(of_part("zq")), None);
        let (part, word) = (of_part("you").unwrap().messages, of_word("you").unwrap().messages);
        assert!(part > word, "`your` holds it too");
        assert_eq!(of_part("e").unwrap().messages, MESSAGES, "no more than there are");
    }
}
