//! Mappings as configurations write them, and each preset against its example file: what rules read and what
//! flags say.

use super::{MappingError, MappingSpec};
use crate::event::{
    Batch, Decoder, Envelope, EnvelopeReader, FieldSet, FieldType, Identity, Mapping, Moment, Preset,
    TimeSource,
};

/// The clock of these tests: 2026-11-23T10:01:00Z in milliseconds.
const NOW: i64 = 1_795_428_060_000;
/// What most examples say: 2026-11-23T10:00:00.123Z.
const AT: i64 = 1_795_428_000_123;

/// For each line of an example file: the values of `fields`, `-` where there are none, and the envelope.
fn read(preset: Preset, lines: &str, fields: &[&str]) -> Vec<(String, Envelope)> {
    let mapping = Mapping::preset(preset);
    let mut set = FieldSet::default();
    let ids: Vec<_> = fields.iter().map(|path| set.intern(path, FieldType::Keyword).unwrap()).collect();
    let decoder = Decoder::new(&set, &mapping, None);
    let reader = EnvelopeReader::new(&mapping, None);
    let mut batch = Batch::default();
    let read_line = |(row, line): (usize, &str)| {
        decoder.decode(0, line.as_bytes(), &mut batch).unwrap();
        let field = |id| {
            let values: Vec<_> =
                batch.values(row, id).map(|(_, value)| value.text().unwrap_or("null")).collect();
            if values.is_empty() { "-".to_owned() } else { values.join("+") }
        };
        let shown: Vec<_> = ids.iter().map(|id| field(*id)).collect();
        (shown.join(" | "), reader.read(line.as_bytes(), Moment { record: None, now: NOW }).unwrap())
    };
    lines.lines().enumerate().map(read_line).collect()
}

fn shown(events: &[(String, Envelope)]) -> Vec<&str> {
    events.iter().map(|(shown, _)| shown.as_str()).collect()
}

#[test]
fn canonical() {
    let lines = include_str!("../../../tests/events/canonical.jsonl");
    let events = read(
        Preset::Canonical,
        lines,
        &["type", "text", "recipient.age_band", "payment.amount_minor", "pair.id"],
    );
    let expected = [
        "chat.message | how old are you? | 13-15 | - | 2:u1:u2",
        "payment | - | - | 2500 | 2:u1:u2",
        "chat.message | only a text | - | - | -",
    ];
    assert_eq!(shown(&events), expected);
    let message = &events[0].1;
    let identity =
        Identity::Own { platform: "demo", tenant: "t1", kind: "chat.message", id: "m1", edited: None };
    assert_eq!(message.identity(), identity);
    assert_eq!((message.time, message.time_source), (AT, TimeSource::Event));
    let sender = &message.sender;
    let said = [&sender.id, &sender.name, &sender.age_band, &sender.country, &sender.account_age_days];
    assert_eq!(said.map(|field| field.as_deref().unwrap()), ["u1", "Robin", "adult", "AU", "3"]);
    let room = [&message.room.id, &message.room.kind, &message.room.topic, &message.session, &message.lang];
    assert_eq!(room.map(|field| field.as_deref().unwrap()), ["r1", "direct", "Holiday plans", "s1", "en"]);
    let payment = &events[1].1;
    assert_eq!((payment.time, payment.host.id.as_deref()), (AT, Some("u2")));
    let bare = &events[2].1;
    assert_eq!((bare.identity(), bare.time, bare.time_source), (Identity::Position, NOW, TimeSource::Clock));
}

#[test]
fn discord() {
    let lines = include_str!("../../../tests/events/discord.jsonl");
    let events =
        read(Preset::Discord, lines, &["type", "text", "sender.id", "sender.name", "room.id", "mentions.id"]);
    let expected = [
        "chat.message | let's move to AppOne ☺ | 53908099506183680 | Robin | 290926798999357250 | 82198898841029460",
        "chat.message | keep this a secret | 53908099506183680 | robin_1 | 290926798999357250 | -",
        "chat.deleted | - | - | - | 290926798999357250 | -",
        "chat.edited | keep this between us | 53908099506183680 | robin_1 | 290926798999357250 | -",
        "chat.edited | keep this to yourself | 53908099506183680 | robin_1 | 290926798999357250 | -",
        "chat.edited | keep quiet | 53908099506183680 | robin_1 | 290926798999357250 | -",
    ];
    assert_eq!(shown(&events), expected);
    let reply = &events[1].1;
    let (platform, tenant) = ("discord", "290926798626357999");
    let identity =
        Identity::Own { platform, tenant, kind: "chat.message", id: "1310000000000000002", edited: None };
    assert_eq!((reply.identity(), reply.time), (identity, AT + 4877));
    let edits: Vec<_> = events[3..].iter().map(|(_, edit)| (edit.identity(), edit.time)).collect();
    let edit = |time| Identity::Own {
        platform,
        tenant,
        kind: "chat.edited",
        id: "1310000000000000002",
        edited: Some(time),
    };
    let (one, other) = (AT + 9877, AT + 20_877);
    let expected = [(edit(one), one), (edit(other), other), (Identity::Position, NOW)];
    assert_eq!(edits, expected, "each edit is an event of its own");
}

