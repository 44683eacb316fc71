//! The decoder against a JSON library over generated events, and against bytes of any kind.

use super::tests::{field_set, shown};
use super::*;
use crate::event::{EnvelopeReader, Moment, Preset};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Any JSON value, a few levels deep. Numbers of all kinds but floats whose shortest text is another library's choice.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-4000i32..4000).prop_map(|quarters| json!(f64::from(quarters) / 4.0)),
        any::<String>().prop_map(Value::from),
        "[a-c\\\\\"/\n\u{1}é😀]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-d\"\\\\]|text", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn object() -> impl Strategy<Value = Value> {
    prop::collection::hash_map("[a-d]|text|type", value(), 0..6)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// The values at a path as the decoder should show them, straight from the document.
fn expected(path: &str, value: &Value, rest: &[&str], out: &mut Vec<String>) {
    match (value, rest) {
        (Value::Array(items), _) if !items.is_empty() => {
            for item in items {
                expected(path, item, rest, out);
            }
        }
        (Value::Object(members), [first, rest @ ..]) => {
            if let Some(member) = members.get(*first) {
                expected(path, member, rest, out);
            }
        }
        (_, [_, ..]) => {}
        (Value::String(text), []) => out.push(format!("{path}={text}")),
        (Value::Null, []) => out.push(format!("{path}:Null")),
        (Value::Bool(value), []) => out.push(format!("{path}:{value}")),
        (Value::Number(number), []) => {
            let mut canonical = String::new();
            push_canonical_number(&number.to_string(), &mut canonical);
            out.push(format!("{path}:{canonical}"));
        }
        (Value::Object(_) | Value::Array(_), []) => out.push(format!("{path}:Composite")),
    }
}

const PATHS: [&str; 4] = ["a", "b.c", "a.b.d", "c.text"];

/// What the decoder makes of `payload`, by field, without type and text.
fn decoded(payload: &str) -> Vec<String> {
    let set = field_set(&PATHS);
    let mut batch = Batch::default();
    let decoder = Decoder::new(&set, &Mapping::preset(Preset::Generic), None);
    decoder.decode(0, payload.as_bytes(), &mut batch).unwrap();
    let all = shown(&set, &batch, 0);
    let of = |path: &str| {
        all.iter()
            .filter(move |value| value.split(['=', ':']).next() == Some(path))
            .cloned()
            .collect::<Vec<_>>()
    };
    PATHS.iter().flat_map(|path| of(path)).collect()
}

proptest! {
    #[test]
    fn reads_what_a_json_library_reads(event in object()) {
        let mut out = Vec::new();
        for path in PATHS {
            let segments: Vec<_> = path.split('.').collect();
            expected(path, &event, &segments, &mut out);
        }
        prop_assert_eq!(decoded(&event.to_string()), out.clone());
        prop_assert_eq!(decoded(&serde_json::to_string_pretty(&event).unwrap()), out);
    }

    #[test]
    fn any_bytes_are_an_event_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        survives(&bytes);
    }

    #[test]
    fn a_damaged_event_is_an_event_or_an_error(
        event in object(),
        at in any::<prop::sample::Index>(),
        with in prop::collection::vec(any::<u8>(), 0..4),
        cut in 0usize..3,
    ) {
        let mut bytes = event.to_string().into_bytes();
        let at = at.index(bytes.len());
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, with);
        survives(&bytes);
    }

    /// Events that are alike, some of them damaged: the order of keys is expected to be that of those before.
    #[test]
    fn what_was_read_before_changes_nothing(
        event in object(),
        pretty in any::<bool>(),
        damages in prop::collection::vec((any::<prop::sample::Index>(), "[,:{}\"a-d. ]{0,4}", 0usize..9), 0..8),
    ) {
        let whole = if pretty { serde_json::to_string_pretty(&event).unwrap() } else { event.to_string() };
        let mut batch = Batch::default();
        for (at, with, cut) in damages {
            let mut bytes = whole.clone().into_bytes();
            let at = at.index(bytes.len());
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, with.into_bytes());
            for payload in [whole.as_bytes(), &bytes] {
                prop_assert_eq!(made(payload, &mut batch), made(payload, &mut Batch::default()));
            }
        }
    }
}

/// What is made of a record: by field, or where reading ended.
fn made(payload: &[u8], batch: &mut Batch) -> Result<Vec<String>, DecodeError> {
    let set = field_set(&PATHS);
    let decoder = Decoder::new(&set, &Mapping::preset(Preset::Generic), None);
    decoder.decode(0, payload, batch)?;
    Ok(shown(&set, batch, batch.len() - 1))
}

/// Nothing panics, an error points into the record, and the envelope is read exactly where the event is.
fn survives(bytes: &[u8]) {
    for preset in [Preset::Canonical, Preset::Discord, Preset::Twitch, Preset::Generic] {
        let mapping = Mapping::preset(preset);
        let decoder = Decoder::new(&field_set(&PATHS), &mapping, None);
        let mut batch = Batch::default();
        let result = decoder.decode(0, bytes, &mut batch);
        match result {
            Ok(()) => assert_eq!(batch.len(), 1),
            Err(error) => {
                assert!(batch.is_empty());
                assert!(error.offset <= bytes.len(), "{error}");
            }
        }
        let envelope = EnvelopeReader::new(&mapping, None).read(bytes, Moment { record: None, now: 0 });
        assert_eq!(envelope.is_ok(), result.is_ok());
    }
}

#[test]
fn damage_that_only_the_envelope_meets() {
    let text =
        r#"{"d":{"room":{"kind":-},"author":{"id":1,"username":tru},"content":"a"},"sender":{"name":-}}"#;
    for (at, _) in text.char_indices() {
        survives(&text.as_bytes()[at..]);
        survives(&text.as_bytes()[..at]);
    }
    survives(text.as_bytes());
}
