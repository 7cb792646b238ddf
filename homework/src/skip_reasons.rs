//! Why tests were skipped.

use common::one_line;

use crate::grading::marks::{SkipReason, TaskMark};
use crate::messages::{Messages, message};

/// Returns a line for each reason why tests of a task were skipped. `describe` is [`reason`], or
/// [`reason_in_short`] where the compiler's error is shown elsewhere.
pub fn not_tried(
    messages: &Messages,
    mark: &TaskMark,
    describe: impl Fn(&Messages, &SkipReason) -> String,
) -> Vec<String> {
    let mut reasons: Vec<(&SkipReason, usize)> = Vec::new();
    for (_, because) in mark.skipped() {
        match reasons.iter_mut().find(|(other, _)| *other == because) {
            Some((_, count)) => *count += 1,
            None => reasons.push((because, 1)),
        }
    }
    let line = |(because, count): (&SkipReason, usize)| {
        messages.show(&message!("not-tried", because = describe(messages, because), count))
    };
    reasons.into_iter().map(line).collect()
}

pub fn reason(messages: &Messages, because: &SkipReason) -> String {
    match because {
        SkipReason::Test(test) => messages.fill("because-test", &[("test", messages.test(test))]),
        SkipReason::Task(task) => messages.fill("because-task", &[("task", messages.task(task))]),
        SkipReason::Program(_, problem) => one_line(&messages.show(problem)),
        SkipReason::Time(last) => messages.fill("because-time", &[("test", messages.test(last))]),
        SkipReason::Interrupted => messages.get("because-interrupted").to_owned(),
        SkipReason::RunsLast => messages.get("because-last").to_owned(),
        SkipReason::NotYet => messages.get("because-not-yet").to_owned(),
    }
}

/// The same without the compiler's error.
pub fn reason_in_short(messages: &Messages, because: &SkipReason) -> String {
    match because {
        SkipReason::Program(program, _) => {
            messages.fill("because-does-not-build", &[("program", program)])
        }
        _ => reason(messages, because),
    }
}
