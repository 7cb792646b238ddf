//! An interactive session. The student acts as a client of their server, as the user and the server of
//! their client, or as the user of a client that's connected to their server. It runs on the ordinary
//! screen, so it can be read again later.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use common::{one_line, quoted};
use crossterm::cursor::MoveToColumn;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use crossterm::execute;
use crossterm::style::Print;
use crossterm::terminal::{Clear, ClearType};
use homework::grading::submission::{PROGRAMS, Start};
use homework::messages::{Explain as _, Message, Messages, message};
use unicode_width::UnicodeWidthStr as _;

use crate::app_state::AppState;
use crate::glyphs::Glyphs;
use crate::line_editor::LineEditor;
use crate::listener::Listener;
use crate::session_program::SessionProgram;
use crate::styled_text::{BOLD, DIM, Line, PLAIN};
use crate::tui_terminal::Terminal;
use crate::watch_event::{SessionEvent, WatchEvent};

/// How long the server may take to print the line with its address.
const STARTUP_TIMEOUT: Duration = Duration::from_secs(5);

/// Width of the column for what we send. What we receive is to its right.
const SENT_COLUMNS: usize = 30;

/// The places of both programs in [`PROGRAMS`], and the messages with their names.
const SERVER: usize = 0;
const CLIENT: usize = 1;
const NAMES: [&str; 2] = ["your-server", "your-client"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Server,
    Client,
    Both,
}

struct InteractiveSession<'a> {
    messages: &'a Messages,
    glyphs: Glyphs,
    terminal: &'a Terminal,
    sender: &'a SyncSender<WatchEvent>,
    mode: Mode,
    editor: LineEditor,
    /// How each of [`PROGRAMS`] is started.
    starts: &'a [Result<Start, Message>],
    /// The server and the client, once they are started.
    programs: [Option<SessionProgram>; 2],
    /// Where the server listens, once it has printed that.
    server_address: Option<SocketAddr>,
    listener: Option<Listener>,
    connection: Option<TcpStream>,
    /// What the client has sent since our last reply.
    unanswered: Vec<u8>,
    /// How many outputs and programs haven't ended yet.
    open: usize,
}

/// Runs a session with the programs of the current task. Returns other events that arrived.
pub fn run(
    app: &AppState,
    glyphs: Glyphs,
    terminal: &Terminal,
    sender: &SyncSender<WatchEvent>,
    events: &Receiver<WatchEvent>,
) -> Result<Vec<WatchEvent>> {
    let Some(graded) = &app.graded else { bail!(message!("not-built")) };
    let mode = match app.task().map(|mark| &mark.task) {
        Some(task) if task.name == "both" => Mode::Both,
        Some(task) if task.file.starts_with(PROGRAMS[CLIENT].name) => Mode::Client,
        _ => Mode::Server,
    };
    let starts = &graded.programs.programs;
    let needed = match mode {
        Mode::Server => &starts[..=SERVER],
        Mode::Client => &starts[CLIENT..=CLIENT],
        Mode::Both => &starts[..=CLIENT],
    };
    if let Some(error) = needed.iter().find_map(|start| start.as_ref().err()) {
        bail!(error.clone());
    }
    let mut session = InteractiveSession {
        messages: &app.messages,
        glyphs,
        terminal,
        sender,
        mode,
        editor: LineEditor::default(),
        starts,
        programs: [None, None],
        server_address: None,
        listener: None,
        connection: None,
        unanswered: Vec::new(),
        open: 0,
    };
    let mut deferred = Vec::new();
    terminal.leave_screen()?;
    let ended = session.start().and_then(|()| session.handle_events(events, &mut deferred));
    if let Err(error) = ended {
        session.print(BOLD, &one_line(&format!("{:#}", app.messages.error(error))))?;
    }
    // Later the shell's prompt starts on this line.
    session.print(PLAIN, "")?;
    terminal.enter_screen()?;
    Ok(deferred)
}

