//! Why something was not tried.

use common::one_line;

use crate::grading::mark::{Because, TaskMark};
use crate::texts::Texts;

/// What of a task was not tried, one line for each reason, which is said by `say`: [`reason`], or
/// [`reason_in_short`] where the whole of it stands elsewhere.
pub fn not_tried(
    texts: &Texts,
    mark: &TaskMark,
    say: impl Fn(&Texts, &Because) -> String,
) -> Vec<String> {
    let mut reasons: Vec<(&Because, usize)> = Vec::new();
    for (_, because) in mark.not_tried() {
        match reasons.iter_mut().find(|(other, _)| *other == because) {
            Some((_, count)) => *count += 1,
            None => reasons.push((because, 1)),
        }
    }
    let line = |(because, count): (&Because, usize)| {
        let count = count.to_string();
        texts.fill("not tried", &[("because", &say(texts, because)), ("count", &count)])
    };
    reasons.into_iter().map(line).collect()
}

/// Why something was not tried.
pub fn reason(texts: &Texts, because: &Because) -> String {
    match because {
        Because::Test(test) => texts.fill("because test", &[("test", texts.test(test))]),
        Because::Task(task) => texts.fill("because task", &[("task", texts.task(task))]),
        Because::Program(_, problem) => one_line(&texts.say(problem)),
        Because::Time(last) => texts.fill("because time", &[("test", texts.test(last))]),
        Because::Interrupted => texts.get("because interrupted").to_owned(),
        Because::NotYet => texts.get("because not yet").to_owned(),
    }
}

/// Why something was not tried, without what the compiler says.
pub fn reason_in_short(texts: &Texts, because: &Because) -> String {
    match because {
        Because::Program(program, _) => {
            texts.fill("because does not build", &[("program", program)])
        }
        _ => reason(texts, because),
    }
}
