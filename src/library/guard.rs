//! Who else could read a confidential list: everybody whom its file or a repository lets.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// Why a confidential list must not lie where it really does, or as it does; none if nothing is known against it.
pub(super) fn objection(path: &Path, metadata: &Metadata) -> Option<String> {
    open_to_others(metadata).or_else(|| {
        let repository = repository(path)?;
        let place = repository.display();
        Some(format!(
            "the list lies in the git work tree {place}, from where it may be published; move it out of there"
        ))
    })
}

#[cfg(unix)]
fn open_to_others(metadata: &Metadata) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode() & 0o777;
    (mode & 0o044 != 0).then(|| {
        format!(
            "others than its owner may read the list (mode {mode:03o}); take that away with `chmod 600`, or say in its \
             manifest that it is `redistributable`"
        )
    })
}

/// Elsewhere rights are no bits of a file.
#[cfg(not(unix))]
fn open_to_others(_metadata: &Metadata) -> Option<String> {
    None
}

/// The git work tree that a file lies in, given where it really is.
fn repository(path: &Path) -> Option<PathBuf> {
    path.ancestors().skip(1).find(|directory| directory.join(".git").exists()).map(Path::to_owned)
}
