//! Finds submissions in what teachers download: folders, a zip file per student, or one with the whole
//! class in it (Moodle, Canvas).

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use homework::formats::shown;
use homework::grading::marks::Student;
use homework::grading::submission::SUBMISSION_PATHS;
use homework::messages::{Explain as _, Message, from_error, message};

use crate::file_operations::remove;
use crate::roster::Roster;
use crate::submission_reader::{exists, is_leftover};
use crate::unzip::{MAX_BYTES, has_zip_extension, unpack};

/// Limits how deeply a submission is nested in folders and zip files.
const MAX_DEPTH: usize = 4;

#[derive(Debug)]
pub struct SubmissionFolder {
    pub student: Student,
    /// The folder that contains the homework, or why there's none.
    pub folder: Result<PathBuf, Message>,
}

/// Finds submissions at these paths. Zip files are unpacked into the folder `unpacked`. One that can't be
/// unpacked is a submission without a folder.
pub fn find(paths: &[PathBuf], roster: &Roster, unpacked: &Path) -> Result<Vec<SubmissionFolder>> {
    remove(unpacked)?;
    let mut finder = Finder { roster, unpacked, archives: 0, found: Vec::new() };
    paths.iter().for_each(|path| finder.search(path));
    Ok(finder.found)
}

struct Finder<'a> {
    roster: &'a Roster,
    unpacked: &'a Path,
    archives: usize,
    found: Vec<SubmissionFolder>,
}

impl Finder<'_> {
    /// Adds the submissions at a path: one, or those of a class.
    fn search(&mut self, path: &Path) {
        let folder = self.open(path);
        let several = folder.as_ref().map(|folder| several(folder)).unwrap_or_default();
        if several.is_empty() {
            self.add(path, folder);
        }
        for one in several {
            let folder = self.open(&one);
            self.add(&path.join(one.file_name().unwrap_or_default()), folder);
        }
    }

    fn add(&mut self, path: &Path, folder: Result<PathBuf>) {
        let folder = folder.and_then(|folder| self.submission_in(&folder, MAX_DEPTH));
        let folder = folder.map_err(from_error);
        self.found.push(SubmissionFolder { student: self.roster.student(path), folder });
    }

    /// Unpacks a file. A folder stays where it is.
    fn open(&mut self, path: &Path) -> Result<PathBuf> {
        if path.is_file() { self.unpack(path) } else { Ok(path.to_owned()) }
    }

    fn unpack(&mut self, file: &Path) -> Result<PathBuf> {
        let to = self.unpacked.join(self.archives.to_string());
        self.archives += 1;
        let unpacked = unpack(file, &to, MAX_BYTES, is_one);
        if unpacked.is_err() {
            _ = fs::remove_dir_all(&to);
        }
        unpacked.map(|()| to)
    }

    /// Returns the folder of the only submission in a folder: the folder itself, or one nested in its only
    /// folder or zip file.
    fn submission_in(&mut self, folder: &Path, depth: usize) -> Result<PathBuf> {
        if is_submission(folder) {
            return Ok(folder.to_owned());
        }
        let inside = inside(folder)?;
        let submissions: Vec<&PathBuf> = inside.iter().filter(|path| is_submission(path)).collect();
        let packed: Vec<&PathBuf> = inside.iter().filter(|path| is_zip(path)).collect();
        let folders: Vec<&PathBuf> = inside.iter().filter(|path| path.is_dir()).collect();
        match (&submissions[..], &packed[..], &folders[..]) {
            ([one], _, _) => Ok((*one).clone()),
            ([], [one], _) if depth > 0 => {
                let folder = self.unpack(one)?;
                self.submission_in(&folder, depth - 1)
            }
            ([], [], [one]) if depth > 0 => self.submission_in(one, depth - 1),
            ([], [], _) | ([], [_], _) => {
                bail!(message!("not-a-submission", file = SUBMISSION_PATHS[0]))
            }
            _ => {
                let count = submissions.len().max(packed.len());
                bail!(message!("several-submissions", count))
            }
        }
    }
}

/// Returns the entries of a folder if it contains several submissions.
fn several(folder: &Path) -> Vec<PathBuf> {
    if is_submission(folder) {
        return Vec::new();
    }
    let Ok(inside) = inside(folder) else { return Vec::new() };
    let is_promising = |path: &&PathBuf| {
        let one_deeper = || self::inside(path).unwrap_or_default();
        is_zip(path)
            || is_submission(path)
            || path.is_dir() && one_deeper().iter().any(|path| is_submission(path) || is_zip(path))
    };
    match inside.iter().filter(is_promising).count() {
        0 | 1 => Vec::new(),
        // Entries without a submission are reported as skipped.
        _ => inside,
    }
}

/// Lists a folder in order, without what tools leave behind.
fn inside(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = || message!("unreadable-homework", file = shown(folder));
    let mut inside = Vec::new();
    for entry in fs::read_dir(folder).explain(unreadable())? {
        let entry = entry?;
        // A link may lead to someone else's files.
        let is_link = entry.file_type()?.is_symlink();
        if !is_link && !is_leftover(&entry.file_name().to_string_lossy()) {
            inside.push(entry.path());
        }
    }
    inside.sort();
    Ok(inside)
}

