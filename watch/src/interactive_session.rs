//! A talk with one's own program: to the server as a client, to the client as its keyboard and as its
//! server, or from the client to the server. On the ordinary screen, so that it can be read again.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use common::{bytes, quoted};
use crossterm::event::{KeyCode, KeyModifiers};
use homework::grading::submission::{PROGRAMS, Start};
use homework::messages::Messages;
use unicode_width::UnicodeWidthStr as _;

use crate::app_state::AppState;
use crate::glyphs::Glyphs;
use crate::line_editor::LineEditor;
use crate::listener::Listener;
use crate::outputs::Outputs;
use crate::running_program::Program;
use crate::styled_text::{BOLD, DIM, Line, PLAIN};
use crate::tui_terminal::{self, Terminal};
use crate::watch_event::{SessionEvent, WatchEvent};

/// How long a server may take until it listens.
const LISTENS: Duration = Duration::from_secs(5);

/// With whom one talks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum With {
    Server,
    Client,
    Both,
}

/// A talk.
struct Talk<'a> {
    messages: &'a Messages,
    glyphs: Glyphs,
    terminal: &'a Terminal,
    sender: &'a SyncSender<WatchEvent>,
    watch_events: &'a Receiver<WatchEvent>,
    /// What came for the watch.
    meanwhile: Vec<WatchEvent>,
    with: With,
    entry: LineEditor,
    server: Option<Program>,
    client: Option<Program>,
    /// Where the server listens, once it has said so.
    address: Option<SocketAddr>,
    /// The beginning of what the server printed.
    said: String,
    /// Where we listen ourselves.
    door: Option<Listener>,
    /// Our end of the connection.
    connection: Option<TcpStream>,
    /// How many lines of the client have no reply yet.
    unanswered: Vec<Vec<u8>>,
    /// Outputs that are still open, and programs that run.
    open: usize,
}

/// Talks to the program that the task of the watch is about. Gives what came meanwhile for the
/// watch.
///
/// # Errors
///
/// The program cannot be started, or the terminal has gone away.
pub fn talk(
    app: &AppState,
    glyphs: Glyphs,
    terminal: &Terminal,
    sender: &SyncSender<WatchEvent>,
    watch_events: &Receiver<WatchEvent>,
) -> Result<Vec<WatchEvent>> {
    let messages = &app.messages;
    let Some(marked) = &app.marked else { bail!("{}", messages.get("not-built")) };
    let task = app.task().map(|mark| &mark.task);
    let with = match task {
        Some(task) if task.name == "both" => With::Both,
        Some(task) if task.file.starts_with(PROGRAMS[1].name) => With::Client,
        _ => With::Server,
    };
    let [server, client, _] = &marked.programs.programs;
    let start = |start: &Result<Start, String>| start.clone().map_err(anyhow::Error::msg);
    let mut talk = Talk {
        messages,
        glyphs,
        terminal,
        sender,
        watch_events,
        meanwhile: Vec::new(),
        with,
        entry: LineEditor::default(),
        server: None,
        client: None,
        address: None,
        said: String::new(),
        door: None,
        connection: None,
        unanswered: Vec::new(),
        open: 0,
    };
    let (server, client) = match with {
        With::Server => (Some(start(server)?), None),
        With::Client => (None, Some(start(client)?)),
        With::Both => (Some(start(server)?), Some(start(client)?)),
    };
    terminal.leave_screen()?;
    let talked =
        talk.start(server.as_ref(), client.as_ref()).and_then(|()| talk.go_on(client.as_ref()));
    if let Err(error) = &talked {
        talk.say(BOLD, &common::one_line(&format!("{error:#}")))?;
    }
    // What is below the last line of the talk is the shell's.
    talk.say(PLAIN, "")?;
    terminal.return_to_screen()?;
    Ok(talk.meanwhile)
}

