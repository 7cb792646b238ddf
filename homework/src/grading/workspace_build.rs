//! Builds the programs of the workspace that the command runs in.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::grading::cargo_build::{self, Source};
use crate::grading::marks::Student;
use crate::grading::submission::{
    ANSWERS, COMMANDS, LOOK_UPS, MISSING, PROGRAMS, Program, Start, Submission, commands,
};
use crate::messages::{Explain as _, message};

/// Compiles the programs of the workspace at `root`, with colours in the compiler's errors if it's
/// `coloured`. A program that doesn't compile isn't an error here.
pub fn build_workspace(root: &Path, extra_credit: bool, coloured: bool) -> Result<Submission> {
    let needed = if extra_credit { PROGRAMS.len() } else { 2 };
    let mut arguments = vec!["build", "--workspace", "--keep-going", "--quiet"];
    arguments.extend(coloured.then_some(cargo_build::COLOURED));
    arguments.extend(PROGRAMS[..needed].iter().flat_map(|program| ["--bin", program.name]));
    if extra_credit {
        arguments.extend(["--bin", LOOK_UPS.name]);
    }
    let built = cargo_build::build(root, &arguments, &[], Source::Trusted, cargo_build::TIMEOUT)?;
    let path = root.join(COMMANDS);
    let commands = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
        text => commands(&text.explain(message!("cannot-read", file = path.display()))?, |word| {
            root.join(word).is_file()
        })?,
    };
    let start = |program: &Program| match commands.get(program.name) {
        Some(words) => Ok(Start::Command { folder: root.to_owned(), words: words.clone() }),
        None => built.executable(program.name).map(|path| Start::Program(path.to_owned())),
    };
    Ok(Submission {
        student: Student::from_folder(root),
        folder: root.to_owned(),
        answers: Ok(root.join(ANSWERS)),
        programs: PROGRAMS.each_ref().map(start),
        look_ups: built.executable(LOOK_UPS.name).map_or_else(|_| MISSING.into(), Path::to_owned),
        build_time: Duration::ZERO,
        errors: built.errors,
    })
}
