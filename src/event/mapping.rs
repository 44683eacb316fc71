//! From a platform's own field names to the canonical ones.
//!
//! A mapping is data: for each canonical path the source paths to read it from (the first that is present
//! and not null wins), constants for what the platform never says, and new names for values of `type`. The
//! decoder compiles it into the same trie that projects the fields, so mapping costs nothing per event:
//! rewriting each event into the canonical shape first was rejected for that. Paths without an entry are
//! read under their own name, so a rule can always name a platform's own field.

mod presets;

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// How a platform's events are read as canonical events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    sources: BTreeMap<String, Vec<String>>,
    constants: BTreeMap<String, String>,
    types: BTreeMap<String, String>,
    unwrap: Vec<String>,
    any_object: bool,
    identifies: bool,
    plain_text: bool,
}

/// The shapes that need no configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Wardline's own event.
    #[default]
    Canonical,
    /// A message object as Discord's API gives it, bare or in a gateway dispatch (`t`, `d`).
    Discord,
    /// An `EventSub` notification of Twitch, from a web hook or a web socket.
    Twitch,
    /// Any JSON object of any product; needs neither type nor text. Its `id` may be that of anything, so events are
    /// known by their positions unless the configuration says where their ids stand.
    Generic,
}

/// A mapping as a configuration writes it: a preset, and what is different. Entries replace the preset's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MappingSpec {
    /// What to start from.
    pub preset: Preset,
    /// Canonical path → source paths, the first that is present and not null wins.
    pub fields: BTreeMap<String, Vec<String>>,
    /// Canonical path → value of events that do not say.
    pub constants: BTreeMap<String, String>,
    /// Value of `type` as the platform writes it → canonical value.
    pub types: BTreeMap<String, String>,
    /// Paths of objects that wrap the event; each path is looked for at the top and then inside these.
    /// None takes the preset's.
    pub unwrap: Option<Vec<String>>,
}

/// Why a mapping makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// A path is empty or has an empty segment.
    #[error("mapping: `{0}` is no dotted path; write segments joined by single dots, as in `author.id`")]
    Path(String),
    /// A field has no source, or more sources than can be ranked.
    #[error("mapping: `{field}` has {count} source paths; give between 1 and {}", Mapping::MAX_SOURCES)]
    Sources {
        /// The canonical path.
        field: String,
        /// How many sources it has, counted once at the top and once in each wrapper.
        count: usize,
    },
    /// More wrappers than sources can be ranked, even of a field that has one source.
    #[error("mapping: {count} wrappers; give at most {}", Mapping::MAX_SOURCES - 1)]
    Wrappers {
        /// How many.
        count: usize,
    },
}

impl Mapping {
    /// Most source paths a field may have, counted once at the top and once in each wrapper.
    pub const MAX_SOURCES: usize = 200;

    /// The mapping of a preset.
    pub fn preset(preset: Preset) -> Mapping {
        let mapping = match preset {
            Preset::Canonical => presets::CANONICAL,
            Preset::Discord => presets::DISCORD,
            Preset::Twitch => presets::TWITCH,
            Preset::Generic => presets::GENERIC,
        };
        mapping.to_mapping()
    }

    /// The canonical shape: every field under its own name.
    pub fn canonical() -> Mapping {
        Mapping::preset(Preset::Canonical)
    }

    /// No JSON at all: each record is the text of a message.
    pub fn plain_text() -> Mapping {
        Mapping { plain_text: true, ..Mapping::canonical() }
    }

    /// The mapping that a configuration describes.
    pub fn from_spec(spec: &MappingSpec) -> Result<Mapping, MappingError> {
        let mut mapping = Mapping::preset(spec.preset);
        let own = |map: &BTreeMap<String, String>| map.clone().into_iter();
        mapping.sources.extend(spec.fields.clone());
        mapping.constants.extend(own(&spec.constants));
        mapping.types.extend(own(&spec.types));
        mapping.identifies |= spec.fields.contains_key("id");
        if let Some(unwrap) = &spec.unwrap {
            mapping.unwrap.clone_from(unwrap);
        }
        mapping.checked()
    }

