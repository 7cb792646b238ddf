//! Runs the tests of a submission task by task. A task is skipped until those that it needs are complete,
//! so that one mistake costs points only once.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::grading::marks::{Marks, Outcome, SkipReason, TaskMark};
use crate::grading::rubric::Task;
use crate::grading::submission::Submission;
use crate::grading::test_suite::TestSuite;
use crate::parallel_jobs::in_parallel;
use crate::process;

/// A failed test that takes longer than this has reached a deadline, as would the other tests of its task.
/// A correct program takes a thousandth of it.
const SLOW: Duration = Duration::from_secs(4);

/// A test that takes longer than this counts for the next limit. On a busy machine, Java needs two seconds to
/// start.
const LONG: Duration = Duration::from_secs(3);

/// The time limit for all long tests of a task, for programs that reply just before each deadline. The time
/// of a task doesn't depend on how many run at once, so neither do the points.
const SLOW_TESTS_LIMIT: Duration = Duration::from_secs(30);

/// The time limit for a submission, to compile it and run its tests. Those for extra credit have a limit of
/// their own. A correct one in Java takes half of this on a busy machine.
const SUBMISSION_LIMIT: Duration = Duration::from_secs(180);

#[derive(Debug, Default)]
struct Spent {
    all: Duration,
    /// The test that exceeded the limit.
    last: Option<String>,
}

/// Grades a submission. Tests run in parallel: each has its own ports and processes.
pub fn grade(tests: &TestSuite, submission: &Submission) -> Marks {
    thread::scope(|scope| {
        let mut pausing = Vec::new();
        let start = |task: &Task, test| {
            let thread = scope.spawn(move || tests.run(test, submission).0);
            pausing.push((task.name.clone(), test, thread));
        };
        let mut marks = regrade(tests, submission, |_| None, start);
        for (task, test, thread) in pausing {
            if let Ok(outcome) = thread.join() {
                marks.set_pausing(&task, &tests.names[test], outcome);
            }
        }
        marks
    })
}

/// The same, except for tasks whose marks are `known`. Doesn't run tests that pause: calls `pausing` for
/// each whose task can be tested, and no task waits for them.
pub fn regrade<'a>(
    tests: &'a TestSuite,
    submission: &Submission,
    known: impl Fn(&Task) -> Option<TaskMark> + Sync,
    mut pausing: impl FnMut(&'a Task, usize),
) -> Marks {
    let TestSuite { rubric, extra_credit, .. } = tests;
    let tasks: Vec<&Task> =
        rubric.tasks().filter(|task| *extra_credit || !task.extra_credit).collect();
    let levels: Vec<usize> = tasks.iter().map(|task| rubric.level(task)).collect();
    // Of the homework, and of extra credit.
    let spent =
        [(); 2].map(|()| Mutex::new(Spent { all: submission.build_time, ..Spent::default() }));
    let mut marks: Vec<Option<TaskMark>> = vec![None; tasks.len()];

    for level in 0..=levels.iter().max().copied().unwrap_or(0) {
        let jobs: Vec<_> = (0..tasks.len())
            .filter(|&task| levels[task] == level)
            .map(|task| (task, why_not(tasks[task], submission, tasks.iter().zip(&marks))))
            .collect();
        for (task, _) in jobs.iter().filter(|(_, why_not)| why_not.is_none()) {
            let own = tests.tests_by_task[*task].iter();
            if known(tasks[*task]).is_none() {
                own.filter(|&&test| tests.pauses(test))
                    .for_each(|&test| pausing(tasks[*task], test));
            }
        }
        let graded = in_parallel(&jobs, |(task, why_not)| {
            if let Some(known) = known(tasks[*task]) {
                return known;
            }
            let own = &tests.tests_by_task[*task];
            let run = |test| tests.run(test, submission);
            let (later, now): (Vec<usize>, Vec<usize>) =
                own.iter().partition(|&&test| tests.pauses(test));
            let spent = &spent[usize::from(tasks[*task].extra_credit)];
            let mut outcomes =
                run_task(tasks[*task], &now, &tests.names, why_not.clone(), spent, run);
            let last = Outcome::Skipped(why_not.clone().unwrap_or(SkipReason::RunsLast));
            outcomes.extend(later.iter().map(|_| last.clone()));
            let names = now.iter().chain(&later).map(|&test| tests.names[test].clone());
            TaskMark { task: tasks[*task].clone(), tests: names.zip(outcomes).collect() }
        });
        for ((task, _), mark) in jobs.into_iter().zip(graded) {
            marks[task] = Some(mark);
        }
    }
    let mut problems: Vec<_> = submission.problems().map(|(_, problem)| problem.clone()).collect();
    // All programs have the same problem if their commands can't be read.
    problems.dedup();
    Marks {
        student: submission.student.clone(),
        seed: submission.seed,
        problems,
        tasks: marks.into_iter().flatten().collect(),
    }
}

