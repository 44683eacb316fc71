//! Names that are usual elsewhere for fields of chat events: `message` for `text`, `author.id` for `sender.id`.
//!
//! A field that is in no table is legal, and is read by its path; mostly nothing is there. Only rules about chat are
//! told: in other products these are the names of real fields.

use crate::event::FieldTable;

/// Whole names, in lower case, by the field that they mean.
const NAMES: &[(&str, &[&str])] = &[
    (
        "text",
        &[
            "message",
            "msg",
            "body",
            "content",
            "comment",
            "chat_message",
            "message_text",
            "message.text",
            "message.body",
            "message.content",
        ],
    ),
    ("sender.id", &["user", "author", "from", "user_id", "userid", "author_id", "sender_id", "from_id"]),
    (
        "sender.name",
        &["username", "user_name", "nickname", "nick", "display_name", "author_name", "sender_name"],
    ),
    ("sender.age_band", &["age", "age_band", "age_group", "sender.age", "user.age"]),
    ("sender.country", &["country"]),
    ("sender.account_age_days", &["account_age", "account_age_days", "sender.account_age"]),
    ("recipient.id", &["to", "receiver", "to_id", "receiver_id", "recipient_id"]),
    ("recipient.age_band", &["recipient.age"]),
    ("room.id", &["channel", "channel_id", "room_id", "chat_id", "conversation_id", "thread_id"]),
    ("room.topic", &["topic", "channel_name", "room.name", "room.title", "channel.name"]),
    ("session.id", &["session_id", "stream_id", "call_id"]),
    ("session.title", &["title", "stream_title", "session.topic"]),
    ("lang", &["language", "locale"]),
    ("time", &["timestamp", "datetime", "created_at", "sent_at"]),
    ("type", &["event_type", "eventtype", "event"]),
    ("payment.amount_minor", &["amount", "payment.amount"]),
    ("payment.currency", &["currency"]),
];

/// First parts of names, in lower case, by the part that they mean.
const PARTS: &[(&str, &[&str])] = &[
    ("sender", &["user", "author", "from", "member", "account"]),
    ("recipient", &["to", "receiver", "addressee"]),
    ("room", &["channel", "conversation", "thread", "chat"]),
    ("session", &["stream", "call", "broadcast"]),
];

/// The known field that is probably meant by a name that is none.
pub(super) fn meant(fields: &FieldTable, name: &str) -> Option<String> {
    let name = name.to_lowercase();
    let whole = find(NAMES, &name).map(str::to_owned);
    let by_part = || {
        let (first, rest) = name.split_once('.')?;
        Some(format!("{}.{rest}", find(PARTS, first)?))
    };
    whole.or_else(by_part).filter(|meant| fields.contains(meant))
}

fn find(table: &[(&'static str, &[&str])], name: &str) -> Option<&'static str> {
    table.iter().find(|(_, names)| names.contains(&name)).map(|(meant, _)| *meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_is_meant_is_known_and_no_name_for_it_is() {
        let fields = FieldTable::canonical();
        for (meant, names) in NAMES {
            assert!(fields.contains(meant), "{meant}");
            for name in *names {
                assert!(!fields.contains(name), "{name}");
                assert_eq!(super::meant(&fields, name).as_deref(), Some(*meant), "{name}");
            }
        }
    }

    #[test]
    fn parts_of_names_mean_parts_of_fields() {
        let cases = [
            ("Author.ID", Some("sender.id")),
            ("user.age_band", Some("sender.age_band")),
            ("to.country", Some("recipient.country")),
            ("stream.e2ee", Some("session.e2ee")),
            ("user.shoe_size", None),
            ("custom.message", None),
        ];
        for (name, expected) in cases {
            assert_eq!(meant(&FieldTable::canonical(), name).as_deref(), expected, "{name}");
        }
    }
}
