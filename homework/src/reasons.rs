//! Why something was not tried.

use common::one_line;

use crate::grading::marks::{SkipReason, TaskMark};
use crate::messages::Messages;

/// What of a task was not tried, one line for each reason, which is said by `say`: [`reason`], or
/// [`reason_in_short`] where the whole of it stands elsewhere.
pub fn not_tried(
    messages: &Messages,
    mark: &TaskMark,
    say: impl Fn(&Messages, &SkipReason) -> String,
) -> Vec<String> {
    let mut reasons: Vec<(&SkipReason, usize)> = Vec::new();
    for (_, because) in mark.skipped() {
        match reasons.iter_mut().find(|(other, _)| *other == because) {
            Some((_, count)) => *count += 1,
            None => reasons.push((because, 1)),
        }
    }
    let line = |(because, count): (&SkipReason, usize)| {
        let count = count.to_string();
        messages.fill("not-tried", &[("because", &say(messages, because)), ("count", &count)])
    };
    reasons.into_iter().map(line).collect()
}

/// Why something was not tried.
pub fn reason(messages: &Messages, because: &SkipReason) -> String {
    match because {
        SkipReason::Test(test) => messages.fill("because-test", &[("test", messages.test(test))]),
        SkipReason::Task(task) => messages.fill("because-task", &[("task", messages.task(task))]),
        SkipReason::Program(_, problem) => one_line(&messages.show(problem)),
        SkipReason::Time(last) => messages.fill("because-time", &[("test", messages.test(last))]),
        SkipReason::Interrupted => messages.get("because-interrupted").to_owned(),
        SkipReason::NotYet => messages.get("because-not-yet").to_owned(),
    }
}

/// Why something was not tried, without what the compiler says.
pub fn reason_in_short(messages: &Messages, because: &SkipReason) -> String {
    match because {
        SkipReason::Program(program, _) => {
            messages.fill("because-does-not-build", &[("program", program)])
        }
        _ => reason(messages, because),
    }
}
