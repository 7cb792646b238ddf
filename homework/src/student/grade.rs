//! `grade` without a folder: marks the programs of this workspace.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use lesson::print_error;

use crate::arguments::Format;
use crate::bounded::{self, progress};
use crate::formats::{self, Marked};
use crate::marking::order;
use crate::marking::rubric::Rubric;
use crate::marking::submission;
use crate::marking::tests::Tests;
use crate::texts::Texts;

/// Marks the workspace at `root`. After Ctrl-C it prints what there is by then.
///
/// # Errors
///
/// The tests do not build, or the system fails.
pub fn grade(root: &Path, format: Format, seed: Option<u32>, texts: &Texts) -> Result<ExitCode> {
    bounded::stop_on_ctrl_c()?;
    match grade_own(root, format, seed.unwrap_or_default(), texts) {
        Err(error) if bounded::interrupted() => {
            print_error(&texts.error(error));
            Ok(bounded::INTERRUPTED.into())
        }
        graded => graded,
    }
}

fn grade_own(root: &Path, format: Format, seed: u32, texts: &Texts) -> Result<ExitCode> {
    let rubric = Rubric::of(root)?;
    progress(texts.say("building the tests"));
    let mut tests = Tests::build(root, &rubric, true)?;
    tests.seed = seed;
    progress(texts.say("building the programs"));
    let own = submission::build_own(root, true)?;
    progress(texts.say(&format!("testing them ({} tests)", tests.names.len())));
    let marks = [order::mark(&rubric, &tests, &own, true)];
    let marked = Marked { rubric: &rubric, marks: &marks, skipped: &[], seed, pairs: None };
    lesson::print(formats::print(texts, format, &marked, "show again").as_bytes())?;
    Ok(if bounded::interrupted() { bounded::INTERRUPTED.into() } else { ExitCode::SUCCESS })
}
