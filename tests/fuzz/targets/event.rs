//! Decoding of whatever a topic may hold.
//!
//! The first byte chooses the shape of the events, the rest is the record. Checked beside "it does not
//! panic": a failed decode leaves the batch as it was and names a place within the record; a successful one
//! adds one row whose values can all be read; decoder and envelope reader agree on what is an event.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use wardline::event::{Batch, Decoder, EnvelopeReader, FieldSet, FieldType, Mapping, Moment, Preset};

const PRESETS: [Preset; 4] = [Preset::Canonical, Preset::Discord, Preset::Twitch, Preset::Generic];

const MOMENT: Moment = Moment { record: Some(1_700_000_000_000), now: 1_700_000_000_500 };

/// Typed, derived, nested and unknown fields.
const FIELDS: [(&str, FieldType); 13] = [
    ("text", FieldType::Text),
    ("type", FieldType::Keyword),
    ("time", FieldType::Time),
    ("sender.id", FieldType::Keyword),
    ("sender.name", FieldType::Text),
    ("sender.account_age_days", FieldType::Number),
    ("sender.hour_local", FieldType::Number),
    ("room.topic", FieldType::Text),
    ("pair.id", FieldType::Keyword),
    ("text.length", FieldType::Number),
    ("text.obfuscated", FieldType::Bool),
    ("payment.amount", FieldType::Number),
    ("some.deep.field.of.theirs", FieldType::Keyword),
];

static READERS: LazyLock<Vec<(Decoder, EnvelopeReader)>> = LazyLock::new(|| {
    let mut fields = FieldSet::default();
    for (path, kind) in FIELDS {
        fields.intern(path, kind).expect("thirteen fields fit");
    }
    let reader = |preset: Preset| {
        let mapping = Mapping::preset(preset);
        (Decoder::new(&fields, &mapping, None), EnvelopeReader::new(&mapping, None))
    };
    PRESETS.into_iter().map(reader).collect()
});

fuzz_target!(|data: &[u8]| {
    let Some((choice, record)) = data.split_first() else { return };
    let (decoder, envelopes) = &READERS[usize::from(*choice) % PRESETS.len()];
    let mut batch = Batch::default();
    decoder.decode(0, br#"{"text":"before"}"#, &mut batch).ok();
    let before = (batch.len(), shown(&batch));
    let decoded = decoder.decode_at(1, record, MOMENT, &mut batch);
    let envelope = envelopes.read(record, MOMENT);
    assert_eq!(decoded.is_ok(), envelope.is_ok());
    match decoded {
        Ok(()) => {
            assert_eq!(batch.len(), before.0 + 1);
            shown(&batch);
        }
        Err(error) => {
            assert_eq!((batch.len(), shown(&batch)), before);
            assert!(error.offset <= record.len(), "{error} in a record of {} bytes", record.len());
        }
    }
});

/// Every value of every row.
fn shown(batch: &Batch) -> String {
    let rows = 0..batch.len();
    rows.map(|row| batch.row_values(row).map(|value| format!("{value:?}")).collect::<String>()).collect()
}
