//! The client: socket, then sendto and recvfrom. Every message is one datagram; none is
//! promised to arrive, so the client waits for a reply only so long.

use std::ffi::OsString;
use std::io::{self, BufRead, ErrorKind, IsTerminal, Read, Write};
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::vec;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use net_utils::program::{self, Steps};
use net_utils::text::{Screen, quoted};
use net_utils::{Port, Protocol, socket_addresses};
use socket2::{Domain, Socket, Type};

use crate::datagram::{LONGEST_MESSAGE, bytes, check_length, recv_from};

/// Send datagrams to a server and show its replies
#[derive(Args)]
#[command(next_line_help = true, after_help = EXAMPLES)]
pub struct Arguments {
    /// Host to send to
    #[arg(long, value_name = "NAME_OR_IP", default_value = "127.0.0.1")]
    host: String,

    /// Port to send to: a number or a service name
    #[arg(long, value_name = "PORT", default_value = "8888", allow_negative_numbers = true)]
    port: Port,

    /// The most bytes taken of a reply; the rest is lost
    #[arg(long, value_name = "BYTES", default_value_t = 65_535, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    buffer_size: u16,

    /// How long to wait for the reply to each datagram
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = program::seconds)]
    #[arg(allow_negative_numbers = true)]
    timeout: Duration,

    /// Allow a broadcast address, and show all replies that come in time
    #[arg(long)]
    broadcast: bool,

    /// Print no steps and no prompts, only the replies
    #[arg(long)]
    quiet: bool,

    /// Each is one datagram; without any, each line of standard input is
    #[arg(value_name = "MESSAGE")]
    messages: Vec<OsString>,
}

pub fn talk(arguments: Arguments) -> Result<ExitCode> {
    let steps = Steps { to_stderr: true, quiet: arguments.quiet };
    let addresses = socket_addresses(&arguments.host, &arguments.port, Protocol::Udp)?;
    let server = *addresses.first().context("the host has no address")?;
    if server.port() == 0 {
        bail!("cannot send to port 0: no program can be bound to it; give the server's --port");
    }

    // Step 1: create a socket of the server's family, for datagrams. There is no bind: the
    // system gives it an address and a port of its own at the first sendto.
    let socket = Socket::new(Domain::for_address(server), Type::DGRAM, None)
        .context("cannot create a socket")?;
    socket.set_broadcast(arguments.broadcast).context("cannot set SO_BROADCAST")?;
    let socket = UdpSocket::from(socket);
    let family = if server.is_ipv4() { "AF_INET (IPv4)" } else { "AF_INET6 (IPv6)" };
    steps.step(1, "socket", format_args!("{family}, SOCK_DGRAM (UDP), protocol 0"));

    // Steps 2 and 3, for every message.
    let mut buffer = vec![0; arguments.buffer_size.into()];
    let mut input = Input::new(&arguments, steps);
    let mut all_answered = true;
    let mut sent = false;
    while let Some(message) = input.next().context("cannot read standard input")? {
        if sent {
            // What is here already is no reply to this message.
            socket.set_nonblocking(true)?;
            let late = show_replies(&socket, server, &mut buffer, &arguments, true, steps)?;
            socket.set_nonblocking(false)?;
            if late.is_none() {
                break;
            }
        }
        if let Err(error) = send(&socket, &message, server, steps) {
            program::print_error(&error);
            all_answered = false;
            continue;
        }
        sent = true;
        match show_replies(&socket, server, &mut buffer, &arguments, false, steps)? {
            Some(0) => {
                program::print_error(&no_reply(&message, server, arguments.timeout));
                all_answered = false;
            }
            Some(_) => {}
            // Nobody reads on, and that is no error of ours.
            None => break,
        }
    }

    // Step 4: close. The system closes the socket of a program that ends.
    steps.step(4, "close", "nobody is told: there was no connection");
    Ok(if all_answered { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Step 2: sends one datagram. The system takes it whole or not at all.
fn send(socket: &UdpSocket, message: &[u8], server: SocketAddr, steps: Steps) -> Result<()> {
    check_length(message)?;
    let length = bytes(message.len());
    socket.send_to(message, server).map_err(|error| {
        let next = match error.kind() {
            ErrorKind::PermissionDenied => {
                "if this is a broadcast address, allow it with --broadcast"
            }
            ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable => {
                "this host knows no way to that address; check --host, and that there is a \
                 network (net-utils interfaces)"
            }
            _ => "check --host and --port",
        };
        anyhow!("cannot send {length} to {server}: {error}: {next}")
    })?;
    steps.step(2, "sendto", format_args!("{length} to {server}: {}", quoted(message)));
    Ok(())
}

/// Step 3: waits for the reply and prints it; after a broadcast for the replies of all. With
/// `late` it waits for nothing, and prints what has come since: replies that were late, and second
/// copies. Gives the number of replies, or nothing when nobody reads our output any more.
///
/// A reply that comes still later, after the next message was sent, is taken for the reply to
/// that one. UDP does not tell which message a reply answers. A program that must know puts a
/// number in each message.
fn show_replies(
    socket: &UdpSocket,
    server: SocketAddr,
    buffer: &mut [u8],
    arguments: &Arguments,
    late: bool,
    steps: Steps,
) -> Result<Option<usize>> {
    let deadline = Instant::now() + arguments.timeout;
    let mut replies = 0;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Some(replies));
        }
        socket.set_read_timeout(Some(left))?;
        let datagram = match recv_from(socket, buffer) {
            Ok(datagram) => datagram,
            Err(error) if late && error.kind() == ErrorKind::WouldBlock => {
                return Ok(Some(replies));
            }
            // The time is up, or the system tells that a datagram could not be delivered.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock
                        | ErrorKind::TimedOut
                        | ErrorKind::Interrupted
                        | ErrorKind::ConnectionReset
                        | ErrorKind::ConnectionRefused
                ) =>
            {
                continue;
            }
            Err(error) => return Err(anyhow!(error).context("cannot receive")),
        };
        if !is_reply(datagram.sender, server, arguments.broadcast) {
            steps.step(3, "recvfrom", format_args!("{datagram}, ignored: not {server}"));
            continue;
        }
        let when = if late { ", late" } else { "" };
        steps.step(3, "recvfrom", format_args!("{datagram}{when}"));
        replies += 1;
        if !print_line(&buffer[..datagram.taken])? {
            return Ok(None);
        }
        if !arguments.broadcast && !late {
            return Ok(Some(replies));
        }
    }
}

