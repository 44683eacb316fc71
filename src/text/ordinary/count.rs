//! Counting what messages say, in bounded memory and so that nobody is given away.
//!
//! Of every message each word and each run of up to [`MOST_WORDS`] of them counts once. Most such texts are said once and
//! never again, and hundreds of millions of messages say more of them than memory holds; so when it is full, the
//! rarest are forgotten until half of it is free. This is *lossy counting* (Manku and Motwani), with the bound on memory
//! instead of on the error: a text that comes back is counted from 1, and remembers how many messages may have been
//! forgotten. A count is therefore never too great, and too small by at most [`Counter::short_by`]; a text that is not
//! there was in at most as many messages. While nothing was forgotten, which is up to some 200,000 messages in the memory
//! that `wardline sample` takes, counts are exact.
//!
//! **Privacy.** A text is in a table only if so many messages of so many senders in so many rooms say it ([`Least`]) that it
//! tells nothing of who says it. Senders and rooms are kept as 64 marks, one of which each name falls on: never more marks
//! than names, so in doubt a text is left out. A sender or a room that is not named counts for none. Rows of digits as long
//! as a telephone number are in no table, nor what looks like an address or a link, however often they are said: whoever
//! advertises one sends it everywhere. A name that many repeat is in it all the same, which is why a table is to be kept as
//! messages are.

use super::{MOST_WORDS, RUN_RATE, TOTAL, push_plain};
use foldhash::fast::FixedState;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::hash::BuildHasher;
use std::ops::Range;

/// Most digits of a text.
const MOST_DIGITS: usize = 6;

/// Longest word that is counted, in bytes: longer ones are addresses, codes and noise.
const LONGEST_WORD: usize = 48;

/// Stands for an address or a link: no word.
const ADDRESS: &str = "@";

/// What a text takes in memory beside its own bytes: its place among the others, and what the allocator adds.
const OVERHEAD: usize = 96;

/// Who has to say a text for it to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Least {
    /// So many messages.
    pub messages: u32,
    /// Of so many senders.
    pub senders: u32,
    /// In so many rooms.
    pub rooms: u32,
}

/// Counts texts of messages.
#[derive(Debug)]
pub struct Counter {
    texts: HashMap<Box<str>, Count, FixedState>,
    /// What the texts take in memory, and may take.
    bytes: usize,
    most_bytes: usize,
    messages: u32,
    forgotten: u32,
}

/// What is known of a text.
#[derive(Debug, Clone, Copy)]
struct Count {
    messages: u32,
    first: u32,
    last: u32,
    /// Messages that may have been forgotten before.
    missed: u32,
    /// The number of the message that was counted last.
    latest: u32,
    senders: u64,
    rooms: u64,
}

/// A message that is being counted.
struct Message {
    number: u32,
    sender: u64,
    room: u64,
}

impl Counter {
    /// Counts in about `most_bytes` of memory, for a moment half as much again.
    pub fn new(most_bytes: usize) -> Counter {
        Counter { texts: HashMap::default(), bytes: 0, most_bytes, messages: 0, forgotten: 0 }
    }

    /// Counts what a message of that sender in that room says.
    pub fn add(&mut self, text: &str, sender: Option<&str>, room: Option<&str>) {
        // Counts are 32 bits wide; further messages would change no share.
        let Some(number) = self.messages.checked_add(1) else { return };
        self.messages = number;
        let message = Message { number, sender: mark(sender), room: mark(room) };
        let text = without_addresses(text);
        let words = words(&text);
        let told = told(&text, &words);
        for first in 0..words.len() {
            for last in first..words.len().min(first + MOST_WORDS) {
                if !told[last] {
                    break;
                }
                let run = text.get(words[first].start..words[last].end).unwrap_or_default();
                self.count(run, &message, first == 0, last + 1 == words.len());
            }
        }
    }

