//! Day 01: a TCP client, in the four steps of the notes.
//!
//! It sends messages to a server and shows what the server sends. Start a server in one
//! terminal and the client in another:
//!
//! ```text
//! cargo run -p day01-tcp-server
//! cargo run -p day01-tcp-client
//! ```

mod terminal;

use std::ffi::OsString;
use std::fmt::{self, Display};
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use clap::Parser;
use net_utils::bind::{NO_SCOPE, is_link_local};
use net_utils::program::{self, Steps};
use net_utils::text::{Screen, counted};
use net_utils::{Port, Protocol, socket_addresses};
use socket2::{Domain, Socket, Type};

/// A TCP client: sends messages to a server and shows what the server sends.
#[derive(Parser)]
#[command(version, next_line_help = true, after_help = EXAMPLES)]
struct Arguments {
    /// Host to connect to
    #[arg(long, value_name = "NAME_OR_IP", default_value = "127.0.0.1")]
    host: String,

    /// Port to connect to: a number or a service name
    #[arg(long, value_name = "PORT", default_value = "8888", allow_negative_numbers = true)]
    port: Port,

    /// The most bytes that one recv takes, up to 16777216
    #[arg(long, value_name = "BYTES", default_value_t = 65_536, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=16_777_216))]
    buffer_size: u32,

    /// How long to wait for each address of the host to answer
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = program::seconds)]
    #[arg(allow_negative_numbers = true)]
    timeout: Duration,

    /// Print no steps and no prompts, only what the server sends
    #[arg(long)]
    quiet: bool,

    /// Each is sent as a line; without any, standard input is sent
    #[arg(value_name = "MESSAGE")]
    messages: Vec<OsString>,
}

/// How long standard input may stay idle once the server has closed its sending half. The
/// server may still receive, so what is there is sent; but if there is nothing to send, there
/// is nothing to wait for.
const WAIT_FOR_INPUT: Duration = Duration::from_millis(500);

/// The most bytes of standard input that are read at once: what fits into a pipe on Linux.
const PIECE_OF_INPUT: usize = 65_536;

fn main() -> ExitCode {
    program::run(talk)
}

fn talk(arguments: Arguments) -> Result<ExitCode> {
    let steps = Steps { to_stderr: true, quiet: arguments.quiet };
    let addresses = socket_addresses(&arguments.host, &arguments.port, Protocol::Tcp)?;

    if addresses.iter().any(|address| address.port() == 0) {
        bail!("cannot connect to port 0: no program listens on it; give the server's --port");
    }

    // Steps 1 and 2: create a socket, and connect it to the server.
    let (socket, server) = connect_to_any(&addresses, arguments.timeout, steps)?;

    // Step 3: send and receive, at the same time. A client that sends everything before it
    // receives can block for ever: the server waits until the client takes its answers, and
    // takes nothing itself meanwhile. So the sending has a thread of its own.
    let connection = Arc::new(Connection::new(socket, server));
    let (shown, replies) = mpsc::sync_channel(1);
    let (done, sending) = mpsc::channel();
    let input = Input::new(arguments.messages);
    // Announced before the first byte goes out, since the server's answers may come at any time.
    steps.step(3, "send", &input);
    let sending_thread = {
        let connection = Arc::clone(&connection);
        move || {
            let result = send_input(&connection, input, &replies, steps);
            if result.is_err() {
                // Nothing more goes out, so wake the receiving thread, which would wait on.
                connection.gave_up.store(true, Ordering::Relaxed);
                _ = connection.socket.shutdown(Shutdown::Both);
            }
            done.send(result)
        }
    };
    thread::Builder::new().spawn(sending_thread).map_err(|error| {
        anyhow!("cannot start the thread that sends: {error}: end other programs, then try again")
    })?;
    let buffer = vec![0; arguments.buffer_size as usize];
    if receive(&connection, buffer, arguments.timeout, shown, steps)? {
        wait_until_sent(&connection, &sending)?;
    }

    // Step 4: close. The system closes the socket of a program that ends.
    steps.step(4, "close", connection);
    Ok(ExitCode::SUCCESS)
}

