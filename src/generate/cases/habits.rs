//! How a person types: what becomes of a well-written sentence on the way into a chat.

use super::kinds::Tongue;
use crate::generate::random::Random;

/// The habits of one person.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habits {
    /// Small letters only, names too.
    lower: bool,
    /// A capital at the beginning.
    capital: bool,
    apostrophe: Apostrophe,
    /// Share of known words that are shortened, in percent.
    short: u64,
    /// Slips in a thousand words.
    slips: u64,
    /// Share of messages whose last word is stretched, in percent.
    stretches: u64,
    /// Share of messages with an emoji, in percent.
    emoji: u64,
    favourites: [&'static str; 2],
    question: &'static str,
    end: &'static str,
    /// Share of messages that begin with a filler, in percent.
    fillers: u64,
}

/// Words that begin a message and mean nothing, by tongue.
const FILLERS: [&[&str]; 3] = [
    &["lol", "haha", "ok", "btw", "so", "omg", "well", "hm", "bro", "ngl", "anyways"],
    &["uy", "haha", "hala", "ay", "hehe", "teka", "ok", "grabe", "kasi"],
    &["uy", "haha", "hala", "oy", "hehe", "bitaw", "ok", "unya", "mao"],
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Apostrophe {
    Kept,
    Dropped,
    /// As telephones set it.
    Curly,
}

const EMOJI: &[&str] = &[
    "🙂", "😂", "😅", "🤣", "😊", "😍", "🥰", "😭", "👍", "🙏", "🔥", "✨", "❤️", "💛", "😎", "😜", ":)",
    ":D", "xD", "<3", ":(", "^_^",
];

impl Habits {
    pub(super) fn new(young: bool, random: &mut Random) -> Habits {
        let careless = if young { 70 } else { 45 };
        let lower = random.percent(careless);
        let short = if random.percent(careless) { random.between(10, 85) } else { 0 };
        Habits {
            lower,
            capital: !lower && random.percent(75),
            apostrophe: random.pick_weighted(&[
                (Apostrophe::Kept, 35),
                (Apostrophe::Dropped, 45),
                (Apostrophe::Curly, 20),
            ]),
            short,
            slips: if random.percent(60) { random.between(2, 30) } else { 0 },
            stretches: if random.percent(30) { random.between(3, 15) } else { 0 },
            emoji: if random.percent(65) { random.between(4, 35) } else { 0 },
            favourites: [random.pick(EMOJI), random.pick(EMOJI)],
            question: random.pick_weighted(&[("?", 60), ("", 28), ("??", 8), (" ?", 4)]),
            fillers: if random.percent(50) { random.between(2, 18) } else { 0 },
            end: random.pick_weighted(&[("", 76), (".", 14), ("..", 5), ("!", 5)]),
        }
    }

    /// Appends `text` as this person types it.
    pub(super) fn type_out(&self, text: &str, tongue: Tongue, random: &mut Random, out: &mut String) {
        let (text, end) = self.ending(text);
        let start = out.len();
        if self.fillers > 0 && random.percent(self.fillers) {
            out.push_str(random.pick(FILLERS[tongue as usize]));
            out.push(' ');
        }
        for (place, word) in text.split(' ').filter(|word| !word.is_empty()).enumerate() {
            if place > 0 {
                out.push(' ');
            }
            self.word(word, tongue, random, out);
        }
        if self.capital {
            capitalise(out, start);
        }
        if self.stretches > 0 && random.percent(self.stretches) {
            stretch_end(out, random);
        }
        out.push_str(end);
        if self.emoji > 0 && random.percent(self.emoji) {
            out.push(' ');
            out.push_str(random.pick(&self.favourites));
        }
    }

    fn ending<'a>(&self, text: &'a str) -> (&'a str, &'static str) {
        match text.strip_suffix('?') {
            Some(text) => (text, self.question),
            None => (text, if text.ends_with(|last: char| last.is_alphanumeric()) { self.end } else { "" }),
        }
    }

    fn word(&self, word: &str, tongue: Tongue, random: &mut Random, out: &mut String) {
        if self.short > 0 && random.percent(self.short) {
            let bare = word.trim_end_matches([',', '!', '.']);
            if let Some(short) = shortened(bare, tongue) {
                out.push_str(short);
                out.push_str(word.get(bare.len()..).unwrap_or_default());
                return;
            }
        }
        let start = out.len();
        for letter in word.chars() {
            match (letter, self.apostrophe) {
                ('\'', Apostrophe::Dropped) => {}
                ('\'', Apostrophe::Curly) => out.push('’'),
                _ if self.lower => out.push(letter.to_ascii_lowercase()),
                _ => out.push(letter),
            }
        }
        if self.slips > 0 && random.below(1_000) < self.slips {
            slip(out, start, random);
        }
    }
}

