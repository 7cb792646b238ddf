//! `hint`: three hints for each task of the homework. A question, the place, and almost the line. The
//! question is about the first test that fails, if that's known.

use std::path::Path;

use anyhow::Result;

use crate::commands::next_step;
use crate::grading::local_grader::LocalGrader;
use crate::grading::marks::Failure;
use crate::grading::rubric::{Rubric, Task};
use crate::messages::{Messages, message};
use crate::process;

pub const STEPS: usize = 3;

/// Shows a hint for a task, given by its name or its number in the list. Without one, for the next task.
pub fn show(root: &Path, task: Option<&str>, step: usize, messages: &Messages) -> Result<String> {
    let rubric = Rubric::from_workspace(root)?;
    let mut failed = None;
    let task = match task {
        Some(wanted) => {
            let found = find(messages, &rubric, wanted);
            let unknown = || message!("no-task", task = wanted, tasks = names(&rubric));
            found.ok_or_else(unknown)?.clone()
        }
        None => {
            process::stop_on_ctrl_c()?;
            let graded = LocalGrader::build(root, false)?.grade()?;
            match graded.marks.next() {
                Some(mark) => {
                    failed = mark.failed().next().map(|it| (it.0.to_owned(), it.1.clone()));
                    mark.task.clone()
                }
                None => return Ok(format!("{}\n", messages.get("done"))),
            }
        }
    };
    let name = &task.name;
    let mut text = format!("{}\n{}\n", messages.task(name), messages.get(&format!("ask-{name}")));
    let failed = failed.as_ref().map(|(test, failure)| (test.as_str(), failure));
    text += &format!("{step}/{STEPS}  {}\n", hint(messages, root, &task, failed, step));
    if step < STEPS {
        let next = message!("next-hint", task = name, step = step + 1);
        text += &format!("{}\n", messages.show(&next));
    }
    Ok(text)
}

/// Returns a hint for a task in which this test failed, if that's known. The first one is what can be
/// concluded from the failure, or the question of the test.
pub fn hint(
    messages: &Messages,
    root: &Path,
    task: &Task,
    failed: Option<(&str, &Failure)>,
    step: usize,
) -> String {
    let failed = failed.filter(|_| step == 1);
    if let Some((_, Failure::Reported(report))) = failed
        && let Some(finding) = &report.finding
    {
        return messages.show(finding);
    }
    let of_test = failed.map(|(test, _)| format!("hint-{test}"));
    let keys = of_test.into_iter().chain([format!("hint-{}-{step}", task.name)]);
    let key = keys.into_iter().find(|key| messages.find(key).is_some());
    let key = key.as_deref().unwrap_or("hint");
    let (place, notes) = (next_step::place(root, task), messages.section(&task.section));
    messages.show(&message!(key, place, notes))
}

fn homework(rubric: &Rubric) -> impl Iterator<Item = &Task> {
    rubric.tasks().filter(|task| !task.extra_credit && task.points > 0)
}

fn find<'a>(messages: &Messages, rubric: &'a Rubric, wanted: &str) -> Option<&'a Task> {
    let number = wanted.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    if let Some(task) = number.and_then(|number| homework(rubric).nth(number)) {
        return Some(task);
    }
    rubric.tasks().find(|task| task.name == wanted || messages.task(&task.name) == wanted)
}

fn names(rubric: &Rubric) -> String {
    homework(rubric).map(|task| task.name.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Language;

    #[test]
    fn every_task_has_three_hints_in_both_languages() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let rubric = Rubric::from_workspace(&root).unwrap();
        for task in rubric.tasks().filter(|task| !task.extra_credit) {
            for language in [Language::En, Language::Zh] {
                let messages = Messages::new(language);
                let general = hint(&messages, &root, task, None, 9);
                for step in 1..=STEPS {
                    assert_ne!(hint(&messages, &root, task, None, step), general, "{}", task.name);
                }
            }
        }
    }
}
