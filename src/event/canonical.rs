//! The canonical event as data: its fields with their types and meanings, and its types with theirs.
//!
//! Everything that is known of a field stands in its row, so the page for people (`rules/FIELDS.md`) cannot drift
//! from what the decoder does. Words in backquotes are the values that bundled rules and the generator use; the
//! program holds no event to them.

use super::FieldType::{self, Bool, Keyword, Number, Text, Time};

/// Path, type, and what it says.
pub(super) type Row = (&'static str, FieldType, &'static str);

/// The roles that a person has in an event; each has the fields of [`PERSON`].
pub(super) const ROLES: &[(&str, &str)] = &[
    ("sender", "who writes, speaks, watches, pays or acts"),
    ("recipient", "to whom: the addressee, the host who is watched, the payee"),
    ("session.host", "who holds the stream or call"),
];

/// What an event says of a person.
pub(super) const PERSON: &[Row] = &[
    ("id", Keyword, "The account's id on the platform, or the pseudonym in its place."),
    ("name", Text, "The name that others see."),
    ("age_band", Keyword, "`under13`, `13-15`, `16-17`, `adult` or `unknown`."),
    (
        "age_assurance",
        Keyword,
        "How the age is known: `unknown`, `declared_minor` or `declared_adult` (the person said so), `assured_adult` \
         (somebody checked).",
    ),
    ("account_age_days", Number, "How old the account is, in days."),
    ("country", Keyword, "The country and nothing finer, usually two letters such as `AU`."),
    (
        "tz_offset_min",
        Number,
        "By how many minutes the person's clock is ahead of UTC: `480` in Manila, `-300` in Lima.",
    ),
    ("device_cluster", Keyword, "Id of a group of devices that the platform believes to belong together."),
    ("prior_actions_count", Number, "How often the platform has acted against the account before."),
    ("distinct_hosts_7d", Number, "With how many different hosts the person had to do in the last 7 days."),
    ("distinct_hosts_30d", Number, "The same in the last 30 days."),
    ("first_contact_at", Time, "When the person first had to do with this host."),
];

/// All other fields. Those that the decoder computes are here too.
pub(super) const FIELDS: &[Row] = &[
    (
        "id",
        Keyword,
        "The event's id on the platform; an edit has its message's id. Without one, an event is known by its place in \
         the log.",
    ),
    (
        "time",
        Time,
        "When it happened: `2026-11-23T10:00:00Z` (RFC 3339, UTC where no offset is written), or seconds, milliseconds \
         or finer since 1970, told apart by their size. Where it is missing, or more than 5 minutes later \
         than the record's own, that of the record is taken.",
    ),
    (
        "time.resolved",
        Time,
        "The time that the event is taken to have: `time`, or what is taken instead of it.",
    ),
    (
        "type",
        Keyword,
        "What happened: one of the event types below. With a text and no type: `chat.message`.",
    ),
    ("text", Text, "What was written or said."),
    ("lang", Keyword, "The language of the text as the platform states it, such as `en` or `tl`."),
    ("platform", Keyword, "Name of the platform or product."),
    ("tenant", Keyword, "Which community or customer, on a platform that has several."),
    ("schema_version", Keyword, "Version of the platform's own event format. Wardline makes nothing of it."),
    ("ingest_at", Time, "When the platform's systems took the event in. Wardline makes nothing of it."),
    ("room.id", Keyword, "Id of the room, channel or conversation."),
    ("room.kind", Keyword, "`direct` (two people), `group` or `live_chat` (beside a stream)."),
    ("room.topic", Text, "The room's title or topic."),
    ("room.participants", Keyword, "Ids of the people in it, a list."),
    ("session.id", Keyword, "Id of the stream or call."),
    ("session.title", Text, "Its title."),
    (
        "session.visibility",
        Keyword,
        "`public`, `unlisted` (whoever has the link), `invite` (whoever was invited) or `one_to_one` (one viewer).",
    ),
    (
        "session.paid",
        Keyword,
        "`none`, `entry` (paid to come in), `tip`, `subscription` or `external_suspected` (the platform suspects \
         payment elsewhere).",
    ),
    ("session.scheduled", Bool, "Whether it was planned beforehand."),
    ("session.planned_duration_s", Number, "How long it was to last, in seconds."),
    ("session.duration_s", Number, "How long it lasted, in seconds."),
    ("session.peak_viewers", Number, "The most viewers at one moment."),
    ("session.distinct_viewers", Number, "How many different people watched."),
    ("session.viewers", Keyword, "Ids of the viewers, a list."),
    ("session.recording_enabled", Bool, "Whether it is recorded."),
    ("session.chat_enabled", Bool, "Whether there is a chat beside it."),
    ("session.chat_deleted_after", Bool, "Whether that chat was deleted afterwards."),
    ("session.e2ee", Bool, "Whether it is encrypted from end to end."),
    ("payment.id", Keyword, "Id of the payment or gift."),
    ("payment.amount_minor", Number, "The amount in the smallest unit of its currency: `2000` is 20 euros."),
    ("payment.currency", Keyword, "The currency, three letters such as `EUR`."),
    ("payment.amount_band", Keyword, "A range for the amount, in words of the platform's own."),
    (
        "payment.rail",
        Keyword,
        "How it was paid: `platform_wallet`, `card`, `gift_card`, `crypto`; or what was only talked of, \
         `remittance_mentioned` or `ewallet_mentioned`.",
    ),
    (
        "payment.description_hash",
        Keyword,
        "A digest of what the payer wrote with it, which shows that two payments say the same, not what.",
    ),
    (
        "pair.id",
        Keyword,
        "Sender and recipient as one, whoever of them writes: from `sender.id` and `recipient.id`.",
    ),
    (
        "sender.hour_local",
        Number,
        "The hour of the day where the sender is, `0` to `23`: from `time` and `sender.tz_offset_min`.",
    ),
    ("text.length", Number, "How many characters `text` has; of several texts, the longest."),
    (
        "text.obfuscated",
        Bool,
        "Whether `text` is disguised: a word mixes scripts, signs stand for letters in it, or letters stand apart; of \
         several texts, whether any is.",
    ),
];

