//! Rules and events of the part of the language that others have, too: small worlds of words, so that rules often fire.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// Fields that rules ask for and events have.
pub(crate) const TEXTS: &[&str] = &["text"];

const KEYWORDS: &[&str] = &["image", "command", "user", "tags"];
const WORDS: &[&str] = &[
    "keep", "secret", "Secret", "old", "how old", "a-b", "-v", "/v", "x*y", "what?", r"c:\dir", "é", "É",
    "don't", "42", "4",
];
const PATTERNS: &[&str] =
    &["keep*", "*secret", "*old*", "k??p", "?", "*", r"c:\\dir", r"x\*y", r"what\?", "", "a*b", "se*et"];
const REGEXES: &[&str] = &["^keep", "old$", "(?i)secret", "k..p", r"\d+", "[a-c]-?b", "é", "(how|what) ?old"];
const NETWORKS: &[&str] = &["10.0.0.0/8", "10.1.2.3/32", "192.0.2.0/24", "2001:db8::/32"];
const ADDRESSES: &[&str] = &["10.1.2.3", "192.0.2.9", "198.51.100.1", "2001:db8::1", "no address"];
const TIMES: &[&str] = &["2026-01-03T22:15:00Z", "2026-06-30T05:59:59Z", "2024-02-29T00:00:00Z"];
const CONDITIONS: &[&str] = &[
    "sel_a",
    "sel_a and not sel_b",
    "sel_a or sel_b",
    "not sel_a",
    "1 of sel_*",
    "all of sel_*",
    "1 of them and not other",
    "(sel_a or other) and not sel_b",
    "not (sel_a and other) or sel_b",
    "not 1 of sel_*",
];

fn one<'t>(rng: &mut Rng, of: &[&'t str]) -> &'t str {
    of[rng.usize(..of.len())]
}

/// A rule as a document; JSON, which is YAML too.
pub(crate) fn rule(rng: &mut Rng, number: usize) -> Value {
    let mut detection = Map::new();
    for name in ["sel_a", "sel_b", "other"] {
        detection.insert(name.to_owned(), selection(rng));
    }
    detection.insert("condition".to_owned(), json!(one(rng, CONDITIONS)));
    json!({
        "title": number.to_string(),
        "id": format!("00000000-0000-4000-8000-{number:012}"),
        "logsource": {"product": "any"},
        "allow_unanchored": true,
        "detection": detection,
        "level": "low",
    })
}

fn selection(rng: &mut Rng) -> Value {
    if rng.u8(..5) == 0 {
        return (0..2).map(|_| map(rng)).collect();
    }
    map(rng)
}

fn map(rng: &mut Rng) -> Value {
    let tests = (0..=usize::from(rng.u8(..3) == 0)).map(|_| test(rng));
    Value::Object(tests.collect())
}

/// A key and its values.
fn test(rng: &mut Rng) -> (String, Value) {
    let field = one(rng, KEYWORDS);
    match rng.u8(..20) {
        0..5 => (format!("{field}{}{}", part(rng), all(rng)), values(rng, WORDS)),
        5..8 => (field.to_owned(), values(rng, PATTERNS)),
        8 => (format!("{field}{}|cased", part(rng)), values(rng, WORDS)),
        9 => (format!("{field}|re"), values(rng, REGEXES)),
        10 => (format!("{field}|exists"), json!(rng.bool())),
        11 => (field.to_owned(), [Value::Null, json!("keep")][rng.usize(..2)].clone()),
        12 => (format!("count|{}", one(rng, &["gt", "gte", "lt", "lte"])), json!(rng.i32(-2..6))),
        13 => ("ip|cidr".to_owned(), values(rng, NETWORKS)),
        14 => (
            format!("{field}|fieldref{}", one(rng, &["", "|contains", "|startswith", "|endswith"])),
            json!(one(rng, KEYWORDS)),
        ),
        15 => (format!("{field}{}|neq", one(rng, &["", "|contains"])), values(rng, WORDS)),
        16 => (
            format!("seen|{}", one(rng, &["hour", "minute", "day", "month", "year", "hour|gte", "month|lt"])),
            json!(rng.i32(1..13)),
        ),
        17 => (format!("command|windash{}", part(rng)), values(rng, &["-v", " -v", "/v"])),
        18 => (
            format!("text.{}|phrase", one(rng, &["raw", "folded"])),
            values(rng, &["keep", "how old", "don't", "secret", "é"]),
        ),
        _ => (
            format!("text.{}|{}", one(rng, &["raw", "folded"]), one(rng, &["contains", "startswith"])),
            values(rng, WORDS),
        ),
    }
}

fn part(rng: &mut Rng) -> &'static str {
    one(rng, &["|contains", "|startswith", "|endswith"])
}

fn all(rng: &mut Rng) -> &'static str {
    one(rng, &["", "", "|all"])
}

fn values(rng: &mut Rng, of: &[&str]) -> Value {
    match rng.u8(..3) {
        0 => json!(one(rng, of)),
        _ => (0..2).map(|_| one(rng, of)).collect(),
    }
}

/// An event whose fields are often those that rules ask for.
pub(crate) fn event(rng: &mut Rng) -> Value {
    let mut event = Map::new();
    for field in KEYWORDS.iter().chain(TEXTS) {
        if rng.u8(..5) > 0 {
            event.insert((*field).to_owned(), value(rng));
        }
    }
    let number = [json!(rng.i32(-2..6)), json!(2.5), json!("3"), Value::Null][rng.usize(..4)].clone();
    for (field, value) in
        [("count", number), ("ip", json!(one(rng, ADDRESSES))), ("seen", json!(one(rng, TIMES)))]
    {
        if rng.u8(..4) > 0 {
            event.insert(field.to_owned(), value);
        }
    }
    Value::Object(event)
}

fn value(rng: &mut Rng) -> Value {
    match rng.u8(..16) {
        0 => Value::Null,
        1 => json!(""),
        2 => json!(42),
        3 => (0..2).map(|_| text(rng)).collect(),
        _ => json!(text(rng)),
    }
}

fn text(rng: &mut Rng) -> String {
    let words: Vec<&str> = (0..=rng.usize(..3)).map(|_| one(rng, WORDS)).collect();
    words.join(one(rng, &[" ", " ", ", ", ""]))
}
