//! Why something was not tried.

use common::one_line;

use crate::grading::mark::{Because, TaskMark};
use crate::messages::Messages;

/// What of a task was not tried, one line for each reason, which is said by `say`: [`reason`], or
/// [`reason_in_short`] where the whole of it stands elsewhere.
pub fn not_tried(
    messages: &Messages,
    mark: &TaskMark,
    say: impl Fn(&Messages, &Because) -> String,
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
        messages.fill("not-tried", &[("because", &say(messages, because)), ("count", &count)])
    };
    reasons.into_iter().map(line).collect()
}

/// Why something was not tried.
pub fn reason(messages: &Messages, because: &Because) -> String {
    match because {
        Because::Test(test) => messages.fill("because-test", &[("test", messages.test(test))]),
        Because::Task(task) => messages.fill("because-task", &[("task", messages.task(task))]),
        Because::Program(_, problem) => one_line(&messages.say(problem)),
        Because::Time(last) => messages.fill("because-time", &[("test", messages.test(last))]),
        Because::Interrupted => messages.get("because-interrupted").to_owned(),
        Because::NotYet => messages.get("because-not-yet").to_owned(),
    }
}

/// Why something was not tried, without what the compiler says.
pub fn reason_in_short(messages: &Messages, because: &Because) -> String {
    match because {
        Because::Program(program, _) => {
            messages.fill("because-does-not-build", &[("program", program)])
        }
        _ => reason(messages, because),
    }
}
