//! `--report DIR`: HTML pages, one for the class and one for each student.
//!
//! Imports go one way: `class_page` and `student_page` use the other files, which never use them.
//! maud escapes every text that it puts into a page, so a submission can't add markup.

mod class_list;
mod class_page;
mod common_failures;
mod failure_diagram;
mod histogram;
mod layout;
mod notes_headings;
mod output_folder;
mod pairs_matrix;
mod student_page;

use std::path::Path;

use anyhow::Result;
use homework::formats::Gradebook;
use homework::messages::Messages;

use self::class_list::Entry;
use self::notes_headings::NotesHeadings;
use crate::pairs::Pairs;
use crate::submissions::SubmissionFolder;

pub use self::output_folder::{INDEX, check};

struct Class<'a> {
    messages: &'a Messages,
    gradebook: &'a Gradebook<'a>,
    entries: Vec<Entry<'a>>,
    sections: NotesHeadings,
    pairs: Option<&'a Pairs>,
}

/// Replaces the pages in a folder. `missing` has the names of students without a submission.
pub fn write(
    folder: &Path,
    root: &Path,
    messages: &Messages,
    gradebook: &Gradebook,
    (submissions, missing): (&[SubmissionFolder], &[String]),
    pairs: Option<&Pairs>,
) -> Result<()> {
    let class = Class {
        messages,
        gradebook,
        entries: class_list::all(gradebook, submissions, missing),
        sections: NotesHeadings::read(root, messages),
        pairs,
    };
    let students =
        class.entries.iter().map(|entry| (entry.page.clone(), student_page::page(&class, entry)));
    let pages =
        [(output_folder::INDEX.to_owned(), class_page::page(&class))].into_iter().chain(students);
    output_folder::write(folder, &pages.collect::<Vec<_>>())
}

#[cfg(test)]
mod page_tests;
