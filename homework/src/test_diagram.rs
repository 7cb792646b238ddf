//! The steps of a test as a sequence diagram: what the test and a program sent each other.

use ::tests::{Action, Endpoint, Report, TestStep};
use common::one_line;

use crate::failure_text;
use crate::grading::marks::Failure;
use crate::messages::{Messages, message};
use crate::sequence_diagram::{Arrow, Diagram};

/// The most columns of a diagram, as in the notes.
const WIDTH: usize = 64;

/// From this many steps on, a summary leaves some out after the first three.
const MANY_STEPS: usize = 12;
const FIRST_STEPS: usize = 3;

#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// The program or socket that it's about.
    pub endpoint: Endpoint,
    /// From the test to the program, or back. The start of a program has no arrow.
    pub arrow: Option<Arrow>,
    pub text: String,
}

/// Draws the steps of a test in at most `width` columns.
pub fn draw(messages: &Messages, report: &Report, width: usize) -> Vec<String> {
    diagram(messages, report, width, &steps(messages, report), false)
}

/// The same for a failed test: the last arrow is broken.
pub fn draw_failed(messages: &Messages, report: &Report, width: usize) -> Vec<String> {
    diagram(messages, report, width, &steps(messages, report), true)
}

/// Draws a failed test, with the middle of a long one left out. The last line says what went wrong.
pub fn summarise(messages: &Messages, failure: &Failure) -> Vec<String> {
    let mut lines = Vec::new();
    if let Failure::Reported(report) = failure {
        let mut steps = steps(messages, report);
        if steps.len() >= MANY_STEPS {
            let left_out = steps.len() + 2 - MANY_STEPS;
            let text = messages.show(&message!("left-out", count = left_out));
            let endpoint = steps[FIRST_STEPS].endpoint;
            let marker = Step { endpoint, arrow: None, text };
            steps.splice(FIRST_STEPS..FIRST_STEPS + left_out, [marker]);
        }
        lines = diagram(messages, report, WIDTH, &steps, true);
    }
    lines.push(format!("✗ {}", failure_text::summary(messages, failure)));
    lines
}

fn diagram(
    messages: &Messages,
    report: &Report,
    width: usize,
    steps: &[Step],
    has_failed: bool,
) -> Vec<String> {
    if steps.is_empty() {
        return Vec::new();
    }
    let has = |name: &str| report.programs.iter().any(|program| program.command.contains(name));
    let program = match (has("server"), has("client")) {
        (true, true) => "your-programs",
        (true, false) => "your-server",
        (false, true) => "your-client",
        _ => "your-program",
    };
    let [left, right] = ["the-test", program].map(|key| messages.get(key));
    let mut diagram = Diagram::new(left, right, width.min(WIDTH));
    for step in steps {
        match step.arrow {
            Some(arrow) => diagram.add(arrow, &step.text),
            None => diagram.lines.push(step.text.clone()),
        }
    }
    if has_failed {
        diagram.add_broken();
    }
    diagram.lines
}

/// Returns the steps of a test, without the start of a server, which is always the same.
pub fn steps(messages: &Messages, report: &Report) -> Vec<Step> {
    report.steps.iter().filter_map(|step| self::step(messages, report, step)).collect()
}

fn step(messages: &Messages, report: &Report, step: &TestStep) -> Option<Step> {
    let TestStep { endpoint, action } = step;
    let has_several_sockets = report.steps.iter().any(|step| match (step.endpoint, endpoint) {
        (Endpoint::Socket(one), Endpoint::Socket(other)) => one != *other,
        _ => false,
    });
    let socket = match endpoint {
        Endpoint::Socket(number) if has_several_sockets => format!("#{number} "),
        _ => String::new(),
    };
    let (to, from) = (Some(Arrow::Right), Some(Arrow::Left));
    let end = messages.get("did-end-of-file");
    let (arrow, text) = match action {
        Action::Start { command } => {
            let who = match command {
                _ if command.contains("server") => return None,
                _ if command.contains("client") => "your-client",
                _ => "your-program",
            };
            let (who, command) = (messages.get(who), one_line(command));
            (None, messages.show(&message!("did-start", who, command)))
        }
        Action::Write { bytes } => (to, messages.show(&message!("did-write", bytes))),
        Action::EndInput => (to, messages.get("did-end-input").to_owned()),
        Action::Signal { name } => (to, name.to_string()),
        Action::Connect { .. } => (to, messages.get("did-connect").to_owned()),
        Action::Accept { .. } => (from, messages.get("did-connect").to_owned()),
        Action::Send { bytes } | Action::Exchange { bytes } | Action::SendTo { bytes, .. } => {
            (to, messages.show(bytes))
        }
        Action::Receive { bytes } | Action::ReceiveFrom { bytes, .. } => {
            (from, messages.show(bytes))
        }
        Action::ReceiveToEnd { bytes } if bytes.key == "no-bytes" => (from, end.to_owned()),
        Action::ReceiveToEnd { bytes } => (from, format!("{}, {end}", messages.show(bytes))),
        Action::Pause { seconds } => (None, messages.show(&message!("did-pause", seconds))),
        Action::EndSending => (to, messages.get("did-close-half").to_owned()),
        Action::Reset | Action::Close => (to, messages.get("did-close").to_owned()),
    };
    Some(Step { endpoint: *endpoint, arrow, text: format!("{socket}{text}") })
}