/// Whether a datagram from `sender` answers one that was sent to `server`. Anybody can send to
/// our socket; after a broadcast, anybody with the right port may.
fn is_reply(sender: SocketAddr, server: SocketAddr, broadcast: bool) -> bool {
    // 0.0.0.0 as a destination is this host, which answers from 127.0.0.1.
    let this_host = server.ip().is_unspecified() && sender.ip().is_loopback();
    sender.port() == server.port() && (sender.ip() == server.ip() || broadcast || this_host)
}

/// Prints a reply on a line: to a terminal escaped, elsewhere as it is. Gives false when
/// nobody reads it.
fn print_line(reply: &[u8]) -> Result<bool> {
    let mut line = reply.to_vec();
    if io::stdout().is_terminal() {
        let mut screen = Screen::default();
        line = (screen.show(reply) + &screen.finish()).into_bytes();
    }
    line.push(b'\n');
    program::print(&line)
}

fn no_reply(message: &[u8], server: SocketAddr, timeout: Duration) -> anyhow::Error {
    anyhow!(
        "no reply from {server} within {} s to {}: no program may be bound to that port, or the \
         datagram or its reply was lost, and UDP does not tell which; is the server running \
         (cargo run -p day01-udp -- server)?",
        timeout.as_secs_f64(),
        quoted(message)
    )
}

/// Where the messages come from.
struct Input {
    messages: Option<vec::IntoIter<OsString>>,
    prompts: bool,
}

impl Input {
    fn new(arguments: &Arguments, steps: Steps) -> Self {
        let messages = arguments.messages.clone();
        let messages = (!messages.is_empty()).then(|| messages.into_iter());
        let prompts = messages.is_none() && io::stdin().is_terminal() && !steps.quiet;
        if prompts {
            steps.note("type a message and press Enter; Ctrl-D ends");
        }
        Input { messages, prompts }
    }

    /// The next message, if there is one. An empty one is a message as well.
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        if let Some(messages) = &mut self.messages {
            return Ok(messages.next().map(OsString::into_encoded_bytes));
        }
        if self.prompts {
            _ = io::stderr().write_all(b"> ");
        }
        let mut input = io::stdin().lock();
        let mut line = Vec::new();
        // A line may be as long as the disk: keep no more of it than shows that it is too long.
        let most = LONGEST_MESSAGE as u64 + 1;
        input.by_ref().take(most).read_until(b'\n', &mut line)?;
        if line.ends_with(b"\n") {
            line.pop();
        } else if line.len() > LONGEST_MESSAGE {
            input.skip_until(b'\n')?;
        } else if line.is_empty() {
            if self.prompts {
                // Ctrl-D left the cursor behind the prompt.
                _ = io::stderr().write_all(b"\n");
            }
            return Ok(None);
        }
        Ok(Some(line))
    }
}

const EXAMPLES: &str = "\
Examples:
  day01-udp client                          type messages, Ctrl-D ends
  day01-udp client hello '' 你好            three datagrams, one of them empty
  day01-udp client --host 192.168.56.255 --broadcast 'who is there?'";