/// Event types and what happened.
pub(super) const TYPES: &[(&str, &str)] = &[
    ("chat.message", "Somebody wrote a message."),
    ("chat.edited", "A message was changed: `text` is the new one, `time` that of the change."),
    ("chat.deleted", "A message was deleted."),
    ("transcript.segment", "Something was said, and written down by a machine or a person."),
    ("payment", "Money was paid."),
    ("gift", "A gift was sent that costs money."),
    ("session.scheduled", "A stream or call was planned."),
    ("session.started", "It began."),
    ("session.ended", "It ended."),
    ("viewer.joined", "Somebody began to watch."),
    ("viewer.left", "Somebody stopped watching."),
    ("visibility.changed", "The session was opened to more people or closed to some: `session.visibility`."),
    ("call.started", "A call began."),
    ("recording.state", "Recording was turned on or off: `session.recording_enabled`."),
    ("account.action", "The platform acted against an account."),
    ("report.filed", "Somebody reported a person or a message."),
];

/// The canonical event types.
pub fn event_types() -> impl Iterator<Item = &'static str> + Clone {
    TYPES.iter().map(|(kind, _)| *kind)
}

/// Fields that hold one of the words that their meanings name, and nothing else.
const CLOSED: &[&str] = &["age_band"];

/// The values that a canonical field can have, if they are few and known.
pub(crate) fn vocabulary(path: &str) -> Option<Vec<&'static str>> {
    if path == "type" {
        return Some(event_types().collect());
    }
    let last = path.rsplit('.').next()?;
    let (.., meaning) = fields().find(|(known, ..)| known == path && CLOSED.contains(&last))?;
    Some(meaning.split('`').skip(1).step_by(2).collect())
}

/// Every canonical field by its whole path.
pub(super) fn fields() -> impl Iterator<Item = (String, FieldType, &'static str)> {
    let of_person = ROLES.iter().flat_map(|(role, _)| {
        PERSON.iter().map(move |(path, kind, meaning)| (format!("{role}.{path}"), *kind, *meaning))
    });
    let others = FIELDS.iter().map(|(path, kind, meaning)| ((*path).to_owned(), *kind, *meaning));
    others.chain(of_person)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_fields_hold_the_words_of_their_meanings() {
        let bands = ["under13", "13-15", "16-17", "adult", "unknown"];
        assert_eq!(vocabulary("session.host.age_band").as_deref(), Some(&bands[..]));
        assert_eq!(vocabulary("type").map(|types| types.len()), Some(TYPES.len()));
        for open in ["payment.rail", "room.kind", "custom.age_band", "sender.id"] {
            assert_eq!(vocabulary(open), None, "{open}");
        }
    }
}