/// Returns why the tests of a task can't be run, if they can't.
fn why_not<'a>(
    task: &Task,
    submission: &Submission,
    before: impl Iterator<Item = (&'a &'a Task, &'a Option<TaskMark>)>,
) -> Option<SkipReason> {
    // The file of a task is in the folder of its program.
    let mut problems = submission.problems();
    if let Some((name, problem)) = problems.find(|(name, _)| task.file.starts_with(name)) {
        return Some(SkipReason::Program(name.to_owned(), problem.clone()));
    }
    for (other, mark) in before {
        if task.needs.contains(&other.name)
            && !mark.as_ref().is_some_and(TaskMark::is_complete_so_far)
        {
            return Some(SkipReason::Task(other.name.clone()));
        }
    }
    None
}

/// Runs the tests of a task, one at a time.
fn run_task(
    task: &Task,
    tests: &[usize],
    names: &[String],
    mut why_not: Option<SkipReason>,
    spent: &Mutex<Spent>,
    mut run: impl FnMut(usize) -> (Outcome, Duration),
) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut slow = Duration::ZERO;
    for &test in tests {
        if process::interrupted() {
            why_not = Some(SkipReason::Interrupted);
        } else if why_not.is_none() {
            why_not = lock(spent).last.clone().map(SkipReason::Time);
        }
        if let Some(because) = &why_not {
            outcomes.push(Outcome::Skipped(because.clone()));
            continue;
        }
        let (outcome, time) = run(test);
        if time > LONG {
            slow += time;
        }
        let mut spent = lock(spent);
        spent.all += time;
        if spent.all > SUBMISSION_LIMIT {
            spent.last.get_or_insert_with(|| names[test].clone());
        }
        drop(spent);
        if !outcome.is_passed() && (task.in_order || time > SLOW) {
            why_not = Some(SkipReason::Test(names[test].clone()));
        } else if slow > SLOW_TESTS_LIMIT {
            why_not = Some(SkipReason::Time(names[test].clone()));
        }
        outcomes.push(outcome);
    }
    outcomes
}

fn lock(spent: &Mutex<Spent>) -> MutexGuard<'_, Spent> {
    spent.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grading::marks::Failure;
    use crate::grading::submission::PROGRAMS;

    fn task(in_order: bool) -> Task {
        let task = "name = 't'\nfile = 'x'\nsection = ''\ntests = []\nin_order = ";
        toml::from_str(&format!("{task}{in_order}")).unwrap()
    }

    /// Runs a task with three tests, of which one fails. Returns the results, and which tests were run.
    fn run_three(in_order: bool, seconds: u64, failing: usize) -> (Vec<Outcome>, Vec<usize>) {
        let names: Vec<String> = ["a", "b", "c"].map(String::from).into();
        let mut ran = Vec::new();
        let spent = Mutex::new(Spent::default());
        let outcomes = run_task(&task(in_order), &[0, 1, 2], &names, None, &spent, |test| {
            ran.push(test);
            let failed = Outcome::Failed(Failure::TimedOut(1));
            let outcome = if test == failing { failed } else { Outcome::Passed(None) };
            (outcome, Duration::from_secs(seconds))
        });
        (outcomes, ran)
    }

    #[test]
    fn a_failed_test_skips_those_that_need_it() {
        let (outcomes, ran) = run_three(true, 0, 1);
        assert_eq!(ran, [0, 1]);
        assert_eq!(outcomes[2], Outcome::Skipped(SkipReason::Test("b".to_owned())));
        assert_eq!(run_three(false, 0, 1).1, [0, 1, 2]);
    }

    #[test]
    fn a_task_stops_when_its_tests_are_too_slow_or_its_time_budget_is_spent() {
        let (outcomes, ran) = run_three(false, 16, 9);
        assert_eq!(ran, [0, 1]);
        assert_eq!(outcomes[2], Outcome::Skipped(SkipReason::Time("b".to_owned())));
        // A failed test that reaches its deadline, and one that takes longer than a submission may.
        assert_eq!(run_three(false, 5, 0).1, [0]);
        assert_eq!(run_three(false, 181, 9).1, [0]);
    }

    #[test]
    fn no_program_name_is_the_prefix_of_another() {
        assert!(PROGRAMS.iter().all(|one| {
            PROGRAMS.iter().filter(|other| other.name.starts_with(one.name)).count() == 1
        }));
    }
}