/// Steps 1 and 2: tries the addresses of the host in turn, each with a new socket, until a
/// server accepts the connection.
fn connect_to_any(
    addresses: &[SocketAddr],
    timeout: Duration,
    steps: Steps,
) -> Result<(Socket, SocketAddr)> {
    let mut failures = Vec::new();
    let mut advice = None;
    for &address in addresses {
        // Step 1: create a socket of the same family and type as the server's.
        let family = if address.is_ipv4() { "AF_INET (IPv4)" } else { "AF_INET6 (IPv6)" };
        let socket = match Socket::new(Domain::for_address(address), Type::STREAM, None) {
            Ok(socket) => socket,
            Err(error) => {
                // A host may be without IPv6, for example: the next address may do.
                failures.push(format!("cannot create a socket of {family}: {error}"));
                continue;
            }
        };
        steps.step(1, "socket", format_args!("{family}, SOCK_STREAM (TCP), protocol 0"));

        // Step 2: connect it to the server.
        match connect(&socket, address, timeout) {
            Ok(own_address) => {
                steps.step(2, "connect", format_args!("{address}, from {own_address}"));
                return Ok((socket, address));
            }
            Err(error) => {
                let failure = format!("cannot connect to {address}: {error}");
                if addresses.len() > 1 {
                    steps.step(2, "connect", &failure);
                }
                failures.push(failure);
                advice.get_or_insert(after_failed_connect(address, &error));
            }
        }
    }
    let advice = advice.unwrap_or("give an address of another family with --host");
    bail!("{}: {advice}", failures.join("; "))
}

/// Connects the socket. Gives the address that the system chose for this end.
fn connect(socket: &Socket, server: SocketAddr, timeout: Duration) -> io::Result<SocketAddr> {
    socket.connect_timeout(&server.into(), timeout).map_err(|error| match error.kind() {
        ErrorKind::TimedOut => {
            let seconds = timeout.as_secs_f64();
            io::Error::new(ErrorKind::TimedOut, format!("no answer within {seconds} s"))
        }
        _ => error,
    })?;
    let own_address = socket.local_addr()?;
    // Where nobody listens, the system may by chance choose this very port for our end; TCP
    // then connects the socket to itself (RFC 9293, section 3.5, simultaneous open).
    match own_address.as_socket() {
        Some(own_address) if own_address != server => Ok(own_address),
        _ => Err(io::Error::new(ErrorKind::ConnectionRefused, "the socket reached itself")),
    }
}

/// What to do next.
fn after_failed_connect(server: SocketAddr, error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            "the host answers, but no program listens on this port; start the server first \
             (cargo run -p day01-tcp-server), or give another --port"
        }
        ErrorKind::TimedOut => {
            "the host may be off, the address wrong, or a firewall in between; check --host, or \
             wait longer with --timeout"
        }
        ErrorKind::ConnectionReset => {
            "a program listens there, and closed the connection at once; look at its output"
        }
        ErrorKind::InvalidInput if is_link_local(server) => NO_SCOPE,
        _ => "check --host, and that this host has a network (net-utils interfaces)",
    }
}

/// A connection, and what both threads know of it.
struct Connection {
    socket: Socket,
    server: SocketAddr,
    sent: AtomicU64,
    received: AtomicU64,
    /// The sending thread waits for standard input.
    awaits_input: AtomicBool,
    /// The sending thread has failed, and closed both halves.
    gave_up: AtomicBool,
    /// The cursor of the terminal stands behind a prompt, or behind a reply without a newline.
    line_open: AtomicBool,
}

impl Connection {
    fn new(socket: Socket, server: SocketAddr) -> Self {
        Connection {
            socket,
            server,
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            awaits_input: AtomicBool::new(false),
            gave_up: AtomicBool::new(false),
            line_open: AtomicBool::new(false),
        }
    }

    /// Shows the prompt of the terminal.
    fn prompt(&self) {
        // First the note, then the prompt: whoever has seen the prompt may end the line at once.
        self.line_open.store(true, Ordering::Relaxed);
        _ = io::stderr().write_all(b"> ");
    }

    /// Starts a new line in the terminal, if the cursor stands behind something.
    fn end_line(&self) {
        if self.line_open.swap(false, Ordering::Relaxed) {
            _ = io::stderr().write_all(b"\n");
        }
    }

