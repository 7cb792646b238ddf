//! What the solutions share, so that each file shows little more than its mistake, or its style:
//! the command lines of the three programs, and the steps that are not its subject.
//!
//! In a folder that is marked, this file lies beside the solution, as `src/support.rs`.

use std::cell::Cell;
use std::ffi::OsString;
use std::io::{self, BufRead, ErrorKind, IsTerminal, Read, Write};
use std::net::{Shutdown, SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use clap::{Parser, Subcommand};
use net_utils::bind::bind_error;
use net_utils::program::{self, Steps};
use net_utils::text::{Screen, quoted};
use net_utils::{Port, Protocol, socket_addresses};
use socket2::{Domain, Socket, Type};

// The TCP server.

/// A TCP server
#[derive(Parser)]
#[command(after_help = "Example: day01-tcp-server --port 0")]
pub struct ServerArguments {
    #[arg(long, default_value = "127.0.0.1")]
    pub host: String,
    #[arg(long, default_value = "8888", allow_negative_numbers = true)]
    pub port: Port,
    #[arg(long, default_value_t = 5)]
    pub backlog: i32,
    #[arg(long, default_value_t = 65_536)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=16_777_216))]
    pub buffer_size: u32,
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=4_096))]
    pub clients: u16,
    #[arg(long)]
    pub reply: Option<String>,
    #[arg(long, value_parser = program::seconds)]
    pub idle_timeout: Option<Duration>,
    #[arg(long)]
    pub quiet: bool,
}

impl ServerArguments {
    pub fn steps(&self) -> Steps {
        Steps { to_stderr: false, quiet: self.quiet }
    }

    pub fn buffer(&self) -> Vec<u8> {
        vec![0; self.buffer_size as usize]
    }

    pub fn address(&self) -> Result<SocketAddr> {
        let addresses = socket_addresses(&self.host, &self.port, Protocol::Tcp)?;
        addresses.first().copied().context("the host has no address")
    }

    /// What is sent for a message.
    pub fn answer<'a>(&'a self, message: &'a [u8]) -> &'a [u8] {
        self.reply.as_ref().map_or(message, |text| text.as_bytes())
    }
}

/// Steps 1 to 3, and the line that says where it listens.
pub fn listen(arguments: &ServerArguments) -> Result<Socket> {
    let listener = listen_at(arguments, arguments.address()?)?;
    say_listening(arguments, &listener)?;
    Ok(listener)
}

/// Steps 1 to 3, at another address than the command line says.
pub fn listen_at(arguments: &ServerArguments, address: SocketAddr) -> Result<Socket> {
    let steps = arguments.steps();
    let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    steps.step(1, "socket", "a TCP socket");
    if cfg!(unix) {
        listener.set_reuse_address(true)?;
    }
    listener.bind(&address.into()).map_err(|error| bind_error("bind", address, error))?;
    steps.step(2, "bind", address);
    program::end_on_ctrl_c(move || steps.step(6, "close", "the listening socket"))?;
    listener.listen(arguments.backlog).map_err(|error| bind_error("listen on", address, error))?;
    steps.step(3, "listen", arguments.backlog);
    Ok(listener)
}

pub fn say_listening(arguments: &ServerArguments, listener: &Socket) -> Result<()> {
    let address = listener.local_addr()?.as_socket().context("no address")?;
    arguments.steps().always(format_args!("listening on {address}"));
    Ok(())
}

/// Serves clients for ever, as many at the same time as the command line says.
pub fn serve(
    arguments: &ServerArguments,
    listener: Socket,
    converse: impl Fn(&mut Client) -> Result<()> + Sync,
) -> Result<ExitCode> {
    let listener = Mutex::new(listener);
    thread::scope(|scope| {
        for _ in 0..arguments.clients {
            scope.spawn(|| {
                loop {
                    let mut client = accept(arguments, &listener);
                    if let Err(error) = converse(&mut client) {
                        client.steps.step(5, "lost", error);
                    }
                    client.close();
                }
            });
        }
    });
    Ok(ExitCode::SUCCESS)
}

