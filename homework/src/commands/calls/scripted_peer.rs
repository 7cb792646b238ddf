//! The other end: a peer that does what the homework asks for, one thing at a time. After each it
//! waits until the program waits, too, so that what happens has an order, and the same one each time.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use common::one_line;
use tests::DEADLINE;

use super::call_event::{Did, Event};
use super::program_state::Given;
use super::strace::{self, Next, Strace};
use super::thread_states::Trace;
use crate::messages::{Explain as _, message};
use crate::process;

/// What is sent, a line after the other.
const MESSAGES: [&str; 2] = ["hello", "again"];

/// How many clients come.
const CLIENTS: usize = 2;

/// How long all of it may take. A program that works needs a fraction of a
/// second.
const LIMIT: Duration = Duration::from_secs(30);

/// How often the system is asked whether a program sleeps that seems to wait.
const LOOK: Duration = Duration::from_millis(5);

/// A program and its peer, while they run.
struct Play {
    strace: Strace,
    trace: Trace,
    given: Given,
    /// How many bytes of each connection the peer has taken.
    taken: Vec<u64>,
    end: Instant,
    /// Whether the program had more to do when nobody waited any longer.
    busy: bool,
}

/// Plays the clients of a server, and gives what happened.
///
/// # Errors
///
/// The program cannot be watched.
pub fn client(server: &[OsString], silent: bool) -> Result<Vec<Event>> {
    let mut play = Play::start(server, &["--port", "0"])?;
    play.settle()?;
    match play.trace.done.listens {
        Some(address) => {
            for number in 0..CLIENTS {
                let connected = TcpStream::connect_timeout(&address, DEADLINE);
                play.did(number, Did::Connect);
                let Ok(stream) = connected else { break };
                play.given.connections += 1;
                play.settle()?;
                if play.trace.done.connections.len() <= number {
                    break;
                }
                if silent {
                    play.did(number, Did::Wait);
                    break;
                }
                play.talk_to_server(number, stream)?;
            }
        }
        None => play.never("listen"),
    }
    play.finish()
}

/// Plays the server of a client, and gives what happened.
///
/// # Errors
///
/// As for [`client`], or nobody can listen here.
pub fn server(client: &[OsString], silent: bool) -> Result<Vec<Event>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let listener = listener.explain(message!("cannot-listen"))?;
    let port = listener.local_addr()?.port().to_string();
    listener.set_nonblocking(true)?;
    let [one, two] = MESSAGES;
    let mut play = Play::start(client, &["--port", &port, one, two])?;
    let mut streams = Vec::new();
    loop {
        play.settle()?;
        while streams.len() < play.trace.done.connections.len()
            && let Ok((stream, _)) = listener.accept()
        {
            stream.set_nonblocking(false)?;
            streams.push(Some(stream));
        }
        let mut moved = false;
        for (number, open) in streams.iter_mut().enumerate() {
            let Some(stream) = open else { continue };
            let (bytes, ended) = play.receive(number, stream);
            if silent {
                continue;
            }
            for line in bytes.split_inclusive(|&byte| byte == b'\n') {
                play.send(number, stream, line)?;
                moved = true;
            }
            if ended {
                play.close(number, open.take())?;
                moved = true;
            }
        }
        if !moved || play.is_over() {
            break;
        }
    }
    for (number, open) in streams.iter_mut().enumerate() {
        if let Some(stream) = open {
            play.receive(number, stream);
            if silent {
                play.did(number, Did::Wait);
            }
        }
    }
    let open = play.trace.done.connections.iter().any(|connection| !connection.gone);
    if !play.never_sent() && open && !silent && !play.is_over() {
        play.never("close");
    }
    play.finish()
}

impl Play {
    fn start(program: &[OsString], arguments: &[&str]) -> Result<Self> {
        let mut words = program.to_vec();
        words.extend(arguments.iter().map(OsString::from));
        Ok(Self {
            strace: strace::start(&words).explain(message!("cannot-run", file = "strace"))?,
            trace: Trace::default(),
            given: Given::default(),
            taken: Vec::new(),
            end: Instant::now() + LIMIT,
            busy: false,
        })
    }