impl InteractiveSession<'_> {
    fn start(&mut self) -> Result<()> {
        let key = match self.mode {
            Mode::Server => "talk-server",
            Mode::Client => "talk-client",
            Mode::Both => "talk-both",
        };
        self.print(BOLD, self.messages.get(key))?;
        if self.mode == Mode::Client {
            let listener = Listener::open(self.sender)?;
            let address = listener.address;
            self.listener = Some(listener);
            return self.start_program(CLIENT, address);
        }
        self.start_program(SERVER, (Ipv4Addr::LOCALHOST, 0).into())
    }

    fn start_program(&mut self, index: usize, address: SocketAddr) -> Result<()> {
        let start = self.starts[index].as_ref().map_err(Message::clone)?;
        let (host, port) = (address.ip().to_string(), address.port().to_string());
        let arguments = ["--host", &host, "--port", &port];
        let program = SessionProgram::start(start, &arguments, NAMES[index], self.sender);
        let program = program.explain(message!("cannot-run", file = PROGRAMS[index].name))?;
        self.programs[index] = Some(program);
        self.open += SessionProgram::CLOSED_EVENTS;
        Ok(())
    }

    fn handle_events(
        &mut self,
        events: &Receiver<WatchEvent>,
        deferred: &mut Vec<WatchEvent>,
    ) -> Result<()> {
        let deadline = Instant::now() + STARTUP_TIMEOUT;
        loop {
            self.draw_prompt()?;
            let event = match self.is_starting() {
                true => events.recv_timeout(deadline - Instant::now()).ok(),
                false => events.recv().ok(),
            };
            match event.ok_or_else(|| message!("talk-no-listener"))? {
                WatchEvent::Key(key) => {
                    if !self.handle_key(key)? {
                        return Ok(());
                    }
                }
                WatchEvent::TerminalClosed => {
                    deferred.push(WatchEvent::TerminalClosed);
                    return Ok(());
                }
                WatchEvent::Resized => {}
                WatchEvent::Session(event) => self.handle_event(event)?,
                other => deferred.push(other),
            }
        }
    }

    fn is_starting(&self) -> bool {
        self.mode != Mode::Client && self.server_address.is_none()
    }

    /// Handles a key. Returns whether the session goes on.
    fn handle_key(&mut self, key: KeyEvent) -> Result<bool> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => return Ok(false),
            KeyCode::Char('c') if control => return Ok(false),
            KeyCode::Char('d') if control => self.end_input()?,
            KeyCode::Enter if self.is_starting() => {}
            KeyCode::Enter => self.send_line()?,
            _ => self.editor.handle_key(key),
        }
        Ok(true)
    }

    fn handle_event(&mut self, event: SessionEvent) -> Result<()> {
        match event {
            SessionEvent::Printed(name, line) => {
                self.print(PLAIN, &format!("{} | {line}", self.messages.get(name)))?;
                let address = line.trim_end().strip_prefix("listening on ");
                let address = address.and_then(|address| address.parse().ok());
                let Some(address) = address.filter(|_| self.is_starting()) else { return Ok(()) };
                self.server_address = Some(address);
                match self.mode {
                    Mode::Both => self.start_program(CLIENT, address),
                    _ => self.connect(address),
                }
            }
            SessionEvent::Closed => {
                self.open = self.open.saturating_sub(1);
                if self.open == 0 { self.print_exit_statuses() } else { Ok(()) }
            }
            SessionEvent::Connected(connection) => {
                self.print(DIM, self.messages.get("talk-connected"))?;
                self.receive_from(connection)
            }
            SessionEvent::Received(bytes) => self.print_received(bytes),
        }
    }

    fn connect(&mut self, address: SocketAddr) -> Result<()> {
        match TcpStream::connect(address) {
            Ok(connection) => {
                self.print(DIM, self.messages.get("talk-connect"))?;
                self.receive_from(connection)
            }
            Err(error) => self.print(BOLD, &self.messages.show(&message!("talk-refused", error))),
        }
    }

    /// Receives from this connection in a thread, and sends on it from now on.
    fn receive_from(&mut self, connection: TcpStream) -> Result<()> {
        let (mut reader, sender) = (connection.try_clone()?, self.sender.clone());
        thread::spawn(move || {
            let mut buffer = [0; 64 << 10];
            loop {
                // A reset ends the connection as well.
                let length = reader.read(&mut buffer).unwrap_or(0);
                let event = SessionEvent::Received(buffer[..length].to_vec());
                if sender.send(WatchEvent::Session(event)).is_err() || length == 0 {
                    break;
                }
            }
        });
        self.connection = Some(connection);
        Ok(())
    }

    fn print_received(&mut self, received: Vec<u8>) -> Result<()> {
        let closed = || self.messages.get("talk-closed").to_owned();
        let shown = if received.is_empty() { closed() } else { self.quoted(&received) };
        self.print(PLAIN, &format!("{:SENT_COLUMNS$} <── {shown}", ""))?;
        if received.is_empty() {
            // Some clients wait until the server has closed the connection too.
            self.connection = None;
            self.unanswered.clear();
        } else if self.mode == Mode::Client {
            self.unanswered.extend(received);
        }
        Ok(())
    }

    /// Sends the typed line to the server, or to the client's connection or standard input.
    fn send_line(&mut self) -> Result<()> {
        let line = std::mem::take(&mut self.editor).text();
        let typed = format!("{line}\n").into_bytes();
        match (self.mode, self.server_address) {
            (Mode::Server, Some(address)) if self.connection.is_none() => self.connect(address),
            (Mode::Server, _) => self.send(&typed),
            (Mode::Client, _) if !self.unanswered.is_empty() => {
                let received = std::mem::take(&mut self.unanswered);
                self.send(if line.is_empty() { &received } else { &typed })
            }
            _ => {
                let client = self.programs[CLIENT].as_mut();
                if let Some(stdin) = client.and_then(|client| client.stdin.as_mut()) {
                    // An error means that the client is about to exit, which is shown anyway.
                    _ = stdin.write_all(&typed);
                }
                self.print(DIM, &self.messages.fill("talk-typed", &[("line", &line)]))
            }
        }
    }

    fn send(&mut self, bytes: &[u8]) -> Result<()> {
        let shown = self.quoted(bytes);
        if let Some(connection) = &mut self.connection {
            // If the connection is closed, the receiving thread reports that.
            _ = connection.write_all(bytes);
            let padding = " ".repeat(SENT_COLUMNS.saturating_sub(shown.width()));
            self.print(PLAIN, &format!("{shown}{padding} ──>"))?;
        }
        Ok(())
    }

    fn quoted(&self, message: &[u8]) -> String {
        let text = quoted(message).to_string();
        self.messages.show(&message!("bytes", count = message.len(), text))
    }

    /// Ends the client's input, or closes our sending half of the connection.
    fn end_input(&mut self) -> Result<()> {
        if let Some(client) = &mut self.programs[CLIENT] {
            client.stdin = None;
            return self.print(DIM, self.messages.get("did-end-input"));
        }
        if let Some(connection) = &self.connection {
            _ = connection.shutdown(Shutdown::Write);
        }
        self.print(DIM, self.messages.get("did-close-half"))
    }

    fn print_exit_statuses(&self) -> Result<()> {
        for (name, program) in NAMES.iter().zip(&self.programs) {
            if let Some(status) = program.as_ref().and_then(SessionProgram::exit_status) {
                let status = match status.code() {
                    Some(status) => self.messages.show(&message!("exit-status", status)),
                    None => status.to_string(),
                };
                let ended = message!("talk-ended", who = self.messages.get(name), how = status);
                self.print(BOLD, &self.messages.show(&ended))?;
            }
        }
        Ok(())
    }

    /// Prints a line in place of the prompt. Program output isn't wrapped, so that it can be copied.
    fn print(&self, style: &str, text: &str) -> Result<()> {
        let line = self.glyphs.apply(Line::new(style, text));
        let lines = if style == PLAIN { vec![line] } else { line.wrapped(self.columns(), 0) };
        let text: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        execute!(io::stdout(), MoveToColumn(0), Clear(ClearType::UntilNewLine), Print(text))?;
        Ok(())
    }

    /// Returns the width of the screen without its last column: some terminals wrap after it.
    fn columns(&self) -> usize {
        self.terminal.size().0.saturating_sub(1)
    }

    fn draw_prompt(&self) -> Result<()> {
        let key = match self.mode {
            Mode::Server if self.connection.is_none() => "prompt-connect",
            Mode::Server => "prompt-server",
            Mode::Client if !self.unanswered.is_empty() => "prompt-reply",
            _ => "prompt-client",
        };
        let prompt = Line::new(BOLD, self.messages.get(key));
        let line = |typed| self.glyphs.apply(prompt.clone().with(PLAIN, typed)).cut(self.columns());
        let column = line(self.editor.before_cursor()).width();
        execute!(
            io::stdout(),
            MoveToColumn(0),
            Clear(ClearType::UntilNewLine),
            Print(line(self.editor.text())),
            MoveToColumn(u16::try_from(column).unwrap_or(u16::MAX))
        )?;
        Ok(())
    }
}
