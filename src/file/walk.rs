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

/// What a walk comes by.
#[derive(Debug)]
pub enum Met<'a> {
    /// A directory, before what is in it.
    Directory(&'a Path),
    /// A file, or something that cannot be looked at, such as a link that leads nowhere: whoever wants a file of
    /// that name will be told why when it is opened.
    File(&'a Path, Option<&'a fs::Metadata>),
    /// A directory that cannot be read.
    Refused(FindError),
}

/// Shows every file below `directory` to `visit`, by name, hidden ones excepted. Fails if any directory cannot be
/// read.
pub fn walk(directory: &Path, visit: &mut dyn FnMut(&Path)) -> Result<(), FindError> {
    let mut refused = None;
    tour(directory, &mut |met| match met {
        Met::Directory(_) => {}
        Met::File(path, _) => visit(path),
        Met::Refused(error) => drop(refused.get_or_insert(error)),
    });
    refused.map_or(Ok(()), Err)
}

/// Shows `path` and everything below it to `visit`, by name, hidden entries excepted, whatever cannot be read.
pub fn tour(path: &Path, visit: &mut dyn FnMut(Met<'_>)) {
    let mut walk = Walk { entered: BTreeSet::new(), visit };
    match fs::metadata(path) {
        Ok(own) => walk.meet(path, Some(&own), MAX_DEPTH),
        Err(error) => (walk.visit)(Met::Refused(at(path, error))),
    }
}

struct Walk<'v> {
    /// The directories that were entered, by device and number.
    entered: BTreeSet<(u64, u64)>,
    visit: &'v mut dyn FnMut(Met<'_>),
}

impl Walk<'_> {
    fn meet(&mut self, path: &Path, own: Option<&fs::Metadata>, depth: u32) {
        match own {
            Some(own) if own.is_dir() => self.descend(path, own, depth),
            _ => (self.visit)(Met::File(path, own)),
        }
    }

    fn descend(&mut self, directory: &Path, own: &fs::Metadata, depth: u32) {
        if depth == 0 {
            return (self.visit)(Met::Refused(FindError::TooDeep { path: directory.to_owned() }));
        }
        if !self.entered.insert((own.dev(), own.ino())) {
            return;
        }
        (self.visit)(Met::Directory(directory));
        let paths = match entries(directory) {
            Ok(paths) => paths,
            Err(error) => return (self.visit)(Met::Refused(error)),
        };
        for path in paths {
            self.meet(&path, fs::metadata(&path).ok().as_ref(), depth - 1);
        }
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
