//! Walking directories by name, so that the same files give the same order everywhere.
//!
//! Hidden entries are passed over, which also makes directories work that a Kubernetes config map is mounted
//! into. Links are followed, but no directory is entered twice in one walk: a link that leads back, or to a
//! directory that is there anyway, adds nothing.
#![expect(clippy::disallowed_methods, reason = "the shell reads directories")]

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
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
    #[error("{}: directories nested more than {MAX_DEPTH} deep", path.display())]
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

/// Shows every file below `directory` to `visit`, by name, hidden ones excepted. What cannot be looked at, such as a
/// link that leads nowhere, is shown as well: whoever wants a file of that name will be told why when it is opened.
pub fn walk(directory: &Path, visit: &mut dyn FnMut(&Path)) -> Result<(), FindError> {
    Walk { entered: BTreeSet::new(), visit }.descend(directory, MAX_DEPTH)
}

struct Walk<'v> {
    /// The directories that were entered, by device and number.
    entered: BTreeSet<(u64, u64)>,
    visit: &'v mut dyn FnMut(&Path),
}

impl Walk<'_> {
    fn descend(&mut self, directory: &Path, depth: u32) -> Result<(), FindError> {
        if depth == 0 {
            return Err(FindError::TooDeep { path: directory.to_owned() });
        }
        let own = fs::metadata(directory).map_err(|error| at(directory, error))?;
        if !self.entered.insert((own.dev(), own.ino())) {
            return Ok(());
        }
        for path in entries(directory)? {
            if path.is_dir() {
                self.descend(&path, depth - 1)?;
            } else {
                (self.visit)(&path);
            }
        }
        Ok(())
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn stray_links_hide_nothing_and_add_nothing() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        fs::create_dir(path("real")).unwrap();
        fs::write(path("a.jsonl"), "").unwrap();
        fs::write(path("real/b.jsonl"), "").unwrap();
        symlink("nowhere", path("zz")).unwrap();
        symlink(".", path("self")).unwrap();
        symlink("real", path("same")).unwrap();
        symlink("..", path("real/up")).unwrap();
        let mut seen = Vec::new();
        walk(root.path(), &mut |file| seen.push(file.strip_prefix(root.path()).unwrap().to_owned())).unwrap();
        assert_eq!(seen, ["a.jsonl", "real/b.jsonl", "zz"].map(PathBuf::from));
    }
}
