//! The grader's own place, below the `target` folder of the repository: what it builds, unpacks and
//! keeps. One grader at a time.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The place, for as long as this is there.
#[derive(Debug)]
pub struct Place {
    /// The folder.
    pub folder: PathBuf,
    /// Keeps a second grader waiting: they would take each other's programs away.
    _lock: File,
}

impl Place {
    /// The place of the repository at `root`. Says so when it has to wait for another grader.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn alone(root: &Path, progress: impl Fn(&str)) -> Result<Place> {
        let folder = root.join("target/homework");
        let unwritable = || format!("cannot write {}", folder.display());
        fs::create_dir_all(&folder).with_context(unwritable)?;
        let lock = File::create(folder.join("lock")).with_context(unwritable)?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => {
                progress("waiting for another grader");
                lock.lock()?;
            }
            locked => locked?,
        }
        Ok(Place { folder, _lock: lock })
    }
}
