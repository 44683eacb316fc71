//! What the decoder reads, supplies, replaces and refuses: tables of cases.

use super::*;
use crate::event::{MappingSpec, Preset};

/// A decoder of those fields (besides type and text) and what it reads: `path=value` for each value, in order.
fn read_with(fields: &[&str], mapping: &Mapping, payload: &[u8]) -> Result<Vec<String>, DecodeError> {
    let set = field_set(fields);
    let mut batch = Batch::default();
    Decoder::new(&set, mapping, None).decode(7, payload, &mut batch)?;
    assert_eq!(batch.len(), 1);
    Ok(shown(&set, &batch, 0))
}

pub(super) fn field_set(fields: &[&str]) -> FieldSet {
    let mut set = FieldSet::default();
    for field in fields {
        set.intern(field, crate::event::FieldTable::canonical().type_of(field)).unwrap();
    }
    set
}

pub(super) fn shown(set: &FieldSet, batch: &Batch, row: usize) -> Vec<String> {
    let show = |(field, _, value): (FieldId, _, crate::event::Scalar<'_>)| match value {
        crate::event::Scalar::Text(text) => format!("{}={text}", set.path(field)),
        other => format!("{}:{}", set.path(field), other.text().unwrap_or(&format!("{other:?}"))),
    };
    batch.row_values(row).map(show).collect()
}

fn read(fields: &[&str], payload: impl AsRef<[u8]>) -> Result<Vec<String>, DecodeError> {
    read_with(fields, &Mapping::canonical(), payload.as_ref())
}

