//! What marks depend on, in one number: as long as it is the same, so are they.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

use anyhow::{Context, Result};
use homework::workspace_files;

use crate::unzip::is_left_out;

/// The most files and bytes of a folder that are looked at. A homework has 150.
const MOST_FILES: usize = 5_000;
const MOST_BYTES: u64 = 64 << 20;

/// The fingerprint of what marks.
///
/// # Errors
///
/// It cannot be read.
pub fn of_ours(root: &Path, is_in_boxes: bool) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    is_in_boxes.hash(&mut hasher);
    for file in workspace_files::grading_files(root)? {
        let bytes = fs::read(root.join(&file));
        let bytes = bytes.with_context(|| format!("cannot read {}", file.display()))?;
        (file, bytes).hash(&mut hasher);
    }
    Ok(hasher.finish())
}

/// The fingerprint of what was handed in, unless that is too much to look at. What cannot be marked
/// has one, too.
pub fn of_folder(folder: &Path) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    let (mut files, mut bytes) = (0, 0);
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let mut entries: Vec<_> = fs::read_dir(&next).ok()?.collect::<Result<_, _>>().ok()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            if is_left_out(&entry.file_name().to_string_lossy()) {
                continue;
            }
            let (path, kind) = (entry.path(), entry.file_type().ok()?);
            path.strip_prefix(folder).ok()?.hash(&mut hasher);
            files += 1;
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                bytes += entry.metadata().ok()?.len();
                if files > MOST_FILES || bytes > MOST_BYTES {
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
    fn a_folder_has_another_fingerprint_when_something_in_it_changes() {
        let folder = std::env::temp_dir().join(format!("fingerprint-{}", std::process::id()));
        _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("target")).unwrap();
        fs::write(folder.join("main.rs"), "one").unwrap();
        let one = of_folder(&folder).unwrap();
        fs::write(folder.join("target/built"), "what a compiler made").unwrap();
        assert_eq!(of_folder(&folder), Some(one));
        fs::write(folder.join("main.rs"), "two").unwrap();
        let two = of_folder(&folder).unwrap();
        fs::rename(folder.join("main.rs"), folder.join("other.rs")).unwrap();
        let three = of_folder(&folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert!(one != two && two != three && one != three);
        assert_eq!(of_folder(&folder), None);
    }
}
