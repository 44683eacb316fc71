//! Neutral phrase rules by the thousand, and messages that hit them: what load tests and benchmarks need.
//!
//! The phrases say nothing about anybody ("copper kettle near the lamp"). Each is an adjective, a noun and
//! a tail; the adjectives do not occur in the rest of the traffic, no tail begins another, and a message
//! holds one phrase, so it hits exactly one rule. A rule's phrase is computed from its number and the seed
//! (a step that is coprime to the number of phrases visits all of them), so traffic needs the rules'
//! number and seed and not their text.

use super::SettingsError;
use super::random::{Random, mix};
use super::record::Writer;
use super::room::Room;

/// Most rules that one set can have: the number of distinct phrases.
pub const MAX_LOAD_RULES: u32 = 32 * 64 * 64;
/// Odd and so coprime to the number of phrases, a power of two.
const STEP: u64 = 0x9e35;

/// A set of neutral phrase rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadRules {
    count: u32,
    seed: u64,
}

impl LoadRules {
    /// `count` rules with the phrases of `seed`.
    pub fn new(count: u32, seed: u64) -> Result<LoadRules, SettingsError> {
        if count == 0 || count > MAX_LOAD_RULES {
            return Err(SettingsError::Rules);
        }
        Ok(LoadRules { count, seed })
    }

    /// Number of rules.
    pub fn count(self) -> u32 {
        self.count
    }

    /// The phrase of the rule of that index.
    pub fn phrase(self, index: u32) -> String {
        let (adjective, noun, tail) = self.parts(index);
        format!("{adjective} {noun} {tail}")
    }

    /// The name of the rule of that index.
    pub fn name(self, index: u32) -> String {
        format!("load_{index:05}")
    }

    /// The rule of that index as a YAML document, without the line that separates documents.
    pub fn yaml(self, index: u32) -> String {
        let mut random = Random::new(mix(self.seed) ^ u64::from(index));
        let (high, low) = (random.next(), random.next());
        format!(
            "title: Load phrase {index}\nid: {}\nname: {}\nstatus: test\ndescription: A neutral phrase for load tests\n\
             logsource: {{product: chat, category: message}}\ndetection:\n  phrase:\n    text|phrase: {}\n  \
             condition: phrase\nlevel: low\ntags: [load.phrase]\n",
            uuid(high, low),
            self.name(index),
            self.phrase(index)
        )
    }

    /// Tests for the end of that document: one that hits the rule, and one that holds a part of its phrase.
    pub fn tests(self, index: u32) -> String {
        let (_, noun, tail) = self.parts(index);
        format!(
            "tests:\n  - {{name: the phrase, expect: match, event: {{text: we saw a {}}}}}\n  \
             - {{name: a part of it, expect: no-match, event: {{text: we saw a {noun} {tail}}}}}\n",
            self.phrase(index)
        )
    }

    fn parts(self, index: u32) -> (&'static str, &'static str, &'static str) {
        let of = u64::from(MAX_LOAD_RULES);
        let place = (mix(self.seed) % of + u64::from(index) * STEP) % of;
        (entry(ADJECTIVES, place / 4096), entry(NOUNS, place / 64), entry(TAILS, place))
    }
}

/// A version 4 UUID of 128 random bits.
fn uuid(high: u64, low: u64) -> String {
    let high = (high & !0xf000) | 0x4000;
    let low = (low & !(0xc000 << 48)) | (0x8000 << 48);
    let (first, second, third) = (high >> 32, (high >> 16) & 0xffff, high & 0xffff);
    format!("{first:08x}-{second:04x}-{third:04x}-{:04x}-{:012x}", low >> 48, low & 0xffff_ffff_ffff)
}

