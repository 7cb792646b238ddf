//! Who has a page: each folder that was marked, each that was skipped, and each student of whom
//! nothing came.

use std::path::Path;

use common::one_line;
use homework::formats::{Marked, shown};
use homework::grading::mark::{Marks, Student};

use crate::hand_in::HandIn;

/// Somebody, and what came.
#[derive(Debug)]
pub struct Person<'a> {
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
    pub came: Came<'a>,
}

/// What came of somebody.
#[derive(Debug)]
pub enum Came<'a> {
    /// A homework with its marks.
    Marked(&'a Marks),
    /// Something that could not be marked, and why.
    Skipped(&'a str),
    /// Nothing.
    Nothing,
}

impl<'a> Person<'a> {
    /// The marks, if there are some.
    pub fn marks(&self) -> Option<&'a Marks> {
        match self.came {
            Came::Marked(marks) => Some(marks),
            _ => None,
        }
    }
}

/// Everybody, in the order of the folders on the command line; those without marks at the end.
pub fn all<'a>(marked: &'a Marked, hand_ins: &[HandIn], missing: &[String]) -> Vec<Person<'a>> {
    let mut people = Vec::new();
    for marks in marked.marks {
        people.push(person(&marks.student, Came::Marked(marks)));
    }
    for (folder, why) in marked.skipped {
        let is_it = |hand_in: &&HandIn| shown(&hand_in.student.folder) == *folder;
        let known = hand_ins.iter().find(is_it).map(|hand_in| hand_in.student.clone());
        let student = known.unwrap_or_else(|| Student::of(Path::new(folder)));
        people.push(person(&student, Came::Skipped(why)));
    }
    people.extend(missing.iter().map(|name| {
        let student = Student::of(Path::new(""));
        Person { name: one_line(name), folder: None, ..person(&student, Came::Nothing) }
    }));
    let folders: Vec<Option<String>> = people.iter().map(|person| person.folder.clone()).collect();
    for (number, person) in people.iter_mut().enumerate() {
        let same = folders.iter().filter(|folder| folder.is_some() && **folder == person.folder);
        person.again = same.count() > 1;
        person.page = page(number + 1, &person.name);
    }
    people
}

fn person<'a>(student: &Student, came: Came<'a>) -> Person<'a> {
    Person {
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
