//! The page of the class.

use homework::grading::marks::{Marks, TaskMark, points};
use homework::messages::Messages;
use maud::{Markup, html};

use super::Class;
use super::class_list::{Entry, Status};
use super::common_failures::{self, CommonFailure};
use super::layout::{bar, column_titles, of, scrollable};
use super::{histogram, layout, pairs_matrix};

/// From this many students on, their names are collapsed.
const MANY: usize = 6;

pub fn page(class: &Class) -> String {
    let messages = class.messages;
    let graded = class.entries.iter().filter_map(|entry| Some((entry, entry.marks()?)));
    let (entries, marks): (Vec<&Entry>, Vec<&Marks>) = graded.unzip();
    let mut tenths: Vec<u32> = marks.iter().map(|marks| marks.tenths()).collect();
    tenths.sort_unstable();
    let title = messages.get("report-title");
    let body = html! {
        header {
            h1 { (title) }
            (facts(class, &tenths))
        }
        @if !marks.is_empty() {
            section {
                h2 { (messages.get("report-distribution")) }
                (histogram::draw(messages, &tenths))
            }
            section { h2 { (messages.get("report-tasks")) } (tasks(messages, &marks)) }
            section { h2 { (messages.get("report-mistakes")) } (failures(class, &marks, &entries)) }
        }
        @if let Some(pairs) = class.pairs {
            section {
                h2 { (messages.get("report-pairs")) }
                p { (messages.get("report-pairs-are")) }
                (pairs_matrix::draw(messages, pairs))
            }
        }
        section { h2 { (messages.get("report-all-students")) } (all_students(class)) }
        footer {
            @if let Some(seed) = class.gradebook.seed {
                p { (messages.fill("seed", &[("seed", &seed.to_string())])) }
            }
        }
    };
    layout::page(messages, title, &body, true)
}

/// Shows the size of the class, and the median of sorted points.
fn facts(class: &Class, tenths: &[u32]) -> Markup {
    let messages = class.messages;
    let others = class.entries.len() - tenths.len();
    let complete = tenths.iter().filter(|tenths| **tenths == 1000).count();
    let fact =
        |value: String, key: &str| html! { div { dd { (value) } dt { (messages.get(key)) } } };
    html! {
        dl.facts {
            (fact(tenths.len().to_string(), "report-graded"))
            @if others > 0 { (fact(others.to_string(), "report-others")) }
            @if let Some(middle) = median(tenths) {
                (fact(points(middle), "report-median"))
                (fact(complete.to_string(), "report-complete"))
            }
        }
    }
}

/// Returns the median of sorted numbers.
fn median(sorted: &[u32]) -> Option<u32> {
    let middle = sorted.len() / 2;
    match sorted.len() % 2 {
        1 => sorted.get(middle).copied(),
        _ => Some(sorted.get(middle.checked_sub(1)?)?.midpoint(*sorted.get(middle)?)),
    }
}

/// Shows the mean points of each task.
fn tasks(messages: &Messages, marks: &[&Marks]) -> Markup {
    let Some(first) = marks.first() else { return html! {} };
    let of_task = |name: &str| -> Vec<&TaskMark> {
        let all = marks.iter().flat_map(|marks| &marks.tasks);
        all.filter(|mark| mark.task.name == name).collect()
    };
    let row = |mark: &TaskMark| {
        let own = of_task(&mark.task.name);
        let count = u32::try_from(own.len()).unwrap_or(u32::MAX).max(1);
        let mean = own.iter().map(|mark| mark.tenths()).sum::<u32>() / count;
        let complete = own.iter().filter(|mark| mark.is_complete()).count();
        html! {
            tr.more[mark.task.extra_credit] {
                th scope="row" { (messages.task(&mark.task.name)) (bar(mean, mark.task.points * 10)) }
                td.number { (of(messages, &points(mean), mark.task.points)) }
                td.number { (of(messages, &complete.to_string(), own.len())) }
            }
        }
    };
    html! {
        table.tasks {
            (column_titles(messages, &["column-task", "report-mean", "report-all-points"]))
            tbody { @for mark in first.homework() { (row(mark)) } }
            tbody {
                tr.between { th colspan="3" scope="rowgroup" { (messages.get("report-extra-credit")) } }
                @for mark in first.extra_credit() { (row(mark)) }
            }
        }
    }
}

