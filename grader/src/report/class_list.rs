//! Who has a page: each folder that was marked, each that was skipped, and each student of whom
//! nothing came.

use std::path::Path;

use common::one_line;
use homework::formats::{Gradebook, shown};
use homework::grading::marks::{Marks, Student};

use crate::submissions::SubmissionFolder;

/// Somebody, and what came.
#[derive(Debug)]
pub struct Entry<'a> {
    /// The name of the page's file.
    pub page: String,
    /// The name, safe to show.
    pub name: String,
    /// The folder, safe to show.
    pub folder: Option<String>,
    /// When it was handed in.
    pub submitted: Option<String>,
    /// Whether the same folder was named more than once.
    pub again: bool,
    /// What came.
    pub came: Status<'a>,
}

/// What came of somebody.
#[derive(Debug)]
pub enum Status<'a> {
    /// A homework with its marks.
    Marked(&'a Marks),
    /// Something that could not be marked, and why.
    Skipped(&'a str),
    /// Nothing.
    Nothing,
}

impl<'a> Entry<'a> {
    /// The marks, if there are some.
    pub fn marks(&self) -> Option<&'a Marks> {
        match self.came {
            Status::Marked(marks) => Some(marks),
            _ => None,
        }
    }
}

/// Everybody, in the order of the folders on the command line; those without marks at the end.
pub fn all<'a>(
    marked: &'a Gradebook,
    hand_ins: &[SubmissionFolder],
    missing: &[String],
) -> Vec<Entry<'a>> {
    let mut entries = Vec::new();
    for marks in marked.marks {
        entries.push(entry(&marks.student, Status::Marked(marks)));
    }
    for (folder, why) in marked.skipped {
        let is_it = |hand_in: &&SubmissionFolder| shown(&hand_in.student.folder) == *folder;
        let known = hand_ins.iter().find(is_it).map(|hand_in| hand_in.student.clone());
        let student = known.unwrap_or_else(|| Student::from_folder(Path::new(folder)));
        entries.push(entry(&student, Status::Skipped(why)));
    }
    entries.extend(missing.iter().map(|name| {
        let student = Student::from_folder(Path::new(""));
        Entry { name: one_line(name), folder: None, ..entry(&student, Status::Nothing) }
    }));
    let folders: Vec<Option<String>> = entries.iter().map(|entry| entry.folder.clone()).collect();
    for (number, entry) in entries.iter_mut().enumerate() {
        let same = folders.iter().filter(|folder| folder.is_some() && **folder == entry.folder);
        entry.again = same.count() > 1;
        entry.page = page(number + 1, &entry.name);
    }
    entries
}

fn entry<'a>(student: &Student, came: Status<'a>) -> Entry<'a> {
    Entry {
        page: String::new(),
        name: one_line(&student.name),
        folder: Some(shown(&student.folder)),
        submitted: student.submitted.as_deref().map(one_line),
        again: false,
        came,
    }
}

/// The name of a page: no two are the same, because each has its number, and no letter is left in it
/// that a file system, an address or a shell could take for something else.
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
    fn the_name_of_a_page_is_safe_and_its_own() {
        assert_eq!(page(7, "Alice Wong"), "student-007-alice-wong.html");
        assert_eq!(page(8, "王小明"), "student-008.html");
        assert_eq!(page(9, "../../etc/passwd\0"), "student-009-etc-passwd.html");
        assert_eq!(page(1000, "<b onclick=x>\"&"), "student-1000-b-onclick-x.html");
        assert_eq!(page(2, &"x".repeat(300)).len(), "student-002-.html".len() + 40);
    }
}
