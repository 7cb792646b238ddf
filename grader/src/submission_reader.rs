//! Reads the files of a submission within limits: plain files, not too many and not too large. Links are
//! refused, because they may lead to someone else's files.

use std::fs::{self, File, FileType};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use homework::messages::{Explain as _, message};

use crate::file_operations::{Files, walk};

/// Limits the files and folders of one submission. A complete student copy has 150.
const MAX_FILES: usize = 500;

/// Limits how deeply folders are nested.
const MAX_DEPTH: usize = 16;

/// Limits the bytes of one submission. All our sources have 400 thousand.
const MAX_BYTES: u64 = 4 << 20;

/// Reads a submission, and counts what it has read.
pub struct SubmissionReader {
    folder: PathBuf,
    /// Files and folders so far.
    count: usize,
    bytes: u64,
}

impl SubmissionReader {
    /// Opens a submission: the folder that contains one of `paths`, which is `folder` or one in it.
    pub fn open(paths: &[&Path], folder: &Path) -> Result<Self> {
        let has_one = |folder: &Path| paths.iter().any(|path| exists(folder, path));
        let mut found = Vec::new();
        if has_one(folder) {
            found.push(folder.to_owned());
        } else {
            let entries = fs::read_dir(folder)
                .explain(message!("unreadable-homework", file = folder.display()));
            for entry in entries?.take(MAX_FILES) {
                let entry = entry?;
                if entry.file_type()?.is_dir() && has_one(&entry.path()) {
                    found.push(entry.path());
                }
            }
        }
        match &found[..] {
            [] => bail!(message!("not-a-submission", file = paths[0].display())),
            [one] => Ok(Self { folder: one.clone(), count: 0, bytes: 0 }),
            _ => bail!(message!("several-submissions", count = found.len())),
        }
    }

    #[cfg(unix)]
    pub fn is_executable(&self, path: &Path) -> bool {
        use std::os::unix::fs::PermissionsExt as _;

        let metadata = fs::symlink_metadata(self.folder.join(path));
        metadata.is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
    }

    /// Reads a file of at most `max_bytes`. Returns `None` if there's no such file.
    pub fn file(&mut self, path: &Path, max_bytes: u64) -> Result<Option<Vec<u8>>> {
        match self.kind(path)? {
            None => Ok(None),
            Some(kind) if kind.is_file() => self.read(path, max_bytes).map(Some),
            Some(_) => bail!(message!("not-a-file", file = path.display())),
        }
    }

    /// Reads all files of a folder but those that are `left_out`. Returns `None` if there's no such folder.
    pub fn files(
        &mut self,
        below: &Path,
        left_out: impl Fn(&Path) -> bool,
    ) -> Result<Option<Files>> {
        match self.kind(below)? {
            _ if below.as_os_str().is_empty() => {}
            None => return Ok(None),
            Some(kind) if kind.is_dir() => {}
            Some(_) => bail!(message!("not-a-folder", file = below.display())),
        }
        let mut files = Files::new();
        walk(&self.folder.clone(), below, |path, kind| {
            let inside = path.strip_prefix(below).unwrap_or(path);
            self.count += 1;
            if self.count > MAX_FILES {
                bail!(message!("too-many-files", count = MAX_FILES));
            }
            if left_out(inside) {
                return Ok(false);
            }
            refuse_link(path, kind)?;
            if kind.is_file() {
                files.insert(inside.to_owned(), self.read(path, MAX_BYTES)?);
            } else if !kind.is_dir() {
                bail!(message!("not-a-file", file = path.display()));
            } else if path.components().count() > MAX_DEPTH {
                bail!(message!("too-deep", file = below.display(), count = MAX_DEPTH));
            }
            Ok(kind.is_dir())
        })?;
        Ok(Some(files))
    }

    /// Returns what kind of file a path leads to, if it exists.
    fn kind(&self, path: &Path) -> Result<Option<FileType>> {
        let (mut below, mut kind) = (PathBuf::new(), None);
        for component in path.components() {
            below.push(component);
            let metadata = match fs::symlink_metadata(self.folder.join(&below)) {
                Err(error) if is_absent(&error) => return Ok(None),
                metadata => metadata.explain(message!("cannot-read", file = below.display()))?,
            };
            refuse_link(&below, metadata.file_type())?;
            kind = Some(metadata.file_type());
        }
        Ok(kind)
    }

    fn read(&mut self, path: &Path, max_bytes: u64) -> Result<Vec<u8>> {
        let max_bytes = max_bytes.min(MAX_BYTES - self.bytes);
        let mut bytes = Vec::new();
        File::open(self.folder.join(path))
            .and_then(|file| file.take(max_bytes + 1).read_to_end(&mut bytes))
            .explain(message!("cannot-read", file = path.display()))?;
        let size = bytes.len() as u64;
        if size > max_bytes {
            let (kib, mib) = (max_bytes >> 10, MAX_BYTES >> 20);
            bail!(message!("file-too-large", file = path.display(), kib, mib));
        }
        self.bytes += size;
        Ok(bytes)
    }
}