/// Shows the common failures. Those of one student only are collapsed.
fn failures(class: &Class, marks: &[&Marks], entries: &[&Entry]) -> Markup {
    let messages = class.messages;
    let failures = common_failures::frequent(messages, marks);
    let list = |failures: &[CommonFailure]| {
        html! {
            ol.mistakes {
                @for failure in failures {
                    li {
                        @let count = failure.who.len().to_string();
                        p.count { strong { (of(messages, &count, marks.len())) } " " (failure.what) }
                        @for seen in &failure.seen { p.seen { (seen) } }
                        @if let Some(section) = &failure.section {
                            p { (class.sections.reference(messages, section)) }
                        }
                        (names(messages, entries, &failure.who))
                    }
                }
            }
        }
    };
    // They're sorted by the number of students.
    let frequent = failures.partition_point(|failure| failure.who.len() > 1);
    let (frequent, once) = failures.split_at(frequent);
    html! {
        @if failures.is_empty() { p { (messages.get("report-no-mistakes")) } }
        @if !frequent.is_empty() { (list(frequent)) }
        @if !once.is_empty() {
            details {
                summary { (messages.fill("report-once", &[("count", &once.len().to_string())])) }
                (list(once))
            }
        }
    }
}

/// Lists students, given by their indices.
fn names(messages: &Messages, entries: &[&Entry], who: &[usize]) -> Markup {
    let names = html! {
        ul.names {
            @for entry in who.iter().filter_map(|&place| entries.get(place)) {
                li { a href=(entry.page) { (entry.name) } }
            }
        }
    };
    let count = who.len().to_string();
    html! {
        @if who.len() < MANY { (names) }
        @else { details { summary { (messages.fill("report-who", &[("count", &count)])) } (names) } }
    }
}

/// Shows a table of the class.
fn all_students(class: &Class) -> Markup {
    let messages = class.messages;
    let tasks = class.gradebook.rubric.tasks();
    let tasks: Vec<_> = tasks.filter(|task| task.points > 0 && !task.extra_credit).collect();
    let number = |tenths: u32| html! { td.number data-value=(tenths) { (points(tenths)) } };
    let nothing = |key: &str| {
        html! {
            td.note colspan=(tasks.len() + 2) data-value="-1" { (messages.get(key)) }
        }
    };
    let has_times = class.entries.iter().any(|entry| entry.submitted.is_some());
    let table = html! {
        table.all-students.sort {
            thead {
                tr {
                    th scope="col" { (messages.get("report-name")) }
                    th.number scope="col" { (messages.get("total")) }
                    @for task in &tasks { th.number scope="col" { (messages.task(&task.name)) } }
                    th.number scope="col" { (messages.get("report-extra-credit")) }
                    @if has_times { th scope="col" { (messages.get("report-time")) } }
                }
            }
            tbody {
                @for entry in &class.entries {
                    tr {
                        th scope="row" data-value=(entry.name) {
                            a href=(entry.page) { (entry.name) }
                            @if entry.is_duplicate { span.lost { (messages.get("report-again-in-short")) } }
                        }
                        @match entry.status {
                            Status::Graded(marks) => {
                                (number(marks.tenths()))
                                @for mark in marks.homework() { (number(mark.tenths())) }
                                (number(marks.extra_credit_tenths()))
                            }
                            Status::Skipped(_) => (nothing("report-skipped-in-short")),
                            Status::Missing => (nothing("report-nothing-in-short")),
                        }
                        @if has_times {
                            @let time = entry.submitted.as_deref().unwrap_or_default();
                            td.time data-value=(time) { (time) }
                        }
                    }
                }
            }
        }
    };
    scrollable(messages.get("report-all-students"), &table)
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_of_two_is_their_mean() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[7]), Some(7));
        assert_eq!(median(&[1, 3]), Some(2));
        assert_eq!(median(&[1, 3, 1000]), Some(3));
    }
}
