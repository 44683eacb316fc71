//! Long, hostile and odd texts: what evaluating them costs a byte, beside ordinary chat.
//!
//! ```text
//! cargo bench --bench hostile                    # -- backwards: only the cases whose names hold that
//! ```
//!
//! A thousand phrase rules in the reading that a rule gets unless it names a view. Each case is texts made to be
//! expensive: one message of a mebibyte, or several shorter ones. Beside it, in turns, as many bytes of generated
//! chat are evaluated. Ends with an error if the median of a case is more than [`MOST`] times that of the chat, or, of a
//! text that is all disguised phrases or all symbols that may be letters, more than [`MOST_DENSE`] times: then somebody can
//! stop a service by talking to it. A byte is one of the text or, if that is longer, of its folded reading: one character
//! may fold to eighteen.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot be set up has to end; it prints what it measures"
)]

use std::time::Instant;
use wardline::engine::{Scratch, evaluate};
use wardline::event::{Batch, Decoder, FieldId, FieldSet, FieldTable, Mapping};
use wardline::generate::{Generator, LoadRules, LoadTraffic, Settings};
use wardline::rule::{self, Lists, SourceMap};
use wardline::ruleset::{Limits, RuleSet};
use wardline::text::fold;

const RULES: u32 = 1_000;
const SEED: u64 = 11;
/// Bytes of a long text.
const LONG: usize = 1 << 20;
/// Events of a batch, at most, and bytes of their texts, about: as a worker fills one.
const BATCH: (usize, usize) = (1_000, 1 << 20);
/// Turns; the median of each side is taken.
const TURNS: usize = 9;
/// How many times more a byte may cost than one of ordinary text.
const MOST: f64 = 5.0;
/// The same where every few letters are something that a moderator may have to see, so that nothing can be passed over:
/// of ordinary text some hundredth is.
const MOST_DENSE: f64 = 30.0;

/// What is evaluated, and how many times more a byte of it may cost.
struct Case {
    name: &'static str,
    texts: Vec<String>,
    most: f64,
}

fn main() {
    let rules = rules();
    let mut scratch = Scratch::new();
    let mut slow = Vec::new();
    println!("{:32}{:>12}{:>12}{:>12}{:>8}{:>8}", "", "bytes", "ns a byte", "ordinary", "ratio", "most");
    let asked = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).unwrap_or_default();
    for Case { name, texts, most } in cases().into_iter().filter(|case| case.name.contains(&asked)) {
        let size = texts.iter().map(String::len).sum();
        let [hostile, ordinary] = [batches(&rules, &texts), batches(&rules, &ordinary(size))];
        let [cost, usual] = medians(&rules, &[hostile, ordinary], &mut scratch);
        println!("{name:32}{size:>12}{cost:>12.2}{usual:>12.2}{:>8.2}{most:>8.0}", cost / usual);
        if cost > most * usual {
            slow.push(name);
        }
    }
    assert!(slow.is_empty(), "dearer a byte, beside ordinary text, than it may be: {}", slow.join(", "));
}

fn cases() -> Vec<Case> {
    let marks = format!("a{}", "\u{301}".repeat(100_000));
    let odd = [("100,000 combining marks", marks), ("every code point once", ('\0'..=char::MAX).collect())];
    let case = |(name, text), most| Case { name, texts: vec![text], most };
    let plain = repeated().into_iter().chain(literals()).chain(odd).map(|one| case(one, MOST));
    let dense = disguised_literals().into_iter().chain(look_alikes()).map(|one| case(one, MOST_DENSE));
    let short = (0..LONG / 64).map(|_| mixture("l1i|! ", 64)).collect();
    let short = Case { name: "look-alikes, short messages", texts: short, most: MOST_DENSE };
    plain.chain(dense).chain([short]).collect()
}

/// The same characters over and over.
fn repeated() -> Vec<(&'static str, String)> {
    let parts = [
        ("one letter", "a"),
        ("one digit", "7"),
        ("spaces", " "),
        ("dots", "."),
        ("letter, dot", "a."),
        ("letters, separators in turn", "a b-c_"),
        ("letter, apostrophe", "a'"),
        ("apostrophes", "'"),
        ("letters with marks", "a\u{301}e\u{302}\u{303}"),
        ("letter, invisible character", "a\u{200b}"),
        ("invisible characters", "\u{200d}"),
        ("letter, emoji", "k🙂e🙂"),
        ("full width letters", "ｋｅｅｐ　"),
        ("letters without word spaces", "秘密"),
        ("expanding letters", "ﷺ"),
        ("half of a phrase", "copper kettle near the "),
        ("first word of phrases", "copper "),
    ];
    parts.map(|(name, part)| (name, part.repeat(LONG / part.len()))).to_vec()
}

/// What the rules look for, in order.
fn phrases() -> Vec<String> {
    (0..RULES).map(|index| load().phrase(index)).collect()
}