/// Returns whether a path exists in a folder, or whether a part of it is a link.
pub fn exists(folder: &Path, path: &Path) -> bool {
    let is_link = |path: &Path| folder.join(path).is_symlink();
    path.ancestors().filter(|path| !path.as_os_str().is_empty()).any(is_link)
        || folder.join(path).symlink_metadata().is_ok()
}

/// Folders that operating systems and tools leave behind.
const LEFTOVERS: [&str; 4] = ["__MACOSX", "__pycache__", "node_modules", "target"];

/// Returns whether a file or folder with this name was written by a tool.
pub fn is_leftover(name: &str) -> bool {
    name.starts_with('.') || LEFTOVERS.contains(&name)
}

fn refuse_link(path: &Path, kind: FileType) -> Result<()> {
    if kind.is_symlink() {
        bail!(message!("is-link", file = path.display()));
    }
    Ok(())
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::file_operations::remove;
    use std::os::unix::fs::symlink;
    use tempfile::TempDir;

    /// A temporary folder with one source file.
    struct Folder(TempDir);

    impl Folder {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a temporary folder");
            fs::create_dir_all(folder.path().join("a/src")).expect("a new folder");
            fs::write(folder.path().join("a/src/main.rs"), "fn main() {}").expect("a new file");
            Self(folder)
        }

        fn sources(&self) -> Result<Option<Files>> {
            let mut reader = SubmissionReader::open(&[Path::new("a/src")], self.0.path())?;
            reader.files(Path::new("a/src"), |_| false)
        }

        fn refused(&self) -> String {
            format!("{:#}", self.sources().expect_err("must be refused"))
        }
    }

    #[test]
    fn plain_files_are_read() {
        let folder = Folder::new();
        let files = folder.sources().unwrap().unwrap();
        assert_eq!(files.into_keys().collect::<Vec<_>>(), [PathBuf::from("main.rs")]);
    }

    #[test]
    fn a_link_is_refused_in_any_part_of_a_path() {
        for link in ["a/src/main.rs", "a/src", "a"] {
            let (folder, other) = (Folder::new(), Folder::new());
            let link = folder.0.path().join(link);
            remove(&link).unwrap();
            symlink(other.0.path().join(link.strip_prefix(&folder.0).unwrap()), &link).unwrap();
            assert!(folder.refused().contains("is-link"), "{}", folder.refused());
        }
    }

    #[test]
    fn too_many_too_large_and_too_deep_are_refused() {
        let folder = Folder::new();
        for number in 0..=MAX_FILES {
            fs::write(folder.0.path().join(format!("a/src/{number}")), "").unwrap();
        }
        assert!(folder.refused().contains("too-many-files"), "{}", folder.refused());

        let folder = Folder::new();
        for part in ["one", "two"] {
            fs::write(folder.0.path().join("a/src").join(part), vec![b' '; 3 << 20]).unwrap();
        }
        assert!(folder.refused().contains("file-too-large"), "{}", folder.refused());

        let folder = Folder::new();
        fs::create_dir_all(folder.0.path().join("a/src").join("d/".repeat(MAX_DEPTH))).unwrap();
        assert!(folder.refused().contains("too-deep"), "{}", folder.refused());
    }

    #[test]
    fn a_nested_folder_is_found() {
        let folder = Folder::new();
        fs::create_dir(folder.0.path().join("homework")).unwrap();
        fs::rename(folder.0.path().join("a"), folder.0.path().join("homework/a")).unwrap();
        assert_eq!(folder.sources().unwrap().unwrap().len(), 1);
        fs::create_dir_all(folder.0.path().join("second/a/src")).unwrap();
        assert!(folder.refused().contains("several-submissions"), "{}", folder.refused());
    }

    #[test]
    fn a_single_file_must_be_plain_and_small() {
        let folder = Folder::new();
        let mut reader = SubmissionReader::open(&[Path::new("a/src")], folder.0.path()).unwrap();
        let main = Path::new("a/src/main.rs");
        assert_eq!(reader.file(main, 100).unwrap().unwrap(), b"fn main() {}");
        assert!(reader.file(main, 3).is_err());
        assert!(reader.file(Path::new("a"), 100).is_err());
        assert!(reader.file(Path::new("b/c"), 100).unwrap().is_none());
        symlink("/dev/zero", folder.0.path().join("zero")).unwrap();
        assert!(reader.file(Path::new("zero"), 100).is_err());
    }
}
