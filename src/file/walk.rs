//! Walking directories by name, so that the same files give the same order everywhere.
//!
//! Hidden entries are passed over, which also makes directories work that a Kubernetes config map is mounted
//! into. Links are followed; the bound on depth ends loops of them.
#![expect(clippy::disallowed_methods, reason = "the shell reads directories")]

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Deepest nesting of directories that is searched.
const MAX_DEPTH: u32 = 32;

/// Why files could not be found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The system says no.
    #[error("{}: {error}", path.display())]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
    /// Directories nested beyond the bound.
    #[error("{}: directories nested more than {MAX_DEPTH} deep; a link that leads back?", path.display())]
    TooDeep {
        /// The deepest.
        path: PathBuf,
    },
    /// No file that is named like one of those searched for.
    #[error("{}: no {what} found (*.{})", path.display(), extensions.join(", *."))]
    Nothing {
        /// Where was searched.
        path: PathBuf,
        /// What was searched for.
        what: &'static str,
        /// The extensions by which it is known.
        extensions: &'static [&'static str],
    },
}

/// Shows every file below `directory` to `visit`, by name, hidden ones excepted.
pub fn walk(directory: &Path, visit: &mut dyn FnMut(&Path)) -> Result<(), FindError> {
    descend(directory, MAX_DEPTH, visit)
}

fn descend(directory: &Path, depth: u32, visit: &mut dyn FnMut(&Path)) -> Result<(), FindError> {
    if depth == 0 {
        return Err(FindError::TooDeep { path: directory.to_owned() });
    }
    for path in entries(directory)? {
        let metadata = fs::metadata(&path).map_err(|error| at(&path, error))?;
        if metadata.is_dir() {
            descend(&path, depth - 1, visit)?;
        } else {
            visit(&path);
        }
    }
    Ok(())
}

/// The entries of a directory by name, hidden ones excepted.
pub fn entries(directory: &Path) -> Result<Vec<PathBuf>, FindError> {
    let fail = |error| at(directory, error);
    let all = fs::read_dir(directory).map_err(fail)?;
    let paths = all.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = paths.collect::<io::Result<Vec<_>>>().map_err(fail)?;
    paths.retain(|path| !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")));
    paths.sort();
    Ok(paths)
}

fn at(path: &Path, error: io::Error) -> FindError {
    FindError::Read { path: path.to_owned(), error }
}