fn capitalise(out: &mut String, start: usize) {
    if let Some(first) = out.get(start..=start).filter(|first| first.as_bytes()[0].is_ascii_lowercase()) {
        let capital = first.to_ascii_uppercase();
        out.replace_range(start..=start, &capital);
    }
}

/// Repeats the last letter, or the vowel before it.
fn stretch_end(out: &mut String, random: &mut Random) {
    if let Some(last) = out.chars().last().filter(char::is_ascii_alphabetic) {
        for _ in 0..random.between(1, 4) {
            out.push(last);
        }
    }
}

/// One slip in the word from `start` on: two letters change places, one is missing, one comes twice or its neighbour is hit.
pub(super) fn slip(out: &mut String, start: usize, random: &mut Random) {
    let word = out.get(start..).unwrap_or_default();
    if word.len() < 4 || !word.bytes().all(|letter| letter.is_ascii_alphabetic()) {
        return;
    }
    let at = start + usize::try_from(random.between(1, word.len() as u64 - 2)).unwrap_or(1);
    let pair = [at, at + 1].map(|at| char::from(out.as_bytes()[at]));
    match random.below(4) {
        0 => out.replace_range(at..at + 2, &String::from_iter([pair[1], pair[0]])),
        1 => drop(out.remove(at)),
        2 => out.insert(at, pair[0]),
        _ => out.replace_range(at..=at, neighbour(pair[0]).encode_utf8(&mut [0; 4])),
    }
}

/// The key beside it.
fn neighbour(letter: char) -> char {
    const ROWS: [&str; 3] = ["qwertyuiopo", "asdfghjklk", "zxcvbnmn"];
    let lower = letter.to_ascii_lowercase();
    ROWS.iter().find_map(|row| row.split_once(lower)?.1.chars().next()).unwrap_or(letter)
}

/// How it is written in a hurry.
fn shortened(word: &str, tongue: Tongue) -> Option<&'static str> {
    let own = match tongue {
        Tongue::English => None,
        Tongue::Tagalog => tagalog(word),
        Tongue::Cebuano => cebuano(word),
    };
    own.or_else(|| english(word))
}

fn english(word: &str) -> Option<&'static str> {
    Some(match word {
        "you" => "u",
        "your" | "you're" => "ur",
        "are" => "r",
        "okay" => "ok",
        "please" => "pls",
        "because" => "cuz",
        "tomorrow" => "tmrw",
        "tonight" => "tonite",
        "about" => "abt",
        "people" => "ppl",
        "with" => "w",
        "thanks" => "thx",
        "what" => "wat",
        "know" => "kno",
        "message" => "msg",
        "picture" => "pic",
        "to" => "2",
        "for" => "4",
        "why" => "y",
        "really" => "rly",
        "right" => "rite",
        "something" => "smth",
        "someone" => "some1",
        "though" => "tho",
        "through" => "thru",
        "and" => "n",
        "minutes" => "mins",
        "going to" => "gonna",
        _ => return None,
    })
}

fn tagalog(word: &str) -> Option<&'static str> {
    Some(match word {
        "dito" => "d2",
        "ako" => "aq",
        "kayo" => "kau",
        "siya" => "sya",
        "hindi" => "di",
        "ngayon" => "ngaun",
        "mamaya" => "mmya",
        "wala" => "wla",
        "lang" => "lng",
        "naman" => "nmn",
        "kasi" => "kc",
        "ano" => "anu",
        "bakit" => "bkit",
        "pwede" => "pde",
        "salamat" => "slmat",
        "talaga" => "tlga",
        "ikaw" => "ikw",
        "mo" => "m",
        "sa" => "s",
        "bukas" => "bkas",
        "taon" => "taun",
        "sabihin" => "sbhin",
        "padala" => "pdala",
        _ => return None,
    })
}

fn cebuano(word: &str) -> Option<&'static str> {
    Some(match word {
        "nimo" => "nmo",
        "ug" => "og",
        "gyud" => "jud",
        "dili" => "di",
        "karon" => "krn",
        "lang" => "lng",
        "kaayo" => "kau",
        "ako" => "ko",
        "salamat" => "slamat",
        "wala" => "wla",
        "kabalo" => "kblo",
        "unya" => "nya",
        "ikaw" => "ikw",
        "pwede" => "pde",
        "naman" => "nmn",
        "asa" => "aza",
        "padala" => "pdala",
        _ => return None,
    })
}