impl Talk<'_> {
    fn start(&mut self, server: Option<&Start>, client: Option<&Start>) -> Result<()> {
        let key = match self.with {
            With::Server => "talk-server",
            With::Client => "talk-client",
            With::Both => "talk-both",
        };
        self.say(BOLD, self.messages.get(key))?;
        if let Some(server) = server {
            let arguments = ["--host", "127.0.0.1", "--port", "0"];
            let program = Program::start(server, &arguments, "your-server", self.sender);
            self.server = Some(program.context("cannot start the server")?);
            self.open += Program::PARTS;
        } else if let Some(client) = client {
            let door = Listener::open(self.sender)?;
            let address = door.address;
            self.door = Some(door);
            self.start_client(client, address)?;
        }
        Ok(())
    }

    fn start_client(&mut self, client: &Start, server: SocketAddr) -> Result<()> {
        let (host, port) = (server.ip().to_string(), server.port().to_string());
        let arguments = ["--host", &host, "--port", &port];
        let program = Program::start(client, &arguments, "your-client", self.sender);
        self.client = Some(program.context("cannot start the client")?);
        self.open += Program::PARTS;
        Ok(())
    }

    fn go_on(&mut self, client: Option<&Start>) -> Result<()> {
        let deadline = Instant::now() + LISTENS;
        let mut outputs = Outputs::default();
        loop {
            self.prompt()?;
            let waits = self.server.is_some() && self.address.is_none();
            let message = match waits {
                true => self
                    .watch_events
                    .recv_timeout(deadline.saturating_duration_since(Instant::now()))
                    .ok(),
                false => self.watch_events.recv().ok(),
            };
            let Some(message) = message else {
                bail!("{}", self.messages.get("talk-no-listener"));
            };
            match message {
                WatchEvent::Key(key) => {
                    let control = key.modifiers.contains(KeyModifiers::CONTROL);
                    match key.code {
                        KeyCode::Esc => return Ok(()),
                        KeyCode::Char('c') if control => return Ok(()),
                        KeyCode::Char('d') if control => self.end_input()?,
                        // Nobody is there yet who could hear it.
                        KeyCode::Enter if waits => {}
                        KeyCode::Enter => self.enter()?,
                        _ => self.entry.press(key),
                    }
                }
                WatchEvent::Gone => {
                    self.meanwhile.push(WatchEvent::Gone);
                    return Ok(());
                }
                WatchEvent::Resized => {}
                WatchEvent::SessionEvent(SessionEvent::Printed(name, bytes)) => {
                    for line in outputs.lines(name, &bytes) {
                        self.say(PLAIN, &format!("{} | {line}", self.messages.get(name)))?;
                    }
                    if waits && name == "your-server" {
                        self.said += &String::from_utf8_lossy(&bytes);
                        self.listens(client)?;
                    }
                }
                WatchEvent::SessionEvent(SessionEvent::Silent(name)) => {
                    if let Some(rest) = outputs.rest(name) {
                        self.say(PLAIN, &format!("{} | {rest}", self.messages.get(name)))?;
                    }
                    self.open = self.open.saturating_sub(1);
                    self.check_end()?;
                }
                WatchEvent::SessionEvent(SessionEvent::Connected(connection)) => {
                    self.say(DIM, self.messages.get("talk-connected"))?;
                    self.hear(connection)?;
                }
                WatchEvent::SessionEvent(SessionEvent::Received(bytes)) => self.received(bytes)?,
                other => self.meanwhile.push(other),
            }
        }
    }

    /// Looks for the line with the server's address.
    fn listens(&mut self, client: Option<&Start>) -> Result<()> {
        let mut lines = self.said.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let found = lines.find_map(|line| line.trim_end().strip_prefix("listening on "));
        let Some(address) = found.and_then(|address| address.parse::<SocketAddr>().ok()) else {
            return Ok(());
        };
        self.address = Some(address);
        match client {
            Some(client) => self.start_client(client, address),
            None => self.connect(),
        }
    }

    fn connect(&mut self) -> Result<()> {
        let Some(address) = self.address else { return Ok(()) };
        match TcpStream::connect(address) {
            Ok(connection) => {
                self.say(DIM, self.messages.get("talk-connect"))?;
                self.hear(connection)
            }
            Err(error) => {
                let error = error.to_string();
                self.say(BOLD, &self.messages.fill("talk-refused", &[("error", &error)]))
            }
        }
    }

    /// Hears what comes over a connection.
    fn hear(&mut self, connection: TcpStream) -> Result<()> {
        let (mut theirs, sender) = (connection.try_clone()?, self.sender.clone());
        thread::spawn(move || {
            let mut buffer = [0; 64 << 10];
            loop {
                // A reset ends it as well.
                let length = theirs.read(&mut buffer).unwrap_or(0);
                let heard = SessionEvent::Received(buffer[..length].to_vec());
                if sender.send(WatchEvent::SessionEvent(heard)).is_err() || length == 0 {
                    break;
                }
            }
        });
        self.connection = Some(connection);
        Ok(())
    }

    fn received(&mut self, received: Vec<u8>) -> Result<()> {
        let shown = match received.is_empty() {
            true => self.messages.get("talk-closed").to_owned(),
            false => self.shown(&received),
        };
        self.say(PLAIN, &format!("{:30} <── {shown}", ""))?;
        match self.with {
            _ if received.is_empty() => {
                // Our end closes when the other has, so that a client that waits for it ends.
                self.connection = None;
                self.unanswered.clear();
            }
            With::Client => self.unanswered.push(received),
            _ => {}
        }
        Ok(())
    }

    /// A line was typed.
    fn enter(&mut self) -> Result<()> {
        let line = std::mem::take(&mut self.entry).text();
        let typed = format!("{line}\n").into_bytes();
        match self.with {
            With::Server if self.connection.is_none() => self.connect(),
            With::Server => self.send(typed),
            With::Client if !self.unanswered.is_empty() => {
                let waiting = std::mem::take(&mut self.unanswered).concat();
                self.send(if line.is_empty() { waiting } else { typed })
            }
            _ => {
                let input = self.client.as_mut().and_then(|client| client.input.as_mut());
                // One that does not read any more has ended, or is about to.
                _ = input.map(|input| input.write_all(&typed).and_then(|()| input.flush()));
                self.say(DIM, &self.messages.fill("talk-typed", &[("line", &line)]))
            }
        }
    }

    fn send(&mut self, sent: Vec<u8>) -> Result<()> {
        let shown = self.shown(&sent);
        if let Some(connection) = &mut self.connection {
            // A closed connection shows at the next reception.
            _ = connection.write_all(&sent);
            let room = " ".repeat(30_usize.saturating_sub(shown.width()));
            self.say(PLAIN, &format!("{shown}{room} ──>"))?;
        }
        Ok(())
    }

    /// Bytes as the tests show them.
    fn shown(&self, sent: &[u8]) -> String {
        self.messages.say(&format!("{} {}", bytes(sent.len()), quoted(sent)))
    }

    /// Ctrl-D: there is no more to send.
    fn end_input(&mut self) -> Result<()> {
        if let Some(client) = &mut self.client {
            client.input = None;
            return self.say(DIM, self.messages.get("did-end-input"));
        }
        if let Some(connection) = &self.connection {
            _ = connection.shutdown(Shutdown::Write);
        }
        self.say(DIM, self.messages.get("did-close-half"))
    }

    fn check_end(&mut self) -> Result<()> {
        if self.open > 0 {
            return Ok(());
        }
        let programs = [("your-server", &self.server), ("your-client", &self.client)];
        let mut said = Vec::new();
        for (name, program) in programs {
            if let Some(status) = program.as_ref().and_then(Program::ended) {
                let how = match status.code() {
                    Some(code) => self.messages.say(&format!("exit status {code}")),
                    None => status.to_string(),
                };
                let values = [("who", self.messages.get(name)), ("how", &how)];
                said.push(self.messages.fill("talk-ended", &values));
            }
        }
        for line in said {
            self.say(BOLD, &line)?;
        }
        Ok(())
    }

    /// Prints a line above the prompt.
    fn say(&self, style: &str, text: &str) -> Result<()> {
        let line = tui_terminal::painted(&self.glyphs.show(Line::new(style, text)));
        let mut out = io::stdout().lock();
        write!(out, "\r\x1b[K{line}\r\n")?;
        out.flush()?;
        Ok(())
    }

    /// Shows the line that is being typed.
    fn prompt(&self) -> Result<()> {
        let key = match self.with {
            With::Server if self.connection.is_none() => "prompt-connect",
            With::Server => "prompt-server",
            With::Client if !self.unanswered.is_empty() => "prompt-reply",
            _ => "prompt-client",
        };
        let start = self.messages.get(key);
        let (width, _) = self.terminal.size();
        let line = |typed: String| self.glyphs.show(Line::new(BOLD, start).and(PLAIN, typed));
        let shown = tui_terminal::painted(&line(self.entry.text()).cut(width.saturating_sub(1)));
        let column = line(self.entry.before()).width().min(width.saturating_sub(1));
        let mut out = io::stdout().lock();
        write!(out, "\r\x1b[K{shown}\r")?;
        if column > 0 {
            write!(out, "\x1b[{column}C")?;
        }
        out.flush()?;
        Ok(())
    }
}
