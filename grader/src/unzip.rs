//! Unpacks zip files that students submit: plain files only, all of them below one folder, not too many and
//! not too large. Files that operating systems and compilers leave behind are skipped.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use common::one_line;
use homework::formats::shown;
use homework::messages::{Explain as _, Message, message};
use zip::ZipArchive;
use zip::read::ZipFile;

use crate::file_operations::make_executable;
use crate::submission_reader::is_leftover;

/// Limits the files and bytes of one submission. A student copy has 150 files and two megabytes; students may
/// have added pictures.
const MAX_FILES: usize = 2_000;
pub const MAX_BYTES: u64 = 64 << 20;

/// Limits the bytes of a whole class in one file.
const MAX_CLASS_BYTES: u64 = 1 << 30;

/// Limits the entries of a zip file, including those that are skipped.
const MAX_ENTRIES: usize = 100_000;

/// Returns whether a path ends with `.zip`.
pub fn has_zip_extension(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}

/// Unpacks a file into a new folder. `is_one` returns whether all paths are one submission; otherwise each
/// file or folder at the top is one, with at most `max_bytes`. Refuses links, too much data, and paths that lead out of the folder.
pub fn unpack(
    file: &Path,
    to: &Path,
    max_bytes: u64,
    is_one: impl Fn(&[PathBuf]) -> bool,
) -> Result<()> {
    let opened = File::open(file).explain(message!("cannot-read", file = shown(file)))?;
    let mut archive = match ZipArchive::new(io::BufReader::new(opened)) {
        Ok(archive) => archive,
        Err(error) => bail!(message!("not-a-zip", why = error.to_string())),
    };
    if archive.len() > MAX_ENTRIES {
        bail!(message!("too-many-files", count = MAX_ENTRIES));
    }
    let mut entries = Vec::new();
    for number in 0..archive.len() {
        let entry =
            archive.by_index_raw(number).explain(message!("cannot-unpack", file = shown(file)))?;
        if let Some(path) = safe_path(entry.name_raw())? {
            if entry.encrypted() {
                bail!(message!("needs-password", file = shown(&path)));
            }
            entries.push((number, path));
        }
    }
    let paths: Vec<PathBuf> = entries.iter().map(|(_, path)| path.clone()).collect();
    let mut budget = Budget { is_one: is_one(&paths), max_bytes, bytes: 0, spent: BTreeMap::new() };
    fs::create_dir_all(to)?;
    for (number, path) in entries {
        let mut entry = archive.by_index(number).explain(failed(&path))?;
        let kind = entry.unix_mode().unwrap_or_default() & 0o170_000;
        // Some programs store plain files without a type.
        if entry.is_symlink() || ![0, 0o100_000, 0o040_000].contains(&kind) {
            bail!(message!("is-link", file = shown(&path)));
        }
        if entry.is_dir() {
            budget.spend(&path, 0)?;
            fs::create_dir_all(to.join(&path)).explain(failed(&path))?;
        } else {
            write(&mut entry, &path, to, &mut budget)?;
        }
    }
    Ok(())
}

/// Returns the path of an entry below the folder, or `None` if it's skipped.
fn safe_path(name: &[u8]) -> Result<Option<PathBuf>> {
    // Names that aren't UTF-8 are in an unknown encoding. Files of the homework have ASCII names; the others
    // only have to stay distinct.
    let name = match str::from_utf8(name) {
        Ok(name) => name.to_owned(),
        Err(_) => name.escape_ascii().to_string().replace('\\', "%"),
    };
    // Some programs on Windows separate folders with backslashes.
    let name = name.replace('\\', "/");
    let first = name.split('/').next().unwrap_or_default();
    let has_drive = first.len() == 2 && first.ends_with(':');
    if name.starts_with('/') || has_drive || name.contains('\0') {
        bail!(message!("outside", file = one_line(&name)));
    }
    let mut path = PathBuf::new();
    let mut leftover = false;
    for part in name.split('/') {
        match part {
            ".." => bail!(message!("outside", file = one_line(&name))),
            "" | "." => {}
            _ => {
                leftover |= is_leftover(part);
                path.push(part);
            }
        }
    }
    Ok(Some(path).filter(|path| !leftover && !path.as_os_str().is_empty()))
}

fn write<R: io::Read>(
    entry: &mut ZipFile<R>,
    path: &Path,
    to: &Path,
    budget: &mut Budget,
) -> Result<()> {
    let place = to.join(path);
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent).explain(failed(path))?;
    }
    let mut file = File::create(&place).explain(failed(path))?;
    // The size in the entry's header can't be trusted.
    let limit = budget.left(path);
    let written = io::copy(&mut entry.take(limit + 1), &mut file).explain(failed(path))?;
    budget.spend(path, written)?;
    if entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0) {
        make_executable(&place)?;
    }
    Ok(())
}

/// Counts what has been unpacked.
struct Budget {
    /// Whether all files are one submission.
    is_one: bool,
    max_bytes: u64,
    bytes: u64,
    /// The files and bytes of each submission, by the file or folder at the top.
    spent: BTreeMap<PathBuf, (usize, u64)>,
}

