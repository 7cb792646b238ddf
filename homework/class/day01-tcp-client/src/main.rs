//! Day 01: a TCP client, in the four steps of the notes.
//!
//! This is the class version: it sends one message to a server, shows what the server answers,
//! and ends. The homework makes it go on (NOTES.md#homework). Start a server in one terminal
//! and the client in another:
//!
//! ```text
//! cargo run -p day01-tcp-server
//! cargo run -p day01-tcp-client
//! ```

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, BufRead, ErrorKind, IsTerminal, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use clap::Parser;
use net_utils::bind::{NO_SCOPE, is_link_local};
use net_utils::program::{self, Steps};
use net_utils::text::{Screen, counted, quoted};
use net_utils::{Port, Protocol, socket_addresses};
use socket2::{Domain, Socket, Type};

/// A TCP client: sends one message to a server and shows what the server answers.
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

    /// Sent as one line; without it, a piece of standard input is sent
    #[arg(value_name = "MESSAGE")]
    messages: Vec<OsString>,
}

const EXAMPLES: &str = "\
Examples:
  day01-tcp-client              type a message and press Enter
  day01-tcp-client hello        send one line
  day01-tcp-client < message    send what a file holds";

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

    // Step 3: send one message. Then close the sending half, so that the server's recv gives 0
    // bytes once it has taken the message, and receive what the server answers.
    let message = read_message(&arguments, steps).context("cannot read standard input")?;
    let sent = send_all(&socket, &message).map_err(|error| broken(server, error))?;
    steps.step(3, "send", format_args!("{} to {server}: {}", bytes(sent), quoted(&message)));
    socket.shutdown(Shutdown::Write).map_err(|error| broken(server, error))?;

    let mut buffer = vec![0; arguments.buffer_size as usize];
    let received = recv(&socket, &mut buffer).map_err(|error| broken(server, error))?;
    steps.step(3, "recv", format_args!("{} from {server}", bytes(received)));
    show(&buffer[..received])?;

    // Step 4: close.
    drop(socket);
    steps.step(4, "close", format_args!("{} sent, {} received", bytes(sent), bytes(received)));

    let not_sent = arguments.messages.len().saturating_sub(1);
    if not_sent > 0 {
        bail!(
            "{} not sent: this is the class version, which sends one message and ends; the \
             homework makes it go on (NOTES.md#homework)",
            counted(not_sent as u64, "message")
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The message to send: the one of the command line, a line that a person types, or a piece of
/// a file.
fn read_message(arguments: &Arguments, steps: Steps) -> io::Result<Vec<u8>> {
    if let Some(message) = arguments.messages.first() {
        return Ok([message.as_encoded_bytes(), b"\n"].concat());
    }
    let mut input = io::stdin().lock();
    let mut message = Vec::new();
    if input.is_terminal() {
        if !steps.quiet {
            _ = io::stderr().write_all(b"> ");
        }
        input.read_until(b'\n', &mut message)?;
    } else {
        message.resize(PIECE_OF_INPUT, 0);
        let length = input.read(&mut message)?;
        message.truncate(length);
    }
    Ok(message)
}

/// Sends all of the bytes: one send may take only a part of them. Gives their number.
fn send_all(mut socket: &Socket, message: &[u8]) -> io::Result<usize> {
    socket.write_all(message)?;
    Ok(message.len())
}

/// Waits for bytes and stores them in the buffer. Gives their number: at least 1, at most the
/// length of the buffer, and 0 when none will ever come.
fn recv(mut socket: &Socket, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match socket.read(buffer) {
            // A signal woke us before anything came.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            received => return received,
        }
    }
}

/// Prints what came. It may not act on a terminal; a pipe or a file takes it as it is.
fn show(message: &[u8]) -> Result<()> {
    if io::stdout().is_terminal() {
        let mut screen = Screen::default();
        let text = screen.show(message) + &screen.finish();
        program::print(text.as_bytes())?;
    } else {
        program::print(message)?;
    }
    Ok(())
}

fn bytes(number: usize) -> impl Display {
    counted(number as u64, "byte")
}

fn broken(server: SocketAddr, error: io::Error) -> anyhow::Error {
    anyhow!(
        "the connection to {server} broke: {error}: the server closed or reset the connection; \
         look at the server's own output, then start again"
    )
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
