//! A peer that does what the homework asks for, one step at a time. After each step, it waits until the
//! program waits too, so that the events have the same order each time.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use common::{one_line, quoted_within};
use tests::DEADLINE;

use super::call_event::{Event, MESSAGE, PeerAction};
use super::socket_tracker::SocketTracker;
use super::strace::{self, Next, Strace};
use super::thread_states::ThreadStates;
use crate::messages::{Explain as _, Message, message};
use crate::process;

const MESSAGES: [&str; 2] = ["hello", "again"];

const CLIENTS: usize = 2;

/// The time limit. A correct program takes a fraction of a second.
const LIMIT: Duration = Duration::from_secs(30);

/// The interval for checking whether a program that seems to wait is asleep.
const CHECK_INTERVAL: Duration = Duration::from_millis(5);

struct Session {
    strace: Strace,
    trace: ThreadStates,
    end: Instant,
    /// Whether the program was still busy at the time limit.
    busy: bool,
}

pub fn client(server: &[OsString], silent: bool) -> Result<Vec<Event>> {
    let mut session = Session::start(server, &["--port", "0"])?;
    session.settle()?;
    let Some(address) = session.trace.state.listens else {
        session.never("listen");
        return session.finish();
    };
    for number in 0..CLIENTS {
        let connected = TcpStream::connect_timeout(&address, DEADLINE);
        session.did(number, PeerAction::Connect);
        let Ok(stream) = connected else { break };
        session.trace.state.made += 1;
        session.settle()?;
        if session.trace.state.connections.len() <= number {
            break;
        }
        if silent {
            session.did(number, PeerAction::Wait);
            break;
        }
        session.talk_to_server(number, stream)?;
    }
    session.finish()
}

pub fn server(client: &[OsString], silent: bool) -> Result<Vec<Event>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let listener = listener.explain(message!("cannot-listen"))?;
    let port = listener.local_addr()?.port().to_string();
    listener.set_nonblocking(true)?;
    let [one, two] = MESSAGES;
    let mut session = Session::start(client, &["--port", &port, one, two])?;
    let mut streams = Vec::new();
    loop {
        session.settle()?;
        while streams.len() < session.trace.state.connections.len()
            && let Ok((stream, _)) = listener.accept()
        {
            stream.set_nonblocking(false)?;
            streams.push(Some(stream));
        }
        let mut moved = false;
        for (number, open) in streams.iter_mut().enumerate() {
            let Some(stream) = open else { continue };
            let (bytes, ended) = session.receive(number, stream);
            if silent {
                continue;
            }
            for line in bytes.split_inclusive(|&byte| byte == b'\n') {
                session.send(number, stream, line)?;
                moved = true;
            }
            if ended {
                session.close(number, open.take())?;
                moved = true;
            }
        }
        if !moved || session.is_over() {
            break;
        }
    }
    for (number, open) in streams.iter_mut().enumerate() {
        if let Some(stream) = open {
            session.receive(number, stream);
            if silent {
                session.did(number, PeerAction::Wait);
            }
        }
    }
    let open = session.trace.state.connections.iter().any(|connection| !connection.gone);
    if !session.never_sent() && open && !silent && !session.is_over() {
        session.never("close");
    }
    session.finish()
}

impl Session {
    fn start(program: &[OsString], arguments: &[&str]) -> Result<Self> {
        let mut words = program.to_vec();
        words.extend(arguments.iter().map(OsString::from));
        Ok(Self {
            strace: strace::start(&words).explain(message!("cannot-run", file = "strace"))?,
            trace: ThreadStates::default(),
            end: Instant::now() + LIMIT,
            busy: false,
        })
    }