#[test]
fn twitch() {
    let lines = include_str!("../../../tests/events/twitch.jsonl");
    let fields = [
        "type",
        "text",
        "sender.name",
        "recipient.id",
        "payment.amount_minor",
        "payment.id",
        "room.kind",
        "session.id",
    ];
    let events = read(Preset::Twitch, lines, &fields);
    let expected = [
        "chat.message | how old are you? Kappa | Viewer32 | 1971641 | - | - | live_chat | -",
        "gift | cheer100 hello | Viewer32 | 1971641 | 100 | - | live_chat | -",
        "session.started | - | - | 1971641 | - | - | live_chat | 9001",
    ];
    assert_eq!(shown(&events), expected);
    let (message, gift, start) = (&events[0].1, &events[1].1, &events[2].1);
    assert_eq!(message.id.as_deref(), Some("cc106a89-1814-919d-454c-f4f2f970aae7"));
    assert_eq!((message.time, gift.time_source), (AT, TimeSource::Clock));
    assert_eq!(gift.identity(), Identity::Position, "a gift has no id of its own");
    assert_eq!((start.id.as_deref(), start.time), (Some("9001"), AT - 123));
}

#[test]
fn generic() {
    let lines = include_str!("../../../tests/events/generic.jsonl");
    let events = read(Preset::Generic, lines, &["type", "text", "message", "host.name", "labels", "EventID"]);
    let text = "user asked to add them on AppOne";
    let first = format!("chat.message | {text} | {text} | web-1 | chat+beta | -");
    assert_eq!(shown(&events), [first.as_str(), "- | - | - | - | - | 4625", "- | - | - | - | - | -"]);
    let times: Vec<_> = events.iter().map(|(_, envelope)| envelope.time).collect();
    assert_eq!(times, [AT, AT, NOW]);
    assert_eq!(events[1].1.kind, "");
    let named: Vec<_> = events.iter().map(|(_, envelope)| envelope.identity()).collect();
    assert_eq!(named, [Identity::Position; 3], "an `id` of another product may name a person or a rule");
    let spec: MappingSpec =
        serde_json::from_str(r#"{"preset": "generic", "fields": {"id": ["id"]}}"#).unwrap();
    let reader = EnvelopeReader::new(&Mapping::from_spec(&spec).unwrap(), None);
    let payload = lines.lines().nth(1).unwrap().as_bytes();
    let mapped = reader.read(payload, Moment { record: None, now: NOW }).unwrap();
    assert_eq!(mapped.id.as_deref(), Some("4625"), "a configuration knows better");
}

fn spec(fields: &[(&str, &[&str])], unwrap: &[&str]) -> MappingSpec {
    let own = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
    let fields = fields.iter().map(|(path, sources)| ((*path).to_owned(), own(sources))).collect();
    MappingSpec { fields, unwrap: Some(own(unwrap)), ..MappingSpec::default() }
}

#[test]
fn wrappers_multiply_sources_in_order() {
    let mapping = Mapping::from_spec(&spec(&[("text", &["a", "b.c"])], &["d"])).unwrap();
    assert_eq!(mapping.sources_of("text"), ["a", "d.a", "b.c", "d.b.c"]);
    assert_eq!(mapping.sources_of("lang"), ["lang", "d.lang"]);
}

#[test]
fn mistakes_are_named() {
    for (fields, unwrap) in [(&[("text", &["a..b"][..])][..], &[][..]), (&[][..], &[""][..])] {
        let error = Mapping::from_spec(&spec(fields, unwrap)).unwrap_err();
        assert!(matches!(error, MappingError::Path(_)), "{error}");
    }
    let error = Mapping::from_spec(&spec(&[("text", &[])], &[])).unwrap_err();
    assert_eq!(error.to_string(), "mapping: `text` has 0 source paths; give between 1 and 200");
    for (wrappers, good) in [(199, true), (200, false), (300, false)] {
        let mapping = Mapping::from_spec(&spec(&[], &vec!["w"; wrappers]));
        assert_eq!(mapping.is_ok(), good, "{wrappers} wrappers, of which a field without an entry has each");
    }
}

#[test]
fn a_configuration_reads_as_written() {
    let text = r#"{"preset": "discord", "fields": {"lang": ["locale"]}, "constants": {"tenant": "t1"}}"#;
    let mapping = Mapping::from_spec(&serde_json::from_str(text).unwrap()).unwrap();
    assert_eq!(mapping.sources_of("lang"), ["locale", "d.locale"]);
    assert_eq!(mapping.sources_of("sender.id"), ["author.id", "d.author.id"]);
    assert!(mapping.constants().any(|constant| constant == ("tenant", "t1")));
    assert!(serde_json::from_str::<MappingSpec>(r#"{"feilds": {}}"#).is_err());
    assert!(serde_json::from_str::<MappingSpec>(r#"{"preset": "other"}"#).is_err());
}