    /// Waits until the program waits, or has ended.
    fn settle(&mut self) -> Result<()> {
        // From one line to the next: on a slow machine a program may take long to start.
        let mut deadline = self.end.min(Instant::now() + DEADLINE);
        self.busy = false;
        while !self.is_over() {
            let waits = self.trace.waits(&self.given);
            // First whether it sleeps, then whether all is read that it did before.
            let asleep = waits && self.trace.is_asleep();
            let left = deadline.saturating_duration_since(Instant::now());
            let limit = match waits {
                true if asleep => Duration::ZERO,
                true => left.min(LOOK),
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

    /// Whether nothing is to be expected of the program any more.
    fn is_over(&self) -> bool {
        self.trace.has_ended() || self.trace.done.is_endless() || self.is_stopped()
    }

    /// Whether it took too long: then nobody knows what would have come.
    fn is_stopped(&self) -> bool {
        Instant::now() >= self.end
    }

    fn did(&mut self, connection: usize, did: Did) {
        self.trace.done.events.push(Event::Peer { connection, did, never: None });
    }

    /// As a client: sends its messages, and ends. What the server answers is taken.
    fn talk_to_server(&mut self, number: usize, mut stream: TcpStream) -> Result<()> {
        // Each client has one message less, so that it does not become long.
        for message in &MESSAGES[..MESSAGES.len().saturating_sub(number).max(1)] {
            self.send(number, &mut stream, format!("{message}\n").as_bytes())?;
            self.receive(number, &mut stream);
        }
        if self.trace.done.connections[number].closed {
            return Ok(());
        }
        self.did(number, Did::End);
        self.given.end(number);
        _ = stream.shutdown(Shutdown::Write);
        self.settle()?;
        self.receive(number, &mut stream);
        if !self.trace.done.connections[number].close_called && !self.busy {
            self.never("close");
        }
        Ok(())
    }

    fn send(&mut self, number: usize, stream: &mut TcpStream, bytes: &[u8]) -> Result<()> {
        self.did(number, Did::Bytes(bytes.to_vec()));
        self.given.bytes(number, bytes.len() as u64);
        // The program may have closed its end; then nobody takes it.
        _ = stream.write_all(bytes);
        self.settle()
    }

    /// As a server, when the client has ended.
    fn close(&mut self, number: usize, stream: Option<TcpStream>) -> Result<()> {
        if !self.trace.done.connections[number].gone && !self.trace.has_ended() {
            self.did(number, Did::End);
            self.given.end(number);
        }
        drop(stream);
        self.settle()
    }

    /// Takes what the program has sent by now, and whether it has ended.
    fn receive(&mut self, number: usize, stream: &mut TcpStream) -> (Vec<u8>, bool) {
        let seen = &self.trace.done.connections[number];
        self.taken.resize(self.taken.len().max(number + 1), 0);
        let mut bytes = Vec::new();
        let due = seen.sent - self.taken[number];
        // They have been sent; that they are here already, nobody promises.
        if due > 0 {
            _ = stream.set_read_timeout(Some(DEADLINE));
            _ = stream.take(due).read_to_end(&mut bytes);
            self.taken[number] += bytes.len() as u64;
        }
        let ended = self.trace.done.connections[number].closed && is_at_its_end(stream);
        if ended {
            self.trace.done.end_is_seen(number);
        }
        (bytes, ended)
    }

    fn never(&mut self, name: &'static str) {
        if self.is_stopped() {
            return;
        }
        self.trace.done.events.push(Event::Never { name, message: None });
    }

    /// Adds what the client was asked to send and has not. Whether there was anything.
    fn never_sent(&mut self) -> bool {
        let sent: u64 = self.trace.done.connections.iter().map(|connection| connection.sent).sum();
        let lines = MESSAGES.map(|message| format!("{message}\n").into_bytes());
        let mut end = 0;
        let missing = lines.into_iter().find(|line| {
            end += line.len() as u64;
            sent < end
        });
        let Some(message) = missing.filter(|_| !self.is_stopped()) else { return false };
        let events = &mut self.trace.done.events;
        let connects = events.iter().any(|event| event.is_call("connect"));
        let never = match connects {
            true => Event::Never { name: "send", message: Some(message) },
            false => Event::Never { name: "connect", message: None },
        };
        // Where its turn was: before the program closed the connection, or ended.
        let is_end = |event: &Event| event.is_call("close") || matches!(event, Event::Ended(..));
        let place = events.iter().position(is_end).unwrap_or(events.len());
        events.insert(place, never);
        true
    }

    /// Ends the program, and gives what happened.
    fn finish(mut self) -> Result<Vec<Event>> {
        let stopped = self.is_stopped() && !self.trace.has_ended();
        for place in 0..self.trace.done.events.len() {
            let missed = self.missed(place).filter(|_| !stopped);
            if let Event::Peer { never, .. } = &mut self.trace.done.events[place] {
                *never = missed;
            }
        }
        let mut events = std::mem::take(&mut self.trace.done.events);
        if stopped {
            events.push(Event::Stopped(LIMIT.as_secs()));
        } else if self.trace.done.is_endless() {
            events.push(Event::Endless);
        } else if !self.trace.has_ended() {
            let waiting = self.trace.waiting();
            if self.busy {
                events.push(Event::Busy);
            } else if waiting.is_empty() {
                events.push(Event::Waits(None));
            }
            events.extend(waiting.into_iter().map(|name| Event::Waits(Some(name))));
        }
        let threads: Vec<u32> = self.trace.threads().collect();
        let printed = self.strace.stop(threads.into_iter());
        if process::interrupted() {
            bail!(message!("interrupted"));
        }
        if !self.trace.has_begun() {
            let why = self.trace.complaint.unwrap_or_default();
            bail!(message!("calls-no-trace", why = one_line(&why)));
        }
        let printed = String::from_utf8_lossy(&printed).into_owned();
        for event in &mut events {
            if let Event::Ended(how, last_words) = event
                && how != "exited with 0"
            {
                *last_words = printed.lines().rfind(|line| !line.trim().is_empty()).map(one_line);
            }
        }
        Ok(events)
    }

    /// The call that should have answered to something that the peer did, and has not.
    fn missed(&self, place: usize) -> Option<&'static str> {
        let Event::Peer { connection, did, .. } = &self.trace.done.events[place] else {
            return None;
        };
        let Some(seen) = self.trace.done.connections.get(*connection) else {
            return Some("accept");
        };
        let until = self.trace.done.events[..=place].iter().map(|event| match event {
            Event::Peer { connection: other, did: Did::Bytes(bytes), .. }
                if other == connection =>
            {
                bytes.len() as u64
            }
            _ => 0,
        });
        match did {
            Did::Bytes(_) => (until.sum::<u64>() > seen.received).then_some("recv"),
            Did::End => (!seen.noticed_the_end).then_some("recv"),
            Did::Connect | Did::Wait => None,
        }
    }
}

/// Whether nothing more comes: the end of file, or a reset.
fn is_at_its_end(stream: &mut TcpStream) -> bool {
    _ = stream.set_read_timeout(Some(DEADLINE));
    let later = [io::ErrorKind::WouldBlock, io::ErrorKind::TimedOut];
    match stream.read(&mut [0]) {
        Ok(length) => length == 0,
        Err(error) => !later.contains(&error.kind()),
    }
}