impl Budget {
    fn submission(&self, path: &Path) -> PathBuf {
        match path.iter().next() {
            Some(first) if !self.is_one => first.into(),
            _ => PathBuf::new(),
        }
    }

    fn left(&self, path: &Path) -> u64 {
        let spent = self.spent.get(&self.submission(path)).map_or(0, |(_, bytes)| *bytes);
        (self.max_bytes - spent).min(MAX_CLASS_BYTES - self.bytes)
    }

    fn spend(&mut self, path: &Path, size: u64) -> Result<()> {
        let submission = self.submission(path);
        let left = self.left(path);
        let name = if self.is_one { ".".to_owned() } else { shown(&submission) };
        let (files, bytes) = self.spent.entry(submission).or_default();
        *files += 1;
        if *files > MAX_FILES {
            bail!(message!("unpacked-too-many", file = name, count = MAX_FILES));
        }
        if size > left {
            bail!(message!("unpacked-too-large", file = name, mib = self.max_bytes >> 20));
        }
        *bytes += size;
        self.bytes += size;
        Ok(())
    }
}

fn failed(path: &Path) -> Message {
    message!("cannot-unpack", file = shown(path))
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use std::io::{Cursor, Write as _};
    use tempfile::TempDir;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    /// Returns a zip file with these entries. A name that ends with ` ->` is a link.
    pub fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            match name.strip_suffix(" ->") {
                Some(name) => {
                    let target = String::from_utf8_lossy(bytes);
                    zip.add_symlink(name, &*target, SimpleFileOptions::default()).unwrap();
                }
                None => {
                    zip.start_file(*name, SimpleFileOptions::default()).unwrap();
                    zip.write_all(bytes).unwrap();
                }
            }
        }
        zip.finish().unwrap().into_inner()
    }

    fn unpacked(entries: &[(&str, &[u8])]) -> (TempDir, Result<()>) {
        let folder = tempfile::tempdir().unwrap();
        let (file, to) = (folder.path().join("a.zip"), folder.path().join("to"));
        fs::write(&file, zip(entries)).unwrap();
        let result = unpack(&file, &to, 1 << 20, |_| true);
        (folder, result)
    }

    fn assert_refused(entries: &[(&str, &[u8])], key: &str) {
        let (folder, result) = unpacked(entries);
        let outside = fs::read_dir(&folder).unwrap().count();
        assert!(outside <= 2, "a file was written outside of the folder");
        let error = format!("{:#}", result.expect_err("must be refused"));
        let names: Vec<&str> = entries.iter().take(9).map(|(name, _)| *name).collect();
        assert!(error.contains(key) && error.lines().count() == 1, "{names:?}: {error}");
    }

    #[test]
    fn leftovers_of_tools_are_not_unpacked() {
        let (folder, result) = unpacked(&[
            ("作业/src/main.rs", b"fn main() {}\r\n"),
            ("作业\\windows.rs", b""),
            ("作业/target/debug/server", &[0; 100]),
            ("__MACOSX/作业/._main.rs", b"x"),
            ("作业/.DS_Store", b"x"),
            ("./作业//b.rs", b"b"),
        ]);
        result.unwrap();
        let to = folder.path().join("to/作业");
        assert_eq!(fs::read(to.join("src/main.rs")).unwrap(), b"fn main() {}\r\n");
        assert!(to.join("windows.rs").is_file() && to.join("b.rs").is_file());
        assert_eq!(fs::read_dir(&to).unwrap().count(), 3);
        assert_eq!(fs::read_dir(folder.path().join("to")).unwrap().count(), 1);
    }

    #[test]
    fn a_path_outside_of_the_folder_is_refused() {
        for name in
            ["../up.rs", "a/../../up.rs", "/tmp/up.rs", "C:\\up.rs", "a\\..\\..\\up.rs", "\\up.rs"]
        {
            assert_refused(&[("a", b""), (name, b"")], "outside");
        }
    }

    #[test]
    fn a_link_is_refused() {
        assert_refused(&[("a ->", b"/etc"), ("a/passwd", b"x")], "is-link");
    }

    #[test]
    fn a_zip_bomb_is_refused() {
        assert_refused(&[("zeros", &[0; 2 << 20])], "unpacked-too-large");
        let names: Vec<String> = (0..=MAX_FILES).map(|number| number.to_string()).collect();
        let many: Vec<(&str, &[u8])> = names.iter().map(|name| (&**name, &b""[..])).collect();
        assert_refused(&many, "unpacked-too-many");
    }

    #[test]
    fn names_in_an_unknown_encoding_are_escaped() {
        assert_eq!(
            safe_path(b"\xd7\xf7\xd2\xb5/a.rs").unwrap(),
            Some("%xd7%xf7%xd2%xb5/a.rs".into())
        );
        assert_eq!(safe_path("作业/a.rs".as_bytes()).unwrap(), Some("作业/a.rs".into()));
    }

    #[test]
    fn a_file_that_is_not_a_zip_file_is_refused_in_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.rar");
        fs::write(&file, "Rar!").unwrap();
        let error =
            unpack(&file, Path::new("nowhere"), MAX_BYTES, |_| true).unwrap_err().to_string();
        assert!(error.contains("not-a-zip"), "{error}");
    }
}
