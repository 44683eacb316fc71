//! The built-in mappings, one table each.
//!
//! They follow the public documentation of the shapes that they name and take only what rules and flags
//! use. A platform whose events differ starts from the nearest and overrides entries in its configuration.

use super::Mapping;

type Pairs = &'static [(&'static str, &'static str)];

/// A mapping as a constant.
pub(super) struct Table {
    sources: &'static [(&'static str, &'static [&'static str])],
    constants: Pairs,
    types: Pairs,
    unwrap: &'static [&'static str],
    any_object: bool,
    identifies: bool,
}

const PLAIN: Table =
    Table { sources: &[], constants: &[], types: &[], unwrap: &[], any_object: false, identifies: true };

pub(super) const CANONICAL: Table = PLAIN;

/// The message object; the gateway wraps it in `d` and names the dispatch in `t`. The object's own numeric
/// `type` tells messages that people wrote (0, 19 and so on) from those the service writes.
pub(super) const DISCORD: Table = Table {
    sources: &[
        ("text", &["content"]),
        ("time", &["edited_timestamp", "timestamp"]),
        ("type", &["t", "type"]),
        ("lang", &["locale"]),
        ("sender.id", &["author.id"]),
        ("sender.name", &["author.global_name", "author.username"]),
        ("recipient.id", &["recipient.id"]),
        ("room.id", &["channel_id"]),
        ("room.topic", &["channel.topic"]),
        ("tenant", &["guild_id"]),
    ],
    constants: &[("platform", "discord")],
    types: &[
        ("MESSAGE_CREATE", "chat.message"),
        ("MESSAGE_UPDATE", "chat.edited"),
        ("MESSAGE_DELETE", "chat.deleted"),
        ("0", "chat.message"),
        ("19", "chat.message"),
        ("20", "chat.message"),
        ("21", "chat.message"),
        ("23", "chat.message"),
    ],
    unwrap: &["d"],
    ..PLAIN
};

/// The notification: `subscription` and `event`, which a web socket wraps in `payload` beside `metadata`.
/// The broadcaster is host, hence recipient: so `pair.id` joins a viewer's messages and gifts to one host. A gift has
/// no id of its own; `event.id` is a stream's.
pub(super) const TWITCH: Table = Table {
    sources: &[
        ("id", &["event.message_id", "metadata.message_id", "event.id"]),
        ("text", &["event.message.text", "event.message"]),
        ("time", &["metadata.message_timestamp", "event.started_at"]),
        ("type", &["metadata.subscription_type", "subscription.type"]),
        ("sender.id", &["event.chatter_user_id", "event.user_id"]),
        ("sender.name", &["event.chatter_user_name", "event.user_name"]),
        ("recipient.id", &["event.broadcaster_user_id"]),
        ("recipient.name", &["event.broadcaster_user_name"]),
        ("room.id", &["event.broadcaster_user_id"]),
        ("room.topic", &["event.title"]),
        ("session.id", &["event.id"]),
        ("session.host.id", &["event.broadcaster_user_id"]),
        ("payment.amount_minor", &["event.bits"]),
    ],
    constants: &[("platform", "twitch"), ("room.kind", "live_chat")],
    types: &[
        ("channel.chat.message", "chat.message"),
        ("channel.chat.message_delete", "chat.deleted"),
        ("channel.cheer", "gift"),
        ("stream.online", "session.started"),
        ("stream.offline", "session.ended"),
    ],
    unwrap: &["payload"],
    ..PLAIN
};

/// The names under which logs of all kinds keep their text and time. What they call `id` may be a person's or a
/// log line's kind: events that shared it would be taken for one.
pub(super) const GENERIC: Table = Table {
    sources: &[
        ("text", &["text", "message", "content", "body"]),
        ("time", &["time", "timestamp", "@timestamp", "ts"]),
    ],
    any_object: true,
    identifies: false,
    ..PLAIN
};

impl Table {
    /// The mapping as a value.
    pub(super) fn to_mapping(&self) -> Mapping {
        let own = |pairs: Pairs| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let paths = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
        Mapping {
            sources: self.sources.iter().map(|(path, from)| ((*path).to_owned(), paths(from))).collect(),
            constants: own(self.constants),
            types: own(self.types),
            unwrap: paths(self.unwrap),
            any_object: self.any_object,
            identifies: self.identifies,
            plain_text: false,
        }
    }
}
