//! Draws a failed test as a sequence diagram, with the expected and the actual result at the end.
//!
//! The diagram is a list with arrows as decoration. Screen readers get the direction as text.

use ::tests::{Action, Difference, Endpoint, Excerpt, Report};
use common::one_line;
use homework::failure_text;
use homework::grading::marks::Failure;
use homework::messages::Messages;
use homework::sequence_diagram::Arrow;
use homework::test_diagram::{self, Step};
use maud::{Markup, html};

/// From this many steps on, those in the middle are collapsed, except for the first and last ones.
const MANY: usize = 30;
const FIRST: usize = 4;
const LAST: usize = 20;

pub fn draw(messages: &Messages, failure: &Failure) -> Markup {
    let Failure::Reported(report) = failure else {
        return html! { p.wrong { (cross()) (failure_text::summary(messages, failure)) } };
    };
    let steps = test_diagram::steps(messages, report);
    let lanes = lanes(report);
    let middle = if steps.len() < MANY { 0..0 } else { FIRST..steps.len() - LAST };
    let draw = |steps: &[Step]| {
        html! { @for step in steps { (draw_step(messages, report, lanes, step)) } }
    };
    html! {
        div.talk {
            @if !steps.is_empty() {
                div.lanes.three[lanes.len() == 3] aria-hidden="true" {
                    @for name in lanes { span { (messages.get(name)) } }
                }
                ol.steps.three[lanes.len() == 3] {
                    (draw(&steps[..middle.start]))
                    @if !middle.is_empty() {
                        @let count = middle.len().to_string();
                        li.folded {
                            details {
                                summary { (messages.fill("report-steps", &[("count", &count)])) }
                                ol { (draw(&steps[middle.clone()])) }
                            }
                        }
                    }
                    (draw(&steps[middle.end..]))
                }
            }
            (result(messages, report))
        }
    }
}

/// Returns the participants, from left to right: the test and a program, or the test between both programs.
fn lanes(report: &Report) -> &'static [&'static str] {
    let starts = |word: &str| {
        report.steps.iter().any(|done| match &done.action {
            Action::Start { command } => command.contains(word),
            _ => false,
        })
    };
    match (starts("server"), starts("client")) {
        (true, true) => &["your-client", "the-test", "your-server"],
        (true, false) => &["the-test", "your-server"],
        (false, true) => &["the-test", "your-client"],
        (false, false) => &["the-test", "your-program"],
    }
}

/// Returns whether a step is about the client of two programs. The test is a client of the server, and a
/// server for the client.
fn is_about_client(report: &Report, step: &Step) -> bool {
    let mut own = report.steps.iter().filter(|done| done.endpoint == step.endpoint);
    own.any(|done| match (&done.action, done.endpoint) {
        (Action::Start { command }, Endpoint::Program(_)) => !command.contains("server"),
        (Action::Accept { .. }, Endpoint::Socket(_)) => true,
        _ => false,
    })
}

fn draw_step(messages: &Messages, report: &Report, lanes: &[&str], step: &Step) -> Markup {
    let (test, program) = match lanes.len() {
        2 => (0, 1),
        _ if is_about_client(report, step) => (1, 0),
        _ => (1, 2),
    };
    let (from, to) = match step.arrow {
        None | Some(Arrow::Right) => (test, program),
        Some(Arrow::Left) => (program, test),
    };
    let [from_name, to_name] = [from, to].map(|lane| messages.get(lanes[lane]));
    html! {
        li.right[from < to].left[to < from].second[from.min(to) == 1].start[step.arrow.is_none()] {
            span.spoken { (from_name) " → " (to_name) ": " }
            span.said { (step.text) }
            span.arrow aria-hidden="true" {}
        }
    }
}

/// Draws the expected and the actual result.
fn result(messages: &Messages, report: &Report) -> Markup {
    let expected = one_line(&messages.show(&report.expected));
    let actual = one_line(&messages.show(&report.actual));
    html! {
        div.wrong {
            (cross())
            dl {
                dt { (messages.get("report-expected")) } dd { (expected) }
                dt { (messages.get("report-seen")) } dd { (actual) }
            }
            @if let Some(finding) = &report.finding { p { (one_line(&messages.show(finding))) } }
            @if let Some(differs) = &report.differs && !differs.is_from_nothing() {
                (difference(messages, differs))
            }
        }
    }
}

/// Draws the first byte that differs, and the bytes around it.
fn difference(messages: &Messages, differs: &Difference) -> Markup {
    let Difference { at, left_out, equal, expected, actual } = differs;
    let bytes = |count: usize| messages.fill("report-bytes", &[("count", &count.to_string())]);
    let row = |name: &str, Excerpt { first, next, left_out: more }: &Excerpt| {
        html! {
            tr {
                th scope="row" { (messages.get(name)) }
                td {
                    @if *left_out > 0 { span.out { "… " (bytes(*left_out)) " … " } }
                    span { (equal) }
                    mark { @if first.is_empty() { (messages.get("report-end")) } @else { (first) } }
                    (next)
                    @if *more > 0 { span.out { " … " (bytes(*more)) } }
                }
            }
        }
    };
    html! {
        table.place {
            caption { (messages.fill("report-differs", &[("at", &at.to_string())])) }
            tbody { (row("report-expected", expected)) (row("report-seen", actual)) }
        }
    }
}

fn cross() -> Markup {
    html! { span.cross aria-hidden="true" { "✗" } }
}
