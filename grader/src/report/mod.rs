//! `--report DIR`: a page for the class and one for each student, as files that any browser opens.
//!
//! `frame` < `notes` < `people` < `mistakes` < `likeness` < `ladder` < `histogram` < `matrix` <
//! `student` < `class` < `folder`: each file uses those before it only. What stands in a page is
//! escaped by maud, which writes it: no text of a submission becomes a part of a page.

mod class; // the page of the class
mod folder; // where the pages are, and which files are ours
mod frame; // what all pages have around them
mod histogram; // how many have how many points
mod ladder; // a failed test, drawn
mod likeness; // who fails the same tests as a known wrong solution
mod matrix; // who can talk to whom
mod mistakes; // what fails often
mod notes; // what to read
mod roster; // who has a page
mod student; // the page of one student

use std::path::Path;

use anyhow::Result;
use homework::formats::Marked;
use homework::messages::Messages;

use self::likeness::Known;
use self::notes::Notes;
use self::roster::Person;
use crate::hand_in::HandIn;
use crate::pairs::Pairs;

pub use self::folder::{INDEX, check};

/// What the pages are about.
#[derive(Debug)]
struct Class<'a> {
    messages: &'a Messages,
    marked: &'a Marked<'a>,
    people: Vec<Person<'a>>,
    known: Vec<Known>,
    notes: Notes,
    pairs: Option<&'a Pairs>,
}

/// Writes the pages into a folder, in the place of those that are there: of what was handed in, and
/// of the names of students of whom nothing was.
///
/// # Errors
///
/// There is something else in the folder, or a file cannot be read or written.
pub fn write(
    folder: &Path,
    root: &Path,
    messages: &Messages,
    marked: &Marked,
    (hand_ins, missing): (&[HandIn], &[String]),
    pairs: Option<&Pairs>,
) -> Result<()> {
    let class = Class {
        messages,
        marked,
        people: roster::all(marked, hand_ins, missing),
        known: likeness::known(root, marked.rubric)?,
        notes: Notes::of(root, messages),
        pairs,
    };
    let own =
        class.people.iter().map(|person| (person.page.clone(), student::page(&class, person)));
    let pages = [(folder::INDEX.to_owned(), class::page(&class))].into_iter().chain(own);
    folder::write(folder, &pages.collect::<Vec<_>>(), messages)
}

#[cfg(test)]
mod tests;