/// The entry of that number, counted round.
fn entry(words: &[&'static str], number: u64) -> &'static str {
    words[usize::try_from(number % words.len() as u64).unwrap_or(0)]
}

/// Writes a message that hits one of the rules and tells which.
pub(super) fn write(writer: &mut Writer, rules: LoadRules, room: &Room, random: &mut Random) -> u32 {
    let index = u32::try_from(random.below(u64::from(rules.count))).unwrap_or(0);
    let (from, to) = room.two(random);
    let (adjective, noun, tail) = rules.parts(index);
    writer.open_message("chat.message", room, &from, &to, "en");
    writer.fill(random.pick(BEFORE), random);
    writer.format(format_args!(" {adjective} {noun} {tail}"));
    writer.fill(random.pick(AFTER), random);
    writer.close_message();
    index
}

const BEFORE: &[&str] = &[
    "{hi} {name}, look at the",
    "we saw a",
    "who painted the",
    "remember the",
    "my sister wants the",
    "the",
];
const AFTER: &[&str] = &["", "?", ", {name}", " {smile}", ", see you {day}", "!!"];

/// 32 adjectives that occur nowhere else in the traffic.
const ADJECTIVES: &[&str] = &[
    "amber",
    "brass",
    "carved",
    "copper",
    "crimson",
    "dusty",
    "faded",
    "folded",
    "gilded",
    "glazed",
    "hollow",
    "indigo",
    "ivory",
    "knitted",
    "lacquered",
    "marbled",
    "mossy",
    "narrow",
    "ochre",
    "painted",
    "pewter",
    "polished",
    "quilted",
    "rusty",
    "scarlet",
    "silken",
    "speckled",
    "striped",
    "tarnished",
    "velvet",
    "wicker",
    "woollen",
];

/// 64 nouns.
const NOUNS: &[&str] = &[
    "anchor", "apron", "barrel", "basket", "bell", "bench", "blanket", "bottle", "bowl", "box", "bucket",
    "candle", "carpet", "chair", "clock", "compass", "cupboard", "curtain", "drawer", "drum", "easel",
    "fence", "fiddle", "frame", "funnel", "gate", "globe", "hammer", "harp", "hinge", "jar", "kettle",
    "kite", "ladder", "lantern", "ledger", "locket", "loom", "map", "mirror", "mitten", "oar", "paddle",
    "pillow", "plough", "pulley", "quill", "ribbon", "saddle", "shelf", "shutter", "sled", "spindle",
    "spoon", "stool", "tapestry", "teapot", "thimble", "tray", "trunk", "vase", "wagon", "wheel", "whistle",
];

/// 64 tails, none of which is the beginning of another: eight places, seen eight ways.
const TAILS: &[&str] = &[
    "near the lamp",
    "near the door",
    "near the pond",
    "near the mill",
    "near the oak",
    "near the wall",
    "near the pier",
    "near the barn",
    "behind the lamp",
    "behind the door",
    "behind the pond",
    "behind the mill",
    "behind the oak",
    "behind the wall",
    "behind the pier",
    "behind the barn",
    "above the lamp",
    "above the door",
    "above the pond",
    "above the mill",
    "above the oak",
    "above the wall",
    "above the pier",
    "above the barn",
    "below the lamp",
    "below the door",
    "below the pond",
    "below the mill",
    "below the oak",
    "below the wall",
    "below the pier",
    "below the barn",
    "beside the lamp",
    "beside the door",
    "beside the pond",
    "beside the mill",
    "beside the oak",
    "beside the wall",
    "beside the pier",
    "beside the barn",
    "under the lamp",
    "under the door",
    "under the pond",
    "under the mill",
    "under the oak",
    "under the wall",
    "under the pier",
    "under the barn",
    "past the lamp",
    "past the door",
    "past the pond",
    "past the mill",
    "past the oak",
    "past the wall",
    "past the pier",
    "past the barn",
    "from the lamp",
    "from the door",
    "from the pond",
    "from the mill",
    "from the oak",
    "from the wall",
    "from the pier",
    "from the barn",
];

/// All templates, for the test that looks at each.
#[cfg(test)]
pub(super) fn templates() -> impl Iterator<Item = &'static str> {
    BEFORE.iter().chain(AFTER).copied()
}

#[cfg(test)]
mod tests {
    use super::super::words;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn phrases_are_as_many_as_said_and_all_distinct() {
        assert_eq!((ADJECTIVES.len(), NOUNS.len(), TAILS.len()), (32, 64, 64));
        let rules = LoadRules::new(MAX_LOAD_RULES, 9).expect("in range");
        let phrases: BTreeSet<String> = (0..MAX_LOAD_RULES).map(|index| rules.phrase(index)).collect();
        assert_eq!(phrases.len(), MAX_LOAD_RULES as usize);
    }

    #[test]
    fn one_phrase_never_holds_another() {
        let tails: BTreeSet<_> = TAILS.iter().collect();
        assert_eq!(tails.len(), 64);
        let begins = |a: &str, b: &str| a != b && b.starts_with(a);
        assert!(!TAILS.iter().any(|a| TAILS.iter().any(|b| begins(a, b))));
        let adjective_elsewhere = |word: &&&str| NOUNS.contains(*word) || words::PEOPLE.contains(*word);
        assert_eq!(ADJECTIVES.iter().find(adjective_elsewhere), None);
    }

    #[test]
    fn a_rule_is_written_as_pinned() {
        let rules = LoadRules::new(3, 1).expect("in range");
        assert_eq!(rules.yaml(2), include_str!("load/rule.yml"), "pinned in src/generate/load/rule.yml");
    }

    #[test]
    fn counts_out_of_range_are_refused() {
        for count in [0, MAX_LOAD_RULES + 1] {
            assert_eq!(LoadRules::new(count, 1), Err(SettingsError::Rules));
        }
    }
}
