//! Decoding and folding, event by event, with what they must yield.
//!
//! ```text
//! cargo bench --bench decode
//! ```
//!
//! 4,096 generated chat events of 346 bytes on average; divan shows the time for all of them and the bytes per second.
//! Before anything is timed the results are compared with the counts in this file, so that a faster but wrong
//! decoder shows. The rival walks the same objects with sonic-rs' lazy iterators and looks for the same keys, but
//! copies no value: it does less, and reads on where our cursor refuses (see `src/event/json.rs`).

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use wardline::event::{Batch, Decoder, FieldId, FieldSet, FieldType, Mapping, Preset};
use wardline::text::{fold, token};

const EVENTS: usize = 4096;

fn main() {
    let events = events(false);
    assert_eq!(events.iter().map(String::len).sum::<usize>() / EVENTS, 346, "bytes of an event");
    let (values, bytes) = decode_all(&decoder(&FOUR), &events, &mut Batch::default());
    assert_eq!(
        (events.len(), values, bytes),
        (EVENTS, 4 * EVENTS, 221_769),
        "decoded values and their bytes"
    );
    let texts = texts(true);
    assert_eq!(fold_all(&texts, &mut String::new()), 221_769, "folded bytes");
    assert_eq!(texts.iter().map(|text| token::tokens(text).count()).sum::<usize>(), 45_056, "tokens");
    divan::main();
}

const FOUR: [&str; 2] = ["sender.id", "room.id"];

/// Mild words of chat, one sentence after another by a small generator.
const WORDS: [&str; 16] = [
    "keep", "this", "between", "us", "how", "old", "are", "you", "what", "time", "is", "the", "Stream",
    "tonight", "OK", "friends",
];

fn texts(accented: bool) -> Vec<String> {
    let mut state = 1u32;
    let mut next = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize % below
    };
    let mut text = |index: usize| {
        let words: Vec<_> = (0..11).map(|_| WORDS[next(WORDS.len())]).collect();
        let text = words.join(" ");
        if accented && index.is_multiple_of(4) { text.replace('o', "ö") } else { text }
    };
    (0..EVENTS).map(&mut text).collect()
}

fn events(accented: bool) -> Vec<String> {
    let event = |(index, text): (usize, String)| {
        format!(
            r#"{{"id":"01J{index:08}","time":"2026-11-23T10:00:00.123Z","type":"chat.message","platform":"demo","room":{{"id":"r{}","kind":"live_chat","topic":"evening"}},"session":{{"id":"s{}"}},"sender":{{"id":"u{}","name":"Robin","account_age_days":{},"age_band":"unknown","country":"AU"}},"lang":"en","text":"{text}"}}"#,
            index % 100,
            index % 50,
            index % 997,
            index % 365,
        )
    };
    texts(accented).into_iter().enumerate().map(event).collect()
}

fn decoder(fields: &[&str]) -> Decoder {
    let mut set = FieldSet::default();
    for path in fields {
        set.intern(path, FieldType::Keyword);
    }
    Decoder::new(&set, &Mapping::preset(Preset::Canonical), None)
}

/// Decodes all events; how many values they have, and how many bytes of texts.
fn decode_all(reader: &Decoder, events: &[String], batch: &mut Batch) -> (usize, usize) {
    batch.clear();
    for (record, event) in (0u32..).zip(events) {
        let decoded = reader.decode(record, event.as_bytes(), batch);
        assert!(decoded.is_ok());
    }
    let values = (0..batch.len()).map(|row| batch.row_values(row).count()).sum();
    let texts = (0..batch.len()).flat_map(|row| batch.values(row, FieldId::TEXT));
    (values, texts.filter_map(|(_, value)| value.text()).map(str::len).sum())
}

fn fold_all(texts: &[String], out: &mut String) -> usize {
    let folded = texts.iter().map(|text| {
        out.clear();
        fold::fold_into(text, out);
        out.len()
    });
    folded.sum()
}

fn bytes_of(texts: &[String]) -> BytesCount {
    BytesCount::new(texts.iter().map(String::len).sum::<usize>())
}

/// Type, text, sender and room: what most rule sets read.
#[divan::bench(args = [&FOUR[..], &[]])]
fn decode(bencher: Bencher<'_, '_>, fields: &[&str]) {
    let (reader, events) = (decoder(fields), events(false));
    let mut batch = Batch::default();
    bencher.counter(bytes_of(&events)).bench_local(|| {
        batch.clear();
        for event in &events {
            black_box(reader.decode(0, event.as_bytes(), &mut batch).is_ok());
        }
        batch.len()
    });
}

#[divan::bench]
fn rival_sonic_lazy_iteration(bencher: Bencher<'_, '_>) {
    let events = events(false);
    bencher.counter(bytes_of(&events)).bench_local(|| {
        let mut found = 0;
        for event in &events {
            for (key, value) in sonic_rs::to_object_iter(event.as_str()).flatten() {
                match &*key {
                    "type" | "text" => found += value.as_raw_str().len(),
                    "sender" | "room" => {
                        let members = value.into_object_iter().into_iter().flatten().flatten();
                        found += members
                            .filter(|(key, _)| key == "id")
                            .map(|(_, id)| id.as_raw_str().len())
                            .sum::<usize>();
                    }
                    _ => {}
                }
            }
        }
        found
    });
}

#[divan::bench(args = [false, true])]
fn fold_texts(bencher: Bencher<'_, '_>, accented: bool) {
    let texts = texts(accented);
    let mut out = String::new();
    bencher.counter(bytes_of(&texts)).bench_local(|| fold_all(&texts, &mut out));
}

#[divan::bench]
fn tokens(bencher: Bencher<'_, '_>) {
    let texts = texts(true);
    bencher
        .counter(bytes_of(&texts))
        .bench_local(|| texts.iter().map(|text| token::tokens(text).count()).sum::<usize>());
}
