//! The grader's work folder, `target/homework`: what it builds, unpacks and keeps.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::Result;
use homework::messages::{Explain as _, Message, message};

/// The work folder. Only one grader uses it at a time.
pub struct WorkFolder {
    pub path: PathBuf,
    /// The lock is released when the file is closed.
    _lock: File,
}

impl WorkFolder {
    /// Locks the work folder of the workspace at `root`. Reports when it has to wait for another
    /// grader.
    pub fn lock(root: &Path, progress: impl Fn(&Message)) -> Result<WorkFolder> {
        let path = root.join("target/homework");
        let unwritable = || message!("cannot-write", file = path.display());
        fs::create_dir_all(&path).explain(unwritable())?;
        let lock = File::create(path.join("lock")).explain(unwritable())?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => {
                progress(&message!("waiting-for-grader"));
                lock.lock()?;
            }
            locked => locked?,
        }
        Ok(WorkFolder { path, _lock: lock })
    }
}