    fn count(&mut self, text: &str, message: &Message, begins: bool, ends: bool) {
        if let Some(count) = self.texts.get_mut(text) {
            return count.add(message, begins, ends);
        }
        if self.bytes + text.len() + OVERHEAD > self.most_bytes {
            self.forget();
        }
        self.bytes += text.len() + OVERHEAD;
        let mut count = Count::new(self.forgotten);
        count.add(message, begins, ends);
        self.texts.insert(text.into(), count);
    }

    /// Forgets the rarest, until half of the memory is free.
    fn forget(&mut self) {
        let mut bytes: BTreeMap<u32, usize> = BTreeMap::new();
        self.texts.iter().for_each(|(text, count)| {
            *bytes.entry(count.at_most()).or_default() += text.len() + OVERHEAD;
        });
        let mut left: usize = bytes.values().sum();
        for (at_most, bytes) in bytes {
            left -= bytes;
            self.forgotten = at_most;
            if left <= self.most_bytes / 2 {
                break;
            }
        }
        self.texts.retain(|_, count| count.at_most() > self.forgotten);
        self.bytes = left;
    }

    /// How many messages were counted.
    pub fn messages(&self) -> u32 {
        self.messages
    }

    /// By how much a count may be too small: 0 while nothing was forgotten.
    pub fn short_by(&self) -> u32 {
        self.forgotten
    }

    /// From how many messages on a run of several words is written.
    pub fn least_of_runs(&self, least: Least) -> u32 {
        least.messages.max(self.messages.div_ceil(RUN_RATE))
    }

    /// The table of what so many say; none if there is nothing.
    pub fn table(&self, least: Least) -> Option<String> {
        let of_runs = self.least_of_runs(least);
        let enough = |(text, count): &(&str, &Count)| {
            let messages = if text.contains(' ') { of_runs } else { least.messages };
            let marked = |marks: u64, least: u32| marks.count_ones() >= least;
            count.messages >= messages
                && marked(count.senders, least.senders)
                && marked(count.rooms, least.rooms)
        };
        let mut texts: Vec<_> =
            self.texts.iter().map(|(text, count)| (&**text, count)).filter(enough).collect();
        texts.sort_unstable_by_key(|(text, _)| *text);
        let mut table = format!("{TOTAL}{}\n", self.messages);
        for (text, count) in &texts {
            count.write(text, of_runs, &mut table);
        }
        (!texts.is_empty()).then_some(table)
    }
}

impl Count {
    fn new(missed: u32) -> Count {
        Count { messages: 0, first: 0, last: 0, missed, latest: 0, senders: 0, rooms: 0 }
    }

    fn add(&mut self, message: &Message, begins: bool, ends: bool) {
        // A text counts once a message, however often it stands there.
        self.messages += u32::from(self.latest != message.number);
        self.latest = message.number;
        self.first += u32::from(begins);
        self.last += u32::from(ends);
        self.senders |= message.sender;
        self.rooms |= message.room;
    }

    /// So many messages may hold it.
    fn at_most(&self) -> u32 {
        self.messages.saturating_add(self.missed)
    }

    /// Writes its line; counts below `least` are left out.
    fn write(&self, text: &str, least: u32, table: &mut String) {
        let place = |count: u32| if count >= least { count.to_string() } else { String::new() };
        let line = format!("{text}\t{}\t{}\t{}", self.messages, place(self.first), place(self.last));
        // A String takes all.
        writeln!(table, "{}", line.trim_end_matches('\t')).unwrap_or_default();
    }
}

/// One of 64 marks for a name, none for none.
fn mark(name: Option<&str>) -> u64 {
    name.map_or(0, |name| 1 << (FixedState::default().hash_one(name) % 64))
}

/// Where the words of a plain text are.
fn words(plain: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let mut words = Vec::new();
    for word in plain.split(' ').filter(|word| !word.is_empty()) {
        words.push(start..start + word.len());
        start += word.len() + 1;
    }
    words
}

/// The words of a text as tables hold them, [`ADDRESS`] for each address and link.
fn without_addresses(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    for piece in text.split_whitespace() {
        if !is_address(piece) {
            push_plain(piece, &mut all);
            continue;
        }
        if !all.is_empty() {
            all.push(' ');
        }
        all.push_str(ADDRESS);
    }
    all
}

