//! Draws the events as a sequence diagram, with the client on the left. The calls of the program have the
//! numbers of the steps in the notes.

use common::quoted_within;

use super::call_event::{Event, MESSAGE, PeerAction, ShownCall};
use crate::messages::{Messages, message};
use crate::sequence_diagram::{self, Arrow};

/// The columns of the peer, if it's on the left.
const PEER: usize = 22;

/// The columns of the calls, if they're on the left.
const CALLS: usize = 56;

/// The most lines of a group that may repeat.
const GROUP: usize = 4;

/// A group that repeats this often is drawn once.
const OFTEN: usize = 3;

const LAST_LINE: usize = 60;

/// The calls of each step in the notes.
const SERVER: &[&[&str]] =
    &[&["socket"], &["bind"], &["listen"], &["accept"], &["recv", "send"], &["close"]];
const CLIENT: &[&[&str]] = &[&["socket"], &["connect"], &["send", "recv"], &["close"]];

#[derive(Debug, Default, PartialEq, Eq)]
struct Row {
    peer: String,
    arrow: Option<Arrow>,
    program: String,
}

pub fn draw(messages: &Messages, is_server: bool, events: &[Event]) -> Vec<String> {
    let line = |Row { peer, arrow, program }: &Row| match is_server {
        true => sequence_diagram::beside(peer, *arrow, program, PEER),
        false => sequence_diagram::beside(program, *arrow, peer, CALLS),
    };
    let names = match is_server {
        true => ["calls-client", "your-server"],
        false => ["calls-server", "your-client"],
    };
    let [peer, program] = names.map(|name| messages.get(name).to_owned());
    let mut lines = vec![line(&Row { peer, program, arrow: None })];
    let rows = rows(messages, is_server, events);
    let mut rest = &rows[..];
    while !rest.is_empty() {
        let (length, times) = repeated(rest);
        lines.extend(rest[..length].iter().map(line));
        if times > 1 {
            let program = messages.show(&message!("calls-repeated", count = (times - 1) * length));
            lines.push(line(&Row { program, ..Row::default() }));
        }
        rest = &rest[length * times..];
    }
    lines
}

/// Returns the length of the group that the rows start with, and how often it repeats.
fn repeated(rows: &[Row]) -> (usize, usize) {
    for length in 1..=GROUP.min(rows.len()) {
        let times = rows.chunks(length).take_while(|group| *group == &rows[..length]).count();
        if times >= OFTEN {
            return (length, times);
        }
    }
    (1, 1)
}

fn rows(messages: &Messages, is_server: bool, events: &[Event]) -> Vec<Row> {
    let (steps, to_program, to_peer) = match is_server {
        true => (SERVER, Arrow::Right, Arrow::Left),
        false => (CLIENT, Arrow::Left, Arrow::Right),
    };
    let named = |name: &str, text: &str| {
        let step = steps.iter().position(|calls| calls.contains(&name));
        let number = step.map_or(" ".to_owned(), |step| (step + 1).to_string());
        format!("{number} {name:<8} {text}").trim_end().to_owned()
    };
    let mut rows: Vec<Row> = Vec::new();
    // Whether the last row has only the peer, so that the next call goes next to it.
    let mut waits_for_program = false;
    for event in events {
        let mut row = Row::default();
        match event {
            Event::Peer { connection, did, never } => {
                row.peer = action_text(messages, is_server, *connection, did);
                row.arrow = (*did != PeerAction::Wait).then_some(to_program);
                if let Some(name) = never {
                    row.program = named(name, messages.get("calls-never"));
                }
                rows.push(row);
                waits_for_program = never.is_none();
                continue;
            }
            Event::Call(call) => {
                row.program = named(call.name, &call_text(messages, call));
                if let (Some(sends), Some(connection)) = (&call.sends, call.connection) {
                    row.peer = action_text(messages, is_server, connection, sends);
                    row.arrow = Some(to_peer);
                }
            }
            Event::Note { call, text } => {
                let text = messages.show(text);
                row.program = call.map_or(text.clone(), |name| named(name, &text));
            }
            Event::Ended(how, last_line) => {
                row.program = ended(messages, how);
                if let Some(line) = last_line {
                    let mut shown: String = line.chars().take(LAST_LINE).collect();
                    if shown.len() < line.len() {
                        shown += "...";
                    }
                    row.program += &format!(": {shown}");
                }
            }
        }
        match rows.last_mut().filter(|_| waits_for_program && row.arrow.is_none()) {
            Some(last) => last.program = row.program,
            None => rows.push(row),
        }
        waits_for_program = false;
    }
    rows
}

fn action_text(
    messages: &Messages,
    is_server: bool,
    connection: usize,
    did: &PeerAction,
) -> String {
    let what = match did {
        PeerAction::Connect => messages.get("did-connect").to_owned(),
        PeerAction::Send(bytes) => quoted_within(bytes, MESSAGE),
        PeerAction::End => messages.get("did-end-of-file").to_owned(),
        PeerAction::Wait => messages.get("calls-waits-too").to_owned(),
    };
    match is_server {
        true => format!("#{} {what}", connection + 1),
        false => what,
    }
}

/// Adds what an error means, and the port that the kernel chose.
fn call_text(messages: &Messages, call: &ShownCall) -> String {
    let mut text = call.text.clone();
    let error = call.error.as_ref().map(|error| format!("calls-{}", error.to_lowercase()));
    if let Some(meaning) = error.and_then(|error| messages.find(&error)) {
        text += &format!(": {meaning}");
    }
    if let Some(port) = call.port {
        text += &format!(", {}", messages.show(&message!("calls-port", port)));
    }
    text
}

/// Formats how a program ended. strace prints `exited with 0` or `killed by SIGSEGV (core dumped)`.
fn ended(messages: &Messages, how: &str) -> String {
    match how.strip_prefix("exited with ") {
        Some(status) => messages.fill("calls-exit", &[("status", status)]),
        None => {
            let signal = how.strip_prefix("killed by ").unwrap_or(how);
            messages.fill("calls-killed", &[("signal", signal)])
        }
    }
}
