//! Which lists there are and how they stand, and ridding the disk of those that may not be kept.
//!
//! Organisations that give lists to their members ask that an edition be deleted when its time is over. From then on no entry
//! of it is looked for anyway, but the file is still there. Deleted is only what its manifest describes and
//! says to be over: a list of another sum may be the new edition, whose manifest is still to come.
//!
//! Rules that take a list in cannot be loaded without it. So where a rule names the list its manifest stays: it holds no entry,
//! and a manifest that is over, without a list beside it, is an expired list.

use super::{
    LibraryError, MANIFEST, Sources, at, distinct, list, list_bytes, list_files, list_name, own_folders,
    read_manifest, read_rules,
};
use crate::clock::now_ms;
use crate::file::entries;
use crate::rule::SourceMap;
use crate::rule::list::{Edition, List, State};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// How a list stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// A part of the rules, of which nothing has to be stated.
    Open,
    /// It lies outside the rules and states nothing.
    Unstated,
    /// In use.
    Current,
    /// In use, and probably replaced by another edition.
    Stale,
    /// Its time is over, and its file is still there.
    Expired,
    /// Its time is over, and only its manifest is left.
    Purged,
    /// It cannot be used: why.
    Unusable(String),
}

impl Standing {
    /// In a word.
    pub fn name(&self) -> &'static str {
        match self {
            Standing::Open => "open",
            Standing::Unstated => "unstated",
            Standing::Current => "current",
            Standing::Stale => "stale",
            Standing::Expired => "expired",
            Standing::Purged => "purged",
            Standing::Unusable(_) => "unusable",
        }
    }
}

/// A list, without its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its file; of one that is purged, its manifest.
    pub file: PathBuf,
    /// Its issuer's name of the edition.
    pub version: Option<String>,
    /// How many entries it has.
    pub entries: Option<usize>,
    /// The last day on which it may be used.
    pub expires: Option<String>,
    /// How it stands.
    pub standing: Standing,
    /// A rule file that names it.
    pub named_in: Option<String>,
}

impl Listed {
    /// The files to delete, if its time is over: the list, by all names that are known of it, and its manifest if no rule
    /// needs that.
    pub fn doomed(&self) -> Vec<PathBuf> {
        let own = match self.standing {
            Standing::Expired => with_target(&self.file),
            Standing::Purged if self.named_in.is_none() => return with_target(&self.file),
            _ => return Vec::new(),
        };
        let mut doomed = own.clone();
        if self.named_in.is_none() {
            let manifests = own.iter().map(|file| file.with_extension(MANIFEST));
            doomed.extend(manifests.filter(|file| file.exists()).flat_map(|file| with_target(&file)));
            let mut seen = std::collections::BTreeSet::new();
            doomed.retain(|file| seen.insert(file.clone()));
        }
        doomed
    }
}

/// What a link leads to, before the link.
fn with_target(file: &Path) -> Vec<PathBuf> {
    let target = fs::canonicalize(file).ok();
    let is_link = fs::symlink_metadata(file).is_ok_and(|metadata| metadata.is_symlink());
    target.into_iter().filter(|_| is_link).chain([file.to_owned()]).collect()
}

/// Deletes a file. One that is gone already is no failure.
pub fn delete(file: &Path) -> Result<(), LibraryError> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(file, error)),
        _ => Ok(()),
    }
}

/// All lists that the rules at `paths` may name, also those that others in `lists` replace.
pub fn survey(paths: &[PathBuf], lists: Option<&Path>) -> Result<Vec<Listed>, LibraryError> {
    survey_at(paths, lists, now_ms())
}

/// The same at that time, in milliseconds since the epoch.
pub fn survey_at(paths: &[PathBuf], lists: Option<&Path>, now: i64) -> Result<Vec<Listed>, LibraryError> {
    let mut sources = Sources::default();
    let beside = read_rules(paths, &mut sources)?;
    let own = own_folders(paths, &beside);
    let directories = distinct(beside.into_iter().chain(lists.map(Path::to_owned)).collect());
    let mut found = Vec::new();
    for directory in &directories {
        for file in list_files(directory)? {
            found.push(listed(file, &own, &sources.map, now));
        }
    }
    for (name, file, edition) in purged(&directories, now)? {
        let named_in = named_in(&sources.map, &name);
        let (version, expires) = (Some(edition.version), None);
        found.push(Listed {
            name,
            file,
            version,
            entries: None,
            expires,
            standing: Standing::Purged,
            named_in,
        });
    }
    found.sort_by(|one, other| (&one.name, &one.file).cmp(&(&other.name, &other.file)));
    Ok(found)
}

fn listed(file: PathBuf, own: &[PathBuf], map: &SourceMap, now: i64) -> Listed {
    let name = list_name(&file);
    let bytes = list_bytes(&file).map(|(bytes, _)| bytes).unwrap_or_default();
    let text = String::from_utf8(bytes.clone()).unwrap_or_default();
    let entries = List::parse(&name, &text).ok().map(|list| list.entries().len());
    let real = fs::canonicalize(&file).unwrap_or_else(|_| file.clone());
    let outside = !own.iter().any(|folder| real.starts_with(folder));
    let manifest = [&file, &real].into_iter().find_map(|file| read_manifest(file).ok().flatten());
    let edition = manifest.as_ref().and_then(|manifest| manifest.edition(&bytes, now).ok());
    // Where it lies and who may read it is no reason to keep what is over.
    let standing = match edition {
        Some(Edition { state: State::Expired, .. }) => Standing::Expired,
        _ => match list(&name, (&file, &real), outside, now) {
            Err(error) => Standing::Unusable(error.to_string()),
            Ok(list) if list.edition().is_none() && outside => Standing::Unstated,
            Ok(list) if list.edition().is_none() => Standing::Open,
            Ok(list) if list.state() == State::Stale => Standing::Stale,
            Ok(_) => Standing::Current,
        },
    };
    let named_in = named_in(map, &name);
    let (version, expires) = manifest.map(|manifest| (manifest.version, manifest.expires)).unzip();
    Listed { name, file, version, entries, expires: expires.flatten(), standing, named_in }
}

/// The first rule file that holds the list's name as `expand` takes it, be it in a comment.
fn named_in(map: &SourceMap, name: &str) -> Option<String> {
    let placeholder = format!("%{name}%");
    map.iter().find(|(_, file)| file.text().contains(&placeholder)).map(|(_, file)| file.name().to_string())
}

/// The manifests without a list beside them whose time is over, with the name of the list. Others say nothing.
pub(super) fn purged(
    directories: &[PathBuf],
    now: i64,
) -> Result<Vec<(String, PathBuf, Edition)>, LibraryError> {
    let mut found = Vec::new();
    for directory in directories.iter().filter(|directory| directory.is_dir()) {
        for file in entries(directory)? {
            let shown = file.file_name().unwrap_or_default().to_string_lossy();
            let Some(name) = shown.strip_suffix(MANIFEST).and_then(|name| name.strip_suffix('.')) else {
                continue;
            };
            let list = directory.join(format!("{name}.txt"));
            if fs::symlink_metadata(&list).is_ok() {
                continue;
            }
            let manifest = read_manifest(&list).ok().flatten();
            let edition = manifest.and_then(|manifest| manifest.unseen(now).ok());
            let over = edition.filter(|edition| edition.state == State::Expired);
            found.extend(over.map(|edition| (name.to_owned(), file.clone(), edition)));
        }
    }
    Ok(found)
}