    /// Step 3, send: all of the bytes. One send may take only a part of them.
    fn send_all(&self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.socket.send(rest) {
                Ok(sent) => {
                    self.sent.fetch_add(sent as u64, Ordering::Relaxed);
                    rest = &rest[sent..];
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Closes the sending half: the server's recv gives 0 bytes once it has taken all before.
    fn close_sending_half(&self) -> io::Result<()> {
        self.socket.shutdown(Shutdown::Write)
    }

    /// What happened, with what was sent and received until now, and what to do next.
    fn explain(&self, failure: Failure) -> anyhow::Error {
        let server = self.server;
        let error = match failure {
            Failure::Input(error) => {
                return anyhow!("cannot read standard input: {error}: {self}; give another input");
            }
            Failure::ClosedFirst => {
                return anyhow!(
                    "the server {server} closed the connection first: {self}, and the input had \
                     not ended; look at the server's own output (a server without a loop closes \
                     after one message)"
                );
            }
            // The system's words for this one are about a socket that was never connected.
            Failure::Connection(error) if error.kind() == ErrorKind::NotConnected => {
                io::Error::new(ErrorKind::NotConnected, "it is closed already")
            }
            Failure::Connection(error) => error,
        };
        match error.kind() {
            ErrorKind::TimedOut | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
                anyhow!(
                    "the connection to {server} broke: {error}: {self}; its host does not answer \
                     any more; check the network, then start again"
                )
            }
            _ => anyhow!(
                "the connection to {server} broke: {error}: {self}; the server closed or reset it \
                 before it had taken everything; look at the server's own output, then start again"
            ),
        }
    }
}

/// Why not everything was sent, or not everything received.
enum Failure {
    /// send, recv or shutdown has failed.
    Connection(io::Error),
    /// Standard input cannot be read.
    Input(io::Error),
    /// The server has closed the connection while there was more to come.
    ClosedFirst,
}

impl Display for Connection {
    fn fmt(&self, line: &mut fmt::Formatter) -> fmt::Result {
        let sent = counted(self.sent.load(Ordering::Relaxed), "byte");
        let received = counted(self.received.load(Ordering::Relaxed), "byte");
        write!(line, "{sent} sent, {received} received")
    }
}

/// What is to be sent.
enum Input {
    Messages(Vec<OsString>),
    /// Lines that a person types.
    Terminal,
    /// A file, or the output of another program.
    Stream,
}

impl Input {
    fn new(messages: Vec<OsString>) -> Self {
        if !messages.is_empty() {
            Input::Messages(messages)
        } else if io::stdin().is_terminal() {
            Input::Terminal
        } else {
            Input::Stream
        }
    }
}

impl Display for Input {
    fn fmt(&self, line: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Input::Messages(messages) => {
                let number = counted(messages.len() as u64, "message");
                write!(line, "{number}, then the sending half is closed")
            }
            Input::Terminal => {
                line.write_str("type a message and press Enter; an empty line or Ctrl-D ends")
            }
            Input::Stream => line.write_str("standard input, then the sending half is closed"),
        }
    }
}

/// Step 3, the sending thread: sends all of the input, then closes the sending half.
fn send_input(
    connection: &Connection,
    input: Input,
    replies: &Receiver<bool>,
    steps: Steps,
) -> Result<(), Failure> {
    match input {
        Input::Messages(messages) => {
            for message in messages {
                let line = [message.as_encoded_bytes(), b"\n"].concat();
                connection.send_all(&line).map_err(Failure::Connection)?;
            }
        }
        Input::Terminal => terminal::send_lines(connection, replies, steps)?,
        Input::Stream => send_stream(connection)?,
    }
    connection.close_sending_half().map_err(Failure::Connection)
}

/// Sends standard input as it is.
fn send_stream(connection: &Connection) -> Result<(), Failure> {
    let mut input = io::stdin().lock();
    let mut buffer = vec![0; PIECE_OF_INPUT];
    loop {
        connection.awaits_input.store(true, Ordering::Relaxed);
        let read = input.read(&mut buffer);
        connection.awaits_input.store(false, Ordering::Relaxed);
        match read {
            Ok(0) => return Ok(()),
            Ok(length) => connection.send_all(&buffer[..length]).map_err(Failure::Connection)?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(Failure::Input(error)),
        }
    }
}

/// Step 3, the receiving thread: prints what the server sends until it closes its sending
/// half. Gives false when nobody reads our output any more.
///
/// After each piece it tells `shown` whether the piece ended a line.
fn receive(
    connection: &Connection,
    mut buffer: Vec<u8>,
    timeout: Duration,
    shown: SyncSender<bool>,
    steps: Steps,
) -> Result<bool> {
    connection.socket.set_read_timeout(Some(timeout))?;
    // What a server sends may not act on a terminal; a pipe or a file takes it as it is.
    let mut screen = io::stdout().is_terminal().then(Screen::default);
    let mut silent = false;
    let mut sent_before = 0;
    let end = loop {
        match (&connection.socket).read(&mut buffer) {
            Ok(0) => break Ok(()),
            Ok(length) => {
                silent = false;
                connection.received.fetch_add(length as u64, Ordering::Relaxed);
                let piece = &buffer[..length];
                // A reply that comes late finds the prompt on the screen.
                let at_prompt = connection.line_open.load(Ordering::Relaxed)
                    && connection.awaits_input.load(Ordering::Relaxed);
                if at_prompt {
                    connection.end_line();
                }
                let is_read = match &mut screen {
                    Some(screen) => program::print(screen.show(piece).as_bytes())?,
                    None => program::print(piece)?,
                };
                if !is_read {
                    return Ok(false);
                }
                let line_ended = piece.ends_with(b"\n");
                connection.line_open.store(screen.is_some() && !line_ended, Ordering::Relaxed);
                if at_prompt && line_ended {
                    connection.prompt();
                }
                // Nobody waits for this unless a person types, so it may find no room.
                _ = shown.try_send(line_ended);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == program::TIME_IS_UP => {
                // With everything sent, or with a send that blocks, it is the server's turn.
                let sent = connection.sent.load(Ordering::Relaxed);
                let stuck = sent == sent_before && !connection.awaits_input.load(Ordering::Relaxed);
                sent_before = sent;
                if !silent && stuck {
                    steps.note(format_args!(
                        "the server has neither taken nor sent a byte for {} s: it may be busy \
                         with another client; Ctrl-C ends the waiting",
                        timeout.as_secs_f64()
                    ));
                    silent = true;
                }
            }
            Err(error) => break Err(connection.explain(Failure::Connection(error))),
        }
    };
    if let Some(screen) = &mut screen {
        program::print(screen.finish().as_bytes())?;
    }
    connection.end_line();
    end?;
    if connection.gave_up.load(Ordering::Relaxed) {
        // It was this end that closed, and the sending thread will say why.
        return Ok(true);
    }
    let received = connection.received.load(Ordering::Relaxed);
    steps.step(
        3,
        "recv",
        format_args!("{} in all, then 0: the server sends no more", counted(received, "byte")),
    );
    Ok(true)
}

/// Waits for the sending thread, after the server has closed its sending half. It may still
/// receive; only when there is nothing to send, there is nothing to wait for.
fn wait_until_sent(connection: &Connection, sending: &Receiver<Result<(), Failure>>) -> Result<()> {
    let mut sent_before = connection.sent.load(Ordering::Relaxed);
    loop {
        let all_sent = sending.recv_timeout(WAIT_FOR_INPUT);
        // What was sent last may have met a server that was gone already.
        if let Some(error) = connection.socket.take_error()? {
            return Err(connection.explain(Failure::Connection(error)));
        }
        match all_sent {
            Ok(result) => return result.map_err(|failure| connection.explain(failure)),
            Err(RecvTimeoutError::Disconnected) => bail!("the sending thread has failed"),
            Err(RecvTimeoutError::Timeout) => {
                let sent = connection.sent.load(Ordering::Relaxed);
                if sent == sent_before && connection.awaits_input.load(Ordering::Relaxed) {
                    // The prompt may have come after the server's end.
                    connection.end_line();
                    return Err(connection.explain(Failure::ClosedFirst));
                }
                sent_before = sent;
            }
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  day01-tcp-client                      type messages, an empty line ends
  day01-tcp-client hello 你好           send two lines
  day01-tcp-client < picture > copy     send a file through an echo server";