    /// Waits until the program waits, or has ended.
    fn settle(&mut self) -> Result<()> {
        // The deadline starts again with every line, because programs start slowly on a busy machine.
        let mut deadline = self.end.min(Instant::now() + DEADLINE);
        self.busy = false;
        while !self.is_over() {
            let waits = self.trace.waits();
            // Check that it's asleep before reading the rest of its calls.
            let asleep = waits && self.trace.is_asleep();
            let left = deadline.saturating_duration_since(Instant::now());
            let limit = match waits {
                true if asleep => Duration::ZERO,
                true => left.min(CHECK_INTERVAL),
                false => left,
            };
            match self.strace.next(limit)? {
                Next::Line(line) => {
                    self.trace.line(&line);
                    deadline = self.end.min(Instant::now() + DEADLINE);
                }
                Next::Begun(begun) => self.trace.begun(&begun),
                Next::End => break,
                Next::Late if asleep => break,
                Next::Late if Instant::now() < deadline => {}
                Next::Late => {
                    self.busy = true;
                    break;
                }
            }
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.trace.has_ended() || self.trace.state.is_endless() || self.is_stopped()
    }

    /// Returns whether the program took too long, so that later events are unknown.
    fn is_stopped(&self) -> bool {
        Instant::now() >= self.end
    }

    fn did(&mut self, connection: usize, did: PeerAction) {
        self.trace.state.events.push(Event::Peer { connection, did, never: None });
    }

    fn end(&mut self, connection: usize) {
        self.did(connection, PeerAction::End);
        self.trace.state.connections[connection].given_end = true;
    }

    /// As a client, sends the messages, receives the replies, and closes.
    fn talk_to_server(&mut self, number: usize, mut stream: TcpStream) -> Result<()> {
        // Each client sends one message less, to keep the diagram short.
        for message in &MESSAGES[..MESSAGES.len().saturating_sub(number).max(1)] {
            self.send(number, &mut stream, format!("{message}\n").as_bytes())?;
            self.receive(number, &mut stream);
        }
        if self.trace.state.connections[number].closed {
            return Ok(());
        }
        self.end(number);
        _ = stream.shutdown(Shutdown::Write);
        self.settle()?;
        self.receive(number, &mut stream);
        if !self.trace.state.connections[number].close_called && !self.busy {
            self.never("close");
        }
        Ok(())
    }

    fn send(&mut self, number: usize, stream: &mut TcpStream, bytes: &[u8]) -> Result<()> {
        self.did(number, PeerAction::Send(bytes.to_vec()));
        self.trace.state.connections[number].given += bytes.len() as u64;
        // This fails if the program has closed its end.
        _ = stream.write_all(bytes);
        self.settle()
    }

    /// As a server, closes a connection after the client has.
    fn close(&mut self, number: usize, stream: Option<TcpStream>) -> Result<()> {
        if !self.trace.state.connections[number].gone && !self.trace.has_ended() {
            self.end(number);
        }
        drop(stream);
        self.settle()
    }

    /// Receives what the program has sent so far. The flag is true at end of file.
    fn receive(&mut self, number: usize, stream: &mut TcpStream) -> (Vec<u8>, bool) {
        let seen = &mut self.trace.state.connections[number];
        let mut bytes = Vec::new();
        let due = seen.sent - seen.taken;
        // Sent bytes may take a moment to arrive.
        if due > 0 {
            _ = stream.set_read_timeout(Some(DEADLINE));
            _ = stream.take(due).read_to_end(&mut bytes);
            seen.taken += bytes.len() as u64;
        }
        let ended = seen.closed && is_at_its_end(stream);
        if ended {
            self.trace.state.end_is_seen(number);
        }
        (bytes, ended)
    }

    fn never(&mut self, name: &'static str) {
        if !self.is_stopped() {
            self.trace.state.events.push(note(name, message!("calls-never")));
        }
    }

    /// Adds events for messages that the client should have sent. Returns whether there were any.
    fn never_sent(&mut self) -> bool {
        let sent: u64 = self.trace.state.connections.iter().map(|connection| connection.sent).sum();
        let lines = MESSAGES.map(|message| format!("{message}\n").into_bytes());
        let mut end = 0;
        let missing = lines.into_iter().find(|line| {
            end += line.len() as u64;
            sent < end
        });
        let Some(message) = missing.filter(|_| !self.is_stopped()) else { return false };
        let events = &mut self.trace.state.events;
        let connects = events.iter().any(|event| event.is_call("connect"));
        let never = match connects {
            true => {
                let message = quoted_within(&message, MESSAGE);
                note("send", message!("calls-never-sent", message))
            }
            false => note("connect", message!("calls-never")),
        };
        // It should have come before the program closed the connection or exited.
        let is_end = |event: &Event| event.is_call("close") || matches!(event, Event::Ended(..));
        let place = events.iter().position(is_end).unwrap_or(events.len());
        events.insert(place, never);
        true
    }

    /// Stops the program, and returns the events.
    fn finish(mut self) -> Result<Vec<Event>> {
        let stopped = self.is_stopped() && !self.trace.has_ended();
        if !stopped {
            self.mark_missed_calls();
        }
        let is_endless = self.trace.state.is_endless();
        let state = |text| Event::Note { call: None, text };
        let mut events = std::mem::take(&mut self.trace.state.events);
        if stopped {
            events.push(state(message!("calls-stopped", seconds = LIMIT.as_secs())));
        } else if is_endless {
            events.push(state(message!("calls-endless")));
        } else if !self.trace.has_ended() {
            let waiting = self.trace.waiting();
            if self.busy {
                events.push(state(message!("calls-busy")));
            } else if waiting.is_empty() {
                events.push(state(message!("calls-waits-elsewhere")));
            }
            events.extend(waiting.into_iter().map(|name| note(name, message!("calls-waits"))));
        }
        let printed = self.strace.stop(self.trace.threads());
        ensure!(!process::interrupted(), message!("interrupted"));
        if !self.trace.has_begun() {
            let why = self.trace.complaint.unwrap_or_default();
            bail!(message!("calls-no-trace", why = one_line(&why)));
        }
        let printed = String::from_utf8_lossy(&printed);
        for event in &mut events {
            if let Event::Ended(how, last_line) = event
                && how != "exited with 0"
            {
                *last_line = printed.lines().rfind(|line| !line.trim().is_empty()).map(one_line);
            }
        }
        Ok(events)
    }

    /// Adds to each action of the peer the call that should have followed, if it's missing.
    fn mark_missed_calls(&mut self) {
        let SocketTracker { events, connections, .. } = &mut self.trace.state;
        let mut sent = vec![0; connections.len()];
        for event in events {
            let Event::Peer { connection, did, never } = event else { continue };
            *never = match (connections.get(*connection), did) {
                (None, _) => Some("accept"),
                (Some(seen), PeerAction::Send(bytes)) => {
                    sent[*connection] += bytes.len() as u64;
                    (sent[*connection] > seen.received).then_some("recv")
                }
                (Some(seen), PeerAction::End) => (!seen.received_end).then_some("recv"),
                (Some(_), PeerAction::Connect | PeerAction::Wait) => None,
            };
        }
    }
}

fn note(call: &'static str, text: Message) -> Event {
    Event::Note { call: Some(call), text }
}

/// Returns whether this is end of file or a reset.
fn is_at_its_end(stream: &mut TcpStream) -> bool {
    _ = stream.set_read_timeout(Some(DEADLINE));
    let later = [io::ErrorKind::WouldBlock, io::ErrorKind::TimedOut];
    match stream.read(&mut [0]) {
        Ok(length) => length == 0,
        Err(error) => !later.contains(&error.kind()),
    }
}
