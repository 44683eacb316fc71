//! The table of configuration keys: what each may hold.
//!
//! The default file gives every key its value and its explanation, this table its kind and bounds. The
//! check of a user's file, the conversion of units and the reference page all read both; a test holds
//! them to each other, so a key cannot be added to one alone.

/// What a key holds, with its bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// Text; empty for none.
    Text,
    /// Name of a consumer group; empty for none, where one need not be named.
    Group { needed: bool },
    /// Name of a process within its group; empty for none.
    Instance,
    /// A path; empty for none.
    Path,
    /// Paths; at least one.
    Paths,
    /// Texts; at least so many.
    Texts { least: usize },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// True or false.
    Bool,
    /// A whole number.
    Integer { least: i64, most: i64 },
    /// A share from 0 to 1.
    Ratio,
    /// A duration; bounds in milliseconds.
    Duration { least: i64, most: i64 },
    /// A size; bounds in bytes.
    Size { least: i64, most: i64 },
    /// "earliest", "latest" or an RFC 3339 time.
    Start,
    /// IP address and port; empty for none.
    Address,
    /// Name of a topic.
    Topic,
    /// A directive of the log filter.
    Filter,
    /// A table of the user's own names to texts.
    Names,
    /// A table of the user's own names to a text or a list of texts.
    Sources,
    /// A table of the user's own names to field types.
    FieldTypes,
    /// A table of librdkafka properties.
    Properties,
}

impl Kind {
    /// True for tables whose keys are the user's own.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Kind::Names | Kind::Sources | Kind::FieldTypes | Kind::Properties)
    }
}

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 24 * 60 * MINUTE;
const KIB: i64 = 1_024;
const MIB: i64 = 1_024 * KIB;

/// Every key, by name.
pub(super) const KEYS: &[(&str, Kind)] = &[
    ("events.constants", Kind::Names),
    ("events.field_types", Kind::FieldTypes),
    ("events.fields", Kind::Sources),
    ("events.preset", Kind::Choice(&["canonical", "discord", "twitch", "generic"])),
    ("events.pseudonyms.fields", Kind::Texts { least: 0 }),
    ("events.pseudonyms.key_file", Kind::Path),
    ("events.pseudonyms.key_id", Kind::Text),
    ("events.types", Kind::Names),
    ("events.unwrap", Kind::Texts { least: 0 }),
    ("flags.context", Kind::Integer { least: 0, most: 8 }),
    ("kafka.brokers", Kind::Texts { least: 1 }),
    ("kafka.commit.after", Kind::Duration { least: 0, most: 10 * SECOND }),
    ("kafka.commit.at_latest", Kind::Duration { least: 1, most: 10 * SECOND }),
    ("kafka.commit.idle", Kind::Duration { least: 10, most: MINUTE }),
    ("kafka.connect_timeout", Kind::Duration { least: SECOND, most: 10 * MINUTE }),
    ("kafka.consumer.properties", Kind::Properties),
    ("kafka.correlate_group", Kind::Group { needed: false }),
    ("kafka.delivery", Kind::Choice(&["exactly-once", "at-least-once"])),
    ("kafka.group", Kind::Group { needed: true }),
    ("kafka.instance", Kind::Instance),
    ("kafka.leave_group_on_stop", Kind::Bool),
    ("kafka.message_timeout", Kind::Duration { least: SECOND, most: 15 * MINUTE }),
    ("kafka.out_of_range", Kind::Choice(&["fail", "continue"])),
    ("kafka.producer.properties", Kind::Properties),
    ("kafka.properties", Kind::Properties),
    ("kafka.request_timeout", Kind::Duration { least: 500, most: MINUTE }),
    ("kafka.session_timeout", Kind::Duration { least: SECOND, most: 30 * MINUTE }),
    ("kafka.start", Kind::Start),
    ("kafka.stop_timeout", Kind::Duration { least: SECOND, most: 10 * MINUTE }),
    ("kafka.transaction_timeout", Kind::Duration { least: SECOND, most: 15 * MINUTE }),
    ("kafka.watchdog", Kind::Duration { least: SECOND, most: 30 * MINUTE }),
    ("limits.dead_letter_minimum", Kind::Integer { least: 1, most: 1_000_000_000 }),
    ("limits.dead_letter_ratio", Kind::Ratio),
    ("limits.dead_letter_window", Kind::Duration { least: SECOND, most: DAY }),
    ("limits.flags_per_minute", Kind::Integer { least: 0, most: 1_000_000_000 }),
    ("limits.max_commit_age", Kind::Duration { least: SECOND, most: DAY }),
    ("limits.max_dead_letter_size", Kind::Size { least: KIB, most: 100 * MIB }),
    ("limits.max_flag_size", Kind::Size { least: 16 * KIB, most: 100 * MIB }),
    ("limits.max_tail_size", Kind::Size { least: 64 * KIB, most: 1_024 * MIB }),
    ("limits.window_grace", Kind::Duration { least: MINUTE, most: 30 * 24 * 60 * MINUTE }),
    ("log.format", Kind::Choice(&["text", "json"])),
    ("log.level", Kind::Filter),
    ("rules.lists", Kind::Path),
    ("rules.paths", Kind::Paths),
    ("rules.policy", Kind::Path),
    ("rules.reload", Kind::Bool),
    ("rules.reload_after", Kind::Duration { least: 10, most: 5 * MINUTE }),
    ("rules.sample", Kind::Path),
    ("topics.create", Kind::Bool),
    ("topics.dead_letters", Kind::Topic),
    ("topics.flags", Kind::Topic),
    ("topics.hits", Kind::Topic),
    ("topics.input", Kind::Topic),
    ("topics.partitions", Kind::Integer { least: 0, most: 100_000 }),
    ("topics.replication", Kind::Integer { least: 0, most: 100 }),
    ("topics.shadow", Kind::Topic),
    ("topics.windows", Kind::Topic),
    ("web.listen", Kind::Address),
    ("workers.batch", Kind::Integer { least: 1, most: 100_000 }),
    ("workers.count", Kind::Integer { least: 0, most: 1_024 }),
];

/// The kind of `key`.
pub(super) fn kind_of(key: &str) -> Option<Kind> {
    KEYS.iter().find(|(known, _)| *known == key).map(|(_, kind)| *kind)
}

/// The open table that `key` lies in, with the rest of the key.
pub(super) fn open_table(key: &str) -> Option<(&'static str, Kind, &str)> {
    KEYS.iter().filter(|(_, kind)| kind.is_open()).find_map(|(table, kind)| {
        let rest = key.strip_prefix(table)?.strip_prefix('.')?;
        Some((*table, *kind, rest))
    })
}

/// True if `path` is a table of this configuration, open or not.
pub(super) fn is_table(path: &str) -> bool {
    KEYS.iter().any(|(key, kind)| {
        (*key == path && kind.is_open()) || key.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
    })
}

/// The known name nearest to `name` among `known`, if one is near enough to be meant.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distances = known.map(|candidate| (strsim::osa_distance(name, candidate), candidate));
    let (distance, candidate) = distances.min()?;
    (distance <= 2.max(name.chars().count() / 3)).then_some(candidate)
}
