//! The rules of the service as the configuration names them, and their first load, which must succeed.
//!
//! Later loads may fail; they are the watcher's ([`Recipe::follow`]).

use super::Ending;
use crate::cli::{exit, render, rules::count};
use crate::config::Config;
use crate::telemetry::Telemetry;
use crate::watch::{LoadError, Recipe};
use crate::worker::stage::Program;
use std::sync::Arc;

/// Where the rules come from, and how events are read for them.
pub(super) fn recipe(config: &Config) -> Result<Recipe, String> {
    let reading = crate::cli::rules::reading(config)?;
    let (paths, lists) = (config.rules.paths.clone(), config.rules.lists.clone());
    Ok(Recipe { paths, lists, reading, limits: crate::cli::rules::limits(Some(config))? })
}

/// The rules to start with. What is wrong with them is shown as `wardline check` shows it.
pub(super) fn first(recipe: &Recipe, telemetry: &Telemetry) -> Result<Arc<Program>, Ending> {
    recipe.first(telemetry).map_err(|error| match error {
        LoadError::Files(error) => {
            Ending::new(exit::BAD_INPUT, format!("{error}; rules.paths and rules.lists say where rules lie"))
        }
        LoadError::Rules(sources, diagnostics) => {
            let (errors, _) = render::counts(&diagnostics);
            let shown = render::text(&sources.map, &diagnostics, false);
            Ending::new(
                exit::BAD_INPUT,
                format!("the rules have {}\n\n{}", count(errors, "error"), shown.trim_end()),
            )
        }
    })
}
