//! Lists everyone who gets a page: graded and skipped submissions, and students without a submission.

use std::path::Path;

use common::one_line;
use homework::formats::{Gradebook, shown};
use homework::grading::marks::{Marks, Student};

use crate::submissions::SubmissionFolder;

/// A submission, or a student without one.
pub struct Entry<'a> {
    /// The name of the page's file. The texts are escaped for one line.
    pub page: String,
    pub name: String,
    pub folder: Option<String>,
    pub submitted: Option<String>,
    /// Whether the same folder is listed more than once.
    pub is_duplicate: bool,
    pub status: Status<'a>,
}

pub enum Status<'a> {
    Graded(&'a Marks),
    Skipped(&'a str),
    Missing,
}

impl<'a> Entry<'a> {
    pub fn marks(&self) -> Option<&'a Marks> {
        match self.status {
            Status::Graded(marks) => Some(marks),
            _ => None,
        }
    }
}

/// Lists the class in the order of the command line. Entries without marks come last.
pub fn all<'a>(
    gradebook: &'a Gradebook,
    submissions: &[SubmissionFolder],
    missing: &[String],
) -> Vec<Entry<'a>> {
    let graded = gradebook.marks.iter().map(|marks| entry(&marks.student, Status::Graded(marks)));
    let skipped = gradebook.skipped.iter().map(|(folder, why)| {
        let known = submissions.iter().find(|it| shown(&it.student.folder) == *folder);
        let student = known.map(|it| it.student.clone());
        let student = student.unwrap_or_else(|| Student::from_folder(Path::new(folder)));
        entry(&student, Status::Skipped(why))
    });
    let missing = missing.iter().map(|name| {
        let student = Student::from_folder(Path::new(""));
        Entry { name: one_line(name), folder: None, ..entry(&student, Status::Missing) }
    });
    let mut entries: Vec<Entry> = graded.chain(skipped).chain(missing).collect();
    let folders: Vec<Option<String>> = entries.iter().map(|entry| entry.folder.clone()).collect();
    for (number, entry) in entries.iter_mut().enumerate() {
        let same = folders.iter().filter(|folder| folder.is_some() && **folder == entry.folder);
        entry.is_duplicate = same.count() > 1;
        entry.page = page(number + 1, &entry.name);
    }
    entries
}

fn entry<'a>(student: &Student, status: Status<'a>) -> Entry<'a> {
    Entry {
        page: String::new(),
        name: one_line(&student.name),
        folder: Some(shown(&student.folder)),
        submitted: student.submitted.as_deref().map(one_line),
        is_duplicate: false,
        status,
    }
}

/// Returns the file name of a page. It's unique, and has no characters that are special in a file system, a URL
/// or a shell.
fn page(number: usize, name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words = words.collect::<Vec<_>>().join("-").to_lowercase();
    let words: String = words.chars().take(40).collect();
    let words = words.trim_end_matches('-');
    let between = if words.is_empty() { "" } else { "-" };
    format!("student-{number:03}{between}{words}.html")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_name_of_a_page_is_safe_and_unique() {
        assert_eq!(page(7, "Alice Wong"), "student-007-alice-wong.html");
        assert_eq!(page(8, "王小明"), "student-008.html");
        assert_eq!(page(9, "../../etc/passwd\0"), "student-009-etc-passwd.html");
        assert_eq!(page(1000, "<b onclick=x>\"&"), "student-1000-b-onclick-x.html");
        assert_eq!(page(2, &"x".repeat(300)).len(), "student-002-.html".len() + 40);
    }
}
