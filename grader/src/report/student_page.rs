//! The page of one student.

use ::tests::{Argument, CapturedOutput, ProgramOutput};
use common::one_line;
use homework::failure_text;
use homework::formats;
use homework::grading::marks::{Failure, Marks, SkipReason, TaskMark, points};
use homework::messages::{Message, Messages};
use homework::skip_reasons::{not_tried, reason_in_short};
use maud::{Markup, html};

use super::Class;
use super::class_list::{Entry, Status};
use super::layout::{bar, column_titles, of, page as frame};
use super::{failure_diagram, output_folder::INDEX};

/// From this many tests on, a list is collapsed.
const MANY: usize = 6;

pub fn page(class: &Class, entry: &Entry) -> String {
    let messages = class.messages;
    let body = html! {
        nav { a href=(INDEX) { "← " (messages.get("report-class")) } }
        header {
            h1 { (entry.name) }
            p.facts {
                @if let Some(folder) = &entry.folder { span { code { (folder) } } }
                @if let Some(time) = &entry.submitted {
                    span { (messages.fill("report-submitted", &[("time", time)])) }
                }
            }
            @if entry.is_duplicate { p.note { (messages.get("report-again")) } }
        }
        @match entry.status {
            Status::Graded(marks) => (points_and_tasks(class, marks)),
            Status::Skipped(why) => {
                p.note { (messages.get("report-skipped")) }
                pre.problem { (why) }
            }
            Status::Missing => p.note { (messages.get("report-nothing")) },
        }
    };
    frame(messages, &entry.name, &body, false)
}

fn points_and_tasks(class: &Class, marks: &Marks) -> Markup {
    let messages = class.messages;
    let all = class.gradebook.rubric.extra_credit_points().to_string();
    let extra_credit = messages
        .fill("extra-credit", &[("one", &points(marks.extra_credit_tenths())), ("all", &all)]);
    let homework: Vec<&TaskMark> = marks.regressions().chain(marks.homework()).collect();
    let extra_credit_tasks: Vec<&TaskMark> = marks.extra_credit().collect();
    let has_more = |mark: &&&TaskMark| {
        !mark.is_complete() || failure_text::remarks(messages, mark).next().is_some()
    };
    html! {
        p.points {
            strong { (points(marks.tenths())) } " / 100"
            span.extra_credit { (extra_credit) }
        }
        (problems(class, marks, false))
        @match marks.next() {
            Some(mark) => p.next { (messages.fill("next", &[("ask", &ask(messages, mark))])) },
            None => p.next { (messages.get("done")) },
        }
        (tasks(class, &homework))
        @for mark in homework.iter().filter(has_more) { (task(class, mark, marks.seed, true)) }
        @if !extra_credit_tasks.is_empty() {
            h2.extra_credit { (messages.get("report-extra-credit")) }
            p { (messages.get("report-extra-credit-note")) }
            (problems(class, marks, true))
            (tasks(class, &extra_credit_tasks))
            @for mark in extra_credit_tasks.iter().filter(has_more) { (task(class, mark, marks.seed, false)) }
        }
    }
}

/// Returns what to do for a task. A program that doesn't compile comes first.
fn ask(messages: &Messages, mark: &TaskMark) -> String {
    let unbuilt = mark.skipped().find_map(|(_, because)| match because {
        SkipReason::Program(program, why) if why.key == "does-not-build" => Some(program),
        _ => None,
    });
    match unbuilt {
        Some(program) => messages.fill("ask-build", &[("program", program)]),
        None => messages.get(&format!("ask-{}", mark.task.name)).to_owned(),
    }
}

/// Shows why programs can't be tested: those of the homework, or those for extra credit.
fn problems(class: &Class, marks: &Marks, extra_credit: bool) -> Markup {
    let program = |mark: &TaskMark| mark.task.file.split('/').next().map(str::to_owned);
    let own: Vec<String> = marks.homework().filter_map(program).collect();
    let is_own = |problem: &Message| match problem.args.get("program") {
        Some(Argument::Text(program)) => own.contains(program),
        _ => false,
    };
    html! {
        @for problem in marks.problems.iter().filter(|problem| is_own(problem) != extra_credit) {
            pre.problem { (one_line(&class.messages.show(problem))) }
        }
    }
}

