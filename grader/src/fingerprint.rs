//! Hashes everything that a grade depends on. A saved result with the same fingerprints is still valid.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

use anyhow::{Result, bail};
use homework::distributed_files;
use homework::messages::{Explain as _, message};

use crate::file_operations::walk;
use crate::submission_reader::is_leftover;

/// Limits the files and bytes that are read of one submission. A complete student copy has 150 files.
const MAX_FILES: usize = 5_000;
const MAX_BYTES: u64 = 64 << 20;

/// Returns the fingerprint of the tests, the rubric and the grader, and of whether it uses sandboxes.
pub fn of_grader(root: &Path, sandboxed: bool) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    sandboxed.hash(&mut hasher);
    for file in distributed_files::grading_files(root)? {
        let bytes = fs::read(root.join(&file));
        let bytes = bytes.explain(message!("cannot-read", file = file.display()))?;
        (file, bytes).hash(&mut hasher);
    }
    Ok(hasher.finish())
}

/// Returns the fingerprint of a submission, or `None` if it can't be read within the limits.
pub fn of_submission(folder: &Path) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    let (mut files, mut bytes) = (0, 0);
    let hashed = walk(folder, Path::new(""), |path, kind| {
        if is_leftover(&path.file_name().unwrap_or_default().to_string_lossy()) {
            return Ok(false);
        }
        path.hash(&mut hasher);
        let full_path = folder.join(path);
        files += 1;
        if kind.is_file() {
            bytes += fs::metadata(&full_path)?.len();
            if files > MAX_FILES || bytes > MAX_BYTES {
                bail!(message!("too-many-files", count = MAX_FILES));
            }
            fs::read(full_path)?.hash(&mut hasher);
        } else if kind.is_symlink() {
            fs::read_link(full_path)?.hash(&mut hasher);
        }
        Ok(kind.is_dir())
    });
    hashed.is_ok().then(|| hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_changes_with_contents_and_names() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path();
        fs::create_dir_all(folder.join("target")).unwrap();
        fs::write(folder.join("main.rs"), "one").unwrap();
        let one = of_submission(folder).unwrap();
        fs::write(folder.join("target/built"), "built").unwrap();
        assert_eq!(of_submission(folder), Some(one));
        fs::write(folder.join("main.rs"), "two").unwrap();
        let two = of_submission(folder).unwrap();
        fs::rename(folder.join("main.rs"), folder.join("other.rs")).unwrap();
        let three = of_submission(folder).unwrap();
        assert!(one != two && two != three && one != three);
        assert_eq!(of_submission(&folder.join("missing")), None);
    }
}
