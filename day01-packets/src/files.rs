//! The files that a program of ours writes: none in the place of one that is there, unless the user
//! says so.

use std::fs::File;
use std::io;
use std::path::Path;

/// Creates a file for `what`, so that a name that cannot be used is known before anything is
/// printed.
///
/// # Errors
///
/// The file exists and `force` is not set, or it cannot be created.
pub fn create(what: &str, path: &Path, force: bool) -> anyhow::Result<File> {
    let file = if force { File::create(path) } else { File::create_new(path) };
    match file {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => anyhow::bail!(
            "the {what} was not written: {path:?} exists; \
             give another name, or --force to replace it"
        ),
        Err(error) => anyhow::bail!(
            "cannot create the {what} {path:?}: {error}; \
             give the name of a file that you may write"
        ),
        Ok(file) => Ok(file),
    }
}
