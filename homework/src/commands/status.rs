//! `homework` without a terminal: prints the points and the next step.

use std::path::Path;

use anyhow::Result;

use crate::commands::next_step;
use crate::grading::local_grader::LocalGrader;
use crate::grading::marks::points;
use crate::messages::Messages;
use crate::process;

pub fn show(root: &Path, messages: &Messages) -> Result<String> {
    process::stop_on_ctrl_c()?;
    let graded = LocalGrader::build(root, false)?.grade()?;
    let mut text = messages.fill("of-100", &[("points", &points(graded.marks.tenths()))]) + "\n";
    match graded.marks.next() {
        Some(mark) => {
            let compiler = graded.programs.compiler_error();
            let ask = next_step::instruction(messages, mark, compiler, "ask-build-below");
            let place = next_step::place_to_fix(root, mark);
            let read = messages.read(&messages.section(&mark.task.section));
            text += &format!("{}\n{place}\n{read}\n", messages.fill("next", &[("ask", &ask)]));
            if let Some(error) = compiler {
                text += &format!("\n{}\n", error.trim_end());
            }
        }
        None => text += &format!("{}\n", messages.get("done")),
    }
    Ok(text)
}
