//! Saved results: a JSON file for each student. They're valid until the submission or the grader changes.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf, absolute};

use anyhow::Result;
use homework::grading::marks::{Failure, Marks, Outcome, SkipReason, Student};
use homework::messages::{Explain as _, message};
use serde::{Deserialize, Serialize};

use crate::file_operations::write_atomically;

/// Limits the characters of a student's name in a file name.
const MAX_NAME_LENGTH: usize = 40;

/// A folder with saved results.
#[derive(Debug)]
pub struct SavedResults {
    folder: PathBuf,
    /// The fingerprint of the grader.
    grader: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct SavedResult {
    /// Of the submission, and of the grader.
    fingerprints: [u64; 2],
    pub marks: Marks,
}

impl SavedResults {
    /// Creates the folder if it doesn't exist.
    pub fn open(folder: &Path, grader: u64) -> Result<Self> {
        fs::create_dir_all(folder).explain(message!("cannot-write", file = folder.display()))?;
        Ok(Self { folder: folder.to_owned(), grader })
    }

    /// Loads the result of a student, if it's still valid.
    pub fn load(&self, student: &Student, fingerprint: Option<u64>) -> Option<SavedResult> {
        let bytes = fs::read(self.file(student)).ok()?;
        // A file that's damaged or has an older format is ignored.
        let saved: SavedResult = serde_json::from_slice(&bytes).ok()?;
        let is_valid = saved.fingerprints == [fingerprint?, self.grader];
        is_valid.then(|| SavedResult {
            // The roster may have changed.
            marks: Marks { student: student.clone(), ..saved.marks },
            ..saved
        })
    }

    pub fn remove(&self, student: &Student) {
        _ = fs::remove_file(self.file(student));
    }

    /// Saves a result if it's final.
    pub fn save(&self, fingerprint: Option<u64>, marks: &Marks) -> Result<()> {
        let Some(fingerprint) = fingerprint.filter(|_| is_final(marks)) else { return Ok(()) };
        let fingerprints = [fingerprint, self.grader];
        let saved = SavedResult { fingerprints, marks: marks.clone() };
        write_atomically(&self.file(&marks.student), &serde_json::to_vec(&saved)?)
    }

    fn file(&self, student: &Student) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        absolute(&student.folder).unwrap_or_else(|_| student.folder.clone()).hash(&mut hasher);
        let name = student.folder.file_stem().unwrap_or_default().to_string_lossy();
        let name = name.chars().map(|it| if it.is_alphanumeric() { it } else { '_' });
        let name: String = name.take(MAX_NAME_LENGTH).collect();
        self.folder.join(format!("{name}-{:08x}.json", hasher.finish() >> 32))
    }
}

/// Returns whether grading was neither interrupted nor spoilt by a crashed test.
fn is_final(marks: &Marks) -> bool {
    let mut outcomes = marks.tasks.iter().flat_map(|mark| &mark.tests);
    !outcomes.any(|(_, outcome)| {
        matches!(
            outcome,
            Outcome::Skipped(SkipReason::Interrupted | SkipReason::NotYet | SkipReason::RunsLast)
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
        Marks { student, seed: 4711, problems: Vec::new(), tasks }
    }

    #[test]
    fn a_result_is_valid_until_a_fingerprint_changes() {
        let folder = tempfile::tempdir().unwrap();
        let (first, other) =
            [1, 2].map(|grader| SavedResults::open(folder.path(), grader).unwrap()).into();
        let passed = marks(Outcome::Passed(None));
        first.save(Some(7), &passed).unwrap();
        let named = Student { name: "Min".to_owned(), ..passed.student.clone() };
        let kept = first.load(&named, Some(7)).unwrap();
        assert_eq!((kept.marks.seed, &kept.marks.student.name), (4711, &named.name));
        assert_eq!(kept.marks.tasks, passed.tasks);
        assert!(first.load(&named, Some(8)).is_none() && first.load(&named, None).is_none());
        assert!(other.load(&named, Some(7)).is_none());
        let name = fs::read_dir(&first.folder).unwrap().next().unwrap().unwrap().file_name();
        assert!(name.to_str().unwrap().starts_with("王_小明_-"), "{name:?}");
        first.remove(&named);
        assert!(first.load(&named, Some(7)).is_none());
    }

    #[test]
    fn only_final_results_are_saved() {
        let folder = tempfile::tempdir().unwrap();
        let saved = SavedResults::open(folder.path(), 1).unwrap();
        for outcome in [
            Outcome::Skipped(SkipReason::Interrupted),
            Outcome::Skipped(SkipReason::NotYet),
            Outcome::Failed(Failure::Crashed("the test broke".to_owned())),
        ] {
            saved.save(Some(7), &marks(outcome)).unwrap();
        }
        assert_eq!(fs::read_dir(&saved.folder).unwrap().count(), 0);
    }
}
