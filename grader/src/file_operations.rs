//! File operations that std doesn't have: atomic writes, and reading and writing whole folders.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry, FileType};
use std::path::{Path, PathBuf};

use anyhow::Result;
use homework::formats::shown;
use homework::messages::{Explain as _, message};

/// The contents of files, by their paths in a folder.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Writes a complete file or none.
pub fn write_atomically(file: &Path, bytes: &[u8]) -> Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let unfinished = file.with_file_name(format!(".{name}.unfinished"));
    let written = fs::write(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, file));
    written.explain(message!("cannot-write", file = shown(file)))
}

/// Writes a file if it has changed, so that cargo doesn't rebuild it otherwise.
pub fn write_if_changed(file: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::write(file, bytes).explain(message!("cannot-write", file = file.display()))
}

/// Removes a file or folder if it exists.
pub fn remove(path: &Path) -> Result<()> {
    let removed = match path.is_dir() {
        true => fs::remove_dir_all(path),
        false if path.symlink_metadata().is_ok() => fs::remove_file(path),
        false => Ok(()),
    };
    removed.explain(message!("cannot-remove", file = path.display()))
}

/// Lets every user run a file.
#[cfg_attr(not(unix), expect(unused_variables, reason = "files need no permission"))]
pub fn make_executable(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// Calls `visit` with the path and type of each file and folder at `below` in `root`, in a fixed order. It
/// returns whether to descend into a folder. Paths are relative to `root`.
pub fn walk(
    root: &Path,
    below: &Path,
    mut visit: impl FnMut(&Path, FileType) -> Result<bool>,
) -> Result<()> {
    let mut folders = vec![below.to_owned()];
    while let Some(folder) = folders.pop() {
        let named = if folder.as_os_str().is_empty() { root } else { &folder };
        let entries = fs::read_dir(root.join(&folder)).and_then(Iterator::collect);
        let mut entries: Vec<DirEntry> =
            entries.explain(message!("cannot-read", file = named.display()))?;
        entries.sort_by_key(DirEntry::file_name);
        for entry in entries {
            let path = folder.join(entry.file_name());
            if visit(&path, entry.file_type()?)? {
                folders.push(path);
            }
        }
    }
    Ok(())
}

/// Reads all files of a trusted folder.
pub fn read_tree(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    walk(folder, Path::new(""), |path, kind| {
        if !kind.is_dir() {
            files.insert(path.to_owned(), fs::read(folder.join(path))?);
        }
        Ok(kind.is_dir())
    })?;
    Ok(files)
}

/// Makes `files` the only files of a folder. A folder that has them already isn't touched, so that cargo
/// doesn't rebuild it.
pub fn write_tree(folder: &Path, files: &Files) -> Result<()> {
    if folder.exists() {
        if read_tree(folder).is_ok_and(|old| old == *files) {
            return Ok(());
        }
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for (path, bytes) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, bytes).explain(message!("cannot-write", file = path.display()))?;
    }
    Ok(())
}
