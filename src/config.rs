//! The configuration: one TOML file over a complete default, environment variables over both.
//!
//! ```text
//!  default.toml ─┐
//!  FILE ─────────┼─► layers: key → value, place ─► checked (all problems at once) ─► Config
//!  WARDLINE__… ──┘
//! ```
//!
//! The embedded default names, explains and sets every key; the table in `keys` gives each its kind and
//! bounds. From the two derive the check, the environment's types and the reference page, so neither can
//! fall behind the other. A key nobody knows is an error, not a comment: a misspelt bound that silently
//! keeps its default is how a flood guard is off for a year.
//!
//! [`resolve`] is pure; [`load`] reads the file and the environment for it.
#![expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment and the configuration file"
)]

pub(crate) mod filter;
mod keys;
mod layer;
mod names;
mod page;
mod problem;
mod properties;
mod relations;
mod schema;
mod secret;
mod told;
mod typed;
mod value;

pub(crate) use keys::nearest;
pub use page::reference;
pub use problem::{Place, Problem, Problems};
pub use schema::schema;
pub use typed::{
    Client, Commit, Config, Delivery, Events, Format, Kafka, Limits, Log, OutOfRange, Properties, Pseudonyms,
    Rules, Start, Topics, Web, Workers,
};
pub use value::is_kafka_name;

use std::path::Path;

/// The default configuration: every key, commented.
pub const DEFAULT: &str = include_str!("config/default.toml");

/// The name of the default in places; no file is called so.
const BUILT_IN: &str = "<built-in default>";

/// Reads the configuration from `path`, if there is one, and from the environment.
///
/// Relative paths in the file, and those of the default beside it, are taken from its directory.
pub fn load(path: Option<&Path>) -> Result<Config, Problems> {
    let text = path.map(read).transpose()?;
    let name = path.map(|path| path.display().to_string()).unwrap_or_default();
    let file = text.as_ref().map(|text| (name.as_str(), text.as_str()));
    let variables = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        Some((name, value.to_string_lossy().into_owned()))
    });
    resolve(file, variables)
}

fn read(path: &Path) -> Result<String, Problems> {
    std::fs::read_to_string(path).map_err(|error| {
        let message = format!("cannot read the configuration file {}: {error}", path.display());
        Problems(vec![Problem::general(message)])
    })
}

/// Makes a configuration from a file's name and text and from environment variables, or says everything
/// that is wrong with them.
pub fn resolve(
    file: Option<(&str, &str)>,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<Config, Problems> {
    let mut problems = Vec::new();
    let mut settings = layer::file(BUILT_IN, DEFAULT, &mut problems);
    if let Some((name, text)) = file {
        settings.overlay(layer::file(name, text, &mut problems));
        // The default's too: a path in the file's words must not depend on whether the file repeats it.
        typed::anchor_paths(&mut settings, Path::new(name).parent());
    }
    settings.overlay(layer::environment(variables, &mut problems));
    let config = typed::build(&settings, &mut problems);
    match config {
        Some(config) if problems.is_empty() => Ok(config),
        _ => Err(Problems(problems)),
    }
}

#[cfg(test)]
mod tests;