/// Returns whether a folder contains a part of a submission, or a link, which is refused later.
fn is_submission(folder: &Path) -> bool {
    SUBMISSION_PATHS.iter().any(|place| exists(folder, Path::new(place)))
}

fn is_zip(path: &Path) -> bool {
    has_zip_extension(path) && path.is_file()
}

/// Returns whether these are the files of one homework, at the top or in the only folder.
fn is_one(paths: &[PathBuf]) -> bool {
    let is_at = |path: &PathBuf| SUBMISSION_PATHS.iter().any(|place| path.starts_with(place));
    let top = paths.first().and_then(|path| path.iter().next());
    let only = paths.iter().all(|path| path.iter().next() == top);
    paths.iter().any(is_at) || only && !paths.iter().any(|path| has_zip_extension(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unzip::tests::zip;
    use tempfile::TempDir;

    struct Folder(TempDir);

    impl Folder {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn write(&self, path: &str, bytes: &[u8]) {
            let path = self.0.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }

        /// Returns the name of each submission, and its server or why it has none.
        fn found(&self, named: &str) -> Vec<(String, String)> {
            let named = [self.0.path().join(named)];
            let found = find(&named, &Roster::default(), &self.0.path().join("own")).unwrap();
            let shown = |found: SubmissionFolder| {
                let folder = found.student.folder.strip_prefix(&self.0).unwrap().to_owned();
                let server = found.folder.map(|folder| {
                    fs::read_to_string(folder.join("day01-tcp-server/src/main.rs")).unwrap()
                });
                (folder.display().to_string(), server.unwrap_or_else(|why| why.key))
            };
            found.into_iter().map(shown).collect()
        }
    }

    const SERVER: &str = "day01-tcp-server/src/main.rs";

    fn one(name: &str, server: &str) -> (String, String) {
        (name.to_owned(), server.to_owned())
    }

    #[test]
    fn a_homework_is_found_in_nested_folders_and_zip_files() {
        let folder = Folder::new();
        folder.write(&format!("a/{SERVER}"), b"a");
        folder.write(&format!("b/b/b/{SERVER}"), b"b");
        folder.write("b/.DS_Store", b"");
        folder.write("c.zip", &zip(&[(SERVER, b"c")]));
        folder.write("d.zip", &zip(&[(&format!("作业/{SERVER}"), b"d"), ("__MACOSX/d", b"")]));
        folder.write("e/e.ZIP", &zip(&[(&format!("e/e/{SERVER}"), b"e")]));
        folder.write("e/readme.txt", b"");
        for (named, server) in [("a", "a"), ("b", "b"), ("c.zip", "c"), ("d.zip", "d"), ("e", "e")]
        {
            assert_eq!(folder.found(named), [one(named, server)]);
        }
    }

    #[test]
    fn a_class_is_found_in_one_file_and_in_one_folder() {
        let folder = Folder::new();
        let packed = zip(&[(SERVER, b"ann")]);
        let bo = format!("bo_2_file/hw/{SERVER}");
        let all: [(&str, &[u8]); 4] = [
            ("ann_1_file/hw.zip", &packed),
            (&bo, b"bo"),
            ("cy_3_file/essay.docx", b"c"),
            ("di_4_hw.rar", b"Rar!"),
        ];
        folder.write("moodle.zip", &zip(&all));
        all.iter().for_each(|(path, bytes)| folder.write(&format!("moodle/{path}"), bytes));
        for name in ["moodle.zip", "moodle"] {
            let found = folder.found(name);
            assert_eq!(found[0], one(&format!("{name}/ann_1_file"), "ann"));
            assert_eq!(found[1], one(&format!("{name}/bo_2_file"), "bo"));
            assert!(found[2].1.contains("not-a-submission"), "{found:?}");
            assert!(found[3].1.contains("not-a-zip"), "{found:?}");
            assert_eq!(found.len(), 4);
        }
    }

    #[test]
    fn two_homeworks_of_one_student_are_refused() {
        let folder = Folder::new();
        for path in ["ann/old", "ann/new", "bo"] {
            folder.write(&format!("class/{path}/{SERVER}"), b"");
        }
        let found = folder.found("class");
        assert!(found[0].1.contains("several-submissions"), "{found:?}");
        assert_eq!(found[1], one("class/bo", ""));
    }

    #[test]
    fn hostile_zip_files_are_refused_and_others_are_not() {
        let folder = Folder::new();
        folder.write("class/a.zip", &zip(&[("../../a", b"")]));
        folder.write("class/b.zip", &zip(&[(SERVER, b"b")]));
        let inner = zip(&[(SERVER, b"c")]);
        let inner = zip(&[("c.zip", &inner)]);
        let deep = zip(&[("c.zip", &zip(&[("c.zip", &zip(&[("c.zip", &inner)]))]))]);
        folder.write("class/c.zip", &zip(&[("c.zip", &deep)]));
        let found = folder.found("class");
        assert!(found[0].1.contains("outside"), "{found:?}");
        assert_eq!(found[1], one("class/b.zip", "b"));
        assert!(found[2].1.contains("not-a-submission"), "{found:?}");
        assert!(!folder.0.path().join("a").exists());
        assert!(folder.found("no-such-folder")[0].1.starts_with("unreadable-homework"));
    }
}
