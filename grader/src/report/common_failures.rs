//! Groups failures by test and cause, to show what fails often.

use common::one_line;
use homework::failure_text;
use homework::grading::marks::{Failure, Marks, SkipReason, TaskMark};
use homework::messages::{Message, Messages, message};

/// A failure of one or more students.
pub struct CommonFailure {
    /// The title of the test, or that a program doesn't compile.
    pub what: String,
    /// See [`cause`].
    cause: String,
    /// What was expected and what happened, as far as it's the same for all students.
    pub seen: Vec<String>,
    /// The section of the notes that helps.
    pub section: Option<String>,
    /// The students, as indices into the marks.
    pub who: Vec<usize>,
}

/// Returns the key of a failure's cause. After a close, the kernel may report any of three errors, and the
/// client may have ended by then, so they count as one.
fn cause(failure: &Failure) -> String {
    match failure {
        Failure::Reported(report) => match report.cause.as_deref() {
            Some("end-of-file" | "connection-reset" | "broken-pipe" | "client-ended") => {
                "closed".to_owned()
            }
            Some(cause) => cause.to_owned(),
            None => "other".to_owned(),
        },
        Failure::TimedOut(_) => "stopped".to_owned(),
        Failure::Crashed(_) => "broken".to_owned(),
    }
}

/// Returns the failures in the homework, the most frequent first.
pub fn frequent(messages: &Messages, marks: &[&Marks]) -> Vec<CommonFailure> {
    let mut failures: Vec<CommonFailure> = Vec::new();
    for (number, marks) in marks.iter().enumerate() {
        for mark in marks.tasks.iter().filter(|mark| !mark.task.extra_credit) {
            for (test, failure) in mark.failed() {
                let failure = of_test(messages, mark, test, failure);
                add(messages, &mut failures, number, failure);
            }
            for (_, reason) in mark.skipped() {
                if let SkipReason::Program(program, why) = reason {
                    add(messages, &mut failures, number, of_program(messages, program, why));
                }
            }
        }
    }
    // The sort is stable: equally frequent failures stay in the order of the lesson.
    failures.sort_by_key(|failure| std::cmp::Reverse(failure.who.len()));
    failures
}

fn of_test(messages: &Messages, mark: &TaskMark, test: &str, failure: &Failure) -> CommonFailure {
    let seen = match failure {
        Failure::Reported(report) => [
            ("expected", messages.show(&report.expected)),
            ("actual", failure_text::actual(messages, failure)),
        ]
        .map(|(key, what)| messages.fill(key, &[("what", &one_line(&what))]))
        .into(),
        _ => vec![failure_text::summary(messages, failure)],
    };
    CommonFailure {
        what: messages.test(test).to_owned(),
        cause: cause(failure),
        seen,
        section: Some(failure_text::section(messages, mark, failure)),
        who: Vec::new(),
    }
}

fn of_program(messages: &Messages, program: &str, why: &Message) -> CommonFailure {
    CommonFailure {
        what: messages.fill("because-does-not-build", &[("program", program)]),
        cause: "program".to_owned(),
        seen: vec![one_line(&messages.show(why))],
        section: None,
        who: Vec::new(),
    }
}

/// Adds a student's failure. What differs between students is left out or replaced by a general message.
fn add(messages: &Messages, failures: &mut Vec<CommonFailure>, number: usize, own: CommonFailure) {
    let is_like = |other: &&mut CommonFailure| other.what == own.what && other.cause == own.cause;
    let Some(known) = failures.iter_mut().find(is_like) else {
        failures.push(CommonFailure { who: vec![number], ..own });
        return;
    };
    if known.who.last() != Some(&number) {
        known.who.push(number);
    }
    if known.seen != own.seen {
        let general = messages.find(&format!("report-in-general-{}", own.cause));
        let cause = messages.find(&own.cause).filter(|text| !text.contains('{'));
        let actual = general.or(cause).map(|what| messages.show(&message!("actual", what)));
        let same = known.seen.first().filter(|_| known.seen.len() == 2 || own.seen.len() == 2);
        let expected = same.filter(|first| own.seen.first() == Some(first)).cloned();
        known.seen = expected.into_iter().chain(actual).collect();
    }
    if known.section != own.section {
        known.section = None;
    }
}

#[cfg(test)]
mod tests {
    use ::tests::{Report, show};
    use homework::messages::Language;

    use super::*;

    fn failure(how: &str) -> CommonFailure {
        let report = Report {
            expected: show(b"two\n"),
            actual: message!("ended", how),
            cause: Some("ended".to_owned()),
            section: "close".to_owned(),
            ..Report::default()
        };
        let failure = Failure::Reported(Box::new(report));
        let rubric = "name = 't'\nfile = ''\nsection = ''\ntests = []";
        let mark = TaskMark { task: toml::from_str(rubric).unwrap(), tests: Vec::new() };
        of_test(&Messages::new(Language::En), &mark, "both_programs::t", &failure)
    }

    #[test]
    fn a_grouped_message_is_true_of_every_student() {
        let messages = Messages::new(Language::En);
        let mut all = Vec::new();
        add(&messages, &mut all, 0, failure("exit status 1"));
        assert_eq!(all[0].seen[1], "seen: your program ended (exit status 1)");
        add(&messages, &mut all, 1, failure("exit status 1"));
        assert_eq!(all[0].seen[1], "seen: your program ended (exit status 1)");
        for number in [2, 3, 3] {
            add(&messages, &mut all, number, failure(&format!("exit status {number}")));
            assert_eq!(all[0].seen, ["expected: 4 bytes \"two\\n\"", "seen: it ended"]);
        }
        assert_eq!(all[0].who, [0, 1, 2, 3]);
        assert_eq!(all.len(), 1);
    }
}