/// Whether a piece of a text holds what addresses and links hold: an `@` or a `/`, or a dot or a colon between two letters or digits.
fn is_address(piece: &str) -> bool {
    let mut last = None;
    let inner = piece.chars().any(|character| {
        let within = character.is_alphanumeric() && last == Some(true);
        last = match (character, last) {
            ('.' | ':', Some(false)) => Some(true),
            _ => character.is_alphanumeric().then_some(false),
        };
        within
    });
    inner || piece.contains(['@', '/'])
}

/// Which words are told of: not those that are too long, nor rows of them that hold digits, too many together.
fn told(text: &str, words: &[Range<usize>]) -> Vec<bool> {
    let word = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
    let digits: Vec<usize> = words.iter().map(|range| digits(word(range))).collect();
    let rows = digits.chunk_by(|one, next| (*one > 0) == (*next > 0));
    let short = rows.flat_map(|row| std::iter::repeat_n(row.iter().sum::<usize>() <= MOST_DIGITS, row.len()));
    let told = words.iter().zip(short);
    told.map(|(range, short)| short && range.len() <= LONGEST_WORD && word(range) != ADDRESS).collect()
}

fn digits(text: &str) -> usize {
    text.chars().filter(|character| character.is_numeric()).count()
}

#[cfg(test)]
mod tests {
    use super::super::{Sample, plain};
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    const ANYONE: Least = Least { messages: 1, senders: 0, rooms: 0 };

    /// Messages, first and last of each text, by sets.
    fn naively(messages: &[String]) -> BTreeMap<String, [u32; 3]> {
        let mut counts: BTreeMap<String, [u32; 3]> = BTreeMap::new();
        for message in messages {
            let plain = plain(message);
            let words: Vec<&str> = plain.split_terminator(' ').collect();
            let mut held = BTreeSet::new();
            for length in 1..=MOST_WORDS.min(words.len()) {
                held.extend(words.windows(length).map(|run| run.join(" ")));
                counts.entry(words[..length].join(" ")).or_default()[1] += 1;
                counts.entry(words[words.len() - length..].join(" ")).or_default()[2] += 1;
            }
            for text in held {
                counts.entry(text).or_default()[0] += 1;
            }
        }
        counts
    }

    fn counted(messages: &[String], most_bytes: usize) -> Counter {
        let mut counter = Counter::new(most_bytes);
        for message in messages {
            counter.add(message, None, None);
        }
        counter
    }

    fn messages() -> impl Strategy<Value = Vec<String>> {
        let word = prop::sample::select(vec!["hi", "Hi", "you", "are", "ok", "ok?", "não", "да", "7", "-"]);
        let message = prop::collection::vec(word, 0..9).prop_map(|words| words.join(" "));
        prop::collection::vec(message, 1..40)
    }

    proptest! {
        #[test]
        fn counts_are_those_of_plain_counting(messages in messages()) {
            let counter = counted(&messages, usize::MAX);
            prop_assert_eq!(counter.short_by(), 0);
            let table = counter.table(ANYONE).unwrap_or_else(|| "# messages\t1\n".to_owned());
            let sample = Sample::parse(&table).unwrap();
            let found = sample.texts.iter().map(|said| (said.text.to_owned(), [said.messages, said.first, said.last]));
            prop_assert_eq!(found.collect::<BTreeMap<_, _>>(), naively(&messages));
        }

        #[test]
        fn what_is_forgotten_is_bounded(messages in messages(), most in 300_usize..4_000) {
            let counter = counted(&messages, most);
            prop_assert!(counter.bytes <= most, "{} bytes of {most}", counter.bytes);
            for (text, [messages, first, last]) in naively(&messages) {
                let Some(count) = counter.texts.get(text.as_str()) else {
                    prop_assert!(messages <= counter.short_by(), "{text}: {messages}");
                    continue;
                };
                prop_assert!((count.messages..=count.at_most()).contains(&messages), "{text}: {messages}, {count:?}");
                prop_assert!(count.missed <= counter.short_by());
                prop_assert!(count.first <= first && count.last <= last);
            }
        }
    }

