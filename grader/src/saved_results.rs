//! The results that are kept: a file for each student, written as soon as its marks are there. A run
//! that was stopped goes on with them, and so does one after a change: only what has changed is
//! marked again.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf, absolute};

use anyhow::{Context, Result};
use common::print_error;
use homework::grading::marks::{Failure, Marks, Outcome, SkipReason, Student};
use serde::{Deserialize, Serialize};

/// The most characters of a student's name in the name of a file.
const LONGEST_NAME: usize = 40;

/// The folder with the results.
#[derive(Debug)]
pub struct Results {
    folder: PathBuf,
    /// The fingerprint of what marks.
    ours: u64,
}

/// A result.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    /// What was marked, and what marked it.
    fingerprints: [u64; 2],
    /// From what the words that the tests sent were made.
    pub seed: u32,
    /// The marks.
    pub marks: Marks,
}

impl Results {
    /// The results in this folder, which is made.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    pub fn open(folder: &Path, ours: u64) -> Result<Self> {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot write the results to {}", folder.display()))?;
        Ok(Self { folder: folder.to_owned(), ours })
    }

    /// The result of a student, if what was handed in is still the same.
    pub fn of(&self, student: &Student, fingerprint: Option<u64>) -> Option<Kept> {
        let bytes = fs::read(self.file(student)).ok()?;
        // One that is damaged or of another version is marked again.
        let kept: Kept = serde_json::from_slice(&bytes).ok()?;
        let is_same = kept.fingerprints == [fingerprint?, self.ours];
        is_same.then(|| Kept {
            // The name may have come to be known.
            marks: Marks { student: student.clone(), ..kept.marks },
            ..kept
        })
    }

    /// Forgets the result of a student.
    pub fn forget(&self, student: &Student) {
        _ = fs::remove_file(self.file(student));
    }

    /// Keeps a result, unless it is not the last word. That it cannot be kept costs nobody a mark.
    pub fn keep(&self, fingerprint: Option<u64>, seed: u32, marks: &Marks) {
        let Some(fingerprint) = fingerprint.filter(|_| is_final(marks)) else { return };
        let file = self.file(&marks.student);
        let fingerprints = [fingerprint, self.ours];
        let kept = Kept { fingerprints, seed, marks: marks.clone() };
        let written = serde_json::to_vec(&kept).map_err(anyhow::Error::from);
        let written = written.and_then(|bytes| Ok(write(&file, &bytes)?));
        if let Err(error) = written {
            print_error(&error.context(format!("the result is not kept in {}", file.display())));
        }
    }

    fn file(&self, student: &Student) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        absolute(&student.folder).unwrap_or_else(|_| student.folder.clone()).hash(&mut hasher);
        let name = student.folder.file_stem().unwrap_or_default().to_string_lossy();
        let name = name.chars().map(|it| if it.is_alphanumeric() { it } else { '_' });
        let name: String = name.take(LONGEST_NAME).collect();
        self.folder.join(format!("{name}-{:08x}.json", hasher.finish() >> 32))
    }
}

/// The seed that most of these results have: the whole class gets the same words.
pub fn seed_of_most(kept: &[Option<Kept>]) -> Option<u32> {
    let mut counts = BTreeMap::<u32, usize>::new();
    for kept in kept.iter().flatten() {
        *counts.entry(kept.seed).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(seed, _)| seed)
}

/// Writes a file, which is there as a whole or not at all.
///
/// # Errors
///
/// The system's.
pub fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let unfinished = file.with_file_name(format!(".{name}.unfinished"));
    fs::write(&unfinished, bytes)?;
    fs::rename(&unfinished, file)
}

/// Whether these marks are the last word: neither stopped, nor spoilt by a test that broke.
fn is_final(marks: &Marks) -> bool {
    let mut outcomes = marks.tasks.iter().flat_map(|mark| &mark.tests);
    !outcomes.any(|(_, outcome)| {
        matches!(
            outcome,
            Outcome::Skipped(SkipReason::Interrupted | SkipReason::NotYet)
                | Outcome::Failed(Failure::Crashed(_))
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use homework::grading::marks::TaskMark;

    fn marks(outcome: Outcome) -> Marks {
        let task = serde_json::json!({ "name": "t", "file": "", "section": "", "tests": [] });
        let task = serde_json::from_value(task).unwrap();
        let tasks = vec![TaskMark { task, tests: vec![("a".to_owned(), outcome)] }];
        let student = Student::from_folder(Path::new("../elsewhere/王 小明\u{1b}.zip"));
        Marks { student, problems: Vec::new(), tasks }
    }

    fn results(test: &str, ours: u64) -> Results {
        let folder = std::env::temp_dir().join(format!("results-{}-{test}", std::process::id()));
        Results::open(&folder, ours).unwrap()
    }

    #[test]
    fn a_result_is_there_until_something_changes() {
        let (first, other) = (results("same", 1), results("same", 2));
        let passed = marks(Outcome::Passed(None));
        first.keep(Some(7), 4711, &passed);
        let named = Student { name: "Min".to_owned(), ..passed.student.clone() };
        let kept = first.of(&named, Some(7)).unwrap();
        assert_eq!((kept.seed, &kept.marks.student.name), (4711, &named.name));
        assert_eq!(kept.marks.tasks, passed.tasks);
        assert!(first.of(&named, Some(8)).is_none() && first.of(&named, None).is_none());
        assert!(other.of(&named, Some(7)).is_none());
        let name = fs::read_dir(&first.folder).unwrap().next().unwrap().unwrap().file_name();
        assert!(name.to_str().unwrap().starts_with("王_小明_-"), "{name:?}");
        first.forget(&named);
        assert!(first.of(&named, Some(7)).is_none());
        fs::remove_dir_all(first.folder).unwrap();
    }

    #[test]
    fn what_is_not_the_last_word_is_not_kept() {
        let results = results("last", 1);
        for outcome in [
            Outcome::Skipped(SkipReason::Interrupted),
            Outcome::Skipped(SkipReason::NotYet),
            Outcome::Failed(Failure::Crashed("the test broke".to_owned())),
        ] {
            results.keep(Some(7), 1, &marks(outcome));
        }
        assert_eq!(fs::read_dir(&results.folder).unwrap().count(), 0);
        fs::remove_dir_all(results.folder).unwrap();
    }
}