/// What the rules look for, together.
fn literals() -> [(&'static str, String); 3] {
    let spaced = cycled(&phrases(), " ");
    let late = format!("{} {}", "the quiet word ".repeat(LONG / 15), phrases().join(" "));
    [
        ("literals without spaces", spaced.replace(' ', "")),
        ("literals", spaced),
        ("literals, each once, at the end", late),
    ]
}

/// The same in disguise, or nearly.
fn disguised_literals() -> [(&'static str, String); 3] {
    let spaced = cycled(&phrases(), " ");
    [
        ("literals, letters apart", spaced.chars().flat_map(|letter| [letter, ' ']).collect()),
        ("literals backwards", spaced.chars().rev().collect()),
        ("literals but for a letter", cycled(&beginnings(&phrases()), " ")),
    ]
}

/// Symbols that may be letters, in every order.
fn look_alikes() -> [(&'static str, String); 3] {
    [
        ("look-alikes", mixture("l1i|!", LONG)),
        ("look-alikes and spaces", mixture("l1i|! ", LONG)),
        ("leet of several characters", mixture(r"4@3$05+7|_|\/() ", LONG)),
    ]
}

/// The parts one after the other until the text is long.
fn cycled(parts: &[String], between: &str) -> String {
    let mut text = String::new();
    for part in parts.iter().cycle() {
        if text.len() >= LONG {
            break;
        }
        text.push_str(part);
        text.push_str(between);
    }
    text
}

/// Each phrase without its last letter.
fn beginnings(phrases: &[String]) -> Vec<String> {
    let cut = |phrase: &String| phrase.chars().take(phrase.chars().count() - 1).collect();
    phrases.iter().map(cut).collect()
}

/// Characters drawn from `from` by a small generator.
fn mixture(from: &str, bytes: usize) -> String {
    let from: Vec<char> = from.chars().collect();
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        from[(state >> 16) as usize % from.len()]
    };
    (0..bytes).map(|_| next()).collect()
}

fn load() -> LoadRules {
    LoadRules::new(RULES, SEED).expect("the count is within bounds")
}

fn rules() -> RuleSet {
    let mut map = SourceMap::default();
    for index in 0..RULES {
        map.add(&format!("{index}.yml"), &load().yaml(index));
    }
    let loaded = rule::load(&map, &FieldTable::canonical(), &Lists::default());
    assert_eq!(loaded.rules.len(), RULES as usize, "{:?}", loaded.diagnostics.first());
    RuleSet::compile(loaded.rules, &Limits::default()).expect("the rules compile")
}

/// Generated chat of about that many bytes, 1 % of whose messages hit a rule.
fn ordinary(bytes: usize) -> Vec<String> {
    let load = Some(LoadTraffic { rules: load(), share: 0.01 });
    let settings = Settings { seed: SEED, flagged: 0.0, bad: 0.0, load, ..Settings::default() };
    let mut generator = Generator::new(&settings).expect("the settings are within bounds");
    let decoder = Decoder::new(&FieldSet::default(), &Mapping::canonical(), None);
    let (mut texts, mut size) = (Vec::new(), 0);
    while size < bytes {
        let (mut payload, mut batch) = (Vec::new(), Batch::default());
        generator.next_into(&mut payload);
        decoder.decode(0, &payload, &mut batch).expect("a generated event decodes");
        for text in batch.values(0, FieldId::TEXT).filter_map(|(_, value)| value.text()) {
            size += text.len();
            texts.push(text.to_owned());
        }
    }
    texts
}

/// The texts as messages, decoded.
fn batches(rules: &RuleSet, texts: &[String]) -> Vec<Batch> {
    let decoder = Decoder::new(rules.fields(), &Mapping::canonical(), None);
    let mut batches = vec![Batch::default()];
    let mut size = 0;
    for text in texts {
        let last = batches.last().map_or(0, Batch::len);
        if last >= BATCH.0 || size >= BATCH.1 {
            batches.push(Batch::default());
            size = 0;
        }
        size += text.len();
        let payload = serde_json::json!({ "id": "1", "time": "2026-01-01T00:00:00Z", "type": "chat.message", "text": text });
        let batch = batches.last_mut().expect("there is one");
        decoder.decode(0, payload.to_string().as_bytes(), batch).expect("it is a message");
    }
    batches
}

/// The median nanoseconds a byte of each side, which take turns.
#[expect(clippy::cast_precision_loss, reason = "durations and sizes of a benchmark")]
fn medians<const N: usize>(rules: &RuleSet, sides: &[Vec<Batch>; N], scratch: &mut Scratch) -> [f64; N] {
    let mut times = [const { Vec::new() }; N];
    let bytes = sides.each_ref().map(|side| bytes(side));
    for _ in 0..TURNS {
        for ((side, bytes), times) in sides.iter().zip(&bytes).zip(&mut times) {
            let start = Instant::now();
            let found: usize = side.iter().map(|batch| evaluate(rules, batch, scratch).len()).sum();
            std::hint::black_box(found);
            times.push(start.elapsed().as_nanos() as f64 / *bytes as f64);
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[TURNS / 2]
    })
}

/// Bytes of all texts, of each as it was written or folded, whichever is longer.
fn bytes(batches: &[Batch]) -> usize {
    let rows = batches.iter().flat_map(|batch| (0..batch.len()).map(move |row| (batch, row)));
    let texts = rows.flat_map(|(batch, row)| batch.values(row, FieldId::TEXT));
    texts.filter_map(|(_, value)| value.text()).map(|text| text.len().max(fold::fold(text).len())).sum()
}