#[test]
fn values_of_all_kinds() {
    // fields, payload, values
    let cases: &[(&[&str], &str, &[&str])] = &[
        (&[], r#"{"type":"gift"}"#, &["type=gift"]),
        (&[], r#" { "text" : "a" , "type" : "gift" } "#, &["text=a", "type=gift"]),
        (&["n"], r#"{"type":"t","n":12345678901234567890123}"#, &["type=t", "n:12345678901234567890123"]),
        (&["n"], r#"{"type":"t","n":-1.50e1}"#, &["type=t", "n:-15"]),
        (&["n"], r#"{"type":"t","n":1e999999}"#, &["type=t", "n:1e999999"]),
        (&["b"], r#"{"type":"t","b":true}"#, &["type=t", "b:true"]),
        (&["b"], r#"{"type":"t","b":null}"#, &["type=t", "b:Null"]),
        (&["b"], r#"{"type":"t","b":NaN}"#, &["type=t", "b:Null"]),
        (&["b"], r#"{"type":"t","b":-Infinity}"#, &["type=t", "b:Null"]),
        (&["b"], r#"{"type":"t","b":{"c":1}}"#, &["type=t", "b:Composite"]),
        (&["b"], r#"{"type":"t","b":[]}"#, &["type=t", "b:Composite"]),
        (
            &["b"],
            r#"{"type":"t","b":[1,"x",[true,[null]],{}]}"#,
            &["type=t", "b:1", "b=x", "b:true", "b:Null", "b:Composite"],
        ),
        (&["a.b"], r#"{"type":"t","a":{"x":0,"b":1}}"#, &["type=t", "a.b:1"]),
        (&["a.b"], r#"{"type":"t","a":[{"b":1},{"c":2},{"b":[3]}]}"#, &["type=t", "a.b:1", "a.b:3"]),
        (&["a.b", "a"], r#"{"type":"t","a":{"b":1}}"#, &["type=t", "a:Composite", "a.b:1"]),
        (&["a.b.c"], r#"{"type":"t","a.b":{"c":1}}"#, &["type=t", "a.b.c:1"]),
        (&["a.b.c"], r#"{"type":"t","a":{"b.c":1}}"#, &["type=t", "a.b.c:1"]),
        (&["a.b.c"], r#"{"type":"t","a.b.c":1,"a.":2,"..":3,"":4}"#, &["type=t", "a.b.c:1"]),
        (&["ab"], r#"{"type":"t","\u0061b":1,"a\b":2}"#, &["type=t", "ab:1"]),
        (&["ab"], r#"{"type":"t","x":{"ab":1},"ab":2}"#, &["type=t", "ab:2"]),
    ];
    for (fields, payload, values) in cases {
        assert_eq!(read(fields, payload).unwrap(), *values, "{payload}");
    }
}

#[test]
fn escapes_are_undone() {
    let cases = [
        (r"a\n\t\r\b\f\/\\\u0022", "a\n\t\r\u{8}\u{c}/\\\"", false),
        (r"\u00e9\u4e2d", "é中", false),
        (r"\ud83d\ude00!", "😀!", false),
        (r"\ud800", "\u{fffd}", true),
        (r"\udc00x", "\u{fffd}x", true),
        (r"\ud800\ud83d\ude00", "\u{fffd}😀", true),
        (r"\ud800\u0041", "\u{fffd}A", true),
        (r"\u12G4", "\u{fffd}12G4", true),
        (r"\u+123", "\u{fffd}+123", true),
        (r"\u12", "\u{fffd}12", true),
        (r"\ufffd", "\u{fffd}", false),
        (r"\'\x", "'x", false),
        (r"\é", "é", false),
        ("raw\u{0}\u{1}\n control", "raw\u{0}\u{1}\n control", false),
    ];
    for (escaped, expected, lossy) in cases {
        let mut batch = Batch::default();
        let payload = format!(r#"{{"skipped":"{escaped}","text":"{escaped}"}}"#);
        decoder().decode(0, payload.as_bytes(), &mut batch).unwrap();
        let text = batch.values(0, FieldId::TEXT).next().unwrap().1;
        assert_eq!(text.text(), Some(expected), "{escaped}");
        assert_eq!(batch.rows()[0].lossy, lossy, "{escaped}");
    }
}

fn decoder() -> Decoder {
    Decoder::new(&FieldSet::default(), &Mapping::canonical(), None)
}

#[test]
fn invalid_utf8_is_read_lossily_and_marked() {
    let mut batch = Batch::default();
    decoder().decode(3, b"{\"text\":\"a\xff\xc3(\xed\xa0\x80b\"}", &mut batch).unwrap();
    let text = batch.values(0, FieldId::TEXT).next().unwrap().1;
    assert_eq!(text.text(), Some("a\u{fffd}\u{fffd}(\u{fffd}\u{fffd}\u{fffd}b"));
    assert_eq!((batch.rows()[0].lossy, batch.rows()[0].record), (true, 3));
    decoder().decode(4, br#"{"text":"b"}"#, &mut batch).unwrap();
    assert!(!batch.rows()[1].lossy, "the mark is the row's own");
}

#[test]
fn a_record_may_be_the_text_itself() {
    let decoder = Decoder::new(&FieldSet::default(), &Mapping::plain_text(), None);
    // record, text, lossy
    let cases: [(&[u8], &str, bool); 4] = [
        (br#"so "how old" are \u0041 {"text":1}"#, r#"so "how old" are \u0041 {"text":1}"#, false),
        (b"\xef\xbb\xbfa\tb\x07", "a\tb\u{7}", false),
        (b"a\xffb", "a\u{fffd}b", true),
        (b"", "", false),
    ];
    for (record, text, lossy) in cases {
        let mut batch = Batch::default();
        decoder.decode(0, record, &mut batch).unwrap();
        let expected = [format!("text={text}"), "type=chat.message".to_owned()];
        assert_eq!(shown(&FieldSet::default(), &batch, 0), expected);
        assert_eq!(batch.rows()[0].lossy, lossy, "{text}");
    }
}

#[test]
fn type_and_text() {
    let cases: &[(&str, Result<&[&str], usize>)] = &[
        (r#"{"text":"a"}"#, Ok(&["text=a", "type=chat.message"])),
        (r#"{"text":""}"#, Ok(&["text=", "type=chat.message"])),
        (r#"{"text":"a","type":null}"#, Ok(&["text=a", "type=chat.message"])),
        (r#"{"type":"gift","text":null}"#, Ok(&["type=gift", "text:Null"])),
        (r#"{"type":7}"#, Ok(&["type=7"])),
        (r#"{"type":{}}"#, Err(11)),
        (r#"{"text":null}"#, Err(13)),
        ("{}", Err(2)),
    ];
    for (payload, expected) in cases {
        let expected = expected.map(|values| values.iter().map(|value| (*value).to_owned()).collect());
        let expected = expected.map_err(|offset| DecodeError { code: DecodeErrorCode::NoTypeNoText, offset });
        assert_eq!(read(&[], payload), expected, "{payload}");
    }
}

#[test]
fn a_key_given_twice_gives_both_values() {
    let values = read(&["a.b"], r#"{"text":"x","a":{"b":1},"text":"y","a":{"b":2}}"#).unwrap();
    assert_eq!(values, ["text=x", "a.b:1", "text=y", "a.b:2", "type=chat.message"]);
}

#[test]
fn what_is_refused_and_where() {
    use DecodeErrorCode::{InvalidNumber, NotAnObject, TrailingBytes, UnexpectedByte, UnexpectedEnd};
    let cases: &[(&[u8], DecodeErrorCode, usize)] = &[
        (b"", NotAnObject, 0),
        (b"  ", NotAnObject, 2),
        (b"\0", NotAnObject, 0),
        (b"null", NotAnObject, 0),
        (b"[1]", NotAnObject, 0),
        (b"\"text\"", NotAnObject, 0),
        (b"\x1f\x8b\x08", NotAnObject, 0),
        (b"\xef\xbb\xbfx", NotAnObject, 3),
        (b"{", UnexpectedEnd, 1),
        (br#"{"text""#, UnexpectedEnd, 7),
        (br#"{"text":"#, UnexpectedEnd, 8),
        (br#"{"text":"a"#, UnexpectedEnd, 10),
        (br#"{"text":"a\"#, UnexpectedEnd, 11),
        (br#"{"text":"a""#, UnexpectedEnd, 11),
        (br#"{"text" "a"}"#, UnexpectedByte, 8),
        (br#"{text:"a"}"#, UnexpectedByte, 1),
        (br#"{"text":a}"#, UnexpectedByte, 8),
        (br#"{"text":"a",}"#, UnexpectedByte, 12),
        (br#"{,"text":"a"}"#, UnexpectedByte, 1),
        (br#"{"text":"a" "b":1}"#, UnexpectedByte, 12),
        (br#"{"text":"a","b":[1}"#, UnexpectedByte, 18),
        (br#"{"text":"a","b":[{"c":"}"]}"#, UnexpectedByte, 25),
        (br#"{"text":"a","b":{"c":"\"}"#, UnexpectedEnd, 25),
        (br#"{"text":"a","b":{"c":[1]"#, UnexpectedEnd, 24),
        (br#"{"text":"a","b":tru}"#, UnexpectedByte, 16),
        (br#"{"text":"a","b":01}"#, InvalidNumber, 16),
        (br#"{"text":"a","b":-}"#, InvalidNumber, 16),
        (br#"{"text":"a","b":1.}"#, InvalidNumber, 16),
        (br#"{"text":"a","b":1e+}"#, InvalidNumber, 16),
        (br#"{"text":"a","b":.5}"#, UnexpectedByte, 16),
        (br#"{"text":"a"}{"text":"b"}"#, TrailingBytes, 12),
        (br#"{"text":"a"} x"#, TrailingBytes, 13),
        (br#"{"text":"a"}]"#, TrailingBytes, 12),
        (b"{\"text\":\"\xff\xff\"} x", TrailingBytes, 14),
        (b"{\"b\":\"\xff\xff\",\"text\":x}", UnexpectedByte, 17),
    ];
    for (payload, code, offset) in cases {
        // The same whether the value is read or skipped.
        for fields in [&["b"][..], &[]] {
            let error = read(fields, payload).unwrap_err();
            let shown = String::from_utf8_lossy(payload);
            assert_eq!(error, DecodeError { code: *code, offset: *offset }, "{shown}");
        }
    }
}

#[test]
fn damage_inside_what_is_passed_over_hides_nothing() {
    let cases = ["[1,]", "[1 2]", "[tru]", r#"{"c" "d"}"#, r#"{"c":1,,"d":2}"#, r#"{"c":"\\\"]}"}"#, "{x:-}"];
    for damaged in cases {
        let payload = format!(r#"{{"text":"a","b":{damaged},"c":"kept"}}"#);
        assert_eq!(read(&["c"], &payload).unwrap(), ["text=a", "c=kept", "type=chat.message"], "{payload}");
    }
    // Nor does it where it is read: what stands before the damage is there, and the row says so.
    let lossy = cases.iter().map(|damaged| {
        let payload = format!(r#"{{"text":"a","b":{damaged},"c":"kept"}}"#);
        let (set, mut batch) = (field_set(&["b.c", "c"]), Batch::default());
        let decoder = Decoder::new(&set, &Mapping::canonical(), None);
        decoder.decode(0, payload.as_bytes(), &mut batch).unwrap();
        assert!(shown(&set, &batch, 0).contains(&"c=kept".to_owned()), "{payload}");
        batch.rows()[0].lossy
    });
    assert_eq!(lossy.collect::<Vec<_>>(), [true, true, true, true, true, false, true]);
    let values = read(&["b.c.d", "b.e"], r#"{"text":"a","b":{"c":{"d":1,"x":-},"e":2}}"#).unwrap();
    assert_eq!(values, ["text=a", "b.c.d:1", "b.e:2", "type=chat.message"], "only the innermost is lost");
}

/// Whatever stands before it, so that every place in a block and every neighbour is met.
#[test]
fn what_is_passed_over_ends_where_it_ends() {
    let inner =
        [r#""]""#, r#""}""#, r#""\"]""#, r#""\\""#, r#""\\\"}""#, r#"[{"a":"[{"}]"#, r#"{"a":[]}"#, "1"];
    for (one, other) in inner.iter().flat_map(|one| inner.map(|other| (one, other))) {
        for length in 0..200 {
            let padding = "é\\\"]".repeat(length / 5) + &"x".repeat(length % 5);
            for open in [r#"{"p":"PAD","q":ONE,"r":OTHER}"#, r#"["PAD",ONE,OTHER]"#] {
                let skipped = open.replace("PAD", &padding).replace("ONE", one).replace("OTHER", other);
                let payload = format!(r#"{{"skipped":{skipped},"text":"a","c":1}}"#);
                assert_eq!(
                    read(&["c"], &payload).unwrap(),
                    ["text=a", "c:1", "type=chat.message"],
                    "{payload}"
                );
            }
        }
    }
}

#[test]
fn marks_at_the_ends_are_passed_over() {
    for payload in
        ["\u{feff}{\"text\":\"a\"}", "{\"text\":\"a\"}\r\n", "{\"text\":\"a\"}\0\0", "\n\t {\"text\":\"a\"}"]
    {
        assert_eq!(read(&[], payload).unwrap(), ["text=a", "type=chat.message"], "{payload:?}");
    }
}

#[test]
fn nesting_is_bounded_whether_read_or_skipped() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        for key in ["a", "other"] {
            let nested = |depth: usize| {
                format!(r#"{{"text":"x","{key}":{}1{}}}"#, open.repeat(depth), close.repeat(depth))
            };
            assert!(read(&["a"], nested(127)).is_ok());
            assert_eq!(read(&["a"], nested(128)).unwrap_err().code, DecodeErrorCode::TooDeep);
            assert_eq!(read(&["a"], nested(300_000)).unwrap_err().code, DecodeErrorCode::TooDeep);
        }
    }
}

#[test]
fn a_failed_decode_leaves_the_batch_as_it_was() {
    let mut batch = Batch::default();
    decoder().decode(0, br#"{"text":"first"}"#, &mut batch).unwrap();
    let before = format!("{:?}", (batch.rows(), batch.mark()));
    decoder().decode(1, br#"{"text":"second","type":"t","x":}"#, &mut batch).unwrap_err();
    assert_eq!(format!("{:?}", (batch.rows(), batch.mark())), before);
    decoder().decode(2, br#"{"text":"third"}"#, &mut batch).unwrap();
    assert_eq!(shown(&FieldSet::default(), &batch, 1), ["text=third", "type=chat.message"]);
}

#[test]
fn derived_fields() {
    let fields = ["text.length", "pair.id", "sender.hour_local"];
    let payload = r#"{"text":"añb","sender":{"id":"u2","tz_offset_min":-90},"recipient":{"id":10},
        "time":"2025-11-23T00:10:00Z","pair":{"id":"forged"},"text.length":99}"#;
    let expected =
        ["text=añb", "type=chat.message", "text.length:3", "sender.hour_local:22", "pair.id=2:10:u2"];
    assert_eq!(read(&fields, payload).unwrap(), expected);
    assert_eq!(crate::event::pair_id("u2", "10"), "2:10:u2");
    assert_eq!(read(&fields, r#"{"type":"gift","sender":{"id":"u2"}}"#).unwrap(), ["type=gift"]);
}

#[test]
fn a_disguise_is_told_where_it_is_asked_for() {
    let read = |payload: &str| read(&["text.obfuscated"], payload).unwrap();
    let forged = r#"{"text":"keep it","text.obfuscated":true}"#;
    assert_eq!(read(forged), ["text=keep it", "type=chat.message", "text.obfuscated:false"]);
    let any = read(r#"{"text":["keep","s3cret","it"]}"#);
    assert_eq!(any.last().map(String::as_str), Some("text.obfuscated:true"));
    assert_eq!(read(r#"{"type":"gift"}"#), ["type=gift"]);
}

#[test]
fn the_local_hour_is_that_of_the_resolved_time() {
    let set = field_set(&["sender.hour_local"]);
    let decoder = Decoder::new(&set, &Mapping::canonical(), None);
    // 2025-11-23T10:00:00Z.
    let moment = Moment { record: None, now: 1_763_892_000_000 };
    // time, offset, the hour at that moment, the hour where none is known
    let cases = [
        (r#""2025-11-23T09:30:00Z""#, "60", Some("10"), Some("10")),
        (r#""2099-01-01T20:00:00Z""#, "60", Some("11"), Some("21")),
        ("null", "60", Some("11"), None),
        (r#"["2025-11-23T09:30:00Z",null]"#, "60", Some("10"), Some("10")),
        (r#""2025-11-23T09:30:00Z""#, "-1080", Some("15"), Some("15")),
        (r#""2025-11-23T09:30:00Z""#, "1081", None, None),
        (r#""2025-11-23T09:30:00Z""#, "99999999", None, None),
        (r#""2025-11-23T09:30:00Z""#, "[60,null]", Some("10"), Some("10")),
    ];
    for (time, offset, at_moment, unknown) in cases {
        let payload = format!(r#"{{"text":"","time":{time},"sender":{{"tz_offset_min":{offset}}}}}"#);
        let mut batch = Batch::default();
        decoder.decode_at(0, payload.as_bytes(), moment, &mut batch).unwrap();
        decoder.decode(0, payload.as_bytes(), &mut batch).unwrap();
        let field = set.find("sender.hour_local").unwrap();
        let hour = |row| batch.values(row, field).next().and_then(|(_, value)| value.text());
        assert_eq!((hour(0), hour(1)), (at_moment, unknown), "{payload}");
    }
}

#[test]
fn an_empty_id_names_nobody() {
    let pseudonyms = Pseudonyms::new("k1", b"0123456789abcdef", ["recipient.id"]).unwrap();
    let set = field_set(&["pair.id", "recipient.id"]);
    let decoder = Decoder::new(&set, &Mapping::canonical(), Some(&pseudonyms));
    for ids in [("", "u2"), ("u1", "")] {
        let payload =
            format!(r#"{{"text":"x","sender":{{"id":"{}"}},"recipient":{{"id":"{}"}}}}"#, ids.0, ids.1);
        let mut batch = Batch::default();
        decoder.decode(0, payload.as_bytes(), &mut batch).unwrap();
        let shown = shown(&set, &batch, 0).join(" ");
        assert!(!shown.contains("pair.id"), "{shown}");
        assert_eq!(shown.contains("recipient.id= "), ids.1.is_empty(), "{shown}");
    }
}

#[test]
fn sources_rank_and_null_is_no_source() {
    let spec = MappingSpec {
        fields: [("text".to_owned(), vec!["a".to_owned(), "b".to_owned()])].into(),
        constants: [("lang".to_owned(), "xx".to_owned())].into(),
        types: [("7".to_owned(), "chat.message".to_owned())].into(),
        ..MappingSpec::default()
    };
    let mapping = Mapping::from_spec(&spec).unwrap();
    let cases: &[(&str, &[&str])] = &[
        (r#"{"type":7,"a":"1","b":"2"}"#, &["type=chat.message", "text=1", "lang=xx"]),
        (r#"{"type":7,"b":"2","a":"1"}"#, &["type=chat.message", "text=1", "lang=xx"]),
        (r#"{"type":7,"a":null,"b":"2"}"#, &["type=chat.message", "text=2", "lang=xx"]),
        (r#"{"type":7,"b":"2","a":{}}"#, &["type=chat.message", "text=2", "lang=xx"]),
        (r#"{"type":7,"b":"2","lang":"en"}"#, &["type=chat.message", "text=2", "lang=en"]),
        (r#"{"type":7,"lang":null}"#, &["type=chat.message", "lang=xx"]),
    ];
    for (payload, expected) in cases {
        assert_eq!(read_with(&["lang"], &mapping, payload.as_bytes()).unwrap(), *expected, "{payload}");
    }
}

#[test]
fn pseudonyms_replace_ids_by_every_road() {
    let pseudonyms = Pseudonyms::new("k1", b"0123456789abcdef", ["sender.id"]).unwrap();
    let set = field_set(&["sender.id", "author.id", "recipient.id"]);
    let decoder = Decoder::new(&set, &Mapping::preset(Preset::Discord), Some(&pseudonyms));
    let mut batch = Batch::default();
    for id in [r#""4\u0032""#, "42", "null"] {
        let payload = format!(r#"{{"content":"x","author":{{"id":{id}}},"recipient":{{"id":"42"}}}}"#);
        decoder.decode(0, payload.as_bytes(), &mut batch).unwrap();
    }
    let pseudonym = String::from_utf8(pseudonyms.of("42").to_vec()).unwrap();
    for row in [0, 1] {
        let shown = shown(&set, &batch, row);
        for path in ["sender.id", "author.id"] {
            assert!(shown.contains(&format!("{path}={pseudonym}")), "{shown:?}");
        }
        assert!(shown.contains(&"recipient.id=42".to_owned()), "only what is named: {shown:?}");
    }
    assert!(shown(&set, &batch, 2).contains(&"sender.id:Null".to_owned()));
}

#[test]
fn a_hidden_field_hides_all_that_is_in_it() {
    // named, fields, payload: no value may come out as it is
    let cases: [(&str, Preset, &[&str], &str); 4] = [
        (
            "session.viewers",
            Preset::Canonical,
            &["session.viewers.id"],
            r#"{"session":{"viewers":[{"id":"u9"}]}}"#,
        ),
        ("session.viewers", Preset::Canonical, &["session.viewers"], r#"{"session":{"viewers":["u9",7]}}"#),
        ("session", Preset::Canonical, &["session.host.id"], r#"{"session.host":{"id":"u9"}}"#),
        ("sender", Preset::Discord, &["sender.id", "author.id"], r#"{"d":{"author":{"id":"u9"}},"t":"x"}"#),
    ];
    for (named, preset, fields, payload) in cases {
        let pseudonyms = Pseudonyms::new("k1", b"0123456789abcdef", [named]).unwrap();
        let set = field_set(fields);
        let decoder = Decoder::new(&set, &Mapping::preset(preset), Some(&pseudonyms));
        let payload = payload.replacen('{', r#"{"type":"t","#, usize::from(!payload.contains(r#""t":"#)));
        let mut batch = Batch::default();
        decoder.decode(0, payload.as_bytes(), &mut batch).unwrap();
        let values = batch.row_values(0).filter(|(field, ..)| *field != FieldId::TYPE);
        let values: Vec<_> = values.map(|(_, _, value)| value.text().unwrap()).collect();
        assert!(values.len() >= fields.len() && values.iter().all(|value| value.len() == 32), "{values:?}");
    }
}

#[test]
fn decoding_allocates_nothing_after_warm_up() {
    let set = field_set(&["sender.id", "room.topic", "text.length", "pair.id", "sender.hour_local"]);
    let pseudonyms = Pseudonyms::new("k1", b"0123456789abcdef", ["sender.id"]).unwrap();
    let decoder = Decoder::new(&set, &Mapping::preset(Preset::Discord), Some(&pseudonyms));
    let moment = Moment { record: Some(0), now: 1 };
    let events: [&[u8]; 4] = [
        br#"{"content":"a\n\u00e9\ud83d\ude00","author":{"id":"u1"},"recipient":{"id":"u2"},"\u0074":"MESSAGE_CREATE"}"#,
        b"{\"d\":{\"content\":\"a\xff\",\"x\":[[{}],1.5e3]},\"sender\":{\"tz_offset_min\":60},\"timestamp\":1}",
        br#"{"broken":"#,
        br#"{"no":"text"}"#,
    ];
    let mut batch = Batch::default();
    let mut run = || {
        batch.clear();
        let results = events.map(|event| decoder.decode_at(0, event, moment, &mut batch).is_ok());
        assert_eq!(results, [true, true, false, false]);
    };
    run();
    let counted = allocation_counter::measure(run);
    assert_eq!(counted.count_total, 0);
}

#[test]
fn many_fields_are_found_like_few() {
    for count in [3, 40] {
        let paths: Vec<String> = (0..count).flat_map(|n| [format!("k{n}"), format!("a.k{n}.z")]).collect();
        let set = field_set(&paths.iter().map(String::as_str).collect::<Vec<_>>());
        let mut event = serde_json::json!({"text": "x", "a": {}});
        for n in 0..count {
            event[format!("k{n}")] = n.into();
            event["a"][format!("k{n}")] = serde_json::json!({ "z": -n });
        }
        let mut batch = Batch::default();
        let decoder = Decoder::new(&set, &Mapping::canonical(), None);
        decoder.decode(0, event.to_string().as_bytes(), &mut batch).unwrap();
        for n in 0..count {
            for (path, expected) in [(format!("k{n}"), n), (format!("a.k{n}.z"), -n)] {
                let field = set.find(&path).unwrap();
                let value = batch.values(0, field).next().and_then(|(_, value)| value.text());
                assert_eq!(value, Some(expected.to_string().as_str()), "{path} of {count}");
            }
        }
    }
}
