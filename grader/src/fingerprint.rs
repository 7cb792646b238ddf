//! Hashes everything that a grade depends on. A saved result with the same fingerprints is still valid.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

use anyhow::Result;
use homework::distributed_files;
use homework::messages::{Explain as _, message};

use crate::unzip::is_leftover;

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
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let mut entries: Vec<_> = fs::read_dir(&next).ok()?.collect::<Result<_, _>>().ok()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            if is_leftover(&entry.file_name().to_string_lossy()) {
                continue;
            }
            let (path, kind) = (entry.path(), entry.file_type().ok()?);
            path.strip_prefix(folder).ok()?.hash(&mut hasher);
            files += 1;
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                bytes += entry.metadata().ok()?.len();
                if files > MAX_FILES || bytes > MAX_BYTES {
                    return None;
                }
                fs::read(&path).ok()?.hash(&mut hasher);
            } else if kind.is_symlink() {
                fs::read_link(&path).ok()?.hash(&mut hasher);
            }
        }
    }
    Some(hasher.finish())
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