/// Step 4.
pub fn accept(arguments: &ServerArguments, listener: &Mutex<Socket>) -> Client {
    let listener = listener.lock().unwrap_or_else(PoisonError::into_inner);
    let steps = arguments.steps();
    steps.step(4, "accept", "waiting for a client");
    let mut reported = false;
    loop {
        match listener.accept() {
            Ok((socket, address)) => {
                let Some(address) = address.as_socket() else { continue };
                steps.step(4, "accept", address);
                _ = socket.set_read_timeout(arguments.idle_timeout);
                _ = socket.set_write_timeout(arguments.idle_timeout);
                return Client { socket, address, steps, received: Cell::new(0) };
            }
            Err(error) => {
                if !reported {
                    program::print_error(&anyhow!(error).context("cannot accept, trying again"));
                }
                reported = true;
                thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

/// A client of the server.
pub struct Client {
    pub socket: Socket,
    pub address: SocketAddr,
    pub steps: Steps,
    pub received: Cell<usize>,
}

impl Client {
    /// Step 5, recv.
    pub fn recv(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let length = (&self.socket).read(buffer)?;
        self.report_recv(&buffer[..length]);
        Ok(length)
    }

    pub fn report_recv(&self, message: &[u8]) {
        self.received.set(self.received.get() + message.len());
        let (length, address) = (message.len(), self.address);
        self.steps.step(
            5,
            "recv",
            format_args!("{length} bytes from {address}: {}", quoted(message)),
        );
    }

    /// Step 5, send: all of it.
    pub fn send(&mut self, answer: &[u8]) -> Result<()> {
        (&self.socket).write_all(answer)?;
        self.report_send(answer.len());
        Ok(())
    }

    pub fn report_send(&self, length: usize) {
        self.steps.step(5, "send", format_args!("{length} bytes to {}", self.address));
    }

    /// Step 6.
    pub fn close(self) {
        let Client { socket, address, steps, received } = self;
        drop(socket);
        steps.step(6, "close", format_args!("{address}: {} bytes received", received.get()));
    }
}

// The TCP client.

/// A TCP client
#[derive(Parser)]
#[command(after_help = "Example: day01-tcp-client hello")]
pub struct ClientArguments {
    #[arg(long, default_value = "127.0.0.1")]
    pub host: String,
    #[arg(long, default_value = "8888", allow_negative_numbers = true)]
    pub port: Port,
    #[arg(long, default_value_t = 65_536)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=16_777_216))]
    pub buffer_size: u32,
    #[arg(long, default_value = "10", value_parser = program::seconds)]
    pub timeout: Duration,
    #[arg(long)]
    pub quiet: bool,
    pub messages: Vec<OsString>,
}

impl ClientArguments {
    pub fn steps(&self) -> Steps {
        Steps { to_stderr: true, quiet: self.quiet }
    }

    /// All messages of the command line, each as a line.
    pub fn lines(&self) -> Vec<u8> {
        let lines =
            self.messages.iter().map(|message| [message.as_encoded_bytes(), b"\n"].concat());
        lines.collect::<Vec<_>>().concat()
    }
}

/// Steps 1 and 2.
pub fn connect(arguments: &ClientArguments) -> Result<Socket> {
    let steps = arguments.steps();
    let addresses = socket_addresses(&arguments.host, &arguments.port, Protocol::Tcp)?;
    let mut failures = Vec::new();
    for address in addresses {
        if address.port() == 0 {
            bail!("cannot connect to port 0: no program listens on it");
        }
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        steps.step(1, "socket", "a TCP socket");
        match socket.connect_timeout(&address.into(), arguments.timeout) {
            Ok(()) => {
                steps.step(2, "connect", address);
                return Ok(socket);
            }
            Err(error) => failures.push(format!("cannot connect to {address}: {error}")),
        }
    }
    bail!(failures.join("; "))
}

/// Step 3, send: the messages or standard input, then the end.
pub fn send_all_input(arguments: &ClientArguments, mut socket: &Socket) -> Result<usize> {
    let mut sent = 0;
    if arguments.messages.is_empty() {
        while let Some(piece) = read_piece()? {
            socket.write_all(&piece)?;
            sent += piece.len();
        }
    } else {
        sent = arguments.lines().len();
        socket.write_all(&arguments.lines())?;
    }
    socket.shutdown(Shutdown::Write)?;
    arguments.steps().step(3, "send", format_args!("{sent} bytes"));
    Ok(sent)
}

/// A line that somebody typed, or a piece of a file. Nothing at the end.
pub fn read_piece() -> io::Result<Option<Vec<u8>>> {
    let mut input = io::stdin().lock();
    let mut piece = Vec::new();
    if input.is_terminal() {
        input.read_until(b'\n', &mut piece)?;
        return Ok(Some(piece).filter(|line| !line.trim_ascii().is_empty()));
    }
    piece.resize(65_536, 0);
    let length = input.read(&mut piece)?;
    piece.truncate(length);
    Ok(Some(piece).filter(|piece| !piece.is_empty()))
}

/// Step 3, recv: prints all that comes. Gives false when nobody reads it any more.
pub fn receive_all(arguments: &ClientArguments, mut socket: &Socket) -> Result<bool> {
    let mut screen = io::stdout().is_terminal().then(Screen::default);
    let mut buffer = vec![0; arguments.buffer_size as usize];
    let mut received = 0;
    loop {
        let length = socket.read(&mut buffer)?;
        if length == 0 {
            arguments.steps().step(3, "recv", format_args!("{received} bytes"));
            return Ok(true);
        }
        received += length;
        let is_read = match &mut screen {
            Some(screen) => program::print(screen.show(&buffer[..length]).as_bytes())?,
            None => program::print(&buffer[..length])?,
        };
        if !is_read {
            return Ok(false);
        }
    }
}

/// Waits for the thread that sends, after the server has closed its sending half: the server may
/// still receive, but there may be nothing more to send.
pub fn wait_until_sent(socket: &Socket, sent: &Receiver<Result<usize>>) -> Result<()> {
    match sent.recv_timeout(Duration::from_secs(1)) {
        Ok(result) => _ = result?,
        Err(RecvTimeoutError::Timeout) => bail!("the server closed the connection first"),
        Err(RecvTimeoutError::Disconnected) => bail!("the sending thread failed"),
    }
    match socket.take_error()? {
        Some(error) => Err(anyhow!(error).context("the connection broke")),
        None => Ok(()),
    }
}

// UDP.

/// Both ends of UDP
#[derive(Parser)]
#[command(after_help = "Example: day01-udp client hello")]
pub struct UdpArguments {
    #[command(subcommand)]
    pub end: End,
}

#[derive(Subcommand)]
pub enum End {
    /// Answer
    #[command(after_help = "Example: day01-udp server")]
    Server {
        #[arg(long, default_value = "127.0.0.1")]
        host: String,
        #[arg(long, default_value = "8888", allow_negative_numbers = true)]
        port: Port,
        #[arg(long, default_value_t = 65_535, value_parser = clap::value_parser!(u16).range(1..))]
        buffer_size: u16,
        #[arg(long)]
        reply: Option<String>,
        #[arg(long)]
        quiet: bool,
    },
    /// Ask
    #[command(after_help = "Example: day01-udp client hello")]
    Client {
        #[arg(long, default_value = "127.0.0.1")]
        host: String,
        #[arg(long, default_value = "8888", allow_negative_numbers = true)]
        port: Port,
        #[arg(long, default_value_t = 65_535, value_parser = clap::value_parser!(u16).range(1..))]
        buffer_size: u16,
        #[arg(long, default_value = "2", value_parser = program::seconds)]
        timeout: Duration,
        #[arg(long)]
        broadcast: bool,
        #[arg(long)]
        quiet: bool,
        messages: Vec<OsString>,
    },
}

/// Runs the client as it is given, and the server with what it does with one datagram: it gives
/// false to end.
pub fn udp(
    arguments: UdpArguments,
    answer: impl Fn(&UdpSocket, &[u8], SocketAddr, &[u8]) -> io::Result<bool>,
) -> Result<ExitCode> {
    match arguments.end {
        End::Server { host, port, buffer_size, reply, quiet } => {
            let steps = Steps { to_stderr: false, quiet };
            let address = socket_addresses(&host, &port, Protocol::Udp)?[0];
            steps.step(1, "socket", "a UDP socket");
            let socket =
                UdpSocket::bind(address).map_err(|error| bind_error("bind", address, error))?;
            steps.step(2, "bind", address);
            program::end_on_ctrl_c(move || steps.step(5, "close", "the socket"))?;
            steps.always(format_args!("bound to {}", socket.local_addr()?));
            let mut buffer = vec![0; 65_536];
            loop {
                let (length, client) = socket.recv_from(&mut buffer)?;
                let message = &buffer[..length.min(buffer_size.into())];
                steps.step(
                    3,
                    "recvfrom",
                    format_args!(
                        "{} of {length} bytes from {client}: {}",
                        message.len(),
                        quoted(message)
                    ),
                );
                let text = reply.as_ref().map_or(message, |text| text.as_bytes());
                if !answer(&socket, message, client, text)? {
                    return Ok(ExitCode::SUCCESS);
                }
                steps.step(4, "sendto", client);
            }
        }
        End::Client { host, port, buffer_size, timeout, broadcast, quiet, messages } => {
            let steps = Steps { to_stderr: true, quiet };
            let server = socket_addresses(&host, &port, Protocol::Udp)?[0];
            if server.port() == 0 {
                bail!("cannot send to port 0: no program can be bound to it");
            }
            let own = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
            let socket = UdpSocket::bind(own)?;
            socket.set_broadcast(broadcast)?;
            steps.step(1, "socket", "a UDP socket");
            let messages: Box<dyn Iterator<Item = io::Result<Vec<u8>>>> = match messages.is_empty()
            {
                true => Box::new(io::stdin().lock().split(b'\n')),
                false => {
                    Box::new(messages.into_iter().map(|message| Ok(message.into_encoded_bytes())))
                }
            };
            let mut status = ExitCode::SUCCESS;
            for message in messages {
                let message = message?;
                if let Err(error) = socket.send_to(&message, server) {
                    let length = message.len();
                    program::print_error(&anyhow!(error).context(format!(
                        "cannot send {length} bytes to {server} (at most 65507; a broadcast \
                         address needs --broadcast)"
                    )));
                    status = ExitCode::FAILURE;
                    continue;
                }
                steps.step(2, "sendto", format_args!("{} bytes to {server}", message.len()));
                let deadline = Instant::now() + timeout;
                let mut buffer = vec![0; 65_536];
                let mut replies = 0;
                while let Some(left) = deadline.checked_duration_since(Instant::now())
                    && (broadcast || replies == 0)
                {
                    socket.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
                    match socket.recv_from(&mut buffer) {
                        Ok((length, from)) if from == server || broadcast => {
                            let taken = length.min(buffer_size.into());
                            steps.step(
                                3,
                                "recvfrom",
                                format_args!("{taken} of {length} bytes from {from}"),
                            );
                            program::print(&[&buffer[..taken], b"\n"].concat())?;
                            replies += 1;
                        }
                        Ok(_) => {}
                        Err(error) if error.kind() == ErrorKind::InvalidInput => {
                            return Err(error.into());
                        }
                        Err(_) => {}
                    }
                }
                if replies == 0 {
                    program::print_error(&anyhow!("no reply from {server} in time"));
                    status = ExitCode::FAILURE;
                }
            }
            Ok(status)
        }
    }
}