    /// Whether events without type and text are events too.
    pub fn takes_any_object(&self) -> bool {
        self.any_object
    }

    /// Whether an `id` is the event's own: only then does it identify the event.
    pub(super) fn identifies(&self) -> bool {
        self.identifies
    }

    /// Whether records are texts, not JSON.
    pub(super) fn is_plain_text(&self) -> bool {
        self.plain_text
    }

    /// Canonical paths that are read from elsewhere, each with its source paths, most wanted first.
    pub(super) fn sources(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.sources.iter().map(|(path, from)| (path.as_str(), from.as_slice()))
    }

    /// Values of `type` as the platform writes them, and the canonical ones.
    pub(super) fn types(&self) -> impl Iterator<Item = (&str, &str)> {
        self.types.iter().map(|(own, canonical)| (own.as_str(), canonical.as_str()))
    }

    /// Paths of objects that wrap the event.
    pub(super) fn wrappers(&self) -> &[String] {
        &self.unwrap
    }

    /// The source paths of a canonical path and of all below it.
    pub(super) fn sources_below(&self, path: &str) -> Vec<String> {
        let below = self.sources.keys().filter(|known| is_below(known, path));
        let all = std::iter::once(path).chain(below.map(String::as_str));
        all.flat_map(|path| self.sources_of(path)).collect()
    }

    /// The source paths of a canonical path, most wanted first, those inside wrappers included.
    pub(super) fn sources_of(&self, path: &str) -> Vec<String> {
        let own = [path.to_owned()];
        let sources = self.sources.get(path).map_or(&own[..], Vec::as_slice);
        let spread = sources.iter().flat_map(|source| {
            let wrapped = self.unwrap.iter().map(move |wrapper| format!("{wrapper}.{source}"));
            std::iter::once(source.clone()).chain(wrapped)
        });
        spread.collect()
    }

    /// Canonical paths and the values of events that do not say.
    pub(super) fn constants(&self) -> impl Iterator<Item = (&str, &str)> {
        self.constants.iter().map(|(path, value)| (path.as_str(), value.as_str()))
    }

    /// Whether the field can get a value that no source gives: by a constant, or because it is the type or text.
    pub(super) fn has_default(&self, path: &str) -> bool {
        self.constants.contains_key(path) || path == "type" || path == "text"
    }

    /// The canonical name of a value of `type`, if it has another.
    pub(super) fn rename_type(&self, kind: &str) -> Option<&str> {
        self.types.get(kind).map(String::as_str)
    }

    fn checked(self) -> Result<Mapping, MappingError> {
        let sources = self.sources.values().flatten();
        let paths = sources.chain(self.sources.keys()).chain(self.constants.keys()).chain(&self.unwrap);
        if let Some(bad) = paths.into_iter().find(|path| path.split('.').any(str::is_empty)) {
            return Err(MappingError::Path(bad.clone()));
        }
        if self.unwrap.len() >= Mapping::MAX_SOURCES {
            return Err(MappingError::Wrappers { count: self.unwrap.len() });
        }
        for (field, sources) in &self.sources {
            let count = sources.len() * (1 + self.unwrap.len());
            if count == 0 || count > Mapping::MAX_SOURCES {
                return Err(MappingError::Sources { field: field.clone(), count });
            }
        }
        Ok(self)
    }
}

/// Whether a path leads to something within what the other leads to.
pub(super) fn is_below(path: &str, ancestor: &str) -> bool {
    path.strip_prefix(ancestor).is_some_and(|rest| rest.starts_with('.'))
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Preset::Canonical => "canonical",
            Preset::Discord => "discord",
            Preset::Twitch => "twitch",
            Preset::Generic => "generic",
        })
    }
}

#[cfg(test)]
mod tests;