    #[test]
    fn memory_is_bounded_by_forgetting_the_rarest() {
        let rare = (0..20_000_u32).map(|number| format!("often said w{}x", number % 10_000 + number));
        let counter = counted(&rare.collect::<Vec<_>>(), 1 << 20);
        assert!(counter.short_by() > 0 && counter.short_by() < 20, "{}", counter.short_by());
        assert_eq!(counter.texts["often said"].messages, 20_000);
    }

    /// The texts of a table of messages by senders in rooms.
    fn written(said: &[(&str, u32, u32, u32)], least: Least) -> Vec<String> {
        let mut counter = Counter::new(usize::MAX);
        for (text, messages, senders, rooms) in said {
            for number in 0..*messages {
                let name = |of: u32| (of > 0).then(|| format!("{}", number % of.max(1)));
                counter.add(text, name(*senders).as_deref(), name(*rooms).as_deref());
            }
        }
        let table = counter.table(least).unwrap_or_default();
        table.lines().skip(1).map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn what_few_say_is_not_written() {
        let least = Least { messages: 25, senders: 2, rooms: 8 };
        // what it is, messages, senders, rooms, whether it is written
        let cases = [
            ("enough", 100, 50, 50, true),
            ("few", 24, 24, 24, false),
            ("alone", 100, 1, 50, false),
            ("inside", 100, 50, 7, false),
            ("nameless", 100, 0, 50, false),
            ("placeless", 100, 50, 0, false),
        ];
        for (text, messages, senders, rooms, expected) in cases {
            let found = written(&[(text, messages, senders, rooms)], least);
            assert_eq!(!found.is_empty(), expected, "{text}: {found:?}");
        }
    }

    #[test]
    fn numbers_and_codes_are_not_written() {
        let long = "x".repeat(LONGEST_WORD + 1);
        let said = format!("call 0917 555 1234 or 123456 {long} now");
        let found = |said: &str| written(&[(said, 1, 1, 1)], Least { messages: 1, senders: 1, rooms: 1 });
        assert_eq!(found(&said), ["123456", "call", "now", "or", "or 123456"]);
        assert_eq!(found("at 06 12 34 56 78 ok"), ["at", "ok"]);
        assert_eq!(found("at 12 34 56 ok")[..3], ["12", "12 34", "12 34 56"]);
        for address in
            ["me.you@mail.example", "https://place.example/x1", "place.example", "a/b", "1.2.3.4:80"]
        {
            assert_eq!(found(&format!("see {address} now")), ["now", "see"], "{address}");
        }
        assert_eq!(found("well... yes.")[..2], ["well", "well yes"]);
    }

    #[test]
    fn runs_are_written_from_one_message_of_20_000_on() {
        let said = [("good day", 2, 9, 9), ("fine", 40_000, 9, 9)];
        let of = |messages| written(&said, Least { messages, senders: 1, rooms: 1 });
        assert_eq!(of(1), ["day", "fine", "good"]);
        let said = [("good day", 3, 9, 9), ("fine", 39_997, 9, 9)];
        assert_eq!(written(&said, Least { messages: 1, senders: 1, rooms: 1 }).len(), 4);
    }

    #[test]
    fn a_line_leaves_out_what_few_begin_or_end_with() {
        let mut counter = Counter::new(usize::MAX);
        for text in ["hey you", "you", "oh you", "hey there"] {
            counter.add(text, Some("one"), Some("here"));
        }
        let least = Least { messages: 2, senders: 1, rooms: 1 };
        assert_eq!(counter.table(least).as_deref(), Some("# messages\t4\nhey\t2\t2\nyou\t3\t\t3\n"));
        assert_eq!(counter.table(Least { messages: 4, ..least }), None);
    }
}
