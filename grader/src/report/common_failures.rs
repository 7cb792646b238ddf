//! What fails often: the students whom the same test saw fail in the same way.

use common::one_line;
use homework::failure_text;
use homework::grading::marks::{Failure, Marks, SkipReason, TaskMark};
use homework::messages::{Messages, message};

/// What several students have failed at.
#[derive(Debug)]
pub struct CommonFailure {
    /// The test, or the program that cannot be tested.
    pub what: String,
    /// How it failed, in the words of [`how`].
    how: String,
    /// What was expected and what came, in words that are true of each of them.
    pub seen: Vec<String>,
    /// The section of the notes, where one helps.
    pub section: Option<String>,
    /// Whose marks they are, by their places.
    pub who: Vec<usize>,
}

/// How a test failed, in a word: the name of the cause. Which of the three comes when a connection is
/// closed is left to chance.
pub fn how(failure: &Failure) -> String {
    match failure {
        Failure::Reported(report) => match report.cause.as_deref() {
            Some("end-of-file" | "reset" | "broken-pipe") => "closed".to_owned(),
            Some(cause) => cause.to_owned(),
            None => "other".to_owned(),
        },
        Failure::TimedOut(_) => "stopped".to_owned(),
        Failure::Crashed(_) => "broken".to_owned(),
    }
}

/// What the students failed at in the homework, the most frequent first.
pub fn frequent(messages: &Messages, marks: &[&Marks]) -> Vec<CommonFailure> {
    let mut mistakes: Vec<CommonFailure> = Vec::new();
    for (number, marks) in marks.iter().enumerate() {
        for mark in marks.tasks.iter().filter(|mark| !mark.task.extra_credit) {
            for (test, failure) in mark.failed() {
                let own = of_test(messages, mark, test, failure);
                add(messages, &mut mistakes, number, own);
            }
            for (_, because) in mark.skipped() {
                if let SkipReason::Program(program, why) = because {
                    add(messages, &mut mistakes, number, of_program(messages, program, why));
                }
            }
        }
    }
    // Those of the same number stay in the order of the lesson.
    mistakes.sort_by_key(|mistake| std::cmp::Reverse(mistake.who.len()));
    mistakes
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
        how: how(failure),
        seen,
        section: Some(failure_text::section(messages, mark, failure)),
        who: Vec::new(),
    }
}

fn of_program(messages: &Messages, program: &str, why: &str) -> CommonFailure {
    CommonFailure {
        what: messages.fill("because-does-not-build", &[("program", program)]),
        how: "program".to_owned(),
        seen: vec![one_line(&messages.say(why))],
        section: None,
        who: Vec::new(),
    }
}

/// Counts a student in. What is not the same for all of them is not said, or in general words.
fn add(messages: &Messages, mistakes: &mut Vec<CommonFailure>, number: usize, own: CommonFailure) {
    let is_like = |other: &&mut CommonFailure| other.what == own.what && other.how == own.how;
    let Some(known) = mistakes.iter_mut().find(is_like) else {
        mistakes.push(CommonFailure { who: vec![number], ..own });
        return;
    };
    if known.who.last() != Some(&number) {
        known.who.push(number);
    }
    if known.seen != own.seen {
        let general = messages.find(&format!("report-in-general-{}", own.how));
        let cause = messages.find(&own.how).filter(|text| !text.contains('{'));
        let said = general.or(cause).map(|what| messages.show(&message!("actual", what)));
        // What was expected stays, where it was the same.
        let same = known.seen.first().filter(|_| known.seen.len() == 2 || own.seen.len() == 2);
        let same = same.filter(|first| own.seen.first() == Some(first)).cloned();
        known.seen = same.into_iter().chain(said).collect();
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

    fn mistake(how: &str) -> CommonFailure {
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
    fn what_is_said_is_true_of_each() {
        let messages = Messages::new(Language::En);
        let mut all = Vec::new();
        add(&messages, &mut all, 0, mistake("exit status 1"));
        assert_eq!(all[0].seen[1], "seen: your program ended (exit status 1)");
        add(&messages, &mut all, 1, mistake("exit status 1"));
        assert_eq!(all[0].seen[1], "seen: your program ended (exit status 1)");
        for number in [2, 3, 3] {
            add(&messages, &mut all, number, mistake(&format!("exit status {number}")));
            assert_eq!(all[0].seen, ["expected: 4 bytes \"two\\n\"", "seen: it ended"]);
        }
        assert_eq!(all[0].who, [0, 1, 2, 3]);
        assert_eq!(all.len(), 1);
    }
}