/// Shows the points of each task.
fn tasks(class: &Class, marks: &[&TaskMark]) -> Markup {
    let messages = class.messages;
    html! {
        table.tasks {
            (column_titles(messages, &["column-task", "column-points", "column-tests"]))
            tbody {
                @for mark in marks {
                    tr {
                        th scope="row" {
                            @let title = messages.task(&mark.task.name);
                            @if mark.is_complete() { (title) }
                            @else { a href=(format!("#{}", mark.task.name)) { (title) } }
                            @if mark.task.points == 0 { span.lost { (messages.get("report-lost")) } }
                            @else { (bar(mark.tenths(), mark.task.points * 10)) }
                        }
                        td.number {
                            @if mark.task.points > 0 {
                                (of(messages, &points(mark.tenths()), mark.task.points))
                            }
                        }
                        td.number { (of(messages, &mark.passed().to_string(), mark.tests.len())) }
                    }
                }
            }
        }
    }
}

/// Shows the failed and skipped tests of a task, and remarks on those that passed.
fn task(class: &Class, mark: &TaskMark, seed: u32, open: bool) -> Markup {
    let messages = class.messages;
    html! {
        section id=(mark.task.name) {
            h3 { (messages.task(&mark.task.name)) }
            @for (test, failure) in mark.failed() {
                @if open {
                    article {
                        h4 { (messages.test(test)) }
                        (failed(class, mark, seed, (test, failure)))
                    }
                } @else {
                    details.test {
                        summary { (messages.test(test)) }
                        (failed(class, mark, seed, (test, failure)))
                    }
                }
            }
            @for reason in not_tried(messages, mark, reason_in_short) { p.untried { (reason) } }
            (untried(messages, mark))
            @for remark in failure_text::remarks(messages, mark) { p.note { (remark) } }
        }
    }
}

fn untried(messages: &Messages, mark: &TaskMark) -> Markup {
    let list = html! {
        ul.untried { @for (test, _) in mark.skipped() { li { (messages.test(test)) } } }
    };
    let count = mark.skipped().count();
    html! {
        @if count > MANY {
            details.untried {
                summary { (messages.fill("report-untried", &[("count", &count.to_string())])) }
                (list)
            }
        } @else if count > 0 { (list) }
    }
}

fn failed(class: &Class, mark: &TaskMark, seed: u32, (test, failure): (&str, &Failure)) -> Markup {
    let messages = class.messages;
    let programs = match failure {
        Failure::Reported(report) => &report.programs[..],
        _ => &[],
    };
    html! {
        (failure_diagram::draw(messages, failure))
        @for said in programs { (output(class, said)) }
        p { (class.sections.reference(messages, &failure_text::section(messages, mark, failure))) }
        p.again { (messages.get("report-see-it-again")) }
        pre.again { (formats::again(test, seed)) }
    }
}

fn output(
    class: &Class,
    ProgramOutput { command, ended, stdout, stderr }: &ProgramOutput,
) -> Markup {
    let messages = class.messages;
    let printed = |name: &str, CapturedOutput { total, lines, left_out }: &CapturedOutput| {
        let middle = if *left_out > 0 { lines.len() / 2 } else { lines.len() };
        html! {
            @if *total > 0 {
                h5 { (messages.fill(name, &[("count", &total.to_string())])) }
                pre {
                    @for line in &lines[..middle] { (line) "\n" }
                    @if *left_out > 0 {
                        span.out { (messages.fill("left-out", &[("count", &left_out.to_string())])) "\n" }
                    }
                    @for line in &lines[middle..] { (line) "\n" }
                }
            }
        }
    };
    html! {
        @if stdout.total + stderr.total > 0 {
            details.output {
                summary { code { (command) } " (" (messages.show(ended)) ")" }
                (printed("report-stdout", stdout))
                (printed("report-stderr", stderr))
            }
        }
    }
}
